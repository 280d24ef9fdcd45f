"""Which of the evaluated points a model and its surrogate learn from."""

import numpy as np

from .slots import SEARCH


def taught(points):
    """The points as a model learns them, the same rows.

    One that failed may tell how far it is from what works. That leads to the first part of the
    target. From then on searches alone go by it: the model keeps to the values of what works, and
    where points fail is learned apart (the shipped 2HDM: 3,708 of 5,480 in the target instead of
    3,548 of 5,390, and a better filled wrong-sign arm).
    """
    far = points.known & ~points.ok
    if points.inside.sum() < SEARCH or not far.any():
        return points
    kept = points.take(slice(None))
    kept.value, kept.penalty = np.where(far, np.nan, kept.value), np.where(far, 0.0, kept.penalty)
    return kept


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
