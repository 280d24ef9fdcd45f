"""What answers at held-out points tell of the errors of a committee at new ones."""

import numpy as np

_LEAST_LEFT = 0.05  # of the square of a member's error is the committee's, at least
_NEAR = 1.5         # scaled distance from the edge: all of the target, and what is around it
_REACH = 0.95       # of the points there have another one so near
_BETWEEN = 15.0     # degrees of freedom with which a variance is as uncertain as another place's
_FEW = 20


def beside(x, known):
    """Half-way from each of x (n, d) to the nearest other one of `known` (k, d).

    No member of a committee has seen such points: only there it disagrees as at new ones. Any other
    direction would lead out of a thin target.
    """
    from scipy.spatial import cKDTree  # slow import, for training only
    near = cKDTree(known).query(x, k=2)[1][:, -1]
    return (x + known[np.minimum(near, len(known) - 1)]) / 2


def near_target(x, places, times=1.0):
    """Bool (n,): x (n, d) is no farther from a place near the target than these from each other,
    or so many times as far.

    The value at x itself does not matter, nor does a prediction: a choice by one of them would
    leave out large errors, or small ones.

    Parameters
    ----------
    x : ndarray (n, d)
        Held-out points.
    places : ndarray (k, d)
        Learned points in the target and beside it, those of x too.
    """
    from scipy.spatial import cKDTree  # slow import, for training only
    if len(places) < _FEW:
        return np.ones(len(x), bool)
    tree = cKDTree(places)
    reach = times * np.quantile(tree.query(places, k=2)[0][:, 1], _REACH)
    distance = tree.query(x, k=2)[0]
    near = np.where(distance[:, 0] > 0, distance[:, 0], distance[:, 1]) <= reach
    return near if near.sum() >= _FEW else np.ones(len(x), bool)


def beside_target(far):
    """Bool (k,): points whose scaled distance from the edge of the target, `far` (k,), is small,
    or half of them."""
    return far <= max(_NEAR, np.median(far))


def shrinking(error, scatter):
    """Factor (m,) of members' errors (n, m) that makes them those of the committee."""
    square = np.maximum((error**2).mean(0), 1e-300)
    return np.sqrt(np.maximum(1 - scatter.mean(0) / square, _LEAST_LEFT))


def unseen_ratio(own, square, free):
    """How much larger (n,) the variance of members is at held-out points than beside them.

    On average as much as the ratio of `own` and `square`. At one point `own` has few degrees of
    freedom, and `square` is that of another place: the two are weighed by how uncertain they are.

    Parameters
    ----------
    own : ndarray (n,)
        Variance of members that did not see the point.
    square : ndarray (n,)
        The same of the whole committee beside it, which saw the point.
    free : int
        Degrees of freedom of `own`.
    """
    ratio = own.mean() / max(square.mean(), 1e-300)
    weight = free / (free + _BETWEEN)
    return (1 - weight) * ratio + weight * own / np.maximum(square, 1e-6 * square.mean() + 1e-300)
