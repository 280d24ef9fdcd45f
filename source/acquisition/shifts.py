"""Where the pattern of the known parts of the target goes on: a part moved as two others differ.

Parts of a target often repeat: angles and phases have periods, and so has what interferes. If b is
as far from a as d is from c, a further part may be as far from each of those known. Such places
need neither a model, which knows nothing there, nor a slope that leads to them.
"""

import numpy as np
from scipy.spatial import cKDTree

from .draws import some
from .generators import Generator

MOST = 60           # parts that are looked at, and
MANY = 20_000       # moves of one; both are drawn where there are more; in many dimensions
COORDINATES = 100_000   # fewer, so many numbers together
AGREED = 2          # pairs that must lead to a place
SIZED = 3           # points of a part from which it has a size
NEW = 2.0           # times that size: a new part is farther from all good points


class Shifts(Generator):
    """Proposes places where a part of the target may be, as the known parts lie to each other.

    Those on which most pairs of parts agree come first; what one pair alone says is no pattern.
    None is nearer than the size of a part to a point that is known.
    """

    kind = "shift"

    def propose(self, state, n):
        """See Generator; n: of all. None where nothing was learned."""
        if n < 1 or state.parts is None or not len(state.parts[0]):
            return state.points.u[:0], None
        centres, size = _centres(*state.parts[:2])
        places = _places(state.rng, some(state.rng, centres, MOST))
        places = self._allowed(_unknown(places, state, size))
        if len(places):
            places = places[state.rater.possible(places, np.ones(len(places), bool))]
        return _most_named(places, size, n), None


def _centres(good, part):
    """Centres (k, d) of the parts of points (m, d), and the median size of a part."""
    counts = np.bincount(part)
    centres = np.stack([np.bincount(part, column) for column in good.T], axis=1) / counts[:, None]
    squares = np.bincount(part, ((good - centres[part]) ** 2).sum(axis=1)) / counts
    sized = counts >= SIZED
    return centres, np.sqrt(np.median(squares[sized])) if sized.any() else 0.0


def _places(rng, centres):
    """Centres + differences of two others, (m, d) in the box, or some of them."""
    i, j, k = np.indices((len(centres),) * 3).reshape(3, -1)
    use = np.flatnonzero((i != k) & (j != k) & (i <= j))
    use = some(rng, use, min(MANY, COORDINATES // centres.shape[1]))
    places = centres[i[use]] + centres[j[use]] - centres[k[use]]
    return places[((places >= 0) & (places <= 1)).all(axis=1)]


def _unknown(places, state, size):
    """Those of the places (m, d) where nobody has been."""
    for known, room in ((state.points.u, size), (state.pending.u, size),
                        (state.parts[0], NEW * size)):
        if len(places) and len(known):
            near = cKDTree(known).query(places, distance_upper_bound=room)[0]
            places = places[np.isinf(near)]
    return places


def _most_named(places, size, n):
    """Up to n (k, d) of the places (m, d) where most of them agree, and that are apart."""
    found = places[:0]
    if not len(places):
        return found
    tree = cKDTree(places)
    votes = tree.query_ball_point(places, size, return_length=True)
    while len(found) < n and votes.max() >= AGREED:
        near = tree.query_ball_point(places[np.argmax(votes)], size)
        found = np.concatenate([found, places[near].mean(axis=0, keepdims=True)])
        votes[near + tree.query_ball_point(found[-1], NEW * size)] = 0
    return found
