"""How well the in-target points found so far fill the target region, iteration by iteration.

Both measures are made from the points alone. They tell how the filling grew; they cannot tell of
a part of the region that has never been seen.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

CELLS = 1000        # coarse cells that the unit box is cut into, roughly
REFERENCE = 2000    # most points whose neighbours are looked for
SHARE = 0.9         # of the reference points lie within the fill distance


@dataclass
class Coverage:
    """Per iteration, arrays (m,).

    Attributes
    ----------
    iteration, evaluated, good : int arrays
        Evaluation and in-target points up to and including the iteration.
    cells : int array
        Coarse cells with an in-target point.
    fill : float array
        Fill distance: nine tenths of the in-target points known at the end have another one,
        found by then, within this distance in the unit box; NaN while there is none.
    """

    iteration: np.ndarray
    evaluated: np.ndarray
    good: np.ndarray
    cells: np.ndarray
    fill: np.ndarray


def cells_per_side(dim):
    """Cells along each side: about a thousand in all, two a side at least."""
    return max(2, round(CELLS ** (1 / max(1, dim))))


def cells(unit):
    """The coarse cells (n, d) in which the points `unit` (n, d) lie, by whole numbers from 0."""
    side = cells_per_side(unit.shape[1])
    return np.clip((unit * side).astype(int), 0, side - 1)


def coverage(unit, inside, iteration):
    """`Coverage` of a run.

    Parameters
    ----------
    unit : float array (n, d)
        Unit box; rows in the order of id.
    inside : bool array (n,)
    iteration : int array (n,)
    """
    iterations = np.unique(iteration)
    good_u, when = unit[inside], iteration[inside]
    evaluated = np.searchsorted(np.sort(iteration), iterations, side="right")
    good = np.searchsorted(np.sort(when), iterations, side="right")
    return Coverage(iterations, evaluated, good, _cells(good_u, when, iterations),
                    _fill(good_u, when, iterations))


def _cells(u, when, iterations):
    """Number of cells hit up to each iteration (m,)."""
    cell = cells(u)
    if not len(cell):
        return np.zeros(len(iterations), int)
    _, number = np.unique(cell, axis=0, return_inverse=True)
    first = np.full(number.max() + 1, np.iinfo(int).max)
    np.minimum.at(first, number.ravel(), when)
    return np.searchsorted(np.sort(first), iterations, side="right")


def _fill(u, when, iterations):
    """Fill distance up to each iteration (m,)."""
    rng = np.random.default_rng(0)
    rows = np.arange(len(u)) if len(u) <= REFERENCE else \
        np.sort(rng.choice(len(u), REFERENCE, replace=False))
    nearest = np.full(len(rows), np.inf)
    fill = np.full(len(iterations), np.nan)
    for i, iteration in enumerate(iterations):
        new = np.flatnonzero(when == iteration)
        if len(new):
            nearest = np.minimum(nearest, _to_another(u, rows, new))
        if len(rows) and np.isfinite(nearest).mean() >= SHARE:
            fill[i] = np.quantile(nearest, SHARE, method="inverted_cdf")
    return fill


def _to_another(u, rows, new):
    """Distance of each of u[rows] to the nearest of u[new] that is not the same row."""
    distance, which = cKDTree(u[new]).query(u[rows], k=2)
    return np.where(new[np.minimum(which[:, 0], len(new) - 1)] == rows, distance[:, 1],
                    distance[:, 0])
