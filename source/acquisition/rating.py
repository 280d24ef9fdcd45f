"""What is thought of a candidate: its probability to be better than its niche's level.

Two opinions are combined, the chosen model's and an assistant's (a Gaussian process on the
value), with the weights that would have served best on the batches judged last.
"""

from typing import Any

import numpy as np

from ..models.calibration import between
from .clusters import nearest
from .training_rows import in_turn

FAILURES = 0.01     # share of failed points from which a model of failing is worth its cost
FEW = 5             # known values from which anything can be learned
FULL = 6000         # candidates for which the assistant's spread is computed


class Judgement:
    """Common part of the two kinds.

    Parameters
    ----------
    model : object of models.make_model
    assistant : GaussianProcess or None
    scale : ValueScale
    niches : list of Niche
    label : int array (n,)
        Niche of each judged point.

    Attributes
    ----------
    most : int
        Largest number of points the model is trained on.
    n_nested : int
        Levels of the value that a classifier learns beside its own.
    blind : bool
        Nothing could be learned (all values alike, no label of one kind): no opinion at all.
    weight : float
        Of the model; the assistant has the rest.
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

    def __init__(self, model, assistant, scale, niches, label):
        self.model, self.assistant, self.scale = model, assistant, scale
        self.follow(niches, label)
        self.most, self.n_nested = 10 ** 9, 0
        self.blind, self.weight, self.stretch = False, 1.0, 1.0

    def follow(self, niches, label, hidden=()):
        """Take these niches, then those hidden behind a ridge, which no other point belongs to."""
        self.niches, self.label, self.n_open = [*niches, *hidden], label, len(niches)
        self.levels = np.array([n.level for n in self.niches] or [0.0])
        self.goals = np.array([n.goal for n in self.niches] or [0.0])
        self.centres = np.array([n.centre for n in niches])

    def nearest(self, u):
        """Niche (n,) of each point: the nearest centre; 0 where there is none."""
        if not self.n_open:
            return np.zeros(len(u), int)
        return nearest(u, self.centres, sum(n.n_good > 0 for n in self.niches))

    def reach(self, u):
        """Merit (n,) that points are thought to have; inf where judging is thought to fail."""
        merit = self.scale.merit(self.scale.backward(self.expected(u)))
        return np.where(self.allowed(u) > 0.5, merit, np.inf)

    def aim(self, u, niche):
        """Raise the goals, where the probability is one to beat them, to what is within reach."""

    def learn_failures(self, points, seed):
        """Learn ok or failed, once enough have failed; the model keeps it, to be saved with it."""
        failed = (~points.ok).sum()
        known = failed >= max(3, FAILURES * len(points)) and points.ok.any()
        self.model.failures = None
        if known:
            self.model.learn_failures(points.u, points.ok, seed)

    def allowed(self, u):
        """Probability (n,) that judging works."""
        failures = self.model.failures
        return 1.0 if failures is None else failures.probability(u)

    def open_way(self, u, niche=None):
        """Bool (n,): no ridge is here, which would part the target; `niche` does not matter."""
        return (self.height(u) < self.ridge) & (self.allowed(u) > 0.5)

    def teach_assistant(self, points, rng, fresh):
        """Train the assistant on the known values: of each niche those near the edge first."""
        known = np.flatnonzero(np.isfinite(points.value))
        y = self.scale.forward(points.value[known])
        if self.assistant is None or len(known) < FEW or not np.ptp(y) > 0:
            self.assistant = None
            return
        order = in_turn(np.abs(self.scale.merit(points.value[known])), self.label[known])
        self.assistant.fit(points.u[known[order]], y[order], rng, fresh)

    def interval(self, niche):
        """Scaled interval (low, high), each (n,), that is better than the niches' levels."""
        low, high = self.scale.bounds(self.levels)
        return low[niche], high[niche]

    def beyond(self, scaled, niche):
        """How far (n,) scaled values (n,) are outside the interval of their niches (n,)."""
        low, high = self.interval(niche)
        return np.maximum(low - scaled, scaled - high)

    def teach(self, points, rows, y, seed, fresh, rng, nested=None):
        """Train the model on y of these rows, its assistant, and what knows of failures."""
        self.model.fit(points.u[rows], y, seed, fresh, nested)
        self.teach_assistant(points, rng, fresh)
        self.learn_failures(points, seed)
        if self.assistant is not None:
            self.weight = 0.5

    def assistant_spread(self, u, niche, mean, elsewhere):
        """Spread (n,) of the assistant where it matters, most inside by the mean; else a number."""
        near = np.argsort(self.beyond(mean, niche), kind="stable")[:FULL]
        spread = np.full(len(u), elsewhere)
        spread[near] = self.assistant.spread(u[near])
        return spread

    def assistant_probability(self, u, niche):
        """Probability (n,) of the assistant."""
        low, high = self.interval(niche)
        mean = self.assistant.mean(u)
        return between(low, high, mean, self.assistant_spread(u, niche, mean, 1e-3))
