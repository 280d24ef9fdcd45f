"""How many slots of a batch each cluster gets, and how many go exploring."""

import numpy as np

from .clusters import ENOUGH, discoveries

FEW = 10            # points from which a rate of success is evaluated
LARGEST = 10         # a batch that is to keep all workers busy has so many times the usual at most
SEARCH = 100        # good points until which it is a search: small batches, all for the clusters
GROWING = 5         # good points for each point of a batch: what is learned early is soon used
MANY = 200          # good points that halve the share of prospects
RECENT = 5          # iterations from which success is evaluated
EVEN = 1.0          # the share of a cluster falls with this power of the good points it has
MOST = 0.4          # share of a batch for prospects while they keep finding new places, for the
                    # places of a pattern and for young parts, if all of these are good
LONG = 5            # iterations without a good point after which a search is stuck
LATEST = 3          # iterations that tell whether the surface of a cluster is known
TRIED = 40          # latest points of a kind that tell what it is worth
BEGIN = 20          # points of a kind that has none in the latest iterations, at most
LED = "walk", "prior", "smote", "neighbour", "prospect"    # origins that tell what it knows
POOR = 0.2          # share of good ones among their points below which it is not


def batch_size(largest, search, n_good, least=0):
    """Small batches until a hundred good points are known: learning is cheap then.

    They grow with what is known: of large ones, early, half would be spent on what the model
    would know better after a part of them. `least` points, so that no worker waits, but ten times
    the usual number at most.

    Parameters
    ----------
    largest, search : int
        `Size_batch_K` and `Size_batch_search`.
    """
    usual = min(largest, max(search, n_good // GROWING))
    return max(usual, min(least, LARGEST * largest))


def is_stuck(points):
    """True where many batches have found nothing: such a search has to take longer steps."""
    return not points.inside.any() and points.iteration.max() >= LONG


def success(points):
    """New places found by each of the latest points for prospects: what is left to find.

    What was known at the start, such as imported points, is never a new place.
    """
    since = max(points.iteration.max() - RECENT, 0)
    tried = ((points.origin == "prospect") & (points.iteration > since)).sum()
    return discoveries(points, since) / tried if tried >= FEW else 0.0


def latest(points, iterations):
    """Bool (n,): points of so many iterations before now."""
    return points.iteration > points.iteration.max() - iterations


def by_record(points, origin, size):
    """Slots of a batch for points of a kind in whose choice the model has no say.

    As the latest of them were good, and a few to begin with, also where a kind begins again: what
    it was worth before tells little.
    """
    mine = points.origin == origin
    tried, last = points.inside[mine][-TRIED:], (mine & latest(points, 1)).sum()
    n = round(MOST * size * (tried.sum() + 1) / (len(tried) + 2))
    return int(min(n, max(BEGIN, 2 * last)))


def draws_allowed(points):
    """Draws from the prior that a batch may have in what the model calls good.

    A network that was just trained sometimes calls far places good. Draws there are chosen first,
    as nothing known is near; so these get more slots only as they have been good.
    """
    mine = latest(points, RECENT) & (points.origin == "prior")
    return max(BEGIN, 2 * int(points.inside[mine].sum()))


def trust(points, clusters, origin, cluster):
    """Factor (n,) of the probability of candidates: what the latest points of their kind were worth
    anywhere, and in their cluster, whichever is less.

    A classifier is sure of far places that it knows nothing of: they are the farthest, so that it
    would go on to them for ever. A regressor is so beside a narrow part. Of a kind whose points in
    the latest iterations were half good the probability counts in full, and of any kind as long as
    it is a search.

    Parameters
    ----------
    points : Points
    clusters : Clusters
        Of the points.
    origin, cluster : array (n,)
        Kind and number of the cluster of each candidate.
    """
    factor = np.ones(len(origin))
    if points.inside.sum() < SEARCH:
        return factor
    late = latest(points, RECENT)
    for kind in set(origin):
        mine = late & (points.origin == kind)
        there = worth(*_record(points, clusters, mine))
        there[clusters.n_reached:] = 1.0    # nothing of a prospect is good before it is reached
        everywhere = worth(points.inside[mine].sum(), mine.sum())
        factor[origin == kind] = np.minimum(there[cluster[origin == kind]], everywhere)
    return factor


def worth(good, tried):
    """Factor for what was tried: 1 if half of it was good, and before anything was."""
    return np.minimum((good + 1) / (tried / 2 + 1), 1.0)


def failing_share(points):
    """Share of bad ones among the latest points of walks: how little the model knows of its edge.

    Where it is often wrong about what it calls good, it is so about what it calls bad, too, and
    walks that obeyed it would never reach the parts of the target that no point is near to. 0 as
    long as it is a search.
    """
    walked = latest(points, RECENT) & (points.origin == "walk")
    if points.inside.sum() < SEARCH or not walked.any():
        return 0.0
    return 1.0 - float(points.inside[walked].mean())


def most_prospects(most, rate):
    """Prospects followed at the same time: half of `Max_clusters`, more while they succeed."""
    return round(most * min(0.5 + 50 * rate, 4.0))


def unsure(points, clusters):
    """List of bool, one a cluster: True where few points are good, or the latest are bad.

    Parameters
    ----------
    clusters : Clusters
    """
    return [n.n_good < ENOUGH or g < POOR * max(k, FEW)
            for n, g, k in zip(clusters, *_led(points, clusters), strict=True)]


def _led(points, clusters):
    """Of the latest points that the model led to: the good ones in each cluster (k,), and all."""
    return _record(points, clusters, latest(points, LATEST) & (points.iteration > 0)
                   & np.isin(points.origin, LED))


def _record(points, clusters, rows):
    """Of some points (bool, n): the good ones in each cluster (k,), and all."""
    rows = rows & (clusters.label < len(clusters))  # without clusters the label of all is 0
    label = clusters.label[rows]
    return (np.bincount(label, points.inside[rows], len(clusters)),
            np.bincount(label, minlength=len(clusters)))


def known_to_model(points, clusters):
    """Factor (k,) of the slots of each cluster: what the model's latest points in it were worth.

    Of a narrow part that was just found the model knows nothing, and most of what it proposes
    there fails; other kinds do better there. 1 if half of the points were good, and as long as it
    is a search.
    """
    if points.inside.sum() < SEARCH:
        return np.ones(len(clusters))
    return worth(*_led(points, clusters))


def deal(size, clusters, rate, share, flat, factor):
    """Slots for each cluster, and for explorers, which go where nobody has been.

    Parameters
    ----------
    size : int
        Slots of the batch.
    rate : float
        What `success` gave.
    share : float
        `Share_prospects`.
    flat : bool
        Nothing slopes outside the target, so that there is nothing but explorers to find more.
    factor : float array, one a cluster
        What `known_to_model` gave.

    Returns
    -------
    clusters : list of int, explorers : int
        What is left of `size` may go anywhere.
    """
    n_good = sum(n.n_good > 0 for n in clusters)
    if not n_good:  # prospects have all of it
        return shares(size, [1.0] * len(clusters)), 0
    many = sum(n.n_good for n in clusters)
    share = share if flat else max(share / (1 + many / MANY), min(10 * rate, MOST))
    exploring, prospects = round(share * size), len(clusters) - n_good
    near = size // 2 if many >= SEARCH else size - exploring
    tried = exploring if prospects else 0
    few = [f * max(n.n_good, ENOUGH) ** -EVEN
           for f, n in zip(factor[:n_good], clusters[:n_good], strict=True)]
    return shares(near, few) + shares(tried, [1.0] * prospects), exploring - tried


def shares(total, weights):
    """`total` slots dealt to clusters by weight; the first ones get what is left over."""
    if not weights:
        return []
    whole = np.floor(total * np.array(weights) / sum(weights) + 1e-9).astype(int)
    rest = total - whole.sum()
    return [int(n) + (k < rest) for k, n in enumerate(whole)]
