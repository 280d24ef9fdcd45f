"""Of many points a bounded number is looked at, and the small parts of the target among them."""

import numpy as np
import pytest

from mlscanner.acquisition import clusters, components, proposer, ridges, thinning
from mlscanner.acquisition.draws import LOOKED
from mlscanner.acquisition.thinning import boxes, looked_at
from mlscanner.config.settings import ScanConfig
from mlscanner.likelihood.observables import Target
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box, Parameter
from mlscanner.store.points import Points

RARE = 50


def many(n):
    """n points: half in a broad part of the target, RARE in a small one, some failed."""
    rng, u = np.random.default_rng(0), np.random.default_rng(1).random((n, 2))
    u[::2] = 0.3 * u[::2]
    u[1:4 * RARE:4] = 0.9 + 0.001 * rng.random((RARE, 2))
    good = (u < 0.3).all(1) | (u > 0.9).all(1) & (u < 0.901).all(1)
    value = np.where(good, 0.5, 5 + u[:, 0])
    failed = ~good & (u[:, 1] > 0.8)
    return Points(2, id=np.arange(n), iteration=np.arange(n) // 200, origin=["walk"] * n, u=u, x=u,
                  value=np.where(failed, np.nan, value), inside=good,
                  status=np.where(failed, "failed", "ok").astype(object))


def distances(points):
    return np.where(points.ok, points.value - 1, np.inf)


def test_few_points_are_all_looked_at():
    """Up to the bound nothing is left out, nor copied."""
    points = many(LOOKED)
    assert looked_at(points, distances(points)) is points


def test_small_parts_stay_and_the_number_is_bounded():
    """Of 4 and of 8 times as many as are looked at: equally many; all of a small part that is
    no denser than others, the latest points, and failed ones."""
    sizes = []
    for n in (4 * LOOKED, 8 * LOOKED):
        points = many(n)
        some = looked_at(points, distances(points))
        assert some.id[-1] == n - 1 and (np.diff(some.id) > 0).all()
        assert (some.u[some.inside] > 0.8).all(1).sum() > RARE / 3
        assert (~some.ok).sum() > LOOKED / 10
        sizes.append(len(some))
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1) and max(sizes) <= 2.5 * LOOKED


def test_boxes_are_no_more_than_asked_for():
    """Points in one place are in one box, also on the upper wall; of one parameter or a hundred."""
    rng = np.random.default_rng(0)
    for dim in (1, 2, 100):
        number = boxes(rng.random((5000, dim)), 300)
        assert 100 < len(np.unique(number)) <= 300
    assert len(np.unique(boxes(np.array([[1.0, 1.0], [1 - 1e-12, 1.0], [0.0, 0.0]]), 2))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_a_batch_looks_at_no_more_of_twice_the_points(model, monkeypatch):
    """The largest numbers of points that trees of neighbours, the model in training and in
    predicting, and distances see: the same for 6,000 as for 3,000, where 500 are looked at."""
    seen = {}

    def count(name, call):
        def counted(x, *args, **words):
            seen[name] = max(seen.get(name, 0), len(x))
            return call(x, *args, **words)
        return counted

    for name in ("GROUP", "FIRST", "LATEST", "SEARCHED", "LOOKED"):
        monkeypatch.setattr(thinning, name, getattr(thinning, name) // 40)
    for room in (clusters, components, ridges):     # `choice` asks `clusters`
        monkeypatch.setattr(room, "cKDTree", count("tree", room.cKDTree))
    monkeypatch.setattr(proposer, "find_clusters", count("clusters", proposer.find_clusters))
    found = []
    for n in (3000, 6000):
        config = ScanConfig(RF_trees=10, Walkers=20, Walk_steps=4, Size_batch_L=500, N_Cores=1)
        box = Box([Parameter(f"x{k}", 0.0, 1.0) for k in range(2)])
        one = make_model(model, config, 2)
        one.predict, one.fit = count("predict", one.predict), count("fit", one.fit)
        make = proposer.Proposer(config.loop, config.acquisition, box, Target(-np.inf, 1.0), one)
        seen.clear()
        assert len(make.propose(many(n), np.random.default_rng(0))) == config.Size_batch_K
        found.append(dict(seen))
    assert found[0].keys() == {"tree", "clusters", "predict", "fit"}
    for name, most in found[0].items():
        assert found[1][name] < 1.2 * most, name
    assert found[1]["clusters"] < 1500
