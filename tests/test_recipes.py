"""The programs that are chained most: each example runs with a stand-in of documented output."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import load_config
from mlscanner.evaluation import OK
from mlscanner.space.parameters import Box
from test_examples import EXAMPLES, MSSM

STANDIN = Path(__file__).parent / "programs" / "recipes.py"
# example -> (variable of its home, programs below it, other files)
HOMES = {
    "micromegas.py": ("MICROMEGAS_HOME", ["main"], {}),
    "susyhit.py": ("SUSYHIT_HOME", ["run"], {"susyhit.in": "* SUSYHIT OPTIONS\n"}),
    "softsusy.py": ("SOFTSUSY_HOME", ["softpoint.x"], {}),
    "flexiblesusy.py": ("FLEXIBLESUSY_HOME", ["models/CMSSM/run_CMSSM.x"], {}),
    "nmssmtools.py": ("NMSSMTOOLS_HOME", ["main/nmhdecay"], {"EXPCON/lep.dat": "1\n"}),
    "vevacious.py": ("VEVACIOUS_HOME", ["bin/VevaciousPlusPlus_main.exe"], {
        "InitializationFiles/VevaciousPlusPlusObjectInitialization.xml": "<x> </x>\n"}),
    "smodels_mssm.py": ("SMODELS_HOME", ["runSModelS.py", "smodelsTools.py"], {
        "parameters.ini": "[printer]\noutputType = slha\n"}),
}
POINTS = {"nmssmtools.py": [[2, 0.65, 0.3, 300, -100, 200], [2, 0.65, 0.3, 300, -100, 450]]}
MSSM_POINTS = [[1500, 1200, 20, -4000], [3500, 1200, 20, 0], [500, 400, 5, 0]]


def installed(path, text):
    """A Python program that starts wherever it lies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n''':'\nexec '{sys.executable}' \"$0\" \"$@\"\n':'''\n{text}")
    path.chmod(0o755)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Installs the stand-ins of an example in a folder with a blank in its name."""
    def install(name):
        variable, programs, files = HOMES[name]
        folder = tmp_path / "my programs"
        for program in programs:
            installed(folder / program, STANDIN.read_text())
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        installed(tmp_path / "spheno/bin/SPheno", MSSM.partition(":'''\n")[2]
                  .replace("{{", "{").replace("}}", "}").replace("\\\\n", "\\n"))
        monkeypatch.setenv(variable, str(folder))
        monkeypatch.setenv("SMODELS_INI", str(folder / "parameters.ini"))
        monkeypatch.setenv("SPHENO_HOME", str(tmp_path / "spheno"))
    return install


def evaluated(name):
    """Evaluations of some points of an example, good and invalid ones."""
    config = load_config(EXAMPLES / name)
    if name != "nmssmtools.py" and config.Calculator == "SPheno":
        config = replace(config, VarPrior=())
    box = Box.from_config(config)
    points = np.array(POINTS.get(name, MSSM_POINTS), float)
    with Pool(make_calculator(config, box.names), 0) as pool:
        found = dict(pool.map(points))
        assert pool.calculator.citations
    return [found[i] for i in range(len(points))]


def test_micromegas(home):
    """Relic density and cross section are read; Omega = -1 is no density."""
    home("micromegas.py")
    *good, bad = evaluated("micromegas.py")
    assert [e.status for e in good] == [OK, OK]
    for e in good:
        assert e.observables["omega"] == pytest.approx(0.001 * e.observables["mh"], rel=0.01)
        assert e.observables["SI_proton"] == 5.23e-11
    assert (bad.status, bad.reason) == ("unphysical", "omega = -1")


def test_susyhit(home):
    """Its decays are those of the point, its masses those of SPheno."""
    home("susyhit.py")
    for e in evaluated("susyhit.py"):
        assert e.status == OK
        assert (e.observables["BR_h_WW"], e.observables["BR_h_gaga"]) == (0.22, 0.0023)


def test_softsusy(home):
    """Input from the standard input; an invalid point fails with the words of SPINFO 4."""
    home("softsusy.py")
    good, bad, low = evaluated("softsusy.py")
    assert good.status == low.status == OK
    assert good.observables["mh"] == 122.5
    assert good.observables["mgluino"] == pytest.approx(2640)
    assert (bad.status, bad.reason) == (
        "no_ewsb", "SOFTSUSY: SPINFO 4: Point invalid: [ MuSqWrongsign ]")


def test_flexiblesusy(home):
    """Exit code 1 with a spectrum: SPINFO 4 is the reason; a block at two scales is read."""
    home("flexiblesusy.py")
    good, bad, low = evaluated("flexiblesusy.py")
    assert good.status == low.status == OK
    assert (good.observables["mh"], good.observables["g3"]) == (122.5, 1.06)
    assert (bad.status, bad.reason) == ("tachyon", "FlexibleSUSY: SPINFO 4: tachyon Su,")


def test_nmssmtools(home):
    """Fixed names of input and output, data by an environment variable; warnings are none."""
    home("nmssmtools.py")
    good, bad = evaluated("nmssmtools.py")
    assert (good.status, good.observables["mh1"], good.observables["mh2"]) == (OK, 126.0, 200.0)
    assert (bad.status, bad.reason) == ("failed", "NMSSMTools: SPINFO 4: M_H1^2<1")


def test_vevacious(home):
    """Its blocks behind the spectrum: stable, or the probability to survive."""
    home("vevacious.py")
    for e in evaluated("vevacious.py"):
        assert e.status == OK, e
        stable = e.observables["mh"] < 120
        assert e.observables["stable"] == stable
        assert e.observables["lives"] == (1 if stable else 0.95)


def test_smodels(home):
    """Cross sections, then the largest r value; 0 where no result is about the point."""
    home("smodels_mssm.py")
    seen = set()
    for e in evaluated("smodels_mssm.py"):
        assert e.status == OK, e
        mh, verdict, r = (e.observables[k] for k in ("mh", "verdict", "r_max"))
        seen.add(verdict)
        assert r == (pytest.approx(mh / 120, rel=1e-3) if mh > 120 else 0.0)
        assert e.reason.startswith("outside: r (") == (r > 1)
    assert seen == {1, -1}


@pytest.mark.parametrize("name", sorted(HOMES))
def test_each_recipe_is_found_where_the_manual_says(name):
    """The manual names the example, and the example the variable of its home."""
    manual = (EXAMPLES.parent / "parameters_and_observables.md").read_text(encoding="utf-8")
    assert f"examples/{name}" in manual
    assert HOMES[name][0] in (EXAMPLES / name).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("SMODELS_SLHA"), reason="SMODELS_SLHA names no spectrum with"
                    " cross sections for a real SModelS (SMODELS_HOME, SMODELS_INI)")
def test_smodels_itself(tmp_path):
    """The real SModelS on a spectrum that has its cross sections: the same steps as the example,
    without those of Pythia; r and verdict are read from its own file."""
    from mlscanner.calculators.steps.runners import ProgramRunner
    from mlscanner.calculators.steps.work import Point
    config = load_config(EXAMPLES / "smodels_mssm.py")
    program, = config.Programs
    steps = "\n".join(line for line in program.command[2].splitlines() if "xsec" not in line)
    program = replace(program, command=(*program.command[:2], steps, *program.command[3:]))
    point = Point()
    point.set_spectrum(Path(os.environ["SMODELS_SLHA"]).read_text(), None)
    ProgramRunner(program, tmp_path).run(point, {}, tmp_path)
    assert point.numbers["verdict"] in (0, 1)
    assert point.numbers["r_max"] > 0
