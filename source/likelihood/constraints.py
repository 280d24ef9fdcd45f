"""Constraints on observables: what each adds to chi2, and which hard limits a point breaks."""

import numpy as np

from ..errors import InputError
from ..extensions import found
from ..files import located
from ..user_code import Held, UserCode, attempt, described, real_number

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
        try:
            return (np.nan, error) if error else (real_number(answer), None)
        except Exception as raised:  # objects of the user's own may raise anything
            return np.nan, raised


class Curve:
    """A limit that depends on one or two quantities, from a CSV file.

    Columns: the quantities, then the limit. Outside of the file's range there is no limit (NaN).

    Parameters
    ----------
    points : (m, k) array, k = 1 or 2
    limit : (m,) array
    log : bool
        Interpolate between the logarithms of everything.
    """

    def __init__(self, points, limit, log):
        self.points, self.limit, self.log = points, limit, log
        self._surface = None

    @classmethod
    def find(cls, limit, entry, folder, curves=None):
        """A limit of an entry: a number as it is, else the curve of a file, or of `curves`."""
        if not isinstance(limit, str):
            return limit
        return curves[limit] if curves and limit in curves else cls.read(limit, entry, folder)

    @classmethod
    def read(cls, path, entry, folder):
        """The curve in the CSV file `path` (str) of an entry; relative paths start from `folder`.

        Raises
        ------
        InputError
            The file is not one: no numbers, too few columns or rows, or not finite.
        """
        n, (file, table) = len(entry.along), csv_numbers(path, entry, folder)
        log = entry.interpolation == "log"
        if table.ndim != 2 or table.shape[1] != n + 1 or len(table) < n + 1:
            raise InputError(f"observable {entry.name!r}: {file} must have {n + 1} columns "
                             f"({', '.join(entry.along)}, limit) and some rows.")
        if not np.isfinite(table).all() or (log and (table <= 0).any()):
            raise InputError(f"observable {entry.name!r}: all numbers in {file} must be finite"
                             + (", and above zero for interpolation='log'." if log else "."))
        table = table[np.argsort(table[:, 0], kind="stable")]
        return cls(table[:, :-1], table[:, -1], log)

    def __getstate__(self):
        return {**self.__dict__, "_surface": None}

    def __call__(self, *along):
        """Limit (n,) at the quantities, each (n,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            at, known, limit = (np.log(a) if self.log else np.asarray(a, float)
                                for a in (np.column_stack(along), self.points, self.limit))
        if known.shape[1] == 1:
            found = np.interp(at[:, 0], known[:, 0], limit, left=np.nan, right=np.nan)
        else:
            if self._surface is None:
                from scipy.interpolate import (
                    LinearNDInterpolator,  # a second that most commands do without
                )
                self._surface = LinearNDInterpolator(known, limit, rescale=True)
            found = self._surface(np.where(np.isfinite(at), at, 1e300))
        return np.exp(found) if self.log else found


def csv_numbers(path, entry, folder, heading=True):
    """The file, and the numbers (m, k) in it; InputError for a file that is not of numbers."""
    file = located(path, folder)
    try:
        return file, np.array([[float(word) for word in row] for row in _rows(file, heading)])
    except (OSError, ValueError) as error:
        raise InputError(f"observable {entry.name!r}: {file} can not be read as numbers: "
                         f"{error}.") from None


def _rows(file, heading):
    """Split lines of a CSV file, without comments and a heading."""
    lines = [line.partition("#")[0].replace(",", " ").replace(";", " ").split()
             for line in file.read_text("utf-8").splitlines()]
    rows = [line for line in lines if line]
    if heading and rows and not rows[0][0][:1].isdigit() and rows[0][0][:1] not in "+-.":
        rows = rows[1:]
    if not rows:
        raise ValueError("it has no rows")
    if len({len(row) for row in rows}) > 1:
        raise ValueError("its rows have different numbers of columns")
    return rows
