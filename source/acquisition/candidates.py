"""The candidates of a batch: every generator's, each with its probability to be good."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import slots
from .generators import Local, Misclassified, Neighbours, Prior, Smote, Walks

LOCAL = 300         # local candidates around each cluster that is still searched
AROUND = 40         # candidates around each misclassified point


@dataclass(frozen=True, eq=False)
class Candidates:
    """Points to choose from.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    kind : object array (n,)
        Of the generator.
    cluster : int array (n,)
    probability : float array (n,)
        To be better than the goal of their cluster.
    """

    u: Any
    kind: Any
    cluster: Any
    probability: Any


def generators(settings, n_prior, precut, is_classifier, cells=None):
    """The generators in their order, each with its n.

    Parameters
    ----------
    settings : settings.Acquisition
    n_prior : int
        `Size_batch_L`.
    precut : callable or None
    is_classifier : bool
    cells : Cells, optional
        Of whole numbers and choices, where there are any.
    """
    chosen = [(Prior(precut), n_prior),
              (Walks(precut, settings.Walk_steps, settings.Walk_optimism), settings.Walkers),
              (Misclassified(precut), AROUND), (Local(precut), LOCAL)]
    if cells:
        chosen.append((Neighbours(precut, cells), n_prior))
    if is_classifier:
        chosen.append((Smote(precut), int(settings.Share_SMOTE * n_prior)))
    return chosen


def gather(chosen, state, snap=None):
    """Candidates of all generators, not rated yet.

    Parameters
    ----------
    chosen : list of (Generator, int)
    state : State
    snap : callable or None
        u (n, d) -> the unit-box points (n, d) that will be stored for them.

    Returns
    -------
    u (n, d), kind (n,), cluster (n,)
    """
    nearest, parts = state.clusters.nearest, []
    for generator, n in chosen:
        u, cluster = generator.propose(state, n)
        if len(u):
            parts.append((u, np.full(len(u), generator.kind, object),
                          nearest(u) if cluster is None else cluster))
    u, kind, cluster = (np.concatenate(column) for column in zip(*parts, strict=True))
    if state.rater.symmetry:
        u = scattered(u, cluster, state, chosen[0][0].may)  # they all know the same pre-cut
    u = u if snap is None else snap(u)
    if state.ridges is not None:    # who came over the ridge belongs to what lies there
        there = np.flatnonzero(cluster >= len(state.clusters) - state.clusters.n_hidden)
        over = there[~state.ridges.hidden(u[there], state.ridges.height(u[there]))]
        cluster[over] = nearest(u[over])
    return u, kind, cluster


def scattered(u, cluster, state, may):
    """Candidates (n, d), clusters (n,), half of those around good points replaced by one of their
    images: as good as they are, as far as is known, and in other parts of the target. may: see
    Generator."""
    some = np.flatnonzero((state.rng.random(len(u)) < 0.5) & (cluster < state.clusters.n_reached))
    images = state.rater.symmetry.scattered(state.rng, u[some])
    use = may(state, images, np.ones(len(some), bool))
    u[some[use]] = images[use]
    return u


def rated(rater, points, u, kind, cluster):
    """Candidates of what `gather` gave: u (n, d), kind (n,), cluster (n,).

    The probability of the Rater counts as far as the latest points of a kind, and of a cluster,
    were good.
    """
    trust = slots.trust(points, rater.clusters, kind, cluster)
    probability = rater.rate(u, cluster)[0] * trust
    return Candidates(u, kind, cluster, probability)
