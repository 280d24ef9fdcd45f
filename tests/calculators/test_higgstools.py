"""HiggsTools in this process, against a stand-in for its Python module (the real one was not at
hand)."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain.chain import Chain
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
    """A folder that the library can not read is refused."""
    folder = Path(home["HBPath"])
    (folder / "sub").mkdir()
    (folder / "limit.json").rename(folder / "sub" / "limit.json")
    with pytest.raises(InputError, match="can not read its data sets: no limits"):
        chain_of(home)
