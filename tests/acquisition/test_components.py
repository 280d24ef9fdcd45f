"""Separate parts of the target, as the model sees them."""

import numpy as np

from mlscanner.acquisition.clusters import find_clusters
from mlscanner.acquisition.components import MOST, count, divide, parts


def clouds(n=60):
    """Two clouds of n good points each around (0.2, 0.2) and (0.8, 0.8)."""
    rng = np.random.default_rng(0)
    return np.concatenate([c + 0.02 * rng.standard_normal((n, 2)) for c in (0.2, 0.8)])


def everywhere(u, cluster):
    return np.ones(len(u), bool)


def seen(good, accept):
    return parts(np.random.default_rng(0), good, accept)


def test_parts():
    """Two clusters are two components when a ridge is between them, else one."""
    part, known = seen(clouds(), lambda u, k: np.abs(u[:, 0] - 0.5) > 0.2)
    assert count(part, known) == 2
    assert len(set(part[:60])) == len(set(part[60:])) == 1 and known.all()
    line = np.column_stack([np.linspace(0, 1, 80), np.full(80, 0.5)])
    assert count(*seen(line, everywhere)) == 1
    assert count(*seen(line[:0], everywhere)) == 0
    assert count(*seen(line[:1], everywhere)) == 1


def test_points_that_the_model_does_not_know_belong_together():
    """A new part that the model knows nothing of is one part, not one for each of its points; a
    single point at the edge of a known part does not draw it in."""
    sheet = np.column_stack([np.linspace(0, 1, 50), np.full(50, 0.2)])
    arm = np.column_stack([np.linspace(0.4, 0.5, 6), np.full(6, 0.4)])
    edge = np.array([[0.9, 0.25]])
    part, known = seen(np.concatenate([sheet, arm, edge]), lambda u, k: u[:, 1] < 0.21)
    assert len(set(part[50:56])) == 1
    assert len({part[0], part[50], part[56]}) == 3
    assert not known[50:].any()
    assert count(part, known) == 1      # an component is counted once the model sees it


def test_a_clump_is_no_component():
    """Points of a clump, nearer to each other than to all others, belong to what lies around."""
    line = np.column_stack([np.linspace(0, 1, 200), np.full(200, 0.5)])
    clump = [0.5, 0.5] + 1e-4 * np.random.default_rng(1).standard_normal((30, 2))
    part, known = seen(np.concatenate([line, clump]), everywhere)
    assert count(part, known) == len(set(part)) == 1


def test_the_cost_is_bounded():
    """Of very many good points some are looked at, and the others belong to their neighbours."""
    asked = []

    def accept(u, cluster):
        asked.append(len(u))
        return np.abs(u[:, 0] - 0.5) > 0.2

    good = clouds(MOST)
    part, _ = seen(good, accept)
    assert len(part) == 2 * MOST and len(set(part[:MOST]) & set(part[MOST:])) == 0
    assert sum(asked) < 40 * MOST


def test_a_small_part_beside_a_large_one_has_a_cluster_of_its_own():
    """Told apart by distance alone, 20 points beside 400 share their cluster; divided they do not,
    and the bad points near to them are theirs."""
    rng = np.random.default_rng(1)
    large = np.column_stack([rng.random(400), np.full(400, 0.5)])
    small = np.column_stack([rng.uniform(0.4, 0.5, 20), np.full(20, 0.6)])
    bad = np.array([[0.45, 0.65]])
    u = np.concatenate([large, small, bad])
    distance = np.concatenate([rng.uniform(-2, -1, 400), rng.uniform(-1, 0, 20), [1.0]])
    clusters = find_clusters(u, distance, np.zeros(len(u), int))
    assert not any(0 < n.n_good <= 20 for n in clusters)
    part = np.repeat([0, 1], [400, 20])
    new = divide(u, distance, clusters, part, 8)
    alone = [k for k, n in enumerate(new) if n.n_good == 20]
    assert len(alone) == 1 and (new.label[400:] == alone[0]).all()
    assert set(new[alone[0]].members) == set(range(400, 420))
    assert sum(n.n_good for n in new) == 420
    assert divide(u, distance, clusters, np.zeros(420, int), 8) is clusters


def test_of_many_parts_the_largest_and_the_smallest_have_clusters():
    """Six parts and places for three: those of few good points are not forgotten."""
    size = [4, 50, 9, 30, 20, 5]
    part = np.repeat(np.arange(6), size)
    u = np.column_stack([part / 5, 0.5 + 0.001 * np.arange(len(part))])
    distance = -1.0 - np.random.default_rng(0).random(len(u))
    clusters = find_clusters(u, distance, np.zeros(len(u), int))
    new = divide(u, distance, clusters, part, 3)
    assert {int(part[n.members[0]]) for n in new} >= {0, 1, 5}
    for p in (0, 5):
        assert len(set(new.label[part == p])) == 1


def test_prospects_stay_as_they_are():
    """Dividing the good points leaves the prospects and their points, behind the other clusters."""
    u = np.concatenate([clouds(20)[:, :1] * [1, 0] + [0, 0.1], [[0.5, 0.95]] * 3,
                        np.random.default_rng(2).random((80, 2))])
    distance = np.concatenate([-np.ones(40), [0.5] * 3, np.full(80, 9.0)])
    clusters = find_clusters(u, distance, np.zeros(len(u), int))
    old = sum(n.n_good > 0 for n in clusters)
    assert len(clusters) > old
    new = divide(u, distance, clusters, np.repeat([0, 1], 20), 8)
    good = sum(n.n_good > 0 for n in new)
    assert all(a is b for a, b in zip(new[good:], clusters[old:], strict=True))
    label, moved = clusters.label, new.label
    assert (moved[label >= old] == label[label >= old] + good - old).all()
    assert (moved[label < old] < good).all()


def test_single_points_among_many_are_no_components():
    """Sixty points in two parts and three alone: two; of a few points each alone counts."""
    part = np.array([0] * 40 + [1] * 20 + [2, 3, 4])
    assert count(part, np.ones(len(part), bool)) == 2
    assert count(np.array([0, 0, 1, 2]), np.ones(4, bool)) == 3
