"""Places where the pattern of the known parts goes on."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlscanner.acquisition import shifts
from mlscanner.acquisition.shifts import COORDINATES, MANY, Shifts
from mlscanner.acquisition.state import Pending
from mlscanner.store.points import Points
from proposed import evaluate, proposer

GRID = np.stack(np.meshgrid([0.1, 0.5, 0.9], [0.2, 0.5, 0.8], indexing="ij"), -1).reshape(-1, 2)
SIZE = 0.01
SQUARE = [0, 1, 3, 4]


def state_of(centres, bad=(), pending=(), possible=None, n=10):
    """What the scan knows: n points of a part around each of the centres, and bad points."""
    rng = np.random.default_rng(0)
    good = np.repeat(centres, n, axis=0)
    good = good + rng.uniform(-SIZE, SIZE, good.shape)
    u = np.concatenate([good, np.reshape(bad, (-1, good.shape[1]))])
    pending = Pending(np.reshape(pending, (-1, good.shape[1])), len(u))
    return SimpleNamespace(points=SimpleNamespace(u=u), pending=pending,
                           parts=(good, np.repeat(np.arange(len(centres)), n)), rng=rng,
                           rater=SimpleNamespace(possible=possible or (lambda u, good: good)))


def test_the_missing_places_of_a_pattern():
    """Of a grid, four known parts lead to the four others to which two pairs of them lead."""
    u, cluster = Shifts().propose(state_of(GRID[SQUARE]), 40)
    gap = cdist(GRID[[2, 5, 6, 7]], u)
    assert cluster is None and len(u) == 4
    assert gap.min(axis=1).max() < SIZE
    assert ((u >= 0) & (u <= 1)).all()


def test_that_on_which_most_pairs_agree_comes_first():
    """Two missing places of a grid come before what single parts off the grid lead to."""
    off = np.array([[0.31, 0.66], [0.73, 0.11], [0.22, 0.93]])
    u = Shifts().propose(state_of(np.concatenate([np.delete(GRID, [4, 6], axis=0), off])), 2)[0]
    assert cdist(GRID[[4, 6]], u).min(axis=1).max() < SIZE


def test_places_are_apart_and_no_more_than_asked():
    """A place is proposed once, and n of them at most; none for n = 0."""
    state = state_of(GRID[:5])
    u = Shifts().propose(state, 3)[0]
    assert len(u) == 3
    assert cdist(u, u)[np.triu_indices(3, 1)].min() > SIZE
    assert Shifts().propose(state, 0)[0].shape == (0, 2)


def test_one_place_is_not_proposed_several_times():
    """Of what pairs say of the same place, a little apart, only the middle is proposed."""
    said = 0.5 + np.random.default_rng(3).uniform(-SIZE, SIZE, (500, 2))
    u = shifts._most_named(said, SIZE, 9)
    assert len(u) == 1 and abs(u - 0.5).max() < SIZE


@pytest.mark.parametrize("kind", ["bad", "pending"])
def test_a_place_that_was_tried_is_not_tried_again(kind):
    """Where a point was evaluated or waits, no other is proposed, be it good or bad."""
    place = Shifts().propose(state_of(GRID[SQUARE]), 40)[0][0]
    tried = state_of(GRID[SQUARE], **{kind: place})
    assert cdist([place], Shifts().propose(tried, 40)[0]).min() > SIZE / 2


def test_known_parts_are_left_alone():
    """No place lies in or beside a part with good points, however few it has."""
    state = state_of(GRID, n=4)
    u = Shifts().propose(state, 100)[0]
    assert len(u) == 0 or cdist(u, GRID).min() > SIZE


def test_nothing_without_a_pattern():
    """Two parts, or one pair of them, have no pattern; at first no part is known."""
    assert len(Shifts().propose(state_of(GRID[[0, 1, 3]]), 10)[0]) == 0
    assert len(Shifts().propose(state_of(GRID[:2]), 10)[0]) == 0
    assert len(Shifts().propose(state_of(GRID[:0]), 10)[0]) == 0
    state = state_of(GRID[:5])
    state.parts = None
    assert len(Shifts().propose(state, 10)[0]) == 0


def test_precut_and_expected_failures():
    """What the pre-cut refuses, and where evaluating is expected to fail, is not proposed."""
    u = Shifts(lambda u: u[:, 0] < 0.4).propose(state_of(GRID[SQUARE]), 40)[0]
    assert len(u) and (u[:, 0] < 0.4).all()
    state = state_of(GRID[SQUARE], possible=lambda u, good: good & (u[:, 1] < 0.4))
    u = Shifts().propose(state, 40)[0]
    assert len(u) and (u[:, 1] < 0.4).all()
    assert len(Shifts(lambda u: u[:, 0] > 2).propose(state_of(GRID[:4]), 9)[0]) == 0


@pytest.mark.parametrize(("dim", "most"), [(2, MANY), (50, COORDINATES // 50)])
def test_the_cost_is_bounded(dim, most, monkeypatch):
    """Hundreds of parts without a pattern: what is compared with what is known is bounded."""
    rng, seen = np.random.default_rng(1), []
    state = state_of(0.5 + rng.uniform(-0.1, 0.1, (400, dim)), n=3)
    monkeypatch.setattr(shifts, "_unknown", lambda u, *_: seen.append(len(u)) or u[:0])
    Shifts().propose(state, 20)
    assert 0.9 * most < seen[0] <= most


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.15, 0.0])
def test_a_batch_has_places_of_the_pattern(share):
    """Proposed beside what model and searches choose, mostly good; Share_prospects = 0: none."""
    one, rng, points = proposer(Share_prospects=share), np.random.default_rng(2), Points(2)
    first = one.first(rng)
    known = np.repeat(GRID[SQUARE], 8, axis=0)
    first.u = np.concatenate([first.u, known + rng.uniform(-SIZE, SIZE, known.shape)])
    first.origin += ["design"] * len(known)
    evaluate(points, first, islands)
    batch = one.propose(points, rng)
    places = batch.u[np.array(batch.origin) == "shift"]
    assert len(batch) == 40
    assert (len(places) > 0) == (share > 0)
    if share:
        assert (islands(places) < 1).sum() == 4 and len(places) <= 20


def islands(u):
    """chi2 that is below 1 near the places of the grid."""
    return (cdist(u, GRID).min(axis=1) / (2 * SIZE)) ** 2


def test_half_of_what_searches_leave_stays_for_the_model(monkeypatch):
    """Even if every place of the pattern was good before, and many are left."""
    one, rng, points = proposer(Size_batch_search=20), np.random.default_rng(2), Points(2)
    first, asked = one.first(rng), []
    first.origin = ["shift"] * len(first)
    evaluate(points, first, lambda u: np.where(np.arange(len(u)) < 3, 0.5, 2 + u[:, 0]))
    points.inside[:] = True
    monkeypatch.setattr(one.blind[0], "propose",
                        lambda _, n: asked.append(n) or (first.u[:0], None))
    batch = one.propose(points, rng)
    assert len(batch) == 20 and asked == [(20 - batch.origin.count("search")) // 2]
