"""How well the best point fits, in words: measurements, degrees of freedom, p-value."""

import numpy as np
from scipy.special import chdtrc

from ..evaluation import OK
from ..shown import counted as numbered


def goodness(chi2, measurements, parameters, edge=np.inf):
    """One sentence about a best point, and one about the target.

    Parameters
    ----------
    chi2 : float
        The smallest one.
    measurements : int or None
        How many numbers it is made of; None where that is not known.
    parameters : int
        That were scanned: each is counted as fitted.
    edge : float
        Of the target.
    """
    target = f". The target ends {edge - chi2:.4g} above that chi2" if chi2 < edge < np.inf else ""
    return _fit(chi2, measurements, parameters) + target


def _fit(chi2, measurements, parameters):
    if not measurements:
        return (f"chi2 {chi2:.6g}; the number of measurements in it is not known, so there is no "
                "p-value")
    said = (f"chi2 {chi2:.6g} of {numbered(measurements, 'measurement')} with "
            f"{numbered(parameters, 'scanned parameter')}")
    free = measurements - parameters
    if free <= 0:
        return f"{said}: no degree of freedom is left, so there is no p-value"
    return (f"{said}, {numbered(free, 'degree')} of freedom: p-value "
            f"{float(chdtrc(free, max(chi2, 0.0))):.3g} (if errors are Gaussian and the data "
            "determine every parameter)")


def measurements(calculator, observables, table):
    """How many numbers chi2 is made of; None where the calculator has some and does not say.

    A function of the user's that returns no chi2 has none: then chi2 is what the observables add.

    Parameters
    ----------
    calculator : Calculator
    observables : sequence of Observable
    table : dict of str to ndarray
        Of points.csv: status, chi2, and chi2_<name> of the observables.
    """
    own = getattr(calculator, "measurements", None)
    soft = [e for e in observables if e.soft]
    if own is None and getattr(calculator, "value_is_chi2", True):
        parts = [table.get(f"chi2_{e.name}") for e in soft]
        if not parts or any(part is None for part in parts):
            return None
        rest = (table["chi2"] - sum(parts))[table["status"] == OK]
        if not np.allclose(rest, 0, atol=1e-9 * max(1.0, np.max(table["chi2"], initial=0.0))):
            return None
    return (own or 0) + sum(len(e.members) or 1 for e in soft)


def counted(calculator):
    """What `measurements` asks of a calculator, as JSON: its own number, and whether it gives
    chi2."""
    return [getattr(calculator, "measurements", None),
            bool(getattr(calculator, "value_is_chi2", True))]
