"""A Gaussian process that assists every model: exact where points are few, blind to none.

Matern 5/2 with a length for each parameter (Rasmussen and Williams, Gaussian Processes for
Machine Learning, MIT Press 2006, chapters 2, 4 and 5). NumPy and SciPy only, as it is trained
in every iteration and a general library spends more time on its bookkeeping than on this.
"""

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from ..models.threads import side_by_side
from .choice import farthest
from .draws import some

ROOT5 = np.sqrt(5.0)
JITTER = 1e-7
STARTS = (0.3, 0.06)    # unit box: lengths from which better ones are looked for
SHORTEST, LONGEST = -5.0, 3.0   # logarithms of lengths; the second in the unit box
HUNDREDS = 6.0          # but so large in coordinates of a few points at the edge of a part
BAD = 1.5               # scaled distance from the target beyond which all is equally bad to
                        # processes of a part of it; scaled values have unit spread
STEPS, AGAIN = 40, 12   # values of the likelihood from each of them; and from the last ones
BLOCK = 250             # rows predicted at a time: BLOCK x most numbers stay in the cache


class GaussianProcess:
    """Regression on at most `most` points; the lengths are found on `fit_on` of them.

    Parameters
    ----------
    dim : int
    most, fit_on : int
        The cost grows with their cubes.
    theta : float array (dim + 2,), optional
        Of an earlier training.
    starts : sequence of float
        Lengths from which better ones are looked for.
    steps : int
        Values of the likelihood that this may cost from each of them.
    longest : float
        Logarithm of the largest length.
    threads : int
        Blocks of points predicted at the same time; no influence on the result.

    Attributes
    ----------
    theta : float array (dim + 2,) or None
        log of the lengths (unit box), of the amplitude and of the noise (both in units of y);
        kept from one training to the next, where a few steps then suffice.
    """

    def __init__(self, dim, most=1000, fit_on=300, theta=None, starts=STARTS, steps=STEPS,
                 longest=LONGEST, threads=1):
        self.dim, self.most, self.fit_on = dim, most, fit_on
        self.starts, self.steps, self.longest = starts, steps, longest
        self.threads = threads
        self.theta: Any = theta
        self.folded: Any = np.asarray

    def fit(self, x, y, rng, fresh=False, folded=np.asarray, elsewhere=None):
        """Train on x (n, dim), y (n,); beyond `most` points, those given first are preferred.

        fresh: search the lengths from several starts, not only from the last ones.
        folded: x (n, dim) -> what stands for them, of a symmetric y.
        elsewhere: what it predicts far from all of them; None: the mean of y.
        """
        self.folded, x = folded, folded(x)
        if len(x) > self.most:
            rows = self._subset(x, rng)
            x, y = x[rows], y[rows]
        self.offset = float(np.mean(y) if elsewhere is None else elsewhere)
        y = y - self.offset
        self._optimise(x, y, rng.permutation(len(x))[:self.fit_on], fresh)
        lengths, self.amplitude, noise = self._parts(self.theta)
        self.scale = np.exp(-lengths)
        self.x = x * self.scale
        cov = self.amplitude * _matern(_squares(self.x, self.x))
        cov.flat[::len(cov) + 1] += noise + JITTER * self.amplitude
        self.chol = _factor(cov, JITTER * self.amplitude)
        self.weights = cho_solve((self.chol, True), y)
        return self

    def _subset(self, x, rng):
        """Rows to learn from: a half are those given first, an eighth far apart, others drawn.

        Without those far apart it would know nothing of places that it learned of long ago, and
        take them for promising again and again.
        """
        first = self.most // 2
        others = some(rng, np.arange(first, len(x)))
        gap = cKDTree(x[:first]).query(x[others])[0]
        apart = others[farthest(x[others], gap, self.most // 8)]
        rest = np.setdiff1d(np.arange(first, len(x)), apart)
        drawn = rng.permutation(rest)[:self.most - first - len(apart)]
        return np.concatenate([np.arange(first), apart, drawn])

    def _parts(self, theta):
        return theta[:self.dim], np.exp(2 * theta[self.dim]), np.exp(2 * theta[self.dim + 1])

    def _optimise(self, x, y, rows, fresh):
        """Go on from the last lengths; from others, too, where all is trained from scratch.

        The likelihood has many optima, and one that was good for few points may be poor for many.
        """
        x, y = x[rows], y[rows]
        fresh = fresh or self.theta is None
        starts = [] if self.theta is None else [self.theta]
        if fresh:
            sd = np.log(max(y.std(), 1e-4))
            starts += [np.concatenate([np.full(self.dim, np.log(length)), [sd, sd - 1]])
                       for length in self.starts]
        squares = np.stack([(x[:, None, i] - x[None, :, i]) ** 2 for i in range(self.dim)])
        bounds = [(SHORTEST, self.longest)] * self.dim + [(-9.0, 5.0), (-9.0, 3.0)]
        found = [minimize(self._loss, np.clip(start, *np.transpose(bounds)), (squares, y),
                          jac=True, method="L-BFGS-B", bounds=bounds,
                          options={"maxfun": self.steps if fresh else AGAIN}) for start in starts]
        self.theta = min(found, key=lambda result: result.fun).x

    def _loss(self, theta, squares, y):
        """Minus the log posterior of the lengths, and its gradient."""
        lengths, amplitude, noise = self._parts(theta)
        weight = np.exp(-2 * lengths)
        r = ROOT5 * np.sqrt(np.tensordot(weight, squares, 1))
        fall = np.exp(-r)
        cov = amplitude * (1 + r + r * r / 3) * fall
        cov.flat[::len(cov) + 1] += noise + JITTER * amplitude
        try:
            chol = cho_factor(cov, lower=True)
        except LinAlgError:
            return 1e10, np.zeros_like(theta)
        inverse = _inverse(chol[0])
        alpha = inverse @ y
        loss = 0.5 * y @ alpha + np.log(np.diag(chol[0])).sum()
        part = inverse - np.outer(alpha, alpha)
        slope = part * (amplitude * -5 / 6 * (1 + r) * fall)
        gradient = np.empty_like(theta)
        gradient[:self.dim] = [-w * np.sum(slope * s)
                               for w, s in zip(weight, squares, strict=True)]
        trace = np.trace(part)
        gradient[self.dim] = np.sum(part * cov) - trace * noise
        gradient[self.dim + 1] = trace * noise
        # a weak prior keeps a parameter without influence from wandering off
        centre = np.concatenate([np.full(self.dim, -0.5), [theta[self.dim], -3.0]])
        away = (theta - centre) / 2
        return loss + np.sum(away ** 2), gradient + away

    def mean(self, x):
        """Predicted y (n,) at x (n, dim)."""
        return self.offset + self._each(lambda part: self._cross(part) @ self.weights, x)

    def spread(self, x):
        """Standard deviation (n,) of the prediction, without noise."""
        def known(part):
            return np.sum(solve_triangular(self.chol, self._cross(part).T, lower=True,
                                           check_finite=False) ** 2, axis=0)
        return np.sqrt(np.maximum(self.amplitude - self._each(known, x), 1e-12))

    def _each(self, of, x):
        """What `of` (a block of points) says of points x (n, dim), (n,)."""
        return np.concatenate(side_by_side(of, _blocks(x), self.threads))

    def _cross(self, x):
        cov = _matern(_squares(self.folded(x) * self.scale, self.x))
        cov *= self.amplitude
        return cov


def process_of(x, y, rng, fit_on=None, longest=LONGEST):
    """A GaussianProcess of all these points (n, d), of their y (n,) in units of its spread; its
    lengths are those of `fit_on` of them, else of all."""
    process = GaussianProcess(x.shape[1], len(x), fit_on or len(x), longest=longest)
    return process.fit(x, y / max(float(y.std()), 1e-9), rng, fresh=True)


def _factor(cov, jitter):
    """Cholesky factor of a covariance; with more and more noise where rounding leaves it none."""
    while True:
        try:
            return cho_factor(cov, lower=True)[0]
        except LinAlgError:
            jitter *= 10
            cov.flat[::len(cov) + 1] += jitter


def _inverse(chol):
    """Of the matrix (n, n) of which this is the lower Cholesky factor."""
    lower = np.tril(dpotri(chol, lower=True)[0])
    return lower + np.tril(lower, -1).T


def _blocks(x):
    return [x[i:i + BLOCK] for i in range(0, max(len(x), 1), BLOCK)]


def _squares(a, b):
    """Squared distances (n, m)."""
    squares = a @ (-2 * b.T)
    squares += (a * a).sum(axis=1)[:, None]
    squares += (b * b).sum(axis=1)
    return np.maximum(squares, 0, out=squares)


def _matern(r2):
    """Matern 5/2 of squared distances (n, m), which are overwritten: most of the time goes here."""
    r = np.sqrt(r2, out=r2)
    r *= ROOT5
    factor = r / 3
    factor += 1
    factor *= r
    factor += 1     # 1 + r + r^2 / 3
    np.exp(np.negative(r, out=r), out=r)
    r *= factor
    return r
