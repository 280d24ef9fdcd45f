"""How much model and surrogate count."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.acquisition.weighing import combined, judged, stretch_of, weight_of_model
from mlscanner.likelihood.observables import Target
from mlscanner.models.value_scale import ValueScale
from mlscanner.store.points import Points
from proposed import bowl, evaluate, learned, past, proposer


def told(one, two, n=100, spread=0.1, seed=0):
    """What was said with errors of size one and two, what was true, the spread, and counts."""
    rng = np.random.default_rng(seed)
    true = rng.standard_normal(n)
    return np.stack([true + one * rng.standard_normal(n), true + two * rng.standard_normal(n), true,
                     np.full(n, spread), np.ones(n)])


@pytest.mark.parametrize(("one", "two", "weight"), [(1.0, 0.1, 0.01), (0.1, 1.0, 0.99),
                                                    (0.5, 0.5, 0.5)])
def test_who_erred_less_counts_more(one, two, weight):
    """The weight of the model is that of least squares: var of the surrogate over the sum."""
    assert judged(told(one, two, 4000))[0] == pytest.approx(weight, abs=0.03)


def test_few_points_hardly_change_what_is_usual():
    """Without points the usual numbers stay, with few they move a little, with many all the way."""
    assert judged(told(1.0, 0.1, 0), 0.8, 2.0, 10) == (0.8, 2.0)
    few, many = (judged(told(1.0, 0.1, n), 0.8, 2.0, 10) for n in (3, 3000))
    assert many[0] < 0.05 < few[0] < 0.8
    assert many[1] == pytest.approx(1.0, abs=0.1)


def test_stretch():
    """The root mean square of errors in units of the spread, between a half and three."""
    assert stretch_of(np.array([2.0, -2.0])) == 2
    assert stretch_of(np.array([9.0])) == 3 and stretch_of(np.zeros(4)) == 0.5
    assert stretch_of(np.array([3.0]), 1.0, 1) == pytest.approx(np.sqrt(5))


def test_equal_predictions_have_any_weight():
    """Where model and surrogate said the same the weight stays the usual one."""
    gap = np.zeros(5)
    assert weight_of_model(gap, np.ones(5), np.ones(5), 0.3, 10) == 0.3


def test_spread_of_both():
    """Two means that differ are spread apart, by the weights of a mixture."""
    assert combined(0.5, 0.0, 2.0) == 1
    assert combined(0.2, 1.0, 0.0, 1.0) == pytest.approx(np.hypot(0.2, 0.8))


@pytest.mark.slow
def test_each_piece_has_weights_of_its_own():
    """Where the model was wrong in one piece of the target only, it counts little there, and as
    before elsewhere; what is predicted there follows the surrogate."""
    rater, points, _ = learned("RFR")
    piece = SimpleNamespace(
        local=(None, None), mean=lambda u: np.full(len(u), 5.0),
        piece=lambda u: np.where(u[:, 0] > 0.3, 2, 1))
    rater = replace(rater, surrogate=piece)
    row = np.arange(len(points))
    true, left = rater.scale.forward(points.value), points.u[:, 0] <= 0.3
    rng = np.random.default_rng(0)
    small, large = 0.02 * rng.standard_normal((2, len(row))) * [[1], [20]]
    first = true + np.where(left, small, large)
    second = true + np.where(left, large, small)
    rater = rater.weighed(past(rater, row, first, second, 0.1), points)
    assert rater.own[1, 0] > 0.8 and rater.own[2, 0] < 0.2
    assert rater.own[0].tolist() == [rater.weight, rater.stretch]
    assert rater.own[1, 1] < rater.stretch      # small errors there
    u = np.array([[0.1, 0.5], [0.9, 0.5]])
    own = rater.scale.best(rater.model.predict(u)[0], u)
    weight = rater.own[1:, 0]
    weight = np.where(weight > 0.9, 1, np.where(weight < 0.1, 0, weight))
    assert np.allclose(rater.expected(u), weight * own + (1 - weight) * 5)


@pytest.mark.parametrize("target", [Target(-np.inf, 6.0), Target(2.0, 6.0)])
@pytest.mark.parametrize("floor", [None, 3.0])
def test_what_was_said_is_kept_as_values(target, floor):
    """On the same scale it comes back, also beyond the bulk of the design; a spread on another
    scale is as wide in values as it was; what lies below the best point known is as good as it."""
    values = np.random.default_rng(0).uniform(2.5, 500, 200)
    scale = ValueScale(target, values, floor)
    said = np.array([[-0.4, 0.2, 0.1], [0.0, 0.0, 1.0], [2.0, scale.high + 2, 2.0]]) / scale.unit
    values = scale.as_values(said)
    assert np.allclose(scale.from_values(values), said)
    assert scale.forward(values[:, 1])[-1] < said[-1, 1]
    other = ValueScale(target, [1.0, 5.0, 9.0], 2.0)
    there = other.from_values(values)
    assert np.allclose(other.backward(there[:, :2]), values[:, :2])
    up, down = (other.backward(there[:, :2].mean(axis=1) + k * 1e-4 * there[:, 2]) for k in (1, -1))
    assert (up - down)[1] == pytest.approx(2e-4 * values[1, 2], rel=1e-3)
    if not target.is_band:
        deep = np.array([[-9.0, -9.0, 0.5]])
        assert np.allclose(other.from_values(deep)[0, :2], other.forward(np.array([2.0])))
        assert other.from_values(deep)[0, 2] > 0


@pytest.mark.slow
def test_a_new_scale_forgets_nothing():
    """With another scale the same predictions weigh model and surrogate as before, and the spread
    that was as large as the errors still is."""
    rater, points, rng = learned("RFR")
    row = np.arange(len(points))
    true = rater.scale.forward(points.value)
    first, second = true + 0.3 * rng.standard_normal((2, len(row))) * [[1], [4]]
    was = past(rater, row, first, second, 0.3)
    before = rater.weighed(was, points)
    scale = ValueScale(rater.scale.target, points.value, 0.1)
    assert scale.as_dict() != rater.scale.as_dict()
    after = replace(rater, scale=scale).weighed(was, points)
    assert before.weight > 0.8
    assert after.weight == pytest.approx(before.weight, abs=0.1)
    assert after.stretch == pytest.approx(before.stretch, rel=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_what_was_said_outlives_a_deeper_target(model):
    """All that was predicted of batches is remembered, whatever became of the scale since."""
    one, rng, points = proposer(model), np.random.default_rng(0), Points(2)
    evaluate(points, one.first(rng), bowl)
    scales = []
    for _ in range(4):
        evaluate(points, one.propose(points, rng), bowl)
        scales.append(one.scale.as_dict())
    assert scales[0] != scales[-1]
    chosen = points.id[points.origin != "design"]
    assert np.isin(chosen[points.origin[points.id >= chosen[0]] != "image"],
                   one.memory.rows[:, 0]).all()
    assert (one.memory.rows[:40, 4] > 0).any()  # of the first batch some were for a higher level
    if model == "RFR":      # values, that of the model within a decade of what came out
        rows, said, *_ = one.memory.past(points)
        assert np.median(np.abs(np.log10((said + 1) / (points.value[rows] + 1)))) < 0.5


@pytest.mark.slow
def test_what_version_1_0_remembered_is_read():
    """Scaled numbers, and the spread itself: they become what is said today."""
    one, rng, points = proposer(), np.random.default_rng(0), Points(2)
    evaluate(points, one.first(rng), bowl)
    evaluate(points, one.propose(points, rng), bowl)
    now = one.arrays()
    said = now.pop("proposer_said")
    then = np.column_stack([said[:, 0], one.scale.from_values(said[:, 1:4]), said[:, 4]])
    other = proposer()
    other.restore(now | {"proposer_predictions": then})
    assert np.array_equal(other.memory.rows, then, equal_nan=True)
    for _ in range(2):  # the second time nothing is left to do
        other.learn(points, np.random.default_rng(1))
        assert np.allclose(other.memory.rows, said, equal_nan=True)
