"""What is known around a point."""

import numpy as np
import pytest

from mlscanner.acquisition import surroundings
from mlscanner.acquisition.axes import of_curvature, of_lowest
from mlscanner.acquisition.gaussian_process import BAD, process_of
from mlscanner.acquisition.surroundings import around, bold

BASE = np.array([0.5, 0.4])
AXES = np.array([[1.0, 2.0], [-2.0, 1.0]]) / np.sqrt(5)    # columns: along, and across


def height_of(u):
    """A valley a hundredth as wide as long, oblique."""
    along, across = (u - BASE) @ AXES[0], (u - BASE) @ AXES[1]
    return (along / 0.2) ** 2 + (across / 0.002) ** 2


def known(n=400, seed=0):
    """Points around the base, along the valley and aside."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 2)) * [0.2, 0.01]
    return BASE + z @ AXES


def test_the_lowest_points_have_unit_spread():
    """In its coordinates, which lead to the places they are of; the base is the origin."""
    u = known()
    here = around(u, height_of(u), BASE, 200, np.random.default_rng(0))
    assert np.allclose(here.places(here.coordinates(u)), u, atol=1e-9)
    assert np.allclose(here.coordinates(BASE[None]), 0)
    assert np.cov(here.low.T) == pytest.approx(np.eye(2), abs=1e-6)
    long, thin = AXES / np.linalg.norm(AXES, axis=1)[:, None]
    assert np.linalg.norm(thin @ here.white) > 10 * np.linalg.norm(long @ here.white)


def test_the_process_learns_from_the_nearest(monkeypatch):
    """So many of them, what is bad as equally bad, and its lengths from as many as are asked for;
    it tells along from across."""
    seen = []
    monkeypatch.setattr(surroundings, "process_of", lambda z, y, rng, fit_on, longest: (
        seen.append((z, y, fit_on)), process_of(z, y, rng, fit_on, longest))[1])
    u = known()
    here = around(u, height_of(u), BASE, 150, np.random.default_rng(0), 80)
    z, y, fit_on = seen[0]
    far = (here.coordinates(u) ** 2).sum(axis=1)
    assert len(z) == 150 and fit_on == 80 and y.max() == BAD
    assert (z ** 2).sum(axis=1).max() == pytest.approx(np.sort(far)[149])
    assert here.lengths.shape == (2,)
    aside = here.coordinates(BASE + np.array([[0.0, 0.0], [0.05, 0.0], [0.0, 0.004]]) @ AXES)
    middle, along, across = here.process.mean(aside)
    assert across > along + 0.3 and abs(along - middle) < 0.3


def test_half_of_the_time_the_curvature_tells_the_coordinates():
    """Where it may be known; of too few points those of the lowest are taken."""
    u, rng = known(), np.random.default_rng(0)
    height = np.log(height_of(u) + 0.3)
    plain, curved = of_lowest(u, height, BASE)[0], of_curvature(u, height, height_of(u), BASE)[0]

    def coordinates(u, square):
        here = around(u, height[:len(u)], BASE, 60, rng, 20, square)
        return [np.array_equal(here.white, white) for white in (plain, curved)]
    assert [coordinates(u, None) for _ in range(6)] == [[True, False]] * 6
    found = np.array([coordinates(u, height_of(u)) for _ in range(40)])
    assert (found.sum(axis=1) == 1).all() and 10 < found[:, 1].sum() < 30
    few = around(u[:17], height[:17], BASE, 60, rng, 20, height_of(u[:17]))
    assert few.white.shape == (2, 2)


class Told:
    """A process with these means and spreads for the candidates in their order."""

    def __init__(self, mean, spread):
        self.mean = lambda new: np.array(mean, float)
        self.spread = lambda new: np.array(spread, float)


def test_bold_points_are_low_or_unknown_and_apart(monkeypatch):
    """The lowest first where all is known; what is beside a chosen one is hardly unknown any more;
    never more rows than candidates, none of none, and no row twice."""
    new, unit, rng = np.array([[0.0], [0.01], [1.0], [2.0]]), np.ones(1), np.random.default_rng(0)
    assert bold(Told([3, 2, 1, 0], [0] * 4), new, unit, rng, 2) == [3, 2]

    def crowded():
        unknown = Told([0.0, 0.0, 0.0, 5.0], [9.0, 9.0, 0.1, 0.1])
        return sum({0, 1} <= set(bold(unknown, new, unit, np.random.default_rng(k), 2))
                   for k in range(40))
    assert 10 < crowded() < 30
    monkeypatch.setattr(surroundings, "CROWD", 1e-4)
    assert crowded() == 40
    assert sorted(bold(Told([3, 2, 1, 0], [1] * 4), new, unit, rng, 9)) == [0, 1, 2, 3]
    assert bold(None, new[:0], unit, rng, 3) == []
