"""Columns of the evaluated points."""

import numpy as np
import pytest

from mlscanner.store.points import Points


def rows(ids):
    n = len(ids)
    return {"id": ids, "iteration": [0] * n, "origin": ["design"] * n, "u": np.zeros((n, 2)),
            "x": np.zeros((n, 2)), "value": np.array(ids, float), "status": ["ok"] * n,
            "inside": [False] * n}


def test_order():
    """Points that finish in any order are kept in the order of their id."""
    points = Points(2)
    points.append(**rows([2, 0]))
    points.append(**rows([3, 1]))
    assert list(points.id) == [0, 1, 2, 3]
    assert list(points.value) == [0, 1, 2, 3]


def test_refuses_nonsense():
    """Two points with one id, columns of different length and unknown columns are errors."""
    points = Points(2, **rows([0, 1]))
    with pytest.raises(ValueError, match="same id"):
        points.append(**rows([1]))
    with pytest.raises(ValueError, match="different length"):
        points.append(**(rows([5]) | {"value": [1.0, 2.0]}))
    with pytest.raises(TypeError, match="chi3"):
        Points(2, chi3=[1.0])


def test_take_and_ok():
    """Rows are taken by mask or by index; failed points are not ok."""
    points = Points(2, **(rows([0, 1, 2]) | {"status": ["ok", "timeout", "ok"]}))
    assert list(points.ok) == [True, False, True]
    assert list(points.take(points.ok).id) == [0, 2]
    assert list(points.take([1]).id) == [1]
