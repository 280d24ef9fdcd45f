"""Cells of whole numbers and choices: each is evaluated once, with each value of the others."""

import itertools

import numpy as np

from .draws import prior_draws

MOST = 2 ** 17      # cells that are listed; of more, draws find new ones soon enough
DIGITS = 12         # of a continuous parameter; further ones differ when a point is read again
ROUNDS = 20         # of draws


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

    def new(self, u, known):
        """Rows of u (n, d) in cells that hold none of `known` (k, d), the first of each cell."""
        cells = self._numbers(np.concatenate([known, u]))
        _, first = np.unique(cells, axis=0, return_index=True)
        return np.sort(first[first >= len(known)]) - len(known)

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
