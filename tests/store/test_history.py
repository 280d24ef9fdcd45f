"""What is told of each iteration."""

import csv
import io

import numpy as np
import pytest

from mlscanner.store.history import (
    Progression,
    edge_error,
    history_table,
    mean_absolute_error,
)
from mlscanner.store.points import Points


def points(value, inside):
    n = len(value)
    return Points(1, id=np.arange(n), iteration=np.zeros(n, int), origin=["walk"] * n,
                  u=np.zeros((n, 1)), x=np.zeros((n, 1)), value=value, status=["ok"] * n,
                  inside=inside)


def test_error_of_a_regressor_is_on_the_value():
    """Points without a value or a prediction do not count."""
    batch = points([1.0, np.nan, 4.0, 2.0], [True, False, False, True])
    predicted = np.array([2.0, 5.0, 1.0, np.nan])
    assert mean_absolute_error("regressor", predicted, batch) == pytest.approx((1 + 3) / 2)


def test_error_of_a_classifier_is_on_being_inside():
    """Probability 0.9 of a point that is inside is an error of 0.1."""
    batch = points([1.0, 9.0], [True, False])
    assert mean_absolute_error("classifier", np.array([0.9, 0.3]), batch) == pytest.approx(0.2)


def test_nothing_to_compare_is_nan():
    """The first design has no predictions."""
    assert np.isnan(mean_absolute_error("regressor", np.array([np.nan]), points([1.0], [True])))


def test_history_as_a_table():
    """One row an iteration, and a column for each phase that any iteration had."""
    rows = [Progression(0, 60, 6, 1, 0.1, np.nan, 0, {"evaluate": 1.5}),
            Progression(1, 100, 30, 2, 0.6, 3.25, 4, {"evaluate": 1.0, "train": 2.0})]
    read = list(csv.DictReader(io.StringIO(history_table(rows))))
    assert [r["evaluated"] for r in read] == ["60", "100"]
    assert float(read[1]["seconds_train"]) == 2.0
    assert float(read[0]["seconds_train"]) == 0.0
    assert float(read[1]["mae"]) == 3.25


def test_the_error_is_that_near_the_edge():
    """A function over 38 decades is wrong by decades far away, and by 0.2 where it matters."""
    value = np.array([1.0, 3.0, 5.0, 1e38, 2.0, np.nan])
    predicted = np.array([1.2, 3.1, 4.5, 1e30, 1e20, 3.0])
    assert edge_error(predicted, value, -np.inf, 4.0) == pytest.approx(0.35)
    assert edge_error(predicted, value, 2.9, 3.3) == pytest.approx(0.1)
    assert np.isnan(edge_error(predicted[:1], value[:1], 100.0, 101.0))
