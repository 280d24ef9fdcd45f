"""The command line as a user meets it: real processes, real files, exit codes, no tracebacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlscanner.cli.main import main

PROJECT = Path(__file__).resolve().parents[1]
QUICK = """
Calculator = 'F_2d'
Size_initial_batch = 60
Size_batch_K = 40
Size_batch_L = 2000
N_iteration = 2
RF_trees = 20
Live_plots = -1
"""


def command(*words, cwd=PROJECT):
    """Run `.package/mlscanner_start.py WORDS`, as run.sh does; returns the finished process."""
    return subprocess.run([sys.executable, PROJECT / ".package/mlscanner_start.py",
                           *map(str, words)], cwd=cwd, capture_output=True, text=True,
                          timeout=120, check=False)


def code_of(words):
    """The exit code of a command line, in this process."""
    try:
        return main([str(word) for word in words])
    except SystemExit as leave:
        return leave.code


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished quick scan: (finished process, run folder, input file)."""
    place = tmp_path_factory.mktemp("a scan")
    file = place / "my input.py"
    file.write_text(QUICK)
    done = command("RFR", "--input", file, "--output", place / "out put", cwd=place)
    return done, place / "out put" / "RFR", file


@pytest.mark.slow
def test_a_scan_ends_well_and_leaves_its_files(finished):
    """Exit code 0; points, in-target points, settings, history, log and model are there."""
    done, folder, _ = finished
    assert done.returncode == 0, done.stderr
    for name in ("points.csv", "Accumulated_points.txt", "chi2.txt", "scan_input_used.json",
                 "iterations.csv", "log.txt", "model/model.json"):
        assert (folder / name).is_file(), name
    assert len(np.loadtxt(folder / "Accumulated_points.txt")) == \
        len(np.loadtxt(folder / "chi2.txt")) > 0
    used = json.loads((folder / "scan_input_used.json").read_text())
    assert used["settings"]["RF_trees"] == 20
    assert used["settings"]["Seed"] == 1
    assert used["versions"]["numpy"] == np.__version__


@pytest.mark.slow
def test_the_end_of_a_run_tells_what_came_of_it(finished):
    """What was found, why it stopped, where it is and what to cite are printed."""
    done, folder, _ = finished
    for words in ("N_iteration: 2 iterations are done", "of 140 evaluated points are in the target",
                  "Best point", "\n  at x1 = ", str(folder), "arXiv:2207.09959"):
        assert words in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("at_once", ["", "1"])
def test_a_reader_that_has_seen_enough_gets_no_traceback(finished, at_once):
    """`... | head`: what is left is not printed, and that is no error of the program."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [sys.executable, PROJECT / ".package/mlscanner_start.py", "list", finished[1].parent],
            stdout=closed, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
            env=os.environ | {"PYTHONUNBUFFERED": at_once})
    assert (done.stderr, done.returncode) == ("", 141)


@pytest.mark.slow
def test_a_second_run_has_its_own_folder(finished):
    """A finished run is never touched again by a new one, asked for with --new."""
    _, folder, file = finished
    before = (folder / "points.csv").read_bytes()
    assert code_of(["RFR", "--input", file, "--output", folder.parent, "--new"]) == 0
    assert (folder.parent / "RFR_2" / "points.csv").read_bytes() == before  # same seed
    assert (folder / "points.csv").read_bytes() == before


@pytest.mark.slow
def test_check_starts_nothing(finished, tmp_path):
    """check evaluates points, tells the size of the scan, and leaves no file."""
    _, _, file = finished
    done = command("check", "--input", file, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Test point 2" in done.stdout
    assert "at most 140 points" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("words", "told"), [
    (["RFR", "--input", "nowhere.py"], "nowhere.py"),
    (["RFR", "--more", "3", "--input", "QUICK", "--output", "empty"], "no run of RFR"),
    (["check", "--input", "BROKEN"], "Did you mean N_Cores"),
    (["RFR", "--input", "BROKEN"], "Did you mean N_Cores"),
    (["RFR", "--more", "many"], "'many' is not a whole number, 0 or more"),
    (["XGB"], "XGB"),
])
def test_wrong_words_end_with_code_2(tmp_path, monkeypatch, capsys, words, told):
    """Bad input gets a clear message on standard error and exit code 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "QUICK").write_text(QUICK)
    (tmp_path / "BROKEN").write_text(QUICK + "N_Core = 3\n")
    assert code_of(words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.slow
def test_check_does_not_praise_a_scan_without_its_programs(tmp_path):
    """That the settings make sense is not that nothing is missing."""
    file = tmp_path / "in.py"
    file.write_text(f"Calculator, pathS, Lesh = 'SPheno', {str(tmp_path / 'no')!r}, 'L.in'\n"
                    "VarLabel, VarNum, VarMin, VarMax = ['a'], ['1'], [0], [1]\n")
    done = command("check", "--input", file)
    assert done.returncode == 2
    assert "no problem" not in done.stdout
    assert "1 scanned parameter:" in done.stdout
    assert "no program at" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_pictures_come_at_the_end(finished, tmp_path):
    """A run draws its pictures and report at the end, unless told not to."""
    _, folder, _ = finished
    assert not (folder / "pictures").exists()
    file = tmp_path / "input.py"
    file.write_text(QUICK.replace("Live_plots = -1", "Live_plots = 0"))
    assert code_of(["RFR", "--input", file, "--output", tmp_path]) == 0
    assert (tmp_path / "RFR" / "pictures" / "corner.png").is_file()
    assert (tmp_path / "RFR" / "report.html").is_file()
