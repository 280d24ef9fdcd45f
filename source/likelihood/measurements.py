"""Measurements as they are published: counts, limits with an expectation, tables, correlations."""

import numpy as np
from scipy.special import log_ndtr, ndtri, xlogy

from ..errors import InputError
from .constraints import Constraint
from .curves import Curve, csv_numbers

BISECTIONS = 60     # of an interval of some ten standard deviations: to rounding


class Asymmetric(Constraint):
    """A measured value with another error below than above, as a Gaussian of variable variance.

    chi2 = d^2 / (s- s+ + (s+ - s-) d), d = x - value: R. Barlow, physics/0406120, "variable
    Gaussian (2)"; 1 at both published errors. Theory is added to each of them in quadrature. The
    formula has a pole on the side of the smaller error: beyond that error the variance
    stays that of this side.
    """

    def soft(self, table):
        """See the class."""
        below, above = self.entry.widths
        d = table[self.name] - self.entry.value
        variance = below * above + (above - below) * d
        return d**2 / np.maximum(variance, min(below, above) ** 2)


class Counts(Constraint):
    """Events seen over a known background; the number is the events expected of the signal.

    chi2 = 2 (m - n + n ln(n/m)), m = signal + background: S. Baker and R. D. Cousins, Nucl.
    Instrum. Meth. 221 (1984) 437. With an uncertainty of the background, that which fits best (and
    is not negative) is taken, and ((b - background)/uncertainty)^2 added: the minimum solves a
    quadratic equation.
    """

    def soft(self, table):
        """See the class; infinite where nothing is expected and something seen."""
        n, (background, width), signal = self.entry.counts, self.entry.background, table[self.name]
        m, pull = signal + background, 0.0
        if width > 0:
            half = (m - width**2) / 2
            m = np.maximum(half + np.sqrt(half**2 + n * width**2), np.maximum(signal, 0.0))
            pull = ((m - signal - background) / width) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            shape = xlogy(n, n / m) if n else 0.0
            chi2 = np.maximum(2 * (m - n + shape), 0.0) + pull     # not -1e-16
            return np.where(m >= 0, chi2, np.where(np.isnan(m), m, np.inf))


class ExpectedLimit(Constraint):
    """An upper limit with the median one expected without a signal: half a Gaussian.

    The width s of the Gaussian follows from the expected limit, its middle from the observed one,
    both as CLs limits: Phi((limit - middle)/s) = 1 - (1 - confidence) Phi(middle/s), the expected
    one with middle 0 (A. Azatov et al., arXiv:1202.3415; G. Cowan et al., arXiv:1007.1727, with
    CLs). chi2 is their test statistic for limits (1007.1727, eq. 16): ((x - middle)/s)^2 above the
    middle, 0 below; minus (middle/s)^2 where the middle is negative, so that 0 is no worse than 0.
    """

    def __init__(self, entry, folder, curves=None):
        super().__init__(entry, folder, curves)
        self.limits = [Curve.find(limit, entry, folder, curves)
                       for limit in (entry.upper, entry.expected)]
        self.needs = entry.along

    def files(self):
        """Name of the CSV file -> curve."""
        return {name: limit for name, limit in zip((self.entry.upper, self.entry.expected),
                                                   self.limits, strict=True)
                if isinstance(limit, Curve)}

    def soft(self, table):
        """See the class; NaN outside of a curve becomes 0: there is no limit."""
        value = table[self.name]
        upper, expected = (
            limit(*(table[name] for name in self.needs)) if isinstance(limit, Curve)
            else np.full(len(value), limit) for limit in self.limits)
        alpha = 1 - self.entry.confidence
        with np.errstate(invalid="ignore", divide="ignore"):
            width = expected / -ndtri(alpha / 2)
            middle = _middle(upper / width, alpha)
            distance = np.maximum(value / width, 0.0)
            chi2 = np.where(distance > middle, (distance - middle) ** 2, 0.0)
            chi2 = np.maximum(chi2 - np.minimum(middle, 0.0) ** 2, 0.0)
        chi2 = np.where(np.isnan(upper) | np.isnan(expected), 0.0, chi2)
        return np.where(np.isnan(value), np.nan, chi2)


def _middle(limit, alpha):
    """Middles (n,) of Gaussians of width 1 whose CLs limits (n,) are these."""
    limit = np.asarray(limit, float)
    low, high = 2 * np.log(alpha) / limit - 10.0, limit
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        small = log_ndtr(middle - limit) < np.log(alpha) + log_ndtr(middle)
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    return (low + high) / 2


class Tabulated(Constraint):
    """A likelihood in a CSV file: a number (or two, on a grid), then chi2 or ln L.

    One dimension: monotone cubic interpolation (PCHIP). Two: linear along each axis. Outside, the
    curve goes on as the parabola that has its minimum where the table has it, along the straight
    line from there; where the minimum lies on that edge, with the value at the edge.
    """

    def __init__(self, entry, folder, curves=None):
        super().__init__(entry, folder, curves)
        self.needs = entry.along
        known = (curves or {}).get(entry.table)
        self.curve = known or self._read(folder)
        self.axes = [np.unique(column) for column in self.curve.points.T]
        order = np.lexsort(self.curve.points.T[::-1])
        chi2 = self.curve.limit[order].reshape([len(axis) for axis in self.axes])
        chi2 = -2 * (chi2 - chi2.max()) if entry.holds == "lnL" else chi2
        best = np.unravel_index(np.argmin(chi2), chi2.shape)
        self.least = float(chi2[best])
        self.best = np.array([axis[k] for axis, k in zip(self.axes, best, strict=True)])
        from scipy.interpolate import (  # a second that most commands do without
            PchipInterpolator,
            RegularGridInterpolator,
        )
        self.inside = PchipInterpolator(self.axes[0], chi2) if len(self.axes) == 1 else \
            RegularGridInterpolator(self.axes, chi2, bounds_error=False)

    def _read(self, folder):
        names, (file, rows) = (self.name, *self.needs), csv_numbers(
            self.entry.table, self.entry, folder)
        n = len(names)
        if rows.shape[1] != n + 1:
            raise InputError(f"observable {self.name!r}: {file} must have {n + 1} columns "
                             f"({', '.join(names)}, {self.entry.holds}).")
        sizes = [len(np.unique(column)) for column in rows[:, :-1].T]
        if min(sizes) < 2 or np.prod(sizes) != len(rows) \
                or len(np.unique(rows[:, :-1], axis=0)) != len(rows):
            what = "different numbers in its first column" if n == 1 else \
                "a full grid: each number of the first column once with each of the second"
            raise InputError(f"observable {self.name!r}: {file} must have {what}, 2 at least.")
        if not np.isfinite(rows).all():
            raise InputError(f"observable {self.name!r}: all numbers in {file} must be finite.")
        return Curve(rows[:, :-1], rows[:, -1], False)

    def files(self):
        """Name of the CSV file -> what it holds."""
        return {self.entry.table: self.curve}

    def soft(self, table):
        """See the class."""
        at = np.column_stack([table[name] for name in (self.name, *self.needs)])
        low, high = np.array([(axis[0], axis[-1]) for axis in self.axes]).T
        held = np.clip(at, low, high)
        away = at - self.best
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(held != at, (held - self.best) / away, 1.0).min(axis=1)
        share = np.where(np.isfinite(share), share, 1.0)
        edge = np.where(share[:, None] > 0, self.best + share[:, None] * away, held)
        edge = np.where(np.isnan(at), at, np.clip(edge, low, high))
        chi2 = self.inside(edge[:, 0] if len(self.axes) == 1 else edge)
        return self.least + (chi2 - self.least) / np.where(share > 0, share, 1.0) ** 2


class Correlated(Constraint):
    """Several measured values with one matrix: chi2 = r C^-1 r.

    C is sigma_i matrix_ij sigma_j, theory^2 on its diagonal, and t_i t_j for each theory
    uncertainty t that is shared. The last is what minimising over a common shift eta of all
    predictions, eta t_i, with eta^2 added to chi2, gives in closed form.
    """

    def __init__(self, entry, folder, curves=None):
        super().__init__(entry, folder, curves)
        self.needs = entry.members
        self.values, sigmas = np.array(entry.values), np.array(entry.sigmas)
        n = len(sigmas)
        matrix, self.curve = np.array(entry.matrix or np.eye(n), dtype=object), None
        if isinstance(entry.matrix, str):
            self.curve = (curves or {}).get(entry.matrix) or self._read(folder)
            matrix = self.curve.points
        matrix = check_matrix(np.asarray(matrix, float), n, f"observable {self.name!r}: matrix")
        matrix = sigmas[:, None] * matrix * sigmas
        matrix += np.diag(np.array(entry.theories or (0.0,) * n) ** 2)
        for shift in entry.shared:
            matrix += np.outer(shift, shift)
        self.inverse = np.linalg.inv(matrix)

    def _read(self, folder):
        _, rows = csv_numbers(self.entry.matrix, self.entry, folder, heading=False)
        return Curve(rows, np.zeros(len(rows)), False)

    @property
    def numbers(self):
        """Names of the measured numbers."""
        return self.needs

    def files(self):
        """Name of the CSV file -> what it holds."""
        return {self.entry.matrix: self.curve} if self.curve else {}

    def soft(self, table):
        """See the class."""
        r = np.column_stack([table[name] for name in self.needs]) - self.values
        return np.einsum("ij,jk,ik->i", r, self.inverse, r)

    def trouble(self, table, row):
        """Which of the numbers is not known."""
        return "".join(f" ({name} is not known)" for name in self.needs
                       if not np.isfinite(table[name][row]))[:200]


def check_matrix(matrix, n, what):
    """The correlation matrix (n, n); raises InputError beginning with `what` when it is none."""
    if matrix.shape != (n, n):
        shape = " x ".join(map(str, matrix.shape))
        raise InputError(f"{what} has {shape} numbers; expected {n} x {n}, one row and column for "
                         "each measurement.")
    if not np.isfinite(matrix).all() or not np.allclose(np.diag(matrix), 1, rtol=0, atol=1e-6):
        raise InputError(f"{what}: the diagonal must be 1 (it is the correlation matrix; the "
                         "errors stand in sigmas).")
    if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-6):
        i, j = np.argwhere(np.abs(matrix - matrix.T) > 1e-6)[0]
        raise InputError(f"{what} is not symmetric: {matrix[i, j]:g} in row {i + 1}, column "
                         f"{j + 1}, and {matrix[j, i]:g} the other way round. Correct one.")
    least = np.linalg.eigvalsh(matrix).min()
    if least < 1e-9:
        raise InputError(f"{what} is no correlation matrix: its smallest eigenvalue is "
                         f"{least:.3g}, expected above 0. Check its signs and rounded numbers.")
    return matrix
