"""Running masses, loop functions, off-shell widths and the tables made of them."""

import numpy as np
import pytest

from mlscanner.calculators.thdm import neutral_tables, offshell, sm
from mlscanner.calculators.thdm.charged_table import charged_table
from mlscanner.calculators.thdm.couplings import couplings
from mlscanner.calculators.thdm.decays import CHANNELS, branching_ratios, widths
from mlscanner.calculators.thdm.loops import a_half, a_half_odd, a_one, a_zero, f_tau
from mlscanner.calculators.thdm.neutral_tables import neutral_table
from mlscanner.calculators.thdm.running import running
from mlscanner.calculators.thdm.signals import BR_SM, WIDTH_SM
from mlscanner.calculators.thdm.spectrum import potential_from_physical, spectrum


def test_running_masses_and_coupling():
    """alpha_s(m_t), m_b(M_Z), m_b(m_b): values of the PDG and of arXiv:1610.07922."""
    assert running("alpha_s", np.array(sm.M_Z)) == pytest.approx(0.1180, abs=1e-5)
    assert running("alpha_s", np.array(172.5)) == pytest.approx(0.1077, abs=2e-4)
    assert running("b", np.array(4.18)) == pytest.approx(4.18, rel=3e-3)
    assert running("b", np.array(91.19)) == pytest.approx(2.85, abs=0.03)
    assert running("c", np.array(3.0)) == pytest.approx(0.986, rel=3e-3)
    assert running("t", np.array(172.5)) == pytest.approx(162.5, abs=1.0)


def test_loop_functions_of_heavy_particles():
    """4/3, 2, -7, 1/3 for tau -> 0 (hep-ph/0503172), and no jump at tau = 1."""
    tiny = np.array([1e-6])
    for function, limit in ((a_half, 4 / 3), (a_half_odd, 2), (a_one, -7), (a_zero, 1 / 3)):
        assert complex(function(np.array([2e-3]))[0]) == pytest.approx(limit, rel=2e-3)
    assert a_zero(tiny)[0] == pytest.approx(1 / 3, rel=1e-6)
    below, above = f_tau(np.array([1 - 1e-12])), f_tau(np.array([1 + 1e-12]))
    assert abs(below - above)[0] < 1e-5
    assert below[0] == pytest.approx((np.pi / 2) ** 2, rel=1e-5)


def test_widths_of_a_standard_model_higgs():
    """Against Yellow Report 4 at 125.09 GeV; W W and Z Z lack electroweak corrections."""
    f = {name: x[0] for name, x in neutral_table(False)(np.array([125.09])).items()}
    mine = {"bb": f["bb"] + f["bb_top"], "tautau": f["tautau"], "mumu": f["mumu"], "cc": f["cc"],
            "WW": f["WW"], "ZZ": f["ZZ"], "gg": f["gg"] * abs(f["gg_u"] + f["gg_d"]) ** 2,
            "gamgam": f["gamgam"] * abs(sum(f[f"gam_{c}"] for c in "Vudl")) ** 2,
            "Zgam": f["Zgam"] * abs(sum(f[f"Zgam_{c}"] for c in "Vudl")) ** 2}
    allowed = {"bb": 0.02, "tautau": 0.02, "mumu": 0.04, "cc": 0.02, "WW": 0.04, "ZZ": 0.03,
               "gg": 0.08, "gamgam": 0.02, "Zgam": 0.02}
    for channel, width in mine.items():
        assert width == pytest.approx(BR_SM[channel] * WIDTH_SM, rel=allowed[channel]), channel


def test_vector_pairs_far_above_threshold():
    """The smeared width is the on-shell formula of hep-ph/0503172, within 3%.

    A Breit-Wigner peak of constant width has a share Gamma/(pi M) = 1% below q^2 = 0, for each V.
    """
    mass = np.array([300.0, 600.0, 1000.0])
    for m, gamma, symmetry in ((sm.M_W, sm.GAMMA_W, 2), (sm.M_Z, sm.GAMMA_Z, 1)):
        x = (m / mass) ** 2
        expected = (symmetry * sm.G_FERMI * mass**3 / (16 * np.sqrt(2) * np.pi)
                    * np.sqrt(1 - 4 * x) * (1 - 4 * x + 12 * x**2))
        np.testing.assert_allclose(offshell.to_vector_pair(mass, m, gamma, symmetry), expected,
                                   rtol=0.03)


def test_scalar_to_vector_is_continuous_and_falls_off_below_threshold():
    """No jump where the off-shell integral takes over, and a steep fall below M_V."""
    light = np.full(400, 100.0)
    heavy = np.linspace(150.0, 230.0, 400)
    width = offshell.scalar_to_vector(heavy, light, sm.M_Z, sm.GAMMA_Z)
    assert (np.diff(width) > -1e-3 * width[:-1]).all()
    jumps = np.abs(np.diff(np.log(width)))
    assert jumps.max() < 0.2
    assert offshell.scalar_to_vector(light, light, sm.M_Z, sm.GAMMA_Z)[0] == 0.0


def test_tables_reproduce_the_functions_they_hold():
    """Interpolation error below 1e-5 away from thresholds."""
    mass = np.array([57.3, 125.09, 203.7, 411.1, 777.7])
    table = neutral_table(False)(mass)
    exact = neutral_tables._light_quarks(mass, False)
    amplitudes = neutral_tables._loops(mass, False)
    for name, values in (*exact.items(), *amplitudes.items()):
        np.testing.assert_allclose(table[name], values, rtol=1e-5)


def point(**changes):
    """Widths of one point given by masses and mixing."""
    given = {"mh": 125.09, "mH": 400.0, "mA": 420.0, "mHp": 450.0, "cos_ba": 0.1, "tanb": 3.0,
             "m12sq": 3e4, **changes}
    pot = potential_from_physical(*(np.array([v], float) for v in given.values()))
    spec = spectrum(pot)
    return widths(pot, spec, couplings(spec, "II"))


def test_branching_ratios_add_up_and_closed_channels_are_zero():
    """All bosons: BRs in [0, 1], sum 1; A -> W W and H -> A A below threshold do not occur."""
    br, total = branching_ratios(point())
    for boson, channels in br.items():
        assert tuple(channels) == tuple(CHANNELS[boson]) or set(channels) == set(CHANNELS[boson])
        assert sum(x[0] for x in channels.values()) == pytest.approx(1.0)
        assert all(0.0 <= x[0] <= 1.0 for x in channels.values())
        assert total[boson][0] > 0.0
    assert br["H"]["AA"][0] == 0.0
    assert "WW" not in br["A"]


def test_decays_open_where_they_should():
    """h -> A A, H -> H+ H-, A -> Z h, A -> Z H, H+ -> W A and W h each open with the masses."""
    assert point(mA=50.0)["h"]["AA"][0] > 0.0
    assert point(mH=800.0, mHp=300.0)["H"]["HpHm"][0] > 0.0
    assert point()["A"]["Zh"][0] > 0.0
    assert point(cos_ba=0.0)["A"]["Zh"][0] < 1e-25
    assert point(mA=600.0)["A"]["ZH"][0] > 1.0
    assert point(mA=300.0)["Hp"]["WA"][0] > 1.0


def test_charged_higgs_rates_are_positive_across_the_top_threshold():
    """No hole between the virtual-top and the on-shell form, in any type."""
    f = charged_table()(np.linspace(100.0, 400.0, 1201))
    for up, down in ((1.0, 1.0), (0.1, 10.0), (0.1, -0.1), (2.0, 0.5)):
        tb = up**2 * f["tb_uu"] + down**2 * f["tb_dd"] + up * down * f["tb_ud"]
        assert (tb > 0.0).all()
        assert (tb[1:] > 0.97 * tb[:-1]).all()
