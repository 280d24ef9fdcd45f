"""What is like a chi2, near a part of the target: the sum of a few squares of quadratic forms.

Chi2 is a sum of squares of quantities that vary slowly where itself it has a narrow curved valley.
A process that treats all places alike has to learn the valley point by point; a few quadratic
forms, of which the sum of squares is all that is seen, tell how it bends or closes from some
hundreds of points. They are found by steps between those of Gauss and Newton and the steepest ones
(K. Levenberg, Q. Appl. Math. 2, 1944, 164; D. Marquardt, J. SIAM 11, 1963, 431).
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular
from scipy.special import huber

FORMS = 3           # quadratic forms
LEARNED = 660, 300  # nearest points that are learned from, and a half as many test it; fewer where
                    # it is not right for more
TIMES = 1.5         # so many for each number that is learned, at least,
MOST = 300          # and at most so many numbers: 12 parameters, as the cost grows with their cube
HIGH = 100.0        # times the edge of the target: what is higher is left out
RIGHT = 0.3         # of the spread of the logarithm: it is used where it errs by less, typically
ERROR = 0.1         # of the logarithm, that is aimed at; from HUGE on errors count linearly
HUGE = 1.0
SURE = 0.02         # it never errs by less, typically: there are other terms
SMALL = 10.0, 10.0, 3.0     # typical constants, slopes and curvatures, in units of the spread
STEPS, TRIES = 60, 5        # at most, and times that a step is made shorter
GAIN = 3e-3         # a smaller part of what is left to gain ends it
TINY = 1e-9


class Squares(NamedTuple):
    """A sum of squares of quadratic forms, 1 at the edge of the target.

    Attributes
    ----------
    size : float array (d,)
        Of the coordinates.
    forms : float array (k, terms)
        Constants, slopes and curvatures.
    least : float
        What is added.
    root : float array (k terms, k terms)
        Of the inverse of their covariance.
    """

    size: Any
    forms: Any
    least: float
    root: Any

    def log(self, z):
        """Logarithm (n,) of the sum at z (n, d)."""
        return _log(self._value(z)[1], self.least)

    def error(self, z):
        """Its uncertainty (n,)."""
        terms, value = self._value(z)
        slope = _slope(terms, value, self.least)
        return np.sqrt((solve_triangular(self.root, slope.T, lower=True,
                                         check_finite=False) ** 2).sum(axis=0))

    def _value(self, z):
        terms = _terms(z / self.size)
        return terms, terms @ self.forms.T


def squares_of(z, log, least):
    """The Squares that describe points, or None where they do not.

    Parameters
    ----------
    z : float array (n, d)
        The nearest ones first; in units of what matters, roughly.
    log : float array (n,)
        Logarithm of what is like a chi2, 1 at the edge of the target.
    least : float
        The smallest that it may be.
    """
    use = np.flatnonzero(log < np.log(HIGH))
    numbers = FORMS * _terms(z[:1]).shape[1]
    for n in LEARNED if numbers <= MOST else ():
        here = use[:n * 3 // 2]
        if 2 * len(here) >= 3 * TIMES * numbers and (
                found := _right_ones(z[here], log[here], least)):
            return found
    return None


def _right_ones(z, log, least):
    """The Squares of two of three points z (n, d), or None unless they are right for the others."""
    test = np.arange(len(z)) % 3 == 2
    size = np.sqrt((z ** 2).mean(axis=0))
    size[size == 0] = 1.0
    terms = _terms(z / size)
    mine, its = terms[~test], log[~test]
    square = np.maximum(np.exp(its) - least, 0.0)
    sheet = _sheet(mine, square)
    fitted = [_fitted(start, mine, its, least) for start in (sheet, _shell(sheet, mine, square))]
    _, forms = min(fitted, key=lambda found: found[0])
    error = _log(terms[test] @ forms.T, least) - log[test]
    if not np.sqrt(np.minimum(error ** 2, HUGE).mean()) < RIGHT * log[test].std():
        return None
    root = _root(mine, forms, its, least)
    return None if root is None else Squares(size, forms, least, root)


def _terms(x):
    """1, coordinates and products of two (n, terms) of points x (n, d)."""
    i, j = np.triu_indices(x.shape[1])
    return np.column_stack([np.ones(len(x)), x, x[:, i] * x[:, j]])


def _dim(terms):
    """Coordinates of points that have so many terms."""
    return round((np.sqrt(8 * terms + 1) - 3) / 2)


def _log(value, least):
    """Logarithm (n,) of the sum of squares of what the forms say (n, k)."""
    return np.log((value ** 2).sum(axis=1) + least + TINY)


def _slope(terms, value, least):
    """Its derivatives (n, k terms) by the forms."""
    total = (value ** 2).sum(axis=1) + least + TINY
    slope = (2 * value / total[:, None])[:, :, None] * terms[:, None, :]
    return slope.reshape(len(terms), terms.shape[1] * value.shape[1])


def _quadratic(terms, y, weight):
    """The quadratic form (terms,) that is nearest to y (n,), with weights (n,)."""
    small = 0.05 * np.eye(terms.shape[1])   # of what they do not tell
    return np.linalg.lstsq(np.concatenate([terms * weight[:, None], small]),
                           np.append(y * weight, np.zeros(len(small))), rcond=None)[0]


def _sheet(terms, square):
    """Forms (k, terms) to begin with: flat, across the directions in which the sum of squares (n,)
    rises most."""
    found = _quadratic(terms, square, 1 / (1 + square))
    dim = _dim(len(found))
    rises = np.zeros((dim, dim))
    rises[np.triu_indices(dim)] = found[1 + dim:]
    value, axes = np.linalg.eigh((rises + rises.T) / 2)
    value = np.maximum(value, 1e-3 * max(value.max(), TINY))
    lowest = -0.5 * axes @ (axes.T @ found[1:1 + dim] / value)
    lowest /= max(1.0, np.sqrt((lowest ** 2).mean()))   # no farther than most of the points
    forms = np.zeros((FORMS, len(found)))
    for form, k in zip(forms, range(dim)[::-1], strict=False):
        form[1:1 + dim] = np.sqrt(value[k]) * axes[:, k]
        form[0] = -form[1:1 + dim] @ lowest
    return forms


def _shell(sheet, terms, square):
    """Forms (k, terms) to begin with: one that is 0 on a closed sheet around the middle, and hardly
    anything of what a flat `sheet` has."""
    forms, root = 0.1 * sheet, np.sqrt(square)
    dim = _dim(terms.shape[1])
    far = (terms[:, 1:1 + dim] ** 2).sum(axis=1)
    sign = np.where(far > np.median(far[square <= max(1.0, np.median(square))]), 1.0, -1.0)
    for _ in range(3):  # what is nearer to the middle is below 0
        forms[0] = _quadratic(terms, sign * root, 1 / (1 + square))
        sign = np.sign(terms @ forms[0])
    return forms


def _fitted(forms, terms, log, least):
    """What is left to gain, and the forms (k, terms) that describe the logarithm (n,) best."""
    shape, stiff, damping = forms.shape, _stiff(forms.shape[0], terms.shape[1]), 1.0
    forms = forms + 0.01 * np.resize([1.0, -1.0, 0.5], shape)   # not all of them alike

    def loss_of(forms):
        error = _log(terms @ forms.T, least) - log
        return (2 * huber(HUGE, error).sum() / ERROR ** 2
                + (stiff * forms.ravel() ** 2).sum())

    loss = loss_of(forms)
    for _ in range(STEPS):
        value = terms @ forms.T
        error, slope = _log(value, least) - log, _slope(terms, value, least)
        weighed = slope / np.maximum(np.abs(error) / HUGE, 1.0)[:, None] / ERROR ** 2
        matrix, way = weighed.T @ slope, weighed.T @ error + stiff * forms.ravel()
        matrix.flat[::len(matrix) + 1] += stiff
        before = loss
        for _ in range(TRIES):
            step = matrix.copy()
            step.flat[::len(matrix) + 1] *= 1 + damping
            try:
                new = forms - cho_solve(cho_factor(step, lower=True), way).reshape(shape)
            except LinAlgError:
                new = forms
            if (its := loss_of(new)) < loss:
                forms, loss, damping = new, its, max(damping / 5, 1e-6)
                break
            damping *= 4
        if before - loss < GAIN * before:
            break
    return loss, forms


def _stiff(n, terms):
    """Weights (n terms,) of the squares of constants, slopes and curvatures: none is huge."""
    dim = _dim(terms)
    each = np.repeat(1 / np.square(SMALL), [1, dim, terms - 1 - dim])
    return np.tile(each, n)


def _root(terms, forms, log, least):
    """Of the inverse covariance of the forms; None where rounding leaves none."""
    value = terms @ forms.T
    error = max(np.sqrt(np.minimum((_log(value, least) - log) ** 2, HUGE).mean()), SURE)
    slope = _slope(terms, value, least)
    matrix = slope.T @ slope / error ** 2
    matrix.flat[::len(matrix) + 1] += _stiff(*forms.shape)
    try:
        return cho_factor(matrix, lower=True)[0]
    except LinAlgError:
        return None
