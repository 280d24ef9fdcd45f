"""The Standard Model and a real singlet: formulas of the literature, limits, statuses."""

import numpy as np
import pytest

from mlscanner.auxiliary import make_calculator
from mlscanner.calculators.thdm import oblique, singlet
from mlscanner.calculators.thdm.options import Options
from mlscanner.calculators.thdm.sm import V
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.errors import InputError
from mlscanner.space.parameters import Box

NAMES = ["mS", "sin_theta", "vS"]


def point(mS, sin_theta, vS, **options):
    """Status, reason, chi2 and columns of one point with mh = 125.2 GeV."""
    state = {"mh": 125.2, "mS": mS, "sin_theta": sin_theta, "vS": vS}
    status, reason, chi2, table = singlet.SINGLET.evaluate(
        {name: np.array([float(value)]) for name, value in state.items()},
        Options(signals=("run1", "run2_full"), **options))
    return status[0], reason[0], chi2[0], dict(zip(singlet.MEANING, table[:, 0], strict=True))


@pytest.mark.parametrize(("mS", "sin", "vS"), [(300, 0.2, 100), (800, -0.3, 300), (60, 0.1, 200),
                                               (400, 0.95, 150)])
def test_the_potential_has_these_masses_and_couplings(mS, sin, vS):
    """Mass matrix, and the width of S -> h h with the coupling of arXiv:1501.02234, eq. 13."""
    p = {"mh": np.array([125.2]), "mS": np.array([float(mS)]), "sin_theta": np.array([sin]),
         "vS": np.array([float(vS)])}
    lam1, lam2, lam3 = (x[0] for x in singlet.quartics(p))
    matrix = [[2 * lam1 * V**2, lam3 * V * vS], [lam3 * V * vS, 2 * lam2 * vS**2]]
    np.testing.assert_allclose(np.sort(np.sqrt(np.linalg.eigvalsh(matrix))), np.sort([125.2, mS]))
    cos = np.sqrt(1 - sin**2)
    np.testing.assert_allclose(matrix @ np.array([sin, cos]), mS**2 * np.array([sin, cos]))
    mu = -sin * cos / (V * vS) * (sin * V + cos * vS) * (125.2**2 + mS**2 / 2)
    assert singlet.triples(p)[1][0] == pytest.approx(-mu)
    *_, seen = point(mS, sin, vS)
    if mS > 250.4:
        width = mu**2 / (8 * np.pi * mS) * np.sqrt(1 - (2 * 125.2 / mS) ** 2)
        assert seen["BR_S_hh"] * seen["width_S"] == pytest.approx(width)


def test_triples_are_derivatives_of_the_potential():
    """h^3, h^2 S and h S^2 against the potential, expanded numerically around its minimum."""
    p = {"mh": np.array([125.2]), "mS": np.array([300.0]), "sin_theta": np.array([0.3]),
         "vS": np.array([200.0])}
    lam1, lam2, lam3 = (x[0] for x in singlet.quartics(p))
    sin, cos = 0.3, np.sqrt(0.91)

    def quartic_part(h, S):
        phi, s = cos * h + sin * S, -sin * h + cos * S
        return (lam1 * (V + phi) ** 4 + lam2 * (200 + s) ** 4
                + lam3 * (V + phi) ** 2 * (200 + s) ** 2) / 4

    def third(i, j):    # coefficient of h^i S^j by central differences, exact for quartics
        weights = {0: {0: 1}, 1: {-1: -0.5, 1: 0.5}, 2: {-1: 1, 0: -2, 1: 1},
                   3: {-2: -0.5, -1: 1, 1: -1, 2: 0.5}}
        total = sum(a * b * quartic_part(m, n) for m, a in weights[i].items()
                    for n, b in weights[j].items())
        return total / [1, 1, 2, 6][i] / [1, 1, 2, 6][j]

    for got, (i, j) in zip(singlet.triples(p), ((3, 0), (2, 1), (1, 2)), strict=True):
        assert got[0] == pytest.approx(third(i, j), rel=1e-6)


def test_no_mixing_is_the_standard_model():
    """sin(theta) = 0: rates and S, T, U of the SM, and every column a number."""
    status, _, _, seen = point(500, 0.0, 300)
    assert status == "ok" and np.isfinite(list(seen.values())).all()
    assert seen["kappa"] == seen["kappa_lam"] == 1 and seen["xs_gg_S"] == seen["BR_S_hh"] == 0
    assert abs(seen["T"]) < 2e-4 and seen["excess"] == 0


def test_oblique_parameters_of_a_heavy_singlet():
    """The logarithms of a heavy Higgs, Peskin and Takeuchi, Phys. Rev. D 46 (1992) 381, eq. 6.1:
    S = ln(mS^2/mh^2) / (12 pi), T = -3 ln(mS^2/mh^2) / (16 pi cos^2), times sin^2; U small."""
    low, high = (np.ravel(oblique.oblique_singlet(np.array([125.0**2]), np.array([m**2]),
                                                  np.array([0.04]))) for m in (3e3, 6e3))
    s, t, u = high - low
    log = np.log(4.0)
    assert s == pytest.approx(0.04 * log / (12 * np.pi), rel=0.04)
    assert t == pytest.approx(-0.04 * 3 * log / (16 * np.pi * 0.777), rel=0.04)
    assert abs(u) < 2e-5


def test_the_mixing_is_limited_as_published():
    """Heavy S: |sin(theta)| below 0.2 to 0.3 by rates, S, T, U and searches, as in
    arXiv:2209.10996 (figure 1: 0.2 to 0.3 below 1 TeV); light S: h -> S S closes large mixing."""
    def allowed(mS, vS):
        chi2 = {}
        for sin in np.arange(0, 0.6, 0.01):
            status, _, value, _ = point(mS, sin, vS, searches=singlet.SEARCHES)
            chi2[sin] = value if status == "ok" else np.inf
        best = min(chi2.values())
        return max(sin for sin, value in chi2.items() if value < best + 4)
    assert 0.10 < allowed(300, 300) < 0.30
    assert 0.15 < allowed(700, 300) < 0.32
    assert point(60, 0.2, 200)[3]["BR_h_SS"] > 0.5


@pytest.mark.parametrize(("values", "status", "reason"), [
    ((300, 1.2, 100), "unphysical", "sin_theta"), ((300, 0.2, -5), "unphysical", "vS"),
    ((900, 0.2, 20), "nonperturbative", "quartic"), ((800, 0.3, 300), "excluded", "ggH_VV")])
def test_statuses(values, status, reason):
    """Each test has its status, says why, and tells how far the point is."""
    got, why, _, seen = point(*values, searches=singlet.SEARCHES)
    assert got == status and reason in why
    assert np.isnan(seen["excess"]) if status == "unphysical" else seen["excess"] > 1


def test_the_calculator():
    """Calculator = 'Singlet' in an input file; its names, not those of the 2HDM."""
    config = {"Calculator": "Singlet", "VarLabel": NAMES, "VarMin": [130, -0.5, 10],
              "VarMax": [1000, 0.5, 1000], "THDM_fixed": ["mh = 125.2"]}
    calculator = make_calculator(make_config(**config), NAMES)
    evaluated, = calculator.evaluate([[300.0, 0.1, 300.0]], None)
    assert evaluated.status == "ok" and len(evaluated.observables) == len(calculator.observables)
    with pytest.raises(InputError, match="Singlet: TanBeta is not a parameter.*Known: mh, mS"):
        make_calculator(make_config(**config | {"VarLabel": ["TanBeta", *NAMES[1:]]}), NAMES)


def test_the_example(project):
    """The example is an input file; random points of its box are good, and excluded."""
    config = load_config(project / "docs" / "examples" / "singlet.py")
    box, calculator = Box.from_config(config), make_calculator(config, config.VarLabel)
    x = box.to_physical(np.random.default_rng(3).random((400, box.dim)))
    assert {"ok", "excluded"} <= {e.status for e in calculator.evaluate(x, None)}
