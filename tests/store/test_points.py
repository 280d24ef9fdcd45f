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


def test_appending_costs_what_is_new():
    """Rows that are there are not copied again: all batches into one array, as long as it has room;
    also those that finish out of order."""
    points = Points(2)
    points.append(**rows(range(1000)))
    kept = points.u.base
    for first in range(1000, 1090, 3):
        points.append(**rows([first + 2, first]))
        points.append(**rows([first + 1]))
    assert points.u.base is kept
    assert points.id.tolist() == points.value.tolist() == list(range(1090))


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


def test_rows_of_ids():
    """Those that are there, in the order asked for, and which they are; also of no points."""
    points = Points(1, id=[2, 3, 7], iteration=[0] * 3, origin=["design"] * 3, u=np.zeros((3, 1)),
                    x=np.zeros((3, 1)), value=np.zeros(3), status=["ok"] * 3, inside=[True] * 3)
    rows, known = points.rows(np.array([7, 1, 3, 9]))
    assert rows.tolist() == [2, 1] and known.tolist() == [True, False, True, False]
    rows, known = Points(1).rows(np.array([0]))
    assert not len(rows) and not known.any()
