"""The generators of candidates, each of one kind: propose(state, n) -> points, their clusters."""

from functools import partial

import numpy as np
from scipy.spatial import cKDTree

from . import slots
from .clusters import APART, ENOUGH, leaders, spacing
from .draws import LOOKED, differences, prior_draws, reflect, scattered, some
from .visibility import isolation

ROUNDS = 4          # of local candidates in a search that is stuck, each around
PARENTS = 10        # the best of the round before
ISOLATED = 3        # walkers start as this power of the distance of a point to its neighbours
MISSED = 10         # good points that the model calls bad, around which it is tried
ASIDE = (-7.0, -3.0)    # ten to the power of a number between these is by how much a step of a walk
                        # differs from a difference of two points; a thin part allows little
NEIGHBOURS = 5      # of a good point, towards which SMOTE goes


class Generator:
    """Proposes candidates of one kind.

    Parameters
    ----------
    precut : callable or None
        u (n, d) -> bool (n,); points with False are never proposed.

    Attributes
    ----------
    kind : str
        What becomes the `origin` of a point.
    """

    kind: str

    def __init__(self, precut=None):
        self.precut = precut

    def propose(self, state, n):
        """Candidates in the unit box.

        Parameters
        ----------
        state : State
        n : int
            How many: of all, or around each point or cluster, as the generator says.

        Returns
        -------
        u : float array (m, d), cluster : int array (m,) or None
            None: that of the nearest centre.
        """
        raise NotImplementedError

    def wanted(self, state, size):
        """Slots of a batch for points in whose choice the model has no say."""
        return slots.by_record(state.points, self.kind, size)

    def _allowed(self, u):
        return u if self.precut is None else u[self.precut(u)]

    def may(self, state, u, inside):
        """Bool (n,): of points u (n, d) that are `inside` the box those that may be evaluated."""
        works = state.rater.possible(u, inside)
        return works if self.precut is None else works & np.asarray(self.precut(u), bool)


class Prior(Generator):
    """Draws from the prior: n, but a fifth where already that holds nothing good."""

    kind = "prior"

    def propose(self, state, n):
        """See Generator; n: of all."""
        first, dim, rater = max(1, n // 5), state.points.u.shape[1], state.rater
        u = prior_draws(state.rng, first, dim, self.precut)
        if not rater.blind and rater.accept(u, state.clusters.nearest(u)).any():
            u = np.concatenate([u, prior_draws(state.rng, n - first, dim, self.precut)])
        return u, None


class Walks(Generator):
    """Random walks that stay where the model is good, from the points of each cluster.

    From one in the target as many start as it has room; else the walkers of a component would
    stay where most of its points are.

    Parameters
    ----------
    precut : callable or None
    steps : int
    optimism : float
        A step may be worse than its level by so many times the spread, times the share of bad
        points among the latest of walks.
    """

    kind = "walk"

    def __init__(self, precut, steps, optimism):
        super().__init__(precut)
        self.steps, self.optimism = steps, optimism

    def propose(self, state, n):
        """See Generator; n: walkers."""
        accept = state.rater.accept
        weights = [isolation(accept, u, k) ** ISOLATED if cluster.n_good >= ENOUGH else None
                   for k, (u, cluster) in enumerate(zip(state.starts, state.clusters, strict=True))]
        optimism = self.optimism * slots.failing_share(state.points)
        return walks(state.rng, state.starts, partial(accept, optimism=optimism), n, self.steps,
                     self.precut, weights)


class Neighbours(Generator):
    """Cells of whole numbers and choices beside those of each cluster.

    Steps of walks and scattered points mostly end where they began, or in a cell that is known.

    Parameters
    ----------
    precut : callable or None
    cells : Cells
    """

    kind = "neighbour"

    def __init__(self, precut, cells):
        super().__init__(precut)
        self.cells = cells

    def propose(self, state, n):
        """See Generator; n: of all, before those are left out that are known."""
        groups = [(k, u) for k, u in enumerate(state.starts) if len(u)]
        share = n // max(1, len(groups))
        parts = [(self._allowed(self.cells.neighbours(state.rng, u, share)), k)
                 for k, u in groups if share]
        u = np.concatenate([state.good[:0], *(u for u, _ in parts)])
        return u, np.repeat([k for _, k in parts], [len(u) for u, _ in parts]).astype(int)


class Misclassified(Generator):
    """Points around good ones that the model calls bad: it learns what it does not know.

    Only where good points are few, as the first of a component are; of those near each other one
    has its turn, the latest.
    """

    kind = "misclassified"

    def propose(self, state, n):
        """See Generator; n: around each of these points."""
        good = state.good
        if not len(good):
            return good, None
        radius = spacing(good.shape[1]) / APART
        crowded, good = good, good[-LOOKED:]
        missed = np.flatnonzero(~state.rater.accept(good, state.clusters.nearest(good)))[::-1]
        crowd = cKDTree(crowded).query_ball_point(good[missed], radius, return_length=True)
        missed = leaders(good, missed[crowd <= ENOUGH], radius, MISSED)
        around = [scattered(state.rng, good[k:k + 1], n) for k in missed]
        return self._allowed(np.concatenate([good[:0], *around])), None


class Local(Generator):
    """Points scattered around those of a cluster that is still searched.

    In a search that is stuck then around the best of them, and so on: they go as far down as the
    model knows, where one step from a known point would be short.
    """

    kind = "local"

    def propose(self, state, n):
        """See Generator; n: around each cluster, in each round."""
        parts = [(state.good[:0], np.empty(0, int))]
        for k in np.flatnonzero(state.unsure):
            group = state.starts[k]
            for left in range(ROUNDS if state.stuck else 1)[::-1] if len(group) else ():
                around = self._allowed(scattered(state.rng, group, n))
                parts.append((around, np.full(len(around), k)))
                if left and len(around):
                    group = around[np.argsort(state.rater.reach(around), kind="stable")[:PARENTS]]
        u, cluster = zip(*parts, strict=True)
        return np.concatenate(u), np.concatenate(cluster)


class Smote(Generator):
    """Points between a good point and one of its nearest good neighbours, as SMOTE makes them."""

    kind = "smote"

    def propose(self, state, n):
        """See Generator; n: of all. None where fewer than two points are good."""
        good, rng, k = some(state.rng, state.good), state.rng, min(NEIGHBOURS, len(state.good) - 1)
        if k < 1:
            return good[:0], None
        near = cKDTree(good).query(good, k=k + 1)[1][:, 1:]
        i = rng.integers(len(good), size=n)
        j = near[i, rng.integers(k, size=n)]
        return self._allowed(good[i] + rng.random((n, 1)) * (good[j] - good[i])), None


def aside(rng, shape):
    """Small steps (n, d) of many sizes, in any direction."""
    return 10 ** rng.uniform(*ASIDE, (shape[0], 1)) * rng.standard_normal(shape)


def walks(rng, groups, accept, walkers, steps=30, allowed=None, weights=None):
    """Random walks that stay where the model is good, shared equally among the clusters.

    A step is the difference of two points of the same cluster, as in differential evolution, so
    it has the size and direction of the component without any setting.

    Parameters
    ----------
    groups : list of float array (m_k, d)
        Points of each cluster, unit box; walkers start on them.
    accept : callable (u (n, d), cluster (n,)) -> bool (n,)
    allowed : callable or None
    weights : list of float array (m_k,) or None
        How many walkers start on each point, relative to the others; None: all alike.

    Returns
    -------
    u : float array (n, d), cluster : int array (n,)
        Every other accepted position of the second half of the walk.
    """
    weights = [None if w is None or not w.sum() > 0 else w / w.sum()    # all in one place
               for w in weights or [None] * len(groups)]
    groups = [(k, g) for k, g in enumerate(groups) if len(g) > 1]
    if not groups or not walkers:
        return np.empty((0, 0)), np.empty(0, int)
    dim = groups[0][1].shape[1]
    share = max(1, walkers // len(groups))
    cluster = np.repeat([k for k, _ in groups], share)
    here = np.concatenate([g[rng.choice(len(g), size=share, p=weights[k])] for k, g in groups])
    kept = []
    for step in range(steps):
        jump = np.concatenate([differences(rng, g, share) for _, g in groups])
        scale = 2.38 / np.sqrt(2 * dim) * rng.random((len(here), 1))
        scale[rng.random(len(here)) < 0.1] = 1.0
        there = reflect(here + scale * jump + aside(rng, here.shape))
        good = accept(there, cluster)
        if allowed is not None:
            good &= np.asarray(allowed(there), bool)
        here = np.where(good[:, None], there, here)
        if step >= steps // 2 and (steps - step) % 2:
            kept.append((there[good], cluster[good]))
    return (np.concatenate([u for u, _ in kept]), np.concatenate([k for _, k in kept]))
