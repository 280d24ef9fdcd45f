"""Without a pause: points are evaluated and stored while the next batch is proposed."""

import itertools
import random
import signal
import time

import numpy as np
import pytest

from actors import Slow
from dask_hosts import wait_until
from mlscanner import MLs_HEP
from mlscanner.auxiliary import Pool
from mlscanner.config.scan_config import make_config
from mlscanner.evaluation import Evaluation
from mlscanner.models.registry import make_model
from mlscanner.parallel import stream
from mlscanner.parallel.stream import Ahead, InTurn
from mlscanner.parallel.tasks import PoolBase
from runner import Run, crowded, rows, run, write_input

SMALL = {"Size_initial_batch": 60, "Size_batch_K": 40, "Size_batch_L": 2000, "N_iteration": 2,
         "Size_batch_search": 40, "RF_trees": 10, "Surrogate_points": 60, "Calculator": "F_2d",
         "Asynchronous": True}


class Echo(PoolBase):
    """A pool that evaluates at once what is put in, and fails at a negative point."""

    def stream(self, work):
        while (work or not work.closed) and not self._over(work):
            if not work:
                time.sleep(0.01)
                continue
            task = work.take()
            if task.x[0, 0] < 0:
                raise ZeroDivisionError("in the pool")
            yield from ((key, Evaluation("ok", float(key))) for key in task.keys)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """The first proposal takes no seconds here, so that batches need not be large."""
    monkeypatch.setattr(stream, "FIRST", 0.1)


def scan_of(folder, pool, **settings):
    config = make_config(**{**SMALL, **settings})
    return MLs_HEP.scan(make_model("RFR", config, 2), config, folder, pool, show=False)


def whole(table, n=None):
    """The table of points has each id once, and no gap."""
    ids = [int(row["id"]) for row in table]
    return ids == list(range(n or len(ids)))


# ---- the two kinds ---------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [InTurn, Ahead])
def test_what_is_put_in_comes_out(kind):
    """Each point once, stored before it comes out, and the stream can be left."""
    stored = []
    line = kind(Echo(Slow(".")), lambda key, evaluated: stored.append(key))
    line.add(range(5), np.zeros((5, 2)))
    found = list(itertools.chain.from_iterable(itertools.islice(line.outcomes(), 1)))
    assert [key for key, _ in found] == stored == [0, 1, 2, 3, 4]
    line.add([7], np.zeros((1, 2)))
    assert [key for key, _ in next(line.outcomes())] == [7]
    assert line.close() == []


def test_an_error_in_the_thread_is_raised_where_it_is_seen():
    """It ends the scan as it does without a thread, after what was evaluated before it."""
    line = Ahead(Echo(Slow(".")), lambda key, evaluated: None)
    line.add([0, 1], np.array([[0.0, 0], [-1, 0]]))
    seen = []
    with pytest.raises(ZeroDivisionError, match="in the pool"):
        for done in line.outcomes():
            seen += done
    assert [key for key, _ in seen] == [0]
    assert not line._thread.is_alive() or line.close() == []


def test_more_is_wanted_in_time():
    """When what waits is evaluated while a batch is proposed; not before half of the first."""
    line = Ahead(Echo(Slow(".")), lambda key, evaluated: None)
    line._first = 60
    line._times.extend(np.arange(100) * 0.1)      # ten a second
    line._seconds.clear()
    line.proposed(2.0)
    assert line.least() == pytest.approx(30, abs=1)
    line.work.waiting = 100
    assert not line.wants_more(evaluated=100, pending=120)
    line.work.waiting = 29
    assert line.wants_more(evaluated=100, pending=50)
    assert not line.wants_more(evaluated=20, pending=50)
    assert line.wants_more(evaluated=20, pending=0)


# ---- scans -----------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_scan_without_a_pause(tmp_path):
    """Every point once, all iterations, batches of the size asked for at least."""
    with Pool(Slow(tmp_path), 2) as pool:
        task = scan_of(tmp_path, pool)
        seen = [h.history[-1].iteration for h in task]
    table = rows(tmp_path)
    assert seen == [0, 1, 2]
    assert task.reason.startswith("N_iteration")
    assert whole(table)
    assert len(table) == len(task.points) == task.history[-1].evaluated >= 60 + 2 * 40
    for h in task.history:
        inside = [int(r["in_target"]) for r in table if int(r["iteration"]) <= h.iteration]
        assert (h.evaluated, h.good) == (len(inside), sum(inside))
    task.finish()


@pytest.mark.slow
def test_points_are_evaluated_and_stored_while_it_learns(tmp_path, monkeypatch):
    """The main thread is busy for a second; the table of points grows all the same."""
    monkeypatch.setattr(stream, "FIRST", 9.0)   # proposed as early as can be: at half of the first
    with Pool(Slow(tmp_path, 0.03), 2) as pool:
        task = scan_of(tmp_path, pool, N_iteration=1, Max_evaluations=120)
        path, grown, propose = tmp_path / "points.csv", [], task.proposer.propose

        def busy(*words):
            before, end = path.read_bytes().count(b"\n"), time.monotonic() + 1.0
            while time.monotonic() < end:
                sum(range(1000))
            grown.append(path.read_bytes().count(b"\n") - before)
            return propose(*words)

        monkeypatch.setattr(task.proposer, "propose", busy)
        for _ in task:
            pass
    assert max(grown) > 3
    assert whole(rows(tmp_path))


@pytest.mark.slow
def test_a_slow_point_holds_nothing_up(tmp_path):
    """The next batch is proposed and evaluated while one point of the first is not."""
    with Pool(Slow(tmp_path, 0.005, first=90.0), 2) as pool:
        for _ in scan_of(tmp_path, pool, N_iteration=1):
            pass
    lines = [line.split(",") for line in (tmp_path / "points.csv").read_text().splitlines()[1:]]
    at = max(i for i, line in enumerate(lines) if line[1] == "0")    # the slow one
    assert "1" in {line[1] for line in lines[:at]}
    assert whole(rows(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "reason"), [
    ({"Max_evaluations": 77}, "Max_evaluations"), ({"Target_points": 1}, "Target_points"),
    ({"Max_time": 1.0, "N_iteration": 999}, "Max_time")])
def test_stop_rules(tmp_path, rule, reason):
    """Each ends it, no more points than allowed, and the run can be extended."""
    with Pool(Slow(tmp_path), 2) as pool:
        list(pool.map(np.zeros((4, 2))))    # the workers are there
        task = scan_of(tmp_path, pool, **rule)
        for _ in task:
            pass
        task.finish()
        assert task.reason.startswith(reason)
        n = len(rows(tmp_path))
        assert n == 77 if "Max_evaluations" in rule else n > 0
        config = make_config(**SMALL)
        more = MLs_HEP.scan(make_model("RFR", config, 2), config, tmp_path, pool, 1, show=False)
        for _ in more:
            pass
    assert whole(rows(tmp_path))
    assert len(rows(tmp_path)) > n


FUNCTION = """
import time
def f(p):
    time.sleep(0.01)
    with open({log!r}, "a") as file:
        file.write(f"{{p[0]!r}} {{p[1]!r}}\\n")
    return 100 * (p[0] - 0.3) ** 2 + 40 * (p[1] - 0.5) ** 2
"""
USER = ("\nVarMin = [0, 0]\nVarMax = [1, 1]\nVarLabel = ['a', 'b']\nChi_square_threshold = 2\n"
        "Asynchronous = True\nN_iteration = 5\nMax_evaluations = 300\n")


@pytest.mark.slow
def test_killed_and_resumed(tmp_path):
    """Killed at random moments, a run has every point once in the end, and evaluated no stored
    point again but the one that is compared."""
    rng, log = random.Random(4), tmp_path / "evaluated.txt"
    (tmp_path / "user.py").write_text(FUNCTION.format(log=str(log)))
    words = ["RFR", "--input", write_input(tmp_path, "user.py:f", 2, more=USER), "--output",
             tmp_path / "out"]
    table, kills = tmp_path / "out" / "RFR" / "points.csv", 0
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        goal = (table.read_bytes().count(b"\n") if table.exists() else 0) + rng.randrange(70)
        process = Run(words, tmp_path / "log")
        wait_until(lambda: not process.process.is_alive() or (  # noqa: B023 - used at once
            table.exists() and table.read_bytes().count(b"\n") > goal))  # noqa: B023
        process.send(number)
        code = process.wait()
        assert code in (-9, -2, -15, 130, 143, 0), process.output
        kills += code != 0
        assert whole(rows(table.parent)) or code != 0
    code, output = run(words, tmp_path / "log")
    assert code == 0, output
    assert "Traceback" not in output
    assert kills >= 2
    assert whole(rows(table.parent))
    twice = len(log.read_text().splitlines()) - len(rows(table.parent))
    assert twice <= kills * (2 + 1)     # two workers, and the point that is compared


@pytest.mark.slow
def test_max_time_leaves_a_run_that_goes_on(tmp_path):
    """It ends in time, with model and results; the same command goes on, to the points of a scan
    that was never stopped."""
    (tmp_path / "user.py").write_text(FUNCTION.format(log=str(tmp_path / "log.txt")))
    plain = USER.replace("Asynchronous = True", "")
    words = ["RFR", "--input", tmp_path / "scan_input.py", "--output"]
    write_input(tmp_path, "user.py:f", 2, more=plain)
    assert run([*words, tmp_path / "alone"], tmp_path / "log")[0] == 0
    slow = min(crowded(), 6)
    write_input(tmp_path, "user.py:f", 2, more=plain + f"Max_time = {5 * slow}\n")
    (tmp_path / "user.py").write_text(FUNCTION.format(log=str(tmp_path / "log.txt")).replace(
        "0.01", str(0.06 * slow)))     # all points together would take twice as long
    code, output = run([*words, tmp_path / "out"], tmp_path / "log1")
    assert code == 0, output
    assert "Stopped in time. Max_time" in output
    assert "Continue with the same command" in output
    folder = tmp_path / "out" / "RFR"
    assert 0 < len(rows(folder)) < len(rows(tmp_path / "alone" / "RFR"))
    write_input(tmp_path, "user.py:f", 2, more=plain)
    (tmp_path / "user.py").write_text(FUNCTION.format(log=str(tmp_path / "log.txt")))
    code, output = run([*words, tmp_path / "out"], tmp_path / "log2")
    assert code == 0, output
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["RFR"]
    assert rows(folder) == rows(tmp_path / "alone" / "RFR")
