"""Signal strengths: the published tables, the prediction, the chi2."""

import numpy as np
import pytest

from mlscanner.calculators.thdm import THDM, signals
from mlscanner.calculators.thdm.kappas import sm_amplitudes
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError

SM = {name: np.ones(1) for name in ("V", "u", "d", "l", "gam", "Zgam")}
OLD = ("run1", "atlas", "cms")


def chi2(**changes):
    """chi2 of all tables for coupling factors that differ from 1 as given."""
    kappa = {**SM, **{name: np.full(1, float(v)) for name, v in changes.items()}}
    br, _ = signals.decays(kappa)
    return sum(table.chi2(kappa, br)[0] for table in signals.load() if table.key in OLD)


def test_all_rates_of_the_standard_model_are_one():
    """Production and branching-ratio factors are exactly 1 for unit couplings."""
    br, width = signals.decays(SM)
    for factors in (br, signals.production(SM, 8), signals.production(SM, 13)):
        for name, factor in factors.items():
            assert factor[0] == pytest.approx(1.0, abs=1e-12), name
    assert width[0] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("energy", "process", "changes", "expected"), [
    # sums of the coefficients that the sources of signals.COUPLINGS print, worked out by hand
    (13, "ggF", {"d": -1}, (1.040 + 0.038 + 0.002 - 0.005 - 0.0004 + 0.00002) / 0.99942),
    (8, "ggF", {"d": -1}, (1.042 + 0.040 + 0.002 - 0.005 - 0.0005 + 0.00002) / 0.99952),
    (13, "ggZH", {"u": -1}, (2.456 + 0.456 + 1.903 + 0.0004 - 0.003 - 0.011) / 1.0014),
    (13, "tHq", {"u": -1}, 2.633 + 3.578 + 5.211), (13, "tHW", {"u": -1}, 9.439 / 0.999),
    (13, "tHq", {"V": 0}, 2.633)])
def test_wrong_signs_at_each_energy(energy, process, changes, expected):
    """Interference with a flipped coupling is that of the energy: 8 and 13 TeV differ."""
    kappa = SM | {name: np.full(1, float(v)) for name, v in changes.items()}
    assert signals.coupling_factor(kappa, energy, process)[0] == pytest.approx(expected, rel=1e-9)


def test_wrong_sign_bottom_coupling_at_13_tev():
    """gg -> h rises by 7.6%, not by the 14% of the coefficients of Run 1 (arXiv:1606.02266)."""
    kappa = SM | {"d": -np.ones(1)}
    assert signals.coupling_factor(kappa, 13, "ggF")[0] == pytest.approx(1.0752, abs=1e-3)


def test_published_tables():
    """Sizes, a few values as printed in the papers, and positive definite correlations."""
    run1, atlas, cms, full = signals.load()
    assert [len(t.channels) for t in (run1, atlas, cms, full)] == [20, 16, 24, 55]
    assert run1.channels[2] == ("ggF", "WW")
    assert (run1.value[2], run1.upper[2]) == (0.84, 0.17)     # arXiv:1606.02266, table 8
    assert atlas.value[0] == 0.96 and atlas.channels[0] == ("ggF", "gamgam")
    assert cms.value[0] == 1.16 and cms.upper[0] == 0.21 and cms.lower[0] == 0.18
    for table in signals.load():
        assert np.linalg.eigvalsh(table.correlation)[0] > 0.2
        np.testing.assert_array_equal(table.correlation, table.correlation.T)


def test_the_standard_model_fits():
    """chi2 of the SM against 60 signal strengths; each table for itself is acceptable."""
    assert chi2() == pytest.approx(53.42, abs=0.05)
    br, _ = signals.decays(SM)
    for table in signals.load():
        assert table.chi2(SM, br)[0] < 1.3 * len(table.channels)


def test_chi2_without_correlations_is_a_sum_of_squared_pulls():
    """The matrix algebra, against a loop over channels."""
    table = signals.load()[1]
    plain = signals.SignalStrengths("atlas", {
        "name": table.name, "source": "", "correlation": [[0.0] * i + [1.0] for i in range(16)],
        "channels": [[*c, v, u, d] for c, v, u, d in
                     zip(table.channels, table.value, table.upper, table.lower, strict=True)]})
    br, _ = signals.decays(SM)
    expected = sum(((1 - v) / (u if v < 1 else d)) ** 2 for v, u, d in
                   zip(table.value, table.upper, table.lower, strict=True))
    assert plain.chi2(SM, br)[0] == pytest.approx(expected)
    assert table.chi2(SM, br)[0] != pytest.approx(expected, rel=1e-3)


def test_data_prefer_couplings_near_the_standard_model():
    """Away from 1 the chi2 rises; the wrong-sign d coupling is not excluded by rates alone."""
    for name in ("V", "u", "d", "l", "gam"):
        assert chi2(**{name: 0.6}) > chi2() + 4, name
        assert chi2(**{name: 1.5}) > chi2() + 4, name
    assert abs(chi2(d=-1.0, l=-1.0) - chi2()) < 3
    assert chi2(u=-1.0) > chi2() + 10      # tH and gg -> ZH interfere


def test_loop_amplitudes_have_the_published_composition():
    """kappa_gamma^2 = 1.59 V^2 + 0.07 t^2 - 0.66 V t (arXiv:1606.02266, table 4), within 6%."""
    amp = sm_amplitudes()["gam"]
    total = abs(sum(amp.values())) ** 2
    found = [abs(amp["V"]) ** 2, abs(amp["u"]) ** 2, 2 * (amp["V"] * amp["u"].conjugate()).real]
    np.testing.assert_allclose(np.array(found) / total, [1.59, 0.07, -0.66], rtol=0.06, atol=0.008)


def test_new_decays_dilute_the_rates():
    """A new width as large as the SM's halves every branching ratio."""
    br, width = signals.decays(SM, extra_width=signals.WIDTH_SM)
    assert width[0] == pytest.approx(2.0)
    assert br["gamgam"][0] == pytest.approx(0.5)


def test_mass_term():
    """125.20 +- 0.11 GeV with the theory uncertainty in quadrature."""
    assert signals.chi2_mass(np.array([128.20]), 0.0)[0] == pytest.approx((3 / 0.11) ** 2)
    assert signals.chi2_mass(np.array([128.20]), 3.0)[0] == pytest.approx(9 / (9 + 0.0121))


def common_strength(table, chosen):
    """Best common factor of all rates of the `chosen` channels, and its error."""
    inverse = np.linalg.inv(table.correlation[chosen, chosen])

    def value(factor):
        pulls = factor - table.value[chosen]
        pulls /= np.where(pulls > 0, table.upper[chosen], table.lower[chosen])
        return pulls @ inverse @ pulls

    factors = np.linspace(0.7, 1.3, 2401)
    values = np.array([value(factor) for factor in factors])
    return factors[values.argmin()], np.ptp(factors[values < values.min() + 1]) / 2


def test_full_run_2_has_the_published_common_strength():
    """mu = 1.05 +- 0.06 (ATLAS, arXiv:2207.00092), 1.002 +- 0.057 (CMS, arXiv:2207.00043)."""
    full = signals.load()[3]
    value, error = common_strength(full, slice(0, 25))
    assert value == pytest.approx(1.05, abs=0.02) and error == pytest.approx(0.06, abs=0.004)
    value, error = common_strength(full, slice(25, 55))
    assert value == pytest.approx(1.002, abs=0.05) and error == pytest.approx(0.057, abs=0.004)


@pytest.mark.parametrize(("part", "level", "vector", "fermion"), [
    # CMS, arXiv:2207.00043: extent of the contours at 68% and 95%, as Lilith-2 holds their points
    (slice(25, 55), 2.30, (0.970, 1.056), (0.833, 0.978)),
    (slice(25, 55), 5.99, (0.943, 1.084), (0.790, 1.029)),
    # ATLAS, arXiv:2207.00092: best fit, from the same place
    (slice(0, 25), 1e-9, (1.0350, 1.0350), (0.9534, 0.9534))])
def test_full_run_2_has_the_published_couplings(part, level, vector, fermion):
    """Common factors of vector and fermion couplings: best fit and contours within 0.035."""
    full = signals.load()[3]
    v, f = (axis.ravel() for axis in np.meshgrid(np.linspace(0.85, 1.2, 141),
                                                 np.linspace(0.7, 1.2, 201)))
    kappa = {"V": v, "u": f, "d": f, "l": f}
    for name, amp in sm_amplitudes().items():
        total = sum(amp.values())
        kappa[name] = abs(amp["V"] * v + (total - amp["V"]) * f) / abs(total)
    pulls = full.pulls(kappa, signals.decays(kappa)[0])[part]
    inverse = np.linalg.inv(full.correlation[part, part])
    value = np.einsum("in,in->n", pulls, inverse @ pulls)
    inside = value <= value.min() + level
    for axis, published in ((v, vector), (f, fermion)):
        found = axis[inside].min(), axis[inside].max()
        np.testing.assert_allclose(found, published, atol=0.035)


def test_full_run_2_transcription():
    """Numbers of both papers as Lilith has them; mixed channels weigh their modes."""
    full = signals.load()[3]
    assert full.channels[0] == ("ggF", "gamgam") and full.value[0] == 1.0377
    assert full.upper[0] == pytest.approx(np.hypot(0.103, 0.0619))
    assert full.channels[25:27] == (("ggF", "gamgam"), ("VBF", "gamgam"))
    assert (full.value[25], full.upper[25], full.lower[25]) == (1.08, 0.12, 0.11)
    kappa = {**SM, "V": np.full(1, 1.2)}
    br, _ = signals.decays(kappa)
    br = {name: np.ones(1) for name in br}
    pull = full.pulls(kappa, br)[24, 0]       # H -> mu mu of VBF and VH together
    vh = signals.production(kappa, 13)["VH"][0]
    assert pull * full.lower[24] == pytest.approx(0.6364 * 1.44 + 0.3636 * vh - 2.3139, abs=2e-3)


def test_theory_errors_are_shared_between_the_experiments():
    """gg -> h of both rises and falls together; channels of different modes do not."""
    full = signals.load()[3]
    ggf = [i for i, (p, _) in enumerate(full.channels) if p == "ggF"]
    across = full.correlation[np.ix_([i for i in ggf if i < 25], [i for i in ggf if i >= 25])]
    assert (across > 0).all() and across.max() < 0.35
    assert full.correlation[0, 26] == 0.0
    # two measurements with 10% each, of which 6% are theory, are correlated by 0.36
    part = {"channels": [["ggF", "ZZ", 1.0, 0.08, 0.08, 0.06]], "correlation": [[1.0]]}
    other = {"channels": [["ggF", "ZZ", 1.0, 0.10, 0.10]], "correlation": [[1.0]]}
    table = signals.SignalStrengths("x", {"name": "", "source": "", "parts": [part, other]})
    assert table.correlation[0, 1] == pytest.approx(0.36)
    assert table.upper.tolist() == pytest.approx([0.10, 0.10])


def test_the_same_data_do_not_count_twice():
    """'run2_full' together with a part of it is refused, and the message names it."""
    assert signals.counted_twice(["run1", "run2_full"]) == []
    config = make_config(Calculator="THDM", VarLabel=["TanBeta"], VarMin=[1.0], VarMax=[9.0],
                         THDM_signals=["cms", "run2_full"])
    with pytest.raises(InputError, match="'cms' are part of those of 'run2_full'"):
        THDM.from_config(config)
