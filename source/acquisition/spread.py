"""Candidates as seen in computed numbers, such as two masses: what a batch may be spread over.

These are predicted by a cheap regressor of what is stored, whatever the model learns.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..space.expressions import identifier
from .slots import SEARCH

ROWS = 3000         # points it learns from at most, half of them in the target
TREES = 20
EDGE = 1.0          # percent of the points in the target beyond each end of the scale
STIFF = 1e-6        # penalty of the polynomial, so that equal columns do no harm


@dataclass(frozen=True)
class Seen:
    """Points in the space of these numbers; 1 is the width of the target found so far.

    Attributes
    ----------
    candidates : float array (n, k)
        Predicted.
    known : float array (m, k)
        Those in the target, as evaluated, and the pending ones, predicted.
    """

    candidates: Any
    known: Any


class Spread:
    """What a batch is spread over, by the settings `Spread_in` and `Share_spread`.

    Parameters
    ----------
    settings : settings.Acquisition
    parameters : sequence of str
    outputs : outputs.Value
        Its columns are the observables of points.
    """

    def __init__(self, settings, parameters, outputs):
        self.settings, self.parameters, self.outputs = settings, parameters, outputs

    def __call__(self, points, u, pending, rng):
        """`Seen` of candidates u (m, d) and pending points; None where these do not matter."""
        names = self.settings.Spread_in
        if not names or not self.settings.Share_spread:
            return None
        numbers = numbers_of(names, self.parameters, self.outputs.columns, points)
        return seen(names, numbers, points, u, pending, int(rng.integers(2 ** 31)))


def numbers_of(names, parameters, columns, points):
    """The numbers (n, k) of these names: parameters (of points.x) or columns of observables."""
    table = dict(zip(map(identifier, parameters), points.x.T, strict=True))
    table |= dict(zip(columns, points.observables.T, strict=True))
    return np.column_stack([table[identifier(name)] for name in names])


def seen(names, numbers, points, u, pending, seed):
    """Candidates as points in the space of these numbers; None where too little is known.

    Parameters
    ----------
    names : sequence of str
    numbers : float array (n, k)
        Of the evaluated points; NaN where not known.
    points : Points
    u, pending : float array (m, d), (p, d)
        Unit box: candidates, and points that are not evaluated yet.
    seed : int

    Raises
    ------
    InputError
        No point has one of the numbers.
    """
    rows = points.ok & np.isfinite(numbers).all(axis=1)
    good = rows & points.inside
    absent = [name for name, column in zip(names, numbers.T, strict=True)
              if not np.isfinite(column).any()]
    if absent:
        raise InputError(f"Spread_in: no evaluated point has a number {', '.join(absent)}. Name "
                         "parameters, or numbers that the calculator gives (columns of "
                         "points.csv).")
    if good.sum() < SEARCH:
        return None
    low, high = np.percentile(numbers[good], [EDGE, 100 - EDGE], axis=0)
    moving = high > low
    if not moving.any():
        return None
    z = ((numbers - low) / np.where(moving, high - low, 1.0))[:, moving]
    learned = _some(np.flatnonzero(good), np.flatnonzero(rows & ~good), seed)
    asked = _predicted(points.u[learned], z[learned], np.concatenate([u, pending]), seed)
    return Seen(asked[:len(u)], np.concatenate([z[good], asked[len(u):]]))


def _some(good, others, seed):
    """At most ROWS of these rows, drawn, half of them good ones where there are so many."""
    rng = np.random.default_rng(seed)
    n = min(len(good), max(ROWS // 2, ROWS - len(others)))
    return np.concatenate([rng.permutation(good)[:n], rng.permutation(others)[:ROWS - n]])


def _predicted(u, z, asked, seed):
    """z (m, k) of points (m, d): a parabola, and trees for what it leaves."""
    from sklearn.ensemble import ExtraTreesRegressor  # slow to import, seldom needed
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    smooth = make_pipeline(PolynomialFeatures(2), Ridge(STIFF)).fit(u, z)
    rest = ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=seed)
    left = z - smooth.predict(u).reshape(z.shape)
    rest.fit(u, left[:, 0] if z.shape[1] == 1 else left)    # it warns of a single column
    shape = (len(asked), z.shape[1])
    return smooth.predict(asked).reshape(shape) + rest.predict(asked).reshape(shape)
