"""Every example of docs/examples is an input file that runs."""

import importlib.util
import os
import re
import runpy
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner import MLs_HEP
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.steps.constrained import killed_by
from mlscanner.config.scan_config import load_config
from mlscanner.evaluation import OK
from mlscanner.likelihood.observables import Target
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box
from mlscanner.store.points_table import read_table
from standins import install

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
REAL = {"SPHENO_HOME", "HIGGSBOUNDS_HOME", "HIGGSSIGNALS_HOME", "SPHENO_MODEL"}
INPUTS = sorted(p.name for p in EXAMPLES.glob("*.py") if "Calculator" in p.read_text())

MSSM = """#!/bin/sh
''':'
exec '{python}' "$0" "$@"  # a first line can name no program with a blank in its path
':'''
import math
values = {{}}
for line in open('LesHouches.in'):
    words = line.split('#')[0].split()
    if words[0].lower() == 'block':
        block = words[1]
    elif block == 'MINPAR':
        values[words[0]] = float(words[1])
m0, m12, tanb, sign, a0 = (values[k] for k in '12345')
assert sign in (-1, 1)
mh = 100 + 8 * math.log10(m0 * m12) / 2 + 3 * abs(a0) / (m0 + m12) - 20 / tanb
with open('SPheno.spc', 'w') as file:
    file.write('Block SPINFO\\n 1 SPheno\\n 2 v4.0.5\\nBlock MASS\\n')
    file.write(f' 25 {{mh!r}}\\n 1000021 {{2.2 * m12!r}}\\n')
    file.write('DECAY 25 4.0E-03\\n 6.0E-01 2 5 -5\\n')
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Stand-ins of all programs, where the examples look for them."""
    home = install(tmp_path / "programs")
    spheno = Path(home["pathS"])
    shutil.copy(spheno / "LesHouches.in", spheno / "LesHouches.in.THDMII_low")
    (spheno / "bin/SPheno").write_text(MSSM.format(python=sys.executable))
    (spheno / "bin/SPheno").chmod(0o755)
    for name, key in (("SPHENO", "pathS"), ("HIGGSBOUNDS", "HBPath"), ("HIGGSSIGNALS", "HSPath")):
        monkeypatch.setenv(f"{name}_HOME", home[key])


def scan(folder, name, model="RFR", **words):
    """A scan of an example with a few small settings; returns it when it has ended."""
    words = {"N_iteration": 1, "Size_initial_batch": 30, "Size_batch_K": 10, "Size_batch_L": 2000,
             "RF_trees": 20, **words}
    config = replace(load_config(EXAMPLES / name), **words)
    box = Box.from_config(config)
    with Pool(make_calculator(config, box.names), 0) as pool:
        task = MLs_HEP.scan(make_model(model, config, box.dim), config, folder, pool, show=False)
        for _ in task:
            pass
    return task


def test_there_is_an_example_of_each_kind():
    """The examples that the manual names are there."""
    assert set(INPUTS) >= {"F_2d.py", "F_3d.py", "user_function.py", "dark_matter_toy.py",
                           "thdm_higgs.py", "mssm_mh.py", "flavio_step.py"}


@pytest.mark.parametrize("name", INPUTS)
def test_each_example_is_a_complete_input(name):
    """It loads without a problem, and says how it is run."""
    config = load_config(EXAMPLES / name)
    assert Box.from_config(config).dim >= 2
    assert f"--input docs/examples/{name}" in (EXAMPLES / name).read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["F_2d.py", "F_3d.py", "user_function.py"])
def test_functions(tmp_path, name):
    """The test functions and the user's function give good points."""
    task = scan(tmp_path, name, Size_initial_batch=120)
    assert task.points.inside.any()


def test_the_functions_have_the_boxes_of_the_paper():
    """-10 pi to 10 pi in each direction, target 100 +- 20."""
    for name in ("F_2d.py", "F_3d.py"):
        config = load_config(EXAMPLES / name)
        assert set(config.VarMin) == {-10 * np.pi} and set(config.VarMax) == {10 * np.pi}
        assert (config.Target_value, config.Target_width) == (100, 20)


@pytest.mark.slow
def test_the_chain_of_higgs_programs(tmp_path, programs):
    """SPheno, HiggsBounds and HiggsSignals (stand-ins): formula, pre-cut and constraints work."""
    task = scan(tmp_path, "thdm_higgs.py")
    table = read_table(tmp_path / "points.csv")
    ok = table["status"] == OK
    assert ok.any()
    assert table["Lambda2Input"] == pytest.approx((table["Lambda1Input"] + 0.16) / 2)
    assert (table["Lambda3Input"] > -2 * np.sqrt(table["Lambda1Input"] * table["Lambda2Input"])
            ).all()
    split = (table["mHp"] - table["mH"])[ok]
    assert table["chi2_split"][ok] == pytest.approx((split / 100) ** 2)
    soft = (table["chi2_rates"] + table["chi2_masses"] + table["chi2_split"])[ok]
    light = np.array([reason.startswith("outside: mHp") for reason in table["reason"][ok]])
    assert np.array_equal(light, table["mHp"][ok] <= 580)
    assert table["chi2"][ok][~light] == pytest.approx(soft[~light], rel=1e-4)
    assert not task.points.inside[ok][light].any()


@pytest.mark.slow
def test_the_mssm(tmp_path, programs):
    """The MSSM with SPheno (a stand-in): masses and branching ratios are read from its spectrum."""
    scan(tmp_path, "mssm_mh.py")
    table = read_table(tmp_path / "points.csv")
    assert (table["status"] == OK).all()
    assert set(table["sign(mu)"]) == {-1.0, 1.0}
    assert table["heavy"] == pytest.approx(2.2 * table["m12"])
    assert (table["BR_h_bb"] == 0.6).all()
    assert killed_by(table, 4.0)["heavy"] == (table["heavy"] < 2300).sum()


@pytest.mark.skipif("SPHENO_HOME" not in os.environ, reason="SPHENO_HOME names no real SPheno")
def test_the_mssm_with_the_real_spheno(tmp_path):
    """The example as a user runs it; SPheno finds Higgs masses and refuses some points."""
    scan(tmp_path, "mssm_mh.py", Timeout_SPheno=5.0)
    table = read_table(tmp_path / "points.csv")
    ok = table["status"] == OK
    assert ok.sum() > 10
    assert ((table["mh"][ok] > 70) & (table["mh"][ok] < 140)).all()
    assert ((table["BR_h_bb"][ok] > 0) & (table["BR_h_bb"][ok] < 1)).all()


@pytest.mark.slow
@pytest.mark.skipif(not set(os.environ) >= REAL, reason=f"not all are named: {sorted(REAL)}")
def test_the_chain_of_real_higgs_programs(tmp_path):
    """The example with the real SPheno, HiggsBounds and HiggsSignals, for the model that is there:
    same parameters, formula, pre-cut and constraints; around the point of its template."""
    model = os.environ["SPHENO_MODEL"]
    lesh = Path(os.environ["SPHENO_HOME"], f"LesHouches.in.{model}")
    there = {name: float(value) for value, name in
             re.findall(r"(?m)^\s*\d+\s+(\S+)\s+# (\w+Input|M12input|TanBeta)", lesh.read_text())}
    config = load_config(EXAMPLES / "thdm_higgs.py")
    names = [label.lstrip("# ") for label in config.VarLabel]
    low, high = (tuple(None if name == "Lambda2Input" else there[name] + part * abs(there[name])
                       for name in names) for part in (-0.01, 0.01))
    shift = there["Lambda2Input"] - 0.1 * there["Lambda1Input"]
    task = scan(tmp_path, "thdm_higgs.py", SPHENOMODEL=model, Lesh=lesh.name, VarMin=low,
                VarMax=high, NH=int(os.environ.get("SPHENO_NH", 3)), Size_initial_batch=12,
                Size_batch_K=4, ExcludeHB=0, Chi_square_threshold=1e4, VarPrior=(
                    "M12input = log", "TanBeta = log",
                    f"Lambda2Input = 0.1*Lambda1Input + {shift!r}"))
    table = read_table(tmp_path / "points.csv")
    ok = table["status"] == OK
    assert ok.sum() > 8
    split = (table["mHp"] - table["mH"])[ok]
    assert table["chi2_split"][ok] == pytest.approx((split / 100) ** 2)
    assert (table["n_observables"][ok] > 60).all()
    light = np.maximum(np.log(580 / table["mHp"]), 0)[ok]
    parts = sum(table[f"chi2_{name}"] for name in ("rates", "masses", "split"))[ok]
    assert table["chi2"][ok] == pytest.approx(parts + (light > 0) * 1e4 * (1 + light), rel=1e-4)
    assert np.array_equal(task.points.inside[ok], table["mHp"][ok] > 580)


class FakeFlavio:
    """Stand-in for flavio and wilson: the formula a + b C7 of its numbers."""

    class Wilson(dict):
        def __init__(self, coefficients, **scale):
            assert scale == {"scale": 160.0, "eft": "WET", "basis": "flavio"}
            super().__init__(coefficients)

    @staticmethod
    def np_prediction(name, wilson):
        assert name == "BR(B->Xsgamma)"
        return 3.31e-4 - 1.1e-3 * wilson["C7_bs"]


@pytest.mark.slow
def test_flavio_with_a_stand_in(tmp_path, monkeypatch):
    """The step runs after the built-in model, and its number is a constraint."""
    monkeypatch.setitem(sys.modules, "flavio", FakeFlavio)
    monkeypatch.setitem(sys.modules, "wilson", FakeFlavio)
    task = scan(tmp_path, "flavio_step.py")
    table = read_table(tmp_path / "points.csv")
    ok = table["status"] == OK
    assert ok.any()
    assert (table["BR_bsgamma"][ok] > 3.31e-4).all()    # a charged boson of type II adds to it
    assert table["mA"] == pytest.approx(table["mHp"])
    assert any("flavio" in text for text in task.pool.calculator.citations)


@pytest.mark.skipif(not importlib.util.find_spec("flavio"), reason="flavio is not installed")
@pytest.mark.filterwarnings("ignore")
def test_flavio_itself(tmp_path):
    """The real flavio gives its SM value for a heavy charged boson, more for a light one."""
    bsgamma = runpy.run_path(str(EXAMPLES / "flavio_model.py"))["bsgamma"]
    heavy, light = (bsgamma(None, {"mHp": m, "TanBeta": 5.0})["BR_bsgamma"] for m in (1e5, 400.0))
    assert heavy == pytest.approx(3.31e-4, rel=0.02)
    assert light > 1.3 * heavy


@pytest.mark.slow
def test_the_toy_beats_random_tenfold(tmp_path):
    """Six decades, a formula, a pre-cut and three constraints: ten times random sampling."""
    config = load_config(EXAMPLES / "dark_matter_toy.py")
    box, target = Box.from_config(config), Target.from_config(config)
    for name in ("m_dm", "g"):
        p = box.parameters[box.names.index(name)]
        assert np.log10(p.high / p.low) == pytest.approx(6)
    u = np.random.default_rng(4).random((6000, box.dim))
    u = u[box.allowed(u)]
    evaluated = make_calculator(config, box.names).evaluate(box.to_physical(u), tmp_path)
    random = np.mean([j.status == OK and target.inside(j.value) for j in evaluated])
    assert 0 < random < 0.01
    task = scan(tmp_path, "dark_matter_toy.py", N_iteration=12, Size_initial_batch=200,
                Size_batch_K=100, Max_evaluations=500)
    assert task.points.inside.mean() > 10 * random
    assert (task.points.x[:, 3] > 0.1).all()    # the pre-cut: m_med


@pytest.mark.slow
def test_all_kinds_of_priors_resume_exactly(tmp_path):
    """A scan with cells, formulas and a pre-cut, gone on with, equals one without a pause."""
    (tmp_path / "f.py").write_text(
        "def f(p):\n    return {'r': abs(p['a'] * p['n'] - 3) + abs(p['b'] - p['c'])}\n")
    (tmp_path / "in.py").write_text(
        "Calculator = 'f.py:f'\nVarLabel = ['a', 'n', 'b', 'c', 'd', 's']\n"
        "VarMin = [1e-3, 1, 0, None, None, -1]\nVarMax = [1e3, 9, 10, None, None, 1]\n"
        "VarPrior = ['log', 'integer', 'normal(5, 3)', 'choice [1, 4, 9]', 'a*n', 'symlog']\n"
        "Precut = 'd < 100'\nObservables = [observable('r', upper=1.0)]\n")
    tables = []
    for parts in ([3], [1, 2, 3]):
        folder = tmp_path / str(len(parts))
        folder.mkdir()
        for n in parts:
            task = scan(folder, tmp_path / "in.py", N_iteration=n)
        tables.append((folder / "points.csv").read_text())
        x = task.points.x
        assert (x[:, 4] < 100).all() and x[:, 4] == pytest.approx(x[:, 0] * x[:, 1])
        assert set(x[:, 1]) <= set(range(1, 10)) and set(x[:, 3]) <= {1, 4, 9}
        assert len(task.points) == 60
    assert tables[0] == tables[1]
