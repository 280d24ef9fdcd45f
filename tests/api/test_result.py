"""Results: tables with and without pandas, the best point, pictures, predictions."""

import sys
import types

import numpy as np
import pytest

import mlscanner as ml
from mlscanner.api.result import table
from python_scans import SMALL, scan


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Of a small scan."""
    return scan(tmp_path_factory.mktemp("a run"))


def test_points_good_and_best(result):
    """Tables of all and of those in the target; the best is the smallest chi2."""
    points, good = result.points, result.good
    assert len(points) == len(result) == 40
    assert 0 < len(good) < 40
    assert (np.asarray(good["in_target"]) == 1).all()
    best = result.best
    assert best["chi2"] == np.nanmin(np.asarray(points["chi2"]))
    assert type(best["chi2"]) is float
    assert type(best["id"]) is int
    assert f"{len(good)} of 40" in repr(result)


def test_pandas_where_it_is(monkeypatch):
    """A DataFrame is made of the columns; without pandas, a structured array with their types."""
    columns = {"id": np.array([0, 1]), "a": np.array([0.5, 1.5]),
               "status": np.array(["ok", "timeout"], object)}
    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=dict))
    assert table(columns) == columns
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = table(columns)
    assert rows.dtype.names == ("id", "a", "status")
    assert rows[1].item() == (1, 1.5, "timeout")


def test_predictions_and_pictures(result):
    """The model answers in physical units; a picture is a figure; a wrong name is said."""
    answer = result.model.predict(np.array([[100.0, 0.3], [100.0, 0.9]]))
    assert answer.value.shape == answer.probability.shape == (2,)
    assert answer.value[0] < answer.value[1]
    assert result.plot("corner").savefig
    with pytest.raises(ml.InputError, match=r"plot\('korner'\).*corner"):
        result.plot("korner")


def test_the_best_of_a_band_is_closest_to_its_middle(tmp_path):
    """Target_value: not the smallest value."""
    found = ml.scan(lambda p: float(10 * p[0]), {"x": (0, 1)}, Target_value=5, Target_width=1,
                    n_points=20, pool=0, output=tmp_path / "run", **SMALL)
    value = np.asarray(found.points["value"])
    assert abs(found.best["value"] - 5) == np.abs(value - 5).min()


def test_a_run_without_a_good_point_has_no_best(tmp_path):
    """All points but one fail, and that one is evaluated before: None, or the one."""
    found = ml.scan(lambda p: float("nan") if p[0] < 0.5 else float(p[0]), {"x": (0, 1)},
                    n_points=20, pool=0, output=tmp_path / "run", **SMALL)
    assert found.best["x"] >= 0.5
