"""list and show: what runs there are, and what one has found so far; nothing is written."""

import pytest

from mlscanner.store.state_file import State
from runner import Run, run, write_input


@pytest.fixture
def finished(tmp_path):
    """A finished run of a function of which half the points fail."""
    (tmp_path / "f.py").write_text(
        "def f(p):\n    if p[0] > 0.5:\n        raise ValueError('too far')\n"
        "    return {'s': p[0] + p[1]}\n")
    file = write_input(tmp_path, "f.py:f", more="VarLabel = ['a', 'b']\nVarMin = [0, 0]\n"
                       "VarMax = [1, 1]\nChi_square_threshold = 4\nN_iteration = 1\n"
                       "Observables = [observable('s', value=0.5, sigma=0.1)]\n")
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "old"], tmp_path / "log")
    assert code == 0, output
    return tmp_path / "old" / "RFR", output


def told(words, folder, name="told"):
    """Exit code and output of a command."""
    code, output = run(words, folder / name)
    return code, output.partition("-- started\n")[2]


@pytest.mark.slow
def test_each_run_is_a_line_and_a_damaged_one_a_note(tmp_path, finished):
    """Model, calculator, counts and state stand there; one that cannot be read hides no other."""
    folder, _ = finished
    (tmp_path / "old" / "broken").mkdir()
    (tmp_path / "old" / "broken" / "points.csv").write_text("nonsense\n")
    code, output = told(["list", tmp_path / "old"], tmp_path)
    assert code == 0
    head, line, note = output.strip().split("\n")
    n = len((folder / "points.csv").read_text().splitlines()) - 1
    assert head.split() == ["run", "model", "calculator", "points", "good", "best", "state",
                            "last", "point"]
    assert line.split()[:4] == ["RFR", "RFR", "f.py:f", str(n)] and "finished" in line
    assert note.startswith("Note: ") and "broken" in note
    (tmp_path / "none").mkdir()
    code, output = told(["list", tmp_path / "none"], tmp_path, "told2")
    assert code == 0 and "No runs in" in output


@pytest.mark.slow
def test_the_summary_again_is_that_of_the_end(tmp_path, finished):
    """show repeats each line that the scan ended with, but for the citations; no file changes."""
    folder, said = finished
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    code, output = told(["show", folder], tmp_path)
    assert code == 0 and "finished: " in output
    end = said[said.index(" evaluated points are in the target"):said.index("Please cite")]
    lines = [line for line in end.splitlines() if " raised " in line or "(id " in line
             or line.startswith(("Points that", " evaluated", "  at ", "  with "))]
    assert len(lines) > 4 and not [line for line in lines if line not in output]
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    state = State.load(folder)
    state.meta["measurements"] = [7, True]      # as a chain tells that ends with HiggsSignals
    state.save(folder)
    assert "of 8 measurements" in told(["show", folder], tmp_path, "told2")[1]
    code, output = told(["show", tmp_path / "nothing"], tmp_path, "told2")
    assert code == 2 and "There is no run" in output and "Traceback" not in output


@pytest.mark.slow
def test_a_running_scan_can_be_looked_at(tmp_path):
    """While it evaluates, list says running and show the points so far; the scan goes on."""
    (tmp_path / "f.py").write_text(
        "import os, time\ndef f(p):\n    while p[0] > 0.8 and not os.path.exists("
        f"{str(tmp_path / 'go')!r}):\n        time.sleep(0.01)\n    return p[0] + p[1]\n")
    file = write_input(tmp_path, "f.py:f", more="VarLabel = ['a', 'b']\nVarMin = [0, 0]\n"
                       "VarMax = [1, 1]\nChi_square_threshold = 1\nN_iteration = 1\n")
    going = Run(["RFR", "--input", file, "--output", tmp_path / "old"], tmp_path / "log")
    points = tmp_path / "old" / "RFR" / "points.csv"
    try:
        while not points.exists() or points.read_text().count("\n") < 3:
            going.process.join(0.05)
            assert going.process.is_alive(), going.output
        assert "running" in told(["list", tmp_path / "old"], tmp_path)[1]
        code, output = told(["show", tmp_path / "old" / "RFR"], tmp_path, "told2")
        assert code == 0 and "running" in output and "evaluated points are in the target" in output
    finally:
        (tmp_path / "go").touch()
    assert going.wait() == 0, going.output
