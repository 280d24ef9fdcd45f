"""Proposing the next batch of points: train, gather candidates, rate them, choose.

Regressors and classifiers differ only in what they are trained on and how their answer is read.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..models.outputs import Value
from ..models.threads import one_thread
from ..space.symmetry import Symmetry
from . import slots
from .batch import Batch
from .candidates import gather, generators, rated
from .cells import Cells
from .choice import choose, usual_power
from .clock import Clock
from .clusters import ENOUGH, find_clusters
from .descents import Descents
from .draws import design, design_size, prior_draws
from .growth import Growth
from .memory import Memory
from .mirrors import Mirrors
from .rating_kinds import make_rater
from .searches import Searches
from .shifts import Shifts
from .spread import Spread
from .state import Pending, make_state
from .surrogate import Surrogate
from .thinning import looked_at

GROWTH = 1.6        # the model is trained from scratch whenever the points have grown by this
DEEPER = 2.0        # and so much deeper a target than was known needs another scale of values
MOVED = 0.05        # a target relative to the best point moves by such a part of its depth


class Proposer:
    """Proposes batches of points for one scan.

    Parameters
    ----------
    loop : settings.Loop
    settings : settings.Acquisition
    box : Box
        The scanned parameters; its pre-cut and its snapping to whole numbers and choices hold for
        all that is proposed.
    target : Target
    model : object of models.make_model
        Any regressor or classifier.
    outputs : outputs.Value
        What a regressor learns.
    tell : callable str -> anything
        Is told the present step.
    """

    def __init__(self, loop, settings, box, target, model, outputs=None,
                 tell: Callable[[str], object] = str):
        self.loop, self.target, self.model = loop, target, model
        self.settings = settings if settings.Probability_power is not None else \
            replace(settings, Probability_power=usual_power(box))
        self.dim, self.precut, self.snap = box.dim, box.precut, box.snap
        self.cells = Cells(box) if any(box.counts) else None
        self.outputs = outputs or Value()
        self.spread = Spread(settings, box.names, self.outputs)
        self.generators = generators(settings, loop.Size_batch_L, self.precut,
                                     model.kind == "classifier", self.cells)
        self.counts = box.counts
        self.surrogate = self._surrogate()
        self.searches = Searches(box, settings.Share_prospects, self.cells)
        self.mirrors = Mirrors(self.precut, box)
        self.symmetry = self.mirrors.none()
        self.blind = (Shifts(self.precut), Descents(self.precut, self.mirrors), self.mirrors,
                      Growth(self.precut))
        self.scale: Any = None
        self.trained_on = 0     # points of the last training from scratch
        self.floor: float | None = None     # smallest value then, if it was in the target
        self.edge: float | None = None      # of a target that moves, then
        self.tell = tell
        self.memory = Memory()

    def first(self, rng: np.random.Generator) -> Batch:
        """The first design: scrambled Sobol points, `Size_initial_batch`, else 20 a parameter."""
        n = design_size(self.loop, self.dim)
        u = design(rng, n, self.dim, self.precut)
        if self.cells:
            u = self.snap(u)
            u = u[self.cells.new(u, u[:0])]
            u = np.concatenate([u, self.cells.draw(rng, n - len(u), u)])
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

        Returns
        -------
        Batch
            Without points where every cell of whole numbers and choices was proposed before.
        """
        pending = pending or Pending(points.u[:0], points.id.max() + 1)
        known = np.concatenate([points.u, pending.u])
        if self.cells and not len(self.cells.draw(rng, 1, known)):
            return Batch(known[:0], [], np.empty(0))
        clock = Clock()
        size = slots.batch_size(self.loop.Size_batch_K, self.settings.Size_batch_search,
                                points.inside.sum(), pending.least)
        size = size if pending.room is None else min(size, pending.room)
        points, rater = self._learned(points, rng, pending.least > 0)
        clock.lap("train")
        self.tell("proposing")
        with one_thread():
            state = make_state(points, self._distance(points), rater, rng,
                               self.settings.Max_clusters, pending, known)
            blind, kind = self._blind(state, size)
            known = np.concatenate([known, blind])
            rater, candidates = self._candidates(state, known)
            clock.lap("propose")
            n_random = int(rng.binomial(size - len(blind), self.loop.Frac_random_points))
            proposed = pending._replace(u=np.concatenate([pending.u, blind]))
            rows, origin = choose(
                candidates, state, proposed, n_random + len(blind), self.settings, size,
                self.spread(points, candidates.u, proposed.u, rng))
            random = self._random(rng, size - len(blind) - len(rows),
                                  np.concatenate([known, candidates.u[rows]]))
            # those of searches come first: their ids are the next ones
            u = np.concatenate([blind, candidates.u[rows], random])
            cluster = rater.clusters.nearest(u)
            cluster[len(blind):len(blind) + len(rows)] = candidates.cluster[rows]
            _, predicted, said = rater.rate(u, cluster)
            origin = np.array(kind + origin + ["random"] * len(random), object)
            self._remember(said, rater.clusters.levels[cluster], pending, origin)
        clock.lap("choose")
        return Batch(u, origin.tolist(), predicted, {
            "clusters": len(rater.clusters), "levels": [n.level for n in rater.clusters],
            "weight": rater.weight, "stretch": rater.stretch,
            "n_candidates": int((candidates.probability > 0.5).sum()), "seconds": clock.laps,
            "islands": state.n_components})

    def _blind(self, state, size):
        """Points (m, d) in whose choice the model has no say, and the origin of each."""
        u = self.searches.propose(state, size)[0]
        kind = [self.searches.kind] * len(u)
        for generator in self.blind if self.settings.Share_prospects else ():
            n = min(generator.wanted(state, size), (size - len(u)) // 2)
            new = generator.propose(state, n)[0]
            new = self.snap(new) if self.snap else new
            if self.cells:
                new = new[self.cells.new(new, np.concatenate([state.proposed, u]))]
            u, kind = np.concatenate([u, new]), kind + [generator.kind] * len(new)
        return u, kind

    def _candidates(self, state, known):
        """A rater that aims low enough, and what it says of the candidates of all generators."""
        u, kind, cluster = gather(self.generators, state, self.snap)
        if self.cells:
            new = self.cells.new(u, known)
            u, kind, cluster = u[new], kind[new], cluster[new]
        rater = state.rater.aimed(u, cluster) if state.stuck else state.rater
        return rater, rated(rater, state.points, u, kind, cluster)

    def learn(self, points, rng, ahead=False):
        """Train on the points evaluated so far; all that is left to do at the end of a scan.

        Parameters
        ----------
        points : Points
        rng : numpy.random.Generator
        ahead : bool
            Batches are proposed while others are evaluated.

        Returns
        -------
        Rater
        """
        return self._learned(points, rng, ahead)[1]

    def _learned(self, points, rng, ahead):
        """The points that are used, and the Rater that learned from them."""
        self.tell("training")
        if self.memory.scaled:
            self.memory.unscale(self.outputs.scale(self.target, points, self.floor))
        fresh = self._fresh(points)
        scale = self.outputs.scale(self.target, points, self.floor)
        if ahead and self.scale and scale.as_dict() != self.scale.as_dict():
            fresh = True    # it began to learn before the first design was complete
        self.scale, fresh = scale, self._other_symmetry(points, scale) or fresh
        if fresh:
            self.trained_on = len(points)
        points = looked_at(points, self._distance(points))
        distance = self._distance(points)
        most = self.settings.Max_clusters
        clusters = find_clusters(points.u, distance, points.iteration, most,
                                 slots.most_prospects(most, slots.success(points)))
        surrogate = self.surrogate if self.settings.Surrogate_points else None
        with one_thread():
            seed = int(rng.integers(2 ** 31))
            return points, make_rater(
                self.model, surrogate, scale, clusters, self.symmetry).trained(
                points, distance, self.memory.past(points), self.settings, seed, fresh, rng)

    def _other_symmetry(self, points, scale):
        """Whether the target has another symmetry than was known, which is kept."""
        before, self.symmetry = self.symmetry, self.mirrors.symmetry(points, scale)
        return not self.symmetry.same_as(before)

    def about(self):
        """What a saved model needs to be read: the scale of its values."""
        return {"scale": self.scale.as_dict()} if self.scale else {}

    def arrays(self):
        """What an exact resume needs, as named arrays."""
        own = {"proposer_trained_on": np.array(self.trained_on),
               "proposer_floor": np.array(np.nan if self.floor is None else self.floor),
               "proposer_edge": np.array(np.nan if self.edge is None else self.edge)}
        if self.surrogate.theta is not None:
            own["proposer_theta"] = self.surrogate.theta
        if self.symmetry:
            own["proposer_symmetry"] = self.symmetry.codes
        own |= self.searches.arrays() | self.memory.arrays()
        return own | {f"model_{k}": v for k, v in self.model.arrays().items()}

    def restore(self, arrays):
        """Go on from what `arrays` gave."""
        self.trained_on = int(arrays["proposer_trained_on"])
        floor = float(arrays["proposer_floor"])
        self.floor = None if np.isnan(floor) else floor
        edge = float(arrays.get("proposer_edge", np.nan))
        self.edge = None if np.isnan(edge) else edge
        self.memory.restore(arrays, self.model.kind)
        self.surrogate = self._surrogate(arrays.get("proposer_theta"))
        codes = arrays.get("proposer_symmetry", self.symmetry.codes)
        self.symmetry = Symmetry(self.mirrors.reflections, codes)
        self.searches.restore(arrays)
        self.model.restore({k[len("model_"):]: v for k, v in arrays.items()
                            if k.startswith("model_")})

    def _surrogate(self, theta=None):
        return Surrogate(self.dim, self.settings.Surrogate_points, theta, self.counts,
                         self.model.config.N_Cores)

    def _random(self, rng, n, known):
        """Up to n points (m, d) of the prior, in no cell of `known` (k, d)."""
        if self.cells:
            return self.cells.draw(rng, n, known)
        return prior_draws(rng, n, self.dim, self.precut)

    def _fresh(self, points):
        """Whether to train from scratch: by the period, by growth, or as the target is deeper."""
        period, high = self.loop.Full_train_period, self.target.high
        due = period and (int(points.iteration.max()) + 1) % period == 0
        fresh = bool(due) or len(points) >= GROWTH * self.trained_on
        if self.target.above is not None and (
                self.edge is None or abs(high - self.edge) > MOVED * self.target.above):
            fresh, self.floor, self.edge = True, None, high
            if self.model.kind == "classifier":
                self.memory.forget()
        if self.target.is_band or points.inside.sum() < ENOUGH:
            return fresh
        lowest = float(points.value[points.inside].min())
        if fresh or self.floor is None or high - lowest > DEEPER * (high - self.floor):
            fresh, self.floor = True, lowest
        return fresh

    def _distance(self, points):
        """Distance (n,) of evaluated points from the edge of the target; inf for failed ones."""
        return np.where(points.known, self.scale.distance(points.value), np.inf)

    def _remember(self, said, level, pending, origin):
        """Keep what is predicted of the batch; its points get the next free ids, in order.

        Of images under a symmetry nothing: their values are known.
        """
        keep = np.flatnonzero((origin != self.mirrors.kind) | (not self.symmetry))
        self.memory.add(pending.next_id + keep, said[keep], level[keep], len(pending.u))
