"""The target region, and the observables of the input file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..evaluation import OK


class Target:
    """The region of interest on the value axis: low < value < high.

    Parameters
    ----------
    low, high : float
        `low` is -inf for a chi2 below a threshold; both are finite for an observable in a band.
    """

    def __init__(self, low: float, high: float):
        self.low, self.high = float(low), float(high)

    @classmethod
    def from_config(cls, config: Any) -> "Target":
        """`Target_value` +- `Target_width` where given, else below `Chi_square_threshold`."""
        if config.Target_value is None:
            return cls(-np.inf, config.Chi_square_threshold)
        return cls(config.Target_value - config.Target_width,
                   config.Target_value + config.Target_width)

    @property
    def is_band(self) -> bool:
        """A band of values, not a chi2 below a threshold."""
        return bool(np.isfinite(self.low))

    def inside(self, value: Any) -> np.ndarray:
        """Boolean array: value in the target (False for NaN)."""
        value = np.asarray(value, float)
        return (value > self.low) & (value < self.high)

    def holds(self, status: Any, value: Any) -> np.ndarray:
        """Boolean array: evaluated ok, and the value in the target; what 'in target' means."""
        return (np.asarray(status, object) == OK) & self.inside(value)

    def __str__(self):
        if self.is_band:
            half = (self.high - self.low) / 2
            return f"|value - {self.low + half:g}| < {half:g}"
        return f"chi2 < {self.high:g}"


@dataclass(frozen=True)
class Observable:
    """One entry of `Observables`, as `observable` makes it.

    Attributes
    ----------
    name : str
        Column in points.csv, and name in formulas.
    block, key, scale
        Block and indices in the SLHA spectrum; Q in GeV where blocks are repeated.
    decay, daughters
        PDG code of a DECAY block: its width in GeV, or with daughters that branching ratio.
    expression : str
        A formula of parameters and other observables.
    value, sigma, theory
        Gaussian: measured value, its uncertainty and that of the prediction.
    lower, upper : float, str or None
        Limits: a number, or a CSV file with a curve; hard, or softened with `sigma`, `theory`.
    along : tuple of str
        The one or two names that the columns of the curve before the last one mean.
    interpolation : str
        'linear' or 'log' (of all columns) between the points of a curve.
    chi2 : str
        'file.py:function', a chi2 of the observable by a function of the user's own.
    physical : tuple
        (low, high); outside, the point fails with the status 'unphysical'.
    optional : bool
        A point without this number is no failure, and the constraint says nothing there.
    problems : tuple of str
        What is wrong with the entry.
    """

    name: str
    block: str = ""
    key: tuple = ()
    scale: float | None = None
    decay: int | None = None
    daughters: tuple = ()
    expression: str = ""
    value: float | None = None
    sigma: float | None = None
    theory: float = 0.0
    lower: float | str | None = None
    upper: float | str | None = None
    along: tuple = ()
    interpolation: str = "linear"
    chi2: str = ""
    physical: tuple = (None, None)
    optional: bool = False
    problems: tuple = ()

    def __str__(self):
        given = {word: getattr(self, word) for word in WORDS[:-1]}
        words = [f"{word} = {value}" for word, value in given.items()
                 if value != self.__dataclass_fields__[word].default]
        return f"{self.name} ({', '.join(words)})" if words else self.name

    @property
    def from_slha(self):
        """Its number is read from the spectrum."""
        return bool(self.block) or self.decay is not None

    @property
    def soft(self):
        """It adds to chi2."""
        limited = self.lower is not None or self.upper is not None
        return self.value is not None or bool(self.chi2) or (limited and self.width > 0)

    @property
    def hard(self):
        """It cuts."""
        return (self.lower is not None or self.upper is not None) and not self.width > 0

    @property
    def width(self):
        """Measured and theory uncertainty in quadrature."""
        return float(np.hypot(self.sigma or 0.0, self.theory or 0.0))

    def read(self, slha):
        """The number in a spectrum (slha.Slha); raises SlhaError."""
        if self.decay is None:
            return slha.value(self.block, *self.key, scale=self.scale)
        if self.daughters:
            return slha.branching_ratio(self.decay, self.daughters)
        return slha.width(self.decay)


WORDS = (*[name for name in Observable.__dataclass_fields__ if name not in ("name", "problems")],
         "range")


def observable(name: str, **words: Any) -> Observable:
    """An entry of `Observables` in the input file; see `Observable` for the words.

    `range=(low, high)` is short for lower and upper. Nothing is raised here: what is wrong is
    kept in `problems`, so that the input file can be reported on as a whole.
    """
    problems, values = [], {}
    for word, given in words.items():
        if word not in WORDS:
            close = get_close_matches(word, WORDS, 1)
            meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(WORDS)}"
            problems.append(f"{word} is not known; {meant}")
            continue
        try:
            values[word] = _CONVERT[word](given)
        except (TypeError, ValueError, OverflowError):
            problems.append(f"{word} = {given!r}; expected {_CONVERT[word].__doc__}")
    low, high = values.pop("range", (None, None))
    for word, limit in (("lower", low), ("upper", high)):
        if limit is not None:
            values.setdefault(word, limit)
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]\w*", name):
        problems.insert(0, "its name must be letters, digits and _, and not begin with a digit")
    if not problems:
        problems = _contradictions(Observable(name, **values))
    return Observable(str(name), problems=tuple(problems),
                      **({} if problems else values))


def _contradictions(o):
    found = []
    sources = {"block": o.block, "decay": o.decay is not None, "expression": o.expression}
    given = [word for word, there in sources.items() if there]
    if len(given) > 1:
        found.append(f"{' and '.join(given)} are given; one says where the number comes from")
    if (o.key or o.scale is not None) and not o.block:
        found.append("key and scale need a block")
    if o.daughters and o.decay is None:
        found.append("daughters need decay, the PDG code of the particle that decays")
    if o.value is not None and not o.width > 0:
        found.append("a measured value needs its sigma (above 0)")
    limited = o.lower is not None or o.upper is not None
    if (o.value is not None) + limited + bool(o.chi2) > 1:
        found.append("value, limits and chi2 are given; an entry has one constraint, write a "
                     f"second one with expression='{o.name}'")
    if o.sigma is not None and o.value is None and not limited:
        found.append("sigma is given, but no value or limit that it belongs to")
    if isinstance(o.lower, float) and isinstance(o.upper, float) and not o.lower < o.upper:
        found.append(f"lower = {o.lower:g} is not below upper = {o.upper:g}")
    if isinstance(o.lower, str) or isinstance(o.upper, str):
        if not 1 <= len(o.along) <= 2:
            found.append("a curve needs along='mass' (or along=('mH', 'tanb') for a surface): the "
                         "names of its first columns")
    elif o.along:
        found.append("along is for a limit that is a CSV file")
    return found


def _text(value):
    """text in quotes"""
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _number(value):
    """a finite number"""
    if isinstance(value, bool | str) or not np.isfinite(float(value)):
        raise ValueError
    return float(value)


def _positive(value):
    """a finite number, at least 0"""
    if _number(value) < 0:
        raise ValueError
    return float(value)


def _limit(value):
    """a finite number, or the name of a CSV file"""
    return _text(value) if isinstance(value, str) else _number(value)


def _indices(value):
    """a whole number, or several like '1 2' or (1, 2)"""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    items = value if isinstance(value, tuple | list) else [value]
    numbers = tuple(int(item) for item in items)
    if any(isinstance(item, bool) or float(item) != int(item) for item in items):
        raise ValueError
    return numbers


def _whole(value):
    """a whole number"""
    return _indices(value)[0]


def _names(value):
    """one or two names"""
    return tuple(_text(item) for item in ([value] if isinstance(value, str) else value))


def _pair(value):
    """two numbers (low, high), either may be None"""
    low, high = (None if item is None else _number(item) for item in value)
    if low is not None and high is not None and not low < high:
        raise ValueError
    return low, high


def _flag(value):
    """True or False"""
    if not isinstance(value, bool):
        raise ValueError
    return value


def _interpolation(value):
    """'linear' or 'log'"""
    if value not in ("linear", "log"):
        raise ValueError
    return value


_CONVERT = {"block": _text, "key": _indices, "scale": _number, "decay": _whole,
            "daughters": _indices, "expression": _text, "value": _number, "sigma": _positive,
            "theory": _positive, "lower": _limit, "upper": _limit, "range": _pair,
            "along": _names, "interpolation": _interpolation, "chi2": _text, "physical": _pair,
            "optional": _flag}
