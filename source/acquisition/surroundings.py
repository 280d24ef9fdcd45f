"""What is known around a point: a Gaussian process where the lowest points have unit spread."""

from typing import Any, NamedTuple

import numpy as np

from .axes import of_curvature, of_lowest
from .gaussian_process import BAD, HUNDREDS, process_of

CURVED = 0.5        # of all times the curvature tells the coordinates, if it may
CROWD = 0.15        # candidates nearer than this part of their unit count as known, nearly
BOLD = 1.5          # typical number of spreads below the mean that is hoped for


class Surroundings(NamedTuple):
    """A point and what was evaluated around it.

    Attributes
    ----------
    base : float array (d,)
        Unit box.
    white : float array (d, d)
        u @ white has unit spread at the lowest points.
    low : float array (k, d)
        These, in such coordinates.
    process : GaussianProcess
        Of the height.
    """

    base: Any
    white: Any
    low: Any
    process: Any

    def coordinates(self, u):
        """Points u (n, d) of the unit box in the coordinates of the process."""
        return (u - self.base) @ self.white

    def places(self, z):
        """Points (n, d) of the unit box that have coordinates z."""
        return self.base + z @ np.linalg.inv(self.white)

    @property
    def lengths(self):
        """Of the process, (d,)."""
        return np.exp(self.process.theta[:len(self.base)])


def around(u, height, base, most, rng, fit_on=None, square=None):
    """The Surroundings of a point.

    Parameters
    ----------
    u : float array (n, d)
        Unit box; more than d + 1.
    height : float array (n,)
        How far they are from the target, all finite.
    base : float array (d,)
    most : int
        The nearest ones from which the process learns.
    rng : numpy.random.Generator
    fit_on : int, optional
        Of these so many give its lengths; None: all.
    square : float array (n,), optional
        What is like a chi2: then every second time, as drawn, the coordinates are such that it
        rises alike in all directions.
    """
    curved = None
    if square is not None and rng.random() < CURVED:
        curved = of_curvature(u, height, square, base)
    white, low = curved or of_lowest(u, height, base)
    z = (u - base) @ white
    near = np.argsort((z ** 2).sum(axis=1), kind="stable")[:most]
    y = np.minimum(height[near], BAD)
    return Surroundings(base, white, z[low], process_of(z[near], y, rng, fit_on, HUNDREDS))


def bold(process, new, sides, rng, n):
    """Rows of n candidates (m, d) with the lowest mean - factor x spread, for small and large
    factors; sides: float array (d,), the unit of how far they are from each other."""
    if not len(new):
        return []
    mean, spread = process.mean(new), process.spread(new)
    rows: list[int] = []
    for optimism in np.abs(rng.standard_normal(min(n, len(new)))) * BOLD:
        bound = mean - optimism * spread
        bound[rows] = np.inf
        rows.append(int(np.argmin(bound)))
        squares = (((new - new[rows[-1]]) / np.maximum(sides, 1e-12)) ** 2).mean(axis=1)
        mean = mean + spread * np.exp(-squares / CROWD ** 2)
    return rows
