"""Clusters, prospects and components."""

import numpy as np

from mlscanner.acquisition.clusters import (
    ENOUGH,
    PATIENCE,
    find_clusters,
    is_flat,
    nearest,
    spacing,
)


def two_places(n_good, seed=0):
    """Good points around (0.2, 0.2), a slope towards (0.8, 0.8), and noise."""
    rng = np.random.default_rng(seed)
    u = np.concatenate([0.2 + 0.02 * rng.standard_normal((n_good, 2)), rng.random((100, 2))])
    distance = np.concatenate([np.full(n_good, -1.0),
                            1 + np.linalg.norm(u[n_good:] - 0.8, axis=1)])
    return u, distance


def test_levels():
    """A cluster with enough good points works at the target, one with fewer at a relaxed level."""
    for n_good, relaxed in ((ENOUGH, False), (2, True)):
        u, distance = two_places(n_good)
        clusters = find_clusters(u, distance, np.zeros(len(u), int))
        assert clusters[0].n_good == n_good
        assert (clusters[0].level > 0) == relaxed
        assert clusters.label[0] == 0


def test_prospect_is_kept_until_it_was_tried():
    """A promising place beside plenty of good points is followed, and given up when it fails."""
    u, distance = two_places(60)
    iteration = np.zeros(len(u), int)
    clusters = find_clusters(u, distance, iteration)
    far = [n for n in clusters if n.n_good == 0 and np.linalg.norm(n.centre - 0.8) < 0.15]
    assert far
    around = far[0].centre + 0.01 * np.random.default_rng(1).standard_normal((PATIENCE, 2))
    u = np.concatenate([u, around])
    distance = np.concatenate([distance, np.full(PATIENCE, 5.0)])
    iteration = np.concatenate([iteration, np.ones(PATIENCE, int)])
    clusters = find_clusters(u, distance, iteration)
    assert not [n for n in clusters if np.array_equal(n.centre, far[0].centre)]


def test_plateau_and_failures():
    """Where nothing slopes, or all failed, there is nothing to follow."""
    u = np.random.default_rng(0).random((50, 3))
    for distance in (np.ones(50), np.full(50, np.inf)):
        assert len(find_clusters(u, distance, np.zeros(50, int))) == 0


def test_a_prospect_has_only_what_is_near():
    """Good points of a third place are not counted for a prospect, however far all centres are."""
    centres = np.array([[0.1, 0.1], [0.6, 0.6]])
    u = np.array([[0.1, 0.12], [0.6, 0.6 + 0.9 * spacing(2)], [0.9, 0.9]])
    assert nearest(u, centres, 1).tolist() == [0, 1, 0]
    assert nearest(u, centres, 0).tolist() == [0, 1, 1]


def test_flat():
    """Flat: no bad point is better than the median of the first ones."""
    first = np.zeros(4, int)
    assert is_flat(np.array([1.0, 1.0, 1.0, -1.0]), first)
    assert not is_flat(np.array([1.0, 0.5, 1.0, 1.0]), first)
    assert is_flat(np.full(4, np.inf), first)
