"""The candidates of all generators, and how far they are believed."""

from types import SimpleNamespace

import numpy as np

from mlscanner.acquisition.candidates import rated
from mlscanner.acquisition.clusters import Clusters
from mlscanner.acquisition.slots import SEARCH
from mlscanner.store.points import Points


def test_candidates_count_less_where_their_kind_fails():
    """Of two walks that the model calls as good as each other, the one in the cluster where 38
    walks failed has a twentieth of the probability."""
    n, points = SEARCH + 38, Points(2)
    u, inside = np.zeros((n, 2)), np.arange(n) < SEARCH
    points.append(id=np.arange(n), iteration=np.full(n, 9), origin=["walk"] * n, u=u, x=u,
                  value=np.zeros(n), inside=inside, status=np.full(n, "ok", object))
    clusters = Clusters((SimpleNamespace(n_good=SEARCH), SimpleNamespace(n_good=9)),
                        (~inside).astype(int))
    rater = SimpleNamespace(clusters=clusters, rate=lambda u, cluster: (np.full(len(u), 0.8),))
    found = rated(rater, points, u[:2], np.array(["walk"] * 2, object), np.array([0, 1]))
    assert np.allclose(found.probability, [0.8, 0.04])
