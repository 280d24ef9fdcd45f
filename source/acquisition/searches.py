"""Searches beside the model: where no part of the target is known, and where one may be left.

What a model is sure of leads to more of what is known. A resonance, or a valley on the other side
of a parameter, is far above the best points until a search has gone down into it, so that it never
has its turn among them. So there are searches with slots of their own: over the whole box as long
as hardly anything is found, then in each slice of each parameter in which nothing good is known.
"""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from . import slots
from .clusters import is_flat, usual
from .draws import prior_draws
from .trust_region import next_points, side_after

HALF = 0.5          # share of a batch until then
LASTING = 60        # visits of slices in vain, after which their share is a half
SLICES = 8          # of the range of each parameter
DEEP = 0.6          # share of the visits of slices that go on where it is lowest; others begin
AGING = 0.05        # of the height, by which a slice falls behind with each visit
VISIT = 25          # points of a search of the whole box in a batch, at most
SMALL = 10          # and of one of a slice
FIRST = 20          # points to learn from; as long as there are fewer, they are drawn
TESTED = 2          # visits after which it is looked whether a slice is but a slope of the known
NEAR = 0.33         # slopes are left that come so near to the target (of the usual height);
LATEST = 200        # visits that may wait for evaluation
SHORT = 4           # others are left after so many visits if their best is at the wall,
WALL = 0.1          # nearer than this part of the width, towards what is known,
LONG = 15           # and else after so many


class Slice(NamedTuple):
    """A part of the box that is searched, and what is known there.

    Attributes
    ----------
    key : int
        parameter * SLICES + slice; -1, -2, ... for the searches of the whole box.
    low, high : float array (d,)
        Unit box.
    rows : int array
        Points that the search knows, of all evaluated ones.
    visits : int array (k, 4)
        key, first id, number of points, 1 for a test whether the slice is but a slope.
    """

    key: int
    low: Any
    high: Any
    rows: Any
    visits: Any


class Searches:
    """The searches of one scan.

    Parameters
    ----------
    box : Box
    share : float
        `Share_prospects`: of a batch, for slices; 0: there are no searches.
    cells : Cells or None

    Attributes
    ----------
    visits : int array (k, 4)
        All that was proposed: see Slice.
    """

    def __init__(self, box, share, cells=None):
        self.box, self.share, self.cells = box, share, cells
        counts = np.array(box.counts) if any(box.counts) else np.zeros(box.dim, int)
        self.slices = np.where(counts > 0, np.minimum(counts, SLICES), SLICES)
        self.visits = np.empty((0, 4), int)

    def propose(self, points, height, rng, size, pending, allowed=None, known=None):
        """Points (m, d) for a batch of `size`; none where nothing is left to search.

        Parameters
        ----------
        points : Points
        height : float array (n,)
            How far from the target, scaled; below 0 inside, inf for what failed.
        rng : numpy.random.Generator
        size : int
        pending : Pending
        allowed : callable u (n, d) -> (n,), optional
            Probability that evaluating works.
        known : float array (k, d), optional
            All that was proposed before, where `points` are a part of it.
        """
        n_good, found = int(points.inside.sum()), [points.u[:0]]
        if not self.share or is_flat(height, points.iteration):
            return found[0]
        early = n_good < slots.SEARCH
        n = round((HALF if early else self.share / (1 + self._vain(points) / LASTING)) * size)
        most = VISIT if early else SMALL
        known = np.concatenate([points.u, pending.u]) if known is None else known
        state = _Known(points, height, self, known, allowed)
        for visit in slots.shares(n, [1.0] * max(1, n // most)) if n > 1 else ():
            part = state.whole() if early else state.slice(rng)
            if part is None:
                break
            test = state.is_due(part)
            others = np.concatenate(found)
            u = self._kept(state, others)(state.between(part)) if test else \
                self._visit(state, part, rng, visit, others)
            self.visits = np.concatenate([self.visits, [
                [part.key, pending.next_id + len(others), len(u), test]]])
            state.busy.add(part.key)
            found.append(u)
        return np.concatenate(found)

    def _vain(self, points):
        """Visits of slices since one found a good point, or since the first."""
        of_slice = self.visits[self.visits[:, 0] >= 0]
        good = points.id[points.inside & (points.origin == "search")]
        return int((of_slice[:, 1] > good.max(initial=-1)).sum())

    def _visit(self, state, part, rng, n, others):
        """The next points of a search."""
        known = part.rows[np.isfinite(state.height[part.rows])]
        kept = self._kept(state, others, part)
        if len(known) < FIRST:
            draws = prior_draws(rng, 4 * n, self.box.dim, None)
            return kept(part.low + draws * (part.high - part.low))[:n]
        return next_points(state.points.u[known], state.height[known], part.low, part.high,
                           state.side(part), rng, n, kept)

    def _kept(self, state, others, part=None):
        """The function that snaps candidates, and leaves out those that may not be evaluated."""
        def kept(u):
            u = self.box.snap(u) if self.box.snap else u
            good = np.ones(len(u), bool) if part is None else \
                ((u >= part.low) & (u <= part.high)).all(axis=1)
            if self.box.precut is not None:
                good &= np.asarray(self.box.precut(u), bool)
            u = u[good]
            if state.allowed is not None and len(u):
                works = np.broadcast_to(state.allowed(u), len(u)) > 0.5
                u = u[works] if works.any() else u
            if self.cells:
                u = u[self.cells.new(u, np.concatenate([state.known, others]))]
            return u
        return kept

    def arrays(self):
        """What an exact resume needs."""
        return {"searches_visits": self.visits}

    def restore(self, arrays):
        """Go on from what `arrays` gave; runs of earlier versions have nothing."""
        self.visits = np.array(arrays.get("searches_visits", self.visits), int).reshape(-1, 4)


class _Known:
    """What the searches know when a batch is proposed."""

    def __init__(self, points, height, searches, known, allowed):
        self.points, self.searches, self.known = points, searches, known
        self.allowed = allowed
        self.height, self.visits = height, searches.visits
        self.usual = usual(height, points.iteration)
        self.busy = {int(visit[0]) for visit in self.visits[-LATEST:]   # some are not evaluated
                     if len(self._rows(visit[None])) < visit[2]}

    def whole(self):
        """A search of the whole box: the first that has not ended and has no points waiting."""
        key = -1
        while key in self.busy or (part := self._part(key)) is None or self._ended(part):
            key -= 1
        return part

    def slice(self, rng):
        """A slice without good points: the most promising, or one that was visited least."""
        open_ = [part for part in self._open if part.key not in self.busy]
        begun = [part for part in open_ if len(part.visits)]
        if begun and rng.random() < DEEP:
            return min(begun, key=lambda part: self._lowest(part.rows) + AGING * len(part.visits))
        least = min((len(part.visits) for part in open_), default=0)
        fewest = [part for part in open_ if len(part.visits) == least]
        return fewest[rng.integers(len(fewest))] if fewest else None

    @cached_property
    def _open(self):
        """Slices where something may be left to find."""
        parts = [self._part(key) for key in self._empty()]
        return [part for part in parts if not self._settled(part)]

    def _empty(self):
        """Keys of slices without a good point."""
        good = self.points.u[self.points.inside]
        for j, n in enumerate(self.searches.slices):
            taken = np.bincount(np.minimum((good[:, j] * n).astype(int), n - 1), minlength=n)
            yield from (j * SLICES + np.flatnonzero(taken == 0)).tolist()

    def _part(self, key):
        """The Slice of a key."""
        low, high = np.zeros((2, self.searches.box.dim))
        high += 1.0
        visits = self.visits[self.visits[:, 0] == key]
        if key >= 0:
            j, k = divmod(key, SLICES)
            low[j], high[j] = np.array([k, k + 1]) / self.searches.slices[j]
            column = self.points.u[:, j]
            rows = np.flatnonzero((column >= low[j]) & (column <= high[j]))
        elif key == -1:
            rows = np.arange(len(self.points))
        else:
            rows = self._rows(visits)
        return Slice(key, low, high, rows, visits)

    def _rows(self, visits):
        """Rows of the evaluated points of visits."""
        ids = np.concatenate([np.arange(0), *(np.arange(a, a + n) for _, a, n, _ in visits)])
        return self.points.rows(ids)[0]

    def _lowest(self, rows):
        return float(self.height[rows].min(initial=np.inf))

    def side(self, part):
        """Side of its trust region; 0 when it has ended."""
        own = part.visits[part.visits[:, 3] == 0]
        if not len(own):
            return side_after(np.inf, [], len(part.low))
        before = part.rows[self.points.id[part.rows] < own[0, 1]]
        return side_after(self._lowest(before), [self._lowest(self._rows(own[k:k + 1]))
                                                 for k in range(len(own))], len(part.low))

    def _ended(self, part):
        return self.side(part) == 0 or (len(part.visits) > 0 and part.visits[-1, 2] == 0)

    def _settled(self, part):
        """True where nothing more is to be looked for in a slice."""
        if not len(part.visits):
            return False
        if self._ended(part):
            return True
        if len(part.visits) >= TESTED and not np.isfinite(self._lowest(part.rows)):
            return True     # everything fails there
        done, near = len(part.visits), self._lowest(part.rows) < NEAR * self.usual
        return self._is_slope(part) and (
            near or done >= LONG or (done >= SHORT and self._at_its_wall(part)))

    def _at_its_wall(self, part):
        """True where the best point of a slice is at the end that is nearer to the target."""
        j = part.key // SLICES
        best, good = self._way(part)
        wall, width = np.clip(good[j], part.low[j], part.high[j]), part.high[j] - part.low[j]
        return abs(best[j] - wall) < WALL * width

    def is_due(self, part):
        """True where the next point of a slice is to tell whether it is a slope of the known."""
        done = part.visits[:, 3]
        return part.key >= 0 and len(done) > 0 and not done[-1] and \
            (done == 0).sum() % TESTED == 0

    def _is_slope(self, part):
        """True where the way from the best point of the slice to the nearest good one went down.

        The hill-valley test (see ridges.py), with one point that is evaluated.
        """
        tests = part.visits[part.visits[:, 3] == 1]
        rows = self._rows(tests[-1:])
        if not len(rows):
            return False
        before = part.rows[self.points.id[part.rows] < tests[-1, 1]]
        return self.height[rows[0]] <= self._lowest(before)

    def between(self, part):
        """The middle (1, d) between the best point of a slice and the nearest good one."""
        return np.mean(self._way(part), axis=0)[None]

    def _way(self, part):
        """The best point (d,) of a slice, and the nearest good one."""
        best = self.points.u[part.rows[np.argmin(self.height[part.rows])]]
        good = self.points.u[self.points.inside]
        return best, good[np.argmin(((good - best) ** 2).sum(axis=1))]
