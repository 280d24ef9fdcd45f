"""The surrogate of every model: a Gaussian process of the whole box, and local ones at the target.

A narrow part of the target is oblique and curved: it is a sheet in which parameters make up for
each other. One process with a length for each parameter of the box does not resolve it, nor does a
network that learns the box. So the good points are divided into pieces that are nearly straight (a
mixture of Gaussians; how many, the Bayesian information criterion tells), and each piece has a
process of its own, in coordinates in which its good points have unit spread.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np

from .axes import axes_of
from .draws import some
from .gaussian_process import BAD, HUNDREDS, GaussianProcess

PIECES = (1, 2, 3, 4, 6, 8)     # numbers of pieces that are compared
EACH = 2            # good points a parameter that a piece has at least
MIXED = 2000        # good points that are divided, at most
KNOWN = 2           # points of which a piece knows for each of its good ones, at least
LENGTHS = 300       # points that give the lengths of a local process
CLEARLY = 1.0       # scaled distance from the target beyond which the process of the whole box may
                    # say how bad a point is
HARDLY = 0.1        # a local process with a smaller share is not asked
THIN = 1e-12        # least variance of a coordinate, in the unit box
OTHERS, ROBUST = 4.0, 5     # mean square of the coordinates of points that do not belong to a
                    # piece, which are left out so many times
ROUNDS = 50         # in which a mixture of Gaussians is improved
STARTS, STEPS = (1.0,), 20      # lengths, in units of the spread, from which better ones are looked
                    # for, and values of the likelihood that this may cost
TINY = 1e-12


class Local(NamedTuple):
    """The process of one piece of the target.

    Attributes
    ----------
    centre : float array (d,)
        Unit box.
    white : float array (d, d)
        u @ white has unit spread.
    reach : float
        Mean square of the coordinates of the farthest point that it knows.
    unit : float
        Of what it predicts.
    process : GaussianProcess
    """

    centre: Any
    white: Any
    reach: float
    unit: float
    process: Any

    def coordinates(self, x):
        """Points x (n, d) where the good ones of the piece have unit spread."""
        return (x - self.centre) @ self.white

    def far(self, x):
        """Mean square (n,) of the coordinates of points x (n, d)."""
        return (self.coordinates(x) ** 2).mean(axis=1)

    def mean(self, x):
        """Predicted y (n,) at x (n, d)."""
        return self.unit * self.process.mean(self.coordinates(x))

    def spread(self, x):
        """Its standard deviation (n,)."""
        return self.unit * self.process.spread(self.coordinates(x))


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
    """

    def __init__(self, dim, most=1000, theta=None, counts=None):
        self.whole = GaussianProcess(dim, most, theta=theta)
        step = 1 / np.maximum(np.array(counts if counts is not None else np.zeros(dim)), 1)
        self.step = np.where(step < 1, step, 0.0)
        self.lattice = bool(self.step.all())    # between whole numbers there are no sheets
        self.local: tuple = ()
        self.edges = (-np.inf, np.inf)
        self.folded: Any = np.asarray

    @property
    def theta(self):
        """Of the process of the whole box; None before it is trained."""
        return self.whole.theta

    def fit(self, x, y, edges, rng, fresh=False, folded=np.asarray):
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
        """
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
        clipped = np.clip(y, self.edges[0] - BAD, self.edges[1] + BAD)
        # whole numbers are spread over their steps: a spike would be a piece of its own
        spread = x[good] + self.step * (rng.random((len(good), x.shape[1])) - 0.5)
        mixture = _mixture(spread, rng)
        if mixture is None:
            return ()
        label, n_good = mixture.predict(x[good]), (self._outside(y) < 0).sum()
        pieces = []
        for k, piece in enumerate(zip(mixture.means_, mixture.covariances_, strict=True)):
            mine = label == k
            centre, covariance = _without_others(spread[mine], piece)
            reached = int(KNOWN * n_good * mine.mean())
            pieces.append(_local(x, clipped, centre, covariance, reached, self.whole.most, rng,
                                 self._bad))
        return tuple(pieces)

    @property
    def _bad(self):
        """What a piece predicts far from all points, as bad as any that it learns: their mean would
        be a good value."""
        low, high = self.edges
        return high + BAD if np.isfinite(high) else low - BAD

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


def _mixture(good, rng):
    """The mixture of Gaussians that describes good points (n, d) best, by the BIC.

    Those are left out in which a piece is of hardly any points: it could be as thin as one likes,
    and as likely. None where there is no other.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture  # slow to import
    seed, least, found = int(rng.integers(2 ** 31)), EACH * good.shape[1], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)     # a rough division is enough
        for n in PIECES:
            if n > 1 and len(good) < least * n:
                break
            mixture = GaussianMixture(n, reg_covar=THIN, max_iter=ROUNDS, random_state=seed)
            try:
                mixture.fit(good)
            except ValueError:      # a covariance that rounding left without a root
                continue
            if n == 1 or mixture.weights_.min() * len(good) >= least:
                found.append(mixture)
    return min(found, key=lambda mixture: mixture.bic(good), default=None)


def _without_others(good, piece):
    """Mean (d,) and covariance (d, d) of the good points (n, d) of a piece, without those that are
    far from nearly all: two beside a sheet make it a hundred times as thick. `piece`: those that
    the mixture has, which are left where hardly any points are.
    """
    left = good
    for _ in range(ROBUST):
        if len(left) < EACH * good.shape[1]:
            return piece
        piece = left.mean(axis=0), np.atleast_2d(np.cov(left.T))
        axes, spread = axes_of(piece[1], THIN)
        left = good[(((good - piece[0]) @ (axes / spread)) ** 2).mean(axis=1) < OTHERS]
    return piece


def _local(x, y, centre, covariance, n, most, rng, elsewhere):
    """The process of a piece: of its `n` nearest points, `most` at least, it learns so many."""
    axes, spread = axes_of(covariance, THIN)
    white = axes / spread
    z = (x - centre) @ white
    far = (z ** 2).mean(axis=1)
    near = np.argsort(far, kind="stable")[:max(n, most)]
    rows = some(rng, near, most)
    unit = max(float(y[rows].std()), 1e-9)
    process = GaussianProcess(x.shape[1], most, LENGTHS, starts=STARTS, steps=STEPS,
                              longest=HUNDREDS)
    return Local(centre, white, float(far[near[-1]]), unit,
                 process.fit(z[rows], y[rows] / unit, rng, fresh=True, elsewhere=elsewhere / unit))
