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
from .gaussian_process import process_of
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
        """See Generator; n: of all. None where nothing can be reflected."""
        found, good = state.points.u[:0], _sources(state)
        if n < 1 or not self.reflections.bits or state.rater.blind or not len(good):
            return found, None
        tried, room = self._tried(state), _room(good)
        found = self._better(state, tried, round(BETTER * n) or 1, room)
        left, right = n - len(found), tried.codes[tried.right]
        new = left if not len(right) else round(
            NEW * left * (len(right) + 1) / (len(tried.codes) + 2)) or 1
        codes = self._untried(state.rng, tried)[:new]
        for pool, k in ((codes, new), (_together(state.rng, right), left - len(codes))):
            sources = good[state.rng.integers(len(good), size=len(pool))]
            places, _, gap = self._possible(state, sources, pool, found, room)
            found = np.concatenate([found, places[farthest(places, gap, k)]])
        return found, None

    def _tried(self, state):
        """What was tried, and how it went."""
        image, good = self._pairs(state.points)
        if not len(image):
            return Tried(np.empty((0, self.reflections.bits), bool), image, image, image,
                         *np.empty((3, 0), bool))
        u = state.points.u
        codes, which = np.unique(self.reflections.codes(u[good], u[image]), axis=0,
                                 return_inverse=True)
        which = which.reshape(-1)
        lowest = np.full(len(codes), np.inf)
        np.minimum.at(lowest, which, state.height[image])
        n, hits = np.bincount(which), np.bincount(which, state.points.inside[image])
        right = (hits > 0) & (hits >= RIGHT * n)
        near = ~right & (lowest < NEAR * usual(state.height, state.points.iteration))
        return Tried(codes, which, good, image, right, near, ~right & ~near & (n >= TRIES))

    def _pairs(self, points):
        """Rows (m,) of images, and of the good points, known before, that they are images of."""
        rows, good = np.flatnonzero(points.origin == self.kind), np.flatnonzero(points.inside)
        if not len(rows) or not len(good):
            return rows[:0], rows[:0]
        alike = self.reflections.alike
        same = cKDTree(alike(points.u[good])).query(     # a good image is alike to itself, too
            alike(points.u[rows]), k=[1, 2], distance_upper_bound=SAME)[1]
        first = np.append(good, len(points.u))[same].min(axis=1)
        return rows[first < rows], first[first < rows]

    def _better(self, state, tried, n, room):
        """Up to n images (m, d), of codes that came near, as a process of their images says."""
        found = state.points.u[:0]
        near = state.rng.permutation(np.flatnonzero(tried.near))[:n]
        for k, share in zip(near, slots.shares(n, [1.0] * len(near)), strict=True):
            good = some(state.rng, _sources(state), CANDIDATES)
            places, good, _ = self._possible(state, good, tried.codes[[k] * len(good)], found,
                                             room)
            if len(places):
                hope = self._hope(state, tried, k, good)
                found = np.concatenate([found, places[np.argsort(hope, kind="stable")[:share]]])
        return found

    @staticmethod
    def _hope(state, tried, k, good):
        """What the images of good points (m, d) may be, (m,): the lower, the better."""
        mine = np.flatnonzero(tried.which == k)
        y = state.height[tried.image[mine]]
        order = np.argsort(y, kind="stable")[:min(LEARNED, np.isfinite(y).sum())]
        process = process_of(state.points.u[tried.good[mine[order]]], y[order], state.rng)
        return process.mean(good) - BOLD * process.spread(good)

    def _untried(self, rng, tried):
        """Codes (k, bits) drawn at random that are neither right, near nor in vain; those that were
        tried least come first."""
        bits = self.reflections.bits
        new = rng.random((DRAWN, bits)) < 0.5
        few = rng.random((DRAWN, bits)).argsort(axis=1) < rng.integers(1, FEW + 1, (DRAWN, 1))
        new = np.where(rng.random((DRAWN, 1)) < 0.5, new, few)
        times = np.bincount(tried.which, minlength=len(tried.codes))
        times[tried.right | tried.near | tried.vain] = TRIES
        known = dict(zip(map(bytes, tried.codes), times.tolist(), strict=True))
        known[bytes(bits)] = TRIES      # nothing flips
        drawn = {bytes(code): known.get(bytes(code), 0) for code in new}
        least = sorted((code for code in drawn if drawn[code] < TRIES), key=drawn.__getitem__)
        return np.frombuffer(b"".join(least), bool).reshape(-1, bits)

    def _possible(self, state, good, codes, others, room):
        """Images (m, d) of good points (n, d) that are worth evaluating, what they are of, and how
        far (m,) they are from what is evaluated, pending, or chosen (k, d)."""
        places, inside = self.reflections.images(good, codes)
        may = self._may(state, places, inside)
        known = np.concatenate([state.points.u, state.pending.u, others])
        gap = cKDTree(known).query(places)[0] if len(places) else np.empty(0)
        may &= gap > room
        return places[may], good[may], gap[may]


def _together(rng, right):
    """Codes (CANDIDATES, bits): those that were right (k, bits), alone and two together."""
    if not len(right):
        return right
    known = np.concatenate([np.zeros((1, right.shape[1]), bool), right])
    a, b = rng.integers(len(right), size=CANDIDATES), rng.integers(len(known), size=CANDIDATES)
    return right[a] ^ known[b]


def _sources(state):
    """Points (m, d) whose images are looked at: the good ones, or the best where none is."""
    if len(state.good):
        return state.good
    best = np.argsort(state.height, kind="stable")[:BEST]
    return state.points.u[best[np.isfinite(state.height[best])]]


def _room(good):
    """Distance from what is known below which an image of good points (n, d) is nothing new."""
    apart = cKDTree(good).query(good[-CANDIDATES:], k=[2])[0]
    return max(ROOM * float(np.median(apart)), SAME) if len(good) > 1 else SAME
