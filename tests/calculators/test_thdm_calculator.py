"""The THDM calculator as the scan sees it: names, order, statuses, input errors."""

import gc
import pickle
from dataclasses import asdict

import numpy as np
import pytest

from mlscanner.calculators.thdm import THDM
from mlscanner.calculators.thdm.options import PREFIX, Options
from mlscanner.config.scan_config import make_config
from mlscanner.config.settings import settings
from mlscanner.errors import InputError
from mlscanner.evaluation import OK

NAMES = ["# Lambda1Input", "# Lambda2Input", "# Lambda3Input", "# Lambda4Input",
         "# Lambda5Input", "# M12input", "# TanBeta"]
LOW = [0, 0.12, 4, -10, -10, -3000, 10]
HIGH = [10, 0.136, 10, 5, 1.5, -1000, 40]
GOOD = [3.375, 0.129, 5.033, -2.526, -2.13, -2686.048, 39.917]


def config(**changes):
    """The default scan of the paper's seven parameters, with changes."""
    values = {"Calculator": "THDM", "VarLabel": NAMES, "VarMin": LOW, "VarMax": HIGH}
    return make_config(**{**values, **changes})


def box(n=500, seed=4):
    """Random points of the default box, (n, 7)."""
    return np.array(LOW) + np.random.default_rng(seed).random((n, 7)) * np.subtract(HIGH, LOW)


@pytest.mark.slow
def test_one_evaluated_per_row_in_order_and_independent_of_neighbours():
    """A point is evaluated the same alone, in a batch, and by a pickled copy."""
    calculator = THDM.from_config(config())
    x = box()
    together = pickle.loads(pickle.dumps(calculator)).evaluate(x)
    assert len(together) == len(x)
    for i in range(0, len(x), 25):
        alone = calculator.evaluate(x[i : i + 1])[0]
        assert alone.status == together[i].status
        np.testing.assert_allclose(alone.value, together[i].value, rtol=1e-12)
        np.testing.assert_allclose(alone.observables, together[i].observables, rtol=1e-12)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled):
    """On or off, and what the caller has put aside stays aside; the points are old to it, so that
    it does not walk through them at once."""
    calculator, was = THDM.from_config(config()), gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        evaluated = calculator.evaluate(box(50))
        assert gc.isenabled() == enabled
        assert {id(e.observables) for e in evaluated} <= {id(kept) for kept in gc.get_objects(2)}
        gc.freeze()
        aside = gc.get_freeze_count()
        calculator.evaluate(box(50))
        assert gc.get_freeze_count() >= 0.9 * aside > 0
    finally:
        gc.unfreeze()
        (gc.enable if was else gc.disable)()


def test_every_observable_has_a_number_wherever_a_spectrum_exists():
    """NaN only for tachyons; a failed theory test keeps its chi2, but its status is not ok."""
    calculator = THDM.from_config(config())
    evaluated = calculator.evaluate(box(2000))
    words = {j.status for j in evaluated}
    assert {"ok", "tachyon", "unbounded", "nonperturbative", "nonunitary"} <= words
    for j in evaluated:
        assert len(j.observables) == len(calculator.observables)
        assert np.isfinite(j.value) == (j.status != "tachyon")
        assert np.isfinite(j.observables).all() == (j.status != "tachyon")
        assert bool(j.reason) == (j.status != "ok")


PHYSICAL = ["mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]


def physical(**changes):
    """The calculator in the physical basis."""
    return THDM.from_config(config(THDM_basis="physical", VarLabel=PHYSICAL, VarMin=[1] * 7,
                                   VarMax=[1000] * 7, **changes))


def test_a_failed_test_tells_how_far_the_point_is():
    """The objective of an ok point is its chi2; else 64, the threshold, for each failed test, and
    more the farther: a scan among points that are all unbounded finds its way."""
    evaluated = THDM.from_config(config(Chi_square_threshold=64)).evaluate(box(3000))
    names = THDM.from_config(config(Chi_square_threshold=64)).observables
    excess = np.array([j.observables[names.index("excess")] for j in evaluated])
    ok, tachyon = (np.array([j.status == word for j in evaluated]) for word in (OK, "tachyon"))
    assert ok.any() and (excess[ok] == 0).all() and (excess[~ok & ~tachyon] > 1).all()
    for j, far, none in zip(evaluated, excess, tachyon, strict=True):
        assert (j.objective is None) == none
        if not none:
            assert j.objective == pytest.approx(j.value + 64 * far) == j.observables[0]


def test_the_distance_of_each_test_grows():
    """Along a line out of what is allowed the objective never falls, whichever test fails first."""
    calculator = physical(THDM_flavour=True, Chi_square_above_best=6.18)
    good = [125.2, 800, 800, 800, 0.0, 2.0, 800**2 * 0.4]
    for column, values in (
            (6, 800**2 * np.linspace(0.4, 0.8, 20)),    # not bounded, then not perturbative
            (2, np.linspace(800, 2000, 20)),            # lambda_4, lambda_5, unitarity
            (3, np.linspace(800, 200, 20))):            # b -> s gamma
        x = np.tile(good, (20, 1))
        x[:, column] = values
        evaluated = calculator.evaluate(x)
        assert evaluated[0].status == OK and evaluated[-1].status != OK
        added = [j.objective - j.value for j in evaluated]
        assert added[0] == 0 and added[-1] > 2 * 6.18
        assert (np.diff(added) >= -1e-9).all()


def test_a_band_has_no_objective():
    """Nothing can be added to an observable that is to hit a value."""
    calculator = THDM.from_config(config(Target_value=64.0, Target_width=1.0))
    evaluated = calculator.evaluate(box(50))
    assert "objective" not in calculator.observables
    assert all(j.objective is None and len(j.observables) == len(calculator.observables)
               for j in evaluated)


def test_names_not_order_decide():
    """Scanning in another order, or with some values fixed, evaluates the same point."""
    expected = THDM.from_config(config()).evaluate([GOOD])[0]
    assert expected.status == "ok"
    order = [6, 2, 0, 1, 5, 3, 4]
    other = config(VarLabel=[NAMES[i] for i in order], VarMin=[LOW[i] for i in order],
                   VarMax=[HIGH[i] for i in order])
    assert THDM.from_config(other).evaluate([[GOOD[i] for i in order]])[0] == expected
    fixed = config(VarLabel=NAMES[:5], VarMin=LOW[:5], VarMax=HIGH[:5],
                   THDM_fixed=[f"M12inputt = {GOOD[5]}", f"TanBeta={GOOD[6]}"])
    assert THDM.from_config(fixed).evaluate([GOOD[:5]])[0] == expected


def test_physical_basis_gives_the_same_point():
    """Masses and mixing of a point, put in as such, return its chi2."""
    calculator = THDM.from_config(config())
    expected = calculator.evaluate([GOOD])[0]
    seen = dict(zip(calculator.observables, expected.observables, strict=True))
    values = [seen[n] for n in ("mh", "mH", "mA", "mHp", "cos_ba")] + [GOOD[6], -GOOD[5]]
    names = ["mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]
    physical = THDM.from_config(config(
        THDM_basis="physical", VarLabel=names, VarMin=[v - abs(v) / 2 for v in values],
        VarMax=[v + abs(v) / 2 for v in values]))
    got = physical.evaluate([values])[0]
    assert got.status == "ok"
    again = dict(zip(physical.observables, got.observables, strict=True))
    assert set(seen) - set(again) == {"mh", "mH", "mA", "mHp", "cos_ba"}    # columns already
    np.testing.assert_allclose(list(again.values()), [seen[n] for n in again], rtol=1e-5,
                               atol=1e-7)
    np.testing.assert_allclose(got.value, expected.value, rtol=1e-6)


def test_the_defaults_are_those_of_the_settings():
    """A point shown by itself passes and fails the tests as it does in a scan."""
    for name, value in asdict(Options()).items():
        assert value == settings()[PREFIX + name].default, name


def test_every_wrong_name_is_reported_with_a_remedy():
    """Unknown, missing and doubled parameters are all named at once."""
    labels = ["Lambda1Inptu", *NAMES[1:5], "# TanBeta"]
    with pytest.raises(InputError) as caught:
        THDM.from_config(config(VarLabel=labels, VarMin=LOW[:6], VarMax=HIGH[:6],
                                THDM_fixed=["TanBeta = 3", "M12input : 4"]))
    text = str(caught.value)
    assert "Did you mean Lambda1Input?" in text
    assert "TanBeta is given twice" in text
    assert "'M12input : 4' is not of the form" in text
    assert "M12input is neither scanned nor fixed" in text


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "nan", "-inf"])
def test_a_fixed_number_is_finite(number):
    """A whole number beyond all floats became infinity, and every point unphysical."""
    with pytest.raises(InputError, match="of the form 'Name = number', with a finite number"):
        THDM.from_config(config(VarLabel=NAMES[:6], VarMin=LOW[:6], VarMax=HIGH[:6],
                                THDM_fixed=[f"TanBeta = {number}"]))


def test_a_name_of_the_other_basis_is_recognised():
    """mh with THDM_basis = 'lambda' says which basis it belongs to."""
    with pytest.raises(InputError, match="THDM_basis = 'physical'"):
        THDM.from_config(config(VarLabel=["mh", *NAMES[1:]]))


def test_a_range_that_reaches_zero_tan_beta_is_refused():
    """tan beta is a ratio of two positive vevs."""
    with pytest.raises(InputError, match="TanBeta = 0 is not above 0"):
        THDM.from_config(config(VarMin=[*LOW[:6], 0]))


def test_no_input_raises_or_passes_with_holes():
    """Whatever numbers come, there is a status; 'ok' only where every observable is a number."""
    rng = np.random.default_rng(6)
    odd = [0, np.nan, np.inf, -np.inf, 1e300, -1e300, 91.1887, 125.09, 345.0, 1, 2]
    calculator = THDM.from_config(config())
    wild = np.concatenate([rng.choice(odd, (2000, 7)), box(2000) * rng.choice([1, 50], (2000, 1))])
    for evaluated in calculator.evaluate(wild):
        if evaluated.status == "ok":
            assert np.isfinite(evaluated.observables).all() and np.isfinite(evaluated.value)
        else:
            assert evaluated.reason


def test_impossible_physical_points_are_unphysical():
    """|cos_ba| > 1, and H lighter than h."""
    names = ["mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]
    physical = THDM.from_config(config(THDM_basis="physical", VarLabel=names, VarMin=[1] * 7,
                                       VarMax=[1000] * 7))
    evaluated = physical.evaluate([[125, 300, 300, 300, 1.2, 3, 2e4],
                                   [125, 90, 300, 300, 0.1, 3, 2e4],
                                   [125, 300, 300, 300, 0.1, 3, 2e4]])
    assert [j.status == "unphysical" for j in evaluated] == [True, True, False]
    assert "mH < mh" in evaluated[1].reason


def test_a_boson_at_the_z_mass_is_evaluated():
    """The Z gamma integrals are 0/0 at M_Z; the point is evaluated all the same."""
    names = ["mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]
    physical = THDM.from_config(config(THDM_basis="physical", VarLabel=names, VarMin=[1] * 7,
                                       VarMax=[1000] * 7))
    for point in ([125.09, 300, 91.1887, 300, 0.01, 3, 2e4], [91.1887, 300, 300, 300, 0.1, 3, 2e4]):
        assert np.isfinite(physical.evaluate([point])[0].observables).all()


def test_the_scale_m_stands_for_m12sq():
    """THDM_basis = 'mass': the same point with M = sqrt(m12sq / (sin beta cos beta))."""
    tanb, m12sq = 3.0, 6e4
    values = [125.2, 450, 460, 470, 0.01, tanb]
    scale = np.sqrt(m12sq * (1 + tanb**2) / tanb)
    names = [*PHYSICAL[:6], "M"]
    other = THDM.from_config(config(THDM_basis="mass", VarLabel=names, VarMin=[1] * 7,
                                    VarMax=[1000] * 7))
    expected, = physical().evaluate([[*values, m12sq]])
    got, = other.evaluate([[*values, scale]])
    assert got.status == expected.status and got.value == pytest.approx(expected.value)
