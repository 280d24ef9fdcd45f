"""Searches beside the model: where no part of the target is known, and where one may be left.

What a model is sure of leads to more of what is known. A resonance, or a valley on the other side
of a parameter, is far above the best points until a search has gone down into it, so that it never
has its turn among them. So there are searches with slots of their own: over the whole box as long
as hardly anything is found, then in each slice of each parameter in which nothing good is known,
with most of the other coordinates as in good points.
"""

from functools import cached_property, partial

import numpy as np

from . import slices, slots
from .clusters import is_flat, usual
from .draws import prior_draws
from .generators import Generator
from .slices import Slice
from .trust_region import GAIN, along_valley, next_points, side_after

HALF = 0.5          # share of a batch until then, and
MOST, STALE = 0.8, 10   # where nothing came nearer to the target in so many iterations
LASTING = 140       # visits of slices in vain, after which their share is a half; one that finds
PAID = 20           # a good point pays for so many of them
WIDEST, NARROWEST = 2, 3    # without good points a slice is 2^-2 of a range, or as much more as
                            # holds none; where it was searched in vain its halves, down to 2^-3
DEEP = 0.75         # share of the visits of slices that go on where the last ones gained most; the
                    # others go where the fewest points were spent for the width
OTHERS = 2          # parameters at most, beside that of a slice, in which candidates differ from a
                    # good point
VISIT = 25          # points of a search of the whole box in a batch, about, but two searches where
TWO = 10            # there are so many for each
SMALL, LARGE = 5, 15    # points of a visit of a slice, and at most, where few slices are open
FIRST = 20          # points to learn from; as long as there are fewer, they are drawn
ASIDE = 1e-4        # of its width, by which points of a slice are moved, typically
LATEST = 200        # visits that may wait for evaluation
SHORT = 3           # a slice is left after so many visits if its best point is at the wall,
WALL = 0.1          # nearer than this part of the width, towards what is known; one visit less
NEAR = 0.33         # if that comes so near to the target, of the usual height;
USUAL = 0.8         # or if nothing is lower than this part of the usual height,
LONG = 15           # and else after so many
VALLEY, THRICE = 2, 3   # visits, and points a parameter, after which it goes along a valley


class Searches(Generator):
    """The searches of one scan.

    Parameters
    ----------
    box : Box
    share : float
        `Share_prospects`: of a batch, for slices; 0: there are no searches.
    cells : Cells or None

    Attributes
    ----------
    visits : int array (k, 3)
        All that was proposed: see Slice.
    """

    kind = "search"

    def __init__(self, box, share, cells=None):
        super().__init__(box.precut)
        self.box, self.share, self.cells = box, share, cells
        # a slice of whole numbers holds one at least
        self.depths = [min(n.bit_length() - 1, NARROWEST) if n else NARROWEST
                       for n in box.counts]
        self.visits = np.empty((0, 3), int)

    def propose(self, state, n):
        """See Generator; n: slots of the batch, of which they take their share. None where nothing
        is left to search."""
        points, pending, found = state.points, state.pending, [state.points.u[:0]]
        if not self.share or is_flat(state.height, points.iteration):
            return found[0], None
        early, n = points.inside.sum() < slots.SEARCH, self.wanted(state, n)
        known = _Known(state, self)
        if early:
            visits = max(round(n / VISIT), min(n // TWO, 2), 1)
        else:
            visits = min(max(round(n / SMALL), 1), len(known.free))
            n = min(n, visits * LARGE)
        for visit in slots.shares(n, [1.0] * visits) if n > 1 else ():
            part = known.whole() if early else known.slice(state.rng)
            if part is None:
                break
            others = np.concatenate(found)
            u = self._visit(known, part, state.rng, visit, others)
            self.visits = np.concatenate([self.visits, [
                [part.key, pending.next_id + len(others), len(u)]]])
            known.busy.add(part.key)
            found.append(u)
        return np.concatenate(found), None

    def wanted(self, state, size):
        """See Generator; half of a batch as long as hardly anything is found, then fewer with the
        visits of slices in vain, except those that good points paid for."""
        points, visits = state.points, self.visits[self.visits[:, 0] >= 0]
        if points.inside.sum() < slots.SEARCH:
            return round((MOST if is_stale(state) else HALF) * size)
        vain, good = 0, np.sort(points.id[points.inside & (points.origin == "search")])
        ends = visits[:, 1], visits[:, 1] + visits[:, 2]
        counts = np.diff(np.searchsorted(good, ends), axis=0)[0]
        for found, spent in zip(counts, visits[:, 2], strict=True):
            vain = max(vain - PAID, 0) if found else vain + spent / SMALL
        return round(self.share / (1 + (vain / LASTING) ** 2) * size)

    def _visit(self, known, part, rng, n, others):
        """The next points of a search."""
        rows = part.rows[np.isfinite(known.height[part.rows])]
        kept = self._kept(known, others, part)
        few = len(rows) < (FIRST if part.key < 0 else n)
        if few and part.key >= 0 and not len(part.visits):
            return kept(known.moved(part, rng, 4 * n))[:n]
        if few:     # or what is moved there fails
            draws = prior_draws(rng, 4 * n, self.box.dim, None)
            return kept(part.low + draws * (part.high - part.low))[:n]
        u, height = known.points.u[rows], known.height[rows]
        if known.in_valley(part, len(rows)):
            return along_valley(u, height, rng, n, kept)
        mixed = partial(known.mixed, part, rng) if part.key >= 0 else None
        return next_points(u, height, part.low, part.high, known.side(part), rng, n, kept, mixed)

    def _kept(self, known, others, part):
        """The function that snaps candidates, and leaves out those that may not be evaluated."""
        def kept(u):
            u = self.box.snap(u) if self.box.snap else u
            good = ((u >= part.low) & (u <= part.high)).all(axis=1)
            if self.precut is not None:
                good &= np.asarray(self.precut(u), bool)
            u = u[good]
            if len(u):
                works = np.broadcast_to(known.allowed(u), len(u)) > 0.5
                u = u[works] if part.key >= 0 or works.any() else u     # there are other slices
            if self.cells:
                u = u[self.cells.new(u, np.concatenate([known.known, others]))]
            return u
        return kept

    def arrays(self):
        """What an exact resume needs."""
        return {"searches_of_slices": self.visits}

    def restore(self, arrays):
        """Go on from what `arrays` gave; of earlier versions the searches of the whole box."""
        before = np.array(arrays.get("searches_visits", []), int).reshape(-1, 4)
        self.visits = np.array(arrays.get("searches_of_slices", before[before[:, 0] < 0, :3]), int)


def is_stale(state):
    """True where no good point is known, and nothing came nearer to the target lately."""
    points = state.points
    before = state.height[~slots.latest(points, STALE)].min(initial=np.inf)
    return not points.inside.any() and state.height.min() > before - GAIN


class _Known:
    """What the searches know when a batch is proposed."""

    def __init__(self, state, searches):
        self.points, self.height, self.known = state.points, state.height, state.proposed
        self.allowed, self.searches, self.visits = state.rater.allowed, searches, searches.visits
        self.usual = usual(self.height, self.points.iteration)
        self.busy = {int(visit[0]) for visit in self.visits[-LATEST:]   # some are not evaluated
                     if len(self._rows(visit[None])) < visit[2]}

    def whole(self):
        """A search of the whole box: the first that has not ended and has no points waiting."""
        key = -1
        while key in self.busy or self._ended(part := self._part(key)):
            key -= 1
        return part

    def slice(self, rng):
        """A slice without good points: where the last visits gained most, or one hardly visited."""
        gains = [self._gain(part) for part in self.free]
        if max(gains, default=0.0) > 0 and rng.random() < DEEP:
            return self.free.pop(int(np.argmax(gains)))
        spent = [len(part.visits) * 2 ** part.level for part in self.free]
        fewest = [k for k, n in enumerate(spent) if n == min(spent)]
        return self.free.pop(fewest[rng.integers(len(fewest))]) if fewest else None

    @cached_property
    def free(self):
        """Slices that nobody is searching: open ones, or else those left; `slice` takes them."""
        open_, left = ([part for part in parts if part.key not in self.busy]
                       for parts in self._open)
        return open_ or left

    @cached_property
    def _open(self):
        """Slices where something may be left to find, of one searched in vain its halves; and
        those that come once more when all others are being searched."""
        depths = self.searches.depths
        todo = list(slices.empty(self.good, [min(depth, WIDEST) for depth in depths]))
        found, left = [], []
        while todo:
            part = self._part(todo.pop())
            if not self._settled(part):
                found.append(part)
            elif halves := self._halves(part):
                todo += halves
            elif np.isfinite(self._lowest(part.rows)) and not (
                    self._ended(part) or self._at_its_wall(part)):
                left.append(part)
        return found, left

    @cached_property
    def good(self):
        """Points (m, d) in the target."""
        return self.points.u[self.points.inside]

    def _drawn(self, rng, n):
        return self.good[rng.integers(len(self.good), size=n)]

    def moved(self, part, rng, n):
        """Good points (n, d), drawn, each moved into a slice."""
        u = self._drawn(rng, n)
        u[:, part.parameter] = rng.uniform(*part.ends, n)
        return u

    def mixed(self, part, rng, u):
        """Candidates (n, d) of a slice, all but a few coordinates those of a good point.

        A part that is not known mostly differs from the known ones in a few parameters. The
        Gaussian process of the slice says in which.
        """
        order = rng.random(u.shape).argsort(axis=1).argsort(axis=1)
        own = order < rng.integers(1, OTHERS + 1, size=(len(u), 1))
        own[:, part.parameter] = True
        u = np.where(own, u, self._drawn(rng, len(u)))
        low, high = part.ends   # a little aside, so that no point is asked for twice
        u[:, part.parameter] += ASIDE * (high - low) * rng.standard_normal(len(u))
        return u

    def _part(self, key):
        """The Slice of a key."""
        low, high = np.zeros((2, self.searches.box.dim))
        high += 1.0
        visits = self.visits[self.visits[:, 0] == key]
        if key >= 0:
            j, low[j], high[j] = slices.bounds(key)
            column = self.points.u[:, j]
            rows = np.flatnonzero((column >= low[j]) & (column <= high[j]))
        else:
            rows = np.arange(len(self.points)) if key == -1 else self._rows(visits)
        return Slice(key, low, high, rows, visits)

    def _rows(self, visits):
        """Rows of the evaluated points of visits."""
        ids = np.concatenate([np.arange(0), *(np.arange(a, a + n) for _, a, n in visits)])
        return self.points.rows(ids)[0]

    def _lowest(self, rows):
        return float(self.height[rows].min(initial=np.inf))

    def _gain(self, part):
        """By how much its latest two visits came nearer to the target."""
        if not len(part.visits):
            return 0.0
        before = part.rows[self.points.id[part.rows] < part.visits[-2:][0, 1]]
        return min(self._lowest(before), self.usual) - self._lowest(part.rows)

    def side(self, part):
        """Side of its trust region; 0 when it has ended."""
        own = part.visits
        if not len(own):
            return side_after(np.inf, [], len(part.low))
        before = part.rows[self.points.id[part.rows] < own[0, 1]]
        return side_after(self._lowest(before), [self._lowest(self._rows(own[k:k + 1]))
                                                 for k in range(len(own))], len(part.low))

    def in_valley(self, part, n):
        """Every second time, in a slice if it comes near to the target, if n points are enough."""
        return (len(part.visits) >= VALLEY and len(part.visits) % 2 == 0
                and n >= THRICE * len(part.low) and (part.key < 0 or self._is_near(part)))

    def _ended(self, part):
        return self.side(part) == 0 or (len(part.visits) > 0 and part.visits[-1, 2] == 0)

    def _settled(self, part):
        """True where nothing more is to be looked for in a slice as a whole."""
        n = len(part.visits)
        return n > 0 and (n >= LONG or self._ended(part) or (
            n >= SHORT and self._is_usual(part)) or (
            n >= SHORT - self._is_near(part) and self._at_its_wall(part)))

    def _halves(self, part):
        """Numbers of the halves of a settled slice that may still hide something.

        None of a narrow one where nothing is better than elsewhere, or that is a slope which comes
        near to the target; of other slopes the far half, and of wide ones both.
        """
        if part.level >= self.searches.depths[part.parameter]:
            return ()
        wide, slope = part.level < WIDEST, self._at_its_wall(part)
        near = self._is_near(part)
        if not wide and (self._is_usual(part) or (slope and near)):
            return ()
        lower, upper = slices.halves(part.key)
        if not slope or (wide and not near):
            return lower, upper
        return (upper if self._way(part)[1][part.parameter] < np.mean(part.ends) else lower,)

    def _is_usual(self, part):
        return not self._lowest(part.rows) < USUAL * self.usual

    def _is_near(self, part):
        return self._lowest(part.rows) < NEAR * self.usual

    def _at_its_wall(self, part):
        """True where the best point of a slice is at the end that is nearer to the target."""
        if not len(part.rows):      # all of it is refused by a pre-cut
            return False
        best, good = (point[part.parameter] for point in self._way(part))
        low, high = part.ends
        return abs(best - np.clip(good, low, high)) < WALL * (high - low)

    def _way(self, part):
        """The best point (d,) of a slice, and the nearest good one."""
        best = self.points.u[part.rows[np.argmin(self.height[part.rows])]]
        return best, self.good[np.argmin(((self.good - best) ** 2).sum(axis=1))]
