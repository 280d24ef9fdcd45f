"""The pool: every point comes back once, whatever happens to its worker."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import mlscanner
from actors import LocalActor as Actor
from actors import Quick
from mlscanner.calculators.functions import CallableFunction, UserFunction
from mlscanner.errors import ProgramError, StorageError
from mlscanner.evaluation import Evaluation
from mlscanner.parallel import workers
from mlscanner.parallel.local_pool import Pool
from runner import crowded


def points(*whats):
    return np.array([[what, i] for i, what in enumerate(whats)], float)


def evaluate(actor, x, n_cores=2):
    with Pool(actor, n_cores, actor.point_limit) as pool:
        return dict(pool.map(x))


@pytest.mark.slow
@pytest.mark.parametrize("n_cores", [0, 1, 3])
def test_every_point_comes_back_once(tmp_path, n_cores):
    """With any number of workers and points a task, batch after batch."""
    x = points(*[0] * 10)
    with Pool(Actor(tmp_path), n_cores) as pool:
        for share in (1, 4, 10, 100):
            pool.calculator.share = share
            outcomes = list(pool.map(x))
            assert sorted(row for row, _ in outcomes) == list(range(10))
            assert all(evaluated == Evaluation("ok", float(row)) for row, evaluated in outcomes)
        assert list(pool.map(np.empty((0, 2)))) == []


def test_points_stream(tmp_path):
    """A finished point comes out while others of the batch are still evaluated."""
    with Pool(Actor(tmp_path), 2) as pool:
        outcomes = pool.map(points(7, 7, 7, 7, 2))
        next(outcomes)
        assert Actor(tmp_path).times(0) == 1
        assert not (tmp_path / "evaluated_4").exists()
        outcomes.close()


@pytest.mark.slow
def test_a_dying_worker_is_replaced_and_its_point_evaluated_once_more(tmp_path):
    """A segfault that comes again marks the point; one that does not is forgotten."""
    actor = Actor(tmp_path)
    outcomes = evaluate(actor, points(0, 1, 0, 3, 4, 0))
    assert {row: evaluated.status for row, evaluated in outcomes.items()} == {
        0: "ok", 1: "crashed", 2: "ok", 3: "ok", 4: "crashed", 5: "ok"}
    assert "signal 11 (SIGSEGV)" in outcomes[1].reason
    assert "exit code 3" in outcomes[4].reason
    assert [actor.times(i) for i in range(6)] == [1, 2, 1, 2, 2, 1]


@pytest.mark.slow
def test_points_that_shared_a_task_with_a_killer_are_saved(tmp_path):
    """The others of the task are evaluated by themselves."""
    outcomes = evaluate(Actor(tmp_path, share=5), points(0, 0, 1, 0, 0))
    assert [outcomes[i].status for i in range(5)] == ["ok", "ok", "crashed", "ok", "ok"]


@pytest.mark.slow
def test_a_worker_killed_from_outside(tmp_path):
    """The OOM killer takes a worker, busy or idle, again and again: no point is lost or doubled."""
    with Pool(Actor(tmp_path), 2) as pool:
        outcomes = []
        for row, evaluated in pool.map(points(*[7] * 8)):
            outcomes.append((row, evaluated.status))
            if row in (0, 3):  # one whose point was not lost before: a second loss marks it
                fresh = [w for w in pool._workers if not w.task or w.task.attempt == 1]
                os.kill(fresh[0].process.pid, signal.SIGKILL)
        assert sorted(outcomes) == [(i, "ok") for i in range(8)]
        for worker in list(pool._workers):  # all of them, while they wait for work
            os.kill(worker.process.pid, signal.SIGKILL)
        assert {evaluated.status for _, evaluated in pool.map(points(0, 0, 0))} == {"ok"}


@pytest.mark.parametrize("vectorised", [False, True])
def test_a_complex_number_is_no_value(vectorised):
    """A square root of less than 0 fails the point; its real part would be a perfect chi2."""
    calculator = CallableFunction(lambda p: np.emath.sqrt(p["a"]), ["a"], vectorised)
    bad, good = calculator.evaluate(np.array([[-4.0], [9.0]]), None)
    assert bad.status in ("bad_output", "bad_value") and not bad.value < np.inf
    assert (good.status, good.value) == ("ok", 3.0)


@pytest.mark.parametrize("vectorised", [False, True])
def test_a_number_beyond_all_floats_is_no_value(vectorised):
    """A whole number of Python that no float can hold fails the point; it ended the scan."""
    calculator = CallableFunction(lambda p: [10**400] if vectorised else 10**400, ["a"], vectorised)
    assert calculator.evaluate(np.ones((1, 1)), None)[0].status == "bad_output"


def test_one_number_for_all_points_is_no_answer():
    """A vectorised function that sums over its points gives none of them a value; an observable
    may be the same for all."""
    x = np.arange(6.0).reshape(3, 2)
    for answer in (np.sum, lambda p: {"chi2": p.sum()}, lambda p: {"chi2": p["a"][:2]}):
        evaluated = CallableFunction(answer, ["a", "b"], vectorised=True).evaluate(x, None)
        assert [j.status for j in evaluated] == ["bad_output"] * 3
        assert "expected 3 numbers: " in evaluated[0].reason
    flat = CallableFunction(lambda p: {"chi2": p["a"], "c": 5}, ["a", "b"], vectorised=True)
    assert [(j.value, j.observables) for j in flat.evaluate(x, None)] == [
        (a, {"c": 5}) for a in (0, 2, 4)]


@pytest.mark.slow
def test_a_point_that_gives_no_answer(tmp_path):
    """It is marked after its time; the others of its task are not."""
    outcomes = evaluate(Actor(tmp_path, share=3, point_limit=0.4), points(0, 2, 0))
    assert [outcomes[i].status for i in range(3)] == ["ok", "timeout", "ok"]
    assert outcomes[1].reason == "no answer within 0.4 s"


@pytest.mark.slow
def test_a_hang_in_a_batch_lasts_no_longer_than_one_point(tmp_path):
    """Vectorised: the call is ended after Timeout_point, then each point is evaluated by itself."""
    (tmp_path / "f.py").write_text("import time\n\ndef f(x):\n    if (x[:, 0] > 2).any():\n"
                                   "        time.sleep(600)\n    return x[:, 0]\n")
    function = UserFunction(tmp_path / "f.py", "f", ["a"], vectorised=True)
    started = time.monotonic()
    with Pool(function, 2, 1.0) as pool:
        outcomes = dict(pool.map(np.array([[0.0], [1.0], [3.0], [2.0]])))
    assert [outcomes[i].status for i in range(4)] == ["ok", "ok", "timeout", "ok"]
    assert outcomes[2].reason == "no answer within 1 s"
    assert time.monotonic() - started < 15 * crowded()


@pytest.mark.slow
def test_the_program_of_a_killed_worker_ends_too(tmp_path):
    """SIGKILL of a worker in the middle of a program leaves no program behind."""
    with Pool(Actor(tmp_path), 1) as pool:
        thread = threading.Thread(target=lambda: [None for _ in pool.map(points(8))], daemon=True)
        thread.start()
        group = wait_for_program(tmp_path)
        time.sleep(0.3)  # the program runs; now it is also watched
        pool.stop_requested.set()
        os.kill(pool._workers[0].process.pid, signal.SIGKILL)
        thread.join(10)
    assert group_ends(group)


@pytest.mark.slow
def test_leaving_the_pool_ends_programs_and_workers_quickly(tmp_path):
    """A program in the middle, a worker that sleeps: all gone within a second or so."""
    with Pool(Actor(tmp_path), 2) as pool:
        outcomes = pool.map(points(8, 2))
        stopper = threading.Thread(target=stop_when_it_runs, args=(pool, tmp_path))
        stopper.start()
        assert list(outcomes) == []
        stopper.join()
        group = wait_for_program(tmp_path)
        started = time.monotonic()
    assert time.monotonic() - started < 1.5 * crowded()
    assert group_ends(group)
    assert not [p for p in multiprocessing.active_children() if p.is_alive()]


def stop_when_it_runs(pool, folder):
    wait_for_program(folder)
    pool.stop_requested.set()


def wait_for_program(folder, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (folder / "program").exists() and (folder / "program").read_text().strip():
            return int((folder / "program").read_text())
        time.sleep(0.02)
    raise AssertionError("the program did not start")


def group_ends(group, seconds=10.0):
    """True when no process of the group is left after a short while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_request_to_stop_keeps_what_is_evaluated(tmp_path):
    """No new points are handed out, and the workers can be used again."""
    with Pool(Actor(tmp_path), 2) as pool:
        rows = []
        for row, _ in pool.map(points(*[7] * 20)):
            rows.append(row)
            pool.stop_requested.set()
        assert 1 <= len(rows) <= 4
        pool.stop_requested.clear()
        assert len(list(pool.map(points(0, 0)))) == 2


def test_a_batch_given_up_does_not_answer_a_later_one(tmp_path):
    """When the consumer fails, late answers are not taken for those of the next batch."""
    with Pool(Actor(tmp_path), 2) as pool:
        outcomes = pool.map(points(7, 7, 7))
        next(outcomes)
        outcomes.close()
        x = points(0, 0, 0)
        x[:, 1] += 100
        assert sorted(evaluated.value for _, evaluated in pool.map(x)) == [100.0, 101.0, 102.0]


@pytest.mark.slow
def test_mistakes_are_not_hidden(tmp_path):
    """A bug in a calculator stops the scan and shows where; a full scratch folder is said."""
    with pytest.raises(RuntimeError, match="(?s)in a worker process.*ZeroDivisionError: a mistake"):
        evaluate(Actor(tmp_path), points(5), 1)
    with pytest.raises(StorageError, match="place for scratch files"):
        evaluate(Actor(tmp_path), points(6), 1)
    with pytest.raises(ProgramError, match="0 outcomes for 1 points"):
        evaluate(Actor(tmp_path), points(9), 1)


class Unloadable:
    """Can be sent, but not be received."""

    observables, citations, share, point_limit = (), (), 1, 60.0

    def __reduce__(self):
        return (os._exit, (7,))


@pytest.mark.slow
def test_workers_that_can_not_start_end_the_scan(tmp_path):
    """Instead of marking every point as crashed, one by one."""
    with pytest.raises(ProgramError, match="do not start.*exit code 7"):
        evaluate(Unloadable(), points(0, 0), 1)


@pytest.mark.slow
def test_nothing_is_left_in_the_scratch_folder(tmp_path, monkeypatch):
    """After dying, hanging and ordinary points, the place for scratch files is empty."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", None)
    evaluate(Actor(tmp_path, point_limit=0.5), points(0, 1, 2))
    assert list(place.iterdir()) == []


ORPHANS = """
import sys
sys.path[:0] = {paths!r}
import numpy as np
from mlscanner.parallel.local_pool import Pool
from actors import LocalActor
if __name__ == "__main__":
    with Pool(LocalActor({folder!r}), 2) as pool:
        print("started", [w.process.pid for w in pool._workers], flush=True)
        list(pool.map(np.array([[{what}, 0], [2, 1]], float)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", [8, 10], ids=["program", "compiled"])
def test_killing_the_main_process_leaves_no_orphans(tmp_path, what):
    """SIGKILL of the main process: workers and the program they run are gone soon after."""
    here = Path(__file__).parent
    paths = [str(Path(mlscanner.__file__).parents[1]), str(here), str(here.parent)]
    (tmp_path / "main.py").write_text(textwrap.dedent(ORPHANS).format(
        paths=paths, folder=str(tmp_path), what=what))
    process = subprocess.Popen([sys.executable, str(tmp_path / "main.py")], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pids = [int(p) for p in process.stdout.readline().split(" ", 1)[1].strip("[]\n").split(",")]
    group = wait_for_program(tmp_path)
    process.kill()
    _, errors = process.communicate()
    assert group_ends(group)
    assert all(gone(pid) for pid in pids)
    assert "Traceback" not in errors


def gone(pid, seconds=15.0):
    from mlscanner.parallel.processes import process_exists
    end = time.monotonic() + seconds
    while process_exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not process_exists(pid)


def test_ctrl_c_in_the_terminal_is_not_for_the_workers(tmp_path):
    """SIGINT and SIGHUP to every worker, as a terminal sends them, change nothing."""
    with Pool(Actor(tmp_path), 1) as pool:
        for worker in pool._workers:  # they have hardly begun to start
            os.kill(worker.process.pid, signal.SIGINT)
            os.kill(worker.process.pid, signal.SIGHUP)
        assert len(list(pool.map(points(0, 0, 0)))) == 3
        for worker in pool._workers:
            os.kill(worker.process.pid, signal.SIGINT)
        assert len(list(pool.map(points(0, 0, 0)))) == 3
        assert pool._started == 1


@pytest.mark.parametrize(("code", "words"), [
    (-9, "killed by signal 9 (SIGKILL)"), (-99, "killed by signal 99"), (3, "exit code 3"),
    (None, "closed its connection")])
def test_how_a_worker_died_in_words(code, words):
    """Signals by number and name."""
    assert words in workers.describe_death(code)


@pytest.mark.slow
def test_a_thousand_small_tasks_take_little_time(tmp_path):
    """The pool costs less than two milliseconds a task (measured: about 0.2)."""
    with Pool(Quick(), 2) as pool:
        list(pool.map(np.zeros((10, 2))))
        started = time.perf_counter()
        assert len(list(pool.map(np.zeros((1000, 2))))) == 1000
        seconds = time.perf_counter() - started
    print(f"{seconds:.3f} ms a task")
    assert seconds < 2.0 * crowded()
