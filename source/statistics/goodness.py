"""How well the best point fits, in words: measurements, degrees of freedom, p-value."""

from scipy.special import chdtrc


def goodness(chi2, measurements, parameters):
    """One sentence on a best point.

    Parameters
    ----------
    chi2 : float
        The smallest one.
    measurements : int or None
        How many numbers it is made of; None where that is not known.
    parameters : int
        That were scanned: each is counted as fitted.
    """
    if not measurements:
        return "The number of measurements in chi2 is not known, so there is no p-value"
    said = f"chi2 {chi2:.6g} of {measurements} measurements"
    free = measurements - parameters
    if free <= 0:
        return (f"{said} for {parameters} scanned parameters: no degree of freedom is left, so "
                "there is no p-value")
    return (f"{said} less {parameters} scanned parameters, {free} degrees of freedom: p-value "
            f"{float(chdtrc(free, max(chi2, 0.0))):.3g}, if errors are Gaussian and every "
            "parameter is fixed by the data")
