"""Promising places that a ridge separates from all that is known of the target.

The hill-valley test (R. K. Ursem, Multinational evolutionary algorithms, Proc. CEC 1999): two
points lie in different valleys when a point between them is higher than both. Here the model says
how high it is, so that the test costs no evaluated point; it finds a second valley however close it
lies to a known one.
"""

import numpy as np
from scipy.spatial import cKDTree

from .clusters import APART, LEADERS, PATIENCE, Clusters, leaders, made, spacing, tries, usual
from .draws import LOOKED, some
from .visibility import along

PARTS = (0.5, 0.35, 0.65, 0.2, 0.8)     # of the way, where the model is asked, in turn
WAYS = 4            # nearest good points to which a way is tried
MOST = 4            # hidden places that are followed at the same time


class Ridges:
    """What lies between points and the known part of the target.

    Parameters
    ----------
    height : callable u (n, d) -> (n,)
        How far from the target the model predicts points to be, on any scale.
    good : float array (m, d)
        Points in the target, unit box.
    """

    def __init__(self, height, good):
        self.height, self.good = height, good
        self._tree = cKDTree(good)

    def hidden(self, u, own, margin=0.0):
        """Bool (n,): on each way to the nearest good points it is higher than at u (n, d).

        Parameters
        ----------
        own : float array (n,)
            How high u themselves are.
        margin : float
            By how much a ridge is higher.
        """
        if not len(u):
            return np.zeros(0, bool)
        near = self._tree.query(u, k=min(WAYS, len(self.good)))[1].reshape(len(u), -1)
        hidden, top = np.ones(len(u), bool), own + margin
        for k in near.T:    # one after the other: of what is seen no more is asked
            rows = np.flatnonzero(hidden)
            for part in PARTS:
                if not len(rows):
                    break
                way = along(u[rows], self.good[k[rows]], part)
                rows = rows[self.height(way) <= top[rows]]
            hidden[rows] = False
        return hidden


def behind(points, rows, rater, ridges):
    """Bool (n,): a ridge hides these rows of evaluated points from the known target.

    Parameters
    ----------
    points, rater, ridges
        See `with_hidden`.
    rows : int array (n,)
    """
    u = points.u[rows]
    own = np.maximum(ridges.height(u), rater.known_height(points.value[rows]))
    return ridges.hidden(u, own, rater.ridge)


def with_hidden(points, distance, rater, ridges, rng):
    """The clusters of a rater, and those hidden behind a ridge, around the best points there.

    Places that were tried in vain are left out.

    Parameters
    ----------
    points : Points
    distance : float array (n,)
    rater : Rater
        Trained.
    ridges : Ridges
    rng : numpy.random.Generator
        Draws those that are looked at where there are many.

    Returns
    -------
    Clusters
    """
    u, clusters = points.u, rater.clusters
    rows = np.flatnonzero((distance >= 0) & (distance < usual(distance, points.iteration)))
    if len(rows) > LOOKED:      # the best half, and others
        rows = rows[np.argsort(distance[rows], kind="stable")]
        rows = np.concatenate([rows[:LOOKED // 2], some(rng, rows[LOOKED // 2:], LOOKED // 2)])
    rows = rows[behind(points, rows, rater, ridges)]
    rows = rows[np.argsort(distance[rows], kind="stable")]
    apart = spacing(u.shape[1]) / APART
    places = leaders(u, rows, apart, LEADERS)
    alive = np.array([tries(u, points.iteration, row, apart) < PATIENCE for row in places], bool)
    if not alive.any():
        return clusters
    rows = rows[alive[cKDTree(u[places]).query(u[rows])[1]]]
    centres = np.array(places)[alive][:MOST]
    hidden, label = np.full(len(u), -1), clusters.label.copy()
    hidden[rows] = cKDTree(u[centres]).query(u[rows])[1]
    label[rows] = len(clusters) + hidden[rows]
    return Clusters(clusters.found + made(u[centres], hidden, distance), label, len(centres))
