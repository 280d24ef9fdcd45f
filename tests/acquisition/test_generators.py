"""Each kind of candidates."""

from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.acquisition import generators
from mlscanner.acquisition.candidates import LOCAL
from mlscanner.acquisition.cells import Cells
from mlscanner.acquisition.generators import (
    ROUNDS,
    Local,
    Misclassified,
    Neighbours,
    Smote,
    walks,
)
from mlscanner.acquisition.state import State
from mlscanner.space.parameters import Box, make_parameter
from proposed import learned


def state_of(good, accept=None):
    """Only what generators read where points are good."""
    return SimpleNamespace(good=good, rng=np.random.default_rng(0),
                           rater=SimpleNamespace(accept=accept),
                           clusters=SimpleNamespace(nearest=lambda u: None))


def searched(model, stuck, start):
    """A state with one cluster of these points that is unsure."""
    rater, points, rng = learned(model)
    known = SimpleNamespace(points=points, rater=rater, rng=rng, stuck=stuck, unsure=[True],
                            starts=[start(points)], good=points.u[points.inside])
    return known, rater


def worst(points):
    return points.u[np.argsort(points.value)[-4:]]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_further_rounds_go_further_down(model):
    """Each round is scattered around the best of the one before, so its best is better."""
    state, rater = searched(model, True, worst)
    u, cluster = Local().propose(state, LOCAL)
    assert len(u) == ROUNDS * LOCAL and (cluster == 0).all()
    reach = rater.reach(u).reshape(ROUNDS, LOCAL)
    assert reach[-1].min() < reach[0].min()
    assert np.median(reach[-1]) < np.median(reach[0])   # all of a round, not a lucky point of it
    state.stuck = False
    assert len(Local().propose(state, LOCAL)[0]) == LOCAL


@pytest.mark.slow
def test_no_round_after_one_that_the_precut_refused():
    """Where a pre-cut lets nothing pass, rounds are empty and nothing breaks."""
    state, _ = searched("RFR", True, worst)
    u, cluster = Local(lambda u: u[:, 0] > 2).propose(state, LOCAL)
    assert u.shape == (0, 2) and cluster.shape == (0,)


def test_neighbours_are_those_of_each_cluster():
    """Each has an equal share and its own number; none is where the pre-cut forbids it."""
    box = Box([make_parameter(f"x{k}", 0, 7, "integer") for k in range(2)])
    middle = (np.array([[[1, 1]], [[6, 6]]]) + 0.5) / 8
    state = SimpleNamespace(good=middle[0], starts=[middle[0], middle[0][:0], middle[1]],
                            rng=np.random.default_rng(0))
    u, cluster = Neighbours(None, Cells(box)).propose(state, 101)
    assert len(u) == 100 and (np.bincount(cluster) == [50, 0, 50]).all()
    for k, of in ((0, middle[0]), (2, middle[1])):
        assert (np.abs(u[cluster == k] - of).max(axis=1) < 0.13).all()
    u, cluster = Neighbours(lambda u: u[:, 0] > 0.5, Cells(box)).propose(state, 101)
    assert len(u) == len(cluster) == 50 and (cluster == 2).all()
    state.starts = [middle[0][:0]]
    u, cluster = Neighbours(None, Cells(box)).propose(state, 101)
    assert u.shape == (0, 2) and cluster.shape == (0,)


def test_a_state_is_a_value():
    """Nothing of it can be set from outside, and what is computed of it is computed once."""
    rater, points, rng = learned("RFR")
    state = State(points, rater, rng)
    with pytest.raises(AttributeError):
        state.rater = None
    with pytest.raises(AttributeError):
        rater.weight = 0.5
    assert state.starts is state.starts


def test_walks_stay_good_and_spread():
    """Walkers stay where the model is good and reach its far end; clusters share them equally."""
    rng = np.random.default_rng(0)
    starts = [np.array([[0.1, 0.5], [0.15, 0.5], [0.12, 0.52]]),
              np.array([[0.9, 0.9], [0.88, 0.9]])]
    u, cluster = walks(rng, starts, lambda u, k: (u[:, 0] < 0.6) == (k == 0), walkers=200)
    assert np.all((u[:, 0] < 0.6) == (cluster == 0))
    assert u[cluster == 0, 0].max() > 0.3
    assert np.all((u >= 0) & (u <= 1))
    assert len(walks(rng, [starts[0][:1]], None, walkers=200)[0]) == 0
    assert len(walks(rng, starts, None, walkers=0)[0]) == 0


def test_walks_start_by_weight(monkeypatch):
    """A point of weight 0 starts no walker: without jumps all stay at the other one."""
    monkeypatch.setattr(generators, "differences", lambda rng, group, n: np.zeros((n, 2)))
    rng, starts = np.random.default_rng(0), [np.array([[0.1, 0.1], [0.9, 0.9]])]
    for weight, start in (([1.0, 0.0], 0.1), ([0.0, 3.0], 0.9)):
        u, _ = walks(rng, starts, lambda u, k: np.ones(len(u), bool), 50,
                     weights=[np.array(weight)])
        assert len(u) and np.abs(u - start).max() < 0.05


def test_walks_stay_in_a_thin_part():
    """In a part that is 1e-5 thin and oblique a tenth of all steps stay in it."""
    rng = np.random.default_rng(0)
    along = rng.random((200, 1))
    thin = 0.2 + 0.5 * along + 1e-6 * rng.standard_normal((200, 2))
    tried = []

    def accept(u, cluster):
        tried.append(np.abs(u[:, 0] - u[:, 1]) < 1e-5)
        return tried[-1]
    u, _ = walks(rng, [thin], accept, 50)
    assert len(u) > 100 and np.mean(tried) > 0.1
    assert np.ptp(u[:, 0]) > 0.3


def test_misclassified():
    """Candidates lie around those good points only that the model calls bad, one of each place."""
    good = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.101], [0.9, 0.9]])

    def around(some, n=40):
        return Misclassified().propose(state_of(some, lambda u, k: u[:, 0] < 0.5), n)[0]
    u = around(good)
    assert len(u) == 80
    gap = np.linalg.norm(u[:, None] - good, axis=2)
    assert (gap.argmin(axis=1) > 0).mean() > 0.9
    assert around(good[:1]).shape == (0, 2)
    assert around(good[:0]).shape == (0, 2)


def test_smote_never_crashes():
    """With 0 or 1 good point nothing is proposed, with 2 points lie between them."""
    good = np.array([[0.2, 0.2], [0.4, 0.6]])
    for n in (0, 1):
        assert Smote().propose(state_of(good[:n]), 10)[0].shape == (0, 2)
    u, _ = Smote().propose(state_of(good), 10)
    assert len(u) == 10 and np.allclose(u[:, 1], 2 * u[:, 0] - 0.2)


def test_a_walk_jumps_between_parts_of_a_cluster():
    """Now and then a step is a whole difference: from one far part of a cluster to the other."""
    rng = np.random.default_rng(0)
    parts = [0.2 + 0.01 * rng.standard_normal((20, 10)), 0.8 + 0.01 * rng.standard_normal((20, 10))]
    group = np.concatenate(parts)

    def accept(u, cluster):
        return np.min([np.abs(u - c).max(1) for c in (0.2, 0.8)], 0) < 0.1
    found, _ = walks(rng, [group], accept, 200, weights=[np.repeat([1.0, 0.0], 20)])
    assert (np.abs(found - 0.8).max(1) < 0.1).sum() > 20
