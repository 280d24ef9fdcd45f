"""How well one point fits: p-value, distance to the Standard Model, strongest pulls."""

import numpy as np
from scipy.special import chdtrc

from . import oblique, point, signals

SHOWN = 5   # strongest pulls


def measurements(options):
    """How many numbers the chi2 is made of: m_h, the chosen signal strengths, S, T, U."""
    return 1 + sum(len(t.channels) for t in _tables(options)) + 3 * options.oblique


def standard_model(options):
    """chi2 of the Standard Model with the measured m_h against the same measurements."""
    kappa = {name: np.ones(1) for name in ("V", "u", "d", "l", "gam", "Zgam")}
    br, _ = signals.decays(kappa)
    rates = sum(float(table.chi2(kappa, br)[0]) for table in _tables(options))
    zero = np.zeros(1)
    return rates + (float(
        oblique.chi2(zero, zero, zero, options.oblique_fit)[0]) if options.oblique else 0.0)


def p_value(chi2, options):
    """Chance of a larger chi2 if the point is true: no parameter is counted as fitted."""
    return float(chdtrc(measurements(options), chi2))


def pulls(pot, spec, coup, partial, columns, options):
    """(name, prediction minus measurement in errors) of each measurement, largest first.

    Correlations are left out: the squares do not add up to chi2.

    Parameters
    ----------
    pot, spec, coup, partial
        Of one point, as `point.observables` makes them.
    columns : dict
        Name -> number: mh in GeV, S, T, U.
    options : Options
    """
    kappa, br, _ = point.rates125(pot, spec, coup, partial)
    mass = columns["mh"] - signals.M_H_MEASURED
    found = [("m_h", mass / np.hypot(signals.M_H_ERROR, options.mh_theory_uncertainty))]
    for table in _tables(options):
        found += [(f"{table.key} {p} -> {d}", float(pull)) for (p, d), pull in
                  zip(table.channels, table.pulls(kappa, br)[:, 0], strict=True)]
    if options.oblique:
        found += [(name, (columns[name] - value) / error) for name, value, error in
                  zip("STU", *oblique.FITS[options.oblique_fit][:2], strict=True)]
    return sorted(found, key=lambda item: -abs(item[1]))


def _tables(options):
    return [table for table in signals.load() if table.key in options.signals]
