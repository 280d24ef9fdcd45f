"""What the searches know when a batch is proposed: what is left, and how far each has come."""

from functools import cached_property

import numpy as np

from . import slices
from .clusters import usual
from .slices import Slice
from .trust_region import GAIN, side_after

WIDEST = 2          # without good points a slice is 2^-2 of a range, or as much more as holds none;
                    # where it was searched in vain its halves, down to its narrowest
DEEP = 0.75         # share of the visits of slices that go on where the last ones gained most; the
                    # others go where the fewest points were spent for the width
OTHERS = 2          # parameters at most, beside that of a slice, in which candidates differ from a
                    # good point, but those that
AS_BEST = 0.5       # of all have what the best point of the slice has: it may be far from all good
                    # ones, as beside a ring in four parameters, whose needle was not met without
ASIDE = 1e-4        # of its width, by which points of a slice are moved, typically
LATEST = 200        # visits that may wait for evaluation
SHORT = 3           # a slice is left after so many visits if its best point is at the wall,
WALL = 0.1          # nearer than this part of the width, towards what is known; one visit less
NEAR = 0.33         # if that comes so near to the target, of the usual height;
USUAL = 0.8         # or if nothing is lower than this part of the usual height, and nothing gained,
LONG = 75           # and else after so many points: at a minimum that is just above the target
                    # 190 were spent on the tree-level 2HDM in vain
VALLEY, THRICE = 2, 3   # visits, and points a parameter, after which it goes along a valley


class Searched:
    """What the searches know when a batch is proposed.

    Parameters
    ----------
    state : State
    visits : int array (k, 3)
        All that was proposed: see Slice.
    depths : sequence of int
        Level of the narrowest slices of each parameter.
    """

    def __init__(self, state, visits, depths):
        self.points, self.known = state.points, state.proposed
        self.height, self.square = state.height, state.square
        self.allowed, self.visits, self.depths = state.rater.allowed, visits, depths
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
        """Slices that nobody is searching, where something may be left to find; of one searched in
        vain its halves. `slice` takes them."""
        todo = list(slices.empty(self.good, [min(depth, WIDEST) for depth in self.depths]))
        found = []
        while todo:
            part = self._part(todo.pop())
            if self._settled(part):
                todo += self._halves(part)
            elif part.key not in self.busy:
                found.append(part)
        return found

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
        own |= rng.random((len(u), 1)) < AS_BEST
        own[:, part.parameter] = True
        u = np.where(own, u, self._drawn(rng, len(u)))
        low, high = part.ends   # a little aside, so that no point is asked for twice
        u[:, part.parameter] += ASIDE * (high - low) * rng.standard_normal(len(u))
        return u

    def _part(self, key):
        """The Slice of a key."""
        low, high = np.zeros((2, len(self.depths)))
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
        return n > 0 and (part.visits[:, 2].sum() >= LONG or self._ended(part) or (
            n >= SHORT and self._is_usual(part) and self._gain(part) < GAIN) or (
            n >= SHORT - self._is_near(part) and self._at_its_wall(part)))

    def _halves(self, part):
        """Numbers of the halves of a settled slice that may still hide something.

        Of a slope the far half, or both if it is wide and comes not near to the target; none of a
        narrow one that comes near. Else both, but none of a narrow one where nothing is better than
        elsewhere.
        """
        if part.level >= self.depths[part.parameter]:
            return ()
        wide, slope = part.level < WIDEST, self._at_its_wall(part)
        near = self._is_near(part)
        if not wide and (near if slope else self._is_usual(part)):
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
        if not np.isfinite(self._lowest(part.rows)):    # a pre-cut refuses it, or all fails
            return False
        best, good = (point[part.parameter] for point in self._way(part))
        low, high = part.ends
        return abs(best - np.clip(good, low, high)) < WALL * (high - low)

    def _way(self, part):
        """The best point (d,) of a slice, and the nearest good one."""
        best = self.points.u[part.rows[np.argmin(self.height[part.rows])]]
        return best, self.good[np.argmin(((self.good - best) ** 2).sum(axis=1))]
