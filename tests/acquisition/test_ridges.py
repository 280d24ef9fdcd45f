"""Places that a ridge hides."""

from types import SimpleNamespace

import numpy as np

from mlscanner.acquisition.clusters import PATIENCE, Clusters
from mlscanner.acquisition.ridges import MOST, PARTS, WAYS, Ridges, with_hidden
from mlscanner.store.points import Points


def valleys(u):
    """Two parallel valleys at 0.3 and 0.6 of the second parameter, a ridge of 1 between them."""
    return np.minimum(np.abs(u[:, 1] - 0.3), np.abs(u[:, 1] - 0.6)) / 0.15


def known_valley(n=30):
    """Points of the first valley."""
    return np.column_stack([np.linspace(0, 1, n), np.full(n, 0.3)])


def test_hidden():
    """Points in the second valley are hidden, those on the slopes of the first are not."""
    u = np.array([[0.5, 0.6], [0.5, 0.58], [0.5, 0.4], [0.5, 0.1]])
    ridges = Ridges(valleys, known_valley())
    assert ridges.hidden(u, valleys(u), 0.2).tolist() == [True, True, False, False]
    assert not ridges.hidden(u, valleys(u), 1.1).any()
    assert not Ridges(valleys, u[:1]).hidden(u[1:2], valleys(u[1:2])).any()
    assert ridges.hidden(u[:0], u[:0, 0]).shape == (0,)


def test_no_more_is_asked_than_decides():
    """Every part of every way counts, but of what is seen on one way the others are not asked, nor
    the rest of a way that is closed."""
    rng, asked = np.random.default_rng(0), []
    good, u = rng.random((40, 2)), rng.random((300, 2))

    def height(u):
        asked.append(len(u))
        return np.sin(40 * u[:, 0]) + np.cos(30 * u[:, 1])
    own, near = height(u), np.argsort(((u[:, None] - good) ** 2).sum(2), axis=1)[:, :WAYS]
    tops = np.array([[max(height((a + part * (b - a))[None])[0] for part in PARTS)
                      for b in good[k]] for a, k in zip(u, near, strict=True)])
    asked.clear()
    hidden = Ridges(height, good).hidden(u, own, 0.1)
    assert hidden.tolist() == (tops.min(axis=1) > own + 0.1).tolist()
    assert 20 < hidden.sum() < 280 and sum(asked) < len(u) * WAYS * len(PARTS) / 2


def evaluated(tried=0, value=0.2):
    """A known valley, two places in the second, bad points all over, and `tried` later ones."""
    rng = np.random.default_rng(0)
    far = np.column_stack([rng.random(60), rng.uniform(0.8, 1.0, 60)])
    hidden = np.array([[0.2, 0.6], [0.21, 0.6], [0.8, 0.6]])
    later = [0.2, 0.6] + 0.001 * rng.standard_normal((tried, 2))
    u = np.concatenate([known_valley(), hidden, far, later])
    distance = np.concatenate([np.full(30, -1.0), [value, value + 0.1, value + 0.2],
                            valleys(far), np.full(tried, 5.0)])
    points = Points(2)
    points.append(id=np.arange(len(u)), iteration=np.repeat([0, 1], [93, tried]),
                  origin=np.full(len(u), "design", object), u=u, x=u, value=distance,
                  inside=distance < 0, status=np.full(len(u), "ok", object))
    return points, distance


def follow(points, distance):
    rater = SimpleNamespace(clusters=Clusters(("one",), np.zeros(len(distance), int)), ridge=0.2,
                            known_height=lambda value: value)
    ridges = Ridges(valleys, points.u[points.inside])
    clusters = with_hidden(points, distance, rater, ridges, np.random.default_rng(0))
    assert clusters.n_hidden == len(clusters) - 1
    return clusters[1:], clusters.label


def test_hidden_clusters():
    """The best places of the second valley become clusters with the points around them."""
    points, distance = evaluated()
    clusters, label = follow(points, distance)
    assert 2 <= len(clusters) <= MOST
    assert clusters[0].n_good == 0 and clusters[0].goal == 0.2
    assert set(clusters[0].members) == {30, 31}
    assert label[30] == label[31] == 1 and label[32] == 2 and (label[:30] == 0).all()


def test_a_place_that_was_tried_is_given_up():
    """After so many points around it that were no better, its turn is over."""
    for tried in (0, PATIENCE - 1):
        assert any(30 in n.members for n in follow(*evaluated(tried))[0])
    clusters, label = follow(*evaluated(PATIENCE))
    assert len(clusters) == 1 and list(clusters[0].members) == [32]
    assert label[30] == label[31] == 0


def test_what_is_high_itself_is_not_hidden():
    """A point evaluated as high as the ridge is no valley, whatever the model thinks of it."""
    points, distance = evaluated(value=1.5)
    _, label = follow(points, distance)
    assert (label[30:33] == 0).all()
