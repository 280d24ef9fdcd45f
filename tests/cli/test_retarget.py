"""retarget, merge, retry: points of old runs in a new one, by the command line."""

import pytest

from runner import rows, run, write_input

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


@pytest.fixture
def old(tmp_path):
    """A finished run of a function that fails in half of the box, and the flag that mends it."""
    flag = tmp_path / "mended"
    (tmp_path / "f.py").write_text(FLAKY.format(flag=str(flag)))
    file = write_input(tmp_path, "f.py:f", more=ONES.format(sigma=0.1) + "N_iteration = 1\n")
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "old"], tmp_path / "log")
    assert code == 0, output
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
    assert f"{count[0]} before, {count[1]} now; {count[1] - count[0]} entered" in output
    assert "sigma" in output
    for a, b in zip(before, after, strict=True):
        assert (a["a"], a["b"], a["status"]) == (b["a"], b["b"], b["status"])
        if a["status"] == "ok":
            assert float(b["chi2"]) == pytest.approx(float(a["chi2"]) / 9, abs=1e-9)
    code, output = told(tmp_path, ["RFR", "--input", file], "log3")
    assert code == 0 and "Going on with the run" in output
    assert len(rows(tmp_path / "new" / "RFR")) > len(before)


@pytest.mark.slow
def test_what_failed_for_outer_reasons_is_evaluated_again(tmp_path, old):
    """Only those points; the others keep what they have, and the old run stays."""
    folder, flag = old
    failed = [r["id"] for r in rows(folder) if r["status"] != "ok"]
    status = next(r["status"] for r in rows(folder) if r["status"] != "ok")
    assert failed
    flag.touch()
    words = ["retry", folder, "--status", status, "--input", tmp_path / "scan_input.py"]
    code, output = told(tmp_path, words)
    assert code == 0, output
    new = rows(tmp_path / "new" / "RFR")
    assert len(new) == len(rows(folder)) and {r["status"] for r in new} == {"ok"}
    assert f"{len(failed)} points with status {status} are evaluated again" in output
    assert {r["status"] for r in rows(folder)} == {"ok", status}


@pytest.mark.slow
def test_joined_runs_have_each_point_once(tmp_path, old):
    """A run and itself: nothing is doubled. A folder that is none is refused in one line."""
    file = tmp_path / "scan_input.py"
    code, output = told(tmp_path, ["merge", old[0], old[0], "--input", file])
    assert code == 0, output
    assert len(rows(tmp_path / "new" / "RFR")) == len(rows(old[0]))
    assert "stand there twice are left out" in output
    code, output = told(tmp_path, ["merge", old[0], tmp_path / "nothing", "--input", file], "log4")
    assert code == 2 and "no such file or folder" in output and "Traceback" not in output
