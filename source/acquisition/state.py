"""What is known when a batch is proposed: one value, from which all candidates are made."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from . import components, slots
from .choice import farthest
from .clusters import ENOUGH
from .draws import LOOKED
from .ridges import Ridges, with_hidden

STARTS = 200        # points of a cluster from which candidates are made, at most


class Pending(NamedTuple):
    """Points that were proposed before, and what the next batch must have.

    Attributes
    ----------
    u : float array (m, d)
        Those that are not evaluated yet, unit box: the batch keeps a distance from them, too.
    next_id : int
        The id that the first point of the next batch gets.
    least : int
        Points that the batch must have, so that no worker waits.
    room : int or None
        Points that it may have at most; None: any number.
    """

    u: Any
    next_id: int
    least: int = 0
    room: int | None = None


@dataclass(frozen=True, eq=False)
class State:
    """Evaluated points, and what the trained model says of them.

    Attributes
    ----------
    points : Points
        Everything evaluated, also what failed.
    rater : Rater
        Trained model and surrogate, and the clusters.
    rng : numpy.random.Generator
    ridges : Ridges or None
        What may part clusters from the known target; None in a search, where nothing is known.
    n_components : int
        Separate parts of the target that the model tells apart.
    parts : (float array (m, d), int array (m,), int array (m,)) or None
        Points in the target, the part each belongs to, and when it was evaluated; None where
        nothing was learned.
    pending : Pending
        What was proposed before and is not evaluated yet.
    proposed : float array (k, d)
        All that was ever proposed, of which `points` may be a part.
    """

    points: Any
    rater: Any
    rng: np.random.Generator
    ridges: Ridges | None = None
    n_components: int = 0
    parts: Any = None
    pending: Any = None
    proposed: Any = None

    @property
    def clusters(self):
        """The clusters of the rater."""
        return self.rater.clusters

    @cached_property
    def good(self):
        """Points (m, d) in the target."""
        return self.points.u[self.points.inside]

    @cached_property
    def height(self):
        """How far evaluated points (n,) are from the target, scaled; below 0 inside, inf for what
        failed."""
        value, scale = self.points.value, self.rater.scale
        return np.where(self.points.known & np.isfinite(value),
                        scale.outside(scale.forward(value)), np.inf)

    @cached_property
    def square(self):
        """What is like a chi2 (n,) of evaluated points: see ValueScale."""
        return self.rater.scale.square(self.height)

    @cached_property
    def unsure(self):
        """List of bool, one a cluster: its surface is not known yet."""
        return slots.unsure(self.points, self.clusters)

    @cached_property
    def stuck(self):
        """A search that has found nothing for long, and a model that may know the way."""
        return slots.is_stuck(self.points) and not self.rater.blind

    @cached_property
    def starts(self):
        """Points (m, d) of each cluster from which candidates are made.

        Of many half are drawn, half are far apart: drawn alone, none would be of a small part.
        """
        return [self._thinned(self.points.u[c.members]) if c.n_good >= ENOUGH
                else self.points.u[c.members] for c in self.clusters]

    def _thinned(self, group):
        group = group[self.rng.permutation(len(group))[:LOOKED]]
        apart = farthest(group, np.full(len(group), np.inf), STARTS // 2)
        return group[np.union1d(apart, np.arange(min(len(group), STARTS // 2)))]


def make_state(points, distance, rater, rng, most, pending, proposed):
    """The state after training: each component of the target gets clusters of its own.

    Places hidden behind a ridge are followed once it is no search any more: all is hidden
    from a model that knows next to nothing.

    Parameters
    ----------
    points : Points
    distance : float array (n,)
        Of the evaluated points, from the edge of the target.
    rater : Rater
        Trained.
    rng : numpy.random.Generator
    most : int
        `Max_clusters`.
    pending : Pending
    proposed : float array (k, d)
        All that was proposed before.
    """
    # not points.inside, which may differ by a rounding where a value is the target's edge
    good = points.u[distance < 0]
    if rater.blind:
        return State(points, rater, rng, None, int(len(good) > 0), None, pending, proposed)
    part, known = components.parts(rng, good, rater.open_way)
    n_components = components.count(part, known)
    found = n_components, (good, part, points.iteration[distance < 0]), pending, proposed
    if len(good) < slots.SEARCH:
        return State(points, rater, rng, None, *found)
    rater = rater.following(components.divide(points.u, distance, rater.clusters, part, most))
    ridges = Ridges(rater.height, good)
    rater = rater.following(with_hidden(points, distance, rater, ridges, rng))
    return State(points, rater, rng, ridges, *found)
