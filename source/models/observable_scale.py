"""The scale on which a regressor learns observables, and chi2 of what it predicts for them."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import ndtri

from .value_scale import HUGE, ValueScale

OWN = "own_chi2"    # what chi2 has besides that of the observables
SAMPLES = 16        # draws of the observables from mean and spread, for the spread of chi2
AGREE = 0.5         # scaled chi2 within which draws are taken to agree
BLOCK = 20_000      # points whose draws are computed at a time
DECADES = 2.0       # a positive observable that spans more is learned as a logarithm


@dataclass(frozen=True)
class Axis:
    """One observable <-> the number that is learned for it.

    Attributes
    ----------
    kind : str
        'linear', 'log' or 'asinh'.
    sign : float
        -1 for the logarithm of a negative observable.
    middle, width : float
        Of asinh((x - middle) / width).
    low, high : float
        Clipped there, before it is divided by `unit`.
    offset, unit : float
        Learned is (raw - offset) / unit.
    """

    kind: str
    sign: float = 1.0
    middle: float = 0.0
    width: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    offset: float = 0.0
    unit: float = 1.0

    @classmethod
    def of(cls, values):
        """The scale of an observable with these first values (n,)."""
        values = values[np.isfinite(values)]
        if not len(values):
            return cls("linear")
        q10, q50, q90 = np.quantile(values, (0.1, 0.5, 0.9))
        spread = q90 - q10
        if values.min() > 0 or values.max() < 0:
            far = np.abs(values)
            if np.log10(np.quantile(far, 0.95) / np.quantile(far, 0.05)) > DECADES:
                return cls("log", float(np.sign(values[0])))._with_limits(values)
        if max(values.max() - q90, q10 - values.min()) > 3 * spread:
            far = np.abs(values - q50)
            width = max(spread, np.quantile(far[far > 0], 0.1))     # most may be equal
            return cls("asinh", 1.0, float(q50), float(width))._with_limits(values)
        return cls("linear")._with_limits(values)

    def _with_limits(self, values):
        raw = self._raw(values)
        low, high = raw.min(), raw.max()
        unit = raw.std()
        unit = unit if unit > 1e-12 * max(1.0, abs(low), abs(high)) else 1.0
        return Axis(self.kind, self.sign, self.middle, self.width, float(low - (high - low)),
                    float(high + (high - low)), float(raw.mean()), float(unit))

    def _raw(self, value):
        value = np.clip(np.asarray(value, float), -HUGE, HUGE)
        if self.kind == "log":
            return np.log(np.maximum(self.sign * value, 1 / HUGE))
        if self.kind == "asinh":
            return np.arcsinh((value - self.middle) / self.width)
        return value

    def forward(self, value):
        """Observable (n,) -> learned number (n,)."""
        return (np.clip(self._raw(value), self.low, self.high) - self.offset) / self.unit

    def backward(self, scaled):
        """Learned number -> observable, of any shape."""
        raw = np.clip(scaled * self.unit + self.offset, self.low, self.high)
        if self.kind == "log":
            return self.sign * np.exp(raw)
        return np.sinh(raw) * self.width + self.middle if self.kind == "asinh" else raw


class ObservableScale(ValueScale):
    """As a ValueScale for chi2; what is learned are the outputs, each on its axis, and chi2.

    Parameters
    ----------
    target : Target
    values : float array
        chi2 of the first points.
    outputs : outputs.Outputs
    axes : dict of str to Axis
    floor : float, optional
        Smallest chi2 known.
    """

    def __init__(self, target, values, outputs=None, axes=None, floor=None):
        super().__init__(target, values, floor)
        self.outputs, self.axes = outputs, axes or {}
        from scipy.stats import qmc  # a second that most commands do without
        normal = ndtri(qmc.Sobol(max(1, len(self.axes)), seed=1).random(SAMPLES))
        self.draws = (normal - normal.mean(0)) / normal.std(0)

    @classmethod
    def of(cls, target, points, first, outputs, floor=None):
        """Fixed by the points `first` (bool (n,)); what is always 0 is not learned."""
        table = outputs.training(points.take(first))
        axes = {name: Axis.of(column) for name, column in table.items()
                if name != OWN or (column != 0).any()}
        return cls(target, points.value[first], outputs, axes, floor)

    def as_dict(self):
        """All numbers of the scale, fit for JSON."""
        curves = {name: [c.points.tolist(), c.limit.tolist(), c.log]
                  for name, c in self.outputs.curves().items()}
        return super().as_dict() | {"axes": {name: asdict(a) for name, a in self.axes.items()},
                                    "curves": curves}

    @classmethod
    def from_dict(cls, numbers, target, outputs=None):
        """The scale that `as_dict` gave, for the same target and outputs."""
        scale = cls(target, (), outputs, {n: Axis(**axis) for n, axis in numbers["axes"].items()})
        return scale._with(numbers)

    def labels(self, points):
        """What is learned (n, m + 1): the outputs, and the scaled chi2; NaN where not known."""
        table = self.outputs.training(points)
        return np.column_stack([*(axis.forward(table[name]) for name, axis in self.axes.items()),
                                self.forward(points.value)])

    def read(self, mean, spread, u):
        """Scaled chi2 and its spread, each (n,), of predictions (n, m + 1).

        The chi2 that is built of a few draws of the outputs, and the one that is predicted
        itself, count alike: their errors have little to do with each other.
        """
        answers = [self._drawn(mean[k:k + BLOCK], spread[k:k + BLOCK], u[k:k + BLOCK])
                   for k in range(0, len(u), BLOCK)] or [np.empty((2, 0))]
        built, own = np.concatenate(answers, axis=1)
        direct, other = mean[:, -1], spread[:, -1]
        return (built + direct) / 2, np.sqrt(own**2 + other**2 + (built - direct)**2) / 2

    def _drawn(self, mean, spread, u):
        """Chi2 that is built, and its spread: the draws' mean where they agree.

        Where they do not, as often with forests, that mean is far outside the target everywhere,
        and a search that follows it is lost: there the most probable outputs decide.
        """
        drawn = mean[:, None, :-1] + spread[:, None, :-1] * self.draws
        n, k, m = drawn.shape
        scaled = self.forward(self.chi2(drawn.reshape(n * k, m), u, k)).reshape(n, k)
        middle, best = scaled.mean(1), self.forward(self.chi2(mean, u))
        middle = best + (middle - best) / (1 + (scaled.std(1) / AGREE) ** 2)
        return np.array([middle, np.sqrt(((scaled - middle[:, None]) ** 2).mean(1))])

    def best(self, mean, u):
        """Scaled chi2 (n,) of the most probable outputs (n, m + 1)."""
        return (self.forward(self.chi2(mean, u)) + mean[:, -1]) / 2

    def chi2(self, scaled, u, copies=1):
        """chi2 (n,) that is built of outputs (n, m or more) on their axes; see Outputs.chi2."""
        value = self.outputs.chi2(self.observables(scaled), u, copies)
        return np.where(np.isfinite(value), value, HUGE)

    def observables(self, scaled):
        """Name -> values (n,) of outputs (n, m or more) on their axes."""
        return {name: axis.backward(scaled[:, k])
                for k, (name, axis) in enumerate(self.axes.items())}
