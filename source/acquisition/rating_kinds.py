"""The two kinds of rater: by a regressor's mean and spread, by a classifier's probability."""

from dataclasses import replace

import numpy as np
from scipy.special import expit

from ..models.calibration import believed, between, logit, pooled
from ..models.value_scale import nested_labels, soft_labels
from .rating import FEW, Rater
from .training_rows import training_rows
from .weighing import combined, judged, stretch_of

FADE = 400.0        # predicted points after which one counts a third
LATEST = 400        # of them that a regressor learns from
UNLIKELY = 1e-3     # times the largest: a probability for which it matters not whether evaluating
                    # works
SHARED = 10         # points of all pieces of the target that count in each of them
SOLE = 0.9          # a weight beyond which one prediction is not worth the cost of the other


def make_rater(model, surrogate, scale, clusters, symmetry):
    """The Rater for the kind of the model, not trained."""
    kind = Classified if model.kind == "classifier" else Regressed
    return kind(model, surrogate, scale, clusters, symmetry)


class Regressed(Rater):
    """A regressor predicts the scaled value; mean and spread give the probability."""

    ridge = 0.2         # height of a ridge; most of the scaled values lie within one of each other

    def height(self, u):
        """How far (n,) outside the target the model predicts points to be, scaled."""
        return self.scale.outside(self.expected(u))

    def known_height(self, value):
        """The same of known values (n,)."""
        return self.scale.outside(self.scale.forward(value))

    def trained(self, points, distance, past, settings, seed, fresh, rng):
        """The same with model and surrogate fitted, and weighed by what they predicted.

        Parameters
        ----------
        points : Points
        distance : float array (n,)
            From the edge of the target; inf for failed points.
        past : (row, model, surrogate, spread, level), each (m,)
            What `rate` said of the points in these rows when they were proposed, to be
            remembered, and the level of their cluster.
        settings : settings.Acquisition
        seed : int
        fresh : bool
            From scratch.
        rng : numpy.random.Generator
        """
        distance = self.scale.distance(points.value)    # a failed point's value teaches, too
        rows = training_rows(distance, np.isfinite(points.value),
                             settings.Training_points, rng)
        y = self.scale.forward(points.value[rows])
        if len(y) < FEW or not np.ptp(y) > 0:
            return replace(self, blind=True)
        labels = self.scale.labels(points.take(rows))
        return self._taught(points, rows, labels, seed, fresh, rng).weighed(past, points)

    def weighed(self, past, points):
        """The same with weight and stretch by what was predicted; `past` as for `trained`.

        They differ from piece to piece of the target, as one may be far too narrow for the model.
        """
        row, *said, _ = (a[-LATEST:] for a in past)
        first, second, spread = self.scale.from_values(np.column_stack(said)).T
        value = points.value[row]
        use = np.isfinite(value) & np.isfinite(spread)
        if use.sum() < FEW:
            return self
        edge = np.max(np.abs(self.scale.bounds(0.0)), where=np.isfinite(self.scale.bounds(0.0)),
                      initial=0.0) + 1.0
        true, one, two = (np.clip(a[use], -edge, edge) for a in
                          (self.scale.forward(value), first, second))
        # the error at a point that nobody was sure of says little
        usual = max(np.median(spread[use]), 1e-3)
        counts = 1 / (1 + (spread[use] / usual) ** 2)
        told = np.stack([one, two, true, np.maximum(spread[use], 1e-3), counts])
        if self.surrogate is None:
            return replace(self, stretch=stretch_of((one - true) / told[3]))
        weight, stretch = judged(told, held=use.sum() / 100, unit=(one - two).var())
        if not self.surrogate.local:
            return replace(self, weight=weight, stretch=stretch)
        piece = self.surrogate.piece(points.u[row][use])
        own = [judged(told[:, piece == k], weight, stretch, SHARED)
               for k in range(len(self.surrogate.local) + 1)]
        return replace(self, weight=weight, stretch=stretch, own=np.array(own))

    def _trust(self, u):
        """Weight and stretch (n,) at points u (n, d)."""
        if self.own is None:
            return np.full(len(u), self.weight), np.full(len(u), self.stretch)
        return self.own[self.surrogate.piece(u)].T

    def _predicted(self, u, cluster, w):
        """Means (n,) of model and surrogate, and the combined spread (n,) before stretching, with
        these weights (n,) of the model."""
        mean, spread = self.scale.read(*self.model.predict(u), u)
        if self.surrogate is None:
            return mean, mean, spread
        second = self.surrogate.mean(u)
        own = self.surrogate_spread(u, cluster, w * mean + (1 - w) * second, 0.0)
        return mean, second, combined(w, spread, mean - second, own)

    def rate(self, u, cluster):
        """Probability (n,), the model's predicted value (n,), and what to remember."""
        if self.blind:
            return blind(len(u))
        weight, stretch = self._trust(u)
        first, second, spread = self._predicted(u, cluster, weight)
        low, high = (b[cluster] for b in self.scale.bounds(self.clusters.goals))
        probability = between(low, high, weight * first + (1 - weight) * second, stretch * spread)
        some = np.flatnonzero(probability > UNLIKELY * probability.max(initial=0.0))
        probability[some] *= self.allowed(u[some])
        # values mean the same on the next scale
        said = self.scale.as_values(np.column_stack([first, second, spread]))
        return probability, said[:, 0], said

    def expected(self, u):
        """Scaled value (n,) of model and surrogate together."""
        return self._both(u, False)[0]

    def aimed(self, u, cluster):
        """Ask for more than the best point: half-way to the best that candidates seem to reach.

        u: (n, d) in the unit box; cluster: (n,) int, the cluster of each.
        """
        reach, goals = self.reach(u), self.clusters.goals.copy()
        for k in np.unique(cluster):
            least = max(0.0, float(reach[cluster == k].min()))
            goals[k] = min(goals[k], (goals[k] + least) / 2)
        return self.following(self.clusters.with_goals(goals))

    def accept(self, u, cluster, optimism=0.0):
        """Bool (n,): these points are called better than the level of their cluster.

        optimism: they may be worse by so many times the spread.
        """
        if self.blind:
            return np.zeros(len(u), bool)
        mean, spread = self._both(u, optimism > 0)
        low, high = self.interval(cluster)
        slack = optimism * spread
        return self.possible(u, (mean > low - slack) & (mean < high + slack))

    def _both(self, u, wanted):
        """Mean (n,) of model and surrogate; their spread (n,), or 0 unless it is `wanted`.

        Without the surrogate's own spread, which is costly.
        """
        w, stretch = self._trust(u)
        w = np.where(w > SOLE, 1.0, np.where(w < 1 - SOLE, 0.0, w))
        first, spread, second = np.zeros((3, len(u)))
        ask, other = np.flatnonzero(w), np.flatnonzero(w < 1)
        if wanted:
            first[ask], spread[ask] = self.scale.read(*self.model.predict(u[ask]), u[ask])
        elif len(ask):
            first[ask] = self.scale.best(self.model.predict(u[ask])[0], u[ask])
        if len(other):
            second[other] = self.surrogate.mean(u[other])
        if wanted:
            spread = stretch * combined(w, spread, first - second)
        return w * first + (1 - w) * second, spread


class Classified(Rater):
    """A classifier learns 'better than the level of its cluster'."""

    ridge = 0.5         # height of a ridge, in the logit of the probability

    def height(self, u):
        """How far (n,) outside the target the model predicts points to be: minus the logit."""
        return -logit(self.model.predict(u)[0])

    def known_height(self, value):
        """A value says nothing on this scale: as low as can be (n,)."""
        return np.full(len(value), -np.inf)

    def trained(self, points, distance, past, settings, seed, fresh, rng):
        """See Regressed.trained."""
        level = self.clusters.levels[self.clusters.label]
        y = (distance < 0) | ((distance <= level) & (level > 0))
        rows = training_rows(distance, np.ones(len(y), bool),
                             settings.Training_points, rng)
        if not 0 < y[rows].sum() < len(rows):
            return replace(self, blind=True)
        n_nested = settings.Nested_levels
        labels = self._labels(points, distance, y, n_nested)[rows]
        taught = self._taught(points, rows, labels, seed, fresh, rng,
                              nested_labels(distance[rows], n_nested))
        return taught if taught.surrogate is None else taught.weighed(past, distance)

    def _labels(self, points, distance, good, n_nested):
        """What the model learns of evaluated points (n,): how far from the edge, too, if it can."""
        if not (n_nested and self.model.learns_nested):
            return good.astype(int)
        value = np.where(np.isfinite(distance), self.scale.forward(points.value), np.nan)
        return soft_labels(self.beyond(value, self.clusters.label), good)

    def weighed(self, past, distance):
        """The same with weight and calibration by what was predicted, of the latest points most.

        Candidates are chosen where they are far from all known points, so of those called
        probable more are wrong than of any others: only evaluated batches tell how many. Logits are
        weighed, not probabilities: where one is sure that a point is bad, that counts
        even if the other was the better one so far.
        """
        row, first, second, _, level = past
        use = np.isfinite(first) & np.isfinite(second)
        if use.sum() < FEW:
            return self
        true = (distance[row] < 0) | ((distance[row] <= level) & (level > 0))
        counts = np.exp(-np.arange(use.sum())[::-1] / FADE)
        a, b, offset = pooled([first[use], second[use]], true[use], counts)
        return replace(self, weight=a / (a + b), calibration=(a + b, offset))

    def rate(self, u, cluster):
        """Probability (n,), the model's own probability (n,), and what to remember."""
        if self.blind:
            return blind(len(u))
        first, second, both = self._predicted(u, cluster)
        slope, offset = self.calibration
        return (expit(slope * logit(both) + offset), believed(first, self.model.held_out),
                np.column_stack([first, second, np.zeros(len(u))]))

    def _predicted(self, u, cluster):
        """Probability (n,) of model and surrogate, and of both together, not calibrated."""
        first = second = self.model.predict(u)[0]
        if self.surrogate is not None:
            second = self.surrogate_probability(u, cluster) * self.allowed(u)
        return first, second, expit(self.weight * logit(first) + (1 - self.weight) * logit(second))

    def expected(self, u):
        """Scaled value (n,) by the surrogate, as the model knows none; all alike without one."""
        return self.surrogate.mean(u) if self.surrogate else np.zeros(len(u))

    def accept(self, u, cluster, optimism=0.0):
        """Bool (n,): these points are called better than the level of their cluster.

        optimism: their probability may lack so many times its spread. The surrogate is asked only
        where it can change anything.
        """
        if self.blind:
            return np.zeros(len(u), bool)
        first, spread = self.model.predict(u)
        if self.surrogate is None:
            return first + optimism * spread > 0.5
        w, rest = self.weight, 1 - self.weight
        both, total, most = w * logit(first), w * spread, rest * logit(1.0)
        left = np.flatnonzero((both <= most) & (expit(both + most) > 0.5 - optimism))
        if len(left):
            own = self.surrogate_probability(u[left], cluster[left]) * self.allowed(u[left])
            both[left] += rest * logit(own)
            total[left] = combined(w, spread[left], first[left] - own)
        return expit(both) + optimism * total > 0.5


def blind(n):
    """Nothing is known of n points."""
    return np.full(n, 0.5), np.full(n, np.nan), np.full((n, 3), np.nan)
