"""What a target looks alike in: points with other signs, or turned by a half, from good ones.

The sign of a coupling or the phase of a state is often a convention, so that a target does not
change, or hardly, where some signs flip together and some angles turn by a half. Another part of
the target may lie there, which no slope leads to. Which of them do is not known: each is tried a
few times, those that were right go on, and where an image came near, others follow as a Gaussian
process of those tried says.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ..space.reflections import SAME, Reflections
from . import slots
from .choice import farthest
from .clusters import usual
from .draws import some
from .gaussian_process import GaussianProcess
from .generators import Generator
from .searches import NEAR

TRIES = 3           # in vain, after which a code is given up that came not near
RIGHT = 0.5         # share of good images from which a code is right
NEW = 1.0           # of the points, for further codes, times the share of those that were right
BETTER = 0.25       # of the points, for codes that came near
BEST = 10           # points whose images are looked at as long as none is good
FEW = 3             # signs and turns of a code that is drawn, or each with one half
DRAWN = 200         # codes,
CANDIDATES = 1000   # and images that are looked at, for those farthest from what is known
ROOM = 0.5          # of the usual distance of good points: a nearer image is nothing new
BOLD = 1.0          # spreads below the mean that are hoped for
LEARNED = 100       # images of a code that the process learns from


class Tried(NamedTuple):
    """What is known of the codes that were tried.

    Attributes
    ----------
    codes : bool array (k, bits)
    which : int array (m,)
        Of each image that was evaluated, the code,
    good, image : int array (m,)
        the row of the good point, and its own.
    right, near, vain : bool array (k,)
        The code is right, came near, or is given up.
    """

    codes: Any
    which: Any
    good: Any
    image: Any
    right: Any
    near: Any
    vain: Any


class Mirrors(Generator):
    """Proposes images of good points.

    Parameters
    ----------
    precut : callable or None
    box : Box
    """

    kind = "mirror"

    def __init__(self, precut, box):
        super().__init__(precut)
        self.reflections = Reflections(box)

    def propose(self, state, n):
        """See Generator; n: of all. None where nothing is good, or nothing can be reflected."""
        found = state.points.u[:0]
        if n < 1 or not self.reflections.bits or state.rater.blind:
            return found, None
        tried = self._tried(state)
        found = self._better(state, tried, round(BETTER * n) or 1)
        left = n - len(found)
        new = left if not tried.right.any() else max(1, round(
            NEW * left * (tried.right.sum() + 1) / (len(tried.codes) + 2)))
        codes = self._untried(state.rng, tried)
        for pool, k in ((codes[:new], new), (self._together(state.rng, tried.codes[tried.right]),
                                             left - min(new, len(codes)))):
            found = np.concatenate([found, self._images(state, pool, found, k)])
        return found, None

    def _tried(self, state):
        """What was tried, and how it went."""
        points, alike, none = state.points, self.reflections.alike, np.empty(0, int)
        rows, good = np.flatnonzero(points.origin == self.kind), np.flatnonzero(points.inside)
        first = rows[:0]
        if len(rows) and len(good):     # each is an image of a good point that was known before
            near = cKDTree(alike(points.u[good])).query(
                alike(points.u[rows]), k=[1, 2], distance_upper_bound=SAME)[1]
            first = np.append(good, len(points.u))[near].min(axis=1)
            rows, first = rows[first < rows], first[first < rows]
        else:
            rows = first
        if not len(rows):
            return Tried(np.empty((0, self.reflections.bits), bool), none, none, none,
                         *np.empty((3, 0), bool))
        codes, which = np.unique(self.reflections.codes(points.u[first], points.u[rows]), axis=0,
                                 return_inverse=True)
        which = which.reshape(-1)
        lowest = np.full(len(codes), np.inf)
        np.minimum.at(lowest, which, state.height[rows])
        n, hits = np.bincount(which), np.bincount(which, points.inside[rows])
        right = (hits > 0) & (hits >= RIGHT * n)
        near = ~right & (lowest < NEAR * usual(state.height, points.iteration))
        return Tried(codes, which, first, rows, right, near, ~right & ~near & (n >= TRIES))

    def _better(self, state, tried, n):
        """Up to n images (m, d), of codes that came near, as a process of their images says."""
        found = state.points.u[:0]
        near = state.rng.permutation(np.flatnonzero(tried.near))[:n]
        for k, share in zip(near, slots.shares(n, [1.0] * len(near)), strict=True):
            mine = np.flatnonzero(tried.which == k)
            mine = mine[np.argsort(state.height[tried.image[mine]], kind="stable")[:LEARNED]]
            mine = mine[np.isfinite(state.height[tried.image[mine]])]
            good = some(state.rng, _sources(state), CANDIDATES)
            places, good = self._possible(state, good, tried.codes[[k] * len(good)], found)
            if not len(places):
                continue
            y = state.height[tried.image[mine]]
            process = GaussianProcess(good.shape[1], LEARNED, LEARNED).fit(
                state.points.u[tried.good[mine]], y / max(float(y.std()), 1e-9), state.rng,
                fresh=True)
            hope = process.mean(good) - BOLD * process.spread(good)
            found = np.concatenate([found, places[np.argsort(hope, kind="stable")[:share]]])
        return found

    def _untried(self, rng, tried):
        """Codes (k, bits) drawn at random that are neither right, near nor in vain; those that were
        tried least come first."""
        bits = self.reflections.bits
        new = rng.random((DRAWN, bits)) < 0.5
        few = rng.random((DRAWN, bits)).argsort(axis=1) < rng.integers(1, FEW + 1, (DRAWN, 1))
        new = np.where(rng.random((DRAWN, 1)) < 0.5, new, few)
        times = dict(zip(map(bytes, tried.codes), np.where(
            tried.right | tried.near | tried.vain, TRIES, np.bincount(
                tried.which, minlength=len(tried.codes))).tolist(), strict=True))
        times[bytes(bits)] = TRIES      # nothing flips
        codes = dict.fromkeys(bytes(code) for code in new if times.get(bytes(code), 0) < TRIES)
        return np.array([np.frombuffer(code, bool) for code in
                         sorted(codes, key=lambda code: times.get(code, 0))],
                        bool).reshape(-1, bits)

    def _together(self, rng, right):
        """Codes (CANDIDATES, bits): those that were right (k, bits), alone and two together."""
        if not len(right):
            return right
        known = np.concatenate([np.zeros((1, right.shape[1]), bool), right])
        a, b = rng.integers(len(right), size=CANDIDATES), rng.integers(len(known), size=CANDIDATES)
        return right[a] ^ known[b]

    def _images(self, state, codes, others, n):
        """Up to n images (m, d) of good points, far from what is known and others (k, d)."""
        if n < 1 or not len(codes):
            return others[:0]
        good = _sources(state)
        if not len(good):
            return others[:0]
        good = good[state.rng.integers(len(good), size=len(codes))]
        places, _ = self._possible(state, good, codes, others)
        return places[farthest(places, self._gap(state, places, others), n)]

    def _possible(self, state, good, codes, others):
        """Images (m, d) of good points (n, d) that are worth evaluating, and what they are of."""
        places, may = self.reflections.images(good, codes)
        may = state.rater.possible(places, may)
        if self.precut is not None:
            may &= np.asarray(self.precut(places), bool)
        places, good = places[may], good[may]
        if not len(places):
            return places, good
        apart = cKDTree(good).query(good, k=[2])[0]
        apart = apart[np.isfinite(apart)]
        new = self._gap(state, places, others) > max(ROOM * np.median(apart) if len(apart) else 0,
                                                     SAME)
        return places[new], good[new]

    @staticmethod
    def _gap(state, places, others):
        """Distance (m,) of places (m, d) from what is evaluated, pending, or chosen (k, d)."""
        if not len(places):
            return np.empty(0)
        waiting = np.reshape(state.pending, (-1, places.shape[1]))
        return cKDTree(np.concatenate([state.points.u, waiting, others])).query(places)[0]


def _sources(state):
    """Points (m, d) whose images are looked at: the good ones, or the best where none is."""
    if len(state.good):
        return state.good
    best = np.argsort(state.height, kind="stable")[:BEST]
    return state.points.u[best[np.isfinite(state.height[best])]]
