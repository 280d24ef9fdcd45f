"""The directions in which points spread, and steps that go as they do."""

import numpy as np
import pytest

from mlscanner.acquisition.axes import SIZES, STEP, of_lowest, principal_axes, steps


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
