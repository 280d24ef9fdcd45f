"""Choosing the next batch among the candidates: probable, and far from what is known."""

from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from .clusters import spacing

SEARCH_CUT = 0.7    # probability asked for on the way to the target
NEGLIGIBLE = 0.01   # times the probability of the best: what is less probable gets no slot
EXPLORERS = 5       # prior draws for each exploration point, the loneliest of which go


class Pending(NamedTuple):
    """Points that were proposed before, and what they ask of the next batch.

    Attributes
    ----------
    u : float array (m, d)
        Those that are not evaluated yet, unit box: the batch keeps away from them, too.
    next_id : int
        The id that the first point of the next batch gets.
    least : int
        Points that the batch must have, so that no worker waits.
    """

    u: Any
    next_id: int
    least: int = 0


def pass_cut(probability, places, cut=SEARCH_CUT, factor=2):
    """Rows with a probability above the cut.

    It is lowered until they are `factor` times as many as there are places, but not to those that
    are hopeless beside the best: these would be chosen first, as they are the farthest.
    """
    passed = np.flatnonzero(probability >= cut)
    if len(passed) >= factor * places:
        return passed
    # not all that are as probable as the last: with many zeros that would be everybody
    best = np.argsort(-probability, kind="stable")[:factor * places]
    return np.sort(best[probability[best] >= NEGLIGIBLE * probability.max(initial=0.0)])


def farthest(u, gap, n, weight=1.0):
    """Greedy choice of n rows of `u` (m, d), each farthest from what is known and those before.

    Parameters
    ----------
    gap : float array (m,)
        Distance to what is known.
    weight : float or float array (m,)
        Factor of the distance.

    Returns fewer rows where there are fewer distinct points.
    """
    if not len(u) or n <= 0:
        return np.empty(0, int)
    chosen = []
    for _ in range(min(n, len(u))):
        row = int(np.argmax(weight * gap))
        if not gap[row] > 0:
            break
        chosen.append(row)
        gap = np.minimum(gap, np.sqrt(((u - u[row]) ** 2).sum(axis=1)))
    return np.array(chosen, int)


def shares(total, weights):
    """`total` places dealt to clusters by weight; the first ones get what is left over."""
    if not weights:
        return []
    whole = np.floor(total * np.array(weights) / sum(weights) + 1e-9).astype(int)
    rest = total - whole.sum()
    return [int(n) + (k < rest) for k, n in enumerate(whole)]


class Picker:
    """Chooses rows of the candidates one group after the other, none twice.

    A candidate is worth its distance to what is known, as far as it is in the target: the product
    of distance and probability. A cut alone would leave those parts of the target empty of which
    the model is not sure yet, which are those with few points.

    Parameters
    ----------
    found : gathering.Candidates
    known : float array (n, d)
        Evaluation points, unit box.
    cut : float
        Probability asked for.
    power : float
        Of the probability in the product; 0: the distance alone counts.
    gap : callable u (m, d), cluster (m,) -> (m,), optional
        Distance to what is known, where that is not to the nearest of `known`.
    """

    def __init__(self, found, known, cut, power=0.5, gap=None):
        self.found, self.known, self.cut, self.power = found, known, cut, power
        self.chosen = []
        self._distance = gap or (lambda u, cluster: _distance(u, known))
        self._gap = np.full(len(found.u), np.nan)

    def draw(self, rows, n, rng):
        """n more rows, drawn from the 4 n most probable: far and near steps alike."""
        rows = self._passing(rows, n, max(SEARCH_CUT, self.cut), factor=4)
        self.chosen += list(rng.permutation(rows)[:n])

    def pick(self, rows, n, search=False):
        """n more rows out of `rows`: probable enough, and the most worth.

        In a search, where the target is not reached, only the most probable are worth anything:
        a step down is wanted, not a place that nobody has seen.
        """
        cut, power = (max(SEARCH_CUT, self.cut), 0.0) if search else (self.cut, self.power)
        rows = self._passing(rows, n, cut)
        new = rows[np.isnan(self._gap[rows])] if n > 0 else rows[:0]
        if len(new):
            self._gap[new] = self._distance(self.found.u[new], self.found.cluster[new])
        self._take(rows, n, self._gap[rows], self.found.probability[rows] ** power)

    def pick_far(self, rows, n, known, cut):
        """n more rows out of `rows` of a probability above `cut`, farthest from `known` (k, d)."""
        rows = self._passing(rows, n, cut)
        self._take(rows, n, _distance(self.found.u[rows], known))

    def explore(self, n, rng):
        """Up to n more prior draws, whatever is thought of them, where nobody has been.

        Of a few draws each only: the farthest of many are always the corners of the box. None
        where all of it is known at half the resolution of prospects.
        """
        rows = np.setdiff1d(np.flatnonzero(self.found.origin == "prior"), self.chosen)
        rows = rng.permutation(rows)[:EXPLORERS * n]
        gap = _distance(self.found.u[rows], self.known)
        far = gap > spacing(self.found.u.shape[1]) / 2
        before = len(self.chosen)
        self._take(rows[far], n, gap[far])
        self.found.origin[self.chosen[before:]] = "exploration"

    def _passing(self, rows, n, cut, factor=2):
        rows = np.setdiff1d(rows, self.chosen)
        return rows[pass_cut(self.found.probability[rows], n, cut, factor)]

    def _take(self, rows, n, gap, weight=1.0):
        u = self.found.u[rows]
        gap = np.minimum(gap, _distance(u, self.found.u[np.array(self.chosen, int)]))
        self.chosen += list(rows[farthest(u, gap, n, weight)])


def _distance(u, known):
    """Distance (n,) of points u (n, d) to the nearest known one (k, d); inf where none is."""
    return cKDTree(known).query(u)[0] if len(known) and len(u) else np.full(len(u), np.inf)
