"""`correlated(...)` of the input file: several measurements with one matrix, as one entry."""

import re

import numpy as np

from ..errors import InputError
from .measurements import check_matrix
from .observables import Observable
from .words import number, positive


def correlated(names, values=(), sigmas=(), matrix=(), theory=(), shared=(), name=None):
    """An entry of `Observables`: one chi2 of several numbers.

    Parameters
    ----------
    names : list of str
        Parameters, other entries of `Observables`, or numbers of the calculator.
    values, sigmas : lists of float
        Measured values and their errors.
    matrix : list of lists of float, or str
        Correlation matrix in the order of `names`, or a CSV file with it; the unit matrix when
        nothing is said.
    theory : list of float, optional
        Uncertainties of the predictions, independent of each other.
    shared : list of float, or list of such lists, optional
        Theory uncertainties that move all predictions together; the sign counts.
    name : str, optional
        Of the entry, for its column chi2_NAME; else the names joined by '_'.

    Returns
    -------
    observables.Observable
        What is wrong is kept in its `problems`, nothing is raised.
    """
    problems = []
    if not isinstance(names, list | tuple) or len(names) < 2 or len(set(map(str, names))) < \
            len(names) or not all(isinstance(n, str) for n in names):
        problems.append(f"names = {names!r}; expected a list of two or more different names")
        names = ()
    label = "_".join(names) if name is None else name
    if not isinstance(label, str) or not re.fullmatch(r"[A-Za-z_]\w*", label):
        problems.append("its name must be letters, digits and _, and not begin with a digit")
    n = len(names)
    given = {"values": _row(values, n, number, "values", problems),
             "sigmas": _row(sigmas, n, _above, "sigmas", problems),
             "theories": _row(theory, n, positive, "theory", problems) if len(theory) else ()}
    rows = shared if len(shared) and isinstance(shared[0], list | tuple) else [shared]
    given["shared"] = tuple(_row(row, n, number, "shared", problems) for row in rows if len(row))
    given["matrix"] = matrix if isinstance(matrix, str) else _matrix(matrix, n, problems)
    return Observable(str(label), problems=tuple(problems),
                      **({} if problems else {"members": tuple(names), **given}))


def _above(value):
    """a number above 0"""
    if not number(value) > 0:
        raise ValueError
    return float(value)


def _row(values, n, convert, word, problems):
    """A tuple of n numbers; what is not one goes to `problems`."""
    try:
        row = tuple(convert(value) for value in values)
    except (TypeError, ValueError):
        problems.append(f"{word} = {values!r}; each must be {convert.__doc__}")
        return ()
    if n and len(row) != n:
        problems.append(f"{word} has {len(row)} numbers; expected {n}, one for each name")
    return row


def _matrix(matrix, n, problems):
    """Tuple of tuples; what is no correlation matrix goes to `problems`."""
    try:
        rows = np.array(matrix, float)
        if rows.size and n:
            check_matrix(rows, n, "matrix")
    except (TypeError, ValueError):
        problems.append(f"matrix = {matrix!r:.60}; expected rows of numbers, or a CSV file")
        return ()
    except InputError as error:
        problems += [problem.rstrip(".") for problem in error.problems]
        return ()
    return tuple(tuple(row) for row in rows.tolist())
