"""Runs of before: what hard limits had added to chi2 is told apart when they are read."""

import csv

import numpy as np
import pytest
from test_imported import run, write

from mlscanner.api.result import Result
from mlscanner.cli.main import main
from mlscanner.plotting.plot_data import load_run
from mlscanner.store.imported import gather
from mlscanner.store.points_table import read_table


def as_of_before(folder):
    """Rewrite points.csv as older programs did: the objective stands in chi2; the true chi2 by
    id."""
    path = folder / "points.csv"
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    at, chi2 = header.index("objective"), header.index("chi2")
    true = {int(row[0]): float(row[chi2]) for row in rows}
    for row in rows:
        if row[at] != "nan":
            row[chi2] = row[at]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            row[:at] + row[at + 1:] for row in [header, *rows])
    return np.array([true[i] for i in sorted(true)])


@pytest.fixture
def old(tmp_path):
    """A run of before after its first batch, its config, box and true chi2."""
    config, box = write(tmp_path)
    task = run(config, box, tmp_path / "result", steps=1)
    return task.folder, config, box, as_of_before(task.folder)


def test_chi2_of_an_old_run_is_what_was_measured(old):
    """Tables, pictures, the best point and a new target see chi2 without what limits added."""
    folder, config, box, true = old
    table = read_table(folder / "points.csv")
    assert list(table)[:8] == ["id", "iteration", "origin", "a", "b", "predicted", "chi2",
                               "objective"]
    ok = table["status"] == "ok"
    assert (table["objective"][ok] > table["chi2"][ok] + 1).any()
    np.testing.assert_allclose(table["chi2"], true, rtol=1e-12)
    np.testing.assert_allclose(load_run(folder).value, true, rtol=1e-12)
    evaluations = gather([folder], box, config).evaluations
    np.testing.assert_allclose([e.value for e in evaluations], true, rtol=1e-12)
    best = Result(folder).best
    assert best["reason"] == "" and best["d"] <= 0.4
    assert "objective" not in load_run(folder).observables


@pytest.mark.slow
def test_an_old_run_that_is_gone_on_with_has_two_columns_then(old, tmp_path, capsys):
    """Its points.csv is written anew: each old number is still there, and new points fit."""
    folder, _, _, true = old
    before = read_table(folder / "points.csv")
    assert main(["RFR", "--input", str(tmp_path / "in.py"), "--output",
                 str(tmp_path / "result")]) == 0
    with (folder / "points.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[6:8] == ["chi2", "objective"] and len(rows) > len(true)
    rows = sorted(rows, key=lambda row: int(row[0]))[:len(true)]
    np.testing.assert_allclose([float(row[6]) for row in rows], true, rtol=1e-12)
    np.testing.assert_array_equal([float(row[7]) for row in rows], before["objective"])


def test_a_limit_whose_file_is_gone(tmp_path):
    """Then chi2 of points that break limits is not known; the objective and the others are."""
    (tmp_path / "limit.csv").write_text("0,0.1\n1,0.3\n")
    config, box = write(tmp_path, "observable('s', value=1.0, sigma=0.3), "
                        "observable('g', expression='a', upper='limit.csv', along='b')")
    task = run(config, box, tmp_path / "result", steps=1)
    true = as_of_before(task.folder)
    (tmp_path / "limit.csv").unlink()
    table = read_table(task.folder / "points.csv")
    broken = np.array([r.startswith("outside: ") for r in table["reason"]])
    assert broken.any() and np.isnan(table["chi2"][broken]).all()
    assert np.isfinite(table["objective"][broken]).all()
    np.testing.assert_array_equal(table["chi2"][~broken], true[~broken])
