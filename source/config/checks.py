"""Checks of single values: each says what it expects, and turns what it accepts into one type."""

import math
import numbers
from typing import Any

_BIG = 10**15  # larger counts are typing errors, and int(float) stays exact below


class Check:
    """A check of one value.

    Parameters
    ----------
    expected : str
        Completes 'expected ...' in a message: 'a whole number, at least 1'.
    convert : callable
        Returns the value in its final type; raises ValueError when it is not acceptable.

    Calling a check returns None when the value is right, else `expected`.
    """

    def __init__(self, expected, convert):
        self.expected = expected
        self.convert = convert
        self.names: tuple = ()
        self.item: Any = None

    def __call__(self, value):
        try:
            self.convert(value)
        except ValueError:
            return self.expected
        return None


def integer(low=None, high=None, text=False):
    """A whole number; 1e5 is taken as 100000, True is not a number, '3' only with `text`."""
    def convert(value):
        value = _to_int(value, text)
        _between(value, low, high)
        return value
    return Check("a whole number" + _range(low, high), convert)


def number(low=None, high=None, above=None):
    """A finite number in [low, high], or > above."""
    def convert(value):
        value = _to_float(value)
        _between(value, low, high)
        if above is not None and not value > above:
            raise ValueError
        return value
    return Check("a finite number" + _range(low, high, above), convert)


def fraction():
    """A number in [0, 1]."""
    return number(0, 1)


def switch(*values):
    """A small integer with a meaning each, 0 and 1 when not given; True and False are accepted."""
    values = values or (0, 1)

    def convert(value):
        value = int(value) if isinstance(value, bool) else _to_int(value)
        if value not in values:
            raise ValueError
        return value
    return Check(" or ".join(str(v) for v in values), convert)


def flag():
    """True or False (or 1 or 0)."""
    return Check("True or False", lambda value: bool(switch().convert(value)))


def text(empty=True):
    """Text in quotes, on one line; surrounding blanks are dropped."""
    def convert(value):
        if not isinstance(value, str) or not (empty or value.strip()):
            raise ValueError
        if "\n" in value or "\0" in value:
            raise ValueError
        return value.strip()
    return Check("text in quotes" + ("" if empty else ", not empty"), convert)


def entry():
    """Number of an entry in a block of an SLHA file, '1' or 1, '1 2' for a matrix; becomes text."""
    def convert(value):
        if isinstance(value, str):
            return " ".join(str(int(part)) for part in value.replace(",", " ").split())
        return str(_to_int(value))
    return Check("the number of an entry, like '1' or '1 2'", convert)


def one_of(*names):
    """One of a few words, exactly as spelt."""
    def convert(value):
        value = text().convert(value)
        if value not in names:
            raise ValueError
        return value
    check = Check("one of " + ", ".join(repr(n) for n in names), convert)
    check.names = names
    return check


def some_of(*names):
    """One of a few words, or a list of such; becomes a tuple of words, not an empty one."""
    one = one_of(*names)

    def convert(value):
        words = [value] if isinstance(value, str) else value
        words = list_of(one).convert(words)
        if not words:
            raise ValueError
        return words
    check = Check(f"{one.expected}, or a list of some", convert)
    check.names = names
    return check


def optional(check):
    """None, or what `check` accepts."""
    return Check(f"{check.expected}, or None",
                 lambda value: None if value is None else check.convert(value))


def list_of(check):
    """A list (tuple, array) of what `check` accepts; becomes a tuple."""
    def convert(value):
        if isinstance(value, str | bytes | dict | set) or not hasattr(value, "__len__"):
            raise ValueError
        try:
            items = list(value)
        except (TypeError, ArithmeticError) as error:  # an object with a list of its own
            raise ValueError from error
        return tuple(check.convert(item) for item in items)
    result = Check(f"a list, each {check.expected}", convert)
    result.item = check
    return result


def texts(check=None):
    """A list of texts, one text alone, or {name: text}; None is ''; becomes a tuple of texts."""
    item = check or optional(text())

    def convert(value):
        if isinstance(value, str):
            value = [value]
        if isinstance(value, dict):
            value = [f"{text(empty=False).convert(name)} = {text(empty=False).convert(entry)}"
                     for name, entry in value.items()]
        return tuple(entry or "" for entry in list_of(item).convert(value))
    result = Check("a list of texts in quotes", convert)
    result.item = item
    return result


def entry_of(kinds, words):
    """An object that a function offered to the input file makes: 'observable(...)'."""
    def convert(value):
        if not isinstance(value, kinds):
            raise ValueError
        return value
    return Check(words, convert)


def _to_int(value, text=False):
    if text and isinstance(value, str):
        return int(value)
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    value = _to_float(value)
    if value != int(value) or abs(value) > _BIG:
        raise ValueError
    return int(value)


def _to_float(value):
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ValueError
    try:
        value = float(value)
    except OverflowError as error:
        raise ValueError from error
    if not math.isfinite(value):
        raise ValueError
    return value


def _between(value, low, high):
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError
    if abs(value) > 1e300:
        raise ValueError


def _range(low, high, above=None):
    if above is not None:
        return f" above {above:g}"
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f", at least {low:g}"
    return "" if high is None else f", at most {high:g}"
