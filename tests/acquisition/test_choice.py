"""Choosing among the candidates."""

from types import SimpleNamespace

import numpy as np

from mlscanner.acquisition.batch import Batch
from mlscanner.acquisition.choice import AT_ONCE, POWER, Picker, farthest, pass_cut, usable_rows
from mlscanner.acquisition.slots import BEGIN
from mlscanner.acquisition.visibility import Visibility
from mlscanner.store.points import Points
from proposed import bowl, evaluate


def test_cut_is_lowered_only_when_it_must():
    """All above the cut pass; with too few of them the best `factor` times the places do."""
    p = np.array([0.9, 0.8, 0.75, 0.6, 0.1])
    assert list(pass_cut(p, 1)) == [0, 1, 2]
    assert list(pass_cut(p, 2)) == [0, 1, 2, 3]
    assert len(pass_cut(np.zeros(0), 3)) == 0
    assert len(pass_cut(np.zeros(50), 3)) == 6
    assert list(pass_cut(np.array([1e-9, 0.8, 0.9, 0.007, 0.01]), 3)) == [1, 2, 4]
    assert list(pass_cut(np.array([1e-9, 2e-9, 0.0]), 3)) == [0, 1]     # better than nothing


def test_farthest_spreads():
    """The first choice is farthest from what is known, the next from both; no point twice."""
    u = np.array([[0.1], [0.5], [0.95], [0.96], [0.96]])
    assert list(farthest(u, u[:, 0], 2)) == [3, 1]
    assert len(farthest(u, u[:, 0], 9)) == 4
    assert len(farthest(u[:0], u[:0, 0], 3)) == 0
    assert list(farthest(u, u[:, 0], 1, np.array([1, 1, 0.1, 0.1, 0.1]))) == [1]


def found(u, probability, kind="prior"):
    """Candidates as far as a picker reads them."""
    return SimpleNamespace(u=u, probability=np.asarray(probability, float),
                           cluster=np.zeros(len(u), int), kind=np.full(len(u), kind, object))


def test_picker_takes_none_twice_and_obeys_the_cut():
    """Of the probable ones the farthest from all known; other known points and cut on request."""
    u = np.array([[0.1], [0.4], [0.6], [0.9], [1.0]])
    rows = Picker(found(u, [0.9, 0.9, 0.9, 0.9, 0.5]), np.array([[0.0], [0.95]]), 0.7)
    rows.pick(np.arange(5), 1)
    assert rows.chosen == [1]
    rows.pick_far(np.arange(5), 1, np.array([[0.0]]), 0.4)
    assert rows.chosen == [1, 4]


def test_picker_weighs_distance_with_probability():
    """Twice as far is worth as much as twice as probable, with power 1; with power 0 it wins."""
    u = np.array([[0.2], [0.39], [0.3]])
    for power, best in ((1.0, 0), (0.0, 1), (9.0, 0)):
        rows = Picker(found(u, [0.8, 0.4, 0.4]), np.array([[0.0]]), 0.3, power)
        rows.pick(np.arange(3), 1)
        assert rows.chosen == [best]


def test_picker_asks_once_for_each_distance():
    """A distance of another kind is computed for the candidates that pass, once for each."""
    asked = []

    def gap(u, cluster):
        asked.extend(u[:, 0])
        return 1 - u[:, 0]
    u = np.array([[0.1], [0.5], [0.8], [0.3]])
    through = SimpleNamespace(gap=gap, most=lambda u: 1 - u[:, 0])
    rows = Picker(found(u, [0.9, 0.9, 0.9, 0.0]), np.array([[0.0]]), 0.3, through=through)
    rows.pick(np.arange(4), 1)
    rows.pick(np.arange(4), 1)
    assert rows.chosen == [0, 1]
    assert asked == [0.1, 0.5, 0.8]


def test_distances_are_looked_up_where_they_matter():
    """The same choice as with all distances through the target, of which most are not looked up;
    a second choice out of the same candidates looks up none of them again."""
    rng = np.random.default_rng(0)
    good, u, asked = rng.random((300, 2)), rng.random((4000, 2)), []
    through = Visibility(lambda u, cluster: u[:, 0] < 0.8, good, rng.random((50, 2)))
    probability = rng.uniform(0.4, 1, len(u))
    gap = through.gap(u, np.zeros(len(u), int))
    expected = farthest(u, gap, 30, probability ** POWER[0])
    through.gap = lambda u, cluster, gap=through.gap: asked.extend(u[:, 0]) or gap(u, cluster)
    rows = Picker(found(u, probability), good, 0.3, through=through)
    rows.pick(np.arange(len(u)), 30)
    assert rows.chosen == expected.tolist()
    assert AT_ONCE <= len(asked) < len(u) / 2
    rows.pick(np.arange(len(u)), 30)
    assert len(set(asked)) == len(asked)


def test_exploration_points_are_isolated():
    """They are out of the rows asked for, whatever their probability, and far from known points."""
    rng = np.random.default_rng(0)
    candidates = found(rng.random((60, 2)), np.zeros(60))
    rows = Picker(candidates, rng.random((20, 2)) * 0.5, 0.7)
    assert rows.explore(np.arange(10, 60), 6, rng) == set(rows.chosen)
    assert len(set(rows.chosen)) == 6
    assert min(rows.chosen) >= 10
    assert (candidates.u[rows.chosen].max(axis=1) > 0.5).all()
    known = Picker(found(rng.random((60, 2)), np.zeros(60)), rng.random((2000, 2)), 0.7)
    assert known.explore(np.arange(60), 6, rng) == set() and not known.chosen


def test_draws_that_nobody_was_near_to_are_limited():
    """Of draws that the model calls good only so many as their record allows; all of others, of
    those that are improbable, and where nothing is filled."""
    kind = np.array(["prior"] * 50 + ["walk"] * 50 + ["prior"] * 10, object)
    probability = np.r_[np.full(100, 0.9), np.full(10, 0.1)]
    points = Points(1)
    evaluate(points, Batch(np.full((1, 1), 0.3), ["walk"], np.zeros(1)), bowl)
    state = SimpleNamespace(rng=np.random.default_rng(0), points=points, rater=SimpleNamespace(
        familiar=lambda u: np.ones(len(u), bool)))
    candidates = SimpleNamespace(u=np.zeros((110, 1)), kind=kind, probability=probability)
    usable = usable_rows(candidates, state, np.ones(110, bool), 0.3)
    assert usable[:50].sum() == BEGIN and usable[50:].all()
    assert usable_rows(candidates, state, np.arange(110) >= 40, 0.3).all()     # ten: few enough
    assert usable_rows(candidates, state, np.zeros(110, bool), 0.3).all()


def test_of_what_lies_beyond_all_that_is_known_well_a_batch_has_few():
    """Whatever their kind, and no fewer where they are few, improbable, or nothing is filled."""
    u = np.arange(100.0)[:, None]
    points = Points(1)
    evaluate(points, Batch(np.full((1, 1), 0.3), ["walk"], np.zeros(1)), bowl)
    state = SimpleNamespace(rng=np.random.default_rng(0), points=points, rater=SimpleNamespace(
        familiar=lambda u: u[:, 0] < 60))
    candidates = SimpleNamespace(u=u, kind=np.full(100, "walk", object),
                                 probability=np.where(u[:, 0] < 95, 0.9, 0.1))
    usable = usable_rows(candidates, state, np.ones(100, bool), 0.3)
    assert usable[:60].all() and usable[95:].all()
    assert usable[60:95].sum() == BEGIN and not usable[60:60 + BEGIN].all()
    assert usable_rows(candidates, state, u[:, 0] < 60 + BEGIN, 0.3).all()
    assert usable_rows(candidates, state, np.zeros(100, bool), 0.3).all()
