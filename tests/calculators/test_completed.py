"""Points of which some numbers are stored: which programs are run for the rest."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.auxiliary import make_calculator, make_completing
from mlscanner.calculators.steps.completed import Stored, lean_config
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.config.scan_config import make_config
from mlscanner.config.settings import ScanConfig
from mlscanner.errors import InputError
from mlscanner.evaluation import OK
from mlscanner.likelihood.observables import observable
from mlscanner.space.parameters import Box
from standins import install, rows


def test_which_steps_give_a_name():
    """Those that say so, those that may give any name, and those that change the spectrum."""
    steps = (user_program("a", ["x"], observables={"omega": r"(\d+)"}),
             user_program("b", ["x"], spectrum=True, output="s"),
             python_step("f.py:g", observables=["far"]), python_step("f.py:open"),
             python_step("f.py:h", name="near"))
    config = ScanConfig(HiggsBounds=1, Programs=steps)
    for missing, names, whole in (({"omega"}, ["a", "b", "f.py:open"], False),
                                  ({"near"}, ["b", "f.py:open", "f.py:h"], False),
                                  ({"m"}, ["b", "f.py:open"], True)):
        lean, needed = lean_config(config, missing)
        assert [getattr(s, "code", "") or s.name for s in lean.Programs] == names
        assert needed == whole and lean.HiggsBounds == int(whole)


@pytest.fixture
def chain(tmp_path):
    """Settings of the chain of programs, and its Observables with one more number."""
    settings = install(tmp_path)
    old = (observable("m_h", block="MASS", key=25, value=125, sigma=3),)
    more = observable("m_H", block="MASS", key=35, upper=1e9)
    return [replace(make_config(**settings, Observables=o), input_file=str(tmp_path / "in.py"))
            for o in (old, (*old, more))]


@pytest.mark.slow
def test_a_number_of_the_spectrum_needs_no_higgs_programs(chain, tmp_path):
    """The same evaluation as by the whole chain, with what HiggsBounds and HiggsSignals gave as
    it is stored; a point that is not stored is given to all of them."""
    old, new = chain
    box = Box.from_config(new)
    x = np.array(rows(0, 0, 0))
    before = make_calculator(old, box.names).evaluate(x, tmp_path)
    assert [e.status for e in before] == [OK] * 3
    own = [e.value - e.observables["chi2_m_h"] for e in before]
    stored = Stored(x[:2], own[:2], [e.observables for e in before[:2]])
    made = pickle.loads(pickle.dumps(make_completing(new, box.names, {"m_H"}, stored)))
    assert made.calculator.calculator.higgs is None and made.calculator.whole.higgs is not None
    fresh = make_calculator(new, box.names).evaluate(x, tmp_path)
    for one, other in zip(made.evaluate(x, tmp_path), fresh, strict=True):
        assert one.status == other.status == OK
        assert one.value == pytest.approx(other.value, rel=1e-12)
        assert one.observables == pytest.approx(other.observables, nan_ok=True)


def test_a_step_knows_the_stored_numbers_of_steps_that_are_not_run_again(tmp_path):
    """Only the step of the missing number is run; it reads what the one before it once gave."""
    (tmp_path / "f.py").write_text(
        "def first(spectrum, point):\n    raise SystemExit('not again')\n"
        "def second(spectrum, point):\n    return {'second': 10 * point['first'] + point['x']}\n")
    entries = [observable(name, value=0.0, sigma=1.0) for name in ("first", "second")]
    config = replace(make_config(
        Calculator="Programs", VarLabel=["x"], VarMin=[0], VarMax=[9], Observables=entries,
        Programs=[python_step(f"f.py:{e.name}", observables=[e.name]) for e in entries],
        Chi_square_threshold=4.0), input_file=str(tmp_path / "in.py"))
    x = np.array([[2.0], [3.0]])
    stored = Stored(x, [0.0, 0.0], [{"first": 0.5}, {"first": 0.7}])
    made = make_completing(config, ["x"], {"second"}, stored)
    evaluated = pickle.loads(pickle.dumps(made)).evaluate(x, tmp_path)
    assert [e.observables["second"] for e in evaluated] == [7.0, 10.0]
    assert [e.value for e in evaluated] == pytest.approx([0.25 + 49, 0.49 + 100])


def test_a_name_that_nobody_gives(chain):
    """It is told before anything is run."""
    config = replace(chain[0], Observables=(observable("omga", upper=1),))
    with pytest.raises(InputError, match="omga"):
        make_completing(config, Box.from_config(config).names, {"omga"}, Stored([], [], []))
