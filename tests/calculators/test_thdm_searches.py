"""Flavour limits, direct searches and the cross sections they need."""

import numpy as np
import pytest

from mlscanner.calculators.thdm import THDM, flavour, production, searches
from mlscanner.calculators.thdm.columns import COLUMNS
from mlscanner.config.scan_config import make_config

NAMES = ["mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]


def evaluate(values, **switches):
    """(status, reason, observables) of one point in the physical basis."""
    config = make_config(Calculator="THDM", THDM_basis="physical", VarLabel=NAMES,
                         VarMin=[v - 1 - abs(v) if n != "TanBeta" else v / 2
                                 for n, v in zip(NAMES, values, strict=True)],
                         VarMax=[v + 1 + abs(v) for v in values], **switches)
    calculator = THDM.from_config(config)
    evaluated = calculator.evaluate([values])[0]
    numbers = dict(zip(calculator.observables, evaluated.observables, strict=True))
    return evaluated.status, evaluated.reason, numbers


HEAVY = [125.2, 900.0, 900.0, 900.0, 0.0, 5.0, 900.0**2 * 5 / 26]     # m12sq = M^2 sin cos beta
LIGHT = [125.2, 350.0, 350.0, 350.0, 0.0, 15.0, 350.0**2 * 15 / 226]


def test_b_to_s_gamma_bounds_the_charged_mass_in_types_ii_and_y_only():
    """About 590 GeV for large tan beta, more below 2 (arXiv:1803.01853, figure 9)."""
    tanb = np.array([1.0, 2.0, 10.0, 50.0])
    for kind in ("II", "Y"):
        limit = flavour.lowest_charged_mass(tanb, kind)
        assert (np.diff(limit) < 0).all()
        assert limit[-1] == pytest.approx(590, abs=2)
    for kind in ("I", "X"):
        assert (flavour.lowest_charged_mass(tanb, kind) == 0).all()


def test_another_limit_of_b_to_s_gamma_moves_the_curve():
    """THDM_bsgamma_limit is the limit at large tan beta; points between both are excluded by it."""
    tanb = np.array([1.0, 2.0, 50.0])
    usual, other = (flavour.lowest_charged_mass(tanb, "II", limit) for limit in (None, 800.0))
    assert other[-1] == pytest.approx(800, abs=1)
    assert np.ptp(other - usual) == pytest.approx(0, abs=1e-9)
    assert flavour.lowest_charged_mass(tanb, "I", 800.0).max() == 0
    between = [125.2, 700.0, 700.0, 700.0, 0.0, 5.0, 700.0**2 * 5 / 26]
    assert evaluate(between, THDM_flavour=True)[0] == "ok"
    status, reason, _ = evaluate(between, THDM_flavour=True, THDM_bsgamma_limit=800.0)
    assert (status, reason) == ("excluded", "b -> s gamma")


def test_b_to_mu_mu():
    """Type II: an upper limit on tan beta that grows with m_H+; the others: a lower one."""
    mass = np.array([300.0, 1000.0])
    low, high = flavour.tan_beta_range(mass, "II")
    assert (low == 0).all() and high[0] < high[1] < 30
    for kind in ("I", "X", "Y"):
        low, high = flavour.tan_beta_range(mass, kind)
        assert 2.3 > low[0] > low[1] > 0.5 and np.isinf(high).all()


def test_cross_sections():
    """SM-like at 125 GeV close to Yellow Report 4; gg falls, bb grows with tan beta squared."""
    unit = {"u": np.ones(1), "d": np.ones(1)}
    gg, bb = production.neutral(np.array([125.0]), unit, odd=False)
    assert gg[0] == pytest.approx(48.6, rel=0.12) and bb[0] == pytest.approx(0.488, rel=0.15)
    mass = np.array([200.0, 400.0, 800.0])
    one = production.neutral(mass, {"u": 0.1 + 0 * mass, "d": 10.0 + 0 * mass}, odd=True)
    two = production.neutral(mass, {"u": 0.05 + 0 * mass, "d": 20.0 + 0 * mass}, odd=True)
    assert (np.diff(one[1]) < 0).all()
    np.testing.assert_allclose(two[1], 4 * one[1])
    assert production.neutral(np.array([3000.0]), unit, odd=True)[0][0] == 0.0


def test_charged_cross_section_has_its_minimum_near_tan_beta_of_seven():
    """t b H+ in type II: sqrt(m_t/m_b) (arXiv:1409.5615)."""
    tanb = np.linspace(2, 20, 100)
    xs = production.charged(np.full(100, 300.0), {"u": 1 / tanb, "d": tanb})
    assert 6 < tanb[np.argmin(xs)] < 9


def test_every_search_is_tabulated_and_named_once():
    """The data file, the names and the columns agree; limits are positive."""
    one, two, _, width = searches._limits()
    assert set(one) | set(two) | set(width) | {"tautau", "lep_Hp"} == set(searches.SEARCHES)
    assert all(f"lim_{name}" in COLUMNS for name in searches.SEARCHES)
    for mass, *limits in one.values():
        assert (np.diff(mass) > 0).all() and all((limit > 0).all() for limit in limits)


def test_tau_tau_limit_at_its_nodes():
    """A rate equal to the tabulated limit gives the ratio 1; outside the masses there is none."""
    grid, log_limit = searches._limits()[2]
    for i in (0, 5, 9):
        m, zero = grid[i : i + 1], np.zeros(1)
        for kind in (0, 1):
            gg_only, bb_only = np.exp(log_limit[kind, i, 0]), np.exp(log_limit[kind, i, -1])
            assert searches._tautau(m, gg_only[None], zero)[kind] == pytest.approx(1.0)
            assert searches._tautau(m, zero, bb_only[None])[kind] == pytest.approx(1.0, rel=1e-4)
    assert (searches._tautau(np.array([150.0]), np.ones(1), np.ones(1)) == 0.0).all()


def test_expected_limits_are_those_of_the_papers_tables():
    """Nodes of the expected limits as HiggsBounds-5.10.1 has them, in pb, and near the observed."""
    one, two, (_, tau), _ = searches._limits()
    for name, mass, expected in (("tbHp_tb", 200.0, 2.603881), ("ggA_Zh_Zbb", 400.0, 0.069125),
                                 ("ggH_VV", 300.0, 0.5858), ("H_hh", 260.0, 0.7228),
                                 ("top_Hp_taunu", 90.0, 3.998e-3), ("tbHp_taunu", 90.0, 6.654)):
        grid, _, limit = one[name]
        assert np.interp(mass, grid, limit) == pytest.approx(expected, rel=1e-3), name
    both = [np.stack(limits) for _, *limits in one.values()]
    for limits in (*both, *(g[2] for g in two.values()), np.exp(tau)):
        observed, expected = limits[:, np.isfinite(limits[0])]
        spread = np.log(expected / observed)
        assert abs(np.median(spread)) < 0.5 and np.abs(spread).max() < 1.5


def test_the_most_sensitive_search_is_taken_before_what_it_observed():
    """Largest expected ratio wins: its observed one counts, even if another observed more."""
    found = [("tautau", np.array([[3.0, 0.2], [0.9, 0.0]])),
             ("H_hh", np.array([[0.7, 0.5], [1.5, 0.0]])),
             ("H_hh", np.array([[0.8, 9.0], [1.4, 0.0]]))]
    ratio, which = searches.most_sensitive(found, ("tautau", "H_hh"))
    assert ratio.tolist() == [0.7, 0.0]
    assert which.tolist() == [searches.SEARCHES.index("H_hh") + 1, 0]
    assert searches.most_sensitive(found, ("tautau",))[0].tolist() == [3.0, 0.0]
    assert searches.ratios(found)["H_hh"].tolist() == [0.8, 9.0]


def test_rule_of_several_searches():
    """'each': any of them excludes; 'most_sensitive': one does, and the reason says so."""
    counts = {}
    for rule in ("each", "most_sensitive"):
        config = make_config(Calculator="THDM", THDM_basis="physical", VarLabel=NAMES[1:-1],
                             VarMin=[200.0, 200.0, 80.0, -0.3, 1.0],
                             VarMax=[900.0, 900.0, 900.0, 0.3, 20.0], THDM_vacuum=False,
                             THDM_fixed=["mh = 125.2", "m12sq = 3e4"], THDM_type="I",
                             THDM_perturbativity=1e3, THDM_unitarity=1e3, THDM_search_rule=rule,
                             THDM_searches=list(searches.SEARCHES))
        calculator = THDM.from_config(config)
        x = np.random.default_rng(5).uniform(config.VarMin, config.VarMax, (4000, 5))
        evaluated = calculator.evaluate(x)
        counts[rule] = {i for i, e in enumerate(evaluated) if e.status == "excluded"}
        best = calculator.observables.index("lim_best")
        which = calculator.observables.index("best_search")
    assert counts["most_sensitive"] < counts["each"] and counts["most_sensitive"]
    for i in counts["most_sensitive"]:
        name = searches.SEARCHES[int(evaluated[i].observables[which]) - 1]
        assert evaluated[i].reason == f"search {name}, the most sensitive"
        assert evaluated[i].observables[best] > 1.0


def test_top_pairs_are_limited_by_coupling_mass_and_width():
    """Nodes of CMS, arXiv:1908.01115, as HiggsBounds-5.10.1 has them; between them bilinear."""
    mass, width = np.array([400.0, 402.5, 400.0, 760.0, 500.0]), np.array([2.0, 2.0125, 3.0, 7, .5])
    found = searches._by_width("A_tt", mass, width, np.full(5, -1.0))[0]
    assert found[0] == pytest.approx(1 / 0.594521, rel=1e-3)       # 0.5%
    assert found[1] == pytest.approx(2 / (0.594521 + 0.588493), rel=1e-3)
    assert found[2] == pytest.approx(2 / (0.594521 + 0.736457), rel=1e-3)     # 0.75%
    assert found[3:].tolist() == [0.0, 0.0]      # beyond the masses, narrower than 0.5%
    low = [125.2, 600.0, 450.0, 620.0, 0.0, 0.7, 200.0**2]
    assert evaluate(low, THDM_type="I")[2]["lim_A_tt"] > 1.0
    assert evaluate([*low[:5], 10.0, 1e3], THDM_type="I")[2]["lim_A_tt"] < 0.2


def test_light_charged_bosons_from_tops_to_c_s():
    """t -> b H+ at 8 TeV, arXiv:1510.04252: the limit at a node; type I and small tan beta."""
    assert searches._by_mass("top_Hp_cs", np.array([100.0]), np.array([0.0275]))[0, 0] == 1.0
    light = evaluate([125.2, 250.0, 200.0, 100.0, 0.0, 1.0, 2e4], THDM_type="I")[2]
    assert light["lim_top_Hp_cs"] > 0.5 > evaluate(
        [125.2, 250.0, 200.0, 100.0, 0.0, 20.0, 2e3], THDM_type="I")[2]["lim_top_Hp_cs"]


def test_known_exclusions():
    """Type II, 350 GeV, tan beta 15: dead by tau tau, by far; 900 GeV, tan beta 5: alive."""
    everything = {"THDM_searches": list(searches.SEARCHES), "THDM_flavour": True}
    status, _reason, seen = evaluate(LIGHT, **everything)
    assert status == "excluded" and seen["lim_tautau"] > 3
    assert evaluate(HEAVY, **everything)[0] == "ok"
    assert evaluate(LIGHT, **everything, THDM_type="I")[2]["lim_tautau"] < 0.1


def test_each_search_can_be_switched():
    """Off: allowed, but still in its column. On, alone: excluded, and named."""
    assert evaluate(LIGHT)[0] == "ok"
    assert evaluate(LIGHT, THDM_searches=["H_hh"])[0] == "ok"
    status, reason, _ = evaluate(LIGHT, THDM_searches=["tautau"])
    assert (status, reason) == ("excluded", "search tautau")
    status, reason, _ = evaluate(LIGHT, THDM_flavour=True)
    assert (status, reason) == ("excluded", "b -> s gamma")


def test_lep():
    """A charged Higgs boson below 80 GeV is excluded in type II."""
    _, _reason, seen = evaluate([125.2, 250.0, 200.0, 75.0, 0.0, 2.0, 1e4],
                               THDM_searches=["lep_Hp"])
    assert seen["lim_lep_Hp"] > 1.0
