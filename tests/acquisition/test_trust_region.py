"""One search on the calculation itself: its region, and the points that it asks for."""

import numpy as np
import pytest

from mlscanner.acquisition.trust_region import (
    SHORTEST,
    START,
    along_valley,
    next_points,
    side_after,
)

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


def gorge(u):
    """Height of points: a valley (n, 3), a hundredth as wide as long, that falls along a bend."""
    across = ((u[:, 1] - u[:, 0] ** 2) ** 2 + (u[:, 2] - 0.5 * u[:, 0]) ** 2) / 0.01 ** 2
    return np.log(0.03 + across + 20 * (0.9 - u[:, 0]) ** 2)


@pytest.mark.slow
def test_it_goes_on_along_a_valley():
    """From points in a piece of a bent valley, sixty more go on along it in most runs, a fifth of
    its length at least in two of six; those of a region come nowhere."""
    gained = []
    for seed in range(6):
        rng, lowest = np.random.default_rng(seed), []
        t = rng.uniform(0.2, 0.35, 40)
        u = v = np.stack([t, t ** 2, 0.5 * t], axis=1) + 0.01 * rng.standard_normal((40, 3))
        first = u[np.argmin(gorge(u)), 0]
        for _ in range(6):
            u = np.concatenate([u, along_valley(u, gorge(u), rng, 10, inside)])
            side = side_after(gorge(v[:40]).min(), lowest, 3)
            new = next_points(v, gorge(v), LOW[:3], HIGH[:3], side, rng, 10, inside)
            v, lowest = np.concatenate([v, new]), [*lowest, gorge(new).min()]
        assert len(u) == 100 and (u > 0).all() and (u < 1).all()
        gained.append([w[np.argmin(gorge(w)), 0] - first for w in (u, v)])
    far, region = np.sort(np.array(gained), axis=0).T
    assert region[-1] < 0.05
    assert far[2] > 0.1 and far[4] > 0.2


def test_from_a_clump_it_goes_along_a_valley():
    """Where all that is known lies within a step of each other, a little above the target, the
    curvature tells the way: thirty more points come far nearer to the target than without it."""
    def near(u):    # the target is a hundred times the clump away
        return ((u[:, 0] - 0.4) / 0.1) ** 2 + ((u[:, 1] - 0.5 - (u[:, 0] - 0.3)) / 1e-3) ** 2
    lowest = []
    for seed in range(5):
        found = []
        for told in (False, True):
            rng = np.random.default_rng(seed)
            u = np.array([0.3, 0.5, 0.5]) + 1e-3 * rng.standard_normal((60, 3))
            for _ in range(6):
                chi2 = near(u) + ((u[:, 2] - 0.5) / 0.3) ** 2
                new = along_valley(u, np.log(chi2 + 0.3), rng, 5, inside, chi2 if told else None)
                u = np.concatenate([u, new])
            found.append((near(u) + ((u[:, 2] - 0.5) / 0.3) ** 2).min())
        lowest.append(found)
    print(lowest)
    plain, told = np.median(lowest, axis=0)
    assert told < 0.5 * plain


def test_in_a_valley_what_may_not_be_evaluated_is_not_asked_for():
    """Where all is refused there are no points."""
    u = np.random.default_rng(0).random((30, 3))
    assert along_valley(u, gorge(u), np.random.default_rng(0), 10, lambda new: new[:0]).shape == (
        0, 3)


def inside(new):
    """Of points those in the unit box."""
    return new[((new > 0) & (new < 1)).all(axis=1)]
