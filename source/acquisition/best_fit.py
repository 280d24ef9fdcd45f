"""The best fit: optimisers on the calculation itself, from several good points far apart.

The simplex of J. A. Nelder and R. Mead (Comput. J. 7 (1965) 308; for many parameters as in F. Gao
and L. Han, Comput. Optim. Appl. 51 (2012) 259) of SciPy needs no slopes, and lives with points
that fail. It works in coordinates in which the best points known have unit spread: valleys of
chi2 are narrow and end at limits, so that in the parameters themselves it stops early. Whole
numbers and choices are moved by differential evolution before, and are then left as they are.
Several searches race: the more of the budget is used, the fewer of them go on, the lowest first.
Nothing of it is kept: with the same answers it asks the same again.
"""

from functools import partial

import numpy as np
from scipy.optimize import differential_evolution, minimize

from .axes import principal_axes
from .clusters import leaders
from .questions import Questions

COST = 21           # evaluations of one search, for each parameter
MOST = 8            # searches at the same time
STARTS = 50         # of all: as long as there is budget, another one begins where one has ended
AXES = 6            # points for each parameter whose spread gives the axes: those nearest to the
NEAR = 3            # start, of so many times more that are the best
APART = 0.1         # of the diagonal of the box: distance between two starts
PLAIN = 0.05        # of the box: first step where too few points are known
FIRST = 0.7         # of the spread: the first simplex
LAST = 0.01         # and the last one,
FLAT = 2e-3         # in which chi2 differs by so much
WALL = 1e-6         # of the box: the optimiser stays so far inside, as an end may be no physics
TOP = 2.0           # times the largest chi2 of the points for the axes, above the best: worse
# points, and those that failed or break a hard limit, count as so much
MEMBERS = 3         # of differential evolution, for each parameter
FEWEST = 5          # and at least; SciPy takes no fewer
EVOLVING = 0.6      # of the budget, at most


class BestFit:
    """Asks for the points of all searches until the budget is used, or none is at work.

    Parameters
    ----------
    points : Points
        What is known before.
    box : Box
    budget : int
        Points that it may ask for.
    """

    origin = "refine"

    def __init__(self, points, box, budget):
        self.box, self.budget, self.left = box, int(budget), int(budget)
        self._seen, self.begun, self.again = 0, [], False
        self.known: dict[bytes, float] = {}
        self.searches: list[_Search] = []
        self.most = int(np.clip(budget // (COST * box.dim), 1, MOST))
        self._look_at(points)
        self.fixed = np.array(box.counts) > 0
        self.reserve = 0
        if self.starts and self.fixed.any():
            self._evolve(_best_distinct(points, max(MEMBERS * box.dim, FEWEST)))

    def ask(self, points):
        """The points (m, dim) to evaluate next, unit box; none at the end.

        Parameters
        ----------
        points : Points
            All that are evaluated; those asked for last are among them.
        """
        self._learn(points)
        while self.left > 0:
            self._begin(points)
            if not self.searches:
                break
            ahead = sorted(self.searches, key=lambda search: search.lowest)[:self._at_once()]
            new = self._unknown(ahead)[:self.left]
            if len(new):
                self.left -= len(new)
                return new
            for search in ahead:
                search.answer([self.known.get(key, np.nan) for key in self._keys(search.asked)])
            self.searches = [search for search in self.searches if search.asked is not None]
        self.close()
        return np.empty((0, self.box.dim))

    def close(self):
        """End all searches."""
        for search in self.searches:
            search.close()
        self.searches, self.left = [], 0

    def _evolve(self, population):
        """Begin differential evolution of points (n, dim), where they are enough."""
        if len(population) >= FEWEST:
            self.reserve = 0 if self.fixed.all() else int((1 - EVOLVING) * self.budget)
            self.searches.append(_Search(partial(evolve, population)))

    def _at_once(self):
        """Searches that go on now: fewer and fewer, one at the end."""
        return -(-self.most * self.left // self.budget)

    def _begin(self, points):
        """Have as many searches at work as may be; that of whole numbers comes by itself."""
        if self.reserve and (self.left <= self.reserve or not self.searches):
            for search in self.searches:
                search.close()
            self.searches, self.reserve = [], 0
            self._look_at(points)
        if self.reserve or self.fixed.all():
            return
        while (len(self.searches) < self._at_once()
               and (start := self._start(points)) is not None):
            search = _Search(partial(descend, points.u, _allowed_chi2(points), start,
                                     ~self.fixed))
            self.searches += [search] if search.asked is not None else []

    def _start(self, points):
        """Where the next search begins: at the best point where that is new, else far from the
        others; None when there is no such place."""
        order = _order(points)
        if not len(order):
            return None
        best = points.u[order[0]]
        if self.begun and not any((best == u).all() for u in self.begun) and self.again:
            self.again = False
            self.begun.append(best)
            return best
        if not self.starts:
            return None
        self.again = True
        self.begun.append(points.u[self.starts.pop(0)])
        return self.begun[-1]

    def _look_at(self, points):
        self.starts = leaders(points.u, _order(points), APART * np.sqrt(self.box.dim), STARTS)

    def _learn(self, points):
        for x, value in zip(points.x[self._seen:], _allowed_chi2(points)[self._seen:],
                            strict=True):
            self.known.setdefault(x.tobytes(), value)
        self._seen = len(points)

    def _unknown(self, searches):
        """The points that these ask for and that are not known, once each; some may not be
        evaluated."""
        asked = np.concatenate([search.asked for search in searches])
        allowed = np.ones(len(asked), bool) if self.box.precut is None else \
            np.asarray(self.box.precut(asked), bool)
        new = {}
        for u, key, may in zip(asked, self._keys(asked), allowed, strict=True):
            if may and key not in self.known:
                new.setdefault(key, u)
        return np.reshape(list(new.values()), (-1, self.box.dim))

    def _keys(self, u):
        return [x.tobytes() for x in self.box.to_physical(u)]


class _Search(Questions):
    """An optimiser at work, with the lowest chi2 that it has met; one that has not begun is first.
    """

    lowest = -np.inf

    def answer(self, values):
        """As `Questions`; NaN where there is no chi2."""
        met = np.nan_to_num(values, nan=np.inf).min()
        self.lowest = met if np.isneginf(self.lowest) else min(self.lowest, met)
        super().answer(values)


def _allowed_chi2(points):
    """chi2 (n,); NaN of points that failed or break a hard limit."""
    return np.where(points.allowed & np.isfinite(points.chi2), points.chi2, np.nan)


def _order(points):
    """Rows of the allowed points, the best first."""
    chi2 = _allowed_chi2(points)
    return np.argsort(chi2, kind="stable")[:int(np.isfinite(chi2).sum())]


def _best_distinct(points, n):
    """The n best points (n, d), no two in the same place; after the allowed ones any others."""
    order = _order(points)
    order = np.concatenate([order, np.setdiff1d(np.arange(len(points)), order)])
    _, first = np.unique(points.u[order], axis=0, return_index=True)
    return points.u[order[np.sort(first)[:n]]]


def descend(u, chi2, start, free, ask):
    """A simplex from a point, in the coordinates of the points around it.

    Parameters
    ----------
    u : float array (n, d)
        Known points, unit box.
    chi2 : float array (n,)
        NaN where there is none.
    start : float array (d,)
    free : bool array (d,)
        What is moved.
    ask : callable u (m, d) -> chi2 (m,)
    """
    axes, top = _axes(u, chi2, start, free)

    def value(z):
        at = start.copy()
        at[free] = np.clip(start[free] + axes @ z, WALL, 1 - WALL)
        height, = ask(at[None])
        return min(height, top) if np.isfinite(height) else top

    d = len(axes)
    minimize(value, np.zeros(d), method="Nelder-Mead", options={
        "initial_simplex": np.concatenate([np.zeros((1, d)), FIRST * np.eye(d)]),
        "adaptive": True, "xatol": LAST, "fatol": FLAT, "maxiter": 10**6, "maxfev": 10**6})


def _axes(u, chi2, start, free):
    """Directions (d, d) as columns, each as long as the spread of the best points there; and the
    chi2 that worse points count as."""
    order = np.argsort(chi2, kind="stable")[:int(np.isfinite(chi2).sum())]
    n = AXES * len(start)
    best = order[:NEAR * n]
    rows = best[np.argsort(((u[best] - start) ** 2).sum(axis=1), kind="stable")[:n]]
    d = int(free.sum())
    least = chi2[order[0]]
    top = least + TOP * max(float(chi2[rows].max()) - least, 1e-3)
    if len(rows) <= 2 * d:
        return PLAIN * np.eye(d), top
    axes, spread = principal_axes(u[rows][:, free], (LAST * PLAIN) ** 2)
    return axes * spread, top


def evolve(population, ask):
    """Differential evolution of points (n, d), for whole numbers and choices."""
    def value(columns):
        return np.nan_to_num(ask(columns.T), nan=np.inf)

    differential_evolution(value, [(0.0, 1.0)] * population.shape[1], init=population,
                           vectorized=True, updating="deferred", polish=False, rng=1,
                           strategy="best1bin", tol=0.0, atol=0.0, maxiter=1000)
