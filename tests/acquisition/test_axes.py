"""The directions in which points spread."""

import numpy as np
import pytest

from mlscanner.acquisition.axes import principal_axes


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
