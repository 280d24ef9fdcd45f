"""The loop: reproducible, honest in its counts, and never losing a point."""

import contextlib
import csv
import math
import os
import time

import numpy as np
import pytest

from mlscanner import MLs_HEP
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import make_config
from mlscanner.errors import ProgramError
from mlscanner.evaluation import Evaluation
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box
from mlscanner.store.state_file import State
from runner import PACKAGE

SMALL = {"Size_initial_batch": 60, "Size_batch_K": 40, "Size_batch_L": 2000, "N_iteration": 2,
         "RF_trees": 20, "GBR_trees": 20, "GBR_members": 1, "DNN_layers": 2, "DNN_nodes": 16,
         "DNN_epochs": 5, "DNN_networks": 2, "DNN_least_points": 0, "DNN_activation": ("relu",),
         "Walkers": 40, "Walk_steps": 4, "Surrogate_points": 60}


class Stub:
    """A calculator made of a function of one row."""

    observables, citations, share = (), (), 7

    def __init__(self, function):
        self.function = function

    def evaluate(self, x, scratch):
        return [self.function(row) for row in x]


def run(folder, config, name="RFR", n_cores=0, calculator=None):
    """A whole scan; returns it when it has ended."""
    names = Box.from_config(config).names
    calculator = calculator or make_calculator(config, names)
    with Pool(calculator, n_cores) as pool:
        model = make_model(name, config, len(names))
        task = MLs_HEP.scan(model, config, folder, pool, show=False)
        for _ in task:
            pass
    return task


def table(folder):
    with (folder / "points.csv").open(newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["id"]))


@pytest.mark.slow
def test_same_points_with_any_number_of_workers(tmp_path):
    """The same seed gives the same points in process and with 1, 2 and 4 workers."""
    config = make_config(Calculator="F_2d", **SMALL)
    tables = []
    for n_cores in (0, 1, 2, 4):
        folder = tmp_path / str(n_cores)
        folder.mkdir()
        run(folder, config, n_cores=n_cores)
        tables.append(table(folder))
    assert len(tables[0]) == 60 + 2 * 40
    assert tables[0] == tables[1] == tables[2] == tables[3]


@pytest.mark.slow
def test_another_seed_gives_other_points(tmp_path):
    """The seed of the input file decides the points."""
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, seed in ((first, 1), (second, 2)):
        folder.mkdir()
        run(folder, make_config(Calculator="F_2d", Seed=seed, **SMALL))
    assert table(first)[0]["x1"] != table(second)[0]["x1"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RFR", "RFC", "DNNR", "DNNC", "GBR", "SVR_RBF", "SVR_POLY"])
def test_every_model_runs_in_the_one_loop(tmp_path, name):
    """Each model scans, leaves its points, and predicted something for all proposed ones."""
    task = run(tmp_path, make_config(Calculator="F_2d", **SMALL), name)
    rows = table(tmp_path)
    assert len(rows) == 140 == len(task.points)
    proposed = [float(r["predicted"]) for r in rows if r["origin"] not in ("design", "random")]
    assert proposed
    assert np.isfinite(proposed).all()


@pytest.mark.slow
def test_counts_are_honest(tmp_path):
    """Good, failed and efficiency are what the table of points says, iteration by iteration."""
    task = run(tmp_path, make_config(Calculator="F_2d", **SMALL))
    rows = table(tmp_path)
    for h in task.history:
        inside = [int(r["in_target"]) for r in rows if int(r["iteration"]) == h.iteration]
        assert h.efficiency == pytest.approx(sum(inside) / len(inside))
        assert h.good == sum(int(r["in_target"]) for r in rows
                             if int(r["iteration"]) <= h.iteration)
    for row in rows:
        x, y = float(row["x1"]), float(row["x2"])
        value = (2 + math.cos(x / 5) * math.cos(y / 7)) ** 5
        assert float(row["value"]) == pytest.approx(value, rel=1e-12)
        assert int(row["in_target"]) == (80 < value < 120)


@pytest.mark.slow
def test_mean_absolute_error_is_of_the_new_points(tmp_path):
    """The MAE of an iteration compares its predictions with its evaluated values."""
    task = run(tmp_path, make_config(Calculator="F_2d", **SMALL))
    rows = [r for r in table(tmp_path) if r["iteration"] == "2"]
    gaps = [abs(float(r["predicted"]) - float(r["value"])) for r in rows]
    assert task.history[2].mae == pytest.approx(np.mean(gaps))
    assert np.isnan(task.history[0].mae)


@pytest.mark.slow
def test_failed_points_are_kept_and_never_in_the_target(tmp_path):
    """A failed point has its row and reason, is counted, and is never good, whatever its value."""
    def half(row):
        if row[1] > 0:
            return Evaluation("ok", row[0] ** 2)
        return Evaluation("excluded", 0.0, (), "by me")

    config = make_config(Calculator="F_2d", Chi_square_threshold=1.0, **SMALL)
    task = run(tmp_path, config, calculator=Stub(half))
    rows = table(tmp_path)
    failed = [r for r in rows if r["status"] == "excluded"]
    assert failed
    assert all(r["reason"] == "by me" and r["in_target"] == "0" for r in failed)
    assert task.history[-1].failed == len(failed)
    assert not task.points.inside[task.points.status == "excluded"].any()


def test_a_scan_in_which_everything_fails_stops_and_says_why(tmp_path):
    """When the whole first batch fails alike, the scan ends with the reason, the rows are kept."""
    config = make_config(Calculator="F_2d", **SMALL)
    with pytest.raises(ProgramError, match="All of the first 60 points failed.*no_spectrum"):
        run(tmp_path, config, calculator=Stub(lambda row: Evaluation("no_spectrum")))
    assert len(table(tmp_path)) == 60


def test_a_scan_in_which_nearly_everything_fails_says_so_at_once(tmp_path, caplog):
    """One other failure does not hide it, and it is told within the first batch, not after it."""
    seen = []

    def fails(row):
        seen.append(len(caplog.records))
        return Evaluation("timeout" if len(seen) == 9 else "tachyon", reason="m^2 < 0")

    config = make_config(Calculator="F_2d", **{**SMALL, "Size_initial_batch": 300,
                                               "N_iteration": 0})
    run(tmp_path, config, calculator=Stub(fails))
    text, = [record.getMessage() for record in caplog.records]
    assert "200 points none is ok, and 199 have the status 'tachyon', mostly: m^2 < 0. " in text
    assert (seen[150], seen[-1]) == (0, 1)


def test_points_are_on_disk_while_the_batch_runs(tmp_path):
    """A point's row can be read before the next point of its batch is evaluated."""
    seen = []

    def look(row):
        seen.append((tmp_path / "points.csv").read_text().count("\n") - 1)
        return Evaluation("ok", 1.0)

    stub = Stub(look)
    stub.share = 1
    run(tmp_path, make_config(Calculator="F_2d", **{**SMALL, "N_iteration": 0}), calculator=stub)
    assert seen == list(range(60))


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "reason", "evaluated"), [
    ({"N_iteration": 1}, "N_iteration", 100),
    ({"Max_evaluations": 77}, "Max_evaluations", 77),
    ({"Target_points": 1}, "Target_points", 60),
    ({"MAE_tolerance": 1e9}, "MAE_tolerance", 100),
    ({"Max_time": 1e-9}, "Max_time", 0),
])
def test_stop_rules(tmp_path, rule, reason, evaluated):
    """Each stop rule ends the scan at its point, and is the reason given."""
    task = run(tmp_path, make_config(Calculator="F_2d", **{**SMALL, **rule}))
    assert task.reason.startswith(reason)
    assert len(task.points) == evaluated


@pytest.mark.slow
def test_the_target_of_a_chi2_is_below_the_threshold(tmp_path):
    """Without Target_value the value is called chi2 and small is good."""
    config = make_config(Calculator="F_2d", Chi_square_threshold=5.0, **SMALL)
    run(tmp_path, config)
    rows = table(tmp_path)
    assert all((float(r["chi2"]) < 5.0) == (r["in_target"] == "1") for r in rows)


@pytest.mark.slow
def test_results_can_be_loaded_by_numpy(tmp_path):
    """Accumulated_points.txt and chi2.txt hold the in-target points, row for row."""
    task = run(tmp_path, make_config(Calculator="F_2d", **SMALL))
    task.write_results()
    x, value = (np.loadtxt(tmp_path / n) for n in ("Accumulated_points.txt", "chi2.txt"))
    assert len(x) == len(value) == task.points.inside.sum()
    assert np.array_equal(x, task.points.x[task.points.inside])
    assert np.array_equal(value, task.points.value[task.points.inside])


@pytest.mark.slow
def test_the_library_is_not_started_before_a_network_needs_it():
    """Importing the scanner, and its command line, imports neither TensorFlow nor matplotlib."""
    import subprocess
    import sys
    code = ("import sys; from mlscanner import MLs_HEP; "
            "sys.exit(any(m in sys.modules for m in ('tensorflow', 'matplotlib')))")
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], check=False,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    assert done.returncode == 0
    assert time.monotonic() - started < 30


@pytest.mark.slow
def test_a_signal_does_not_tear_the_state(tmp_path, monkeypatch):
    """While the state is written a signal only asks: torn, its file complains on the screen."""
    config, now, saved = make_config(Calculator="F_2d", **SMALL), [], []

    @contextlib.contextmanager
    def gently():
        now.append(1)
        yield
        now.pop()

    save = State.save
    monkeypatch.setattr(State, "save", lambda state, folder: (saved.append(bool(now)),
                                                              save(state, folder)))
    with Pool(make_calculator(config, ("x1", "x2")), 0) as pool:
        task = MLs_HEP.scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False,
                            gently=gently)
        for _ in task:
            pass
    assert len(saved) == 3 and all(saved) and not now


@pytest.mark.parametrize("ahead", [False, True])
def test_a_scan_ends_when_every_whole_number_is_evaluated(ahead, tmp_path):
    """With a reason, and no point twice."""
    config = make_config(Calculator="F_2d", TotVarScanned=2, VarMin=[1, 0], VarMax=[6, 9],
                         VarLabel=["n", "m"], VarPrior=["integer", "integer"],
                         Asynchronous=ahead, **SMALL | {"N_iteration": 50,
                                                        "Size_initial_batch": 20})
    stub = Stub(lambda row: Evaluation("ok", float(row.sum())))
    task = run(tmp_path, config, calculator=stub)
    assert task.reason.startswith("every combination") and "60 points" in task.reason
    assert len(np.unique(task.points.x, axis=0)) == len(table(tmp_path)) == 60
