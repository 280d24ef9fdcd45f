"""What is thought of a candidate: its probability to be better than its cluster's level.

Two opinions are combined, the chosen model's and a surrogate's (a Gaussian process on the
value), with the weights that would have served best on the batches evaluated last.
"""

from typing import Any

import numpy as np

from ..models.calibration import between
from .clusters import nearest
from .training_rows import in_turn

FAILURES = 0.01     # share of failed points from which a model of failing is worth its cost
FEW = 5             # known values from which anything can be learned
FULL = 6000         # candidates for which the surrogate's spread is computed


class Rater:
    """Common part of the two kinds.

    Parameters
    ----------
    model : object of models.make_model
    surrogate : GaussianProcess or None
    scale : ValueScale
    clusters : list of Cluster
    label : int array (n,)
        Cluster of each evaluated point.

    Attributes
    ----------
    most : int
        Largest number of points the model is trained on.
    n_nested : int
        Levels of the value that a classifier learns beside its own.
    blind : bool
        Nothing could be learned (all values alike, no label of one kind): no opinion at all.
    weight : float
        Of the model; the surrogate has the rest.
    ridge : float
        How much higher a ridge is, on the scale of `height`, than what it parts.
    height : callable u (n, d) -> (n,)
        How far outside the target the model thinks that points are.
    expected : callable u (n, d) -> (n,)
        Scaled value that points are thought to have.
    """

    ridge: float
    height: Any
    expected: Any

    def __init__(self, model, surrogate, scale, clusters, label):
        self.model, self.surrogate, self.scale = model, surrogate, scale
        self.follow(clusters, label)
        self.most, self.n_nested = 10 ** 9, 0
        self.blind, self.weight, self.stretch = False, 1.0, 1.0

    def follow(self, clusters, label, hidden=()):
        """Take these clusters, then those hidden behind a ridge, each of one point."""
        self.clusters, self.label, self.n_open = [*clusters, *hidden], label, len(clusters)
        self.levels = np.array([n.level for n in self.clusters] or [0.0])
        self.goals = np.array([n.goal for n in self.clusters] or [0.0])
        self.centres = np.array([n.centre for n in clusters])

    def nearest(self, u):
        """Cluster (n,) of each point: the nearest centre; 0 where there is none."""
        if not self.n_open:
            return np.zeros(len(u), int)
        return nearest(u, self.centres, sum(n.n_good > 0 for n in self.clusters))

    def reach(self, u):
        """Distance (n,) that is expected of points; inf where evaluating is expected to fail."""
        distance = self.scale.distance(self.scale.backward(self.expected(u)))
        return np.where(self.allowed(u) > 0.5, distance, np.inf)

    def aim(self, u, cluster):
        """Raise the goals, where the probability is one to beat them, to what is within reach."""

    def learn_failures(self, points, seed):
        """Learn ok or failed, once enough have failed; the model keeps it, to be saved with it."""
        failed = (~points.ok).sum()
        known = failed >= max(3, FAILURES * len(points)) and points.ok.any()
        self.model.failures = None
        if known:
            self.model.learn_failures(points.u, points.ok, seed)

    def allowed(self, u):
        """Probability (n,) that evaluating works."""
        failures = self.model.failures
        return 1.0 if failures is None else failures.probability(u)

    def open_way(self, u, cluster=None):
        """Bool (n,): no ridge is here, which would part the target; `cluster` does not matter."""
        return (self.height(u) < self.ridge) & (self.allowed(u) > 0.5)

    def teach_surrogate(self, points, rng, fresh):
        """Train the surrogate on the known values: of each cluster those near the edge first."""
        known = np.flatnonzero(np.isfinite(points.value))
        y = self.scale.forward(points.value[known])
        if self.surrogate is None or len(known) < FEW or not np.ptp(y) > 0:
            self.surrogate = None
            return
        order = in_turn(np.abs(self.scale.distance(points.value[known])), self.label[known])
        self.surrogate.fit(points.u[known[order]], y[order], rng, fresh)

    def interval(self, cluster):
        """Scaled interval (low, high), each (n,), that is better than the clusters' levels."""
        low, high = self.scale.bounds(self.levels)
        return low[cluster], high[cluster]

    def beyond(self, scaled, cluster):
        """How far (n,) scaled values (n,) are outside the interval of their clusters (n,)."""
        low, high = self.interval(cluster)
        return np.maximum(low - scaled, scaled - high)

    def teach(self, points, rows, y, seed, fresh, rng, nested=None):
        """Train the model on y of these rows, its surrogate, and what knows of failures."""
        self.model.fit(points.u[rows], y, seed, fresh, nested)
        self.teach_surrogate(points, rng, fresh)
        self.learn_failures(points, seed)
        if self.surrogate is not None:
            self.weight = 0.5

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
