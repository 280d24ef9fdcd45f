"""Distances through the target: points see each other where the model calls the way good.

Parts of the target can lie so close beside each other that a point of one is nearer to the other
part than to the next point of its own. To be near such a neighbour is no reason to leave it out.
"""

import numpy as np
from scipy.spatial import cKDTree

PARTS = (0.5, 0.3, 0.7)     # of the way, where the model is asked, in turn
NEIGHBOURS = 4      # nearest points to which a candidate's way is tried
CROWD = 5           # the same for a point in the target;
THIRD = 3           # the distance to so manieth of them that is visible is its isolation
UNSEEN = 1.5        # times the distance to the last of them: where fewer are visible


def along(start, end, part):
    """Points (n, d) at this part of the ways from `start` (n, d) to `end`."""
    return start + part * (end - start)


def clear(accept, start, end, cluster):
    """Bool (n,): the model calls the way from `start` (n, d) to `end` good, at the levels of the
    clusters (n,)."""
    way = np.ones(len(start), bool)
    for part in PARTS:      # one after the other: of a way that is closed no more is asked
        rows = np.flatnonzero(way)
        if len(rows):
            way[rows] = accept(along(start[rows], end[rows], part), cluster[rows])
    return way


def seen(accept, u, cluster, tree, n, itself=False):
    """Distances (m, n) from points u (m, d) to the n nearest of a cKDTree; inf to those not seen.

    Parameters
    ----------
    itself : bool
        The points of the tree are u: each leaves itself out.

    Returns
    -------
    seen : float array (m, n), last : float array (m,)
        The second: distance to the farthest of them, seen or not.
    """
    n = min(n + itself, tree.n)
    gap, j = (a.reshape(len(u), n)[:, int(itself):] for a in tree.query(u, k=n))
    start, known = np.repeat(u, gap.shape[1], axis=0), np.repeat(cluster, gap.shape[1])
    open_way = clear(accept, start, tree.data[j.ravel()], known).reshape(gap.shape)
    return np.where(open_way, gap, np.inf), gap[:, -1]


class Visibility:
    """How far candidates are from what is known, seen through the target.

    Parameters
    ----------
    accept : callable u (n, d), cluster (n,) -> bool (n,)
    good, others : float array (m, d)
        Points in the target; and all others, which need not be seen.
    """

    def __init__(self, accept, good, others):
        self.accept, self.good = accept, cKDTree(good)
        self.others = cKDTree(others) if len(others) else None

    def most(self, u):
        """The largest (n,) that `gap` may be at u (n, d); the model is not asked."""
        far = self.good.query(u, k=[min(NEIGHBOURS, self.good.n)])[0][:, 0]
        return far if self.others is None else np.minimum(far, self.others.query(u)[0])

    def gap(self, u, cluster):
        """Distance (n,) of candidates u (n, d) to the nearest point that they see, or that is bad.

        Where none of the nearest is seen, the farthest of these counts.
        """
        near, last = seen(self.accept, u, cluster, self.good, NEIGHBOURS)
        gap = np.where(np.isfinite(near).any(axis=1), near.min(axis=1), last)
        return gap if self.others is None else np.minimum(gap, self.others.query(u)[0])


def isolation(accept, good, cluster):
    """Distance (n,) of points (n, d) in the target, of one cluster, to the others that they see."""
    near, last = seen(accept, good, np.full(len(good), cluster), cKDTree(good), CROWD, itself=True)
    near = np.sort(np.minimum(near, UNSEEN * last[:, None]), axis=1)
    return near[:, min(THIRD, near.shape[1]) - 1]
