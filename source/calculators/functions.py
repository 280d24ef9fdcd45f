"""Calculators that are Python functions: the two test functions, and a user's own."""

import inspect
from typing import Any

import numpy as np

from ..errors import InputError
from ..evaluation import OK, Evaluation
from ..space.expressions import identifier
from ..user_code import Held, UserCode, attempt, described, numbers_in


def f_2d(x):
    """[2 + cos(x1/5) cos(x2/7)]^5 for `x` (n, 2); the two-dimensional test of arXiv:2207.09959."""
    return (2 + np.cos(x[:, 0] / 5) * np.cos(x[:, 1] / 7)) ** 5


def f_3d(x):
    """[2 + cos(x1/7) cos(x2/7) cos(x3/7)]^5 for `x` (n, 3); the 3-d test of arXiv:2207.09959."""
    return (2 + np.cos(x / 7).prod(axis=1)) ** 5


REASON = 300  # characters kept of a reason

TEST_FUNCTIONS = {"F_2d": (f_2d, 2), "F_3d": (f_3d, 3)}


class TestFunction:
    """F_2d or F_3d as a calculator; its value is dimensionless and it has no observables.

    Parameters
    ----------
    name : str
        A key of `TEST_FUNCTIONS`.
    """

    __test__ = False  # its name looks like a test's to pytest
    observables = ()
    citations = ("arXiv:2207.09959",)
    share = 1000

    def __init__(self, name):
        self.name = name

    @classmethod
    def from_config(cls, config):
        """Raises InputError when the number of scanned parameters is not the function's."""
        dim = TEST_FUNCTIONS[config.Calculator][1]
        if config.TotVarScanned != dim:
            names = ", ".join(f"x{i + 1}" for i in range(dim))
            raise InputError(
                f"Calculator = '{config.Calculator}' has {dim} parameters ({names}), but "
                f"TotVarScanned = {config.TotVarScanned}. Give {dim} entries in VarMin, VarMax, "
                f"VarLabel and VarNum, as in docs/examples/{config.Calculator}.py.")
        return cls(config.Calculator)

    def evaluate(self, x, scratch):
        """One `Evaluation` for each row of `x` (n, d)."""
        return [Evaluation(OK, float(value)) for value in TEST_FUNCTIONS[self.name][0](x)]


class NamedPoint(np.ndarray):
    """A point (d,) or a batch (n, d) that answers to names as well: p['mH'], p[0], x, y = p.

    Arithmetic with it gives plain arrays.
    """

    def __new__(cls, x, names):
        point = np.array(x, float).view(cls)
        point.names = tuple(names)
        return point

    def __array_finalize__(self, other):
        self.names = getattr(other, "names", ())

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return array[()] if return_scalar else np.asarray(array)

    def keys(self):
        """Names of the parameters; with it, dict(p) and **p work."""
        return self.names

    def __getitem__(self, key):
        plain = np.asarray(self)
        if not isinstance(key, str):
            return plain[key]
        if key not in self.names:
            raise KeyError(f"{key}: the scanned parameters are {', '.join(self.names)}")
        return plain[..., self.names.index(key)][()]


class UserFunction:
    """A user's Python function as a calculator: `Calculator = 'file.py:function'`.

    The function takes one `NamedPoint` (d,), or, with `Vectorised = True`, a batch (n, d). It
    returns the value of the target (a number), or a dict of observables among which 'chi2' or
    'value' is that value (the only entry, if there is one only); for a log-likelihood 'lnL', chi2
    is -2 lnL. What it raises, and a value
    that is not a finite number, is the point's status.

    Parameters
    ----------
    path : str or Path
        The Python file; it is loaded in each worker by its path.
    function : str
    names : sequence of str
        The scanned parameters.
    vectorised : bool
    named : bool
        The input file has constraints on observables: a dict needs no chi2.
    band : bool
        The target is a band of the value (Target_value): a dict needs it, named or not.
    """

    observables = ()
    citations = ()

    def __init__(self, path, function, names, vectorised=False, named=False,
                 band=False):
        self.path, self.function = str(path), function
        self.names, self.vectorised = tuple(names), vectorised
        self.share, self.named, self.band = 1000 if vectorised else 1, named, band
        self.at_once = vectorised   # a hang must not last a thousand times the limit of a point
        self._code = UserCode(path, function)
        self.files: tuple[str, ...] = (self.path,)

    @classmethod
    def from_config(cls, config, names, folder="."):
        """Raises InputError when the file or the function is not there.

        `folder` is the one that relative paths start from: the input file's.
        """
        code = UserCode.find(config.Calculator, folder, "Calculator")
        return cls(code.path, code.function, names, config.Vectorised, bool(config.Observables),
                   config.Target_value is not None)

    def evaluate(self, x, scratch):
        """One `Evaluation` for each row of `x` (n, d)."""
        function = self._code.load()
        if not self.vectorised:
            return [self._one(function, NamedPoint(row, self.names)) for row in x]
        outcome = self._one(function, NamedPoint(x, self.names), len(x))
        if isinstance(outcome, list):
            return outcome
        if outcome.status != "raised" or len(x) == 1:
            return [outcome] * len(x)
        # one row that raises must not fail the others: each by itself
        return [evaluation for row in x for evaluation in self.evaluate(row[None], scratch)]

    def _one(self, function, point, n=None):
        answer, error = attempt(function, point)
        if error is not None:
            return Evaluation("raised", reason=described(error)[:REASON])
        if n is None:
            return as_evaluated(answer, self.named, self.band)
        table, error = attempt(self._columns, answer, n)
        if error is not None:
            return Evaluation("bad_output", reason=f"expected {n} numbers: {described(error)}"
                              [:REASON])
        return [as_evaluated({key: column[i] for key, column in table.items()}, self.named,
                          self.band) for i in range(n)]

    def _columns(self, answer, n):
        """Arrays (n,) by name; objects of the user's own may raise anything here."""
        if not isinstance(answer, dict):
            answer = {"value": answer}
        table = {str(key): _real(np.asanyarray(column)) for key, column in answer.items()}
        name = _value_name(table, self.named)
        if name and table[name].size != n:  # a sum over all points is not the value of each
            raise ValueError(f"{name} has {table[name].size}")
        return {key: np.broadcast_to(column, (n,)) for key, column in table.items()}


class CallableFunction(UserFunction):
    """A function at hand as a calculator.

    One that was typed into a notebook cannot be sent to worker processes: Pool(..., n_cores=0).

    Parameters
    ----------
    function : callable
        As for UserFunction.
    names : sequence of str
        The scanned parameters.
    vectorised : bool
        It takes an array (n, d) of points instead of one point (d,).
    named, band : bool
        As for UserFunction.
    """

    def __init__(self, function, names, vectorised=False, named=False, band=False):
        super().__init__("", getattr(function, "__name__", "function"), names, vectorised, named,
                         band)
        self._code: Any = Held(by_name(function, names) or function)
        self.files = ()


def by_name(function, names):
    """What calls f(mass=..., g=...) for a point, if these are its arguments; else None."""
    try:
        needed = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):     # a function of a compiled library
        return None
    words = [identifier(name) for name in names]
    return _ByName(function, words) if len(words) > 1 and sorted(needed) == sorted(words) else None


class _ByName:
    """Calls a function with the parameters as its arguments."""

    def __init__(self, function, words):
        self.function, self.words = function, words

    def __call__(self, point):
        return self.function(**dict(zip(self.words, np.asarray(point).T, strict=True)))


def _real(column: Any) -> np.ndarray:
    """An array of floats; NaN where a number is masked or has an imaginary part, which NumPy drops.
    """
    if isinstance(column, np.ma.MaskedArray):
        column = np.ma.filled(column.astype(complex), np.nan)
    if np.iscomplexobj(column):
        column = np.where(column.imag == 0, column.real, np.nan)
    return np.asarray(column, float)


def _value_name(numbers, named):
    """Which of the numbers is the value of the target; None where there is none."""
    name: Any = next((key for key in ("chi2", "value") if key in numbers), None)
    return next(iter(numbers)) if name is None and len(numbers) == 1 and not named else name


def as_evaluated(answer, named=False, band=False):
    """`Evaluation` from what a user's function returned for one point.

    With `named`, a dict without 'chi2' or 'value' is taken as observables alone, chi2 being 0;
    unless the target is a `band`, in which no 0 must be taken for a value.
    """
    numbers, trouble = numbers_in(answer)
    if trouble:
        return Evaluation("bad_output", reason=trouble[:REASON])
    if "lnL" in numbers and not band:
        numbers.setdefault("chi2", -2.0 * numbers["lnL"])
    name = _value_name(numbers, named)
    if name is None and (band or not named):
        hint = ("; for a band of one of them: observable(name, range=(low, high)), without "
                "Target_value" if named else "")
        what = ("the function returned a dict without 'chi2' or 'value'; it has "
                f"{', '.join(numbers) or 'nothing'}")
        return Evaluation("bad_output", reason=what[:REASON - len(hint)] + hint)
    observables = {key: number for key, number in numbers.items() if key != name}
    value = 0.0 if name is None else numbers[name]
    if not np.isfinite(value):
        return Evaluation("bad_value", observables=observables, reason=f"the value is {value}")
    return Evaluation(OK, value, observables)
