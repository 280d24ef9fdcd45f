"""The evaluated points that a proposal uses: all up to a number, then only so many.

Of the good ones, of the others and of those that failed each box of the same size keeps as many
as the next, as long as it has them: a small part of the target keeps its points beside one with
a hundred thousand, and a batch costs the same however many points are kept.
"""

import numpy as np

from .draws import LOOKED
from .training_rows import in_turn

GROUP = LOOKED // 2     # good points, others and failed ones, each
FIRST = LATEST = LOOKED // 4    # of the first design, and the latest points of all; of searches
SEARCHED = LOOKED // 2          # the latest: a search must find the points of its own visits
BITS = 62               # halvings of the unit box, at most, so that an int holds the box's number
PER_BOX = 4             # points a box at least, where there are so many


def looked_at(points, distance):
    """The points that are used, in order; `points` itself where they are not too many.

    Parameters
    ----------
    points : Points
    distance : float array (n,)
        From the edge of the target, below 0 inside; inf for failed points.

    Returns
    -------
    Points
        2.5 LOOKED at most.
    """
    if len(points) <= LOOKED:
        return points
    far = ~np.isfinite(distance)
    first = np.flatnonzero(points.iteration == points.iteration.min())[:FIRST]
    searched = np.flatnonzero(points.origin == "search")[-SEARCHED:]
    groups = [rows[thinned(points.u[rows], distance[rows], GROUP)] for rows in map(
        np.flatnonzero, (distance < 0, (distance >= 0) & ~far, far))]
    latest = np.arange(len(points) - LATEST, len(points))
    return points.take(np.unique(np.concatenate([first, searched, latest, *groups])))


def thinned(u, distance, most):
    """At most `most` rows of u (n, d), of each box those nearest to the target's edge (n,)."""
    if len(u) <= most:
        return np.arange(len(u))
    return in_turn(np.abs(distance), boxes(u, most // PER_BOX))[:most]


def boxes(u, most):
    """Number (n,) of the box of each point (n, d): equal parts of the unit box, of which at most
    `most` have points.

    The sides are halved in turn, as far as that goes.
    """
    code, dim = np.zeros(len(u), np.int64), min(u.shape[1], BITS)
    halvings = -(-BITS // dim)
    whole = np.minimum(u[:, :dim].T, np.nextafter(1.0, 0.0)) * 2.0 ** halvings
    whole = whole.astype(np.int64)
    for k in range(BITS):
        halving, side = divmod(k, dim)
        code <<= 1
        code |= whole[side] >> (halvings - 1 - halving) & 1
    ordered = np.unique(code)
    while len(ordered) > most:
        code >>= 1
        ordered >>= 1
        ordered = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return np.searchsorted(ordered, code)
