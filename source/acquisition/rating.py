"""How good candidates are: their probability to be better than the level of their cluster.

Two predictions are combined, that of the chosen model and that of a surrogate (a Gaussian process
on the value), with the weights that would have served best on the batches evaluated last.
"""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..models.calibration import between
from ..models.model_base import firsts
from ..models.threads import side_by_side
from .clusters import Clusters
from .draws import some
from .training_rows import in_turn

FEW = 5             # known values from which anything can be learned
FULL = 6000         # candidates for which the surrogate's spread is computed


@dataclass(frozen=True, eq=False)
class Rater:
    """Common part of the two kinds; methods that change something return another rater.

    Attributes
    ----------
    model : object of models.make_model
        It knows, too, where evaluating fails.
    surrogate : GaussianProcess or None
    scale : ValueScale
    clusters : Clusters
    symmetry : Symmetry
        Of the target, as far as is known.
    weight : float
        Of the model; the surrogate has the rest.
    stretch : float
        How much too small the predicted spread is (regressors).
    calibration : (float, float)
        Slope and offset of the logit of the probability (classifiers).
    own : float array (k + 1, 2) or None
        Weight and stretch of its own outside the pieces of the surrogate, and in each (regressors).
    blind : bool
        Nothing could be learned (all values alike, no label of one kind): nothing is predicted.
    """

    model: Any
    surrogate: Any
    scale: Any
    clusters: Clusters
    symmetry: Any
    weight: float = 1.0
    stretch: float = 1.0
    calibration: tuple = (1.0, 0.0)
    own: Any = None
    blind: bool = False

    ridge = 0.0     # how much higher a ridge is, as `height` measures it, than what it separates

    def familiar(self, u):
        """Bool (n,): points u (n, d) lie where a local process knows; all where there are none."""
        local = self.surrogate is not None and self.surrogate.local
        return self.surrogate.piece(u) > 0 if local else np.ones(len(u), bool)

    def height(self, u):
        """How far (n,) outside the target points u (n, d) are predicted to be."""
        raise NotImplementedError

    def expected(self, u):
        """Predicted scaled value (n,) of points u (n, d)."""
        raise NotImplementedError

    def following(self, clusters):
        """The same with other clusters."""
        return replace(self, clusters=clusters)

    def aimed(self, u, cluster):
        """The same with goals of what is within reach of candidates u (n, d), clusters (n,)."""
        return self

    def reach(self, u):
        """Distance (n,) that is expected of points; inf where evaluating is expected to fail."""
        distance = self.scale.distance(self.scale.backward(self.expected(u)))
        return np.where(self.allowed(u) > 0.5, distance, np.inf)

    def allowed(self, u):
        """Probability (n,) that evaluating works."""
        failures = self.model.failures
        return 1.0 if failures is None else failures.probability(u)

    def possible(self, u, good):
        """Bool (n,): of points u (n, d) that are called `good` those where evaluating will work."""
        rows = np.flatnonzero(good)     # the others do not matter
        result = np.zeros(len(u), bool)
        result[rows] = self.allowed(u[rows]) > 0.5
        return result

    def open_way(self, u, cluster=None):
        """Bool (n,): no ridge is here, which would divide the target; `cluster` does not matter."""
        return self.possible(u, self.height(u) < self.ridge)

    def interval(self, cluster):
        """Scaled interval (low, high), each (n,), that is better than the clusters' levels."""
        low, high = self.scale.bounds(self.clusters.levels)
        return low[cluster], high[cluster]

    def beyond(self, scaled, cluster):
        """How far (n,) scaled values (n,) are outside the interval of their clusters (n,)."""
        low, high = self.interval(cluster)
        return np.maximum(low - scaled, scaled - high)

    def _taught(self, points, rows, y, seed, fresh, rng, nested=None):
        """The same with model (on y of these rows), failures and surrogate trained."""
        def model():
            self.model.fit(points.u[rows], y, seed, fresh, nested, self.symmetry)

        def surrogate():
            return self._taught_surrogate(points, rng, fresh)
        with warnings.catch_warnings():     # each puts back what it finds, be it of the other
            _, taught = side_by_side(lambda task: task(), [model, surrogate],
                                     self.model.config.N_Cores)
        few = some(rng, np.arange(len(points)))
        self.model.learn_failures(points.u[few], points.known[few], seed)
        return replace(self, surrogate=taught, weight=1.0 if taught is None else 0.5)

    def _taught_surrogate(self, points, rng, fresh):
        """The surrogate trained on the known values: of each cluster those near the edge first."""
        known = np.flatnonzero(np.isfinite(points.value))
        y = self.scale.forward(points.value[known])
        if self.surrogate is None or len(known) < FEW or not np.ptp(y) > 0:
            return None
        order = in_turn(np.abs(self.scale.distance(points.value[known])),
                        self.clusters.label[known])
        if self.symmetry:
            order = order[firsts(self.symmetry.folded(points.u[known[order]]))]
        return self.surrogate.fit(points.u[known[order]], y[order], self.scale.bounds(0.0), rng,
                                  fresh, self.symmetry.folded, self.scale.logarithm)

    def surrogate_spread(self, u, cluster, mean, elsewhere):
        """Spread (n,) of the surrogate where it matters, most inside by the mean; else a number."""
        near = np.argsort(self.beyond(mean, cluster), kind="stable")[:FULL]
        spread = np.full(len(u), elsewhere)
        spread[near] = self.surrogate.spread(u[near])
        return spread

    def surrogate_probability(self, u, cluster):
        """Probability (n,) of the surrogate."""
        low, high = self.interval(cluster)
        mean = self.surrogate.mean(u)
        return between(low, high, mean, self.surrogate_spread(u, cluster, mean, 1e-3))
