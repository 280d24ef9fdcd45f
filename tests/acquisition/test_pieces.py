"""The pieces of the target: their points, and what is learned of each."""

import numpy as np
import pytest

from acquisition.test_surrogate import ONE_SIDED, around, sheets
from mlscanner.acquisition.gaussian_process import BAD
from mlscanner.acquisition.pieces import divided, piece_of, without_others


def test_a_piece_of_few_points_is_left_as_it_is():
    """Its mean and covariance are those of the mixture; else those of the points that belong
    together, which in one parameter or all in one place is no error."""
    rng = np.random.default_rng(0)
    good, given = rng.standard_normal((60, 3)), (np.zeros(3), np.eye(3))
    assert without_others(good[:5], given) is given
    mean, covariance = without_others(np.concatenate([good, [[90.0, 0, 0]]]), given)
    assert mean == pytest.approx(good.mean(axis=0), abs=0.2)
    assert covariance == pytest.approx(np.cov(good.T), abs=0.3)
    one = without_others(good[:, :1], given)
    assert one[0].shape == (1,) and one[1].shape == (1, 1)
    same = without_others(np.zeros((9, 3)), given)
    assert (same[1] == 0).all()


def test_a_local_process_predicts_in_the_unit_of_the_points():
    """Values ten times as large are predicted ten times as large, and spreads, nearly: how bad
    points may be has its own size."""
    rng = np.random.default_rng(0)
    u = around(rng, 1000, 0.006, 1)
    y = sheets(u, 1)
    u, y = u[y < BAD / 10], y[y < BAD / 10]
    centre, cov = u[y < 0].mean(axis=0), np.cov(u[y < 0].T)
    one, ten = (piece_of(u, scale * y, centre, cov, 10, 1000, np.random.default_rng(0), ONE_SIDED)
                for scale in (1.0, 10.0))
    near = u[y < 0]
    assert np.abs(10 * one.mean(near) - ten.mean(near)).max() < 1e-3 * np.ptp(y)
    assert np.median(ten.spread(near) / one.spread(near)) == pytest.approx(10, rel=0.3)


def test_mixture_counts_pieces():
    """Three groups of good points in different directions are divided into three pieces."""
    rng = np.random.default_rng(0)
    good = np.concatenate([0.02 * rng.standard_normal((80, 2)) + c
                           for c in ([0.2, 0.2], [0.8, 0.2], [0.5, 0.8])])
    assert len(divided(good, rng).means_) == 3


def test_no_piece_of_hardly_any_points():
    """Points on a lattice of pairs are not divided into pairs, which would be infinitely thin."""
    rng = np.random.default_rng(0)
    good = np.repeat(rng.random((40, 2)), 2, axis=0)
    mixture = divided(good, rng)
    assert mixture.weights_.min() * len(good) >= 4
    assert min(np.linalg.eigvalsh(c)[0] for c in mixture.covariances_) > 1e-6


def shell(u):
    """What is like a chi2 of a closed sheet: as thick as a tenth of its radius, 1 at its edge."""
    return ((np.linalg.norm(u - 0.5, axis=1) - 0.2) / 0.02) ** 2


def trained(logarithm, n=900):
    """The Local of the whole shell in six parameters, from n points around it."""
    rng = np.random.default_rng(0)
    way = rng.standard_normal((n, 6))
    radius = 0.2 + 0.04 * rng.standard_normal((n, 1))
    u = 0.5 + way / np.linalg.norm(way, axis=1)[:, None] * radius
    y = np.log((shell(u) + 0.3) / 1.3)
    return piece_of(u, y, u.mean(axis=0), np.cov(u[y < 0].T), n, 1000, rng, ONE_SIDED, logarithm)


def test_a_sum_of_squares_tells_what_a_process_can_not():
    """Of a closed thin sheet in six parameters a process knows hardly anything from 900 points; a
    sum of squares has no more than a quarter of its error, and knows its own."""
    rng = np.random.default_rng(1)
    way = rng.standard_normal((500, 6))
    new = 0.5 + way / np.linalg.norm(way, axis=1)[:, None] * rng.uniform(0.15, 0.25, (500, 1))
    true = np.minimum(np.log((shell(new) + 0.3) / 1.3), BAD)
    plain, squared = trained(None), trained((1.0, 0.3 / 1.3))
    errors = [np.abs(np.minimum(part.mean(new), BAD) - true) for part in (plain, squared)]
    assert plain.trend is None and squared.trend is not None
    assert errors[1].mean() < errors[0].mean() / 4
    assert np.mean(errors[1] < 3 * squared.spread(new) + 0.05) > 0.9


def test_the_unit_of_the_logarithm():
    """With values in twice the unit predictions and uncertainties are half as large."""
    rng = np.random.default_rng(0)
    u = around(rng, 900, 0.006, 1)
    y = sheets(u, 1)
    u, y = u[y < BAD / 2], y[y < BAD / 2]
    centre, cov = u[y < 0].mean(axis=0), np.cov(u[y < 0].T)
    one, half = (piece_of(u, y / unit, centre, cov, 10, 1000, np.random.default_rng(0), ONE_SIDED,
                          (unit, 0.3 / 1.3)) for unit in (1.0, 2.0))
    assert one.trend.unit == 1.0 and half.trend.unit == 2.0
    z = one.coordinates(u[y < 0])
    assert one.trend.mean(z) == pytest.approx(2 * half.trend.mean(z))
    assert one.trend.spread(z) == pytest.approx(2 * half.trend.spread(z))


def test_the_edge_of_the_target_may_be_any_value():
    """With values that are all larger by three, as the edge is, so is all that is predicted."""
    rng = np.random.default_rng(0)
    u = around(rng, 900, 0.006, 1)
    y = sheets(u, 1)
    centre, cov = u[y < 0].mean(axis=0), np.cov(u[y < 0].T)
    one, other = (piece_of(u, y + more, centre, cov, 10, 1000, np.random.default_rng(0),
                           (-np.inf, more), (1.0, 0.3 / 1.3)) for more in (0.0, 3.0))
    assert one.trend is not None and other.trend is not None
    assert one.mean(u) + 3 == pytest.approx(other.mean(u), abs=1e-3)


def test_what_a_sum_of_squares_does_not_know_is_in_the_spread():
    """Away from its points the spread is that of the process and of the trend together."""
    squared = trained((1.0, 0.3 / 1.3))
    x = np.random.default_rng(0).random((50, 6))
    z = squared.coordinates(x)
    both = squared.unit * squared.process.spread(z), squared.trend.spread(z)
    assert np.allclose(squared.spread(x), np.hypot(*both)) and both[1].min() > 0.1 * both[0].max()


def test_no_trend_is_larger_than_bad():
    """Far away a sum of squares goes on to rise; it says what is bad, as all that is learned."""
    squared = trained((1.0, 0.3 / 1.3))
    far = squared.coordinates(np.full((1, 6), 9.0))
    assert squared.trend.mean(far) == pytest.approx([BAD])
