"""What judging a point gives, and the target region."""

from typing import NamedTuple

import numpy as np

OK = "ok"


class Judged(NamedTuple):
    """The outcome for one point.

    Attributes
    ----------
    status : str
        'ok', or what went wrong in one word: 'excluded', 'tachyon', 'no_spectrum', 'timeout', ...
    value : float
        The quantity the target is defined on (chi2 or an observable, dimensionless unless the
        calculator says otherwise); NaN where it is not known. A point whose status is not 'ok'
        may still have one (an excluded point has a chi2), but is never in the target.
    observables : tuple of float
        In the order of `calculator.observables`; NaN where not known.
    reason : str
        The program's own words for a status other than 'ok'.
    """

    status: str
    value: float = np.nan
    observables: tuple = ()
    reason: str = ""


class Target:
    """The region of interest on the value axis: low < value < high.

    Parameters
    ----------
    low, high : float
        `low` is -inf for a chi2 below a threshold; both are finite for an observable in a band.
    """

    def __init__(self, low, high):
        self.low, self.high = float(low), float(high)

    @classmethod
    def from_config(cls, config):
        """`Target_value` +- `Target_width` where given, else below `Chi_square_threshold`."""
        if config.Target_value is None:
            return cls(-np.inf, config.Chi_square_threshold)
        return cls(config.Target_value - config.Target_width,
                   config.Target_value + config.Target_width)

    @property
    def is_band(self):
        return np.isfinite(self.low)

    def inside(self, value):
        """Boolean array: value in the target (False for NaN)."""
        value = np.asarray(value, float)
        return (value > self.low) & (value < self.high)

    def __str__(self):
        if self.is_band:
            half = (self.high - self.low) / 2
            return f"|value - {self.low + half:g}| < {half:g}"
        return f"chi2 < {self.high:g}"
