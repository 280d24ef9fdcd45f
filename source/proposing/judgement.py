"""What is thought of a candidate: its probability to be better than its niche's level.

Two opinions are combined, the chosen model's and an assistant's (a Gaussian process on the
value), with the weights that would have served best on the batches judged last.
"""

from typing import Any

import numpy as np
from scipy.special import expit

from calibration import between, logit, platt
from proposing.merit import nested_labels
from proposing.niches import nearest
from proposing.training_rows import in_turn, training_rows

FAILURES = 0.01     # share of failed points from which a model of failing is worth its cost
FEW = 5             # known values from which anything can be learned
SOLE = 0.9          # a weight beyond which one opinion is not worth the cost of the other
FULL = 6000         # candidates for which the assistant's spread is computed


def make_judgement(model, assistant, scale, niches, label):
    """The Judgement for the kind of the model."""
    kind = Classified if model.kind == "classifier" else Regressed
    return kind(model, assistant, scale, niches, label)


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
    """

    ridge: float
    height: Any

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

    def teach(self, points, rows, y, seed, fresh, rng, nested=None):
        """Train the model on y of these rows, its assistant, and what knows of failures."""
        self.model.fit(points.u[rows], y, seed, fresh, nested)
        self.teach_assistant(points, rng, fresh)
        self.learn_failures(points, seed)
        if self.assistant is not None:
            self.weight = 0.5

    def assistant_spread(self, u, niche, mean, elsewhere):
        """Spread (n,) of the assistant where it matters, most inside by the mean; else a number."""
        low, high = self.interval(niche)
        near = np.argsort(np.maximum(low - mean, mean - high), kind="stable")[:FULL]
        spread = np.full(len(u), elsewhere)
        spread[near] = self.assistant.spread(u[near])
        return spread

    def assistant_probability(self, u, niche):
        """Probability (n,) of the assistant."""
        low, high = self.interval(niche)
        mean = self.assistant.mean(u)
        return between(low, high, mean, self.assistant_spread(u, niche, mean, 1e-3))


class Regressed(Judgement):
    """A regressor predicts the scaled value; mean and spread give the probability."""

    ridge = 0.2         # height of a ridge; most of the scaled values lie within one of each other

    def height(self, u):
        """How far (n,) outside the target the model thinks that points are, scaled."""
        return self._outside(self.scale.best(self.model.predict(u)[0], u))

    def known_height(self, value):
        """The same of known values (n,)."""
        return self._outside(self.scale.forward(value))

    def _outside(self, scaled):
        low, high = self.scale.bounds(0.0)
        return np.maximum(low - scaled, scaled - high)

    def train(self, points, merit, past, seed, fresh, rng):
        """Fit model and assistant; `past`: what was foretold of the points judged last."""
        merit = self.scale.merit(points.value)    # a failed point's value teaches, too
        rows = training_rows(merit, np.isfinite(points.value), self.most, rng)
        y = self.scale.forward(points.value[rows])
        if len(y) < FEW or not np.ptp(y) > 0:
            self.blind = True
            return
        self.teach(points, rows, self.scale.labels(points.take(rows)), seed, fresh, rng)
        self._learn_from(past, points)

    def _learn_from(self, past, points):
        """Weight and stretch of the spread from what was foretold."""
        row, first, second, spread, _ = past
        value = points.value[row]
        use = np.isfinite(value) & np.isfinite(spread)
        if use.sum() < FEW:
            return
        edge = np.max(np.abs(self.scale.bounds(0.0)), where=np.isfinite(self.scale.bounds(0.0)),
                      initial=0.0) + 1.0
        true, one, two = (np.clip(a[use], -edge, edge) for a in
                          (self.scale.forward(value), first, second))
        if self.assistant is not None:
            gap = one - two
            ridge = 0.01 * len(gap)
            self.weight = float(np.clip((((true - two) * gap).sum() + 0.5 * ridge * gap.var())
                                        / ((gap ** 2).sum() + ridge * gap.var() + 1e-12), 0, 1))
        error = self.weight * one + (1 - self.weight) * two - true
        ratio = np.mean((error / np.maximum(spread[use], 1e-3)) ** 2)
        self.stretch = float(np.clip(np.sqrt(ratio), 0.5, 3.0))

    def opinions(self, u, niche):
        """Means (n,) of model and assistant, and the combined spread (n,) before stretching."""
        mean, spread = self.scale.read(*self.model.predict(u), u)
        if self.assistant is None:
            return mean, mean, spread
        second, w = self.assistant.mean(u), self.weight
        own = self.assistant_spread(u, niche, w * mean + (1 - w) * second, 0.0)
        total = (w * spread) ** 2 + ((1 - w) * own) ** 2 + w * (1 - w) * (mean - second) ** 2
        return mean, second, np.sqrt(total)

    def rate(self, u, niche):
        """Probability (n,), the model's predicted value (n,), and what to remember."""
        if self.blind:
            return blind(len(u))
        first, second, spread = self.opinions(u, niche)
        low, high = (b[niche] for b in self.scale.bounds(self.goals))
        both = self.weight * first + (1 - self.weight) * second
        probability = between(low, high, both, self.stretch * spread) * self.allowed(u)
        return probability, self.scale.backward(first), np.column_stack([first, second, spread])

    def accept(self, u, niche):
        """Bool (n,): these points are called better than the level of their niche."""
        if self.blind:
            return np.zeros(len(u), bool)
        w = 1.0 if self.assistant is None or self.weight > SOLE else self.weight
        w = 0.0 if w < 1 - SOLE else w
        mean = w and w * self.scale.best(self.model.predict(u)[0], u)
        if w < 1:
            mean = mean + (1 - w) * self.assistant.mean(u)
        low, high = self.interval(niche)
        return (mean > low) & (mean < high) & (self.allowed(u) > 0.5)


class Classified(Judgement):
    """A classifier learns 'better than the level of its niche'."""

    calibration = (1.0, 0.0)    # slope and offset of the logit of the probability
    ridge = 0.5         # height of a ridge, in the logit of the probability

    def height(self, u):
        """How far (n,) outside the target the model thinks that points are: minus the logit."""
        return -logit(self.model.predict(u)[0])

    def known_height(self, value):
        """A value says nothing on this scale: as low as can be (n,)."""
        return np.full(len(value), -np.inf)

    def train(self, points, merit, past, seed, fresh, rng):
        """Fit model and assistant; `past`: what was foretold of the points judged last."""
        level = self.levels[self.label]
        y = (merit < 0) | ((merit <= level) & (level > 0))
        rows = training_rows(merit, np.ones(len(y), bool), self.most, rng)
        self.blind = not 0 < y[rows].sum() < len(rows)
        if self.blind:
            return
        self.teach(points, rows, y[rows].astype(int), seed, fresh, rng,
                   nested_labels(merit[rows], self.n_nested))
        if self.assistant is not None:
            self._learn_from(past, merit)

    def _learn_from(self, past, merit):
        """The weight with the smallest squared error of the probability, and its calibration.

        Candidates are chosen where they are far from all known points, so of those called
        probable more are wrong than of any others: only judged batches tell how many.
        """
        row, first, second, _, level = past
        use = np.isfinite(first) & np.isfinite(second)
        if use.sum() < FEW:
            return
        true = (merit[row] < 0) | ((merit[row] <= level) & (level > 0))
        first, second, true = first[use], second[use], true[use]
        gap, left = first - second, true - second
        ridge = 0.01 * len(gap)
        self.weight = float(np.clip(((left * gap).sum() + 0.5 * ridge) / ((gap ** 2).sum() + ridge),
                                    0, 1))
        self.calibration = platt(self.weight * first + (1 - self.weight) * second, true)

    def rate(self, u, niche):
        """Probability (n,), the model's own probability (n,), and what to remember."""
        if self.blind:
            return blind(len(u))
        first, second, both = self._opinions(u, niche)
        slope, offset = self.calibration
        return (expit(slope * logit(both) + offset), first,
                np.column_stack([first, second, np.zeros(len(u))]))

    def _opinions(self, u, niche):
        first = second = self.model.predict(u)[0]
        if self.assistant is not None:
            second = self.assistant_probability(u, niche) * self.allowed(u)
        return first, second, self.weight * first + (1 - self.weight) * second

    def accept(self, u, niche):
        """Bool (n,): these points are called better than the level of their niche.

        The assistant is asked only where its opinion can change anything.
        """
        if self.blind:
            return np.zeros(len(u), bool)
        both = self.model.predict(u)[0]
        if self.assistant is not None:
            both = self.weight * both
            left = np.flatnonzero((both <= 0.5) & (both + 1 - self.weight > 0.5))
            if len(left):
                own = self.assistant_probability(u[left], niche[left]) * self.allowed(u[left])
                both[left] += (1 - self.weight) * own
        return both > 0.5


def blind(n):
    """No opinion on n points."""
    return np.full(n, 0.5), np.full(n, np.nan), np.full((n, 3), np.nan)
