"""retarget, merge, retry: points of old runs in a new one, by the command line."""

import shutil
import signal

import pytest

from mlscanner.cli.main import main
from runner import Run, rows, run, write_input

FLAKY = """
import os
def f(p):
    if p[0] > 0.5 and not os.path.exists({flag!r}):
        raise TimeoutError('the server was away')
    return {{'s': p[0] + p[1]}}
"""
ONES = """
VarLabel = ['a', 'b']
VarMin = [0, 0]
VarMax = [1, 1]
Chi_square_threshold = 4
Observables = [observable('s', value=1.0, sigma={sigma})]
"""


def finished(folder, n):
    """A finished run, of n iterations, of the function f in f.py of this folder."""
    file = write_input(folder, "f.py:f", more=ONES.format(sigma=0.1) + f"N_iteration = {n}\n")
    code, output = run(["RFR", "--input", file, "--output", folder / "old"], folder / "log")
    assert code == 0, output
    return folder


@pytest.fixture(scope="module")
def flaky(tmp_path_factory):
    """A finished run of a function that fails in half of the box."""
    folder = tmp_path_factory.mktemp("flaky")
    (folder / "f.py").write_text(FLAKY.format(flag=str(folder / "mended")))
    return finished(folder, 1)


@pytest.fixture
def old(tmp_path, flaky):
    """A copy of it, and the flag that mends the function."""
    flag = tmp_path / "mended"
    shutil.copytree(flaky, tmp_path, dirs_exist_ok=True)
    (tmp_path / "f.py").write_text(FLAKY.format(flag=str(flag)))
    return tmp_path / "old" / "RFR", flag


def told(folder, words, name="log2"):
    """Run a command; its exit code and what it printed."""
    code, output = run([*words, "--output", folder / "new"], folder / name)
    return code, output


@pytest.mark.slow
def test_another_sigma_in_a_new_run_that_goes_on(tmp_path, old):
    """The counts of who entered, the change in words; the same input file goes on with it."""
    file = write_input(tmp_path, "f.py:f", name="wide.py",
                       more=ONES.format(sigma=0.3) + "N_iteration = 1\n")
    code, output = told(tmp_path, ["retarget", old[0], "--input", file])
    assert code == 0, output
    before, after = rows(old[0]), rows(tmp_path / "new" / "RFR")
    count = [sum(r["in_target"] == "1" for r in table) for table in (before, after)]
    assert count[1] > count[0]
    assert f"{count[0]} before, {count[1]} now ({count[1] - count[0]} entered, " in output
    assert "sigma" in output
    for a, b in zip(before, after, strict=True):
        assert (a["a"], a["b"], a["status"]) == (b["a"], b["b"], b["status"])
        if a["status"] == "ok":
            assert float(b["chi2"]) == pytest.approx(float(a["chi2"]) / 9, abs=1e-9)
    code, output = told(tmp_path, ["RFR", "--input", file], "log3")
    assert code == 0 and "Continuing the run" in output
    assert len(rows(tmp_path / "new" / "RFR")) > len(before)


@pytest.mark.slow
def test_what_failed_for_outer_reasons_is_evaluated_again(tmp_path, old, monkeypatch, capsys):
    """Only those points; the others keep what they have, and the old run stays. What is told on
    the way counts to the number of points, and to no iterations that do not come."""
    folder, flag = old
    failed = [r["id"] for r in rows(folder) if r["status"] != "ok"]
    status = next(r["status"] for r in rows(folder) if r["status"] != "ok")
    assert failed
    flag.touch()
    monkeypatch.setattr("mlscanner.scanning.bar.PLAIN_EVERY", -1.0)
    words = ["retry", folder, "--status", status, "--input", tmp_path / "scan_input.py"]
    assert main([*map(str, words), "--output", str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    new = rows(tmp_path / "new" / "RFR")
    assert len(new) == len(rows(folder)) and {r["status"] for r in new} == {"ok"}
    assert f"Evaluated again: {len(failed)} points with status {status}" in output
    assert f"evaluated {len(new) - 1} of {len(new)}, good" in output
    assert {r["status"] for r in rows(folder)} == {"ok", status}


@pytest.mark.parametrize("command", ["retarget", "merge", "retry"])
def test_a_run_that_is_not_there_is_named(tmp_path, monkeypatch, capsys, command):
    """It was taken for a table, and the model asked for."""
    monkeypatch.chdir(tmp_path)
    assert main([command, "no_such_run", "--output", "out"]) == 2
    assert "There is no no_such_run. Give a run folder, a table, or a name in" in \
        capsys.readouterr()[1]


@pytest.mark.slow
def test_joined_runs_have_each_point_once(tmp_path, old):
    """A run and itself: nothing is doubled. A folder that is none is refused in one line."""
    file = tmp_path / "scan_input.py"
    code, output = told(tmp_path, ["merge", old[0], old[0], "--input", file])
    assert code == 0, output
    assert len(rows(tmp_path / "new" / "RFR")) == len(rows(old[0]))
    assert f"Left out: {len(rows(old[0]))} points given twice" in output
    code, output = told(tmp_path, ["merge", old[0], tmp_path / "nothing", "--input", file], "log4")
    assert code == 2 and "There is no " in output and "Traceback" not in output


CALLS = """
from pathlib import Path
def f(p):
    with open({log!r}, 'a') as file:
        file.write('f')
    if p[0] > 0.9:
        raise ValueError('too far')
    return {{'s': p[0] + p[1], {more}}}
def g(slha, p):
    with open({log!r}, 'a') as file:
        file.write('g')
    return {{'omega': p['s'] * p['b'], 'other': 1.0}}
def h(slha, p):
    with open({log!r}, 'a') as file:
        file.write('h')
    return {{'far': p['omega'] + 1}}
"""
STEPS = """
Programs = [python_step('f.py:g', observables=['omega', 'other']),
            python_step('f.py:h', observables=['far'])]
N_iteration = 0
"""


def calls(folder, more=""):
    """Have f.py tell who is called, from now on."""
    log = folder / "calls"
    log.write_text("")
    (folder / "f.py").write_text(CALLS.format(log=str(log), more=more))
    return log


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run of the function alone."""
    folder = tmp_path_factory.mktemp("alone")
    calls(folder)
    return finished(folder, 0)


@pytest.fixture
def plain(tmp_path, alone):
    """A copy of it, and the file that tells who is called."""
    shutil.copytree(alone, tmp_path, dirs_exist_ok=True)
    return tmp_path / "old" / "RFR", calls(tmp_path)


@pytest.mark.slow
def test_only_the_programs_of_what_is_missing_are_run(tmp_path, plain):
    """A step that gives the missing number, on the stored numbers of points that did not fail:
    neither the function nor another step. Without the flag the name is told, and nothing is run."""
    old, log = plain
    before = {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}
    more = ONES.format(sigma=0.1).replace("sigma=0.1)]", "sigma=0.1), "
        "observable('omega', value=0.3, sigma=0.1)]")
    file = write_input(tmp_path, "f.py:f", name="new.py", more=more + STEPS)
    code, output = told(tmp_path, ["retarget", old, "--input", file])
    assert code == 2 and "the target needs omega" in output and "--run-missing" in output
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").iterdir())
    code, output = told(tmp_path, ["retarget", old, "--input", file, "--run-missing"], "log3")
    assert code == 0, output
    new, good = rows(tmp_path / "new" / "RFR"), [r for r in rows(old) if r["status"] == "ok"]
    assert log.read_text() == "g" * len(good) and len(new) == len(rows(old)) > len(good)
    assert f"{len(good)} points without omega: " in output
    for row in new:
        if row["status"] == "ok":
            a, b = float(row["a"]), float(row["b"])
            omega = (a + b) * b
            assert float(row["omega"]) == pytest.approx(omega, rel=1e-12)
            assert float(row["chi2"]) == pytest.approx(
                ((a + b - 1) / 0.1) ** 2 + ((omega - 0.3) / 0.1) ** 2, rel=1e-9)
    assert {p: p.read_bytes() for p in old.rglob("*") if p.is_file()} == before


@pytest.mark.slow
def test_the_function_is_called_again_where_it_gives_what_is_missing(tmp_path, plain):
    """And for no point that failed; a name that nobody gives fails each point with that reason."""
    old, _ = plain
    log = calls(tmp_path, "'t': p[0]")
    more = ONES.format(sigma=0.1).replace("sigma=0.1)]", "sigma=0.1), observable('t', upper=0.5)]")
    file = write_input(tmp_path, "f.py:f", name="new.py", more=more + "N_iteration = 0\n")
    code, output = told(tmp_path, ["retarget", old, "--input", file, "--run-missing"])
    assert code == 0, output
    good = [r for r in rows(old) if r["status"] == "ok"]
    assert log.read_text() == "f" * len(good)
    for row in rows(tmp_path / "new" / "RFR"):
        if row["status"] == "ok":
            assert float(row["t"]) == float(row["a"])
            assert ("outside: t" in row["reason"]) == (float(row["a"]) > 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["retarget", "{old}"], ["retarget", "{old}", "--run-missing"],
                                   ["merge", "{old}", "{old}"],
                                   ["retry", "{old}", "--status", "raised"],
                                   ["RFR", "--new", "--from", "{old}"]])
def test_a_kill_leaves_the_old_run_as_it_was(tmp_path, plain, words):
    """SIGKILL at several moments of each command: no byte of the old run changes, and the
    command works afterwards."""
    if "--run-missing" in words:
        more = ONES.format(sigma=0.1).replace("0.1)]", "0.1), observable('omega', upper=0.5)]")
        write_input(tmp_path, "f.py:f", more=more + STEPS)
    old, _ = plain
    before = {p: p.read_bytes() for p in old.rglob("*") if p.is_file()}
    words = [word.format(old=old) for word in words] + [
        "--input", tmp_path / "scan_input.py", "--output", tmp_path / "new"]
    for k, delay in enumerate((0.02, 0.1, 0.3, 0.6)):
        going = Run(words, tmp_path / f"kill{k}")
        going.process.join(delay)
        going.send(signal.SIGKILL)
        assert going.wait() in (0, -signal.SIGKILL), going.output
        assert {p: p.read_bytes() for p in old.rglob("*") if p.is_file()} == before
    code, output = run(words, tmp_path / "whole")
    assert code == 0, output
    newest = max((tmp_path / "new").glob("RFR*"), key=lambda p: p.stat().st_mtime)
    assert len(rows(newest)) >= len(rows(old))
    assert {p: p.read_bytes() for p in old.rglob("*") if p.is_file()} == before
