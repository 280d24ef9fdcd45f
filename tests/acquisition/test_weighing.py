"""How much model and surrogate count."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.acquisition.weighing import combined, judged, stretch_of, weight_of_model
from proposed import learned


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
    rater = rater.weighed((row, first, second, np.full(len(row), 0.1), row), points)
    assert rater.own[1, 0] > 0.8 and rater.own[2, 0] < 0.2
    assert rater.own[0].tolist() == [rater.weight, rater.stretch]
    assert rater.own[1, 1] < rater.stretch      # small errors there
    u = np.array([[0.1, 0.5], [0.9, 0.5]])
    own = rater.scale.best(rater.model.predict(u)[0], u)
    weight = rater.own[1:, 0]
    weight = np.where(weight > 0.9, 1, np.where(weight < 0.1, 0, weight))
    assert np.allclose(rater.expected(u), weight * own + (1 - weight) * 5)
