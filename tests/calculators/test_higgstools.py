"""HiggsTools in this process, against a stand-in for its Python module (the real one was not at
hand)."""

import pickle
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain.chain import Chain
from mlscanner.calculators.chain.higgstools import MODULES, HiggsToolsTests
from mlscanner.calculators.programs import Spectrum
from mlscanner.calculators.slha import Slha
from mlscanner.calculators.steps.work import Point
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError
from standins import TACHYON, install, rows

MODULE = Path(__file__).parents[1] / "programs" / "higgstools"


@pytest.fixture
def home(tmp_path):
    """Settings that name data sets instead of programs."""
    settings = install(tmp_path / "home")
    for name in ("hbdata", "hsdata"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "limit.json").write_text("{}")
    return {**settings, "HBPath": str(tmp_path / "hbdata"), "HSPath": str(tmp_path / "hsdata")}


@pytest.fixture
def library(monkeypatch):
    """The stand-in module can be imported, here and in workers."""
    monkeypatch.syspath_prepend(str(MODULE))
    monkeypatch.setenv("PYTHONPATH", str(MODULE))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "Higgs"]:
        del sys.modules[name]


def chain_of(home, **settings):
    """Chain with these settings."""
    return Chain.from_config(make_config(**{**home, **settings}))


def test_points(home, library, tmp_path):
    """Verdict, ratio, channel, chi2, p-value and number of observables, in every status."""
    chain = chain_of(home)
    light = (0.1, 0.13, 0.0, 0.0, 0.0, -1000.0, 10.0)
    good, out, bad = chain.evaluate(
        np.array(rows(0) + rows(0, point=light) + rows(0, point=TACHYON)), tmp_path)
    assert [good.status, out.status, bad.status] == ["ok", "excluded", "tachyon"]
    assert good.observables["HBresult"] == 1
    assert 0.1 < good.observables["HBratio"] < 1 < out.observables["HBratio"]
    assert good.observables["HBchannel"] == 12045
    assert good.observables["n_observables"] == 159
    assert good.value == pytest.approx(171.43, abs=0.01)
    assert good.observables["p_value"] == pytest.approx(0.239, abs=0.01)
    wide = chain_of(home, MH_uncertainty=3.0).evaluate(np.array(rows(0)), tmp_path)[0]
    assert wide.value < 151


@pytest.mark.slow
def test_data_sets_are_read_once(home, library, tmp_path):
    """The tables are read once a process, not once a point, and never travel to a worker."""
    from Higgs.bounds import Bounds
    before = Bounds.loaded
    chain = chain_of(home)
    chain.evaluate(np.array(rows(0, 0, 0)), tmp_path)
    assert Bounds.loaded == before + 1
    assert pickle.loads(pickle.dumps(chain)).higgs._loaded is None
    with Pool(chain, 1) as pool:
        assert {evaluated.status for _, evaluated in pool.map(np.array(rows(0, 0)))} == {"ok"}


def test_errors_of_the_library(home, library, tmp_path):
    """What the library raises becomes the status of the point."""
    heavy = (5.0, 1.0, 1.0, 0.0, 0.0, -1e5, 1.0)
    evaluated = chain_of(home, NH=3).evaluate(np.array(rows(0, point=heavy)), tmp_path)[0]
    assert evaluated.status == "hs_failed"
    assert "no candidate" in evaluated.reason


def test_library_that_is_not_there(home):
    """Data sets without the module are refused with what to do."""
    with pytest.raises(InputError, match="data sets of HiggsTools, but its Python module is not "
                                         "installed"):
        chain_of(home)


def test_bad_data_set(home, library):
    """A folder that the library cannot read is refused."""
    folder = Path(home["HBPath"])
    (folder / "sub").mkdir()
    (folder / "limit.json").rename(folder / "sub" / "limit.json")
    with pytest.raises(InputError, match="cannot read its data sets: no limits"):
        chain_of(home)


# ---- the interface as its manual has it ---------------------------------------------------------
SPECTRUM = """Block MASS
    25   1.2509E+02
    35   6.0E+02
    36   6.1E+02
    37   6.2E+02
Block HiggsCouplingsFermions, #
  0.99  0.0  3  25  5  5
Block HiggsCouplingsBosons #
  0.98  3  25  24  24
DECAY   6  1.4E+00
  1.0E+00  2  5  24
DECAY  25  4.0E-03
  6.0E-01  2  5  -5
  1.5E-01  3  24  11  12
  6.0E-02  3  -24  -11  -12
DECAY  35  1.0E+00
  1.0E+00  2  25  25
DECAY  36  1.0E+00
  1.0E+00  2  6  -6
DECAY  37  1.0E+00
  1.0E+00  2  6  -5
"""


class Documented:
    """The names, arguments and requirements of the manual of HiggsTools 1 (section "Input via SLHA
    or data files", and arXiv:2210.09332); notes what it is asked."""

    def __init__(self):
        self.asked = {"dm": {}}

    def read(self, file, neutralPDGs, chargedPDGs, invisibleWidthThreshold=1e-10,
             invisiblePDGs=()):
        """readHB5SLHA: masses, widths, couplings and decays of two daughters by their keys."""
        blocks = self.blocks(Path(file).read_text())
        blocks[6]       # "and a DECAY block has to exist ... for the top-quark"
        self.asked.update(neutral=neutralPDGs, charged=chargedPDGs)
        masses, codes = dict(blocks["MASS"]), [*neutralPDGs, *chargedPDGs]
        data = {f"m_{code}": float(masses[str(code)]) for code in codes}
        data |= {f"br_{code}_WW": float(ratio) for code in codes
                 for ratio, *daughters in blocks[code] if daughters in (["2", "24", "-24"],
                                                                        ["2", "-24", "24"])}
        data |= {f"w_{code}": 1.0 for code in codes} | {f"CP_{code}": 1 for code in neutralPDGs}
        return data | {"effc_25_bb_s": float(blocks["HiggsCouplingsFermions"][0][0]),
                       "effc_25_WW": float(blocks["HiggsCouplingsBosons"][0][0])}

    @staticmethod
    def blocks(text):
        """The lines of each block by its name, of each DECAY by its code."""
        found, name = {}, None
        for words in (line.split("#")[0].split() for line in text.splitlines()):
            if words[0].upper() in ("BLOCK", "DECAY"):
                name = words[1] if words[0].upper() == "BLOCK" else int(words[1])
                found[name] = []
            else:
                found[name].append(words)
        return found

    def predict(self, data, neutralIds, singleChargedIds, doubleChargedIds,
                referenceModels=None, useExplicitBr=True):
        """predictionsFromDict: mass, width and CP are required."""
        for name in [*neutralIds, *singleChargedIds, *doubleChargedIds]:
            data[f"m_{name}"], data[f"w_{name}"]
        [data[f"CP_{name}"] for name in neutralIds]
        self.asked.update(data=data, ids=[neutralIds, singleChargedIds, doubleChargedIds])
        return SimpleNamespace(particle=lambda name: SimpleNamespace(
            setMassUnc=lambda value: self.asked["dm"].update({name: value})))

    def bounds(self, path):
        """Bounds(path)(predictions): two of the bosons have a limit."""
        self.asked["hb"] = path
        limits = {name: SimpleNamespace(
            obsRatio=lambda ratio=ratio: ratio, expRatio=lambda: 2.0,
            limit=lambda number=number: SimpleNamespace(id=lambda: number))
            for name, number, ratio in (("25", 11, 0.4), ("36", 22, 1.7))}
        return lambda predictions: SimpleNamespace(allowed=False, appliedLimits=[],
                                                   selectedLimits=limits)

    def signals(self, path):
        """Signals(path): called with predictions it is chi2."""
        self.asked["hs"] = path

        class Signals:
            def __call__(self, predictions):
                return 152.5

            def observableCount(self):  # noqa: N802 - the library's name
                return 159
        return Signals()


@pytest.fixture
def manual(monkeypatch):
    """The documented library in place of the real one; what it is asked."""
    library = Documented()
    for name, content in {"predictions": {}, "bounds": {"Bounds": library.bounds},
                          "signals": {"Signals": library.signals},
                          "tools.Input": {"readHB5SLHA": library.read,
                                          "predictionsFromDict": library.predict}}.items():
        module = ModuleType(f"Higgs.{name}")
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert set(MODULES) <= set(sys.modules)
    return library.asked


def test_the_documented_interface(manual, tmp_path):
    """Numbers as PDG codes to the reader, as text to the rest; a file that fulfils what the reader
    requires, with BR(W W) as one channel; uncertainties in GeV; the largest observed ratio of the
    selected limits, where not all bosons have one."""
    asked = manual
    tests = HiggsToolsTests.from_folders(tmp_path / "hb", tmp_path / "hs", 3, 1, [3.0] * 3 + [0.0])
    point = Point()
    point.spectrum = Spectrum(SPECTRUM, Slha(SPECTRUM), {})
    tests.evaluate([point], tmp_path)
    assert (point.status, point.reason) == ("ok", "")
    assert (asked["neutral"], asked["charged"]) == ([25, 35, 36], [37])
    assert asked["ids"] == [["25", "35", "36"], ["37"], []]
    assert asked["data"]["br_25_WW"] == pytest.approx(0.21)
    assert asked["dm"] == {"25": 3.0, "35": 3.0, "36": 3.0}
    assert (asked["hb"], asked["hs"]) == (str(tmp_path / "hb"), str(tmp_path / "hs"))
    assert point.numbers["HBresult"] == 0 and point.numbers["HBratio"] == 1.7
    assert point.numbers["HBchannel"] == 22 and point.numbers["n_observables"] == 159
    assert point.chi2 == 152.5 and 0.6 < point.numbers["p_value"] < 0.65
    assert list(tmp_path.iterdir()) == []


def test_what_the_documented_reader_requires(manual, tmp_path):
    """A spectrum without the decays of the top quark fails the point, with the reason."""
    tests = HiggsToolsTests.from_folders(tmp_path / "hb", None, 3, 1)
    point, text = Point(), SPECTRUM.replace("DECAY   6", "DECAY   8")
    point.spectrum = Spectrum(text, Slha(text), {})
    tests.evaluate([point], tmp_path)
    assert point.status == "bad_output" and "cannot read the spectrum: 6" in point.reason
