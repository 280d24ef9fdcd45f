"""The chain with the real programs, where environment variables name them (see docs/chain.md).

SPHENO_HOME, HIGGSBOUNDS_HOME, HIGGSSIGNALS_HOME: their folders. SPHENO_MODEL: a model made by
SARAH, with its input file LesHouches.in.<model> in SPHENO_HOME; without it, or beside it, the
MSSM of the base build is tested.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain import higgs_files
from mlscanner.calculators.chain.chain import Chain
from mlscanner.config.scan_config import make_config

VARIABLES = ("SPHENO_HOME", "HIGGSBOUNDS_HOME", "HIGGSSIGNALS_HOME")
MISSING = [name for name in VARIABLES if not os.environ.get(name)]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    bool(MISSING), reason=f"real programs are not named: {', '.join(MISSING)}")]

MSSM = """Block MODSEL
 1    1                      # mSugra
Block MINPAR
 1   1.500000E+03       # m0
 2   1.200000E+03       # m12
 3   2.000000E+01       # tanb
 4   1                  # sign(mu)
 5  -4.000000E+03       # A0
Block SPhenoInput
 1  -1                  # error level
11   1                  # calculate branching ratios
"""


def settings(**more):
    """Settings that name the real programs."""
    return {"Calculator": "SPheno", "pathS": os.environ["SPHENO_HOME"], "HiggsBounds": 1,
            "HBPath": os.environ["HIGGSBOUNDS_HOME"], "HSPath": os.environ["HIGGSSIGNALS_HOME"],
            "MH_uncertainty": 3.0, **more}


def program(variable, name):
    """Path of a real program."""
    folder = Path(os.environ[variable])
    return next(p for p in (folder / name, folder / "build" / name) if p.is_file())


@pytest.fixture
def mssm(tmp_path):
    """Chain of the base build in SLHA mode, and two points of it."""
    if not (Path(os.environ["SPHENO_HOME"]) / "bin" / "SPheno").is_file():
        pytest.skip("SPHENO_HOME has no base build (bin/SPheno)")
    (tmp_path / "LesHouches.in").write_text(MSSM)
    chain = Chain.from_config(make_config(**settings(
        Lesh=str(tmp_path / "LesHouches.in"), HiggsSignal=1, ExcludeHB=0,
        VarLabel=["# m0", "# m12", "# A0"], VarNum=[1, 2, 5], VarMin=[100, 100, -5000],
        VarMax=[3000, 2500, 5000])))
    return chain, np.array([[1500.0, 1200.0, -4000.0], [1 / 3 * 4000, 1000.0, -2222.2222222]])


def test_mssm_by_hand(mssm, tmp_path):
    """Base SPheno, then both programs by SLHA: the numbers of calling them by hand, but for the
    last digits, in which two runs of base SPheno 4.0.5 on one input may differ."""
    chain, x = mssm
    (tmp_path / "s").mkdir()
    for row, evaluated in zip(x, chain.evaluate(x, tmp_path / "s"), strict=True):
        folder = tmp_path / f"hand{row[0]}"
        folder.mkdir()
        (folder / "LesHouches.in").write_text(chain.input_text(row))
        subprocess.run([program("SPHENO_HOME", "bin/SPheno")], cwd=folder, check=True)
        with (folder / "SPheno.spc").open("a") as file:
            file.write("Block DMASS\n 25 3.0\n 35 3.0\n 36 3.0\n 37 0.0\n")
        for variable, name, words in (
                ("HIGGSBOUNDS_HOME", "HiggsBounds", ["LandH"]),
                ("HIGGSSIGNALS_HOME", "HiggsSignals", ["latestresults", "2"])):
            shutil.copy(folder / "SPheno.spc", folder / name)
            subprocess.run([program(variable, name), *words, "SLHA", "3", "1", name], cwd=folder,
                           check=True, capture_output=True)
        bounds = (folder / "HiggsBounds").read_text().split("HiggsBoundsResults")[1]
        signals = (folder / "HiggsSignals").read_text().split("HiggsSignalsResults")[1]
        assert evaluated.observables["HBresult"] == float(re.search(r"\n +0 +2 +(\S+)", bounds)[1])
        ratio = re.search(r"\n +0 +3 +(\S+)", bounds)[1]
        chi2 = re.search(r"\n +17 +(\S+)", signals)[1]
        assert evaluated.observables["HBratio"] == pytest.approx(float(ratio), rel=1e-5)
        assert evaluated.value == pytest.approx(float(chi2), rel=1e-5)
        assert evaluated.observables["n_observables"] > 100


def test_mssm_failures(mssm, tmp_path):
    """Points that the base build can not calculate have a status and its reason."""
    chain, _ = mssm
    (tmp_path / "s").mkdir()
    evaluated = chain.evaluate(np.array([[100.0, 100.0, -5000.0], [3000.0, 100.0, 0.0]]),
                               tmp_path / "s")
    assert {j.status for j in evaluated} <= {"spheno_error", "no_ewsb", "no_spectrum", "bad_output"}
    assert all(j.reason for j in evaluated)


@pytest.fixture
def sarah():
    """Chain of a model made by SARAH through tables, with its first scanned parameter, and its
    template's own point."""
    model = os.environ.get("SPHENO_MODEL")
    if not model:
        pytest.skip("SPHENO_MODEL does not name a model made by SARAH")
    lesh = Path(os.environ["SPHENO_HOME"]) / f"LesHouches.in.{model}"
    block = re.search(r"(?is)block minpar.*?\n\s*(\d+)\s+(\S+)\s+# (\w+)", lesh.read_text())
    value = float(block[2])
    config = {"SPHENOMODEL": model, "Lesh": lesh.name, "HiggsSignal": 2, "ExcludeHB": 0,
              "VarLabel": ["# " + block[3]], "VarNum": [block[1]], "VarBlock": ["MINPAR"],
              "VarMin": [value - 1], "VarMax": [value + 1],
              "NH": os.environ.get("SPHENO_NH", 3), "NCH": os.environ.get("SPHENO_NCH", 1)}
    return (Chain.from_config(make_config(**settings(**config))),
            value * (1 + np.array([[0.0], [1e-3], [-1e-3], [2e-3]])))


def test_sarah_model_by_hand_and_in_batches(sarah, tmp_path):
    """A batch on two workers gives exactly the numbers of one call a point by hand."""
    chain, x = sarah
    with Pool(chain, 2) as pool:
        evaluated = dict(pool.map(x))
    assert {j.status for j in evaluated.values()} == {"ok"}
    nh, nch = str(chain.higgs.n), str(chain.higgs.p)
    for k, row in enumerate(x):
        folder = tmp_path / str(k)
        folder.mkdir()
        (folder / "in").write_text(chain.input_text(row))
        subprocess.run([chain.spheno.program, "in", "out"], cwd=folder, check=True,
                       capture_output=True)
        (folder / "MHall_uncertainties.dat").write_text(
            "1" + " 3.0" * int(nh) + " 0.0" * int(nch) + "\n")
        subprocess.run([chain.higgs.bounds.program, "LandH", "effC", nh, nch, "./"], cwd=folder,
                       check=True, capture_output=True)
        subprocess.run([chain.higgs.signals.program, "latestresults", "2", "effC", nh, nch, "./"],
                       cwd=folder, check=True, capture_output=True)
        bounds, signals = ((folder / f"{name}_results.dat").read_text().splitlines()[-1].split()
                           for name in ("HiggsBounds", "HiggsSignals"))
        at = 1 + int(nh) + int(nch)
        assert evaluated[k].observables["HBresult"] == float(bounds[at])
        assert evaluated[k].observables["HBratio"] == float(bounds[at + 2])
        assert evaluated[k].value == float(signals[at + 2])
        assert evaluated[k].observables["p_value"] == float(signals[at + 6])


def test_a_bad_row_does_not_spoil_the_batch(sarah, tmp_path):
    """A row on which the real HiggsBounds dies is isolated; the others keep their numbers."""
    chain, x = sarah
    points = [chain._spectrum(row, tmp_path) for row in x]
    rows = [higgs_files.check_point(p.spectrum.tables, 5, chain.higgs.n, chain.higgs.p)
            for p in points]
    good = chain.higgs.bounds.evaluate_tables(rows, tmp_path)
    words = rows[2]["BR_H_NP"].split()
    rows[2] = {**rows[2], "BR_H_NP": " ".join(["*****", *words[1:]])}
    again = chain.higgs.bounds.evaluate_tables(rows, tmp_path)
    assert again[2].status == "hb_failed"
    assert "Fortran runtime error" in again[2].reason
    assert [again[k] for k in (0, 1, 3)] == [good[k] for k in (0, 1, 3)]
