"""How far a value is from the target, and the scale on which a regressor learns it."""

import numpy as np

from .calibration import sigmoid

HUGE = 1e150        # larger values are taken as this: their differences must not overflow
FAR = 1e6           # times as far from the best as the edge is: all beyond is as far
OFFSET = 0.3        # of the depth: where the logarithm bends into a straight line
EARLIER = {"offset": 0.1}   # of models that were saved without it
INNER = 0.5         # quantile of the merits inside the target where the narrower level lies
SOFT = 0.3          # scaled distance from the edge at which labels lie well between 0 and 1;
TIE = 1e-3          # and at the edge itself so far from 0.5
NUMBERS = ("middle", "half", "width", "low", "high", "unit", "floor", "offset")


class ValueScale:
    """Value <-> the number a regressor is trained on, robust for plateaus and outliers.

    A non-negative quantity below a positive threshold is learned as a logarithm, anything else
    as an asinh around the middle (band) or the threshold, so that values decades from the
    target do not hide it. Once the bottom of the target is known, the logarithm begins
    there: a chi2 between 58 and 64 is the whole of a target below 64, and a logarithm that begins
    at 0 hardly resolves them. 0 is the threshold (the middle of a band).

    Parameters
    ----------
    target : Target
    values : float array
        Finite values of the first design; with `floor` they fix the scale, so that it never moves
        under a model that is trained further.
    floor : float, optional
        Smallest value known, below the threshold; nothing for a band.
    """

    def __init__(self, target, values, floor=None):
        self.target, self.floor, self.offset = target.now(), 0.0, OFFSET
        values = np.asarray(values, float)
        values = values[np.isfinite(values)]
        self.middle, self.half = target.high, 0.0
        if target.is_band:
            self.half = (target.high - target.low) / 2
            self.middle = target.low + self.half
        lowest = values.min() if len(values) else 0.0
        self.is_log = bool(not target.is_band and target.high > 0 and lowest >= 0)
        if floor is not None and not target.is_band:
            self.is_log, self.floor = True, float(floor)
        self.width = self._width(values)
        self._set_limits(values)

    @property
    def logarithm(self):
        """Where the scaled value is one of something like a chi2, 1 at the edge of the target: its
        unit, and the least that this is. Else None."""
        return (self.unit, self.offset / (1 + self.offset)) if self.is_log else None

    def as_dict(self):
        """All numbers of the scale, fit for JSON."""
        return {name: float(getattr(self, name)) for name in NUMBERS} | {"is_log": self.is_log}

    @classmethod
    def from_dict(cls, numbers, target):
        """The scale that `as_dict` gave, for the same target; KeyError when one is missing."""
        return cls(target, ())._with(numbers)

    def _with(self, numbers):
        self.is_log = bool(numbers["is_log"])
        for name in NUMBERS:
            setattr(self, name, float((EARLIER | numbers)[name]))
        return self

    def _width(self, values):
        """The width of the band; else the distance within which the nearest 5% lie."""
        if self.half > 0:
            return self.half
        far = np.abs(values - self.middle)
        far = far[far > 0]
        width = np.quantile(far, 0.05) if len(far) else abs(self.middle)
        return width if np.isfinite(width) and width > 0 else 1.0

    def _set_limits(self, values):
        self.low, self.high, self.unit = -np.inf, np.inf, 1.0
        if not len(values):
            return
        raw = self._raw(values)
        q10, q90 = np.quantile(raw, (0.1, 0.9))
        edge = max(3.0, abs(self._raw(np.array([self.middle + self.half]))[0]) * 3)
        self.high, self.low = max(q90 + (q90 - q10), edge), min(q10 - (q90 - q10), -edge)
        spread = np.clip(raw, self.low, self.high).std()
        self.unit = spread if spread > 1e-9 else 1.0

    def _raw(self, value):
        value = np.clip(value, -HUGE, HUGE)
        if self.is_log:
            depth = self.target.high - self.floor
            above = np.maximum(value - self.floor, 0)
            return np.log((above + self.offset * depth) / (depth + self.offset * depth))
        return np.arcsinh((value - self.middle) / self.width)

    def forward(self, value):
        """Values (n,) -> scaled values (n,), clipped to where the design has its bulk."""
        return np.clip(self._raw(np.asarray(value, float)), self.low, self.high) / self.unit

    def as_values(self, said):
        """What two predicted, and the spread, (n, 3): scaled -> in the units of the target."""
        first, second = self.backward(said[:, :2]).T
        return np.column_stack([first, second, said[:, 2] / self._slope(first, second)])

    def from_values(self, said):
        """The inverse (n, 3), perhaps on another scale; below its floor all is as good as that."""
        first, second, spread = said.T
        spread = spread * self._slope(first, second)
        first, second = self._raw(said[:, :2].T) / self.unit
        return np.column_stack([first, second, spread])

    def _slope(self, first, second):
        """By how much (n,) the scaled value grows with the value, in the midst of values (n,)."""
        value = np.clip((first + second) / 2, -HUGE, HUGE)
        if self.is_log:
            above = np.maximum(value - self.floor, 0)
            return 1 / (above + self.offset * (self.target.high - self.floor)) / self.unit
        return 1 / np.hypot(value - self.middle, self.width) / self.unit

    def backward(self, scaled):
        """Scaled values (n,) -> values (n,) in the units of the target."""
        raw = np.asarray(scaled, float) * self.unit
        if self.is_log:
            depth = self.target.high - self.floor
            above = np.exp(np.minimum(raw, 600)) * (depth + self.offset * depth)
            return above - self.offset * depth + self.floor
        return np.sinh(np.clip(raw, -600, 600)) * self.width + self.middle

    def labels(self, points):
        """What a regressor learns of evaluated points: their scaled values (n,)."""
        return self.forward(points.value)

    def read(self, mean, spread, u):
        """Mean and spread (n,) of the scaled value from the regressor's, at unit-box points u."""
        return mean, spread

    def best(self, mean, u):
        """Scaled value (n,) from the regressor's mean alone."""
        return mean

    def distance(self, value):
        """Distance (n,) from the edge of the target: below 0 inside, inf where there is none."""
        value = np.asarray(value, float)
        distance = np.abs(value - self.middle) - self.half if self.half else value - self.middle
        return np.where(np.isnan(distance), np.inf, distance)

    def outside(self, scaled):
        """How far scaled values (n,) are from the target, on the same scale; below 0 inside."""
        low, high = self.bounds(0.0)
        return np.maximum(low - scaled, scaled - high)

    def square(self, outside):
        """What is like a chi2 around the best points (n,), 1 at the edge of the target, of what
        `outside` gave (n,); with a logarithm the value itself, but for its units. FAR at most."""
        raw = np.asarray(outside) * self.unit
        if not self.half:
            return np.exp(np.minimum(raw, np.log(FAR)))
        # the width of a band is half of it: its edge is at arcsinh(1)
        return np.sinh(np.minimum(raw + np.arcsinh(1.0), np.arcsinh(np.sqrt(FAR)))) ** 2

    def bounds(self, level):
        """Scaled interval (low, high) of values with a distance below `level` (array, number)."""
        level = np.asarray(level, float)
        high = self._raw(self.middle + self.half + level) / self.unit
        if not self.half:
            return np.full_like(high, -np.inf), high
        return self._raw(self.middle - self.half - level) / self.unit, high


def soft_labels(outside, good):
    """Labels (n,) in [0, 1], above 0.5 where good, that tell how far from the edge a point is.

    Between 0 and 1 in a narrow range around the edge only: a classifier that learns them knows
    where, between two points, the edge lies.

    Parameters
    ----------
    outside : float array (n,)
        Scaled distance from the edge, below 0 inside; NaN where there is none.
    good : bool array (n,)
    """
    label = np.where(np.isnan(outside), 0.0, sigmoid(-outside / SOFT))
    return np.where(good, np.maximum(label, 0.5 + TIE), np.minimum(label, 0.5 - TIE))


def nested_labels(distance, n):
    """Labels of n targets around each other: which points are better than levels of the value.

    A classifier that learns them beside its own label knows where the edge lies among points that
    are all outside, as the label alone does not tell. One level is inside the target, the others
    are met by a half, a quarter, ... of the points outside.

    Parameters
    ----------
    distance : float array (m,)
        Below 0 inside the target; inf for failed points, which are worse than any level.
    n : int

    Returns
    -------
    float array (m, n) of 0 and 1
    """
    if not n:
        return np.empty((len(distance), 0))
    inside, outside = distance[distance < 0], distance[(distance >= 0) & np.isfinite(distance)]
    levels = [np.quantile(inside, INNER) if len(inside) else 0.0]
    levels += [np.quantile(outside, 2.0 ** -k) if len(outside) else 0.0 for k in range(1, n)]
    return (distance[:, None] < np.array(levels)).astype(float)
