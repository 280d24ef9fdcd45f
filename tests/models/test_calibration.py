"""How spreads become what they promise."""

from dataclasses import replace

import numpy as np
import pytest

from mlscanner.models.calibration import covering, platt, sigmoid, steeper
from mlscanner.models.held_out import beside_target, near_target, unseen_ratio
from mlscanner.models.registry import make_model
from trained import SMALL


def test_spreads_are_scaled_to_cover_one_and_two_of_them_as_promised():
    """Gaussian errors: the true factor. Other ones: both misses are as small as they can be, of
    uniform ones (0.68, and 0.95 becomes 1) as of those with a long tail; more than 0.95 is none,
    as of a triangular density."""
    rng = np.random.default_rng(3)
    gauss = np.abs(rng.standard_normal((4000, 1)))
    assert covering(3.0 * gauss) == pytest.approx(3.0, rel=0.03)
    for error in (rng.random(4000), gauss[:, 0] * rng.choice([0.3, 3.0], 4000, p=[0.9, 0.1])):
        def off(factor, error=error):
            return max(abs((error < factor).mean() - 0.6827),
                       0.9545 - (error < 2 * factor).mean())
        found = covering(error)
        assert off(found) <= min(off(f) for f in np.linspace(0.02, 3, 300)) + 1e-3
    triangular = 1 - np.sqrt(rng.random(4000))
    assert (triangular < covering(triangular)).mean() == pytest.approx(0.6827, abs=0.002)
    assert (triangular < 2 * covering(triangular)).mean() > 0.975
    assert 0.05 <= covering(np.zeros(50)) <= covering(np.full(50, 1e9)) <= 10


def test_held_out_points_near_the_target_are_found_by_their_place():
    """All of a cluster in the target but its outermost, whatever their values; none far from it."""
    rng = np.random.default_rng(1)
    inside, outside = 0.5 + 0.05 * rng.standard_normal((300, 3)), rng.random((60, 3))
    known = np.concatenate([inside, outside])
    far = np.concatenate([np.full(300, 0.1), np.full(60, 9.0)])
    far[:30] = 5.0      # wrong values within the target: a large error is not left out
    assert beside_target(far).sum() == 270
    near = near_target(known, known[beside_target(far)])
    assert near[:300].mean() > 0.9
    assert near[:30].mean() > 0.85
    assert near[300:].mean() < 0.05
    assert near_target(known, known[:300], times=2.0)[:300].mean() > 0.98
    assert near_target(known, known[:5]).all()      # too few places to tell


def test_a_probability_is_learned_beside_the_target_and_hardly_held_back():
    """Two hundred answers that are half as sure as they should be are made as sure, on average;
    far points, which any model knows, do not make those beside the target surer."""
    rng, slopes = np.random.default_rng(5), []
    for _ in range(40):
        true = rng.normal(0, 3, 200)
        slopes.append(platt(sigmoid(true / 2), rng.random(200) < sigmoid(true))[0])
    assert np.mean(slopes) == pytest.approx(2.0, abs=0.12)
    x = np.concatenate([0.5 + 0.02 * rng.standard_normal((300, 2)), rng.random((60, 2))])
    y = (x[:, 0] > 0.5) & (np.abs(x - 0.5).max(axis=1) < 0.1)
    model = make_model("RFC", replace(SMALL, RF_trees=40), 2)
    model.fit(x, y.astype(float), 1)
    rows = model._near_good(x)
    assert rows[y].mean() > 0.95 and rows[300:].mean() < 0.3
    answer = np.where(rows, rng.uniform(0.2, 0.8, 360), 0.01)       # knows nothing but what is far
    model._evaluate(x, y[:, None].astype(float), answer[:, None])
    assert abs(model.held_out["platt"][0]) < 0.5


def test_a_slope_of_many_members_is_steeper_by_what_each_of_them_errs():
    """An axis with errors of n members flattens a line by 1 + noise / n."""
    def true(n):
        return 4 / (1 + 1.5 / n)
    assert steeper(true(1), true(2), 3) == pytest.approx(true(3))
    assert steeper(true(1), true(2), 2) == pytest.approx(true(2))
    assert steeper(3.0, 2.0, 3) == 2.0          # by chance the wrong way round
    assert steeper(0.1, 5.0, 3) <= 10.0


def test_a_variance_of_few_trees_is_held_to_the_mean_ratio():
    """On average the ratio of both; a single estimate of five degrees counts a quarter."""
    own, square = np.array([2.0, 2.0, 2.0, 10.0]), np.full(4, 2.0)
    assert unseen_ratio(own, square, 5) == pytest.approx(0.75 * 2 + 0.25 * own / 2)
    assert unseen_ratio(own, square, 5).mean() == pytest.approx(2)
