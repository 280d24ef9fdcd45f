"""Constraints on observables: what each adds to chi2, and which hard limits a point breaks."""

import numpy as np

from ..extensions import found
from ..user_code import Held, UserCode, attempt, described, real_number
from .curves import Curve

FLOOR = 1e-6    # share of a limit below which its logarithmic distance scale becomes linear


class Constraint:
    """What the input file says about one observable; the base says nothing.

    A kind of constraint overrides `soft` (a chi2) or `excess` (how far outside).

    Parameters
    ----------
    entry : observables.Observable
    folder : Path
        Where relative paths start: the input file's folder.
    curves : dict of str to Curve, optional
        By name of the CSV file, for files that need not be there.
    """

    def __init__(self, entry, folder, curves=None):
        self.entry, self.name = entry, entry.name
        self.number = entry.name    # what it is about
        self.needs: tuple[str, ...] = ()    # other names it looks up

    @property
    def numbers(self):
        """All names that its chi2, or its distance, is made of."""
        return (self.name, *self.needs)

    def files(self):
        """Name of the CSV file -> curve."""
        return {}

    def soft(self, table):
        """chi2 (n,) of the values in `table`, a dict of str to arrays (n,)."""
        return np.zeros(len(table[self.name]))

    def excess(self, table):
        """(n,) distances from the allowed range, 0 inside, growing by about 1 for each e-fold."""
        return np.zeros(len(table[self.name]))

    def words(self, table, row):
        """Why a row is outside: '0.31 > 0.12'."""
        return f"{table[self.name][row]:.4g}"

    def trouble(self, table, row):
        """Why the chi2 of a row is no number, as far as that is known: ' (KeyError: 3.0)'."""
        return ""


class Gaussian(Constraint):
    """A measured value; theory uncertainty in quadrature."""

    def soft(self, table):
        return ((table[self.name] - self.entry.value) / self.entry.width) ** 2


class Limits(Constraint):
    """A lower and an upper limit, each a number or a curve; hard, or a half Gaussian outside."""

    def __init__(self, entry, folder, curves=None):
        super().__init__(entry, folder, curves)
        self.names = [limit for limit in (entry.lower, entry.upper) if limit is not None]
        self.sides = [(sign, Curve.find(limit, entry, folder, curves))
                      for sign, limit in ((-1, entry.lower), (1, entry.upper)) if limit is not None]
        self.needs = entry.along

    def files(self):
        """Name of the CSV file -> curve."""
        return {name: limit for name, (_, limit) in zip(self.names, self.sides, strict=True)
                if isinstance(limit, Curve)}

    def _limit(self, limit, table):
        if not isinstance(limit, Curve):
            return np.full(len(table[self.name]), limit)
        return limit(*(table[name] for name in self.entry.along))

    def soft(self, table):
        total = np.zeros(len(table[self.name]))
        for sign, limit in self.sides if self.entry.soft else ():
            beyond = sign * (table[self.name] - self._limit(limit, table))
            total += np.where(beyond > 0, beyond / self.entry.width, 0.0) ** 2
        return total

    def excess(self, table):
        total = np.zeros(len(table[self.name]))
        for sign, limit in self.sides if self.entry.hard else ():
            value, edge = table[self.name], self._limit(limit, table)
            scale = FLOOR * np.where(np.abs(edge) > 0, np.abs(edge), 1.0)
            beyond = sign * (np.arcsinh(value / scale / 2) - np.arcsinh(edge / scale / 2))
            outside = sign * (value - edge) > 0
            total += np.where(outside, np.maximum(beyond, 1e-9), 0.0)
        return total

    def words(self, table, row):
        """'0.31 > 0.12' with the limit that is broken."""
        value = table[self.name][row]
        for sign, limit in self.sides:
            edge = self._limit(limit, table)[row]
            if sign * (value - edge) > 0:
                return f"{value:.4g} {'<>'[sign > 0]} {edge:.4g}"
        return f"{value:.4g}"


FUNCTIONS: dict = {}    # of mlscanner.register_constraint and entry points: value -> chi2


class UserChi2(Constraint):
    """A chi2 by a Python function of the user's own; it takes the observable, returns a number."""

    def __init__(self, entry, folder, curves=None):
        super().__init__(entry, folder, curves)
        known = found("constraints", FUNCTIONS, entry.chi2)
        self.code = Held(known) if known else UserCode.find(
            entry.chi2, folder, f"observable {entry.name!r}: chi2")

    def soft(self, table):
        return np.array([self._ask(value)[0] for value in table[self.name]])

    def trouble(self, table, row):
        """What the function raises."""
        error = self._ask(table[self.name][row])[1]
        return "" if error is None else f" ({described(error)})"

    def _ask(self, value):
        """What the function says, and None; NaN, which fails the point, and what it raises."""
        function = self.code.load()
        answer, error = attempt(function, float(value))
        if error is None:   # an object of the user's own may raise anything here, too
            answer, error = attempt(real_number, answer)
        return (answer, None) if error is None else (np.nan, error)
