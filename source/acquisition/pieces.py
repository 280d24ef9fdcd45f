"""The pieces of the target: how the good points are divided, and what is learned of each.

A piece is nearly straight, and has a Gaussian process of its own, in coordinates in which its good
points have unit spread. Where a sum of squares describes what is around it, the process is of what
that leaves.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np

from .axes import axes_of
from .draws import some
from .gaussian_process import BAD, HUNDREDS, GaussianProcess
from .squares import squares_of

PIECES = (1, 2, 3, 4, 6, 8)     # numbers of pieces that are compared
EACH = 2            # good points a parameter that a piece has at least
LENGTHS = 300       # points that give the lengths of a local process
THIN = 1e-12        # least variance of a coordinate, in the unit box
OTHERS, ROBUST = 4.0, 5     # mean square of the coordinates of points that do not belong to a
                    # piece, which are left out so many times
ROUNDS = 50         # in which a mixture of Gaussians is improved
STARTS, STEPS = (1.0,), 20      # lengths, in units of the spread, from which better ones are looked
                    # for, and values of the likelihood that this may cost


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
    trend : Trend or None
        To what the process is added.
    """

    centre: Any
    white: Any
    reach: float
    unit: float
    process: Any
    trend: Any = None

    def coordinates(self, x):
        """Points x (n, d) where the good ones of the piece have unit spread."""
        return (x - self.centre) @ self.white

    def far(self, x):
        """Mean square (n,) of the coordinates of points x (n, d)."""
        return (self.coordinates(x) ** 2).mean(axis=1)

    def mean(self, x):
        """Predicted y (n,) at x (n, d)."""
        z = self.coordinates(x)
        return self.unit * self.process.mean(z) + (self.trend.mean(z) if self.trend else 0.0)

    def spread(self, x):
        """Its standard deviation (n,)."""
        z = self.coordinates(x)
        return np.hypot(self.unit * self.process.spread(z),
                        self.trend.spread(z) if self.trend else 0.0)


class Trend(NamedTuple):
    """y near a piece of the target as a sum of squares.

    Attributes
    ----------
    squares : Squares
    unit : float
        The logarithm of what is like a chi2, for y.
    edge, bad : float
        y at the edge of the target, and the largest that it says.
    """

    squares: Any
    unit: float
    edge: float
    bad: float

    def mean(self, z):
        """y (n,) at z (n, d)."""
        return np.minimum(self.edge + self.squares.log(z) / self.unit, self.bad)

    def spread(self, z):
        """Its uncertainty (n,)."""
        return self.squares.error(z) / self.unit


def divided(good, rng):
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


def without_others(good, piece):
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


def piece_of(x, y, centre, covariance, n, most, rng, edges, logarithm=None, threads=1):
    """What is learned of a piece: of its n nearest points, `most` at least, so many.

    Parameters
    ----------
    x : float array (k, d)
        Unit box.
    y : float array (k,)
    centre, covariance : float array (d,), (d, d)
        Of the good points of the piece.
    n, most : int
    rng : numpy.random.Generator
    edges : (float, float)
        The target is where y lies between them.
    logarithm : (float, float), optional
        See Surrogate.fit.
    threads : int
        See GaussianProcess.

    Returns
    -------
    Local
    """
    low, high = edges
    # far from all points as bad as any that it learns: their mean would be a good value
    bad = elsewhere = high + BAD if np.isfinite(high) else low - BAD
    axes, spread = axes_of(covariance, THIN)
    white = axes / spread
    z = (x - centre) @ white
    far = (z ** 2).mean(axis=1)
    near = np.argsort(far, kind="stable")[:max(n, most)]
    rows = some(rng, near, most)
    trend, learned = None, np.clip(y[rows], low - BAD, high + BAD)
    if logarithm is not None:
        unit, least = logarithm
        squares = squares_of(z[near], unit * (y[near] - high), least)
        trend = squares and Trend(squares, unit, high, bad)
    if trend:
        learned, elsewhere = learned - trend.mean(z[rows]), 0.0
    unit = max(float(learned.std()), 1e-9)
    process = GaussianProcess(x.shape[1], most, LENGTHS, starts=STARTS, steps=STEPS,
                              longest=HUNDREDS, threads=threads)
    process.fit(z[rows], learned / unit, rng, fresh=True, elsewhere=elsewhere / unit)
    return Local(centre, white, float(far[near[-1]]), unit, process, trend)
