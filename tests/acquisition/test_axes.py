"""The directions in which points spread, and steps that go as they do."""

import numpy as np
import pytest

from mlscanner.acquisition.axes import (
    SIZES,
    STEP,
    WIDE,
    of_curvature,
    of_lowest,
    principal_axes,
    steps,
)


def test_axes_and_spreads_of_points_along_a_line():
    """Points along (3, 4) with a spread of 2, hardly any across: that is the second axis; a thin
    direction has the least spread, and one parameter is its own axis."""
    along = np.random.default_rng(0).standard_normal(4000)
    along = 2 * (along - along.mean()) / along.std(ddof=1)
    u = along[:, None] * np.array([0.6, 0.8])
    axes, spread = principal_axes(u, 1e-4)
    assert spread == pytest.approx([0.01, 2.0])
    assert np.abs(axes[:, 1]) == pytest.approx([0.6, 0.8])
    assert axes.T @ axes == pytest.approx(np.eye(2))
    assert principal_axes(u[:, :1], 1e-4)[1] == pytest.approx([1.2])


def test_the_lowest_points_have_unit_spread():
    """In a valley along (3, 4), a hundredth as wide, that bends elsewhere: its lowest points around
    the base have unit spread, and are the ones of the valley."""
    rng = np.random.default_rng(0)
    u = rng.random((4000, 2))
    across = (u - 0.5) @ [0.8, -0.6]
    height = np.where(u[:, 0] < 0.8, np.abs(across) / 0.01, 0.0)
    white, low = of_lowest(u, height, np.array([0.5, 0.5]))
    assert np.cov(((u[low] - 0.5) @ white).T) == pytest.approx(np.eye(2), abs=1e-6)
    near = np.argsort((((u - 0.5) @ white) ** 2).sum(axis=1))[:80]
    assert np.median(height[low]) < np.median(height[near]) / 2
    stretch = np.linalg.norm(np.array([[0.6, 0.8], [0.8, -0.6]]) @ white, axis=1)
    assert stretch[1] > 5 * stretch[0]


def test_steps_go_from_the_starts_as_low_points_differ_or_by_the_lengths():
    """Of low points on a line some steps go along it, as far as these differ; the others have the
    lengths, a small one hardly at all."""
    rng = np.random.default_rng(0)
    starts = np.array([[5.0, 5.0, 5.0]])
    low = np.linspace(-1, 1, 9)[:, None] * np.array([0.0, 1.0, 1.0])
    step = steps(rng, starts, low, np.array([1.0, 1.0, 1e-6]), 4000) - starts
    along = (step[:, 0] == 0) & (step[:, 1] == step[:, 2])
    assert along.mean() == pytest.approx(0.3, abs=0.03)
    assert np.abs(step[along]).max() <= 10 ** SIZES[1]
    assert len(np.unique(step, axis=0)) == len(step) and (step != 0).any(axis=1).all()
    others = np.abs(step[~along]) / STEP
    assert others[:, 2].max() < 1e-5 and 0.1 < np.median(others[:, 0]) < 0.5


def bent(u):
    """Rises along (3, 4) as (x / 0.3)^2, a hundred times as fast across; its valley bends."""
    along, across = (u - 0.5) @ [0.6, 0.8], (u - 0.5) @ [0.8, -0.6]
    return (along / 0.3) ** 2 + ((across - along ** 2) / 0.003) ** 2


def test_the_curvature_tells_the_way_along_a_valley():
    """Points in a clump, about as large as the valley is wide, have coordinates in which it goes on
    for longer than the clump, and is as wide as it is."""
    rng, base = np.random.default_rng(0), np.array([0.5, 0.5])
    u = base + 3e-3 * rng.standard_normal((40, 2))
    height, ways = np.log(bent(u) + 0.3), np.array([[0.6, 0.8], [0.8, -0.6]])
    white, rows = of_curvature(u, height, bent(u), base)
    along, across = np.linalg.norm(ways @ white, axis=1)
    assert 1 / across == pytest.approx(0.003, rel=0.1)
    clump = np.abs((u - base) @ ways[0]).max()
    assert 2 * clump < 1 / along < 2 * WIDE * clump
    assert bent(u)[rows].max() < np.median(bent(u)) and len(np.unique(rows)) == len(rows) >= 6


def test_the_curvature_is_that_of_the_target_not_of_all_around():
    """Of a valley that is known for longer than it is wide, with points far above it: exact in two
    parameters of seven, the others of which rise slowly."""
    rng = np.random.default_rng(0)
    u = 0.5 + 0.1 * rng.standard_normal((600, 4))
    u[:, 0] = u[:, 1] + 10 ** rng.uniform(-4, -1, 600) * rng.choice([-1, 1], 600)
    square = ((u[:, 0] - u[:, 1]) / 1e-3) ** 2 + ((u[:, 1:] - 0.5) ** 2).sum(axis=1) / 0.1
    white, _ = of_curvature(u, np.log(square + 0.3), square, np.full(4, 0.5))
    across, along = np.array([[1, -1, 0, 0], [1, 1, 0, 0]]) @ white
    assert np.linalg.norm(across) == pytest.approx(2e3, rel=0.05)
    assert np.linalg.norm(along) < 20


def test_what_is_far_above_the_target_hardly_counts_for_the_curvature():
    """Of few points, of a quantity that rises faster than a quadratic form far above the target: it
    is that near to the target, and all points below 1.5 are low, no others."""
    rng = np.random.default_rng(0)
    u = 0.5 + 0.1 * rng.standard_normal((80, 4))
    u[:, 0] = u[:, 1] + 10 ** rng.uniform(-3.5, -1, 80) * rng.choice([-1, 1], 80)
    square = ((u[:, 0] - u[:, 1]) / 1e-3) ** 2 + ((u[:, 1:] - 0.5) ** 2).sum(axis=1) / 0.1
    square *= 1 + square / 10
    white, rows = of_curvature(u, np.log(square + 0.3), square, np.full(4, 0.5))
    across, along = np.linalg.norm(np.array([[1, -1, 0, 0], [1, 1, 0, 0]]) @ white, axis=1)
    assert 2e3 < across < 3e3 and along < 5
    assert set(rows) == set(np.flatnonzero(square < 1.5)) and len(rows) > 12


def test_too_few_points_or_too_many_parameters_have_no_curvature():
    """Three for each term of a quadratic form are asked for, and 23 parameters at most. Points in
    one place, and a parameter in which they do not differ, are no error."""
    rng = np.random.default_rng(0)
    for dim, n, expected in ((2, 17, False), (2, 18, True), (23, 900, True), (24, 990, False)):
        u = rng.random((n, dim))
        square = ((u - 0.5) ** 2).sum(axis=1)
        found = of_curvature(u, square, square, np.full(dim, 0.5))
        assert (found is not None) == expected
    same = np.full((40, 2), 0.5)
    flat = np.column_stack([rng.random(40), np.full(40, 0.5)])
    for u in (same, flat):
        white, rows = of_curvature(u, np.arange(40.0), np.arange(40.0), np.full(2, 0.5))
        assert np.isfinite(white).all() and np.isfinite(np.linalg.inv(white)).all()
        assert len(rows) == 6


def test_steps_reach_farther_when_told():
    """Ten times as far at most, and as small as before."""
    rng, none = np.random.default_rng(0), np.zeros((1, 2))
    low = np.array([[0.0, 0.0], [1.0, 0.0]])
    usual, far = (np.abs(steps(rng, none, low, np.full(2, 1e-9), 4000, reach=reach)[:, 0])
                  for reach in (1.0, 10.0))
    usual, far = usual[usual > 1e-6], far[far > 1e-6]
    assert far.max() == pytest.approx(10 * usual.max(), rel=0.05)
    assert far.min() == pytest.approx(usual.min(), rel=0.1)
