"""What programs wrote is there for later steps, and in the archive of a point."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.config.scan_config import make_config
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box
from standins import GOOD, TACHYON, TEMPLATE, install, rows

PROGRAM = """#!/bin/sh
read first
[ -f slhaspectrum.in ] && [ -f WC.THDMII_1.json ] && [ ! -f spectrum.slha ] && echo "all = 1" > out
echo "first = ${#first}" >> out
"""
STEP = """
def wilson(spectrum, point):
    return float('SMEFT' in (point.folder / 'WC.THDMII_1.json').read_text())
"""


@pytest.fixture
def home(tmp_path):
    """Stand-ins that write Wilson coefficients, a program with fixed file names, and a step."""
    (tmp_path / "prog").write_text(PROGRAM)
    (tmp_path / "prog").chmod(0o755)
    (tmp_path / "step.py").write_text(STEP)
    return {**install(tmp_path, TEMPLATE.replace(" 76 2", " 79 1\n 76 2")), "Programs": [
        user_program("prog", [str(tmp_path / "prog")], output="out", files="WC.*.json",
                     spectrum_name="slhaspectrum.in", stdin="{spectrum}",
                     observables={"all": r"all = (.)", "first": r"first = (\d+)"}),
        python_step(f"{tmp_path / 'step.py'}:wilson", files=["WC.*"])]}


def evaluate(home, scratch, x, **settings):
    config = make_config(**home, **settings)
    return make_calculator(config, Box.from_config(config).names).evaluate(np.array(x), scratch)


def test_files_of_spheno_reach_later_steps(home, tmp_path):
    """Under its own fixed name, on standard input, and beside it what SPheno wrote."""
    (tmp_path / "s").mkdir()
    evaluation, = evaluate(home, tmp_path / "s", rows(0))
    assert evaluation.status == "ok", evaluation.reason
    assert evaluation.observables["all"] == evaluation.observables["wilson"] == 1
    assert evaluation.observables["first"] > 10     # the first line of the spectrum
    assert evaluation.files == b""


def test_the_archive_has_input_spectrum_and_outputs(home, tmp_path):
    """Named as they were; the same point gives the same bytes; a tachyon has none."""
    scratch = tmp_path / "s"
    scratch.mkdir()
    settings = {"Keep_files": "all", "Keep_outputs": ["*.json", "BR_t.dat"]}
    first, failed = evaluate(home, scratch, rows(0) + rows(0, point=TACHYON), **settings)
    assert failed.files == b""
    archive = zipfile.ZipFile(io.BytesIO(first.files))
    assert archive.namelist() == ["LesHouches.in", "SPheno.spc", "BR_t.dat", "WC.THDMII_1.json",
                                  "prog/out"]
    assert f"{GOOD[0]:.16E}".encode() in archive.read("LesHouches.in")
    assert b"Block MASS" in archive.read("SPheno.spc")
    assert evaluate(home, scratch, rows(0), **settings)[0].files == first.files


def test_what_is_no_file_is_told(home, tmp_path):
    """A standard input that is not there fails the point in words; a path is no name."""
    home["Programs"][0] = user_program("prog", ["/bin/cat"], stdin="no.in")
    (tmp_path / "s").mkdir()
    evaluation, = evaluate(home, tmp_path / "s", rows(0))
    assert (evaluation.status, "there is no no.in" in evaluation.reason) == ("not_started", True)
    assert "a file, without a folder" in user_program("p", ["x"], stdin="../a").problems[0]


@pytest.mark.slow
def test_a_scan_keeps_its_best(home, tmp_path):
    """The archives are those of the points with the smallest chi2, also through Observables."""
    low = [v - abs(v) * 0.02 for v in (*GOOD, 0.0)]
    high = [v + abs(v) * 0.02 for v in (*GOOD, 0.0)]
    high[-1] = 1e-9
    config = make_config(**{**home, "VarMin": low, "VarMax": high}, Keep_files=3,
                         Size_initial_batch=12, N_iteration=0, Chi_square_threshold=1e4)
    folder = tmp_path / "run"
    folder.mkdir()
    box = Box.from_config(config)
    with Pool(make_calculator(config, box.names), 2) as pool:
        task = scan(make_model("RFR", config, box.dim), config, folder, pool, show=False)
        for _ in task:
            pass
    best = task.points.id[np.argsort(task.points.value)[:3]]
    assert {int(path.stem) for path in Path(folder, "kept").iterdir()} == set(best.tolist())
