"""Clusters: the separate places worth following, each with a level of its own.

Where good points are, and, beside them, prospects: the best places that are far from all good
points. A prospect that has not become better for a while is given up, so that the next one has
its turn.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import gammaln

RADIUS = 0.175      # of the diagonal of the unit box: a farther point opens a new cluster
PLACES = 70         # balls that fill the box: a prospect is farther from every good point than
                    # the radius of one
ENOUGH = 15         # good points from which a cluster works at the true threshold
RANK = 4            # else its level is the distance of its RANK-th best point
SHARE = 0.05        # the best points of which prospects are looked for
LEAST = 20          # but at least so many
LEADERS = 50        # places that are looked at, best first, whether they are prospects
APART = 3           # a smaller distance between places, as a part of the spacing of prospects
PATIENCE = 30       # points evaluated around a prospect after which it must have become better


class Cluster(NamedTuple):
    """One cluster.

    Attributes
    ----------
    centre : float array (d,)
        Its best point, unit box.
    members : int array
        Rows of the points that are better than its level (at least two where there are two).
    level : float
        Distance (distance from the target's edge) that walks stay below; 0 is the target itself.
    goal : float
        Distance that the next points are chosen to beat: of the best point while searching, else 0.
    n_good : int
        0 for a prospect.
    """

    centre: np.ndarray
    members: np.ndarray
    level: float
    goal: float
    n_good: int


@dataclass(frozen=True, eq=False)
class Clusters:
    """All clusters of the evaluated points: found once for a batch, and passed on.

    Attributes
    ----------
    found : tuple of Cluster
        Those with good points, then prospects, then those hidden behind a ridge.
    label : int array (n,)
        Cluster of each evaluated point.
    n_hidden : int
        Those behind a ridge.
    """

    found: tuple
    label: Any
    n_hidden: int = 0

    def __len__(self):
        return len(self.found)

    def __getitem__(self, k):
        return self.found[k]

    @cached_property
    def n_reached(self):
        """How many have good points."""
        return sum(n.n_good > 0 for n in self.found)

    @cached_property
    def levels(self):
        """Level of each; [0] without clusters."""
        return np.array([n.level for n in self.found] or [0.0])

    @cached_property
    def goals(self):
        """Goal of each; [0] without clusters."""
        return np.array([n.goal for n in self.found] or [0.0])

    def with_goals(self, goals):
        """The same with these goals (k,)."""
        return replace(self, found=tuple(n._replace(goal=float(g))
                                         for n, g in zip(self.found, goals, strict=False)))

    def nearest(self, u):
        """Cluster (n,) of points u (n, d): the nearest centre, no hidden one; 0 without any."""
        centres = [n.centre for n in self.found[:len(self) - self.n_hidden]]
        return nearest(u, np.array(centres), self.n_reached) if centres else np.zeros(len(u), int)


def find_clusters(u, distance, iteration, most=8, prospective=4):
    """The clusters of the points evaluated so far, those with good points first.

    Parameters
    ----------
    u : float array (n, d)
        Evaluation points, unit box.
    distance : float array (n,)
        Below 0 inside the target; inf for failed points.
    iteration : int array (n,)
        When they were evaluated.
    most : int
        Largest number of clusters with good points; of prospects where nothing is good.
    prospective : int
        Largest number of prospects once there are good points.

    Returns
    -------
    Clusters
        Without any where no point stands out; points belong to the nearest centre.
    """
    radius = RADIUS * np.sqrt(u.shape[1])
    order = np.argsort(distance, kind="stable")
    good = order[distance[order] < 0]
    centres = leaders(u, good, radius, most)
    apart = spacing(u.shape[1])
    left = prospects(u, distance, iteration, order, good, apart)
    n_good = len(centres)
    centres += (leaders(u, left, apart, prospective) if centres
                else leaders(u, left, radius, most))
    if not centres:
        return Clusters((), np.zeros(len(u), int))
    label = nearest(u, u[centres], n_good)
    return Clusters(made(u[centres], label, distance), label)


def nearest(u, centres, n_good):
    """Cluster (n,) of each point: the nearest centre.

    A prospect has only what is near to it, as it must not draw the good points of others into
    its own: the first `n_good` of the centres are those with good points.
    """
    if not 0 < n_good < len(centres):
        return cKDTree(centres).query(u)[1]
    gap, prospect = cKDTree(centres[n_good:]).query(u)
    return np.where(gap < spacing(u.shape[1]), n_good + prospect,
                    cKDTree(centres[:n_good]).query(u)[1])


def spacing(dim):
    """Radius of a ball that holds 1 / PLACES of the unit box of `dim` dimensions."""
    log_unit_ball = 0.5 * dim * np.log(np.pi) - gammaln(0.5 * dim + 1)
    return float(np.exp(-(np.log(PLACES) + log_unit_ball) / dim))


def discoveries(points, since):
    """How many places with good points the prospects of the iterations after `since` have opened.

    A place counts once, and only where no good point was near before.
    """
    good = points.u[points.inside & (points.iteration <= since)]
    new = points.inside & (points.iteration > since) & (points.origin == "prospect")
    rows, apart = np.flatnonzero(new), spacing(points.u.shape[1])
    if len(good) and len(rows):
        rows = rows[cKDTree(good).query(points.u[rows])[0] > apart]
    return len(leaders(points.u, rows, apart, len(rows)))


def leaders(u, rows, radius, most):
    """Those of `rows` of u (n, d), in order, farther than `radius` from all leaders before them."""
    found: list[int] = []
    while len(rows) and len(found) < most:
        found.append(int(rows[0]))
        rows = rows[np.linalg.norm(u[rows] - u[rows[0]], axis=1) > radius]
    return found


def prospects(u, distance, iteration, order, good, apart):
    """Rows of the best points u (n, d) far from all good ones, best first, without those given up.

    Points on a plateau (not better than the median of the first ones) are no prospects: where
    nothing slopes there is nothing to follow.
    """
    bad = order[(distance[order] >= 0) & (distance[order] < usual(distance, iteration))]
    if len(good) and len(bad):
        bad = bad[cKDTree(u[good]).query(u[bad])[0] > apart]
        bad = np.array([row for row in leaders(u, bad, apart, LEADERS)
                        if tries(u, iteration, row, apart) < PATIENCE], int)
    return bad[:max(LEAST, int(SHARE * np.isfinite(distance).sum()))]


def is_flat(distance, iteration):
    """True where no bad point is better than the median of the first: nothing to follow."""
    return not ((distance >= 0) & (distance < usual(distance, iteration))).any()


def usual(distance, iteration):
    """Median distance of the first points; what is not better lies on a plateau."""
    known = np.isfinite(distance)
    first = known & (iteration == iteration[known].min()) if known.any() else known
    return np.median(distance[first]) if first.any() else np.inf


def gap_to(u, known):
    """Distance (n,) of points u (n, d) to the nearest known one (k, d); inf where none is."""
    return cKDTree(known).query(u)[0] if len(known) and len(u) else np.full(len(u), np.inf)


def tries(u, iteration, row, apart):
    """How many points of u (n, d) were evaluated around the best point of a place after it."""
    later = u[iteration > iteration[row]]
    return int((np.linalg.norm(later - u[row], axis=1) < apart).sum())


def made(centres, label, distance):
    """A tuple of clusters around these centres (k, d), of points with labels and distances (n,)."""
    return tuple(_cluster(c, np.flatnonzero(label == k), distance) for k, c in enumerate(centres))


def _cluster(centre, rows, distance):
    """A cluster of these rows; its level is the true one once it has enough good points."""
    rows = rows[np.argsort(distance[rows], kind="stable")]
    ranked = distance[rows]
    n_good = int((ranked < 0).sum())
    if n_good >= ENOUGH:
        return Cluster(centre, rows[:n_good], 0.0, 0.0, n_good)
    rank = min(RANK, int(np.isfinite(ranked).sum()))
    level = max(0.0, float(ranked[rank - 1])) if rank else 0.0
    goal = max(0.0, float(ranked[0])) if rank else 0.0
    return Cluster(centre, rows[:max(rank, n_good)], level, goal, n_good)
