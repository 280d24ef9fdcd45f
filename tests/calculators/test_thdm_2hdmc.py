"""The two-Higgs-doublet model against an independent program, 2HDMC 1.8.0 (arXiv:0902.0851).

Its numbers stand here as literals; they were made with its default SM inputs, which the tests put
in place of ours, so that what is compared is the physics. What still differs is explained where
the tolerance is set.
"""

import numpy as np
import pytest

from mlscanner.calculators.thdm import charged_table, neutral_tables, oblique, running, sm, theory
from mlscanner.calculators.thdm.couplings import (
    charged_triple,
    couplings,
    pseudoscalar_triple,
    scalar_triples,
)
from mlscanner.calculators.thdm.decays import widths
from mlscanner.calculators.thdm.spectrum import potential_from_physical, spectrum

# m_h, m_H, m_A, m_H+, sin(beta - alpha), tan beta, m12sq, type (2HDMC's types 3, 4: Y, X)
# triple: coupling of the Lagrangian times -1 in GeV; widths in GeV, those above 1e-4 of the total.
REFERENCE = {
    (125, 400, 420, 440, 0.99498743710662, 5, 30000, "II"): {
        "lambda": (3.7052026, 0.18845408, 2.6171754, -0.90392396, -0.33649724),
        "STU": (-3.119267e-03, 1.398858e-02, 4.622170e-05), "unitarity": 12.665404,
        "triple": {"hhh": -163.59784, "Hhh": -119.82787, "hHpHm": -640.68463, "HHpHm": -173.1121,
                   "hAA": -501.67282, "HAA": -159.14088},
        "h": {"bb": 0.00066121, "ss": 2.468e-07, "cc": 0.00012366, "tautau": 6.3384e-05,
              "mumu": 2.244e-07, "gg": 0.00034766, "gamgam": 8.8241e-06, "Zgam": 6.0818e-06,
              "WW": 0.00083593, "ZZ": 0.00010442},
        "H": {"bb": 0.17656, "tt": 0.041011, "tautau": 0.021344, "gg": 0.00043537, "WW": 0.16144,
              "ZZ": 0.075251, "hh": 0.27874},
        "A": {"bb": 0.17867, "tt": 0.67286, "tautau": 0.021756, "gg": 0.0029342, "Zh": 0.15175},
        "Hp": {"tb": 0.83218, "cb": 0.00030817, "taunu": 0.022792, "Wh": 0.19039,
              "WH": 0.00013555},
    },
    (125, 300, 250, 280, 0.999, 2, 25000, "I"): {
        "lambda": (2.2840072, 0.31817979, 0.41576118, -0.52453981, -1.5002081e-16),
        "STU": (-1.071717e-03, -1.063959e-02, -2.282819e-04), "unitarity": 6.8679579,
        "triple": {"hhh": -187.98316, "Hhh": -22.525093, "hHpHm": -205.187, "HHpHm": -189.48234,
                   "hAA": -76.163659, "HAA": -183.70791},
        "h": {"bb": 0.0027901, "ss": 1.0197e-06, "cc": 0.00012522, "tautau": 0.00026986,
              "mumu": 9.5539e-07, "gg": 0.00033228, "gamgam": 9.0238e-06, "Zgam": 6.1586e-06,
              "WW": 0.00084269, "ZZ": 0.00010527},
        "H": {"bb": 0.0011293, "cc": 5.0348e-05, "tt": 7.9542e-05, "tautau": 0.00012855,
              "gg": 0.0011146, "gamgam": 3.5229e-06, "WW": 0.011312, "ZZ": 0.0050206,
              "hh": 0.0092994, "ZA": 0.00015668, "WHp": 7.865e-06},
        "A": {"bb": 0.0011501, "cc": 5.2931e-05, "tautau": 0.00012949, "mumu": 4.5793e-07,
              "gg": 0.0019497, "gamgam": 4.7108e-06, "Zgam": 9.3268e-07, "Zh": 0.0012645},
        "Hp": {"tb": 1.6868, "Wh": 0.0043512},
    },
    (125, 600, 480, 620, 0.9999, 20, 17000, "II"): {
        "lambda": (129.36882, 0.25162431, 2.9832962, -3.2585799, 1.8218686),
        "STU": (-6.963270e-03, 4.981891e-02, 1.616729e-04), "unitarity": 388.12539,
        "triple": {"hhh": -188.99782, "Hhh": -45.592671, "hHpHm": -789.82023, "HHpHm": -1577.1513,
                   "hAA": 460.96561, "HAA": -1559.4612},
        "h": {"bb": 0.0013799, "ss": 5.0838e-07, "cc": 0.00012018, "tautau": 0.00013302,
              "mumu": 4.7092e-07, "gg": 0.00032914, "gamgam": 9.1816e-06, "Zgam": 6.1984e-06,
              "WW": 0.00084421, "ZZ": 0.00010546},
        "H": {"bb": 3.8459, "ss": 0.0013651, "tt": 0.026324, "tautau": 0.49788, "mumu": 0.0017606,
              "gg": 0.00085439, "WW": 0.012481, "ZZ": 0.0060416, "hh": 0.031328, "ZA": 0.8999},
        "A": {"bb": 3.1911, "ss": 0.0011326, "tt": 0.053608, "tautau": 0.39783, "mumu": 0.0014068,
              "gg": 0.0012405, "Zh": 0.0051278},
        "Hp": {"tb": 3.5069, "cs": 0.001302, "cb": 0.0065682, "taunu": 0.51387, "munu": 0.0018171,
              "Wh": 0.013037, "WA": 2.7386},
    },
    (125, 220, 550, 560, 0.995, 8, 6000, "Y"): {
        "lambda": (0.40810035, 0.24952087, 9.4347558, -4.551785, -4.1855968),
        "STU": (-1.617010e-02, 5.658610e-02, 2.801281e-04), "unitarity": 15.306134,
        "triple": {"hhh": -184.58105, "Hhh": -25.109159, "hHpHm": -2309.5214, "HHpHm": -223.35755,
                   "hAA": -2219.8092, "HAA": -214.35252},
        "h": {"bb": 0.0001064, "cc": 0.00012184, "tautau": 0.00026258, "mumu": 9.2962e-07,
              "gg": 0.00035451, "gamgam": 8.4224e-06, "Zgam": 5.965e-06, "WW": 0.00083595,
              "ZZ": 0.00010442},
        "H": {"bb": 0.27293, "ss": 9.711e-05, "gg": 0.00022911, "WW": 0.015726, "ZZ": 0.0062617},
        "A": {"bb": 0.57186, "tt": 0.40517, "Zh": 0.42103, "ZH": 27.846},
        "Hp": {"tb": 0.86402, "Wh": 0.45847, "WH": 31.151},
    },
    (125, 700, 690, 300, 0.98, 1.5, 60000, "X"): {
        "lambda": (17.809245, 1.0344429, -5.1086818, 7.0285036, -5.7089066),
        "STU": (4.661915e-02, 2.537427e+00, 1.248586e-02), "unitarity": 53.628994,
        "triple": {"hhh": -87.558824, "Hhh": -24.63018, "hHpHm": 179.19117, "HHpHm": -1525.4167,
                   "hAA": -2894.297, "HAA": -2149.5151},
        "h": {"bb": 0.0033112, "ss": 1.2102e-06, "cc": 0.00014861, "tautau": 0.00012015,
              "gg": 0.00039435, "gamgam": 8.663e-06, "Zgam": 5.9834e-06, "WW": 0.00081094,
              "ZZ": 0.0001013},
        "H": {"tt": 5.6119, "WW": 4.0405, "ZZ": 1.972, "HpHm": 34.063, "WHp": 109.49},
        "A": {"tt": 14.974, "gg": 0.036659, "Zh": 3.6431, "WHp": 106.68},
        "Hp": {"tb": 3.6498, "taunu": 0.0013986, "Wh": 0.13142},
    },
    (125.09, 500, 50, 170, 1.0, 10, 24000, "I"): {
        "lambda": (12.794277, 0.25935868, -6.9106057, 3.0862075, 3.9571416),
        "STU": (3.403671e-02, -4.901498e-01, -1.476536e-02), "unitarity": 41.231543,
        "triple": {"hhh": -190.65233, "Hhh": 0.0, "hHpHm": 1670.6666, "HHpHm": -305.57967,
                   "hAA": 1885.1085, "HAA": -305.57967},
        "h": {"AA": 169.77},
        "H": {"tt": 0.12849, "AA": 1.8202, "HpHm": 2.7242, "ZA": 35.848, "WHp": 50.663},
        "A": {"bb": 1.2608e-05, "ss": 4.4001e-09, "cc": 5.9056e-07, "tautau": 1.0334e-06,
              "mumu": 3.6634e-09, "gg": 8.9586e-07},
        "Hp": {"tb": 6.3012e-05, "WA": 0.40596},
    },
    (125, 300, 330, 160, 0.99, 3, 20000, "II"): {
        "lambda": (4.5543631, 0.20797772, -0.97622081, 2.0514235, -0.69663726),
        "STU": (3.527035e-02, 4.027150e-01, 8.544115e-03), "unitarity": 13.663841,
        "triple": {"hhh": -168.62567, "Hhh": -64.715125, "hHpHm": 189.43346, "HHpHm": -254.68924,
                   "hAA": -480.42934, "HAA": -350.13952},
        "h": {"bb": 0.00086535, "ss": 3.2159e-07, "cc": 0.00012909, "tautau": 8.3109e-05,
              "mumu": 2.9423e-07, "gg": 0.00036046, "gamgam": 9.9382e-06, "Zgam": 6.3406e-06,
              "WW": 0.00082757, "ZZ": 0.00010338},
        "H": {"bb": 0.052346, "tautau": 0.0060153, "WW": 0.11261, "ZZ": 0.04998, "hh": 0.07676,
              "WHp": 3.3345},
        "A": {"bb": 0.052794, "tt": 0.0057312, "tautau": 0.0061537, "gg": 0.003135,
              "Zh": 0.099655, "WHp": 6.9334},
        "Hp": {"tb": 0.00026721, "cs": 2.4355e-05, "cb": 4.8372e-05, "taunu": 0.0029831,
              "munu": 1.0551e-05, "Wh": 1.0843e-06},
    },
}
CACHES = (running._tables, neutral_tables.neutral_table, charged_table.charged_table)

# Largest relative difference of a width. 1e-3 where both are the same formula.
TOLERANCE = {
    # three-loop instead of one-loop masses and third-order QCD
    "bb": 0.035, "cc": 0.02, "ss": 0.05, "cs": 0.06, "cb": 0.03,
    # two-loop alpha_s without top, five instead of six light flavours in the correction
    "gg": 0.07,
    # no QCD correction of the top loop, which weighs more where the W loop cancels
    "gamgam": 0.08,
    # join of pole and running mass as in HDECAY (x^2), 2HDMC takes sqrt(x); below threshold a
    # virtual top in place of the full matrix element
    "tt": 0.3, "tb": 0.1,
    # off shell (pairs closer than the mass of the vector boson)
    "WHp": 0.03, "Wh": 0.03, "WH": 0.03, "WA": 0.03, "ZH": 0.03, "Zh": 0.03, "ZA": 0.03,
}


@pytest.fixture
def inputs_of_2hdmc(monkeypatch):
    """Put 2HDMC's SM inputs (src/SM.h) in place of ours."""
    values = {"M_Z": 91.15349, "M_W": 80.36951, "ALPHA_S_MZ": 0.119, "M_B_POLE": 4.75,
              "M_C_POLE": 1.42, "M_B_MB": 4.41835, "M_C_3GEV": 0.9935, "M_S_2GEV": 0.1,
              "M_TAU": 1.77684, "GAMMA_W": 2.08856, "GAMMA_Z": 2.49581}
    values["SIN2_W"] = 1 - (values["M_W"] / values["M_Z"]) ** 2
    values["COS2_W"] = 1 - values["SIN2_W"]
    for name, value in values.items():
        monkeypatch.setattr(sm, name, value)
    monkeypatch.setattr(oblique, "ALPHA_MZ", 1 / 127.934)
    for cached in CACHES:
        cached.cache_clear()
    yield
    for cached in CACHES:
        cached.cache_clear()


def point(given):
    """(Potential, Spectrum, Couplings) of a key of REFERENCE."""
    *values, kind = given
    mh, mH, mA, mHp, sba, tanb, m12sq = (np.array([v], float) for v in values)
    pot = potential_from_physical(mh, mH, mA, mHp, np.sqrt(1 - sba**2), tanb, m12sq)
    spec = spectrum(pot)
    return pot, spec, couplings(spec, kind)


def test_quartic_couplings():
    """lambda_1 ... lambda_5 from masses and mixing."""
    for given, expected in REFERENCE.items():
        pot, _, _ = point(given)
        mine = [getattr(pot, f"lam{i}")[0] for i in range(1, 6)]
        np.testing.assert_allclose(mine, expected["lambda"], rtol=1e-6, atol=1e-7)


def test_largest_unitarity_eigenvalue():
    """2HDMC's limit at which a point just passes is our largest eigenvalue."""
    for given, expected in REFERENCE.items():
        pot, _, _ = point(given)
        largest = np.abs(theory.unitarity_eigenvalues(pot)).max()
        assert largest == pytest.approx(expected["unitarity"], rel=1e-6)


def test_triple_scalar_couplings():
    """All couplings of h and H to pairs of scalars."""
    for given, expected in REFERENCE.items():
        pot, spec, _ = point(given)
        mine = dict(zip(("hhh", "Hhh"), scalar_triples(pot, spec), strict=True))
        mine.update(zip(("hHpHm", "HHpHm"), charged_triple(pot, spec), strict=True))
        mine.update(zip(("hAA", "HAA"), pseudoscalar_triple(pot, spec), strict=True))
        for name, value in expected["triple"].items():
            assert -sm.V * mine[name][0] == pytest.approx(value, rel=1e-6, abs=1e-6), name


def test_oblique_parameters(inputs_of_2hdmc):
    """S, T, U with the same SM inputs, to the digits printed."""
    for given, expected in REFERENCE.items():
        mine = np.ravel(oblique.oblique(point(given)[1]))
        np.testing.assert_allclose(mine, expected["STU"], rtol=2e-6, atol=1e-9)


# A Z* is half as wide there as here: 2HDMC's off-shell formula has one coefficient for W and Z,
# ours comes from the Z width, and is continuous at the threshold.
HALF_OF_OURS = {(300.0, 250.0, "ZA"), (420.0, 400.0, "ZH"), (330.0, 300.0, "ZH")}


@pytest.mark.slow
@pytest.mark.parametrize("given", REFERENCE)
def test_partial_widths(given, inputs_of_2hdmc):
    """Every width above 1e-4 of the total, with the same SM inputs."""
    mine = widths(*point(given))
    masses = dict(zip(("h", "H", "A", "Hp"), given[:4], strict=True))
    for boson in ("h", "H", "A", "Hp"):
        for channel, expected in REFERENCE[given][boson].items():
            light = masses.get(channel[1:], 0.0)
            factor = 2.0 if (masses[boson], light, channel) in HALF_OF_OURS else 1.0
            tolerance = TOLERANCE.get(channel, 1e-3) * factor
            assert mine[boson][channel][0] == pytest.approx(factor * expected, rel=tolerance), (
                boson, channel)


def test_a_wrong_formula_would_be_seen(inputs_of_2hdmc):
    """The comparison can fail: another Yukawa type does not pass for this one."""
    given = next(iter(REFERENCE))
    pot, spec, _ = point(given)
    other = widths(pot, spec, couplings(spec, "I"))
    expected = REFERENCE[given]["h"]["bb"]
    assert abs(other["h"]["bb"][0] / expected - 1) > 0.5
