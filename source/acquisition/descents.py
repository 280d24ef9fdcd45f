"""Descents: places that came near to the target, apart from its known parts, go down their valley.

A part that is as thin as a sheet is met by none that are drawn beside it. An image of a good point,
or a prospect, comes to lie in the valley that leads to it: a little above the target, on what looks
like a plateau to a model of all the box. Its own surroundings tell the way.
"""

import numpy as np

from . import slots
from .clusters import APART, gap_to, spacing, usual
from .generators import Generator
from .ridges import behind
from .searched import NEAR, THRICE
from .searches import is_stale
from .trust_region import along_valley

SHARE = 0.1         # of a batch, at most;
LASTING = 30        # points in vain after which it is a half; an iteration in which one came nearer
                    # to the target pays for so many
EACH = 5            # points of a place in a batch, about
IN_VAIN = 60        # points from a place since the best one, after which it is left alone
GAIN = 0.05         # of the height: what comes nearer by less does not count, unless it is good
CLOSE = 0.5         # times the way from its best point: nearer points to one that waits for
                    # evaluation are left out


class Descents(Generator):
    """Proposes points on the way down from places that came near.

    Parameters
    ----------
    precut : callable or None
    mirrors : Mirrors
        Knows images that came near.
    """

    kind = "descent"

    def __init__(self, precut, mirrors):
        super().__init__(precut)
        self.mirrors = mirrors

    def wanted(self, state, size):
        """See Generator; fewer with the points in vain, except those that lower ones paid for."""
        if state.rater.blind:
            return 0
        vain, points = 0, state.points
        mine = np.flatnonzero(points.origin == self.kind)
        gap = gap_to(points.u, state.good) if len(mine) else None
        for iteration in np.unique(points.iteration[mine]):
            rows = mine[points.iteration[mine] == iteration]
            lower = any(_is_lower(points, state.height, gap, row) for row in rows)
            vain = max(vain - LASTING, 0) if lower else vain + len(rows)
        return round(SHARE * size / (1 + (vain / LASTING) ** 2))

    def propose(self, state, n):
        """See Generator; n: of all. None where no place came near."""
        found = state.points.u[:0]
        if n < 1:
            return found, None
        places = self._places(state)[:max(1, n // EACH)]
        for rows, share in zip(places, slots.shares(n, [1.0] * len(places)), strict=True):
            found = np.concatenate([found, self._down(state, rows, share)])
        return found, None

    def _down(self, state, rows, n):
        """Up to n points (m, d) on the way down from the lowest of these points; none where another
        is on its way."""
        u, height, waiting = state.points.u[rows], state.height[rows], state.pending.u
        best = u[np.argmin(height)]

        def kept(new):
            new = new[self.may(state, new, ((new >= 0) & (new <= 1)).all(axis=1))]
            return new[gap_to(new, waiting) > CLOSE * np.linalg.norm(new - best, axis=1)]
        return along_valley(u, height, state.rng, n, kept, state.square[rows])

    def _places(self, state):
        """Rows of what is known around each place, of those first whose best point is lowest."""
        points, height, found = state.points, state.height, []
        lowest, known = self._lowest(state), state.good
        if not len(lowest):
            return found
        if not len(known) and not is_stale(state):  # searches of the whole box go down from there
            known = points.u[[np.argmin(height)]]
        gap = gap_to(points.u, known)
        for row in lowest:
            if not gap[row] > spacing(points.u.shape[1]) / APART:
                continue
            far = np.linalg.norm(points.u - points.u[row], axis=1)
            near, gap = far < gap, np.minimum(far, gap)
            rows = np.flatnonzero(near & np.isfinite(height))
            # the first that was as good as the best one, nearly
            best = rows[height[rows] <= height[rows].min() + GAIN][0]
            mine = points.origin[rows] == self.kind
            if len(rows) > THRICE * points.u.shape[1] and (
                    points.id[rows][mine] > points.id[best]).sum() < IN_VAIN:
                found.append(rows)
        return found

    def _lowest(self, state):
        """Rows of the best point of each image and prospect that came near, the lowest first."""
        prospects = state.clusters[state.clusters.n_reached:]
        rows = np.concatenate([self.mirrors.nearest(state), np.array(
            [c.members[np.argmin(state.height[c.members])] for c in prospects], int)])
        limit = NEAR * usual(state.height, state.points.iteration)
        rows = rows[state.height[rows] < limit]
        if state.ridges is not None:    # others are on a slope to what is known
            rows = rows[behind(state.points, rows, state.rater, state.ridges)]
        return rows[np.argsort(state.height[rows], kind="stable")]


def _is_lower(points, height, gap, row):
    """True where a point was the lowest of its place, where no good point was near.

    Its place: all that was known before and is nearer to it than to good points.

    gap: float array (n,), distance of each point to the nearest good one.
    """
    before = points.iteration < points.iteration[row]
    far = np.linalg.norm(points.u - points.u[row], axis=1)
    alone = far[before & points.inside].min(initial=np.inf) > spacing(points.u.shape[1]) / APART
    place = height[before & (far < gap)]
    return alone and height[row] < (place.min() - GAIN if len(place) else 0.0)
