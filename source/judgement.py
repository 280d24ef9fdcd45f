"""What the model thinks of a candidate: its probability to be better than its niche's level."""

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import norm
from sklearn.ensemble import ExtraTreesClassifier

FAILURES = 0.01     # share of failed points from which a model of failing is worth its cost


def make_judgement(model, scale, niches, config):
    """The Judgement for the kind of the model."""
    kind = Classified if model.kind == "classifier" else Regressed
    return kind(model, scale, niches, config)


class Judgement:
    """Common part: niches of candidates, and where points fail.

    Parameters
    ----------
    model : object of models.make_model
    scale : ValueScale
    niches : list of Niche
    config : ScanConfig
    """

    def __init__(self, model, scale, niches, config):
        self.model, self.scale, self.niches, self.config = model, scale, niches, config
        self.levels = np.array([n.level for n in niches] or [0.0])
        self.tree = cKDTree([n.centre for n in niches]) if niches else None
        self.feasible = None

    def nearest(self, u):
        """Niche (n,) of each point: the nearest centre; 0 where there is none."""
        return self.tree.query(u)[1] if self.niches else np.zeros(len(u), int)

    def accept(self, u, niche):
        """Bool (n,): the model calls these points better than the level of their niche."""
        return self.rate(u, niche)[0] > 0.5

    def learn_failures(self, points, seed):
        """Train a small forest on ok or failed, once enough have failed to learn from."""
        failed = ~points.ok
        if failed.sum() < max(3, FAILURES * len(points)) or not points.ok.any():
            return
        self.feasible = ExtraTreesClassifier(60, min_samples_leaf=2, random_state=seed)
        self.feasible.fit(points.u, points.ok)

    def allowed(self, u):
        """Probability (n,) that judging works."""
        return 1.0 if self.feasible is None else self.feasible.predict_proba(u)[:, 1]


class Regressed(Judgement):
    """A regressor predicts the scaled value; mean and spread give the probability."""

    error = np.nan

    def train(self, points, merit, label, seed, fresh, error):
        """Fit; returns the root mean square error on the last batch, before it was learned."""
        known = np.isfinite(points.value)
        y = self.scale.forward(points.value[known])
        self.error = self._held_out(points, error)
        self.model.fit(points.u[known], y, seed, fresh=fresh)
        self.learn_failures(points, seed)
        return self.error

    def _held_out(self, points, error):
        last = points.iteration == points.iteration.max()
        last &= np.isfinite(points.value) & (points.origin != "random")
        if points.iteration.max() < 2 or last.sum() < 5:
            return error
        gap = self.model.predict(points.u[last])[0] - self.scale.forward(points.value[last])
        return float(np.sqrt(np.mean(np.clip(gap, -1, 1) ** 2)))

    def rate(self, u, niche):
        """Probability (n,) and predicted value (n,)."""
        mean, spread = self.model.predict(u)
        low, high = self.scale.bounds(self.levels[niche])
        width = np.sqrt(spread ** 2 + 1e-6)
        inside = norm.cdf((high - mean) / width) - norm.cdf((low - mean) / width)
        return inside * self.allowed(u), self.scale.backward(mean)


class Classified(Judgement):
    """A classifier learns 'better than the level of its niche'."""

    def train(self, points, merit, label, seed, fresh, error):
        """Fit; returns the share of the last batch that was called wrongly."""
        level = self.levels[label]
        y = (merit < 0) | (merit <= level) & (level > 0)
        error = self._held_out(points, y, error)
        self.trained = 0 < y.sum() < len(y)
        if self.trained:
            self.model.fit(points.u, y.astype(int), seed, fresh=fresh)
        return error

    def _held_out(self, points, y, error):
        last = (points.iteration == points.iteration.max()) & (points.origin != "random")
        if points.iteration.max() < 2 or last.sum() < 5:
            return error
        return float(np.mean((self.model.predict(points.u[last])[0] > 0.5) != y[last]))

    def rate(self, u, niche):
        """Probability (n,), twice: it is also what the model predicts."""
        if not self.trained:
            return np.full(len(u), 0.5), np.full(len(u), np.nan)
        p = self.model.predict(u)[0]
        return p, p
