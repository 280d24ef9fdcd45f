"""Profiles and intervals of points, against profiles that are known exactly."""

import numpy as np
import pytest

from mlscanner.statistics.intervals import Interval, intervals, rescaled
from mlscanner.statistics.profiles import CONFIDENCE, FAILED, _roots, level, make_profile

COVARIANCE = np.array([[1, 0.8], [0.8, 1]])


def ball(n, dim, seed=0):
    """n points of a Gaussian chi2 in `dim` dimensions with chi2 < 20, like those of a scan; the
    first two columns have the covariance above."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, dim))
    z *= (4.5 * rng.random(n) ** (1 / dim) / np.linalg.norm(z, axis=1))[:, None]
    x = z.copy()
    x[:, 1] = 0.8 * z[:, 0] + 0.6 * z[:, 1]
    return x, (z**2).sum(1)


def test_levels():
    """PDG review Statistics, table 40.2: 1.00 and 4.00; 2.30 and 6.18."""
    assert [round(level(c, k), 2) for k in (1, 2) for c in CONFIDENCE] == [1.0, 4.0, 2.3, 6.18]


@pytest.mark.slow
@pytest.mark.parametrize(("dim", "most"), [(2, 0.02), (4, 0.13)])
def test_area_of_the_contour(dim, most):
    """The 95.4 % contour of 5,000 points against the ellipse: area that is wrong, as a share."""
    x, chi2 = ball(5000, dim)
    profile = make_profile(x[:, :2], chi2, [-10, -10], [10, 10])
    a, b = np.meshgrid(*profile.nodes, indexing="ij")
    inverse = np.linalg.inv(COVARIANCE)
    true = inverse[0, 0] * a**2 + 2 * inverse[0, 1] * a * b + inverse[1, 1] * b**2 < level(
        CONFIDENCE[1], 2)
    assert (profile.region(CONFIDENCE[1]) != true).sum() / true.sum() < most
    assert profile.share_unsettled(CONFIDENCE[1]) < 2 * most


@pytest.mark.slow
def test_points_on_the_contour_count_where_others_are_poor():
    """400 points on the profile near the contour, among 2,000 that are mostly far above it in
    seven dimensions: coarse cells alone would leave out a tenth of the region."""
    x, chi2 = ball(2000, 7, seed=1)
    rng = np.random.default_rng(2)
    angle, radius = rng.uniform(0, 2 * np.pi, 400), rng.uniform(2.0, 3.0, 400)
    a, b = radius * np.cos(angle), radius * np.sin(angle)
    near = np.stack([a, 0.8 * a + 0.6 * b], axis=1)
    at = np.concatenate([x[:, :2], near, [[0, 0]]])
    profile = make_profile(at, np.concatenate([chi2, radius**2, [0.0]]), [-10, -10], [10, 10])
    inverse = np.linalg.inv(COVARIANCE)
    a, b = np.meshgrid(*profile.nodes, indexing="ij")
    true = inverse[0, 0] * a**2 + 2 * inverse[0, 1] * a * b + inverse[1, 1] * b**2 < level(
        CONFIDENCE[1], 2)
    assert (profile.region(CONFIDENCE[1]) != true).sum() / true.sum() < 0.08


def test_a_steep_edge_with_few_points_beyond_it():
    """A thousand points of a target that ends steeply, and sixty random ones, most of them far
    above it: the ends of the 95.4 % interval are within a hundredth of its length."""
    def value(x, y):
        low, high = np.maximum(0.5 - x, 0) / 0.01, np.maximum(x - 0.8, 0) / 0.1
        return low**2 + high**2 + 33 * y**2
    wrong = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        x, y = rng.uniform(0.3, 1.2, 20000), rng.normal(0, 0.5, 20000)
        kept = np.flatnonzero(value(x, y) < 9)[:1000]
        x = np.append(x[kept], rng.uniform(0, 1.5, 60))
        chi2 = value(x, np.append(y[kept], rng.normal(0, 0.5, 60)))
        found, = intervals(make_profile(x[:, None], chi2, [0.0], [1.5]), CONFIDENCE[1])
        wrong.append([found.low - 0.48, found.high - 1.0])
    assert (np.sqrt(np.mean(np.square(wrong), axis=0)) < 0.005).all()


@pytest.mark.parametrize("mirrored", [False, True])
def test_beyond_the_best_of_a_large_cell_farther_points_count(mirrored):
    """Eight cells, the last of which has its best point at its inner edge: beyond it the profile
    rises to the lowest of the points that are still farther out; one that is higher than those
    does not matter, and inside nothing changes."""
    x = np.array([0.1, 0.3, 0.5, 0.7, 0.88, 0.92, 0.95, 0.99])[:, None]
    delta = np.array([0.0, 0.0, 0.0, 1.0, 4.0, 24.0, 9.0, 16.0])
    grid = np.linspace(0, 1, 101)[:, None]
    if mirrored:
        x, grid = 1 - x, 1 - grid
    found = _roots(x, delta, grid, 8)
    at = dict(zip((1 - grid if mirrored else grid)[:, 0].round(2).tolist(), found, strict=True))
    assert [at[u] for u in (0.5, 0.6, 0.7, 0.79)] == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert [at[u] for u in (0.88, 0.92, 0.95, 0.99)] == pytest.approx([2, 2 + 4 / 7, 3, 4])


def test_intervals_of_a_gaussian():
    """+-1 and +-2 in one dimension, and how far they move is told."""
    x, chi2 = ball(5000, 2)
    profile = make_profile(x[:, :1], chi2, [-10], [10])
    for confidence, sigmas in zip(CONFIDENCE, (1, 2), strict=True):
        (found,) = intervals(profile, confidence)
        assert (found.low, found.high) == pytest.approx((-sigmas, sigmas), abs=0.1)
        assert not found.open_low and not found.open_high
        assert max(found.moves_low, found.moves_high) < 0.2


def test_intervals_that_are_apart():
    """(x^2 - 4)^2 is below 1 for sqrt(3) < |x| < sqrt(5), below 4 for sqrt(2) < |x| < sqrt(6)."""
    x = np.random.default_rng(1).uniform(-5, 5, (4000, 1))
    profile = make_profile(x, (x[:, 0] ** 2 - 4) ** 2 + 7, [-5], [5])
    for confidence, square in zip(CONFIDENCE, (1, 2), strict=True):
        ends = [end for part in intervals(profile, confidence) for end in (part.low, part.high)]
        inner, outer = np.sqrt(4 - square), np.sqrt(4 + square)
        assert ends == pytest.approx([-outer, -inner, inner, outer], abs=0.03)


def test_the_range_cuts():
    """An interval that reaches the end of the range says so, the other end does not."""
    x = np.random.default_rng(2).uniform(0, 10, (1000, 1))
    (found,) = intervals(make_profile(x, x[:, 0] ** 2, [0], [10]), CONFIDENCE[0])
    assert (found.open_low, found.open_high) == (True, False)
    assert found.low == 0 and found.high == pytest.approx(1, abs=0.05)


def test_a_point_that_is_not_allowed_keeps_the_region_out():
    """Points without chi2 in a stripe cut the region there, and no point is better than it."""
    x = np.random.default_rng(3).uniform(-3, 3, (4000, 1))
    chi2 = np.where(np.abs(x[:, 0] - 0.5) < 0.2, np.nan, x[:, 0] ** 2)
    found = intervals(make_profile(x, chi2, [-3], [3]), CONFIDENCE[0])
    assert len(found) == 2
    assert found[0].high == pytest.approx(0.3, abs=0.05)
    assert found[1].low == pytest.approx(0.7, abs=0.05)


@pytest.mark.slow
def test_points_that_are_not_allowed_end_the_region_at_a_limit():
    """A limit at 0.5 through the best point's surroundings: without the points beyond it the region
    would go on to 0.85, and a fifth of it would be wrong."""
    at = np.random.default_rng(4).uniform(-3, 3, (1000, 2))
    chi2 = np.where(at[:, 0] > 0.5, np.nan, (at**2).sum(axis=1))
    profile = make_profile(at, chi2, [-3, -3], [3, 3])
    x, y = np.meshgrid(*profile.nodes, indexing="ij")
    region, true = profile.region(CONFIDENCE[1]), (x**2 + y**2 < 6.18) & (x < 0.5)
    assert x[region].max() < 0.65
    assert (region & ~true).sum() / true.sum() < 0.03


def test_a_gap_without_points_is_not_in_the_region():
    """Where no point is near, nobody knows: outside of the region."""
    x = np.concatenate([np.linspace(0, 1, 200), np.linspace(2, 3, 200)])[:, None]
    profile = make_profile(x, np.zeros(400) + 1e-6 * x[:, 0], [0], [3])
    middle = np.abs(profile.nodes[0] - 1.5) < 0.2
    assert (profile.delta[middle] == FAILED).all()
    assert len(intervals(profile, CONFIDENCE[0])) == 2


def test_few_points_are_not_settled():
    """With 60 points in seven dimensions most of the contour is marked."""
    x, chi2 = ball(60, 7)
    assert make_profile(x[:, :2], chi2, [-10, -10], [10, 10]).share_unsettled(CONFIDENCE[1]) > 0.3


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2])
def test_hardly_any_points(n, k):
    """One, two or three points, all on a line, give a profile all the same."""
    x = np.linspace(0, 1, n)[:, None] * np.ones(k)
    profile = make_profile(x, np.arange(n, dtype=float), [0] * k, [1] * k)
    assert np.isfinite(profile.delta).all() and (profile.best == 0).all()


def test_no_point_with_a_chi2():
    """That is an error, not an empty region."""
    with pytest.raises(ValueError, match="no point"):
        make_profile(np.ones((3, 1)), np.full(3, np.nan), [0], [2])


def test_intervals_in_other_numbers():
    """From logarithms back, also where the numbers are negative and the order turns."""
    one = Interval(0.0, 1.0, True, False, 1.0, 0.0)
    assert rescaled(one, lambda v: 10**v) == Interval(1, 10, True, False, 9, 0)
    assert rescaled(one, lambda v: -10**v) == Interval(-10, -1, False, True, 0, 9)


@pytest.mark.slow
def test_an_edge_to_which_chi2_does_not_rise():
    """None of a Gaussian, of any correlation; where points are not allowed beyond a line, or nobody
    has looked there, the cut is one."""
    x, chi2 = ball(4000, 2)
    narrow = np.column_stack([x[:, 0], x[:, 0] + 0.1 * (x[:, 1] - 0.8 * x[:, 0])])
    for at in (x, narrow):
        assert make_profile(at, chi2, [-10, -10], [10, 10]).share_abrupt() < 0.01
    beyond = x[:, 0] > 0.8
    for at, value in ((x, np.where(beyond, np.nan, chi2)), (x[~beyond], chi2[~beyond])):
        assert 0.1 < make_profile(at, value, [-10, -10], [10, 10]).share_abrupt() < 0.5
