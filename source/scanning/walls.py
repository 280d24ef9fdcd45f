"""Points beyond an edge of a profile's region to which chi2 does not rise.

There a hard limit ends the region, or no points were evaluated beyond. A model of chi2 knows
neither, so the good points beside the edge show where to continue: in their common direction,
with the differences between them. These follow what is allowed also where it narrows by
a power, as that of the built-in 2HDM does at large tan beta.
"""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ..statistics.profiles import CONFIDENCE, level

STEP = 1.5          # of the distance from the edge to the middle of its neighbours, at most
NEIGHBOURS = 4      # good points beside a place, for each parameter
AHEAD = 4           # times as many places as are taken, those first that no good point is nearer to
KNOWN = 0.01        # than this part of the window
MOST, LEAST = 0.5, 0.1      # of the points of a batch
MORE, FEWER = 1.5, 0.7      # factor of that share where more than
WORTH = 0.05        # of the last ones are in the region, and where fewer are


class Walls:
    """Goes beyond abrupt edges.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng):
        self.rng, self.share = rng, MOST
        self._last: Any = None      # bool: which of the points asked for last were of here

    def asked(self, ours):
        """Which of the points that were asked for, bool (m,), are of here."""
        self._last = np.asarray(ours, bool)

    def beyond(self, n, u, place, delta, profile, abrupt, edge):
        """Points, unit box, for a share of a batch of n; (0, dim) where too few points are good.

        Parameters
        ----------
        u : (m, dim) array
            All evaluated points, those asked for last at the end.
        place : (m, k) array
            Their places in the window, which is of size one.
        delta : (m,) array
            chi2 above the best one; NaN where not allowed.
        profile : statistics.profiles.Profile
        abrupt, edge : (e, k) arrays
            Places of its abrupt edge, and of all of it: the least share tries there when nothing
            is abrupt, as what is thin may look smooth.
        """
        within = delta < level(CONFIDENCE[1], profile.dimensions)
        good = np.flatnonzero(within & np.isfinite(place).all(axis=1))
        if self._last is not None and self._last.any():
            worth = within[-len(self._last):][self._last].mean() > WORTH
            self.share = float(np.clip(self.share * (MORE if worth else FEWER), LEAST, MOST))
        n, dim = int((self.share if len(abrupt) else LEAST) * n), u.shape[1]
        edge = abrupt if len(abrupt) else edge
        if not n or not len(edge) or len(good) < NEIGHBOURS * dim:
            return np.empty((0, dim))
        edge = edge[self.rng.integers(len(edge), size=AHEAD * n)]
        near = cKDTree(place[good])
        rows = good[near.query(edge, NEIGHBOURS * dim)[1]]
        out = edge - place[rows].mean(axis=1)
        there = edge + STEP * self.rng.random((len(edge), 1)) * out
        first = np.argsort(near.query(there)[0] < KNOWN, kind="stable")[:n]
        return np.clip([self._moved(place[rows[k]], u[rows[k]], there[k]) for k in first], 0, 1)

    def _moved(self, place, u, there):
        """A point (dim,) at `there` (k,), as the points u (m, dim) at their places (m, k)."""
        middle, centre = place.mean(axis=0), u.mean(axis=0)
        slope = np.linalg.lstsq(place - middle, u - centre, rcond=1e-6)[0]
        rest = u - centre - (place - middle) @ slope
        a, b, c = self.rng.integers(len(u), size=3)
        return (centre + (there - middle) @ slope + rest[a]
                + self.rng.random() * (rest[b] - rest[c]))
