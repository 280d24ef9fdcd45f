"""The surrogate of every model: a Gaussian process of the whole box, and local ones at the target.

A narrow part of the target is oblique and curved: it is a sheet in which parameters make up for
each other. One process with a length for each parameter of the box does not resolve it, nor does a
network that learns the box. So the good points are divided into pieces that are nearly straight (a
mixture of Gaussians; how many, the Bayesian information criterion tells), and each piece has a
process of its own, in coordinates in which its good points have unit spread.
"""

from typing import Any

import numpy as np

from .draws import some
from .gaussian_process import GaussianProcess
from .pieces import EACH, Local, divided, piece_of, without_others

MIXED = 2000        # good points that are divided, at most
KNOWN = 2           # points of which a piece knows for each of its good ones, at least
CLEARLY = 1.0       # scaled distance from the target beyond which the process of the whole box may
                    # say how bad a point is
HARDLY = 0.1        # a local process with a smaller share is not asked
TINY = 1e-12


class Surrogate:
    """Predicts the scaled value: near the target by local processes, elsewhere by one of all.

    Parameters
    ----------
    dim : int
    most : int
        Points that each process learns from, at most.
    theta : float array (dim + 2,), optional
        Of that process, from an earlier training.
    counts : sequence of int, optional
        Values of each parameter; 0: it is continuous.
    threads : int
        See GaussianProcess.
    """

    def __init__(self, dim, most=1000, theta=None, counts=None, threads=1):
        self.whole = GaussianProcess(dim, most, theta=theta, threads=threads)
        step = 1 / np.maximum(np.array(counts if counts is not None else np.zeros(dim)), 1)
        self.step = np.where(step < 1, step, 0.0)
        self.lattice = bool(self.step.all())    # between whole numbers there are no sheets
        self.local: tuple = ()
        self.edges, self.logarithm = (-np.inf, np.inf), None
        self.folded: Any = np.asarray

    @property
    def theta(self):
        """Of the process of the whole box; None before it is trained."""
        return self.whole.theta

    def fit(self, x, y, edges, rng, fresh=False, folded=np.asarray, logarithm=None):
        """Train on x (n, dim), y (n,); the target is where y lies between the two edges.

        Parameters
        ----------
        x : float array (n, dim)
            Unit box; those that matter most come first.
        y : float array (n,)
        edges : (float, float)
        rng : numpy.random.Generator
        fresh : bool
            See GaussianProcess.fit; the local processes always are.
        folded : callable x (n, dim) -> (n, dim)
            What stands for points, of a symmetric y.
        logarithm : (float, float), optional
            Where y is one of something like a chi2: its unit, and the least that this is.
        """
        self.logarithm = logarithm
        self.whole.fit(x, y, rng, fresh, folded)
        self.folded, self.edges = folded, (float(edges[0]), float(edges[1]))
        self.local = ()     # their matrices are the memory for the new ones
        self.local = self._pieces(folded(x), y, rng)
        return self

    def _pieces(self, x, y, rng):
        """The local processes (k,) of points x (n, d) with y (n,); none of hardly any good ones."""
        good = some(rng, np.flatnonzero(self._outside(y) < 0), MIXED)
        if self.lattice or len(good) < EACH * x.shape[1] + 1:
            return ()
        # whole numbers are spread over their steps: a spike would be a piece of its own
        spread = x[good] + self.step * (rng.random((len(good), x.shape[1])) - 0.5)
        mixture = divided(spread, rng)
        if mixture is None:
            return ()
        label, n_good = mixture.predict(x[good]), (self._outside(y) < 0).sum()
        pieces = []
        for k, piece in enumerate(zip(mixture.means_, mixture.covariances_, strict=True)):
            mine = label == k
            centre, covariance = without_others(spread[mine], piece)
            reached = int(KNOWN * n_good * mine.mean())
            pieces.append(piece_of(x, y, centre, covariance, reached, self.whole.most, rng,
                                   self.edges, self.logarithm, self.whole.threads))
        return tuple(pieces)

    def _outside(self, y):
        return np.maximum(self.edges[0] - y, y - self.edges[1])

    def mean(self, x):
        """Predicted y (n,) at x (n, dim)."""
        return self._predicted(x)[0]

    def spread(self, x):
        """Standard deviation (n,) of the prediction, without noise."""
        mean, ours, share = self._predicted(x)
        out = np.empty(len(x))
        out[~ours] = self.whole.spread(x[~ours])
        if ours.any():
            x, share, mean = self.folded(x[ours]), share[ours], mean[ours]
            square = _summed(share, self.local,
                             lambda part, u: part.spread(u) ** 2 + part.mean(u) ** 2, x)
            out[ours] = np.sqrt(np.maximum(square - mean ** 2, TINY))
        return out

    def piece(self, x):
        """Number (n,) of the local process that says most at x (n, dim), from 1; 0 where none
        knows."""
        share = self._shares(self.folded(x))
        if not self.local:
            return np.zeros(len(x), int)
        return (share.argmax(axis=1) + 1) * share.any(axis=1)

    def _predicted(self, x):
        """Predicted y (n,), where (n,) the local processes say it, and the share (n, k) of each.

        The process of the whole box says it where none of them knows, and how bad a point is.
        """
        u = self.folded(x)
        share = self._shares(u)
        known = share.any(axis=1)
        mean = np.zeros(len(x))
        mean[known] = _summed(share[known], self.local, Local.mean, u[known])
        ask = np.flatnonzero(~known | (self._outside(mean) > CLEARLY))
        said = self.whole.mean(x[ask])
        use = ~known[ask] | (self._outside(said) > CLEARLY)
        mean[ask[use]] = said[use]
        known[ask[use]] = False
        return mean, known, share

    def _shares(self, x):
        """Share (n, k) of each local process in the prediction of x (n, d); 0 where none knows."""
        if not self.local:
            return np.zeros((len(x), 0))
        far = np.column_stack([part.far(x) for part in self.local])
        least, nearest = far.min(axis=1), far.argmin(axis=1)
        share = np.exp((least[:, None] - far) / 2)
        share[share < HARDLY * share.sum(axis=1, keepdims=True)] = 0.0
        share[least > np.array([part.reach for part in self.local])[nearest]] = 0.0
        return share / np.maximum(share.sum(axis=1, keepdims=True), TINY)


def _summed(share, local, of, x):
    """Sum (n,) of what `of` (Local, points) says of points x (n, d), times their shares (n, k)."""
    total = np.zeros(len(x))
    for k, part in enumerate(local):
        rows = np.flatnonzero(share[:, k])
        total[rows] += share[rows, k] * of(part, x[rows])
    return total
