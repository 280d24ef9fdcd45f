"""What a target looks alike in: points with other signs, or turned by a half, from good ones.

The sign of a coupling or the phase of a state is often a convention, so that a target does not
change, or hardly, where some signs flip together and some angles turn by a half. Another part of
the target may lie there, which no slope leads to. Which of them do is not known: each is tried a
few times, those that were right go on, and where an image came near, others follow as a Gaussian
process of those tried says. Codes whose images have the very same value as what they are of are a
Symmetry: model and surrogate learn from one image what they say of all.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ..space.reflections import SAME, Reflections
from ..space.symmetry import Symmetry
from . import slots
from .choice import farthest
from .clusters import gap_to, usual
from .draws import some
from .gaussian_process import process_of
from .generators import Generator
from .searched import NEAR

TRIES = 3           # in vain, after which a code is given up that came not near, and one more for
AGAIN = 200         # so many good points: the first ones may lie where no image is near
RIGHT = 0.5         # share of good images from which a code is right
NEW = 1.0           # of the points, for further codes, times the share of those that were right
BETTER = 0.25       # of the points, for codes that came near, and
HOPED = 5           # more for those of which an image is lower than this part of the usual height,
HALF, IN_VAIN = 0.5, 40     # the lowest among the latest of so many: it is in the valley of another
                            # part, which without them was met too late to be filled
BEST = 10           # points whose images are looked at as long as none is good
FEW = 3             # signs and turns of a code that is drawn, or each with one half
DRAWN, DRAWS = 200, 10  # codes, and good points for each,
CANDIDATES = 1000   # and images that are looked at, for those farthest from what is known
ROOM = 0.5          # of the usual distance of good points: a nearer image is nothing new
BOLD = 1.0          # spreads below the mean that are hoped for
LEARNED = 100       # images of a code that the process learns from
TESTS = 64          # codes that are tried whatever became of others, as a symmetry that is known
                    # early helps all of the scan;
TESTED = 3          # images of a batch for these, at least
LATEST = 10_000     # images that tell of codes
EQUAL = 1e-3        # scaled values that differ by less are the same,
DIFFER = 1e-2       # if those of other points differ by more
AGREED = 3          # images that have to be the same as what they are of


class Tried(NamedTuple):
    """What is known of the codes that were tried.

    Attributes
    ----------
    codes : bool array (k, bits)
    which : int array (m,)
        Of each image that was evaluated, the code,
    good, image : int array (m,)
        the row of the good point, and its own.
    best : int array (k,)
        Row of the lowest image of each code.
    right, near, hopeful, vain : bool array (k,)
        The code is right, came near, came half of the way and lately nearer, or is given up
    tries : int
        after so many images.
    """

    codes: Any
    which: Any
    good: Any
    image: Any
    best: Any
    right: Any
    near: Any
    hopeful: Any
    vain: Any
    tries: int


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

    def wanted(self, state, size):
        """See Generator; more where images came near."""
        symmetry = state.rater.symmetry
        different = 2 ** (self.reflections.bits - len(symmetry)) - 1
        few = len(self._codes(state.points, symmetry=symmetry)[0]) < min(different, TESTS)
        hoped = HOPED if self._tried(state).hopeful.any() else 0
        return max(super().wanted(state, size), TESTED if few else 0) + hoped

    def none(self):
        """The Symmetry of nothing."""
        return Symmetry(self.reflections, np.empty((0, self.reflections.bits), bool))

    def symmetry(self, points, scale):
        """The Symmetry under which nothing that is learned changes, as far as images tell.

        Parameters
        ----------
        points : Points
        scale : ValueScale
            Its labels are what is learned.
        """
        codes, which, source, image = self._codes(points)
        none = self.none()
        known = np.isfinite(points.value[image])    # what failed, as by a time limit, tells nothing
        which, source, image = which[known], source[known], image[known]
        if len(image) < AGREED:
            return none
        labels, its = (scale.labels(points.take(rows)).reshape(len(rows), -1)
                       for rows in (source, image))
        same = ~(np.abs(labels - its) > EQUAL).any(axis=1)
        if same.sum() < AGREED or not np.ptp(labels[same, -1]) > DIFFER:
            return none
        right, wrong = (np.bincount(which, these, len(codes)) > 0 for these in (same, ~same))
        found = Symmetry(self.reflections, codes[right & ~wrong])
        return found if found.rest(codes[wrong]).any(axis=1).all() else none

    def propose(self, state, n):
        """See Generator; n: of all. None where nothing can be reflected."""
        found, good = state.points.u[:0], _sources(state)
        if n < 1 or not self.reflections.bits or state.rater.blind or not len(good):
            return found, None
        tried, room, symmetry = self._tried(state), _room(good), state.rater.symmetry
        better = max(round(BETTER * n), 1, HOPED * tried.hopeful.any())
        found = self._better(state, tried, min(better, n), room)
        found = np.concatenate([found, self._of_a_bad_point(state, found)])[:n]
        left, right = n - len(found), tried.codes[tried.right]
        new = left if not len(right) + len(symmetry) else round(
            NEW * left * (len(right) + 1) / (len(tried.codes) + 2)) or 1
        # of all codes, as the images of some are all outside the box
        codes = self._untried(state, tried)
        sources = _far_ones(state, tried, good, codes)
        untried = self._possible(state, sources, codes, found, room)[0][:new]
        found = np.concatenate([found, untried])
        if not len(right):  # under a symmetry all candidates are scattered over its images
            return found, None
        codes = _together(state.rng, right, symmetry)
        sources = good[state.rng.integers(len(good), size=len(codes))]
        places, _, gap = self._possible(state, sources, codes, found, room)
        found = np.concatenate([found, places[farthest(places, gap, left - len(untried))]])
        return found, None

    def nearest(self, state):
        """Of each code that came near to the target, the row of its best image (k,)."""
        if not self.reflections.bits or state.rater.blind:
            return np.empty(0, int)
        tried = self._tried(state)
        return tried.best[tried.near]

    def _tried(self, state):
        """What was tried, and how it went."""
        codes, which, good, image = self._codes(state.points, state.points.inside,
                                                state.rater.symmetry)
        order = np.lexsort((image, state.height[image], which))
        best = image[order[np.unique(which[order], return_index=True)[1]]]
        lowest, n = state.height[best], np.bincount(which, minlength=len(codes))
        hits = np.bincount(which, state.points.inside[image], len(codes))
        right = (hits > 0) & (hits >= RIGHT * n)
        plateau = usual(state.height, state.points.iteration)
        near, low = ~right & (lowest < NEAR * plateau), ~right & (lowest < HALF * plateau)
        later = np.bincount(which[image > best[which]], minlength=len(codes))
        tries = TRIES + len(state.good) // AGAIN
        return Tried(codes, which, good, image, best, right, near, low & (later < IN_VAIN),
                     ~right & ~near & (n >= tries), tries)

    def _codes(self, points, of=None, symmetry=None):
        """Codes (k, bits) that were tried; of each image the code (m,), the row of the point that
        was known before, and its own. of: bool (n,), the points whose images count. symmetry: what
        codes do besides it, where they do anything."""
        source, image = self._pairs(points, np.isfinite(points.value) if of is None else of)
        codes = self.reflections.codes(points.u[source], points.u[image])
        if symmetry:
            codes = symmetry.rest(codes)
            more = codes.any(axis=1)
            codes, source, image = codes[more], source[more], image[more]
        codes, which = np.unique(codes, axis=0, return_inverse=True)
        return codes, which.reshape(-1), source, image

    def _pairs(self, points, of):
        """Rows (m,) of points that images are of, and of those."""
        rows = np.flatnonzero(points.origin == self.kind)[-LATEST:]
        sources = np.flatnonzero(of)
        if not len(rows) or not len(sources):
            return rows[:0], rows[:0]
        alike = self.reflections.alike
        same = cKDTree(alike(points.u[sources])).query(  # an image is alike to itself, too
            alike(points.u[rows]), k=[1, 2], distance_upper_bound=SAME)[1]
        first = np.append(sources, len(points.u))[same].min(axis=1)
        return first[first < rows], rows[first < rows]

    def _better(self, state, tried, n, room):
        """Up to n images (m, d), of codes that came near, as a process of their images says."""
        found = state.points.u[:0]
        codes = tried.hopeful if tried.hopeful.any() else tried.near
        near = state.rng.permutation(np.flatnonzero(codes))[:n]
        for k, share in zip(near, slots.shares(n, [1.0] * len(near)), strict=True):
            good = some(state.rng, _sources(state), CANDIDATES)
            places, good, _ = self._possible(state, good, tried.codes[[k] * len(good)], found,
                                             room)
            if len(places):
                expected = self._expected(state, tried, k, good)
                found = np.concatenate([found, places[np.argsort(expected, kind="stable")[:share]]])
        return found

    def _of_a_bad_point(self, state, others):
        """An image (1, d) under the symmetry of a point that is not good, of which the value must
        be the same, too: what holds in the target only would mislead the model about the rest."""
        symmetry, points = state.rater.symmetry, state.points
        if not symmetry:
            return others[:0]
        bad = some(state.rng, points.u[np.isfinite(points.value) & ~points.inside], DRAWN)
        return self._possible(state, bad, symmetry.drawn(state.rng, len(bad)), others, SAME)[0][:1]

    @staticmethod
    def _expected(state, tried, k, good):
        """What the images of good points (m, d) may be, (m,): the lower, the better."""
        mine = np.flatnonzero(tried.which == k)
        y = state.height[tried.image[mine]]
        order = np.argsort(y, kind="stable")[:min(LEARNED, np.isfinite(y).sum())]
        process = process_of(state.points.u[tried.good[mine[order]]], y[order], state.rng)
        return process.mean(good) - BOLD * process.spread(good)

    def _untried(self, state, tried):
        """Codes (k, bits) drawn at random that are neither right, near nor in vain; those that were
        tried least come first."""
        rng, bits = state.rng, self.reflections.bits
        new = rng.random((DRAWN, bits)) < 0.5
        few = rng.random((DRAWN, bits)).argsort(axis=1) < rng.integers(1, FEW + 1, (DRAWN, 1))
        symmetry = state.rater.symmetry
        new = symmetry.rest(np.where(rng.random((DRAWN, 1)) < 0.5, new, few))
        times = np.bincount(tried.which, minlength=len(tried.codes))
        times[tried.right | tried.near | tried.vain] = tried.tries
        bad = self._codes(state.points, symmetry=symmetry)[0]   # and of good points
        known = dict.fromkeys(map(bytes, bad), 1)
        known |= dict(zip(map(bytes, tried.codes), times.tolist(), strict=True))
        known[bytes(bits)] = tried.tries    # nothing flips
        drawn = {bytes(code): known.get(bytes(code), 0) for code in new}
        least = sorted((code for code in drawn if drawn[code] < tried.tries), key=drawn.__getitem__)
        return np.frombuffer(b"".join(least), bool).reshape(-1, bits)

    def _possible(self, state, good, codes, others, room):
        """Images (m, d) of good points (n, d) that are worth evaluating, what they are of, and how
        far (m,) they are from what is evaluated, pending, or chosen (k, d)."""
        places, inside = self.reflections.images(good, codes)
        may = self.may(state, places, inside)
        known = np.concatenate([state.points.u, state.pending.u, others])
        gap = gap_to(places, known)
        may &= gap > room
        return places[may], good[may], gap[may]


def _far_ones(state, tried, good, codes):
    """A good one (m, d) for each code (n, bits), of some the farthest from those tried before."""
    number = {bytes(code): k for k, code in enumerate(tried.codes)}
    sources = good[state.rng.integers(len(good), size=(len(codes), DRAWS))]
    known = [state.points.u[tried.good[tried.which == number.get(bytes(code), -1)]]
             for code in codes]
    far = [np.argmax(gap_to(some, mine)) for some, mine in zip(sources, known, strict=True)]
    return sources[np.arange(len(codes)), np.array(far, int)]


def _together(rng, right, symmetry):
    """Codes (CANDIDATES, bits): those that were right (k, bits), alone and two together, or with
    those of a Symmetry."""
    known = np.concatenate([np.zeros_like(right[:1]), right])
    a, b = rng.integers(len(right), size=CANDIDATES), rng.integers(len(known), size=CANDIDATES)
    found = right[a] ^ known[b]
    if len(symmetry):
        also = symmetry.drawn(rng, CANDIDATES)
        found = np.where(rng.random((CANDIDATES, 1)) < 0.5, also, found ^ also)
    return found[found.any(axis=1)]


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
