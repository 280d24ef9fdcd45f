"""Searches beside the model: where no part of the target is known, and where one may be left.

What a model is sure of leads to more of what is known. A resonance, or a valley on the other side
of a parameter, is far above the best points until a search has gone down into it, so that it never
has its turn among them. So there are searches with slots of their own: over the whole box as long
as hardly anything is found, then in each slice of each parameter in which nothing good is known,
with most of the other coordinates as in good points.
"""

from functools import partial

import numpy as np

from . import slots
from .clusters import is_flat
from .draws import prior_draws
from .generators import Generator
from .searched import Searched
from .trust_region import GAIN, along_valley, next_points

HALF = 0.5          # share of a batch until then, and
MOST, STALE = 0.8, 10   # where the model led to nothing better in so many iterations
LASTING = 140       # visits of slices in vain, after which their share is a half; one that finds
PAID = 20           # a good point pays for so many of them
NARROWEST = 3       # a slice is 2^-3 of a range, or wider
VISIT = 25          # points of a search of the whole box in a batch, about, but
FEW, EACH = 3, 10   # up to three searches where there are so many for each
SMALL, LARGE = 5, 15    # points of a visit of a slice, and at most, where few slices are open
FIRST = 20          # points to learn from; as long as there are fewer, they are drawn


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
        known = Searched(state, self.visits, self.depths)
        if early:
            visits = max(round(n / VISIT), min(n // EACH, FEW), 1)
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
            return round((MOST if leads_nowhere(state) else HALF) * size)
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
            return along_valley(u, height, rng, n, kept, known.square[rows])
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


def leads_nowhere(state):
    """True where no good point is known, and none of the latest that the model led to was lower
    than all before it."""
    points, height = state.points, state.height
    before = np.minimum.accumulate(np.append(np.inf, height))[:-1]
    led = (height < before - GAIN) & np.isin(points.origin, (*slots.LED, "local"))
    return (points.iteration.max() >= STALE and not points.inside.any()
            and not (led & slots.latest(points, STALE)).any())


def is_stale(state):
    """True where no good point is known, and nothing came nearer to the target lately."""
    points = state.points
    before = state.height[~slots.latest(points, STALE)].min(initial=np.inf)
    return not points.inside.any() and state.height.min() > before - GAIN
