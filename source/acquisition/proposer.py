"""Proposing the next batch of points: train, gather candidates, choose.

Regressors and classifiers differ only in what they are trained on and how their answer is read.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..models.outputs import Value
from . import components, slots
from .candidates import design, design_size, prior_draws
from .choice import Pending, Picker
from .clock import Clock
from .clusters import ENOUGH, find_clusters, is_flat
from .gathering import Gatherer
from .gaussian_process import GaussianProcess
from .rating_kinds import make_rater
from .ridges import Ridges, hidden_clusters
from .visibility import Visibility

GROWTH = 1.6        # the model is trained from scratch whenever the points have grown by this
DEEPER = 2.0        # and so much deeper a target than was known needs another scale of values
PER_MISCLASSIFIED = 10          # misclassified candidates for each that is taken
BOUNDARY = 0.4      # probability asked for where a batch feels for the edge of the target
MEMORY = 1600       # predicted points that are remembered to weigh model and surrogate


@dataclass
class Batch:
    """Proposed points.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    origin : list of str
        'design', 'prior', 'walk', 'local' (scattered around a cluster), 'misclassified' (scattered
        around good points that the model calls bad), 'prospect' (any of these for a promising
        place far from all good points, or behind a ridge), 'smote', 'exploration' (where nobody has
        been) or 'random'.
    predicted : float array (n,)
        Predicted value (regressor) or probability (classifier); NaN where there is none.
    info : dict
        What was seen on the way: components, levels, held-out error, seconds of each phase.
    """

    u: np.ndarray
    origin: list
    predicted: np.ndarray
    info: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.u)

    def head(self, n):
        """The first n points; all of them when n is None."""
        return self if n is None else Batch(self.u[:n], self.origin[:n], self.predicted[:n],
                                            self.info)


class Proposer:
    """Proposes batches of points for one scan.

    Parameters
    ----------
    config : ScanConfig
    target : Target
    dim : int
        Number of scanned parameters.
    model : object of models.make_model
        Any regressor or classifier.

    Attributes
    ----------
    precut : callable or None
        u (n, d) -> bool (n,); points with False are never proposed.
    snap : callable or None
        u (n, d) -> the unit-box points (n, d) that will be stored for them (cell centres of whole
        numbers and choices).
    outputs : outputs.Value
        What a regressor learns.
    """

    def __init__(self, config, target, dim: int, model):
        self.config, self.target, self.dim, self.model = config, target, dim, model
        self.precut = self.snap = None
        self.scale: Any = None
        self.outputs = Value()
        self.surrogate = GaussianProcess(dim, config.Surrogate_points)
        self.trained_on = 0     # points of the last training from scratch
        self.floor: float | None = None     # smallest value then, if it was in the target
        self.pending: Any = None
        self.forecasts = np.empty((0, 5))    # id, two opinions, spread, level: of points to come

    def first(self, rng: np.random.Generator) -> Batch:
        """The first design: scrambled Sobol points, `Size_initial_batch`, else 20 a parameter."""
        u = design(rng, design_size(self.config, self.dim), self.dim, self.precut)
        return Batch(u, ["design"] * len(u), np.full(len(u), np.nan))

    def propose(self, points, rng: np.random.Generator, pending: Pending | None = None) -> Batch:
        """Train on the points evaluated so far and propose the next batch.

        Parameters
        ----------
        points : Points
            Everything evaluated, also what failed.
        rng : numpy.random.Generator
            The only source of randomness.
        pending : Pending or None
            What was proposed before and is not evaluated yet; None: nothing.
        """
        self.pending = pending or Pending(points.u[:0], points.id.max() + 1)
        clock = Clock()
        rater = self.learn(points, rng)
        clock.lap("train")
        with one_thread():
            n_components, ridges = self._inspect(points, rater, rng)
            unsure = slots.unsure(points, rater.clusters, rater.label)
            gatherer = Gatherer(self.config, rater, rng, self.precut, self.snap, ridges)
            found = gatherer.gather(points, unsure)
            clock.lap("propose")
            batch = self._choose(points, found, rater, unsure, rng)
        clock.lap("choose")
        batch.info.update(self._info(found, rater, clock), islands=n_components)
        return batch

    def learn(self, points, rng):
        """Train on the points evaluated so far; all that is left to do at the end of a scan.

        Returns
        -------
        Rater
        """
        fresh = self._fresh(points)
        scale = self.outputs.scale(self.target, points, self.floor)
        if self.pending and self.pending.least and self.scale and \
                scale.as_dict() != self.scale.as_dict():
            fresh = True    # it began to learn before the first design was complete
        self.scale = scale
        distance = self._distance(points)
        most = self.config.Max_clusters
        clusters, label = find_clusters(points.u, distance, points.iteration, most,
                                    slots.most_prospects(most, slots.success(points)))
        with one_thread():
            return self._train(points, scale, distance, clusters, label, fresh, rng)

    def about(self):
        """What a saved model needs to be read: the scale of its values."""
        return {"scale": self.scale.as_dict()} if self.scale else {}

    def arrays(self):
        """What an exact resume needs, as named arrays."""
        own = {"proposer_trained_on": np.array(self.trained_on),
               "proposer_floor": np.array(np.nan if self.floor is None else self.floor),
               "proposer_foretold": self.forecasts}
        if self.surrogate.theta is not None:
            own["proposer_theta"] = self.surrogate.theta
        return own | {f"model_{k}": v for k, v in self.model.arrays().items()}

    def restore(self, arrays):
        """Go on from what `arrays` gave."""
        self.trained_on = int(arrays["proposer_trained_on"])
        floor = float(arrays["proposer_floor"])
        self.floor = None if np.isnan(floor) else floor
        self.forecasts = np.array(arrays["proposer_foretold"])
        theta = arrays.get("proposer_theta")
        self.surrogate.theta = None if theta is None else np.array(theta)
        self.model.restore({k[len("model_"):]: v for k, v in arrays.items()
                            if k.startswith("model_")})

    def _fresh(self, points):
        """Whether to train from scratch: by the period, by growth, or as the target is deeper."""
        period, high = self.config.Full_train_period, self.target.high
        due = period and (int(points.iteration.max()) + 1) % period == 0
        fresh = bool(due) or len(points) >= GROWTH * self.trained_on
        if self.target.is_band or points.inside.sum() < ENOUGH:
            return fresh
        lowest = float(points.value[points.inside].min())
        if fresh or self.floor is None or high - lowest > DEEPER * (high - self.floor):
            if self.model.kind == "regressor" and lowest != self.floor:
                self.forecasts = self.forecasts[:0]   # on another scale
            fresh, self.floor = True, lowest
        return fresh

    def _distance(self, points):
        """Distance (n,) of evaluated points from the edge of the target; inf for failed ones."""
        return np.where(points.ok, self.scale.distance(points.value), np.inf)

    def _train(self, points, scale, distance, clusters, label, fresh, rng):
        seed = int(rng.integers(2 ** 31))
        if fresh:
            self.trained_on = len(points)
        surrogate = self.surrogate if self.config.Surrogate_points else None
        rater = make_rater(self.model, surrogate, scale, clusters, label)
        rater.most = self.config.Training_points
        rater.n_nested = self.config.Nested_levels
        rater.train(points, distance, self._past(points), seed, fresh, rng)
        return rater

    def _past(self, points):
        """What was predicted of evaluated points: rows, two opinions, the spread, the level."""
        row = np.searchsorted(points.id, self.forecasts[:, 0])
        known = row < len(points)
        known[known] = points.id[row[known]] == self.forecasts[known, 0]
        return (row[known], *self.forecasts[known, 1:].T)

    def _remember(self, opinions, level):
        """Keep what is predicted of the batch; its points get the next free ids, in order."""
        ids = self.pending.next_id + np.arange(len(opinions))
        new = np.column_stack([ids, opinions, level])
        kept = MEMORY + len(self.pending.u)    # of those pending nothing can be learned yet
        self.forecasts = np.concatenate([self.forecasts, new])[-kept:]

    def _inspect(self, points, rater, rng):
        """What the trained model sees: how many components; clusters are made anew to follow each.

        Places hidden behind a ridge are followed once it is no search any more: all is hidden
        from a model that knows next to nothing.
        """
        distance = self._distance(points)
        # not points.inside, which may differ by a rounding where a value is the target's edge
        good = points.u[distance < 0]
        if rater.blind:
            return int(len(good) > 0), None
        part, known = components.parts(rng, good, rater.open_way)
        n_components = components.count(part, known)
        if len(good) < slots.SEARCH:
            return n_components, None
        rater.follow(*components.divide(points.u, distance, rater.clusters, rater.label, part,
                                         self.config.Max_clusters))
        ridges = Ridges(rater.height, good)
        hidden, label = hidden_clusters(points, distance, rater, ridges)
        rater.follow(rater.clusters, label, hidden)
        return n_components, ridges

    def _choose(self, points, found, rater, unsure, rng):
        """Random share, a share for each cluster, and the rest wherever it is emptiest."""
        clusters = rater.clusters
        size = slots.batch_size(self.config, points.inside.sum(), self.pending.least)
        n_random = int(rng.binomial(size, self.config.Frac_random_points))
        early = points.inside.sum() < slots.SEARCH
        found.probability *= slots.trust(points, found.origin)
        rows = self._picker(points, found, rater)
        misclassified = np.flatnonzero(found.origin == "misclassified")
        most = min(round(self.config.Share_misclassified * size),
                   len(misclassified) // PER_MISCLASSIFIED)
        rows.pick(misclassified, most)
        flat = is_flat(rater.scale.distance(points.value), points.iteration)
        dealt, explorers = slots.deal(size - n_random - len(rows.chosen), clusters,
                                    slots.success(points), self.config.Share_prospects, flat)
        for k, n in enumerate(dealt):
            here = found.cluster == k
            close = n // 2 if unsure[k] else 0
            rows.draw(np.flatnonzero(here & (found.origin == "local")), close, rng)
            rows.pick(np.flatnonzero(here), n - close, search=early or clusters[k].n_good < ENOUGH)
            if clusters[0].n_good and not clusters[k].n_good:
                found.origin[here] = "prospect"
        rows.explore(explorers, rng)
        sure = np.array([n.n_good > 0 for n in clusters] or [False])[found.cluster]
        anywhere = np.flatnonzero(sure | ~sure.any())
        if sure.any():
            edge = round((self.config.Share_boundary or 0.0) * size)
            rows.pick_far(anywhere, min(edge, size - n_random - len(rows.chosen)),
                          np.concatenate([points.u[points.inside], self.pending.u]), BOUNDARY)
        rows.pick(anywhere, size - n_random - len(rows.chosen), search=early)
        return self._batch(found, rows.chosen, rater,
                           prior_draws(rng, size - len(rows.chosen), self.dim, self.precut))

    def _picker(self, points, found, rater):
        """What chooses; distances are those through the target, once enough of it is known."""
        cut, power = self.config.Probability_cut, self.config.Probability_power
        known, gap = np.concatenate([points.u, self.pending.u]), None
        if points.inside.sum() >= ENOUGH:
            others = np.concatenate([points.u[~points.inside], self.pending.u])
            gap = Visibility(rater.accept, points.u[points.inside], others).gap
        return Picker(found, known, cut, power, gap)

    def _batch(self, found, chosen, rater, random):
        """The chosen candidates and the random points, with what is predicted of them."""
        u = np.concatenate([found.u[chosen], random])
        cluster = np.concatenate([found.cluster[chosen], rater.nearest(random)])
        _, predicted, opinions = rater.rate(u, cluster)
        self._remember(opinions, rater.levels[cluster])
        return Batch(u, list(found.origin[chosen]) + ["random"] * len(random), predicted)

    def _info(self, found, rater, clock):
        clusters = rater.clusters
        return {"clusters": len(clusters), "levels": [n.level for n in clusters],
                "weight": rater.weight, "stretch": rater.stretch,
                "n_candidates": int((found.probability > 0.5).sum()), "seconds": clock.laps}


def one_thread():
    """Context: linear algebra on one thread; on a busy machine two wait for each other."""
    return threadpool_limits(1, user_api="blas")
