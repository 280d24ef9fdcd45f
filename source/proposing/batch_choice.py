"""Choosing the next batch among the candidates: probable, and far from what is known."""

from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from proposing.niches import spacing

SCOUTS = 5          # prior draws for each scout, the loneliest of which go


class Away(NamedTuple):
    """Points that were proposed before, and what they ask of the next batch.

    Attributes
    ----------
    u : float array (m, d)
        Those that are not judged yet, unit box: the batch keeps away from them, too.
    next_id : int
        The id that the first point of the next batch gets.
    least : int
        Points that the batch must have, so that no worker waits.
    """

    u: Any
    next_id: int
    least: int = 0


def pass_cut(probability, places, cut=0.7, factor=2):
    """Rows with a probability above the cut.

    It is lowered until they are `factor` times as many as there are places.
    """
    passed = np.flatnonzero(probability >= cut)
    if len(passed) >= factor * places:
        return passed
    # not all that are as probable as the last: with many zeros that would be everybody
    return np.sort(np.argsort(-probability, kind="stable")[:factor * places])


def farthest(u, known, n):
    """Greedy choice of n rows of `u` (m, d), each farthest from `known` (k, d) and those before.

    Returns fewer rows where there are fewer distinct points.
    """
    if not len(u) or n <= 0:
        return np.empty(0, int)
    gap = cKDTree(known).query(u)[0] if len(known) else np.full(len(u), np.inf)
    chosen = []
    for _ in range(min(n, len(u))):
        row = int(np.argmax(gap))
        if not gap[row] > 0:
            break
        chosen.append(row)
        gap = np.minimum(gap, np.sqrt(((u - u[row]) ** 2).sum(axis=1)))
    return np.array(chosen, int)


def shares(total, groups):
    """`total` places dealt equally to `groups` niches; the first ones get what is left over."""
    if not groups:
        return []
    base, rest = divmod(total, groups)
    return [base + (k < rest) for k in range(groups)]


class Picker:
    """Chooses rows of the candidates one group after the other, none twice.

    Parameters
    ----------
    found : selection.Candidates
    known : float array (n, d)
        Judged points, unit box.
    cut : float
        Probability asked for.
    """

    def __init__(self, found, known, cut):
        self.found, self.known, self.cut = found, known, cut
        self.chosen = []

    def draw(self, rows, n, rng):
        """n more rows, drawn from the 4 n most probable: far and near steps alike."""
        rows = np.setdiff1d(rows, self.chosen)
        rows = rows[pass_cut(self.found.probability[rows], n, self.cut, factor=4)]
        self.chosen += list(rng.permutation(rows)[:n])

    def pick(self, rows, n, known=None, cut=None):
        """n more rows out of `rows`: probable enough, and farthest from all known points.

        With other points as `known`, and another `cut`, than those of the picker, if given.
        """
        rows = np.setdiff1d(rows, self.chosen)
        cut = self.cut if cut is None else cut
        rows = rows[pass_cut(self.found.probability[rows], n, cut)]
        self.chosen += list(rows[farthest(self.found.u[rows], self._taken(known), n)])

    def _taken(self, known=None):
        known = self.known if known is None else known
        return np.concatenate([known, self.found.u[np.array(self.chosen, int)]])

    def scout(self, n, rng):
        """Up to n more prior draws, whatever is thought of them, where nobody has been.

        Of a few draws each only: the farthest of many are always the corners of the box. None
        where all of it is known at half the resolution of prospects.
        """
        rows = np.setdiff1d(np.flatnonzero(self.found.origin == "prior"), self.chosen)
        rows = rng.permutation(rows)[:SCOUTS * n]
        if len(self.known) and len(rows):
            gap = cKDTree(self.known).query(self.found.u[rows])[0]
            rows = rows[gap > spacing(self.known.shape[1]) / 2]
        new = rows[farthest(self.found.u[rows], self._taken(), n)]
        self.found.origin[new] = "scout"
        self.chosen += list(new)
