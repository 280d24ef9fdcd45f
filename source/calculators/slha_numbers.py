"""Numbers as Fortran programs write them."""

import math
import re

# what Fortran writes: 1.25E+02, 1.25D+02, 3.78-101 (no room for the E), 0.10+02, .5, 12.
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eEdDqQ]([+-]?\d+)|([+-]\d{2,3}))?$", re.ASCII)
_WORDS = re.compile(r"[+-]?(nan(\(.*\))?|inf(inity)?)$", re.IGNORECASE)


class SlhaError(ValueError):
    """An entry is missing, ambiguous or not readable; the message says where."""


def number(text: str) -> float:
    """A number as Fortran writes it.

    Parameters
    ----------
    text : str
        '1.25E+02', '1.25D+02', '3.78-101', '0.10+02', 'NaN', 'Infinity', ...

    Returns
    -------
    float
        May be nan or inf when the file says so; see `finite`.

    Raises
    ------
    SlhaError
        For '****' and all else that is not one complete number.
    """
    match = _NUMBER.match(text)
    # an exponent of two digits without its letter needs the point: 10-12 is more like a range
    if match and (not match[3] or len(match[3]) > 3 or "." in match[1]):
        return float(f"{match[1]}e{match[2] or match[3] or 0}")
    word = _WORDS.match(text)
    if word:
        sign = "-" if text.startswith("-") else ""
        return float(sign + word[1][:3])
    raise SlhaError(f"{text[:40]!r} is not a number")


def finite(text: str) -> float:
    """Like `number`, but NaN and Infinity are errors too."""
    value = number(text)
    if not math.isfinite(value):
        raise SlhaError(f"{text[:40]!r} is not finite")
    return value
