"""What to say about a value that a check has refused."""

import math
from difflib import get_close_matches

from .input_file import shown


def expected(check, value):
    """What `check` expected, None if the value is right; a check that raises refuses the value."""
    try:
        return check(value)
    except (TypeError, ValueError, OverflowError):
        return getattr(check, "expected", "something else")


def hint(value, check):
    """What to do about the most frequent mistakes; '' for others."""
    if check.item and not isinstance(value, list | tuple):
        return "Write a list, with [ and ]."
    is_number = getattr(check, "expected", "").startswith(("a whole number", "a finite number"))
    if is_number and isinstance(value, bool):
        return f"Write a number, not {value}."
    if is_number and isinstance(value, str):
        return "Remove the quotes." if _is_number(value) else "Write a number, without quotes."
    if isinstance(value, float) and not math.isfinite(value):
        return "Write an ordinary number; NaN and infinity cannot be used."
    if isinstance(value, str) and check.names:
        close = get_close_matches(value, check.names, 1)
        return f"Did you mean {close[0]!r}?" if close else ""
    return ""


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def fall_back(field):
    """What to do when nothing better is known."""
    return f"Correct it, or delete the line to use the default ({shown(field.default)})."
