"""Killed at any moment and resumed, a run ends with exactly the points of one left alone."""

import contextlib
import json
import os
import random
import re
import signal
import time

import pytest

from mlscanner.store.state_file import State
from runner import Run, crowded, evaluated, rows, run, write_input

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FUNCTION = """
import math, time
def f(p):
    time.sleep(0.002)
    if p[0] > 0.9:
        raise ValueError("no solution there")
    return {"chi2": 100 * (p[0] - 0.3) ** 2 + 40 * (p[1] - 0.5) ** 2, "mass": math.hypot(*p)}
"""
USER = ("\nVarMin = [0, 0]\nVarMax = [1, 1]\nVarLabel = ['a', 'b']\nChi_square_threshold = 2\n")
# (model, calculator, kills): quick models most often, every model and kind of calculator at least
# once
CASES = [("RFR", "F_2d", 6), ("RFC", "F_3d", 5), ("GBR", "user.py:f", 4), ("SVR_RBF", "THDM", 1),
         ("SVR_POLY", "F_2d", 3), ("DNNR", "F_2d", 1), ("DNNC", "F_2d", 1)]
KILLS = sum(case[2] for case in CASES)


def words(model, folder, output):
    return [model, "--input", folder / "scan_input.py", "--output", output]


def make_input(folder, calculator, relative=False, short=False, **how):
    more = USER if "user" in calculator else ""
    if relative:
        more = more.replace("Chi_square_threshold = 2",
                            "Chi_square_above_best = 1\nRefine_evaluations = 10")
    if calculator == "THDM":
        more = ("\nVarMin = [0, 0, -3, -3, -3, -3000, 1]\nVarMax = [10, 0.5, 3, 3, 3, -1000, 50]\n"
                "VarLabel = ['Lambda1Input', 'Lambda2Input', 'Lambda3Input', 'Lambda4Input', "
                "'Lambda5Input', 'M12input', 'TanBeta']\n")
    more += "\nN_iteration = 2\n" * short       # of 30 points, each with a training before it
    more += "Size_batch_K = 30\nSize_batch_search = 30\n" * short
    write_input(folder, calculator, more=more, **how)
    (folder / "user.py").write_text(FUNCTION)


def kill_until_it_is_done(model, folder, kills, rng):
    """Start, kill at a random moment, start again; returns the number of kills that hit."""
    hits, log = 0, folder / "log"
    for attempt in range(40):
        process = Run(words(model, folder, folder / "out"), log)
        if hits < kills:
            # anywhere from the start to the last training, with more weight where batches end
            goal = rng.choice([0, 0, 60, 90, 110, rng.randrange(120)])
            wait_for_points(process, folder / "out" / model, goal)
            process.process.join(rng.uniform(0, 0.25))
            process.send(SIGNALS[(hits + attempt) % 3])
        code = process.wait()
        if code == 0:
            return hits
        assert code in (-9, -15, -2, 130, 143), process.output
        state = State.load(folder / "out" / model) if (folder / "out" / model).exists() else None
        if state is not None and state.meta["reason"] is not None:
            return hits  # killed after the run had ended
        hits += 1  # noqa: SIM113 - hits are not attempts
    raise AssertionError(f"never finished: {process.output}")


def wait_for_points(process, folder, goal):
    path = folder / "points.csv"
    while process.process.is_alive():
        if not goal or (path.exists() and path.read_bytes().count(b"\n") > goal):
            return
        process.process.join(0.002)


@pytest.fixture(scope="module")
def tally():
    """What all cases together did; printed at the end."""
    count = {"kills": 0, "points": 0}
    yield count
    print(f"\n{count['kills']} kills, {count['points']} points compared, none lost or doubled")


def without_orphans(text):
    """The output without what Python says for a worker whose parent was killed as it started."""
    return re.sub(r'Traceback [^\n]*\n  File "<string>", line 1, in <module>\n.*?^\w[^\n]*\n', "",
                  text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "calculator", "kills"), CASES)
def test_killed_at_random_moments(tmp_path, tally, model, calculator, kills):
    """Signals at random moments of every phase, another number of workers each time."""
    rng = random.Random(f"{model} {calculator}")
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    make_input(alone, calculator, short=True, cores=2)
    code, output = run(words(model, alone, alone / "out"), alone / "log")
    assert code == 0, output
    hits = 0
    for turn in range(6):  # a run can be over before its last kill; then another one is killed
        folder = killed / str(turn)
        make_input(folder, calculator, short=True, cores=1 + turn % 2)
        hits += kill_until_it_is_done(model, folder, kills - hits, rng)
        assert evaluated(folder / "out" / model) == evaluated(alone / "out" / model)
        assert [f.name for f in (folder / "out").iterdir()] == [model]
        assert "Traceback" not in without_orphans((folder / "log").read_text())
        if hits >= kills:
            break
    assert hits >= kills
    tally["kills"] += hits
    tally["points"] += len(evaluated(alone / "out" / model))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["GBR", "RFC"])
def test_a_target_that_follows_the_best_point_is_resumed_exactly(tmp_path, model):
    """Killed amid two batches and gone on with, points.csv has the rows of a run left alone: which
    points are in the target, too, though the edge moved before and after."""
    files = {}
    for name, goals in (("alone", ()), ("killed", (70, 100))):
        make_input(tmp_path / name, "user.py:f", relative=True, short=True)
        for goal in goals:
            process = Run(words(model, tmp_path / name, tmp_path / name / "out"),
                          tmp_path / name / "log")
            wait_for_points(process, tmp_path / name / "out" / model, goal)
            process.send(signal.SIGKILL)
            assert process.wait() == -9, process.output
        code, output = run(words(model, tmp_path / name, tmp_path / name / "out"),
                           tmp_path / name / "log")
        assert code == 0 and "The target is now" in output, output
        files[name] = evaluated(tmp_path / name / "out" / model)
    assert files["killed"] == files["alone"]
    assert {row[-3] for row in files["alone"]} == {"0", "1"}


def test_at_least_twenty_kills():
    """The list of cases has no fewer kills than is promised."""
    assert KILLS >= 20
    assert {case[0] for case in CASES} == {"RFR", "RFC", "GBR", "SVR_RBF", "SVR_POLY", "DNNR",
                                           "DNNC"}


# ---- what a resumed run says and does --------------------------------------------------------
def slow_input(folder, seconds=0.02, **how):
    """A user's function that counts how often each point is evaluated."""
    make_input(folder, "user.py:f", **how)
    (folder / "user.py").write_text(
        FUNCTION.replace("0.002", str(seconds)).replace(
            "def f(p):",
            f"def f(p):\n    print(repr(p[0]), file=open({str(folder / 'count')!r}, 'a'))"))


def start_and_stop(folder, number=signal.SIGINT, points=80, model="RFR"):
    """Start a run and signal it when it has so many points; exit code, seconds to end, Run."""
    process = Run(words(model, folder, folder / "out"), folder / "log")
    path = folder / "out" / model / "points.csv"
    wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") > points, process)
    sent = time.monotonic()
    process.send(number)
    return process.wait(), time.monotonic() - sent, process


def wait_for(condition, process, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, process.output
        assert process.process.is_alive(), process.output
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_cleanly_and_the_same_command_goes_on(tmp_path, number):
    """Within two seconds; model, results, the line that resumes; no point evaluated twice."""
    slow_input(tmp_path, short=True)
    code, seconds, process = start_and_stop(tmp_path, number)
    assert code == 128 + number
    assert seconds < 2 * crowded()
    assert re.search(r"Stopped. \d+ evaluated points are kept in .*Continue with the same "
                     r"command:\s+./run.sh RFR", process.output)
    folder = tmp_path / "out" / "RFR"
    stored = len(rows(folder))
    assert (folder / "model").is_dir()
    assert (folder / "chi2.txt").exists()
    assert not (folder / "lock").exists()
    code, output = run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    assert code == 0
    assert f"Continuing the run in {folder}: {stored} points evaluated already" in output
    counts = {}
    for line in (tmp_path / "count").read_text().split():
        counts[line] = counts.get(line, 0) + 1
    extra = sum(counts.values()) - len(rows(folder))
    # twice: the last stored point (on purpose), and at most what two workers had in flight
    assert extra <= 3


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once_and_loses_no_stored_point(tmp_path):
    """While the first is still waiting for a stubborn worker."""
    slow_input(tmp_path, 0.02, short=True)
    process = Run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    path = tmp_path / "out" / "RFR" / "points.csv"
    wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") > 40, process)
    process.send(signal.SIGINT)
    time.sleep(0.32)
    process.send(signal.SIGINT)
    sent = time.monotonic()
    assert process.wait() == 130
    assert time.monotonic() - sent < 1.0 * crowded()
    assert path.read_bytes().endswith(b"\n")
    code, output = run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    assert code == 0, output


@pytest.mark.slow
def test_ctrl_c_while_it_trains(tmp_path):
    """In a training of many seconds: it ends within two, and resumes like nothing happened."""
    make_input(tmp_path, "F_2d")
    big = tmp_path / "scan_input.py"
    big.write_text(big.read_text().replace("RF_trees = 10", "RF_trees = 30000"))
    process = Run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    path = tmp_path / "out" / "RFR" / "points.csv"
    wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") == 61, process)
    time.sleep(0.5)
    sent = time.monotonic()
    process.send(signal.SIGINT)
    assert process.wait() == 130
    assert time.monotonic() - sent < 2 * crowded()
    assert "./run.sh RFR" in process.output
    assert "Traceback" not in process.output
    assert len(rows(tmp_path / "out" / "RFR")) == 60


@pytest.mark.slow
def test_ctrl_c_before_it_has_begun(tmp_path):
    """Also then there is no traceback."""
    for moment in (0.0, 0.05, 0.1, 0.2, 0.3):
        make_input(tmp_path, "F_2d")
        process = Run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / f"log{moment}")
        process.process.join(moment)
        process.send(signal.SIGINT)
        assert process.wait() in (-2, 130)
        assert "Traceback" not in process.output


@pytest.mark.slow
def test_a_calculator_that_changed_is_noticed(tmp_path):
    """Another program, other data: the last point is evaluated again on resume and compared."""
    slow_input(tmp_path, short=True)
    start_and_stop(tmp_path)
    code = (tmp_path / "user.py").read_text()
    (tmp_path / "user.py").write_text(code.replace("100 *", "101 *"))
    exit_code, output = run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    assert exit_code == 0
    assert "the last stored point (id " in output
    assert "is evaluated differently now" in output


@pytest.mark.slow
def test_changed_settings_and_more(tmp_path):
    """Named and refused; --new starts afresh; --more extends a finished run by its number."""
    make_input(tmp_path, "F_2d")
    base = words("RFR", tmp_path, tmp_path / "out")
    assert run(base, tmp_path / "log")[0] == 0
    assert len(rows(tmp_path / "out" / "RFR")) == 60 + 2 * 40
    code, output = run([*base, "--more", "2"], tmp_path / "log2")
    assert code == 0, output
    folder = tmp_path / "out" / "RFR"
    assert len(rows(folder)) == 60 + 4 * 40
    assert len(json.loads(json.dumps(evaluated(folder)))) == 220
    text = (tmp_path / "scan_input.py").read_text()
    (tmp_path / "scan_input.py").write_text(text + "Seed = 9\n")
    code, output = run([*base, "--more", "1"], tmp_path / "log3")
    assert code == 2
    assert "Seed = 9 (was 1)" in output
    assert "--new" in output
    assert run([*base, "--new"], tmp_path / "log4")[0] == 0
    assert rows(tmp_path / "out" / "RFR_2")[0] != rows(folder)[0]


@pytest.mark.slow
def test_two_runs_on_one_folder(tmp_path):
    """The second is refused with pid and host of the first, which is not disturbed."""
    slow_input(tmp_path, short=True)
    first = Run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log")
    path = tmp_path / "out" / "RFR" / "points.csv"
    wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") > 5, first)
    code, output = run(words("RFR", tmp_path, tmp_path / "out"), tmp_path / "log2")
    assert code == 2
    assert f"is in use by process {first.process.pid} on {os.uname().nodename}" in output
    assert len(output.splitlines()) == 2  # the first is the mark of the test
    with contextlib.suppress(AssertionError):
        first.send(signal.SIGINT)
    assert first.wait() == 130
