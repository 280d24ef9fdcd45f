"""Sums of squares of quadratic forms, found from points and their sum alone."""

import numpy as np
import pytest

from mlscanner.acquisition import squares
from mlscanner.acquisition.squares import HIGH, MOST, Squares, squares_of

LEAST = 0.3 / 1.3


def valley(z):
    """A chi2 of two quantities, one of which is curved; the third direction is free."""
    return (2 * z[:, 0] + 0.5 * z[:, 2] ** 2) ** 2 + (z[:, 1] - 0.3 * z[:, 0] * z[:, 2]) ** 2


def shell(z):
    """A chi2 that is 0 on a closed sheet around the middle, which is off the origin."""
    return 4 * (((z - 0.2) ** 2).sum(axis=1) - 1.5) ** 2


def points(chi2, n=600, seed=0, dim=4):
    """n points (n, dim), the nearest first, and the logarithm of what is like a chi2."""
    z = np.random.default_rng(seed).standard_normal((n, dim))
    z = z[np.argsort((z ** 2).sum(axis=1))]
    return z, np.log(chi2(z) + LEAST)


@pytest.mark.parametrize("chi2", [valley, shell])
def test_it_finds_valleys_and_shells(chi2):
    """From points and their sum the quantities are found: at other points it is right to three
    digits."""
    found = squares_of(*points(chi2), LEAST)
    new, log = points(chi2, 300, 1)
    assert found.log(new) == pytest.approx(log, abs=2e-3)


def test_some_noise_and_points_of_another_kind():
    """With five in a hundred points that are far from it, and noise on all, it is right about as
    far as the noise is."""
    z, log = points(valley)
    rng = np.random.default_rng(2)
    log = log + 0.02 * rng.standard_normal(len(z))
    log[rng.random(len(z)) < 0.05] = 3.0
    new, true = points(valley, 300, 1)
    assert np.median(np.abs(squares_of(z, log, LEAST).log(new) - true)) < 0.03


def test_where_it_is_not_right_there_is_none():
    """Of what is no sum of few squares, and of noise, nothing is said."""
    z, log = points(valley)
    rng = np.random.default_rng(0)
    assert squares_of(z, rng.permutation(log), LEAST) is None
    assert squares_of(z, np.log(np.abs(np.sin(5 * z)).sum(axis=1) + LEAST), LEAST) is None
    assert squares_of(z, np.full(len(z), -1.0), LEAST) is None


def test_what_is_right_near_by_is_used_there():
    """Where a sum of squares holds for the nearest points only, it is that of these."""
    z, log = points(valley, 3000)
    log[460:] = np.random.default_rng(0).permutation(log[460:])
    found = squares_of(z, log, LEAST)
    assert found.log(z[:400]) == pytest.approx(log[:400], abs=0.05)


def test_few_points_and_many_parameters():
    """As many points are needed as there are numbers to learn, and half as many more, beside those
    that test it; of more than MOST numbers nothing is learned."""
    z, log = points(valley)
    numbers = 3 * 15
    enough = round(1.5 * 1.5 * numbers) + 1
    assert squares_of(z[:enough], log[:enough], LEAST) is not None
    assert squares_of(z[:enough - 3], log[:enough - 3], LEAST) is None
    assert squares_of(z[:0], log[:0], LEAST) is None
    most = next(dim for dim in range(1, 50) if 3 * (dim + 1) * (dim + 2) // 2 > MOST) - 1
    assert most == 12
    for dim, found in ((most, True), (most + 1, False)):
        assert (squares_of(*points(valley, 1200, dim=dim), LEAST) is not None) == found


def test_high_points_are_left_out():
    """What is higher than HIGH does not matter: also not if it is infinite."""
    z, log = points(valley)
    more = np.concatenate([z, 9 + z]), np.concatenate([log, np.full(len(z), 1e5)])
    one, two = squares_of(z, log, LEAST), squares_of(*more, LEAST)
    assert log.max() < np.log(HIGH)
    assert np.array_equal(one.log(z), two.log(z))


def test_a_parameter_without_influence_or_without_spread():
    """Coordinates that are all alike, or do not matter, are no failure."""
    z, log = points(valley)
    z = np.column_stack([z, np.zeros(len(z)), np.random.default_rng(3).standard_normal(len(z))])
    found = squares_of(z, log, LEAST)
    assert found.log(z) == pytest.approx(log, abs=0.05)


def test_one_parameter():
    """Also of one parameter."""
    z = np.sort(np.random.default_rng(0).standard_normal((200, 1)), axis=0)
    z = z[np.argsort(np.abs(z[:, 0]))]
    found = squares_of(z, np.log((3 * z[:, 0] - 1) ** 2 + LEAST), LEAST)
    assert found.log(z) == pytest.approx(np.log((3 * z[:, 0] - 1) ** 2 + LEAST), abs=0.02)


def test_it_is_uncertain_where_it_knows_nothing():
    """The uncertainty grows away from the points, and is small among them."""
    found = squares_of(*points(valley), LEAST)
    near, far = (found.error(size * points(valley, 200, 1)[0]) for size in (1.0, 10.0))
    assert np.median(near) < 0.02 and np.median(far) > 3 * np.median(near)


def test_derivatives():
    """The derivatives of the logarithm by the forms are those of finite differences."""
    rng = np.random.default_rng(0)
    terms, forms = squares._terms(rng.standard_normal((7, 3))), rng.standard_normal((2, 10))
    slope = squares._slope(terms, terms @ forms.T, LEAST)
    for k in range(forms.size):
        step = np.zeros(forms.size)
        step[k] = 1e-6
        up, down = (squares._log(terms @ (forms + sign * step.reshape(forms.shape)).T, LEAST)
                    for sign in (1, -1))
        assert slope[:, k] == pytest.approx((up - down) / 2e-6, abs=1e-6)


def test_any_number_of_points():
    """It answers for no point, and for one."""
    found = squares_of(*points(valley), LEAST)
    assert isinstance(found, Squares)
    for n in (0, 1):
        assert found.log(np.zeros((n, 4))).shape == found.error(np.zeros((n, 4))).shape == (n,)
