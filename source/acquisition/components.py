"""Separate parts of the target, by the model; each gets clusters of its own.

A part that lies close beside a larger one, as the wrong-sign arm of two Higgs doublets beside the
alignment limit, shares all clusters of the larger one as long as clusters differ by distance only:
with a hundredth of their points it has a hundredth of their places.
"""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .clusters import RADIUS, RANK, Clusters, gap_to, leaders, made
from .draws import LOOKED
from .visibility import clear

NEIGHBOURS = 5      # nearest good points to which a way is looked for, among all of them
COARSE = 400        # and among so many, as those of a point in a clump are all in the clump
MOST = 3000         # good points that are used: bounds the cost
MANY = 50           # good points from which single ones are no components


def parts(rng, good, open_way):
    """Which part of the target each good point belongs to.

    Good points belong together when the model predicts no ridge between neighbours. Those that
    lie on a predicted ridge it does not know yet: they belong to such others as are nearer to
    them than any that it knows.

    Parameters
    ----------
    good : float array (n, d)
        Points in the target, unit box.
    open_way : callable u (m, d), anything -> bool (m,)
        No ridge is there.

    Returns
    -------
    part : int array (n,), known : bool array (n,)
        The second: on no ridge itself.
    """
    if len(good) < 2:
        return np.zeros(len(good), int), np.ones(len(good), bool)
    if len(good) > MOST:
        few = np.sort(rng.permutation(len(good))[:MOST])
        nearest = cKDTree(good[few]).query(good)[1]
        part, known = parts(rng, good[few], open_way)
        return part[nearest], known[nearest]
    known = np.asarray(open_way(good, None), bool)
    i, j = np.unique(np.concatenate([_pairs(good, np.arange(len(good))), _pairs(
        good, rng.permutation(len(good))[:COARSE])]), axis=0).T
    reach = gap_to(good, good[known])
    gap = np.linalg.norm(good[i] - good[j], axis=1)
    joined = ~known[i] & ~known[j] & (gap < np.minimum(reach[i], reach[j]))
    ask = np.flatnonzero(known[i] & known[j])
    joined[ask] = clear(open_way, good[i[ask]], good[j[ask]], np.zeros(len(ask), int))
    graph = coo_matrix((np.ones(joined.sum()), (i[joined], j[joined])), (len(good),) * 2)
    return connected_components(graph, directed=False)[1], known


def _pairs(good, some):
    """Pairs (m, 2) of each good point and its nearest ones among the rows `some`, in order."""
    k = min(NEIGHBOURS + 1, len(some))
    near = some[cKDTree(good[some]).query(good, k=k)[1].ravel()]
    pairs = np.column_stack([np.repeat(np.arange(len(good)), k), near])
    return np.sort(pairs[pairs[:, 0] != near], axis=1)


def count(part, known):
    """How many components there are: parts the model knows, more than one point out of many."""
    if len(part) < MANY:
        return len(set(part))
    return int((np.bincount(part[known]) > 1).sum())


def divide(u, distance, clusters, part, most):
    """Clusters anew: their centres shared among the largest part of the target and the smallest.

    Parameters
    ----------
    u, distance : float array (n, d) and (n,)
        Evaluation points.
    clusters : Clusters
        As `find_clusters` gave them.
    part : int array (g,)
        What `parts` gave for the points in the target, in their order.
    most : int
        Largest number of clusters with good points, and of parts; each part beyond the first may
        have one more.

    Returns
    -------
    Clusters
        The prospects unchanged.
    """
    good, n_old, label = np.flatnonzero(distance < 0), clusters.n_reached, clusters.label
    size = np.bincount(part)
    large = [p for p in np.argsort(-size, kind="stable") if size[p] >= RANK]
    if len(large) < 2:
        return clusters
    large = large[:1] + large[1:][max(0, len(large) - most):]     # the small ones need it most
    centres, owner = _centres(u, distance, good, part, large, most + len(large) - 1)
    own = _labels(u, good, part, centres, owner)
    some = np.arange(0, len(good), -(-len(good) // LOOKED))     # all of them up to so many
    near = cKDTree(u[good[some]]).query(u)[1]
    new = np.where(label < n_old, own[some][near], label + len(centres) - n_old)
    new[good] = own
    return Clusters(made(u[centres], new, distance) + clusters[n_old:], new)


def _centres(u, distance, good, part, large, most):
    """Rows of the centres, and the part of each: one a part, then a second one, ..."""
    order = good[np.argsort(distance[good], kind="stable")]
    part_of = dict(zip(good.tolist(), part.tolist(), strict=True))
    mine = np.array([part_of[row] for row in order.tolist()])
    radius = RADIUS * np.sqrt(u.shape[1])
    each = [leaders(u, order[mine == p], radius, most) for p in large]
    turns = sorted((turn, k) for k, rows in enumerate(each) for turn in range(len(rows)))[:most]
    return np.array([each[k][turn] for turn, k in turns]), np.array([large[k] for _, k in turns])


def _labels(u, good, part, centres, owner):
    """Cluster (g,) of the points in the target: the nearest centre of their part, if it has any.

    Else one of the largest part: a small part would be drowned in what is near to it.
    """
    main = np.flatnonzero(owner == owner[0])
    label = main[cKDTree(u[centres[main]]).query(u[good])[1]]
    for p in set(owner.tolist()):
        mine, rows = np.flatnonzero(owner == p), np.flatnonzero(part == p)
        label[rows] = mine[cKDTree(u[centres[mine]]).query(u[good[rows]])[1]]
    return label
