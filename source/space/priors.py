"""Priors: how a parameter is drawn, as a map between its unit interval and its values.

A prior is written in the list VarPrior: 'linear', 'log', 'symlog', 'normal(125, 3)', 'integer',
'choice [1, 2, 5]', 'fixed 173.2', or a formula of other parameters. Models and proposals work in
the unit interval; what is uniform there is the prior.
"""

import re
from difflib import get_close_matches
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from ..extensions import found
from .expressions import Expression, ExpressionError

SYMLOG_SHARE = 1e-3     # linear part of 'symlog', as a share of the largest |value|


class PriorError(ValueError):
    """A prior that cannot be used; the message says why and what to do."""


class Prior:
    """Linear between `low` and `high`; base of the others.

    A prior is a class with the text forms it understands (`arguments`), `to_physical` and
    `to_unit`. Both are pure functions, and to_unit(to_physical(u)) is what a scan stores for u.

    Parameters
    ----------
    low, high : float
        VarMin and VarMax.
    *arguments : float
        What stands in the brackets after the name.
    """

    free = True             # it takes a dimension of the unit box
    discrete = False        # it has a few values only, each with a cell of the unit interval
    needs_range = True      # VarMin and VarMax must be given, in order
    count: int              # of the values of a discrete one
    value: float            # of a fixed one
    arguments = (0, 0)      # fewest and most numbers after the name

    def __init__(self, low, high, *arguments):
        self.low, self.high = float(low), float(high)
        self.start, self.end = self.forward(self.low), self.forward(self.high)

    def forward(self, x):
        """The scale (n,) on which the prior is uniform, of values `x` (n,); monotone."""
        return x

    def backward(self, t):
        """Inverse of `forward`."""
        return t

    def to_physical(self, u):
        """Values (n,) of positions `u` (n,) in [0, 1], never outside the range."""
        t = self.start + np.asarray(u, float) * (self.end - self.start)
        return np.clip(self.backward(t), self.low, self.high)

    def to_unit(self, x):
        """Positions (n,) in [0, 1] of values `x` (n,)."""
        t = self.forward(np.asarray(x, float))
        return np.clip((t - self.start) / (self.end - self.start), 0.0, 1.0)


class Linear(Prior):
    """'linear': every value alike."""


class Log(Prior):
    """'log': every decade alike; both ends above zero, or both below."""

    def __init__(self, low, high):
        if low <= 0 <= high:
            raise PriorError(f"a log prior cannot reach zero, but the range is {low:g} to "
                             f"{high:g}; use 'symlog', or another range")
        self.sign = 1.0 if low > 0 else -1.0
        super().__init__(low, high)

    def forward(self, x):
        return self.sign * np.log(np.abs(x))

    def backward(self, t):
        return self.sign * np.exp(self.sign * t)


class SymLog(Prior):
    """'symlog' or 'symlog(scale)': every decade of |x| alike, linear below `scale`, through zero.

    x = scale * sinh(t) with t uniform; the scale is a thousandth of the largest |value| where
    none is given.
    """

    arguments = (0, 1)

    def __init__(self, low, high, scale=None):
        self.scale = SYMLOG_SHARE * max(abs(low), abs(high)) if scale is None else float(scale)
        if not self.scale > 0:
            raise PriorError("the scale of symlog must be above zero")
        super().__init__(low, high)

    def forward(self, x):
        return np.arcsinh(x / self.scale)

    def backward(self, t):
        return self.scale * np.sinh(t)


class Normal(Prior):
    """'normal(mean, sigma)': a Gaussian, cut off at VarMin and VarMax."""

    arguments = (2, 2)

    def __init__(self, low, high, mean, sigma):
        self.mean, self.sigma = float(mean), float(sigma)
        if not self.sigma > 0:
            raise PriorError("the sigma of normal must be above zero")
        super().__init__(low, high)
        if not self.end - self.start > 1e-12:
            raise PriorError(f"the range {low:g} to {high:g} is too far from the mean "
                             f"{self.mean:g} for sigma = {self.sigma:g}")

    def forward(self, x):
        return ndtr((x - self.mean) / self.sigma)

    def backward(self, t):
        return self.mean + self.sigma * ndtri(t)


class Choice(Prior):
    """'choice [a, b, c]': one of these values, each alike; in the unit box each has a cell."""

    needs_range, discrete = False, True
    arguments = (1, 1000)

    def __init__(self, low, high, *values):
        self.values = np.unique(np.array(values, float))
        if len(self.values) < 2:
            raise PriorError("a choice needs at least two values; for one value use 'fixed'")
        self.count = len(self.values)
        super().__init__(self.values[0], self.values[-1])

    def to_physical(self, u):
        cell = np.asarray(u, float) * len(self.values)
        return self.values[np.clip(cell.astype(int), 0, len(self.values) - 1)]

    def to_unit(self, x):
        """Centres of the cells of the values nearest to `x` (n,)."""
        middles = (self.values[1:] + self.values[:-1]) / 2
        return (np.searchsorted(middles, np.asarray(x, float)) + 0.5) / len(self.values)


class Integer(Prior):
    """'integer': the whole numbers from VarMin to VarMax, both included."""

    discrete = True

    def __init__(self, low, high):
        self.first, self.last = int(np.ceil(low)), int(np.floor(high))
        if self.last <= self.first:
            raise PriorError(f"there are no two whole numbers from {low:g} to {high:g}")
        self.count = self.last - self.first + 1
        super().__init__(self.first, self.last)

    def to_physical(self, u):
        cell = np.floor(np.asarray(u, float) * (self.last - self.first + 1))
        return np.clip(self.first + cell, self.first, self.last)

    def to_unit(self, x):
        """Centres of the cells of the whole numbers nearest to `x` (n,)."""
        cell = np.rint(np.asarray(x, float)) - self.first
        return np.clip((cell + 0.5) / (self.last - self.first + 1), 0.0, 1.0)


class Fixed(Prior):
    """'fixed 173.2', or 'fixed' with VarMin = VarMax: not scanned, but part of each point."""

    free = needs_range = False
    arguments = (0, 1)

    def __init__(self, low, high, value=None):
        if value is None and (low is None or low != high):
            raise PriorError("give the value, like 'fixed 173.2' (or make VarMin and VarMax equal)")
        self.value = float(low if value is None else value)
        self.low = self.high = self.value


class Dependent(Prior):
    """A formula of other parameters: '(Lambda1Input + 0.1)/2'."""

    free = needs_range = False

    def __init__(self, text):
        try:
            self.expression = Expression(text)
        except ExpressionError as error:
            raise PriorError(str(error)) from None
        self.low = self.high = float("nan")


PRIORS = {"linear": Linear, "log": Log, "symlog": SymLog, "normal": Normal, "integer": Integer,
          "choice": Choice, "fixed": Fixed}
_FORM = re.compile(r"([A-Za-z]+)\s*(?:[(\[](.*)[)\]]|(\s[^(\[]*))?\s*$")


def prior_class(text):
    """The class a text of VarPrior means; `Dependent` for what is not one of `PRIORS`."""
    match = _FORM.match(str(text).strip())
    kind: Any = (found("priors", PRIORS, match[1]) or Dependent) if match else Dependent
    # 'log(mA)' is a formula
    return Dependent if match and match[2] is not None and kind.arguments[1] == 0 else kind


def make_prior(text: str, low: Any = None, high: Any = None) -> "Prior":
    """The prior that a text of VarPrior means.

    Parameters
    ----------
    text : str
        '' is 'linear'.
    low, high : float or None
        VarMin and VarMax.

    Raises
    ------
    PriorError
    """
    text = str(text).strip() or "linear"
    kind = prior_class(text)
    if kind is Dependent:
        return _dependent(text)
    if kind.needs_range and (low is None or high is None):
        raise PriorError(f"{text!r} needs numbers in VarMin and VarMax")
    if kind.needs_range and not low < high:
        raise PriorError(f"VarMin = {low:g} is not below VarMax = {high:g}")
    return kind(low, high, *_numbers(text, kind))


def _numbers(text, kind):
    match: Any = _FORM.match(text)
    words = [w for w in re.split(r"[,\s]+", match[2] or match[3] or "") if w.strip("()[]")]
    try:
        numbers = [float(Expression(word.strip("()[]"))({})) for word in words]
    except (ExpressionError, KeyError):
        numbers = [np.nan]
    if not np.all(np.isfinite(numbers)):
        raise PriorError(f"{text!r}: what follows {match[1]} must be numbers")
    least, most = kind.arguments
    if not least <= len(numbers) <= most:
        many = f"{least}" if least == most else f"{least} to {most}"
        raise PriorError(f"{text!r}: {match[1]} takes {many} numbers, like "
                         f"{(kind.__doc__ or '').split(':')[0]}")
    return numbers


def _dependent(text):
    word = re.match(r"[A-Za-z_]+", text)
    close = get_close_matches(word[0].lower(), PRIORS, 1, 0.7) if word else []
    try:
        return Dependent(text)
    except PriorError as error:
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise PriorError(f"{error}{meant}") from None
