"""Choosing the next batch among the candidates: probable, and far from what is known."""

import numpy as np
from scipy.spatial import cKDTree


def pass_cut(probability, places, cut=0.7, factor=2):
    """Rows with a probability above the cut, lowered until there are `factor` times as many as places."""
    need = min(len(probability), factor * places)
    if not need:
        return np.empty(0, int)
    limit = np.partition(probability, -need)[-need]
    return np.flatnonzero((probability >= min(cut, limit)) & (probability > 0))


def farthest(u, known, n):
    """Greedy choice of n rows of `u` (m, d), each farthest from `known` (k, d) and those before.

    Returns fewer rows where there are fewer distinct points.
    """
    if not len(u) or n <= 0:
        return np.empty(0, int)
    gap = cKDTree(known).query(u)[0] if len(known) else np.full(len(u), np.inf)
    chosen = []
    for _ in range(min(n, len(u))):
        row = int(np.argmax(gap))
        if not gap[row] > 0:
            break
        chosen.append(row)
        gap = np.minimum(gap, np.sqrt(((u - u[row]) ** 2).sum(axis=1)))
    return np.array(chosen, int)


def shares(total, groups):
    """`total` places dealt equally to `groups` niches; the first ones get what is left over."""
    if not groups:
        return []
    base, rest = divmod(total, groups)
    return [base + (k < rest) for k in range(groups)]
