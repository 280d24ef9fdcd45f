"""How the slots of a batch are dealt."""

from types import SimpleNamespace

import numpy as np

from mlscanner.acquisition.clusters import ENOUGH, Clusters
from mlscanner.acquisition.slots import (
    BEGIN,
    FEW,
    LONG,
    MOST,
    RECENT,
    SEARCH,
    TRIED,
    batch_size,
    by_record,
    deal,
    draws_allowed,
    failing_share,
    is_stuck,
    known_to_model,
    most_prospects,
    shares,
    success,
    trust,
    unsure,
)
from mlscanner.store.points import Points

ONES = np.ones(2)


def cluster(n_good):
    """Only what is read of a cluster."""
    return SimpleNamespace(n_good=n_good)


def evaluated(origin, inside, iteration, u=None):
    """Points of these origins; those inside are in the target."""
    n = len(origin)
    points = Points(2)
    u = np.full((n, 2), 0.5) if u is None else u
    points.append(id=np.arange(n), iteration=iteration, origin=np.array(origin, object), u=u, x=u,
                  value=np.zeros(n), inside=np.asarray(inside, bool),
                  status=np.full(n, "ok", object))
    return points


def test_shares():
    """Places are dealt out completely, by weight, and as equally as can be where these are."""
    assert shares(10, [1.0] * 3) == [4, 3, 3]
    assert shares(9, [2.0, 1.0]) == [6, 3]
    assert shares(10, []) == []


def test_success_raises_the_share_of_prospects():
    """Prospects that open new places get more of the batch, others a falling share."""
    clusters = [cluster(1000), cluster(0)]
    assert deal(200, clusters, 0.0, 0.15, False, ONES) == ([100, 5], 0)
    assert deal(200, clusters, 0.8, 0.15, False, ONES) == ([100, 80], 0)
    assert deal(200, [cluster(0)] * 2, 0.0, 0.15, False, ONES) == ([100, 100], 0)
    assert most_prospects(8, 0.0) == 4
    assert most_prospects(8, 1.0) == 32


def test_a_cluster_with_fewer_good_points_gets_more_slots():
    """In proportion to one over their number; fifteen and less count alike."""
    clusters = [cluster(300), cluster(100), cluster(15), cluster(1)]
    assert deal(1040, clusters, 0.0, 0.0, False, np.ones(4)) == ([12, 36, 236, 236], 0)


def test_explorers_go_where_there_is_nothing_to_follow():
    """Without prospects their places go to explorers, and all of them where nothing slopes."""
    assert deal(200, [cluster(1000)], 0.0, 0.15, False, ONES) == ([100], 5)
    assert deal(200, [cluster(1000)], 0.0, 0.15, True, ONES) == ([100], 30)
    assert deal(50, [cluster(10)], 0.0, 0.2, True, ONES) == ([40], 10)


def test_only_new_places_are_a_success():
    """Good points of prospects count once for a place, and not beside known good ones."""
    apart = np.array([[0.1, 0.1], [0.9, 0.9], [0.901, 0.9], [0.1, 0.101], [0.5, 0.1]])
    points = evaluated(["design"] + ["prospect"] * 4 + ["prospect"] * 6,
                    [1, 1, 1, 1, 0] + [0] * 6, [0] + [9] * 10,
                    np.concatenate([apart, np.full((6, 2), 0.5)]))
    assert success(points) == 0.1
    few = points.take(np.arange(FEW))
    assert success(few) == 0.0


def test_points_that_were_taken_in_are_not_discovered_again():
    """In the first iterations of a scan that started from points, prospects that are good beside
    those count as no success."""
    beside = np.array([[0.1, 0.1], [0.9, 0.9]] + [[0.101, 0.1]] * FEW + [[0.5, 0.1]] * FEW)
    points = evaluated(["imported old.csv"] * 2 + ["prospect"] * 2 * FEW,
                       [1] * (2 + FEW) + [0] * FEW, [0] * 2 + [2] * 2 * FEW, beside)
    assert success(points) == 0.0


def test_a_cluster_is_unsure_while_its_points_are_bad():
    """Few good points, or latest ones that were bad, call for moves around the good ones; those in
    whose choice the model had no say tell nothing."""
    points = evaluated(["walk"] * 40 + ["random"] * 40, [0] * 20 + [1] * 20 + [0] * 40, [5] * 80)
    label = np.repeat([0, 1, 1], [20, 20, 40])
    for n_second, expected in ((ENOUGH, [True, False]), (ENOUGH - 1, [True, True])):
        clusters = Clusters((cluster(ENOUGH), cluster(n_second)), label)
        assert unsure(points, clusters) == expected
    assert unsure(points, Clusters((), label * 0)) == []
    for kind in ("growth", "mirror", "local", "misclassified"):
        grown = evaluated(["walk"] * 20 + [kind] * 40, [0] * 20 + [1] * 40, [5] * 60)
        assert unsure(grown, Clusters((cluster(ENOUGH),), np.zeros(60, int))) == [True]


def test_clusters_where_the_model_fails_get_fewer_slots():
    """A cluster in which none of twenty of its points were good has a tenth of the slots, one in
    which half were good all of them, as any has before a hundred are good or few were tried."""
    many = ["walk"] * 40 + ["growth"] * 120
    points = evaluated(many, [0] * 20 + [1, 0] * 10 + [1] * 120, [5] * 160)
    label = np.repeat([0, 1, 0, 2], [20, 20, 119, 1])
    clusters = Clusters((cluster(400), cluster(400), cluster(1)), label)
    factor = known_to_model(points, clusters)
    assert factor.tolist() == [1 / 11, 1, 1]
    assert deal(240, clusters[:2], 0.0, 0.0, False, factor) == ([10, 110], 0)
    few = points.take(np.arange(100))
    assert few.inside.sum() == 70
    assert known_to_model(few, Clusters(clusters.found, label[:100])).tolist() == [1, 1, 1]


def test_a_search_is_stuck_when_many_batches_found_nothing():
    """Not before, and not once a single good point is known."""
    latest = np.arange(LONG + 1)
    assert is_stuck(evaluated(["walk"] * (LONG + 1), latest < 0, latest))
    assert not is_stuck(evaluated(["walk"] * LONG, latest[:-1] < 0, latest[:-1]))
    assert not is_stuck(evaluated(["walk"] * (LONG + 1), latest == 2, latest))


def test_batches_grow_with_what_is_known():
    """Until a hundred good points are known a batch is small, if the user's is not smaller; then
    it grows with them."""
    assert [batch_size(200, 50, n) for n in (0, 99, 100, 300, 400, 5000)] == [
        50, 50, 50, 60, 80, 200]
    assert batch_size(20, 50, 0) == batch_size(20, 50, 300) == 20


def test_doubt_is_the_share_of_bad_points_of_late_walks():
    """Neither others' points nor early ones count, and in a search there is no failing_share."""
    origin, inside = ["design"] * 9 + ["walk"] * SEARCH * 2, [0] * 9 + [1, 0] * SEARCH
    points = evaluated(origin, inside, np.full(len(origin), 9))
    assert failing_share(points) == 0.5
    assert failing_share(evaluated(origin[:-2], inside[:-2], np.full(len(origin) - 2, 9))) == 0
    later = evaluated([*origin, *["walk"] * 4], [*inside, 1, 1, 0, 1],
                   np.array([9] * len(origin) + [9 + RECENT] * 4))
    assert failing_share(later) == 0.25
    none = evaluated([*origin, "random"], [*inside, 0], np.array([9] * len(origin) + [9 + RECENT]))
    assert failing_share(none) == 0


def test_trust_in_kinds_that_fail():
    """Prior draws that were never good are hardly believed, good walks fully; later they have a
    new chance, and in a search nothing is misclassified."""
    origin, inside = ["walk"] * SEARCH + ["prior"] * 38, [1] * SEARCH + [0] * 38
    kinds, here = np.array(["prior", "walk", "smote"], object), np.zeros(3, int)

    def trust_of(points):
        whole = Clusters((cluster(1),), np.zeros(len(points), int))
        return trust(points, whole, kinds, here).tolist()
    late = evaluated(origin, inside, np.full(len(origin), 9))
    assert trust_of(late) == [1 / 20, 1.0, 1.0]
    old = evaluated([*origin, "walk"], [*inside, 1], np.array([9] * len(origin) + [9 + RECENT]))
    assert trust_of(old) == [1.0] * 3
    assert trust_of(evaluated(origin[1:], inside[1:], np.full(len(origin) - 1, 9))) == [1.0] * 3


def test_trust_in_walks_where_they_fail():
    """Walks of a narrow part that always fail are hardly believed there; those of another part,
    other kinds there, and walks to a place that is not reached yet are."""
    origin, inside = ["walk"] * SEARCH * 2 + ["local"] * 9, [1] * SEARCH * 2 + [1] * 9
    label = np.repeat([0, 2, 1], [SEARCH * 2 - 58, 20, 47])
    inside[SEARCH * 2 - 58:SEARCH * 2] = [0] * 58
    points = evaluated(origin, inside, np.full(len(origin), 9))
    clusters = Clusters((cluster(SEARCH), cluster(9), cluster(0)), label)
    kinds = np.array(["walk", "walk", "local", "walk"], object)
    assert trust(points, clusters, kinds, np.array([0, 1, 1, 2])).tolist() == [1, 1 / 20, 1, 1]


def test_slots_follow_the_record():
    """Many slots while places turn out good, hardly any after so many in vain; a few at first."""
    few = by_record(
        evaluated(["walk"] * TRIED, np.ones(TRIED, bool), np.zeros(TRIED, int)), "shift", 100)
    shift = ["shift"] * TRIED
    won = by_record(evaluated(shift, np.ones(TRIED, bool), np.zeros(TRIED)), "shift", 100)
    lost = by_record(evaluated(shift, np.zeros(TRIED, bool), np.zeros(TRIED)), "shift", 100)
    again = by_record(evaluated(shift * 2, np.arange(2 * TRIED) >= TRIED, np.zeros(2 * TRIED)),
                      "shift", 100)
    assert 35 <= won <= 100 * MOST
    assert lost <= 1 < few == round(100 * MOST / 2) < won
    assert again == won                     # the latest ones count


def test_a_kind_that_begins_again_begins_with_few():
    """However good it was: at most twice as many as in the batch before, and a few at least."""
    def slots(*in_batch):
        origin = [kind for n in in_batch for kind in ["growth"] * n + ["walk"] * (100 - n)]
        return by_record(evaluated(origin, np.ones(len(origin), bool),
                                   np.repeat(np.arange(len(in_batch)), 100)), "growth", 1000)
    assert slots(90, 0) == slots(90, 0, 5) == BEGIN
    assert slots(90, 30) == 60 and slots(90, 30, 0, 0, 45) == 90


def test_draws_from_the_prior_need_a_record():
    """Few, and twice as many as lately were good, whatever others were."""
    def slots(good, bad, at=0):
        origin = ["prior"] * (good + bad) + ["walk"] * 100
        iteration = np.repeat([at, 4], [good + bad, 100])
        return draws_allowed(evaluated(origin, np.arange(len(origin)) < good, iteration))
    assert slots(0, 0) == slots(0, 80) == slots(10, 80) == BEGIN
    assert slots(50, 0) == slots(50, 30) == 100 and slots(50, 0, at=-1) == BEGIN
