"""Cells of whole numbers and choices: each is evaluated once, with each value of the others."""

import itertools

import numpy as np

from ..models.model_base import mixed
from .draws import prior_draws

MOST = 2 ** 17      # cells that are listed; of more, draws find new ones soon enough
DIGITS = 12         # of a continuous parameter; further ones differ when a point is read again
ROUNDS = 20         # of draws
PAIRS = 0.7         # share of neighbours that differ in two values
LONGEST = 8         # the longest step is one part in so many of the values


class Cells:
    """The cells of a box, some of whose scanned parameters have a few values only.

    A step of such a parameter that stays in its cell is none: without this a point came again.

    Parameters
    ----------
    box : Box
        With `counts`.
    """

    def __init__(self, box):
        self.box, self.counts, self._listed = box, np.array(box.counts), None
        self._known = np.empty((0, box.dim)), np.empty(0, np.uint64)    # of the last call

    def new(self, u, known):
        """Rows of u (n, d) in cells that hold none of `known` (k, d), the first of each cell."""
        taken, keys = np.sort(self._keys_of_known(known)), self._keys(u)
        place = np.minimum(np.searchsorted(taken, keys), max(0, len(taken) - 1))
        free = np.flatnonzero(taken[place] != keys) if len(taken) else np.arange(len(u))
        return np.sort(free[np.unique(keys[free], return_index=True)[1]])

    def draw(self, rng, n, known):
        """Middles (m, d) of up to n cells without `known` (k, d), at random; all that are left.

        Where cells are too many to be listed, fewer only where draws find no new ones for long.
        """
        if 0 < np.prod(self.counts.astype(float)) <= MOST:
            left = self._all()
            left = left[self.new(left, known)]
            return left[np.sort(rng.permutation(len(left))[:n])]
        found = known[:0]
        for _ in range(ROUNDS if n > 0 else 0):
            u = self.box.snapped(prior_draws(rng, 2 * n, self.box.dim, self.box.precut))
            found = np.concatenate([found, u[self.new(u, np.concatenate([known, found]))]])
            if len(found) >= n:
                break
        return found[:n]

    def neighbours(self, rng, u, n):
        """Middles (n, d) of cells one or two steps from those of some of u (k, d), known or not.

        A step leads to the next value of one parameter, up or down, or as far as an eighth of its
        values. Continuous parameters stay.
        """
        number = self._numbers(u[rng.integers(len(u), size=n)])
        steps = np.flatnonzero(self.counts)[rng.random((n, sum(self.counts > 0))).argsort(axis=1)]
        for k, column in enumerate(steps.T[:2]):
            count = self.counts[column]
            length = np.maximum(1, np.floor((count / LONGEST) ** rng.random(n)))
            there = number[np.arange(n), column] + rng.choice([-1, 1], n) * length
            there = np.abs(there)               # beyond an end it goes the other way
            there = np.minimum(there, 2 * (count - 1) - there)
            rows = np.flatnonzero(rng.random(n) < PAIRS) if k else np.arange(n)
            number[rows, column[rows]] = there[rows]
        middle = (number + 0.5) / np.maximum(self.counts, 1)
        return self.box.snapped(np.where(self.counts > 0, middle, number))

    def _all(self):
        """Middles (m, d) of the cells that may be evaluated; listed once."""
        if self._listed is None:
            number = np.array(list(itertools.product(*map(range, self.counts))))
            u = self.box.snapped((number + 0.5) / self.counts)
            self._listed = u if self.box.precut is None else u[self.box.precut(u)]
        return self._listed

    def _numbers(self, u):
        """Number of the cell (n, d) along each parameter; the value of a continuous one."""
        cell = np.minimum(np.floor(u * self.counts), self.counts - 1)
        return np.where(self.counts > 0, cell, np.round(u, DIGITS))

    def _keys(self, u):
        """One number (n,) for each cell; two cells have the same by a chance of 1e-19."""
        return mixed(self._numbers(u))

    def _keys_of_known(self, known):
        """Keys (k,) of evaluated points, which are mostly those of the call before, and more."""
        before, keys = self._known
        n = min(len(before), len(known))
        if not np.array_equal(known[:n], before[:n]):
            n = 0
        keys = np.concatenate([keys[:n], self._keys(known[n:])])
        self._known = known, keys
        return keys
