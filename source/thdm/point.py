"""All observables of an array of points, and their status."""

import numpy as np

from observables import OK
from thdm import signals, theory
from thdm.couplings import charged_triple, couplings
from thdm.kappas import effective
from thdm.spectrum import spectrum

COLUMNS = ("mh", "mH", "mA", "mHp", "alpha", "cos_ba", "kappa_V", "kappa_u", "kappa_d", "kappa_l",
           "kappa_g", "kappa_gam", "kappa_Zgam", "width_h_over_SM", "unitarity", "chi2_mh",
           "chi2_signals")


def evaluate(pot, options):
    """Status, chi2 and observables of a `Potential` with arrays (n,).

    Returns
    -------
    status : ndarray of str, (n,)
    chi2 : ndarray (n,)
        NaN where there is no spectrum.
    table : ndarray (n, len(COLUMNS))
        NaN where there is no spectrum.
    """
    with np.errstate(all="ignore"):   # a failed point is NaN here and has a status
        spec = spectrum(pot)
        known = ~spec.tachyonic
        table = np.full((len(pot.tanb), len(COLUMNS)), np.nan)
        chi2 = np.full(len(pot.tanb), np.nan)
        status = np.where(np.isfinite(spec.mh2), "tachyon", "unphysical").astype(object)
        if known.any():
            pot, spec = pot.take(known), spectrum(pot.take(known))
            columns = _columns(pot, spec, options)
            table[known] = np.stack([columns[name] for name in COLUMNS], axis=1)
            chi2[known] = columns["chi2_mh"] + columns["chi2_signals"]
            status[known] = _status(pot, columns, options)
    return status, chi2, table


def _columns(pot, spec, options):
    mh, mH, mA, mHp = spec.masses()
    coup = couplings(spec, options.type)
    kappa = {**coup.h, **effective(coup.h, charged_triple(pot, spec)[0], mHp)}
    br, width = signals.decays(kappa)
    return {
        "mh": mh, "mH": mH, "mA": mA, "mHp": mHp, "alpha": spec.alpha, "cos_ba": spec.cos_ba,
        "kappa_V": kappa["V"], "kappa_u": kappa["u"], "kappa_d": kappa["d"],
        "kappa_l": kappa["l"], "kappa_g": np.sqrt(signals.gluon_factor(kappa)),
        "kappa_gam": kappa["gam"], "kappa_Zgam": kappa["Zgam"], "width_h_over_SM": width,
        "unitarity": np.max(np.abs(theory.unitarity_eigenvalues(pot)), axis=0),
        "chi2_mh": signals.chi2_mass(mh, options.mh_theory_uncertainty),
        "chi2_signals": sum(t.chi2(kappa, br) for t in signals.load())}


def _status(pot, columns, options):
    """Words (n,), the first failed test in a fixed order."""
    status = np.full(len(pot.tanb), OK, dtype=object)

    def fail(bad, word):
        status[(status == OK) & bad] = word

    fail(~theory.bounded_from_below(pot), "unbounded")
    fail(theory.largest_quartic(pot) > options.perturbativity, "nonperturbative")
    fail(columns["unitarity"] > options.unitarity, "nonunitary")
    if options.vacuum:
        fail(theory.vacuum_discriminant(pot) <= 0.0, "false_vacuum")
    return status
