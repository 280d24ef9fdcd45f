"""The chain with the real programs, where environment variables name them (see docs/chain.md).

REAL_SCAN: an input file of a scan with Calculator = 'SPheno'; its programs, parameters and ranges
are taken. Without it SPHENO_HOME, HIGGSBOUNDS_HOME, HIGGSSIGNALS_HOME (their folders) and
SPHENO_MODEL, a model made by SARAH with its input file LesHouches.in.<model> in SPHENO_HOME, or
nothing for the MSSM of the base build. What is done by hand here shares no code with the scanner
but for the input file of a point.
"""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain import higgs_files
from mlscanner.calculators.chain.chain import Chain
from mlscanner.calculators.chain.higgs_steps import BySlha
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.space.parameters import Box

SCAN = os.environ.get("REAL_SCAN")
VARIABLES = ("SPHENO_HOME", "HIGGSBOUNDS_HOME", "HIGGSSIGNALS_HOME")
MISSING = [] if SCAN else [name for name in VARIABLES if not os.environ.get(name)]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.skipif(
    bool(MISSING), reason=f"real programs are not named: REAL_SCAN, or {', '.join(MISSING)}")]
COMPARED = ("HBresult", "HBratio", "HBchannel", "chi2", "p_value")
FAILED = {"tachyon", "no_ewsb", "no_convergence", "no_spectrum", "spheno_error", "bad_output",
          "timeout"}

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
            "MH_uncertainty": 3.0, "ExcludeHB": 0, **more}


def mssm(folder):
    """Base build in SLHA mode: m0, m12 and A0 about a point with a Higgs boson near 124 GeV."""
    (folder / "LesHouches.in").write_text(MSSM)
    return make_config(**settings(
        Lesh=str(folder / "LesHouches.in"), HiggsSignal=1, VarLabel=["# m0", "# m12", "# A0"],
        VarNum=[1, 2, 5], VarMin=[1000, 1000, -5000], VarMax=[3000, 2500, -2000]))


def sarah(model):
    """A model made by SARAH, by tables: the first entry of MINPAR changed by up to 1 %."""
    lesh = Path(os.environ["SPHENO_HOME"]) / f"LesHouches.in.{model}"
    block = re.search(r"(?is)block minpar.*?\n\s*(\d+)\s+(\S+)\s+# (\w+)", lesh.read_text())
    low, high = sorted((0.99 * float(block[2]), 1.01 * float(block[2])))
    return make_config(**settings(
        SPHENOMODEL=model, Lesh=lesh.name, HiggsSignal=2, VarLabel=["# " + block[3]],
        VarNum=[block[1]], VarBlock=["MINPAR"], VarMin=[low], VarMax=[high],
        NH=os.environ.get("SPHENO_NH", 3), NCH=os.environ.get("SPHENO_NCH", 1)))


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """Settings, chain and 40 random points of its box."""
    model = os.environ.get("SPHENO_MODEL")
    if SCAN:
        config = load_config(SCAN)
    else:
        config = sarah(model) if model else mssm(tmp_path_factory.mktemp("mssm"))
    box = Box.from_config(config)
    x = box.to_physical(np.random.default_rng(7).random((40, box.dim)))
    return config, Chain.from_config(config), x


def in_order(name, words, n, p):
    """Columns of SARAH in the order that HiggsBounds reads: pairs of BR_H_NP by i >= j, not i <= j,
    and BR_Hplus channel by channel, not boson by boson."""
    if name == "BR_Hplus":
        return [words[5 * b + c] for c in range(5) for b in range(p)] + words[5 * p:]
    if name != "BR_H_NP":
        return words
    out, at = words[:n], n
    for k in range(1, n + 1):
        others = [i for i in range(1, n + 1) if i != k]
        pairs = {}
        for i in others:
            for j in (j for j in others if j <= i):
                pairs[j, i], at = words[at], at + 1
        out += [pairs[j, i] for j in others for i in others if j <= i]
    return out + words[at:]


def summed(text):
    """A spectrum of base SPheno whose neutral Higgs bosons have W W and Z Z summed over their
    channels of three daughters."""
    lines, boson, sums = [], None, {}
    for line in [*text.splitlines(), "Block END"]:
        words = line.split("#")[0].split()
        if words and words[0].upper() in ("DECAY", "BLOCK"):
            lines += [f"   {value!r}   2   {pair}" for pair, value in sums.items() if value]
            boson = words[0].upper() == "DECAY" and words[1] in ("25", "35", "36")
            sums = {"24  -24": 0.0, "23  23": 0.0} if boson else {}
        elif boson and len(words) > 4 and words[1] == "3":
            ids = set(words[2:])
            sums["24  -24"] += float(words[0]) if ids & {"24", "-24"} else 0.0
            sums["23  23"] += float(words[0]) if "23" in ids else 0.0
        lines.append(line)
    return "\n".join(lines[:-1]) + "\n"


def by_tables(config, folder, n, p):
    """Write the tables of a point as HiggsBounds reads them; words of a call of both programs."""
    for path in folder.glob("*.dat"):
        first, *words = path.read_text().split()
        words = in_order(path.stem, words, n, p)
        words = ["0.0" if word.lower() == "nan" else word for word in words]
        path.write_text(" ".join([first, *words]) + "\n")
    if config.MH_uncertainty:
        (folder / "MHall_uncertainties.dat").write_text(
            "1" + f" {config.MH_uncertainty}" * n + " 0.0" * p + "\n")
    return ["effC", str(n), str(p), "./"]


def by_slha(config, folder):
    """Write the spectrum of the MSSM with its sums and uncertainties, once for each program."""
    text = summed((folder / "out").read_text())
    if config.MH_uncertainty:
        text += "Block DMASS\n" + "".join(
            f" {code} {config.MH_uncertainty}\n" for code in (25, 35, 36)) + " 37 0.0\n"
    for name in ("HiggsBounds", "HiggsSignals"):
        (folder / name).write_text(text)
    return ["SLHA", "3", "1"]


def answers(folder, slha, at):
    """What both programs wrote: HBresult, HBratio, HBchannel, chi2, p-value."""
    if slha:
        bounds = (folder / "HiggsBounds").read_text().split("HiggsBoundsResults")[1]
        signals = (folder / "HiggsSignals").read_text().split("HiggsSignalsResults")[1]
        entries = ((bounds, "0 +2"), (bounds, "0 +3"), (bounds, "0 +1"), (signals, "17"),
                   (signals, "21"))
        return [float(re.search(rf"\n +{key} +(\S+)", text)[1]) for text, key in entries]
    bounds, signals = ((folder / f"{name}_results.dat").read_text().splitlines()[-1].split()[at:]
                       for name in ("HiggsBounds", "HiggsSignals"))
    return [float(w) for w in (bounds[0], bounds[2], bounds[1], signals[2], signals[6])]


def by_hand(config, chain, row, folder):
    """The three programs one after the other, one point a call."""
    def run(program, *words):
        subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)

    n, p, slha = chain.higgs.n, chain.higgs.p, isinstance(chain.higgs, BySlha)
    (folder / "in").write_text(chain.input_text(row))
    run(chain.spheno.program, "in", "out")
    words = by_slha(config, folder) if slha else by_tables(config, folder, n, p)
    run(chain.higgs.bounds.program, "LandH", *words, *["HiggsBounds"] * slha)
    run(chain.higgs.signals.program, "latestresults", "2", *words, *["HiggsSignals"] * slha)
    return answers(folder, slha, 1 + n + p)


def test_points_by_hand_and_on_one_and_two_workers(scan, tmp_path):
    """Ten or more points have exactly the numbers of one call a point by hand, on one worker and on
    two; of base SPheno 4.0.5 the last digits may differ between two runs on one input file."""
    config, chain, x = scan
    results = []
    for n_workers in (1, 2):
        with Pool(chain, n_workers) as pool:
            results.append(dict(pool.map(x)))
    for evaluated in results[0].values():
        assert evaluated.status in {"ok", "excluded"} or (
            evaluated.status in FAILED and evaluated.reason), evaluated
    good = [k for k in range(len(x)) if results[0][k].status in ("ok", "excluded")][:12]
    assert len(good) >= 10, f"only {len(good)} of {len(x)} random points have a spectrum"
    slha = isinstance(chain.higgs, BySlha)
    for k in good:
        folder = tmp_path / str(k)
        folder.mkdir()
        hand = dict(zip(COMPARED, by_hand(config, chain, x[k], folder), strict=True))
        for evaluations in results:
            ours = {**evaluations[k].observables, "chi2": evaluations[k].value}
            ours = {name: ours[name] for name in COMPARED}
            assert ours == pytest.approx(hand, rel=1e-5 if slha else 0, abs=0), k
            assert evaluations[k].observables["n_observables"] > 100


def test_mssm_failures(tmp_path):
    """Points that the base build cannot calculate have a status and its reason."""
    home = os.environ.get("SPHENO_HOME")
    if not home or not (Path(home) / "bin" / "SPheno").is_file():
        pytest.skip("SPHENO_HOME has no base build (bin/SPheno)")
    chain = Chain.from_config(mssm(tmp_path))
    (tmp_path / "s").mkdir()
    evaluated = chain.evaluate(np.array([[100.0, 100.0, -5000.0], [3000.0, 100.0, 0.0]]),
                               tmp_path / "s")
    assert {j.status for j in evaluated} <= FAILED
    assert all(j.reason for j in evaluated)


def test_a_bad_row_does_not_spoil_the_batch(scan, tmp_path):
    """A row on which the real HiggsBounds dies is isolated; the others keep their numbers."""
    _, chain, x = scan
    if isinstance(chain.higgs, BySlha):
        pytest.skip("one point a call by SLHA: there is no batch")
    points = [p for p in (chain._spectrum(row, tmp_path) for row in x[:12]) if p.status == "ok"][:4]
    assert len(points) == 4
    rows = [higgs_files.check_point(p.spectrum.tables, 5, chain.higgs.n, chain.higgs.p)
            for p in points]
    good = chain.higgs.bounds.evaluate_tables(rows, tmp_path)
    words = rows[2]["BR_H_NP"].split()
    rows[2] = {**rows[2], "BR_H_NP": " ".join(["*****", *words[1:]])}
    again = chain.higgs.bounds.evaluate_tables(rows, tmp_path)
    assert again[2].status == "hb_failed"
    assert "Fortran runtime error" in again[2].reason
    assert [again[k] for k in (0, 1, 3)] == [good[k] for k in (0, 1, 3)]
