"""New points from a trained model alone: walks on its surface, spread over the region."""


import numpy as np
from scipy.spatial import cKDTree

from ..acquisition.draws import reflect
from ..errors import ModelFileError

_SURE = 0.9         # probability that a suggested point must have
_NEIGHBOURS = 30    # a step is the difference of two of so many good points nearby
_SURPLUS = 6        # candidates for each place: what is kept can then be spread evenly
_MOST_STEPS = 300
_THINNING = 0.25    # share of the crowded ones that is dropped before distances are taken anew


def suggest(saved, n, seed=0):
    """New points that the model predicts in the target, spread evenly over the region it knows.

    Parameters
    ----------
    saved : SavedModel
    n : int
    seed : int

    Returns
    -------
    ndarray (n', d), n' <= n
        Unit box.

    Raises
    ------
    ModelFileError
        When the model was trained without any point in the target.
    """
    good, rng = _known_good(saved), np.random.default_rng(seed)
    cut = min(_SURE, float(np.median(_probability(saved, good))))
    here = good[rng.permutation(max(len(good), min(5000, max(500, n)))) % len(good)]
    here = here[_probability(saved, here) >= min(cut, 0.5)]
    found, steps = [np.empty((0, saved.box.dim))], 0
    while len(here) and sum(map(len, found)) < _SURPLUS * n and steps < _MOST_STEPS:
        there = local_moves(good, here, rng)
        fine = _allowed(saved, there)
        fine[fine] = _probability(saved, there[fine]) >= cut
        here = np.where(fine[:, None], there, here)
        if steps >= 5:  # the first steps are still close to the training points
            found.append(here[fine])
        steps += 1
    chosen = np.concatenate(found)
    if saved.box.snap is not None:
        chosen = np.unique(saved.box.snap(chosen), axis=0)
    return spread_out(chosen, n, rng)


def neighbours(saved, n, seed=0):
    """Points (n', d), n' <= n, around the known good ones, whatever the model predicts for them.

    Unit box; parameters and errors as for `suggest`.
    """
    good, rng = _known_good(saved), np.random.default_rng(seed)
    start = spread_out(good, n, rng)
    moved = local_moves(good, start[rng.integers(len(start), size=n)], rng)
    return moved[_allowed(saved, moved)]


def local_moves(good, here, rng):
    """One step (n, d) from each of `here` (n, d), as long and as wide as the region nearby.

    The difference of two good points near the walker, times up to 2.38 / sqrt(2 d) (the step of
    differential evolution, ter Braak 2006), with a little noise; reflected at the walls.
    """
    tree, dim = cKDTree(good), good.shape[1]
    k = min(_NEIGHBOURS, len(good))
    near = tree.query(here, k=k)[1].reshape(len(here), k)
    row = np.arange(len(here))
    first, second = (good[near[row, rng.integers(k, size=len(here))]] for _ in range(2))
    length = 2.38 / np.sqrt(2 * dim) * rng.random((len(here), 1))
    return reflect(here + length * (first - second) + 1e-3 * rng.standard_normal(here.shape))


def spread_out(points, n, rng):
    """n of the points (m, d), those too near to others dropped first."""
    points = points[rng.permutation(len(points))]
    while len(points) > n:
        distance, other = cKDTree(points).query(points, k=2)
        # of a close pair only one goes: the later one, and only if it is not needed by a third
        first = other[:, 1] > np.arange(len(points))
        rank = np.argsort(distance[:, 1] + 1e9 * first, kind="stable")
        drop = min(len(points) - n, max(1, int(_THINNING * (~first).sum())))
        keep = np.ones(len(points), bool)
        keep[rank[:drop]] = False
        points = points[keep]
    return points


def _known_good(saved):
    good = saved.good_training()
    if not len(good):
        raise ModelFileError(f"The model in {saved.folder} has not seen a single point in the "
                             "target, so it cannot suggest any. Scan longer.")
    return good


def _probability(saved, u):
    return saved.predict_unit(u)[2]


def _allowed(saved, u):
    return np.ones(len(u), bool) if saved.box.precut is None else saved.box.precut(u)
