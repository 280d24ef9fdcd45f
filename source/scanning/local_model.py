"""What is known around a point: how chi2 goes on, and where each limit is.

A thin part of a target between hard limits is met by few points, and a model of the whole box does
not resolve it. Here all is learned from the points nearest to one of them, in coordinates in which
the good ones have unit spread: chi2 as a quadratic form and a Gaussian process of what it leaves,
and each kind of failure on its own, as a quadratic form of the log odds. A corner of two limits is
no smooth form; two limits are.
"""

import numpy as np

from ..acquisition.axes import principal_axes
from ..acquisition.gaussian_process import GaussianProcess

GOOD = 6            # good points for each parameter, whose spread gives the coordinates
LEARNED = 300       # points from which chi2 is learned,
PER_LIMIT = 4       # times as many from which the limits are,
DEEP = 40.0         # and delta chi2 of the former, at most
FLAT = 5.0          # learned is log(1 + delta chi2 / FLAT)
RIDGE = 1e-3        # keeps terms small that few points tell
THIN = 1e-9         # least variance of a coordinate, in the unit box
FIRM = 10000.0        # inverse strength of what keeps the forms of limits small (`C`)
FEWEST = 2          # failures of a kind
STEPS = 40          # of a search
HARD_LIMIT = "hard limit"


def broken(points):
    """What each point breaks, str (n,): '' for an allowed one, the status of a failure, or 'hard
    limit'."""
    kind = np.where(points.ok, HARD_LIMIT, points.status.astype(str))
    return np.where(points.allowed, "", kind)


class LocalModel:
    """chi2 and limits around a point.

    Parameters
    ----------
    u : float array (n, d)
        All evaluated points, unit box.
    delta : float array (n,)
        chi2 above the best one, of all points that have one, also of those that break something;
        NaN of others.
    breaks : str array (n,)
        As `broken` gives it.
    good : int array (m,)
        Rows of the points in the target.
    base : int
        Row of the point around which it is.
    rng : numpy.random.Generator
    theta : float array or None
        Lengths of the process of an earlier one.

    Attributes
    ----------
    near : int array (k,)
        Rows of the points nearest to it, the nearest first.
    """

    def __init__(self, u, delta, breaks, good, base, rng, theta=None):
        self.base = u[base]
        self._coordinates(u[good])
        z = self.to_local(u)
        far = (z**2).sum(axis=1)
        order = np.argsort(far, kind="stable")
        learned = order[np.isfinite(delta[order]) & (delta[order] < DEEP)][:LEARNED]
        self._learn_chi2(z[learned], delta[learned], far[learned], rng, theta)
        self.near = order[:PER_LIMIT * LEARNED]
        self._learn_limits(z[self.near], breaks[self.near], far[self.near])

    def _coordinates(self, good):
        """Those in which the good points (m, d) around the base have unit spread."""
        self.white = np.eye(len(self.base))
        for n in (2 * GOOD, GOOD):
            far = (self.to_local(good)**2).sum(axis=1)
            near = good[np.argsort(far, kind="stable")[:n * len(self.base)]]
            axes, spread = principal_axes(near, THIN)
            self.white = axes / spread
        self.back = np.linalg.inv(self.white)

    def to_local(self, u):
        """Coordinates (..., d) of points u (..., d), in spreads of the good points."""
        return (u - self.base) @ self.white

    def _learn_chi2(self, z, delta, far, rng, theta):
        y = np.log1p(np.maximum(delta, 0.0) / FLAT)
        weight = np.exp(-0.5 * far / max(np.median(far), 1e-12))
        columns = terms(z)
        keep = np.diag(np.r_[0.0, np.full(columns.shape[1] - 1, RIDGE)]) + 1e-12
        weighted = columns * weight[:, None]
        self.form = np.linalg.solve(weighted.T @ columns + keep, weighted.T @ y)
        self.process = GaussianProcess(z.shape[1], LEARNED, theta=theta).fit(
            z, y - columns @ self.form, rng, fresh=theta is None)

    def _learn_limits(self, z, breaks, far):
        from sklearn.linear_model import LogisticRegression  # slow to import

        self.unit, self.limits = max(float(np.sqrt(np.median(far))), 1e-6), []
        weight, columns = 1 / (1 + 4 * far / self.unit**2), terms(z / self.unit)
        for kind in sorted(set(breaks) - {""}):
            rows = np.flatnonzero((breaks == kind) | (breaks == ""))
            fails = breaks[rows] == kind
            if fails.sum() >= FEWEST and not fails.all():
                found = LogisticRegression(C=FIRM, tol=1e-3, max_iter=5000).fit(
                    columns[rows, 1:], ~fails, sample_weight=weight[rows] / weight[rows].mean())
                self.limits.append(np.r_[found.intercept_, found.coef_[0]])

    def delta(self, u):
        """Predicted chi2 (...,) of points u (..., d) above the best one."""
        z = self.to_local(u).reshape(-1, len(self.base))
        log = terms(z) @ self.form + self.process.mean(z)
        return FLAT * np.expm1(np.clip(log, 0.0, 6.0)).reshape(u.shape[:-1])

    def margin(self, u):
        """Log odds (...,) to keep that limit which is most probably broken at u (..., d); inf
        where none is known."""
        if not self.limits:
            return np.full(u.shape[:-1], np.inf)
        z = self.to_local(u).reshape(-1, len(self.base)) / self.unit
        return (terms(z) @ np.array(self.limits).T).min(axis=1).reshape(u.shape[:-1])


def terms(z):
    """1, all coordinates of z (n, d) and their products, (n, 1 + d + d (d + 1) / 2)."""
    a, b = np.triu_indices(z.shape[1])
    return np.column_stack([np.ones(len(z)), z, z[:, a] * z[:, b]])


def searched(u, cost, put, rng):
    """Differential evolution, of several populations side by side.

    Parameters
    ----------
    u : float array (m, k, d)
        m populations of k points, unit box; what would leave the box stays where it was.
    cost : callable (m, k, d) -> (m, k)
    put : callable (m, k, d) -> (m, k, d)
        Moves points to where they may be.
    rng : numpy.random.Generator

    Returns
    -------
    u : float array (m, d)
        The best of each.
    """
    u = put(u.copy())
    height = cost(u)
    rows = np.arange(len(u))
    for _ in range(STEPS):
        a, b = rng.integers(u.shape[1], size=(2, *u.shape[:2]))
        best = u[rows, height.argmin(axis=1)][:, None]
        step = 0.7 * rng.random((*u.shape[:2], 1))
        new = u + step * (best - u) + 0.7 * rng.random((*u.shape[:2], 1)) * (
            u[rows[:, None], a] - u[rows[:, None], b])
        new = put(np.where((new < 0) | (new > 1), u, new))
        now = cost(new)
        better = now < height
        u[better], height[better] = new[better], now[better]
    return u[rows, height.argmin(axis=1)]
