"""All candidates of a batch, of every kind, with what is thought of them."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from . import slots
from .candidates import misclassified, prior_draws, scattered, smote_moves, walks
from .choice import farthest
from .clusters import ENOUGH
from .visibility import loneliness

LOCAL = 300         # scattered candidates around each cluster that is still searched
ROUNDS = 4          # of them in a search that is stuck, each around
PARENTS = 10        # the best of the round before
STARTS = 200        # points of a cluster on which walkers start,
LONELY = 3          # their number as this power of the distance to its neighbours


@dataclass
class Candidates:
    """Points to choose from: u (n, d), opinions (n, 3), the others (n,)."""

    u: np.ndarray
    origin: np.ndarray
    cluster: np.ndarray
    probability: np.ndarray
    predicted: np.ndarray
    opinions: np.ndarray


class Gatherer:
    """Gathers the candidates of one batch.

    Parameters
    ----------
    config : ScanConfig
    rater : Rater
        Trained.
    rng : numpy.random.Generator
    precut, snap : callable or None
        As for selection.Proposer.
    ridges : Ridges or None
        Where some clusters are hidden behind one.
    """

    def __init__(self, config, rater, rng, precut=None, snap=None, ridges=None):
        self.config, self.rater, self.rng = config, rater, rng
        self.precut, self.snap, self.ridges = precut, snap, ridges

    def gather(self, points, unsure):
        """Candidates of every kind, rated.

        Parameters
        ----------
        points : Points
        unsure : bool (clusters,)
            Their surface is not known yet.
        """
        good, clusters = points.u[points.inside], self.rater.clusters
        groups = [points.u[n.members] for n in clusters]
        parts: list[tuple] = [(self._pool(points.u.shape[1]), "prior", None)]
        if clusters:
            optimism = self.config.Walk_optimism * slots.failing_share(points)
            parts.append(self._walked(clusters, groups, optimism))
        parts.append((self._allowed(misclassified(self.rng, good, self.rater)), "misclassified",
                      None))
        stuck = slots.is_stuck(points) and not self.rater.blind
        rounds = ROUNDS if stuck else 1
        for k in np.flatnonzero(unsure):
            if len(groups[k]):
                parts += self._around(groups[k], k, rounds)
        if self.rater.model.kind == "classifier" and len(good) > 1:
            n = int(self.config.Share_SMOTE * self.config.Size_batch_L)
            parts.append((self._allowed(smote_moves(self.rng, good, n)), "smote", None))
        return self._rated(parts, stuck)

    def _around(self, group, cluster, rounds):
        """Points scattered around those of a cluster, then around the best of them.

        They go as far down as the model sees, where one step from a known point would be short.
        """
        parts = []
        for left in range(rounds)[::-1]:
            around = self._allowed(scattered(self.rng, group, LOCAL))
            parts.append((around, "local", np.full(len(around), cluster)))
            if left and len(around):
                group = around[np.argsort(self.rater.reach(around), kind="stable")[:PARENTS]]
        return parts

    def _pool(self, dim):
        """Prior draws: `Size_batch_L`, but a fifth where already that holds nothing good."""
        most = self.config.Size_batch_L
        first = max(1, most // 5)
        pool = prior_draws(self.rng, first, dim, self.precut)
        rater = self.rater
        if rater.blind or not rater.accept(pool, rater.nearest(pool)).any():
            return pool
        return np.concatenate([pool, prior_draws(self.rng, most - first, dim, self.precut)])

    def _walked(self, clusters, groups, optimism):
        """Walks from the points of each cluster; from one in the target as many as it has room.

        Else the walkers of an component would stay where most of its points are.
        """
        weights: list = [None] * len(clusters)
        for k, cluster in enumerate(clusters):
            if cluster.n_good >= ENOUGH:
                # half of them drawn; with all of them a component of few would have no walker
                group = groups[k][self.rng.permutation(len(groups[k]))]
                apart = farthest(group, np.full(len(group), np.inf), STARTS // 2)
                groups[k] = group[np.union1d(apart, np.arange(min(len(group), STARTS // 2)))]
                weights[k] = loneliness(self.rater.accept, groups[k], k) ** LONELY
        config, accept = self.config, partial(self.rater.accept, optimism=optimism)
        walked, cluster = walks(self.rng, groups, accept, config.Walkers, config.Walk_steps,
                              self.precut, weights)
        return walked, "walk", cluster

    def _allowed(self, u):
        return u if self.precut is None else u[self.precut(u)]

    def _rated(self, parts, stuck):
        """Rate all candidates; those without a cluster get that of the nearest centre."""
        parts = [p for p in parts if len(p[0])]
        u = np.concatenate([p[0] for p in parts])
        u = u if self.snap is None else self.snap(u)
        origin = np.concatenate([np.full(len(p[0]), p[1], object) for p in parts])
        cluster = np.concatenate([self.rater.nearest(p[0]) if p[2] is None else p[2]
                                for p in parts])
        self._keep_hidden(u, cluster)
        if stuck:
            self.rater.aim(u, cluster)
        return Candidates(u, origin, cluster, *self.rater.rate(u, cluster))

    def _keep_hidden(self, u, cluster):
        """Candidates of a hidden cluster that came over the ridge belong to what lies there."""
        if self.ridges is None:
            return
        there = np.flatnonzero(cluster >= self.rater.n_open)
        over = there[~self.ridges.hidden(u[there], self.ridges.height(u[there]))]
        cluster[over] = self.rater.nearest(u[over])
