"""Points beyond an edge of a profile's region to which chi2 does not rise.

There a hard limit ends the region, or no points were evaluated beyond. What lies beyond may be
reached only with other values of the parameters that are not in the plane: heavier particles, say,
of which the best points known are farther back. So it is tried from good points of all their
values, with a model of chi2 and of each limit around the point; and, with less, as the good points
beside the edge lie.
"""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ..statistics.profiles import CONFIDENCE, level
from .local_model import LocalModel, broken
from .outward import outward, slope_of

ALONG = 0.3         # of these points: as the good ones beside the edge lie, without a model,
STEP = 1.5          # of the distance from the edge to the middle of its neighbours, at most
NEIGHBOURS = 4      # good points beside a place, for each parameter: away from them is out
MOST, LEAST = 0.7, 0.1      # of the points of a batch
MORE, FEWER = 1.5, 0.7      # factor of that share where more than
WORTH = 0.05        # of the last ones are in the region, and where fewer are
BINS = 8            # of a parameter that is not in the plane
BESIDE = 0.1        # of the window: a point from which it is tried is no farther beside the way out
AHEAD = 3           # the point is one of so many that are farthest out,
TRIES = 2           # and no one is tried more often
REACH = np.array([8.0, 4.0, 2.0])       # spreads of the good points: how far three points from
# there go, at most, to begin with:
LONGER = 2.0        # times as far where more than
EASY = 0.5          # of the last ones are in the region,
FARTHEST = 8.0      # times as far at most
MARGIN = 0.5        # with these log odds to keep all limits,
SLACK = 1.0         # chi2 by which they should be better than the edge


class Walls:
    """Goes beyond abrupt edges.

    Parameters
    ----------
    rng : numpy.random.Generator
    fixed : list of int or None
        The parameters in the plane.
    """

    def __init__(self, rng, fixed):
        self.rng, self.fixed, self.share, self.times = rng, fixed, MOST, 1.0
        self._tried: dict[int, int] = {}
        self._last: Any = None      # bool: which of the points asked for last were of here

    def asked(self, ours):
        """Which of the points that were asked for, bool (m,), are of here."""
        self._last = np.asarray(ours, bool)

    def beyond(self, n, points, place, profile, abrupt, edge):
        """Points, unit box, for a share of a batch of n; (0, dim) where too few points are good.

        Parameters
        ----------
        points : Points
            All evaluated ones, those asked for last at the end.
        place : (m, k) array
            Their places in the window, which is of size one.
        profile : statistics.profiles.Profile
        abrupt, edge : (e, k) arrays
            Places of its abrupt edge, and of all of it: the least share tries there when nothing
            is abrupt, as what is thin may look smooth.
        """
        delta, top = points.chi2 - points.best(), level(CONFIDENCE[1], profile.dimensions)
        within = points.allowed & (delta < top)
        good = np.flatnonzero(within & np.isfinite(place).all(axis=1))
        self._follow_record(within)
        share, edge = (self.share, abrupt) if len(abrupt) else (LEAST, edge)
        n = int(share * n)
        if not n or not len(edge) or len(good) < NEIGHBOURS * points.dim:
            return np.empty((0, points.dim))
        along, tree, breaks = round(ALONG * n), cKDTree(place[good]), broken(points)
        new, theta = [self._along(along, points.u[good], tree, edge)], None
        for base, out in self._bases(-(-(n - along) // len(REACH)), points, good, tree, edge):
            model = LocalModel(points.u, delta, breaks, good, base, self.rng, theta)
            theta = model.process.theta
            new.append(outward(model, slope_of(model, points.u, place, out),
                               self.times * REACH[:, None], top - SLACK, MARGIN, self.rng))
        return np.concatenate(new)[:n]

    def _follow_record(self, within):
        if self._last is not None and self._last.any():
            worth = within[-len(self._last):][self._last].mean()
            self.share = float(np.clip(self.share * (MORE if worth > WORTH else FEWER), LEAST,
                                       MOST))
            step = LONGER if worth > EASY else 1 / LONGER
            self.times = float(np.clip(self.times * step, 1.0, FARTHEST))

    def _along(self, n, u, tree, edge):
        """Points (n, dim) beyond the edge, in the common direction of the good ones u (m, dim)
        beside it, whose places are in the tree, with the differences between them."""
        edge, place = edge[self.rng.integers(len(edge), size=n)], tree.data
        rows = tree.query(edge, NEIGHBOURS * u.shape[1])[1]
        there = edge + STEP * self.rng.random((n, 1)) * (edge - place[rows].mean(axis=1))
        return np.clip(np.reshape([self._moved(place[near], u[near], at) for near, at in
                                   zip(rows, there, strict=True)], (n, u.shape[1])), 0.0, 1.0)

    def _moved(self, place, u, there):
        """A point (dim,) at `there` (k,), as the points u (m, dim) at their places (m, k)."""
        middle, centre = place.mean(axis=0), u.mean(axis=0)
        slope = np.linalg.lstsq(place - middle, u - centre, rcond=1e-6)[0]
        rest = u - centre - (place - middle) @ slope
        a, b, c = self.rng.integers(len(u), size=3)
        return (centre + (there - middle) @ slope + rest[a]
                + self.rng.random() * (rest[b] - rest[c]))

    def _bases(self, n, points, good, tree, edge):
        """Rows from which it is tried, n or fewer, each with the way out (k,); the tree has the
        places of the good ones."""
        place, found = tree.data, []
        hidden = [i for i in range(points.dim) if i not in self.fixed]
        for _ in range(40 * n):
            if len(found) == n:
                break
            start = edge[self.rng.integers(len(edge))]
            beside = tree.query(start, NEIGHBOURS * points.dim)[1]
            out = start - place[beside].mean(axis=0)
            out /= max(np.linalg.norm(out), 1e-9)
            ahead = (place - start) @ out
            rows = np.linalg.norm(place - start - ahead[:, None] * out, axis=1) < BESIDE
            if hidden:
                rows &= self._bin(points.u[good, hidden[self.rng.integers(len(hidden))]])
            rows = np.flatnonzero(rows)
            if not len(rows):
                continue
            first = rows[np.argsort(-ahead[rows], kind="stable")[:AHEAD]]
            base = good[first[self.rng.integers(len(first))]]
            if (tries := self._tried.get(points.id[base], 0)) < TRIES:
                self._tried[points.id[base]] = tries + 1
                found.append((base, out))
        return found

    def _bin(self, values):
        """Which of the values (n,) are near to one that is drawn between them, bool (n,)."""
        wide = np.ptp(values)
        return np.abs(values - values.min() - self.rng.random() * wide) <= wide / (2 * BINS)
