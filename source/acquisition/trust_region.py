"""One local search on the calculation itself: a Gaussian process inside a trust region.

The region shrinks where a batch brings nothing and grows where several do, as in D. Eriksson et
al., Scalable global optimization via local Bayesian optimization, NeurIPS 2019, arXiv:1910.01739.
Nothing of it is kept from one batch to the next: all follows from what was evaluated.
"""

import numpy as np

from .axes import steps
from .gaussian_process import process_of
from .surroundings import around, bold

LOCAL = 150         # points nearest to the best that are learned from
CANDIDATES = 1000
START = 0.8         # side of the first region, as a part of the box that is searched
SHORTEST = 2.0 ** -6    # below this side the search has ended
SUCCESSES = 3       # batches in a row that double the side
GAIN = 5e-3         # of the height, that counts as one


def side_after(best, lowest, dim):
    """Side of the trust region after batches; 0 once the search has ended.

    Parameters
    ----------
    best : float
        Height before the first of them; inf where nothing was known.
    lowest : list of float
        The lowest height of each batch, inf where all of it failed.
    dim : int
    """
    side, won, lost, patience = START, 0, 0, max(2, -(-dim // 10))
    for height in lowest:
        better = height < best - GAIN
        best = min(best, height)
        won, lost = (won + 1, 0) if better else (0, lost + 1)
        if won == SUCCESSES:
            side, won = min(2 * side, 1.0), 0
        if lost == patience:
            side, lost = side / 2, 0
        if side < SHORTEST:
            return 0.0
    return side


def next_points(u, height, low, high, side, rng, n, kept, mixed=None):
    """Up to n points (m, d) to evaluate next.

    Parameters
    ----------
    u : float array (k, d)
        What the search knows, unit box.
    height : float array (k,)
        How far they are from the target; lower is better, all finite.
    low, high : float array (d,)
        The box that is searched.
    side : float
        What `side_after` gave.
    rng : numpy.random.Generator
    n : int
    kept : callable u (k, d) -> (m, d)
        Snaps candidates to what can be stored, and leaves out those that may not be evaluated.
    mixed : callable u (k, d) -> (k, d), optional
        Changes candidates before: some of their coordinates are those of other points.
    """
    u = (u - low) / (high - low)
    centre = u[np.argmin(height)]
    near = np.argsort(((u - centre) ** 2).sum(axis=1), kind="stable")[:LOCAL]
    y = height[near] - height[near].mean()
    process = process_of(u[near], y, rng)
    lengths = process.theta[:len(low)]
    half = side / 2 * np.clip(np.exp(lengths - lengths.mean()), 0.25, 4.0)
    lower, upper = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    new = lower + rng.random((CANDIDATES, len(low))) * (upper - lower)
    moved = rng.random(new.shape) < rng.random((CANDIDATES, 1))     # few parameters, or all
    moved[np.arange(len(new)), rng.integers(len(low), size=len(new))] = True
    new = low + np.where(moved, new, centre) * (high - low)
    new = (kept(new if mixed is None else mixed(new)) - low) / (high - low)
    rows = bold(process, new, upper - lower, rng, n)
    return low + new[rows] * (high - low)


def along_valley(u, height, rng, n, kept, square=None):
    """Up to n points (m, d) to evaluate next, where the lowest of those known lie along a valley.

    In coordinates in which it is as long as across, as their spread or the curvature tells,
    and without a region: the valley may go on for longer than the steps so far.

    Parameters
    ----------
    u, height, rng, n, kept
        See `next_points`.
    square : float array (k,), optional
        See `around`.
    """
    centre = u[np.argmin(height)]
    here = around(u, height, centre, LOCAL, rng, square=square)
    new = steps(rng, np.zeros((1, len(centre))), here.low, here.lengths, CANDIDATES)
    new = kept(here.places(new))
    return new[bold(here.process, here.coordinates(new), here.lengths, rng, n)]
