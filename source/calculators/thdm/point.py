"""The two-Higgs-doublet model: all observables of an array of points, and its tests."""

import numpy as np

from . import decays, flavour, oblique, production, searches, signals, theory
from .columns import MEANING
from .couplings import charged_triple, couplings, scalar_triples
from .kappas import effective
from .model import SMALL, Model, over, quartic_tests, search_tests
from .sm import V
from .spectrum import Potential, spectrum

UNPHYSICAL = "no potential has these masses and mixing: mH < mh or |cos_ba| > 1"
# status and reason without a spectrum, where the masses squared are no numbers, and where they are
_WITHOUT = np.array([("unphysical", "tachyon"), (UNPHYSICAL, "a squared mass is negative")], object)
NO_LIMIT = 1e9   # stands for infinity in a column


def _spectrum(pot):
    spec = spectrum(pot)
    physical = np.isfinite(spec.mH2)
    return ~spec.tachyonic, _WITHOUT[:, physical.astype(np.intp)]


def observables(pot, options):
    """Dict of every column but `excess`, (n,) each, of points that have a spectrum."""
    spec = spectrum(pot)
    coup = couplings(spec, options.type)
    partial = decays.widths(pot, spec, coup)
    br, total = decays.branching_ratios(partial)
    out = {**_higgs125(pot, spec, coup, partial, options), **_theory(pot, spec, options)}
    out.update({f"width_{p}": width for p, width in total.items()})
    out.update({f"BR_{p}_{c}": x for p, channels in br.items() for c, x in channels.items()})
    out["xs_gg_H"], out["xs_bb_H"] = production.neutral(out["mH"], coup.H, odd=False)
    out["xs_gg_A"], out["xs_bb_A"] = production.neutral(out["mA"], coup.A, odd=True)
    out["xs_tbHp"] = production.charged(out["mHp"], coup.A)
    found = list(searches.tests(out, br, coup, flavour.LEP[options.type]))
    out.update({f"lim_{name}": ratio for name, ratio in searches.ratios(found).items()})
    out["lim_best"], out["best_search"] = searches.most_sensitive(found, options.searches)
    return out


def rates125(pot, spec, coup, partial):
    """Factors of the 125 GeV boson h on its SM couplings, branching ratios, and width."""
    kappa = {**coup.h, **effective(coup.h, charged_triple(pot, spec)[0], spec.masses()[3])}
    new = sum(partial["h"][c] for c in ("AA", "HpHm", "ZA", "WHp"))
    return kappa, *signals.decays(kappa, new)


def _higgs125(pot, spec, coup, partial, options):
    """Spectrum, couplings of all neutral bosons, and the chi2 of the 125 GeV boson h."""
    mh, mH, mA, mHp = spec.masses()
    kappa, br, width = rates125(pot, spec, coup, partial)
    out = {"mh": mh, "mH": mH, "mA": mA, "mHp": mHp, "alpha": spec.alpha, "cos_ba": spec.cos_ba,
           "kappa_g": np.sqrt(signals.coupling_factor(kappa, 13, "ggF")), "width_h_over_SM": width,
           "kappa_lam": scalar_triples(pot, spec)[0] * V**2 / (3.0 * spec.mh2),
           "chi2_mh": signals.chi2_mass(mh, options.mh_theory_uncertainty)}
    out.update({f"kappa_{c}": kappa[c] for c in ("V", "u", "d", "l", "gam", "Zgam")})
    for boson, factors in (("H", coup.H), ("A", coup.A)):
        out.update({f"{boson}_{c}": factors[c] for c in "udl"})
    return out | signals.chi2_columns(kappa, br)


def _theory(pot, spec, options):
    """Theory tests, oblique parameters and flavour limits."""
    s, t, u = oblique.oblique(spec)
    low, high = flavour.tan_beta_range(np.sqrt(spec.mHp2), options.type)
    return {"max_quartic": theory.largest_quartic(pot),
            "unitarity": np.max(np.abs(theory.unitarity_eigenvalues(pot)), axis=0),
            "vacuum_D": theory.vacuum_discriminant(pot), "S": s, "T": t, "U": u,
            "chi2_stu": oblique.chi2(s, t, u, options.oblique_fit),
            "mHp_min_bsgamma": flavour.lowest_charged_mass(pot.tanb, options.type,
                                                          options.bsgamma_limit),
            "tanb_min_bmumu": low, "tanb_max_bmumu": np.minimum(high, NO_LIMIT)}


def _tests(pot, columns, options):
    yield (np.log1p(theory.below_bounded(pot)), "unbounded",
           "the potential is not bounded from below")
    yield from quartic_tests(columns, options)
    if options.vacuum:
        yield _deeper(columns["vacuum_D"]), "false_vacuum", "a deeper minimum exists"
    if options.flavour:
        yield over(columns["mHp_min_bsgamma"], columns["mHp"]), "excluded", "b -> s gamma"
        yield (np.maximum(over(columns["tanb_min_bmumu"], pot.tanb),
                          over(pot.tanb, columns["tanb_max_bmumu"])), "excluded", "B -> mu mu")
    yield from search_tests(columns, options)


def _deeper(discriminant):
    """How far (n,) a discriminant in GeV^4 is below 0, in units of v^4; 0 where it is above."""
    far = np.log1p(np.maximum(-discriminant, 0.0) / V**4)
    return np.where(discriminant <= 0.0, np.maximum(far, SMALL), 0.0)


TWO_DOUBLETS = Model("Two-Higgs-doublet model", MEANING, _spectrum, Potential.take, observables,
                     _tests)
