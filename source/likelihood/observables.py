"""The observables of the input file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from .target import Target  # noqa: F401 - people import it from here, too
from .words import CONVERT, contradictions


@dataclass(frozen=True)
class Observable:
    """One entry of `Observables`, as `observable` makes it.

    Attributes
    ----------
    name : str
        Column in points.csv, and name in formulas.
    block, key, scale, column
        Block and indices in the SLHA spectrum; which scale where blocks are repeated (Q in GeV,
        (Q, tolerance), 'lowest', 'highest', 'nearest 1000'); which number of a line, from 1.
    decay, daughters, one_loop
        PDG code of a DECAY block: its width in GeV, or with daughters that branching ratio; with
        one_loop of DECAY1L.
    expression : str
        A formula of parameters and other observables.
    value, sigma, theory
        Gaussian: measured value, its uncertainty (or two: below and above the value) and that of
        the prediction.
    lower, upper : float, str or None
        Limits: a number, or a CSV file with a curve ('file.csv:2' or 'file.csv:observed' where it
        has several columns); hard, or softened with `sigma`, `theory`.
    expected, confidence : float or str; float
        With `upper`: the median limit expected without a signal, and the level of both.
    counts, background : int; tuple (b, uncertainty of b)
        Events seen, and those expected without the signal, whose number this is.
    table, holds : str
        CSV file of a likelihood, and what its last column is: 'chi2' or 'lnL'.
    along : tuple of str
        The one or two names that the columns of the curve before the last one mean; of a table
        the second one.
    units : tuple
        What one of the file's units is in the input file's, of each name in `along` and the limit.
    interpolation : str
        'linear' or 'log' (of all columns) between the points of a curve.
    chi2 : str
        'file.py:function', a chi2 of the observable by a function of the user's own.
    physical : tuple
        (low, high); outside, the point fails with the status 'unphysical'.
    members, values, sigmas, matrix, shared
        A correlated set: see `correlated.correlated`.
    optional : bool
        A point without this number is no failure, and the constraint says nothing there.
    label, unit : str
        For pictures and tables, with LaTeX between dollar signs; 'GeV', 'cm^2'.
    problems : tuple of str
        What is wrong with the entry.
    """

    name: str
    block: str = ""
    key: tuple = ()
    scale: float | str | tuple | None = None
    column: int | None = None
    decay: int | None = None
    daughters: tuple = ()
    one_loop: bool = False
    expression: str = ""
    value: float | None = None
    sigma: float | tuple | None = None
    theory: float = 0.0
    lower: float | str | None = None
    upper: float | str | None = None
    expected: float | str | None = None
    confidence: float = 0.95
    counts: int | None = None
    background: tuple = (0.0, 0.0)
    table: str = ""
    holds: str = "chi2"
    along: tuple = ()
    units: tuple = ()
    interpolation: str = "linear"
    chi2: str = ""
    physical: tuple = (None, None)
    optional: bool = False
    members: tuple = ()
    values: tuple = ()
    sigmas: tuple = ()
    theories: tuple = ()
    matrix: tuple | str = ()
    shared: tuple = ()
    label: str = ""
    unit: str = ""
    problems: tuple = ()

    def __str__(self):
        given = {word: getattr(self, word) for word in (*WORDS[:-1], *SET)}
        words = [f"{word} = {value}" for word, value in given.items()
                 if value != self.__dataclass_fields__[word].default]
        return f"{self.name} ({', '.join(words)})" if words else self.name

    @property
    def from_slha(self):
        """Its number is read from the spectrum."""
        return bool(self.block) or self.decay is not None

    @property
    def limited(self):
        """It has a limit."""
        return self.lower is not None or self.upper is not None

    @property
    def soft(self):
        """It adds to chi2."""
        return (self.value is not None or self.counts is not None
                or bool(self.chi2 or self.table or self.members)
                or (self.limited and not self.hard))

    @property
    def hard(self):
        """It cuts."""
        return self.limited and not self.width > 0 and self.expected is None

    @property
    def widths(self):
        """Measured and theory uncertainty in quadrature, below and above the value."""
        below, above = self.sigma if isinstance(self.sigma, tuple) else (self.sigma or 0.0,) * 2
        return float(np.hypot(below, self.theory)), float(np.hypot(above, self.theory))

    @property
    def width(self):
        """The same; the smaller one of two."""
        return min(self.widths)

    def read(self, slha):
        """The number in a spectrum (slha.Slha); raises SlhaError."""
        if self.decay is None:
            return slha.value(self.block, *self.key, scale=self.scale, column=self.column)
        if self.daughters:
            return slha.branching_ratio(self.decay, self.daughters, self.one_loop)
        return slha.width(self.decay, self.one_loop)


SET = ("members", "values", "sigmas", "theories", "matrix", "shared")   # of a correlated set
WORDS = (*[name for name in Observable.__dataclass_fields__
           if name not in ("name", "problems", *SET)], "range")


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
            values[word] = CONVERT[word](given)
        except (TypeError, ValueError, OverflowError):
            problems.append(f"{word} = {given!r}; expected {CONVERT[word].__doc__}")
    low, high = values.pop("range", (None, None))
    for word, limit in (("lower", low), ("upper", high)):
        if limit is not None:
            values.setdefault(word, limit)
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]\w*", name):
        problems.insert(0, "its name must be letters, digits and _, and not begin with a digit")
    if not problems:
        problems = contradictions(Observable(name, **values))
    return Observable(str(name), problems=tuple(problems),
                      **({} if problems else values))
