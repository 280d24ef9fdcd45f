"""The kinds of constraints, and which one an entry of `Observables` has."""

from ..errors import InputError
from .constraints import Constraint, Gaussian, Limits, UserChi2
from .measurements import Asymmetric, Correlated, Counts, ExpectedLimit, Tabulated

CONSTRAINTS = {"members": Correlated, "expected": ExpectedLimit, "counts": Counts,
               "table": Tabulated, "value": Gaussian, "lower": Limits, "upper": Limits,
               "chi2": UserChi2}


def make_constraint(entry, folder, curves=None):
    """The constraint of an observable; the first word of `CONSTRAINTS` it has decides.

    Parameters
    ----------
    entry : observables.Observable
    folder : path
        Where relative paths start.
    curves : dict of str to Curve, optional
        By name of the CSV file, for files that need not be there.

    Raises
    ------
    InputError
        A file is not there, or not what is expected.
    """
    if isinstance(entry.sigma, tuple):
        return Asymmetric(entry, folder)
    for word, kind in CONSTRAINTS.items():
        if getattr(entry, word) not in (None, "", ()):
            return kind(entry, folder, curves)
    return Constraint(entry, folder)


def make_constraints(entries, folder):
    """One for each entry.

    Raises
    ------
    InputError
        With the problems of all of them.
    """
    made, problems = [], []
    for entry in entries:
        try:
            made.append(make_constraint(entry, folder))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return made
