"""Places that came near to the target go down their own valley."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlscanner.acquisition import descents
from mlscanner.acquisition.batch import Batch
from mlscanner.acquisition.clusters import Cluster, usual
from mlscanner.acquisition.descents import IN_VAIN, LASTING, Descents
from mlscanner.acquisition.searched import NEAR
from mlscanner.acquisition.state import Pending
from mlscanner.acquisition.trust_region import along_valley
from mlscanner.store.points import Points
from proposed import CHI2, evaluate, proposer

NONE = SimpleNamespace(nearest=lambda state: np.empty(0, int))
KNOWN, THERE = np.full(3, 0.15), np.array([0.8, 0.64, 0.4])


def gorge(u):
    """chi2: a sheet along a bend, a hundredth as thick as long, that is in the target at one end
    only; at the other it is 0.4 above."""
    across = ((u[:, 1] - u[:, 0] ** 2) ** 2 + (u[:, 2] - 0.5 * u[:, 0]) ** 2) / 0.01 ** 2
    return across + 20 * (0.85 - u[:, 0]) ** 2


def chi2(u):
    """That, and a ball far from it."""
    return np.minimum(gorge(u), ((u - KNOWN) ** 2).sum(axis=1) / 0.003)


def height_of(u):
    """Below 0 in the target, on the scale of a logarithm."""
    return np.log((chi2(u) + 0.3) / 1.3)


def state_of(u, height=None, places=(), origin=None, pending=(), possible=None, blind=False,
             ridges=None):
    """What the scan knows: the first two hundred points are those of the first design; of prospects
    these points are the members."""
    height = height_of(u) if height is None else height
    points = SimpleNamespace(
        u=u, id=np.arange(len(u)), value=height, inside=height < 0,
        iteration=(np.arange(len(u)) >= 200).astype(int),
        origin=np.full(len(u), "design", object) if origin is None else origin)
    found = type("Found", (list,), {"n_reached": 1})(
        [None] + [Cluster(u[m].mean(axis=0), np.array(m), 0.0, 0.0, 0) for m in places])
    rater = SimpleNamespace(possible=possible or (lambda u, good: good), blind=blind, ridge=0.2,
                            known_height=lambda value: value)
    return SimpleNamespace(points=points, height=height, square=np.exp(height),
                           good=u[height < 0], clusters=found,
                           rater=rater, rng=np.random.default_rng(0), ridges=ridges,
                           pending=Pending(np.reshape(pending, (-1, u.shape[1])), len(u)))


def known(seed=0, n=40):
    """The box, the ball, and points around the upper end of the sheet; rows of the last."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(0.55, 0.6, n)
    sheet = np.stack([t, t ** 2, 0.5 * t], axis=1) + 0.01 * rng.standard_normal((n, 3))
    u = np.concatenate([rng.random((200, 3)), KNOWN + 0.02 * rng.standard_normal((30, 3)), sheet])
    return u, list(range(230, 230 + n))


@pytest.mark.slow
def test_a_thin_part_is_found_from_a_place_near_it():
    """From forty points on a sheet, none of which is good, eighty more lead to the part of the
    target in it in three runs of four at least; none of eighty around the best is good."""
    found = scattered = 0
    for seed in range(4):
        u, place = known(seed)
        assert len(u) == 270 and not (gorge(u) < 1).any()
        best = u[place[np.argmin(height_of(u[place]))]]
        around = best + np.std(u[place], axis=0) * np.random.default_rng(1).standard_normal((80, 3))
        scattered += (gorge(around) < 1).sum()
        for _ in range(16):
            if not (gorge(u) < 1).any():
                new = Descents(None, NONE).propose(state_of(u, places=[place]), 5)[0]
                assert len(new) == 5
                u, place = np.concatenate([u, new]), place + list(range(len(u), len(u) + 5))
        found += (gorge(u) < 1).any()
    assert found >= 3 and not scattered


def test_the_curvature_of_the_objective_tells_the_way(monkeypatch):
    """What is like a chi2 of the points of a place is known to the search along its valley."""
    u, place = known()
    asked = []
    monkeypatch.setattr(descents, "along_valley", lambda *rest: (
        asked.append(rest), along_valley(*rest))[1])
    state = state_of(u, places=[place])
    assert len(Descents(None, NONE).propose(state, 5)[0]) == 5
    (_, height, _, _, _, square), = asked
    assert square == pytest.approx(np.exp(height))


def test_only_what_came_near_and_lies_apart():
    """No place is one whose best point is as high as usual, or beside a good one, or good."""
    u, place = known()
    height = height_of(u)
    limit = NEAR * usual(height, state_of(u).points.iteration)
    assert len(Descents(None, NONE).propose(state_of(u, height, [place]), 5)[0]) == 5
    high = height.copy()
    high[place] = np.maximum(high[place], 1.01 * limit)
    assert not len(Descents(None, NONE).propose(state_of(u, high, [place]), 5)[0])
    beside = np.concatenate([u, u[place][np.argmin(height[place])][None] + 0.01])
    good = np.append(height, -0.1)
    assert not len(Descents(None, NONE).propose(state_of(beside, good, [place]), 5)[0])
    assert not len(Descents(None, NONE).propose(state_of(u, height, [range(200, 230)]), 5)[0])
    assert not len(Descents(None, NONE).propose(state_of(u), 5)[0])


def two_places():
    """Two balls above the target, the second one lower; points, heights and the rows of each."""
    rng = np.random.default_rng(0)
    u = np.concatenate([rng.random((200, 3)), KNOWN[None]]
                       + [c + 0.03 * rng.standard_normal((30, 3)) for c in (0.5, 0.85)])
    height = np.full(len(u), 3.0)
    height[200] = -0.1
    for k, least in ((0, 0.2), (1, 0.1)):
        rows = 201 + 30 * k + np.arange(30)
        height[rows] = least + np.linalg.norm(u[rows] - u[rows[0]], axis=1)
    return u, height, [list(range(201, 231)), list(range(231, 261))]


def test_each_place_has_its_own_points():
    """The lowest comes first; ten points are for both, nine for one; of the second place only is
    known what is nearer to it than to the first and to good points."""
    u, height, places = two_places()
    for n, shares in ((9, [9, 0]), (10, [5, 5])):
        new = Descents(None, NONE).propose(state_of(u, height, places), n)[0]
        nearest = cdist(new, [u[231], u[201], KNOWN]).argmin(axis=1)
        assert np.bincount(nearest, minlength=3).tolist() == [*shares, 0]
    first, second = Descents(None, NONE)._places(state_of(u, height, places))
    assert first[np.argmin(height[first])] == 231 and second[np.argmin(height[second])] == 201
    away = cdist(u, [u[201], u[231], KNOWN])
    assert np.isin(second, np.flatnonzero(away.argmin(axis=1) == 0)).all()
    assert 200 not in first and 200 not in second


def test_images_that_came_near_are_places():
    """What the mirrors name is followed as prospects are."""
    u, height, places = two_places()
    named = SimpleNamespace(nearest=lambda state: np.array([201]))
    new = Descents(None, named).propose(state_of(u, height, places[1:]), 10)[0]
    nearest = cdist(new, [u[201], u[231], KNOWN]).argmin(axis=1)
    assert np.bincount(nearest, minlength=3).tolist() == [5, 5, 0]


def test_a_place_is_left_alone_after_many_points_in_vain():
    """Sixty points of descents that came after its best one, or one hardly worse than that; what is
    not of descents, or came before, does not count."""
    u, height, _ = two_places()
    rng, rows = np.random.default_rng(1), range(201, 231)
    u = np.concatenate([u, u[201] + 0.01 * rng.standard_normal((IN_VAIN, 3))])
    height = np.append(height, np.full(IN_VAIN, 0.5))
    origin = np.full(len(u), "design", object)
    origin[261:] = "descent"
    open_ = Descents(None, NONE)
    assert not open_._places(state_of(u, height, [list(rows)], origin))
    for change in ("walk", "better"):
        other, lower = origin.copy(), height.copy()
        if change == "walk":
            other[261] = "walk"
        else:
            lower[262] = 0.02
        assert len(open_._places(state_of(u, lower, [list(rows)], other))) == 1
    lower[262] = 0.06
    assert not open_._places(state_of(u, lower, [list(rows)], origin))


def test_failed_and_few_points_are_no_place():
    """What failed is not learned from; a place of hardly any points is not followed."""
    u, height, places = two_places()
    height[201 + 5:231] = np.inf
    rows = Descents(None, NONE)._places(state_of(u, height, places[:1]))
    assert all(np.isfinite(height[r]).all() for r in rows)
    far = np.full(len(u), np.inf)
    far[201:206], far[200] = height[201:206], -0.1
    far[:60] = 3.0
    few = u.copy()
    few[:60] = KNOWN + 0.01 * np.random.default_rng(0).standard_normal((60, 3))
    assert not Descents(None, NONE)._places(state_of(few, far, places[:1]))


class Told:
    """Ridges that hide these places."""

    def __init__(self, told):
        self.told, self.asked = told, None

    def height(self, u):
        return np.zeros(len(u))

    def hidden(self, u, own, margin):
        self.asked = u, own, margin
        return np.array(self.told)


def test_what_is_on_a_slope_to_known_points_is_no_place():
    """Once the model tells ridges, only what one hides from the known target is followed."""
    u, height, places = two_places()
    for hidden, n in (None, 2), ([True, True], 2), ([True, False], 1), ([False, False], 0):
        ridges = hidden and Told(hidden)
        state = state_of(u, height, places, ridges=ridges)
        assert len(Descents(None, NONE)._places(state)) == n
        if hidden:
            asked, own, margin = ridges.asked
            assert np.array_equal(asked, u[[201, 231]]) and margin == 0.2
            assert own.tolist() == height[[201, 231]].tolist()


def test_as_long_as_nothing_is_good_the_lowest_point_is_left_to_others():
    """Searches of the whole box go down from there, and descents from the other place; from both
    where nothing came nearer to the target for long."""
    u, height, places = two_places()
    height[200] = 3.0
    for iteration, lowest in (1, [201]), (30, [231, 201]):
        state = state_of(u, height, places)
        state.points.iteration[0] = iteration
        found = Descents(None, NONE)._places(state)
        assert [rows[np.argmin(height[rows])] for rows in found] == lowest


FAR = np.array([0.9, 0.9])


@pytest.mark.parametrize(("last", "vain"), [
    ("none", 2 * LASTING), ("walk", 2 * LASTING), ("beside", 2 * LASTING + 2), ("good", LASTING),
    ("good beside", 2 * LASTING + 2), ("edge", 2 * LASTING + 2), ("over the edge", LASTING),
    ("lower", LASTING), ("hardly", 2 * LASTING + 2), ("known", 2 * LASTING + 2),
    ("elsewhere", LASTING), ("first", 2 * LASTING), ("alone", 2 * LASTING + 2),
    ("new", LASTING)])
def test_fewer_points_where_none_is_lower(last, vain):
    """A tenth of a batch; a half of that after thirty points in vain, a fifth after sixty. An
    iteration in which one is lower than what was known of its place pays for thirty, and no more:
    where good points are near there is no place. Points of other kinds count not."""
    n = 2 * LASTING
    u = np.concatenate([np.full((10, 2), 0.1), np.full((n, 2), 0.5), [FAR, FAR]])
    height = np.concatenate([np.full(10, -0.1), np.full(n, 0.6), [0.6, 0.6]])
    iteration = np.concatenate([np.zeros(10, int), np.ones(n, int), [2, 2]])
    origin = np.array(["walk"] * 10 + ["descent"] * n + ["walk"] * 2, object)
    u[2], height[2] = 0.5, 0.6      # what was known of the places
    u[3], height[3] = FAR + 0.01, 0.6
    if last not in ("none", "walk"):
        origin[-2:] = "descent"
        height[-1] = {"good": -0.1, "good beside": -0.1, "new": -0.1, "hardly": 0.58,
                      "known": 0.6}.get(last, 0.4)
    if "edge" in last:
        height[3], height[-1] = 0.03, -0.001 if "over" in last else 0.001
    if "beside" in last:
        height[3] = -0.1
    if last == "elsewhere":     # something lower is known, nearer to good points
        u[4], height[4] = (0.2, 0.4), 0.3
    if last in ("alone", "new"):    # nothing was known there that is not nearer to good points
        u[3], u[-2:] = 0.15, (0.9, 0.1)
        u[2], height[2] = (0.45, 0.1), -0.1
        u[4], height[4] = (0.4, 0.4), 0.6
    if last == "first":     # in the iteration before, so that there was nothing to pay for
        iteration[10:-2], iteration[-2:] = 2, 1
    points = SimpleNamespace(u=u, inside=height < 0, iteration=iteration, origin=origin)
    state = SimpleNamespace(points=points, height=height, rater=SimpleNamespace(blind=False),
                            good=u[height < 0])
    assert Descents(None, NONE).wanted(state, 2000) == round(200 / (1 + (vain / 30) ** 2))
    state.rater.blind = True
    assert Descents(None, NONE).wanted(state, 200) == 0


def test_only_what_may_be_evaluated_and_is_not_on_its_way():
    """Points are in the box, pass the pre-cut, are expected to work, and keep away from those that
    wait for evaluation."""
    u, place = known()
    state = state_of(u, places=[place], possible=lambda u, good: good & (u[:, 2] < 0.3))
    new = Descents(lambda u: u[:, 1] < 0.36, NONE).propose(state, 10)[0]
    assert len(new) == 10 and ((new >= 0) & (new <= 1)).all()
    assert (new[:, 2] < 0.3).all() and (new[:, 1] < 0.36).all()
    first = Descents(None, NONE).propose(state_of(u, places=[place]), 10)[0]
    again = Descents(None, NONE).propose(state_of(u, places=[place], pending=first), 10)[0]
    best = u[place][np.argmin(height_of(u[place]))]
    assert len(again) and (cdist(again, first).min(axis=1)
                           > 0.5 * np.linalg.norm(again - best, axis=1)).all()
    refused = state_of(u, places=[place], possible=lambda u, good: good & False)
    assert Descents(None, NONE).propose(refused, 5)[0].shape == (0, 3)
    assert Descents(None, NONE).propose(state_of(u, places=[place]), 0)[0].shape == (0, 3)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.15, 0.0])
def test_a_scan_goes_down_from_its_prospects(share):
    """A proposer that knows the ball and the upper end of the sheet proposes descents there, and
    none without `Share_prospects`."""
    one, points, rng = proposer(dim=3, Share_prospects=share), Points(3), np.random.default_rng(0)
    u, _ = known(n=60)
    evaluate(points, Batch(u, ["design"] * len(u), np.full(len(u), np.nan)), chi2, CHI2)
    kinds, gone = [], []
    for _ in range(3):
        batch = one.propose(points, rng)
        origin = np.array(batch.origin)
        kinds += batch.origin
        gone.append(batch.u[origin == "descent"])
        evaluate(points, batch, chi2, CHI2)
    gone = np.concatenate(gone)
    assert ("descent" in kinds) == (share > 0)
    assert (np.linalg.norm(gone - KNOWN, axis=1) > 0.1).all()
