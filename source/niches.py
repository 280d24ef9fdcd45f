"""Niches: the separate places where the best points lie, each with a level of its own."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

RADIUS = 0.175      # of the diagonal of the unit box: a farther point opens a new niche
ENOUGH = 15         # good points from which a niche works at the true threshold
RANK = 8            # else its level is the merit of its RANK-th best point


class Niche(NamedTuple):
    """One niche.

    Attributes
    ----------
    centre : float array (d,)
        Its best point, unit box.
    members : int array
        Rows of the points that are better than its level (at least two where there are two).
    level : float
        Merit (distance from the target's edge) to beat; 0 is the target itself.
    n_good : int
    """

    centre: np.ndarray
    members: np.ndarray
    level: float
    n_good: int


def elite(merit, share=0.05, least=20):
    """Rows of the best `share` of the points (all good ones, once they are more), best first.

    Points on a plateau (not better than the median and not good) are no elite: where nothing
    slopes there is nothing to follow.
    """
    known = np.isfinite(merit)
    order = np.argsort(merit, kind="stable")[:known.sum()]
    if not len(order):
        return order
    n = max(least, int(share * len(order)), int((merit < 0).sum()))
    order = order[:n]
    return order[(merit[order] < np.median(merit[known])) | (merit[order] < 0)]


def find_niches(u, merit, most=8):
    """Split the elite into niches around the best points.

    Parameters
    ----------
    u : float array (n, d)
        Judged points, unit box.
    merit : float array (n,)
        Below 0 inside the target; inf for failed points.
    most : int
        Largest number of niches.

    Returns
    -------
    niches : list of Niche
        Best first; empty where no point stands out.
    label : int array (n,)
        Niche of each point (the nearest centre).
    """
    best = elite(merit)
    radius = RADIUS * np.sqrt(u.shape[1])
    centres, left = [], best
    while len(left) and len(centres) < most:
        centres.append(left[0])
        left = left[np.linalg.norm(u[left] - u[left[0]], axis=1) > radius]
    if not centres:
        return [], np.zeros(len(u), int)
    label = cKDTree(u[centres]).query(u)[1]
    niches = [_niche(u[c], np.flatnonzero(label == k), merit) for k, c in enumerate(centres)]
    return niches, label


def _niche(centre, rows, merit):
    rows = rows[np.argsort(merit[rows], kind="stable")]
    ranked = merit[rows]
    n_good = int((ranked < 0).sum())
    if n_good >= ENOUGH:
        return Niche(centre, rows[:n_good], 0.0, n_good)
    n_known = int(np.isfinite(ranked).sum())
    rank = min(RANK, n_known)
    level = max(0.0, float(ranked[rank - 1])) if rank else 0.0
    return Niche(centre, rows[:max(rank, n_good)], level, n_good)
