"""Young parts of the target grow: a Gaussian process of their own surroundings says where.

The first good points of a narrow part teach a model of the whole box nothing, and steps between
them have no length across it. What was evaluated around them, good or not, shows its direction:
in coordinates in which the lowest of those points have unit spread, or in which the objective rises
alike in all directions, a few hundred points are a smooth surface. The model is not asked.
"""

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import ndtr

from . import slots
from .axes import steps
from .choice import farthest
from .clusters import APART, RANK, spacing
from .generators import Generator
from .surroundings import around

AT_ONCE = 4         # good points whose surroundings are learned for a batch, at most, of the
EACH = 10           # youngest parts in turn; so many points around each
FEWEST, NEAREST = 200, 1000     # points around a good one, from which its surroundings are learned:
EIGHT = 8                       # so many for each good one of the part, of which FEWEST give the
                                # lengths of the process
LONELY, FIFTH = 2, 5    # a good point is taken as this power of the distance to so manieth other
CANDIDATES = 4000
APIECE = -2.0, 0.0  # powers of ten of the size of a step in each coordinate: a part is thin in some
FEWER = 0.5         # of the good points that a part has on average: one with fewer is young
LIKELY = 0.5        # probability asked for
LEAST = 1e-3        # of the process's spread
TINY = 1e-12        # of the spread of a part in a parameter
FEW = 5             # points, of one or more iterations, that tell whether steps were too small:
MOST, LESS, LONGEST = 0.7, 0.4, 16.0    # they are twice as long after more good ones, up to so
                    # many times, and half as long after fewer, as at first at least
LARGER = 1.05       # times the spread in some parameter: a part that became so in the latest
                    # iterations is still growing


class Growth(Generator):
    """Proposes points around those of parts of the target that have few, or where others fail."""

    kind = "growth"

    def propose(self, state, n):
        """See Generator; n: of all. None where nothing was learned, or no part is young."""
        found = state.points.u[:0]
        parts = [] if n < 1 or state.rater.blind else young(state)
        if not parts:
            return found, None
        for k, share in enumerate(slots.shares(n, [1.0] * min(AT_ONCE, -(-n // EACH)))):
            new = self._around(state, parts[k % len(parts)], found, share)
            found = np.concatenate([found, new])
        return found, None

    def wanted(self, state, size):
        """See Generator; fewer for parts that have as many points as others."""
        parts = [] if state.rater.blind else young(state)
        if not parts:
            return 0
        mine = sum(len(part) ** -slots.EVEN for part in parts)
        others = len(state.good) - sum(len(part) for part in parts)
        share = mine / (mine + others ** -slots.EVEN) if others > 0 else 1.0
        return round(share * super().wanted(state, size))

    def _around(self, state, good, others, n):
        """Up to n points (m, d) around a good one of a part (k, d), apart from others (l, d)."""
        rng, known = state.rng, np.isfinite(state.height)
        u, height, square = state.points.u[known], state.height[known], state.square[known]
        if len(u) <= u.shape[1] + 1:
            return u[:0]
        unit = _unit(good)
        base = good[rng.choice(len(good), p=_lonely(good / unit))]
        learned = min(max(FEWEST, EIGHT * len(good)), NEAREST)
        here = around(u, height, base, learned, rng, FEWEST, square)
        new = steps(rng, here.coordinates(good), here.low, here.lengths, CANDIDATES, APIECE,
                    _reach(state.points))
        places = here.places(new)
        may = self.may(state, places, ((places > 0) & (places < 1)).all(axis=1))
        known = np.concatenate([good, state.pending.u, others])
        return places[may][_chosen(here.process, new[may], places[may] / unit, known / unit, n)]


def young(state):
    """The good points (m, d) of each part whose surface is not known, the fewest first.

    A part of hardly any points has no cluster of its own: it is young if it lies alone. One that
    has far fewer points than others is, too: what the model is sure of may be next to them only.
    And one that becomes larger, as long as it does: walks fill what is known of a part.
    """
    clusters = state.clusters
    found = [state.points.u[(clusters.label == k) & (state.height < 0)]
             for k in np.flatnonzero(state.unsure) if clusters[k].n_good]
    good, part, iteration = state.parts
    before = iteration <= state.points.iteration.max() - slots.LATEST
    numbers = {*_alone(good, part), *_small(good, part, state.n_components),
               *_growing(good, part, before)}
    whole = [good[part == p] for p in sorted(numbers)]
    found = [u for u in found if len(u)
             and not any((u[0] == other).all(axis=1).any() for other in whole)]
    return sorted(found + whole, key=len)


def _small(good, part, n):
    """Numbers of those parts of good points (m, d) that have few beside the others of n parts."""
    many = np.bincount(part, minlength=1)
    return np.flatnonzero((many >= RANK) & (many < FEWER * len(good) / n)) if n > 1 else []


def _growing(good, part, before):
    """Numbers of those parts of good points (m, d) that became larger in the latest iterations.

    before: bool array (m,), those that were known then.
    """
    many = np.bincount(part, before, minlength=1)
    return [p for p in np.flatnonzero(many >= RANK) if (good[part == p].std(axis=0) > LARGER
            * good[(part == p) & before].std(axis=0)).any()]


def _lonely(good):
    """Probabilities (k,) of good points (k, d), the larger the farther the others are; or None."""
    far = cKDTree(good).query(good, k=[min(FIFTH + 1, len(good))])[0][:, 0] ** LONELY
    return far / far.sum() if far.any() else None


def _alone(good, part):
    """Numbers of those parts of good points (m, d) that are few, and far from all of others."""
    few = np.flatnonzero(np.bincount(part)[part] < RANK)
    if not len(few) or len(good) < RANK:
        return []
    gap, other = cKDTree(good).query(good[few], k=RANK)
    gap = np.where(part[other] == part[few][:, None], np.inf, gap).min(axis=1)
    least = np.full(part.max() + 1, np.inf)
    np.minimum.at(least, part[few], gap)
    return [p for p in np.unique(part[few]) if least[p] > spacing(good.shape[1]) / APART]


def _unit(good):
    """Spread (d,) of the good points (k, d) of a part: how far two points are is measured in it, as
    it is to become larger in all parameters alike."""
    spread = good.std(axis=0)
    return np.where(spread > TINY, spread, 1.0)


def _reach(points):
    """How many times the usual length steps have, as those of each iteration were good or not."""
    reach, mine = 1.0, points.origin == Growth.kind
    tried = np.bincount(points.iteration[mine])
    good = np.bincount(points.iteration[mine], points.inside[mine])
    n = found = 0
    for more, inside in zip(tried, good, strict=True):
        n, found = n + more, found + inside
        if n >= FEW:
            reach *= 2.0 if found > MOST * n else 0.5 if found < LESS * n else 1.0
            reach, n, found = min(max(reach, 1.0), LONGEST), 0, 0
    return reach


def _chosen(process, new, places, known, n):
    """Rows of up to n candidates (m, d), at places (m, d): probable, and far from known ones (k, d)
    and each other."""
    if not len(new):
        return []
    spread = np.maximum(process.spread(new), LEAST)
    probability = ndtr(-process.mean(new) / spread)
    worth = np.where(probability > LIKELY, probability, LEAST * probability)
    return farthest(places, cKDTree(known).query(places)[0], n, worth)
