"""One search on the calculation itself: its region, and the points that it asks for."""

import numpy as np
import pytest

from mlscanner.acquisition.trust_region import SHORTEST, START, next_points, side_after

LOW, HIGH = np.zeros(6), np.ones(6)


def bowl(u):
    """Height of points: a curved valley with its bottom, 0, at u = 0.7."""
    z = u - 0.7
    return np.log(0.01 + (z ** 2).sum(axis=1) + 20 * (z[:, 1] - z[:, 0] ** 2) ** 2)


@pytest.mark.parametrize(("lowest", "side"), [
    ([], START), ([4.0], START), ([4.0, 3.0, 2.0], 1.0), ([6.0, 6.0], START / 2),
    ([4.0, 5.0, 5.0], START / 2), ([np.inf, np.inf], START / 2), ([4.0, 4.0, 3.9, 4.5], START)])
def test_the_region_grows_with_gains_and_shrinks_without(lowest, side):
    """Three gains in a row double it, up to the box; two batches without one halve it."""
    assert side_after(5.0, lowest, 6) == side


def test_a_search_without_gains_ends():
    """Its side is 0 from then on, also when something better comes later."""
    lowest = [6.0] * 2 * int(np.log2(START / SHORTEST))
    assert side_after(5.0, lowest, 6) > 0
    assert side_after(5.0, [*lowest, 6.0, 6.0], 6) == 0
    assert side_after(5.0, [*lowest, 6.0, 6.0, 1.0], 6) == 0


def test_many_parameters_take_more_patience():
    """The region of 30 parameters is halved after three batches, not two."""
    assert side_after(5.0, [6.0] * 2, 30) == START
    assert side_after(5.0, [6.0] * 3, 30) == START / 2


@pytest.mark.slow
def test_it_goes_down_a_curved_valley_in_few_points():
    """After 150 points it is where ten thousand random ones are not."""
    rng = np.random.default_rng(1)
    u = rng.random((30, 6))
    lowest, best = [], bowl(u).min()
    for _ in range(12):
        side = side_after(best, lowest, 6)
        new = next_points(u, bowl(u), LOW, HIGH, side, rng, 10, lambda new: new)
        lowest.append(bowl(new).min())
        u = np.concatenate([u, new])
    assert len(u) == 150
    assert bowl(u).min() < bowl(rng.random((10_000, 6))).min()


def test_points_stay_in_the_box_and_in_the_region():
    """A small region around the best point, stretched along what matters little, not more."""
    rng = np.random.default_rng(0)
    low, high = np.full(6, 0.5), np.full(6, 0.9)
    u = low + rng.random((60, 6)) * (high - low)
    new = next_points(u, bowl(u), low, high, 0.1, rng, 20, lambda new: new)
    assert len(new) == 20 and len(np.unique(new, axis=0)) == 20
    assert (new >= low).all() and (new <= high).all()
    assert (np.abs(new - u[np.argmin(bowl(u))]) <= 4 * 0.05 * 0.4 + 1e-12).all()


def test_what_may_not_be_evaluated_is_not_asked_for():
    """Candidates that a pre-cut refuses are left out; where it refuses all, there are none."""
    rng = np.random.default_rng(0)
    u = rng.random((30, 6))
    edge = u[np.argmin(bowl(u)), 0]
    new = next_points(u, bowl(u), LOW, HIGH, 0.8, rng, 10, lambda new: new[new[:, 0] < edge])
    assert len(new) == 10 and (new[:, 0] < edge).all()
    assert not len(next_points(u, bowl(u), LOW, HIGH, 0.8, rng, 10, lambda new: new[:0]))
