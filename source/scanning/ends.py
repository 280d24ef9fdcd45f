"""The ends of intervals: points as far out along a column as chi2 allows.

An end may lie in a corner that becomes narrower and narrower, as beside a resonance. Points that
are asked for elsewhere do not meet it, and as a half of them has the same wrong end as all, nothing
tells so. Here it is tried to go on from the outermost point of the interval, by steps that become
longer where they lead farther and shorter where they do not.
"""

from typing import NamedTuple

import numpy as np

from ..statistics.profiles import CONFIDENCE, level
from .local_model import DEEP, LocalModel, broken
from .outward import outward, slope_of

SHARE = {1: 0.5, 2: 0.15}   # of the points of a batch, by the number of columns
REACH = np.array([[4.0], [2.4], [1.4], [0.8], [0.4]])   # spreads of the good points: how far the
                    # points for an end go, at most, to begin with;
SLACK = np.array([[0.5], [0.2], [0.5], [0.2], [0.1]])   # chi2 by which they should be better than
                    # the edge,
MARGIN = np.array([[0.5], [0.0], [0.5], [0.0], [0.5]])  # and log odds to keep limits
LONGER, SHORTER = 1.6, 0.5      # factors of the reach where an end moved, and where not,
LONGEST, SHORTEST = 4.0, 0.02   # times the first one; an end that is left at the shortest has none
GAIN = 1e-4         # of the window, that counts as having moved
SETTLED = 0.2       # times the first reach: an end that has a longer one to the last may move
STEEP = "steep"     # a limit like others: chi2 above what is learned of it


class End(NamedTuple):
    """One end of the interval of a column, at one level.

    Attributes
    ----------
    column : int
    side : int
        -1 or 1.
    top : float
        Delta chi2 of the edge.
    """

    column: int
    side: int
    top: float


class Ends:
    """Goes on from the ends of the 95.4 % interval of each column, and of a region of two.

    Parameters
    ----------
    rng : numpy.random.Generator
    columns : int
    """

    def __init__(self, rng, columns):
        self.rng, self._was = rng, dict[End, float]()
        self._open: list[End] = []      # those that may lie farther out,
        self._asked: list[End] = []     # and those of them for which points were asked last
        self._reach = {End(j, side, level(CONFIDENCE[1], k)): 1.0 for k in sorted({1, columns})
                       for j in range(columns) for side in (1, -1)}

    def beyond(self, n, points, place, whole):
        """Points (m, dim), unit box, for a share of a batch of n.

        Parameters
        ----------
        points : Points
            All evaluated ones.
        place : float array (n, k)
            Their places in the window, which is of size one.
        whole : sequence of (bool, bool)
            Of each column, whether the window ends where its range does.
        """
        delta = points.chi2 - points.best()
        known = points.allowed & np.isfinite(delta) & np.isfinite(place).all(axis=1)
        within = {end: np.flatnonzero(known & (delta < end.top)) for end in self._reach}
        self._open = [end for end, rows in within.items() if len(rows) > 2 * points.dim
                      and self._goes_on(end, place[rows, end.column], whole[end.column])]
        ends = sorted(self._open, key=self._reach.__getitem__)[::-1]
        self._asked = ends = ends[:int(SHARE[place.shape[1]] * n) // len(REACH)]
        breaks = broken(points)
        breaks = np.where((breaks == "") & (delta >= DEEP), STEEP, breaks)
        return np.concatenate([np.empty((0, points.dim)), *(
            self._farther(end, points.u, place, delta, breaks, within[end]) for end in ends)])

    def _goes_on(self, end, place, whole):
        """Whether the end of what is at these places (m,) may lie farther out, by its record."""
        at, border = float((end.side * place).max()), max(end.side, 0)
        if end in self._asked:
            factor = LONGER if at - self._was[end] > GAIN else SHORTER
            self._reach[end] = min(self._reach[end] * factor, LONGEST)
        self._was[end] = at
        return self._reach[end] >= SHORTEST and not (whole[border] and at > border - 1e-9)

    def moving(self):
        """Numbers of the columns with an end that was not tried in vain often enough."""
        return sorted({end.column for end in self._open if self._reach[end] > SETTLED})

    def _farther(self, end, u, place, delta, breaks, within):
        """Points (m, dim) that may be farther out than all of those within the level."""
        base = within[np.argmax(end.side * place[within, end.column])]
        model, out = LocalModel(u, delta, breaks, within, base, self.rng), np.zeros(place.shape[1])
        out[end.column] = end.side
        return outward(model, slope_of(model, u, place, out), self._reach[end] * REACH,
                       end.top - SLACK, MARGIN, self.rng)
