"""Points where a contour of the profile likelihood is least certain: a model proposes them.

For each place near the contour the other parameters are sought that make chi2 smallest, with a
quadratic form and a Gaussian process of what it leaves, learned from the points near the contour in
coordinates in which those have unit spread.
What it finds is evaluated, and only that enters a profile. A part of the points goes beyond edges
to which chi2 does not rise.
"""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ..acquisition.choice import farthest
from ..acquisition.gaussian_process import GaussianProcess
from ..models.failures import Failures
from ..models.threads import one_thread
from ..statistics.profiles import CONFIDENCE, level, make_profile
from .ends import Ends
from .local_model import FLAT, searched, terms
from .progress import LOG
from .walls import Walls

BATCH = 50          # points asked for at a time, at most;
ROUNDS = {1: 10, 2: 5}      # so often at least, by the number of columns, but for fewer than
FEWEST = 10         # at a time
DEEP = 20.0         # delta chi2 of the points that are learned from
LEARNED = 700       # so many of them
AROUND = 0.5        # of sqrt(delta chi2), inside and outside of the contour: where points are asked
LIKE = 24           # best points near a place, from which the search for it begins
WARY = 4.0          # spreads above the prediction: a mean alone leads to where nobody has been
NEIGHBOURS = 12     # whose spread gives the axes,
THIN = 1e-4         # none of which has a variance smaller than this part of the largest
CELLS = 30          # along each side of the window: the best points of each are learned from
FAILING = 15.0      # delta chi2 of what will probably fail
PULL = 400.0        # of an observable that is not where it should be: chi2 for a unit of the window


class Contours:
    """Asks for points near the 95.4 % contour of two columns, or the ends of one.

    Parameters
    ----------
    points : Points
    box : Box
    budget : int
    names : sequence of str
        Parameters or observables.
    column : callable (name, ids (n,)) -> (n,)
        Values of an observable of evaluated points.
    seed : int
    """

    origin = "contour"

    def __init__(self, points, box, budget, names, column, seed):
        self.box, self.left, self.names, self.column = box, int(budget), tuple(names), column
        self.size = int(np.clip(budget // ROUNDS[len(self.names)], FEWEST, BATCH))
        self.rng = np.random.default_rng([seed, len(points)])
        scanned = [p.name for p in box.parameters if p.prior.free]
        self.fixed = [scanned.index(name) if name in scanned else None for name in self.names]
        self.theta: Any = None
        self.walls = Walls(self.rng, self.fixed)
        self.ends = Ends(np.random.default_rng([seed, len(points), 1]), len(self.names))

    def ask(self, points):
        """The points (m, dim) to evaluate next, unit box; none at the end."""
        with one_thread():
            return self._next(points)

    def _next(self, points):
        n = min(self.size, self.left)
        if n < 1 or not points.allowed.any():
            return np.empty((0, self.box.dim))
        chi2 = np.where(points.allowed & np.isfinite(points.chi2), points.chi2, np.nan)
        at = self._places(points)
        profile = make_profile(at, chi2, *self._range(at, chi2))
        low, wide = self._window(profile)
        ends = self.ends.beyond(n, points, (at - low) / wide, profile.whole)
        beyond = self._beyond_walls(n, points, at, profile)[:max(0, n - 1 - len(ends))]
        # the best point, too: delta chi2 counts from it
        targets = np.concatenate([np.full((1, at.shape[1]), np.nan),
                                  self._targets(profile, at, chi2, n)])
        targets = targets[:n - len(beyond) - len(ends)]
        u = np.concatenate([self._lowest(points, chi2, at, targets, profile), ends, beyond])
        u = u if self.box.snap is None else self.box.snap(u)
        new = np.asarray(self._new(u, points), int)
        self.walls.asked(new >= len(targets) + len(ends))
        self.left = self.left - len(new) if len(new) else 0
        return u[new]

    def close(self):
        """Nothing is open; it is told what more points would change."""
        if moving := self.ends.moving():
            LOG.info("Where these intervals end is not settled, they may become wider: %s. "
                     "The same command goes on.", ", ".join(self.names[k] for k in moving))

    def _beyond_walls(self, n, points, at, profile):
        low, wide = self._window(profile)
        return self.walls.beyond(n, points, (at - low) / wide, profile,
                                 *((profile.places(part) - low) / wide
                                   for part in (profile.abrupt(), profile.edge())))

    def _places(self, points):
        """(n, k) columns: parameters in the unit box, observables as they are."""
        return np.column_stack([
            points.u[:, i] if i is not None else self._values(name, points)
            for name, i in zip(self.names, self.fixed, strict=True)])

    def _values(self, name, points):
        if name in self.box.names:
            return points.x[:, self.box.names.index(name)]
        return self.column(name, points.id)

    def _range(self, at, chi2):
        """Ends (2, k): the unit interval, or what the points span."""
        known = at[np.isfinite(chi2) & np.isfinite(at).all(axis=1)]
        free = np.array([i is not None for i in self.fixed])
        return (np.where(free, 0.0, known.min(axis=0) - 1e-9),
                np.where(free, 1.0, known.max(axis=0) + 1e-9))

    def _targets(self, profile, at, chi2, n):
        """Places (n, k) near the contour: where halves of the points differ first, and apart from
        each other and from the points that are nearly as good as the profile there."""
        edge = np.sqrt(level(CONFIDENCE[1], profile.dimensions))
        root = np.sqrt(profile.delta)
        halves = np.abs(np.sqrt(profile.halves[0]) - np.sqrt(profile.halves[1]))
        near = (np.abs(root - edge) < AROUND) | profile.unsettled(CONFIDENCE[1])
        near = near if near.any() else ~near
        grid = profile.places(near)
        low, wide = self._window(profile)
        scaled = (grid - low) / wide
        drawn = self.rng.choice(len(grid), min(len(grid), 4000), replace=False,
                                p=_shares(0.1 + np.minimum(halves[near], 1.0)))
        known = self._on_profile(profile, at, chi2, root)
        gap = cKDTree((known - low) / wide).query(scaled[drawn])[0] if len(known) else \
            np.full(len(drawn), np.inf)
        return grid[drawn[farthest(scaled[drawn], np.minimum(gap, 9.0), n)]]

    def _on_profile(self, profile, at, chi2, root):
        """Places of the points that are hardly above the profile at their node."""
        delta = chi2 - np.nanmin(chi2)
        rows = np.flatnonzero((delta < DEEP) & np.isfinite(at).all(axis=1))
        inside = [(at[rows, k] >= a[0]) & (at[rows, k] <= a[-1])
                  for k, a in enumerate(profile.nodes)]
        rows = rows[np.all(inside, axis=0)]
        cell = tuple(np.clip(np.searchsorted(a, at[rows, k]), 0, len(a) - 1)
                     for k, a in enumerate(profile.nodes))
        return at[rows[np.sqrt(delta[rows]) < root[cell] + 0.05]]

    @staticmethod
    def _window(profile):
        low = np.array([a[0] for a in profile.nodes])
        return low, np.array([a[-1] for a in profile.nodes]) - low

    def _lowest(self, points, chi2, at, targets, profile):
        """For each target (m, k) the point (m, dim) with the smallest predicted chi2; NaN:
        anywhere."""
        delta = chi2 - np.nanmin(chi2)
        least = min(4 * self.box.dim, int(np.isfinite(delta).sum()))
        order = np.argsort(delta, kind="stable")[:max(least, int((delta < DEEP).sum()))]
        order = order[np.isfinite(at[order]).all(axis=1)]
        low, wide = self._window(profile)
        place = (at - low) / wide
        cost = self._cost(points, delta, place, order, (targets - low) / wide)
        around = np.where(np.isnan(targets), at[order[0]], targets)
        near = cKDTree(place[order])
        first = points.u[order]
        k = min(LIKE, len(order))
        # the nearest ones, each counted farther the worse it is
        wide_k = min(len(order), 8 * k)
        gap, rows = near.query((around - low) / wide, wide_k)
        gap, rows = gap.reshape(len(targets), -1), rows.reshape(len(targets), -1)
        best = np.argsort(gap**2 * PULL + delta[order][rows], axis=1)[:, :k]
        u = first[np.take_along_axis(rows, best, axis=1)]
        return searched(u, cost, self._put(targets), self.rng)

    def _put(self, targets):
        """The function that puts points u (m, k, dim) at targets that are parameters."""
        def put(u):
            for j, i in enumerate(self.fixed):
                if i is not None:
                    u[..., i] = np.where(np.isnan(targets[:, j, None]), u[..., i],
                                         np.clip(targets[:, j, None], 0.0, 1.0))
            return u
        return put

    def _cost(self, points, delta, place, order, targets):
        """The function u (m, k, dim) -> predicted delta chi2 (m, k), larger where it may fail or
        an observable is elsewhere."""
        rows = self._learned(place, delta, order)
        mean, white = _whitened(points.u[rows])
        rows = np.concatenate([rows, self._beyond((points.u - mean) @ white, delta, rows)])
        u = points.u[rows]
        form = _quadratic((u - mean) @ white, delta[rows])
        process = GaussianProcess(self.box.dim, LEARNED, theta=self.theta).fit(
            (u - mean) @ white, np.log1p(delta[rows] / FLAT) - form((u - mean) @ white), self.rng,
            fresh=self.theta is None)
        self.theta = process.theta
        fails = Failures.learn(points.u, points.allowed, 1)
        others = {j: GaussianProcess(self.box.dim, LEARNED).fit(
            (u - mean) @ white, place[rows, j], self.rng, fresh=True)
            for j, i in enumerate(self.fixed) if i is None}

        def cost(at):
            flat = at.reshape(-1, self.box.dim)
            z = (flat - mean) @ white
            log = form(z) + process.mean(z) + WARY * process.spread(z)
            total = FLAT * np.expm1(np.minimum(log, 9.0))
            if fails is not None:
                total = total + FAILING * (fails.probability(flat) < 0.5)
            if self.box.precut is not None:
                total = total + 100 * FAILING * ~np.asarray(self.box.precut(flat), bool)
            for j, other in others.items():
                gap = other.mean(z) - np.repeat(targets[:, j], at.shape[1])
                total = total + PULL * np.nan_to_num(gap) ** 2
            return total.reshape(at.shape[:2])
        return cost

    def _learned(self, place, delta, order):
        """Rows to learn from: half the best of each cell of the plane, half drawn, all of them
        among the good ones."""
        _, cell = np.unique(np.floor(place[order] * CELLS).astype(int), axis=0,
                            return_inverse=True)
        seen = np.zeros(len(order), int)    # better points of the same cell
        by_cell = np.argsort(cell.ravel(), kind="stable")
        first = np.concatenate([[True], np.diff(cell.ravel()[by_cell]) != 0])
        seen[by_cell] = np.arange(len(order)) - np.flatnonzero(first)[np.cumsum(first) - 1]
        best = np.argsort(seen, kind="stable")[:LEARNED // 2]
        rest = np.setdiff1d(np.arange(len(order)), best)
        drawn = self.rng.permutation(rest)[:LEARNED // 4]
        return order[np.concatenate([best, drawn])]

    def _beyond(self, z, delta, rows):
        """Worse points, those nearest to the ones learned from: what a model must know to stay."""
        worse = np.flatnonzero((delta >= DEEP) & np.isfinite(delta))
        if not len(worse):
            return worse
        gap = cKDTree(z[rows]).query(z[worse])[0]
        return worse[np.argsort(gap, kind="stable")[:LEARNED - len(rows)]]

    def _new(self, u, points):
        """Rows of u (m, dim) that are not evaluated, and may be."""
        allowed = np.ones(len(u), bool) if self.box.precut is None else \
            np.asarray(self.box.precut(u), bool)
        known = {x.tobytes() for x in points.x}
        found = []
        for i, x in enumerate(self.box.to_physical(u)):
            if allowed[i] and x.tobytes() not in known:
                known.add(x.tobytes())
                found.append(i)
        return found


def _whitened(u):
    """Middle (d,) and axes (d, d) in which the points u (n, d) have unit spread, locally: that of
    each about its neighbours, as a valley may be curved."""
    white, d = np.eye(u.shape[1]), u.shape[1]
    for _ in range(2 if len(u) > 2 else 0):
        near = u[cKDTree(u @ white).query(u @ white, min(len(u), NEIGHBOURS))[1]]
        apart = (near - near.mean(axis=1, keepdims=True)).reshape(-1, d)
        values, axes = np.linalg.eigh(apart.T @ apart / len(apart))
        values = np.maximum(values, max(THIN * values[-1], 1e-12))
        white = axes / np.sqrt(values) / 8      # most of it within a unit or so
    return u.mean(axis=0), white


def _quadratic(z, delta):
    """Function (n, d) -> (n,): log(1 + delta chi2 / FLAT) of the quadratic form that fits the good
    ones of the points z (n, d) best; 0 where they are too few to tell it.

    chi2 is nearly one near its minimum, and then hardly anything is left to be learned.
    """
    good = delta < DEEP
    columns = terms(z[good])
    if len(columns) < 2 * columns.shape[1]:
        return lambda z: np.zeros(len(z))
    weights = np.linalg.lstsq(columns, delta[good], rcond=1e-10)[0]
    return lambda z: np.log1p(np.clip(terms(z) @ weights, 0.0, 10 * DEEP) / FLAT)


def _shares(weight):
    return weight / weight.sum()
