"""Proposing the next batch of points: train, gather candidates, choose.

The pieces are separate: niches (niches.py; components.py and ridges.py, once a model can tell),
candidates (candidates.py), the probability to be in the target (judgement.py) and the choice of a
batch (batch_choice.py). Regressors and classifiers differ only in what they are trained on and how
their answer is read.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..models.outputs import Value
from . import components, slots
from .candidates import design, design_size, prior_draws
from .choice import Away, Picker
from .clock import Clock
from .clusters import ENOUGH, find_niches, is_flat
from .gathering import Gatherer
from .gaussian_process import GaussianProcess
from .rating_kinds import make_judgement
from .ridges import Ridges, hidden_niches
from .visibility import Sight

GROWTH = 1.6        # the model is trained from scratch whenever the points have grown by this
DEEPER = 2.0        # and so much deeper a target than was known needs another scale of values
DOUBT = 10          # doubtful candidates for each that is taken
BOUNDARY = 0.4      # probability asked for where a batch feels for the edge of the target
MEMORY = 1600       # foretold points that are remembered to weigh model and assistant


@dataclass
class Batch:
    """Proposed points.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    origin : list of str
        'design', 'prior', 'walk', 'local' (scattered around a niche), 'doubted' (scattered
        around good points that the model calls bad), 'prospect' (any of these for a promising
        place far from all good points, or behind a ridge), 'smote', 'scout' (where nobody has
        been) or 'random'.
    predicted : float array (n,)
        Predicted value (regressor) or probability (classifier); NaN where there is none.
    info : dict
        What was seen on the way: islands, levels, held-out error, seconds of each phase.
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
        self.assistant = GaussianProcess(dim, config.Assistant_points)
        self.trained_on = 0     # points of the last training from scratch
        self.floor: float | None = None     # smallest value then, if it was in the target
        self.away: Any = None
        self.foretold = np.empty((0, 5))    # id, two opinions, spread, level: of points to come

    def first(self, rng: np.random.Generator) -> Batch:
        """The first design: scrambled Sobol points, `Size_initial_batch`, else 20 a parameter."""
        u = design(rng, design_size(self.config, self.dim), self.dim, self.precut)
        return Batch(u, ["design"] * len(u), np.full(len(u), np.nan))

    def propose(self, points, rng: np.random.Generator, away: Away | None = None) -> Batch:
        """Train on the points judged so far and propose the next batch.

        Parameters
        ----------
        points : Points
            Everything judged, also what failed.
        rng : numpy.random.Generator
            The only source of randomness.
        away : Away or None
            What was proposed before and is not judged yet; None: nothing.
        """
        self.away = away or Away(points.u[:0], points.id.max() + 1)
        clock = Clock()
        judgement = self.learn(points, rng)
        clock.lap("train")
        with one_thread():
            n_islands, ridges = self._look(points, judgement, rng)
            unsure = slots.unsure(points, judgement.niches, judgement.label)
            gatherer = Gatherer(self.config, judgement, rng, self.precut, self.snap, ridges)
            found = gatherer.gather(points, unsure)
            clock.lap("propose")
            batch = self._choose(points, found, judgement, unsure, rng)
        clock.lap("choose")
        batch.info.update(self._info(found, judgement, clock), islands=n_islands)
        return batch

    def learn(self, points, rng):
        """Train on the points judged so far; at the end of a scan that is all that is left to do.

        Returns
        -------
        Judgement
        """
        fresh = self._fresh(points)
        scale = self.outputs.scale(self.target, points, self.floor)
        if self.away and self.away.least and self.scale and \
                scale.as_dict() != self.scale.as_dict():
            fresh = True    # it began to learn before the first design was complete
        self.scale = scale
        merit = self._merit(points)
        most = self.config.Max_niches
        niches, label = find_niches(points.u, merit, points.iteration, most,
                                    slots.most_prospects(most, slots.success(points)))
        with one_thread():
            return self._train(points, scale, merit, niches, label, fresh, rng)

    def about(self):
        """What a saved model needs to be read: the scale of its values."""
        return {"scale": self.scale.as_dict()} if self.scale else {}

    def arrays(self):
        """What an exact resume needs, as named arrays."""
        own = {"proposer_trained_on": np.array(self.trained_on),
               "proposer_floor": np.array(np.nan if self.floor is None else self.floor),
               "proposer_foretold": self.foretold}
        if self.assistant.theta is not None:
            own["proposer_theta"] = self.assistant.theta
        return own | {f"model_{k}": v for k, v in self.model.arrays().items()}

    def restore(self, arrays):
        """Go on from what `arrays` gave."""
        self.trained_on = int(arrays["proposer_trained_on"])
        floor = float(arrays["proposer_floor"])
        self.floor = None if np.isnan(floor) else floor
        self.foretold = np.array(arrays["proposer_foretold"])
        theta = arrays.get("proposer_theta")
        self.assistant.theta = None if theta is None else np.array(theta)
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
                self.foretold = self.foretold[:0]   # on another scale
            fresh, self.floor = True, lowest
        return fresh

    def _merit(self, points):
        """Distance (n,) of judged points from the edge of the target; inf for failed ones."""
        return np.where(points.ok, self.scale.merit(points.value), np.inf)

    def _train(self, points, scale, merit, niches, label, fresh, rng):
        seed = int(rng.integers(2 ** 31))
        if fresh:
            self.trained_on = len(points)
        assistant = self.assistant if self.config.Assistant_points else None
        judgement = make_judgement(self.model, assistant, scale, niches, label)
        judgement.most = self.config.Training_points
        judgement.n_nested = self.config.Nested_levels
        judgement.train(points, merit, self._past(points), seed, fresh, rng)
        return judgement

    def _past(self, points):
        """What was foretold of judged points: their rows, two opinions, the spread, the level."""
        row = np.searchsorted(points.id, self.foretold[:, 0])
        known = row < len(points)
        known[known] = points.id[row[known]] == self.foretold[known, 0]
        return (row[known], *self.foretold[known, 1:].T)

    def _remember(self, opinions, level):
        """Keep what is foretold of the batch; its points get the next free ids, in order."""
        ids = self.away.next_id + np.arange(len(opinions))
        new = np.column_stack([ids, opinions, level])
        kept = MEMORY + len(self.away.u)    # of those away nothing can be learned yet
        self.foretold = np.concatenate([self.foretold, new])[-kept:]

    def _look(self, points, judgement, rng):
        """What the trained model sees: how many islands; niches are made anew to follow each.

        Places hidden behind a ridge are followed once it is no search any more: all is hidden
        from a model that knows next to nothing.
        """
        merit = self._merit(points)
        # not points.inside, which may differ by a rounding where a value is the target's edge
        good = points.u[merit < 0]
        if judgement.blind:
            return int(len(good) > 0), None
        part, known = components.parts(rng, good, judgement.open_way)
        n_islands = components.count(part, known)
        if len(good) < slots.SEARCH:
            return n_islands, None
        judgement.follow(*components.divide(points.u, merit, judgement.niches, judgement.label, part,
                                         self.config.Max_niches))
        ridges = Ridges(judgement.height, good)
        hidden, label = hidden_niches(points, merit, judgement, ridges)
        judgement.follow(judgement.niches, label, hidden)
        return n_islands, ridges

    def _choose(self, points, found, judgement, unsure, rng):
        """Random share, a share for each niche, and the rest wherever it is emptiest."""
        niches = judgement.niches
        size = slots.batch_size(self.config, points.inside.sum(), self.away.least)
        n_random = int(rng.binomial(size, self.config.Frac_random_points))
        early = points.inside.sum() < slots.SEARCH
        found.probability *= slots.trust(points, found.origin)
        rows = self._picker(points, found, judgement)
        doubtful = np.flatnonzero(found.origin == "doubted")
        most = min(round(self.config.Share_doubted * size), len(doubtful) // DOUBT)
        rows.pick(doubtful, most)
        flat = is_flat(judgement.scale.merit(points.value), points.iteration)
        dealt, scouts = slots.deal(size - n_random - len(rows.chosen), niches,
                                    slots.success(points), self.config.Share_prospects, flat)
        for k, n in enumerate(dealt):
            here = found.niche == k
            close = n // 2 if unsure[k] else 0
            rows.draw(np.flatnonzero(here & (found.origin == "local")), close, rng)
            rows.pick(np.flatnonzero(here), n - close, search=early or niches[k].n_good < ENOUGH)
            if niches[0].n_good and not niches[k].n_good:
                found.origin[here] = "prospect"
        rows.scout(scouts, rng)
        sure = np.array([n.n_good > 0 for n in niches] or [False])[found.niche]
        anywhere = np.flatnonzero(sure | ~sure.any())
        if sure.any():
            edge = round((self.config.Share_boundary or 0.0) * size)
            rows.pick_far(anywhere, min(edge, size - n_random - len(rows.chosen)),
                          np.concatenate([points.u[points.inside], self.away.u]), BOUNDARY)
        rows.pick(anywhere, size - n_random - len(rows.chosen), search=early)
        return self._batch(found, rows.chosen, judgement,
                           prior_draws(rng, size - len(rows.chosen), self.dim, self.precut))

    def _picker(self, points, found, judgement):
        """What chooses; distances are those through the target, once enough of it is known."""
        cut, power = self.config.Probability_cut, self.config.Probability_power
        known, gap = np.concatenate([points.u, self.away.u]), None
        if points.inside.sum() >= ENOUGH:
            others = np.concatenate([points.u[~points.inside], self.away.u])
            gap = Sight(judgement.accept, points.u[points.inside], others).gap
        return Picker(found, known, cut, power, gap)

    def _batch(self, found, chosen, judgement, random):
        """The chosen candidates and the random points, with what is foretold of them."""
        u = np.concatenate([found.u[chosen], random])
        niche = np.concatenate([found.niche[chosen], judgement.nearest(random)])
        _, predicted, opinions = judgement.rate(u, niche)
        self._remember(opinions, judgement.levels[niche])
        return Batch(u, list(found.origin[chosen]) + ["random"] * len(random), predicted)

    def _info(self, found, judgement, clock):
        niches = judgement.niches
        return {"niches": len(niches), "levels": [n.level for n in niches],
                "weight": judgement.weight, "stretch": judgement.stretch,
                "n_candidates": int((found.probability > 0.5).sum()), "seconds": clock.laps}


def one_thread():
    """Context: linear algebra on one thread; on a busy machine two wait for each other."""
    return threadpool_limits(1, user_api="blas")
