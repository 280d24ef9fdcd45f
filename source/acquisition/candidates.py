"""Where the next points could be: prior draws, walks on the model, local moves, SMOTE moves."""

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import qmc

from .clusters import ENOUGH, leaders, spacing

DESIGN = 20         # first points for each parameter, where the user gives no number
LOST = 10           # good points that the model calls bad, around which it is tried
APART = 3           # their distance, as a part of the spacing of prospects
EACH = 40           # candidates around each
TRIES = 2_000_000   # draws, after which fewer points must do where a pre-cut lets few pass
BLOCK = 2 ** 17     # draws at a time, at most: bounds the memory


def design_size(config, dim):
    """Points of the first design: what the user says, else 20 a parameter, 60 at least."""
    return config.Size_initial_batch or max(DESIGN * dim, 3 * DESIGN)


def design(rng, n, dim, allowed=None):
    """Scrambled Sobol points (n, d) that `allowed` (callable u -> bool (n,), or None) lets pass.

    Fewer where that lets hardly any pass.
    """
    block = 2 ** int(np.ceil(np.log2(max(n, 2))))
    return _passing(qmc.Sobol(dim, seed=rng).random, n, dim, allowed, block)


def prior_draws(rng, n, dim, allowed=None):
    """Up to n uniform points of the unit box that are allowed (fewer where hardly any is)."""
    return _passing(lambda m: rng.random((m, dim)), n, dim, allowed, n)


def _passing(draw, n, dim, allowed, block):
    """Up to n points of draw(m) (m, d) that are allowed; larger blocks where few are."""
    found, tried = np.empty((0, dim)), 0
    while len(found) < n and tried < TRIES:
        u = draw(block)
        tried += block
        block = min(2 * block, max(block, BLOCK))
        found = np.concatenate([found, u if allowed is None else u[np.asarray(allowed(u), bool)]])
    return found[:n]


def reflect(u):
    """Mirror points (n, d) back into the unit box at its walls."""
    u = np.mod(u, 2.0)
    return np.where(u > 1, 2.0 - u, u)


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
    weights = [None if w is None else w / w.sum() for w in weights or [None] * len(groups)]
    groups = [(k, g) for k, g in enumerate(groups) if len(g) > 1]
    if not groups or not walkers:
        return np.empty((0, 0)), np.empty(0, int)
    dim = groups[0][1].shape[1]
    share = max(1, walkers // len(groups))
    cluster = np.repeat([k for k, _ in groups], share)
    here = np.concatenate([g[rng.choice(len(g), size=share, p=weights[k])] for k, g in groups])
    kept = []
    for step in range(steps):
        jump = np.concatenate([_differences(rng, g, share) for _, g in groups])
        scale = 2.38 / np.sqrt(2 * dim) * rng.random((len(here), 1))
        scale[rng.random(len(here)) < 0.1] = 1.0
        there = reflect(here + scale * jump + 1e-3 * rng.standard_normal(here.shape))
        good = accept(there, cluster)
        if allowed is not None:
            good &= np.asarray(allowed(there), bool)
        here = np.where(good[:, None], there, here)
        if step >= steps // 2 and (steps - step) % 2:
            kept.append((there[good], cluster[good]))
    return (np.concatenate([u for u, _ in kept]), np.concatenate([k for _, k in kept]))


def _differences(rng, group, n):
    """n differences (n, d) of two distinct points of the group."""
    i = rng.integers(len(group), size=n)
    j = (i + rng.integers(1, len(group), size=n)) % len(group)
    return group[i] - group[j]


def scattered(rng, group, n):
    """n points around those of one cluster, near and far, as evolution strategies mutate.

    The size of a step is drawn anew each time between 1e-3.5 and 0.3 of the box, and half of them
    move one parameter only: a way down where the model sees none, at whatever scale it lies.
    """
    here = group[rng.integers(len(group), size=n)]
    size = 10 ** rng.uniform(-3.5, -0.5, (n, 1))
    step = size * rng.standard_normal(here.shape)
    single = rng.random(n) < 0.5
    keep = np.arange(here.shape[1]) == rng.integers(here.shape[1], size=n)[:, None]
    return reflect(here + np.where(single[:, None] & ~keep, 0.0, step))


def misclassified(rng, good, rater):
    """Points around good ones (n, d) that the model calls bad: it learns what it does not know.

    Only where good points are few, as the first of an component are; of those near each other one
    has its turn, the latest.
    """
    if not len(good):
        return good
    radius = spacing(good.shape[1]) / APART
    lost = np.flatnonzero(~rater.accept(good, rater.nearest(good)))[::-1]
    crowd = cKDTree(good).query_ball_point(good[lost], radius, return_length=True)
    lost = leaders(good, lost[crowd <= ENOUGH], radius, LOST)
    around = [scattered(rng, good[k:k + 1], EACH) for k in lost]
    return np.concatenate([good[:0], *around])


def smote_moves(rng, good, n, k=5):
    """n points between a good point and one of its k nearest good neighbours.

    `k` is lowered where there are fewer; with fewer than two good points nothing is proposed.
    """
    k = min(k, len(good) - 1)
    if k < 1:
        return np.empty((0, good.shape[1]))
    near = cKDTree(good).query(good, k=k + 1)[1][:, 1:]
    i = rng.integers(len(good), size=n)
    j = near[i, rng.integers(k, size=n)]
    return good[i] + rng.random((n, 1)) * (good[j] - good[i])
