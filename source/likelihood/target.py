"""The target region: a band of values, chi2 below a threshold, or chi2 near the best one known."""

from typing import Any

import numpy as np

from ..evaluation import OK

SETTINGS = ("Target_value", "Target_width", "Chi_square_threshold", "Chi_square_above_best",
            "Confidence", "Confidence_parameters")


class Target:
    """The region of interest on the value axis: low < value < high.

    Parameters
    ----------
    low, high : float
        `low` is -inf for a chi2 below a threshold; both are finite for an observable in a band.
    above : float, optional
        The target is chi2 below the smallest one known plus this, and below `high`, which may be
        inf. `high` is then moved as the smallest one falls; before any is known nothing is inside.
    """

    def __init__(self, low: float, high: float, above: float | None = None):
        self.low, self.high = float(low), float(high)
        self.above, self._most = above, self.high

    @classmethod
    def from_config(cls, config: Any) -> "Target":
        """`Target_value` +- `Target_width` where given, else chi2 as the other settings say."""
        return cls.from_settings({name: getattr(config, name, None) for name in SETTINGS})

    @classmethod
    def from_settings(cls, known: dict) -> "Target":
        """The same from settings by name, as they are stored; what is missing is not set."""
        if known.get("Target_value") is not None:
            return cls(known["Target_value"] - known["Target_width"],
                       known["Target_value"] + known["Target_width"])
        most = known.get("Chi_square_threshold")
        return cls(-np.inf, np.inf if most is None else most, above_best(known))

    @property
    def is_band(self) -> bool:
        """A band of values, not a chi2 below a threshold."""
        return bool(np.isfinite(self.low))

    @property
    def unit(self) -> float | None:
        """What a broken hard limit adds to chi2 at least; None for a band, where nothing is
        added."""
        if self.is_band:
            return None
        return self._most if self.above is None or np.isfinite(self._most) else self.above

    def now(self) -> "Target":
        """The target as it is, which does not move."""
        return Target(self.low, self.high)

    def move(self, edge: float) -> bool:
        """Have chi2 below `edge` in a target that moves, or below its threshold where that is
        smaller; True when it was elsewhere."""
        before, self.high = self.high, min(float(edge), self._most)
        return before != self.high

    def inside(self, value: Any) -> np.ndarray:
        """Boolean array: value in the target (False for NaN)."""
        value = np.asarray(value, float)
        return (value > self.low) & (value < self.high) & np.isfinite(self.high)

    def holds(self, status: Any, value: Any) -> np.ndarray:
        """Boolean array: evaluated ok, and the value in the target; what 'in target' means."""
        return (np.asarray(status, object) == OK) & self.inside(value)

    def has(self, evaluations: Any) -> np.ndarray:
        """The same of Evaluations, by what is learned: none that breaks a hard limit is in it."""
        return self.holds([e.status for e in evaluations], [e.learned for e in evaluations])

    def __str__(self):
        if self.is_band:
            half = (self.high - self.low) / 2
            return f"|value - {self.low + half:g}| < {half:g}"
        if self.above is None:
            return f"chi2 < {self.high:g}"
        fixed = f", and < {self._most:g}" if np.isfinite(self._most) else ""
        now = f", now {self.high:g}" if np.isfinite(self.high) and self.high != self._most else ""
        return f"chi2 < best + {self.above:.4g}{now}{fixed}"


def above_best(known: dict) -> float | None:
    """delta chi2 of the target from settings by name; None where it does not follow the best.

    For `Confidence` the quantile of chi2 with as many degrees of freedom as parameters (S. S.
    Wilks, Ann. Math. Statist. 9 (1938) 60; PDG review Statistics, table 40.2).
    """
    if known.get("Confidence") is None:
        return known.get("Chi_square_above_best")
    from scipy.special import chdtri  # slow import that most commands do without
    return float(chdtri(known.get("Confidence_parameters") or 2, 1.0 - known["Confidence"]))
