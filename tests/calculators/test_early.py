"""End_early: a point that breaks a hard limit already is given to no more programs."""

import numpy as np
import pytest

from mlscanner.auxiliary import make_calculator
from mlscanner.calculators.steps.constrained import EARLY, NO_MORE, Constrained
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.config.scan_config import make_config
from mlscanner.evaluation import Evaluation
from mlscanner.likelihood.observables import observable
from mlscanner.space.parameters import Box
from mlscanner.store.import_file import Replay, of_file
from standins import GOOD, install

STEPS = """
def count(spectrum, point):
    with open(FILE, 'a') as file:
        file.write('x')
    return 1.0
"""
LIGHT = (*GOOD[:1], 0.05, *GOOD[2:])     # m_h near 80 GeV
PLAIN = {"pathS": "/nowhere", "Lesh": "in", "VarLabel": ["a"], "VarNum": ["1"], "VarMin": [0],
         "VarMax": [2], "Chi_square_threshold": 10.0}


@pytest.fixture
def home(tmp_path):
    """A chain with a limit on m_h, and a step that counts its calls."""
    (tmp_path / "step.py").write_text(STEPS.replace("FILE", repr(str(tmp_path / "calls"))))
    (tmp_path / "s").mkdir()
    return {**install(tmp_path), "End_early": True, "Chi_square_threshold": 200.0, "Observables": [
        observable("m_h", block="MASS", key=25, lower=115.0),
        observable("p_value", value=1.0, sigma=1.0)]}


def evaluate(home, tmp_path, points, **settings):
    """Seconds in HiggsBounds, and the evaluations."""
    config = make_config(**{**home, **settings})
    calculator = make_calculator(config, Box.from_config(config).names)
    before = calculator.higgs.bounds.seconds    # of the trial run
    evaluations = calculator.evaluate(np.array([[*p, 0.0] for p in points]), tmp_path / "s")
    return calculator.higgs.bounds.seconds - before, evaluations


def step(tmp_path, **words):
    return [python_step(f"{tmp_path / 'step.py'}:count", **words)]


def test_higgs_programs_are_spared(home, tmp_path):
    """The point is ok, out of the target, keeps its mass; what was not run is NaN, not 0."""
    seconds, (light, good) = evaluate(home, tmp_path, [LIGHT, GOOD])
    assert light.status == "ok"
    assert light.reason.startswith("outside: m_h (")
    assert light.reason.endswith("no more programs were run")
    assert light.observables["m_h"] < 115
    assert np.isnan([light.observables[n] for n in ("HBresult", "p_value", "chi2_p_value")]).all()
    assert np.isnan(light.value) and light.learned > 200
    assert good.value < 200
    assert good.observables["HBresult"] == 1
    assert seconds > 0


def test_no_program_at_all_for_a_call_of_such_points(home, tmp_path):
    """HiggsBounds and HiggsSignals are not even started; without End_early they are."""
    seconds, (light,) = evaluate(home, tmp_path, [LIGHT])
    full, (whole,) = evaluate(home, tmp_path, [LIGHT], End_early=False)
    assert (seconds, full > 0) == (0, True)
    assert whole.learned > 200 < light.learned
    assert whole.observables["m_h"] == light.observables["m_h"]


def test_it_teaches_the_way_back(home, tmp_path):
    """The farther from the limit, the larger the objective, as for a point that was run in full."""
    near = (*GOOD[:1], 0.1, *GOOD[2:])
    _, (far, closer) = evaluate(home, tmp_path, [LIGHT, near])
    assert far.learned > closer.learned > 200


@pytest.mark.slow
def test_costly_steps_are_spared_too(home, tmp_path):
    """A step after SPheno, and one after HiggsSignals; a good point gets them."""
    for after in ("SPheno", "HiggsSignals"):
        evaluate(home, tmp_path, [LIGHT], Programs=step(tmp_path, after=after))
        assert not (tmp_path / "calls").exists()
    evaluate(home, tmp_path, [GOOD], Programs=step(tmp_path))
    assert (tmp_path / "calls").read_text() == "x"


def test_a_spectrum_that_may_still_change_decides_nothing(home, tmp_path):
    """Another program's spectrum counts, not the one that it corrects."""
    spectrum = tmp_path / "other.slha"
    spectrum.write_text("Block MASS\n 25 125.0\n 35 400.0\n 36 400.0\n 37 400.0\n")
    program = user_program("other", ["/bin/cat", str(spectrum)], spectrum=True)
    _, (light,) = evaluate(home, tmp_path, [LIGHT], Programs=[program, *step(tmp_path)])
    assert light.observables["m_h"] == 125
    assert (tmp_path / "calls").read_text() == "x"


def test_without_a_chi2_there_is_no_way_back(home, tmp_path):
    """With Target_value such a point is excluded, after all programs."""
    seconds, _ = evaluate({**home, "Observables": home["Observables"][:1]}, tmp_path, [LIGHT],
                          Target_value=95.0, Target_width=1.0)
    assert seconds > 0


def test_a_point_that_was_not_run_in_full_is_never_good_under_other_limits():
    """Where its limit is none any more, its chi2 is not known: 0 would be the best there is."""
    stored = [Evaluation("ok", 0.0, {"m_h": 80.0}, EARLY)]
    for lower, status in ((115.0, "ok"), (70.0, "bad_value")):
        entries = [observable("m_h", block="MASS", key=25, lower=lower)]
        evaluation, = Constrained(Replay(stored), entries, ["a"], 10.0).evaluate([[1.0]], None)
        assert (evaluation.status, evaluation.learned < 10) == (status, False)


def test_it_is_known_again_from_the_table(tmp_path):
    """A run that starts from such a point keeps its chi2, or does not know it."""
    reason = "outside: m_h (80 < 115)" + NO_MORE
    (tmp_path / "t.csv").write_text(f"a,chi2,m_h,status,reason\n1.0,11.0,80.0,ok,{reason}\n")
    for lower, status in ((115.0, "ok"), (70.0, "bad_value"), (None, "bad_value")):
        limit = [observable("m_h", block="MASS", key=25, lower=lower)] if lower else []
        config = make_config(Calculator="SPheno", **PLAIN, Observables=limit)
        _, (evaluation,), _ = of_file(tmp_path / "t.csv", Box.from_config(config), config, {})
        assert (evaluation.status, evaluation.learned < 10) == (status, False)
