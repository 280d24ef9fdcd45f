"""The Standard Model and a real singlet with a Z2 symmetry that its vacuum breaks.

    V = -m^2 |Phi|^2 - mu^2 chi^2 + lam1 |Phi|^4 + lam2 chi^4 + lam3 |Phi|^2 chi^2,
    Phi = (0, phi + v)/sqrt(2),  chi = (s + x)/sqrt(2),
    h = cos(theta) phi - sin(theta) s,  S = sin(theta) phi + cos(theta) s

as in G. M. Pruna, T. Robens, arXiv:1303.1150, and T. Robens, T. Stefaniak, arXiv:1501.02234; h is
the boson at 125 GeV, S may be heavier or lighter.
"""

import numpy as np

from . import decays, oblique, production, searches, signals
from .columns import LISTED
from .kappas import effective
from .model import SMALL, Model, quartic_tests, search_tests
from .sm import V

CHANNELS = tuple(c for c in decays.CHANNELS["H"] if c not in ("AA", "HpHm", "ZA", "WHp"))
SEARCHES = ("tautau", "bbphi_bb", "ggH_VV", "ggH_ZZ", "H_hh", "H_tt")   # of a scalar
UNPHYSICAL = "|sin_theta| is above 1, or a mass or vS not above 0"

MEANING = {
    "kappa": "all couplings of h over SM, cos(theta)", "kappa_lam": "h h h coupling over SM",
    "width_h_over_SM": "total width of h over SM, rates at 125.09 GeV",
    "BR_h_SS": "h -> S S", "width_S": "GeV, total",
    **{f"BR_S_{c}": f"S -> {c}" for c in CHANNELS},
    "xs_gg_S": "pb, 13 TeV, gg -> S", "xs_bb_S": "pb, 13 TeV, bb -> S",
    "lambda1": "of |Phi|^4", "lambda2": "of chi^4", "lambda3": "of |Phi|^2 chi^2",
    **{name: text for name, text in LISTED.items()
       if not name.startswith("lim_") or name[4:] in (*SEARCHES, "best")},
}


def _spectrum(p):
    known = ((np.abs(p["sin_theta"]) <= 1) & (p["mh"] > 0) & (p["mS"] > 0) & (p["vS"] > 0)
             & np.isfinite(p["mS"] + p["vS"] + p["mh"]))
    words = np.full(len(known), "unphysical", object), np.full(len(known), UNPHYSICAL, object)
    return known, words


def quartics(p):
    """lam1, lam2, lam3, each (n,), of masses (GeV), mixing and vS (arXiv:1501.02234, eq. 9)."""
    s2 = p["sin_theta"] ** 2
    mh2, ms2 = p["mh"] ** 2, p["mS"] ** 2
    lam1 = (mh2 * (1 - s2) + ms2 * s2) / (2 * V**2)
    lam2 = (mh2 * s2 + ms2 * (1 - s2)) / (2 * p["vS"] ** 2)
    lam3 = (ms2 - mh2) * p["sin_theta"] * np.sqrt(1 - s2) / (V * p["vS"])
    return lam1, lam2, lam3


def triples(p):
    """Coefficients (n,), in GeV, of h^3, h^2 S and h S^2 in V."""
    lam1, lam2, lam3 = quartics(p)
    s, x = p["sin_theta"], p["vS"]
    c = np.sqrt(1 - s**2)
    hhh = lam1 * V * c**3 - lam2 * x * s**3 + lam3 / 2 * (V * c * s**2 - x * s * c**2)
    hhs = (3 * lam1 * V * c**2 * s + 3 * lam2 * x * s**2 * c
           + lam3 / 2 * (V * (s**3 - 2 * c**2 * s) + x * (c**3 - 2 * s**2 * c)))
    hss = (3 * lam1 * V * s**2 * c - 3 * lam2 * x * c**2 * s
           + lam3 / 2 * (V * (c**3 - 2 * s**2 * c) + x * (2 * s * c**2 - s**3)))
    return hhh, hhs, hss


def observables(p, options):
    """Dict of every column but `excess`, (n,) each."""
    zero = np.zeros_like(p["mh"])
    mh, ms, sin = p["mh"], p["mS"], p["sin_theta"]
    cos = np.sqrt(1 - sin**2)
    hhh, hhs, hss = triples(p)
    like = dict.fromkeys("Vudl", cos)
    kappa = {**like, **effective(like, zero, zero + 1e4)}
    to_ss = decays.pair(mh, ms, 2 * hss / V, 0.5)
    br, width = signals.decays(kappa, to_ss)
    boson = dict.fromkeys("Vudl", sin)
    partial = decays.even(ms, boson, zero, zero + 1e4)
    partial["hh"] = decays.pair(ms, mh, 2 * hhs / V, 0.5)
    br_s, total = decays.branching_ratios({"S": partial})
    br_s["S"] = {c: np.where(total["S"] > 0, b, 0.0) for c, b in br_s["S"].items()}   # no mixing
    lam1, lam2, lam3 = quartics(p)
    half, mean = 3 * lam1 - 1.5 * lam2, 3 * lam1 + 1.5 * lam2
    s, t, u = oblique.oblique_singlet(mh**2, ms**2, sin**2)
    gg, bb = production.neutral(ms, boson, odd=False)
    out = {"kappa": cos, "kappa_lam": hhh * 2 * V / mh**2, "width_h_over_SM": width,
           "BR_h_SS": to_ss / (width * signals.WIDTH_SM), "width_S": total["S"],
           **{f"BR_S_{c}": br_s["S"][c] for c in CHANNELS}, "xs_gg_S": gg, "xs_bb_S": bb,
           "lambda1": lam1, "lambda2": lam2, "lambda3": lam3,
           "max_quartic": np.max(np.abs([lam1, lam2, lam3]), axis=0),
           # O(4) singlets of two phi and of two s, and the others (same normalisation as theory)
           "unitarity": np.max(np.abs([mean + np.hypot(half, lam3), mean - np.hypot(half, lam3),
                                       2 * lam1, lam3]), axis=0),
           "S": s, "T": t, "U": u, "chi2_stu": oblique.chi2(s, t, u, options.oblique_fit),
           "chi2_mh": signals.chi2_mass(mh, options.mh_theory_uncertainty),
           **signals.chi2_columns(kappa, br)}
    found = list(searches.one_scalar(ms, gg, bb, br_s["S"], total["S"], sin))
    out.update({f"lim_{name}": ratio for name, ratio in searches.ratios(found).items()})
    out["lim_best"], out["best_search"] = searches.most_sensitive(found, options.searches)
    return out


def _tests(p, columns, options):
    lam1, lam2, lam3 = (columns[f"lambda{i}"] for i in "123")
    lacks = np.maximum(-lam3 - 2 * np.sqrt(lam1 * lam2), 0.0)
    yield (np.log1p(np.where(lam3 <= -2 * np.sqrt(lam1 * lam2), np.maximum(lacks, SMALL), 0.0)),
           "unbounded", "the potential is not bounded from below")
    yield from quartic_tests(columns, options)
    yield from search_tests(columns, options)


SINGLET = Model("Singlet extension", MEANING, _spectrum,
                lambda p, mask: {name: column[mask] for name, column in p.items()}, observables,
                _tests)
