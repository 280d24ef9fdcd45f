"""All observables of an array of points, their status and what it is for."""

import numpy as np

from ...evaluation import OK
from . import decays, flavour, oblique, production, searches, signals, theory
from .columns import COLUMNS
from .couplings import charged_triple, couplings, scalar_triples
from .kappas import effective
from .sm import V
from .spectrum import spectrum

UNPHYSICAL = "no potential has these masses and mixing: mH < mh or |cos_ba| > 1"
NO_LIMIT = 1e9   # stands for infinity in a column
SMALL = 1e-9     # how far beyond a limit a point is at least that does not keep it


def evaluate(pot, options):
    """Status, reason, chi2 and observables of points.

    Parameters
    ----------
    pot : Potential
        With arrays (n,).
    options : Options

    Returns
    -------
    status, reason : ndarray of str, (n,)
    chi2 : ndarray (n,)
        NaN where there is no spectrum.
    table : ndarray (len(COLUMNS), n)
        Units as in `columns.MEANING`; NaN where there is no spectrum.
    """
    count = len(pot.tanb)
    with np.errstate(all="ignore"):   # a failed point is NaN here and has a status
        spec = spectrum(pot)
        known = ~spec.tachyonic
        table, chi2 = np.full((len(COLUMNS), count), np.nan), np.full(count, np.nan)
        physical = np.isfinite(spec.mH2)
        status = np.where(physical, "tachyon", "unphysical").astype(object)
        reason = np.where(physical, "a squared mass is negative", UNPHYSICAL).astype(object)
        if known.any():
            pot = pot.take(known)
            columns = observables(pot, spectrum(pot), options)
            index = np.flatnonzero(known)
            for row, name in zip(table, COLUMNS, strict=True):
                row[index] = columns.get(name, np.nan)
            chi2[known] = total_chi2(columns, options)
            status[known], reason[known], excess = verdict(pot, columns, options)
            table[COLUMNS.index("excess"), index] = excess
    return status, reason, chi2, table


def chi2_parts(options):
    """Names of the columns that add up to chi2."""
    return ["chi2_mh", *(f"chi2_{name}" for name in options.signals),
            *["chi2_stu"] * options.oblique]


def total_chi2(columns, options):
    """chi2 (n,): the mass of h, the chosen tables of signal strengths, and S, T, U if chosen."""
    return sum(columns[name] for name in chi2_parts(options))


def observables(pot, spec, options):
    """Dict of every column, (n,) each, of points that have a spectrum."""
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
    out.update({f"chi2_{t.key}": t.chi2(kappa, br) for t in signals.load()})
    return out


def _theory(pot, spec, options):
    """Theory tests, oblique parameters and flavour limits."""
    s, t, u = oblique.oblique(spec)
    low, high = flavour.tan_beta_range(np.sqrt(spec.mHp2), options.type)
    return {"max_quartic": theory.largest_quartic(pot),
            "unitarity": np.max(np.abs(theory.unitarity_eigenvalues(pot)), axis=0),
            "vacuum_D": theory.vacuum_discriminant(pot), "S": s, "T": t, "U": u,
            "chi2_stu": oblique.chi2(s, t, u),
            "mHp_min_bsgamma": flavour.lowest_charged_mass(pot.tanb, options.type,
                                                          options.bsgamma_limit),
            "tanb_min_bmumu": low, "tanb_max_bmumu": np.minimum(high, NO_LIMIT)}


def verdict(pot, columns, options):
    """Status and reason (n,): the first failed test in a fixed order, theory before data.

    Last the excess (n,): 0 where no test fails, else 1 for each that does, and how far.
    """
    count = len(pot.tanb)
    status, reason = np.full(count, OK, dtype=object), np.full(count, "", dtype=object)
    excess = np.zeros(count)
    for beyond, word, why in _tests(pot, columns, options):
        bad = ~(beyond <= 0.0)
        first = (status == OK) & bad
        status[first], reason[first] = word, why
        excess[bad] += 1.0 + beyond[bad]
    return status, reason, excess


def _tests(pot, columns, options):
    """(how far beyond the limit, status, reason): above 0, or no number, where the test fails.

    Logarithms, so that lambdas of a million do not drown the others.
    """
    known = np.isfinite(total_chi2(columns, options))
    yield np.where(known, 0.0, np.nan), "unphysical", "numbers out of range"
    yield (np.log1p(theory.below_bounded(pot)), "unbounded",
           "the potential is not bounded from below")
    yield (_over(columns["max_quartic"], options.perturbativity), "nonperturbative",
           "a quartic coupling is too large")
    yield (_over(columns["unitarity"], options.unitarity), "nonunitary",
           "tree-level scattering violates unitarity")
    if options.vacuum:
        yield _deeper(columns["vacuum_D"]), "false_vacuum", "a deeper minimum exists"
    if options.flavour:
        yield _over(columns["mHp_min_bsgamma"], columns["mHp"]), "excluded", "b -> s gamma"
        yield (np.maximum(_over(columns["tanb_min_bmumu"], pot.tanb),
                          _over(pot.tanb, columns["tanb_max_bmumu"])), "excluded", "B -> mu mu")
    for name in options.searches:
        if options.search_rule == "each":
            yield _over(columns[f"lim_{name}"], 1.0), "excluded", f"search {name}"
        else:
            best = columns["best_search"] == searches.SEARCHES.index(name) + 1
            yield (np.where(best, _over(columns["lim_best"], 1.0), 0.0), "excluded",
                   f"search {name}, the most sensitive")


def _over(value, limit):
    """Logarithm (n,) of value over limit, where it is above; else 0."""
    return np.where(value > limit, np.log(np.maximum(value / limit, SMALL)), 0.0)


def _deeper(discriminant):
    """How far (n,) a discriminant in GeV^4 is below 0, in units of v^4; 0 where it is above."""
    far = np.log1p(np.maximum(-discriminant, 0.0) / V**4)
    return np.where(discriminant <= 0.0, np.maximum(far, SMALL), 0.0)
