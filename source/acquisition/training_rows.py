"""Which of the evaluated points a model and its surrogate learn from."""

import numpy as np


def training_rows(distance, known, most, rng):
    """At most `most` rows of the known points: the half nearest to the target's edge, and others.

    It bounds the cost of a training whatever the number of points.
    """
    rows = np.flatnonzero(known)
    if len(rows) <= most:
        return rows
    order = rows[np.argsort(np.abs(distance[rows]), kind="stable")]
    near = most // 2
    others = near + rng.permutation(len(order) - near)[:most - near]
    return np.sort(np.concatenate([order[:near], order[others]]))


def in_turn(distance, cluster):
    """Rows in the order of their distance (n,), the clusters (n,) taking turns.

    A cluster of few points would have no say beside those of thousands.
    """
    order = np.lexsort((distance, cluster))
    size = np.bincount(cluster)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
    return order[np.lexsort((distance[order], rank))]
