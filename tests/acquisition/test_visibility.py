"""Distances through the target."""

import numpy as np

from mlscanner.acquisition.visibility import Visibility, clear, isolation

NONE = np.empty((0, 2))


def sheets(u, cluster=None):
    """Two thin sheets beside each other."""
    return (np.abs(u[:, 1] - 0.40) < 0.02) | (np.abs(u[:, 1] - 0.60) < 0.02)


def row(y, xs):
    return np.column_stack([xs, np.full(len(xs), y)])


def test_clear():
    """The way along a sheet is good, that from one to the other is not."""
    start, end = row(0.4, [0.1, 0.1]), np.array([[0.5, 0.4], [0.1, 0.6]])
    assert clear(sheets, start, end, np.zeros(2, int)).tolist() == [True, False]
    assert clear(None, NONE, NONE, np.zeros(0, int)).shape == (0,)   # no model is asked of nothing


def test_a_point_of_another_part_is_not_near():
    """A candidate is as far as the next point of its own part, or a bad one, but no other."""
    good = np.concatenate([row(0.4, np.linspace(0.1, 0.9, 5)), row(0.6, [0.1])])
    candidate, cluster = row(0.6, [0.5]), np.zeros(1, int)
    blind = np.linalg.norm(good - candidate, axis=1).min()
    gap = Visibility(sheets, good, NONE).gap(candidate, cluster)
    assert blind < 0.21
    assert gap[0] > 1.3 * blind    # none of the nearest three is seen: the last of them counts
    assert Visibility(sheets, good, row(0.62, [0.5])).gap(candidate, cluster)[0] < 0.021
    assert Visibility(sheets, good[:1], NONE).gap(candidate, cluster)[0] > 0.4


def test_isolation():
    """Few points of one part are lonely although many of the other part are close."""
    good = np.concatenate([row(0.4, np.linspace(0.1, 0.9, 40)), row(0.6, [0.3, 0.5, 0.7])])
    lonely = isolation(sheets, good, 0)
    assert lonely.shape == (43,)
    assert lonely[40:].min() > 3 * np.median(lonely[:40])
    assert (isolation(sheets, good[:2], 0) > 0).all()
