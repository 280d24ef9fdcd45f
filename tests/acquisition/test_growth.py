"""Young parts of the target grow from their own surroundings."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlscanner.acquisition import growth, slots, surroundings
from mlscanner.acquisition.axes import steps
from mlscanner.acquisition.batch import Batch
from mlscanner.acquisition.choice import farthest
from mlscanner.acquisition.clusters import Cluster
from mlscanner.acquisition.draws import scattered
from mlscanner.acquisition.gaussian_process import process_of
from mlscanner.acquisition.growth import LONGEST, Growth, _growing, _lonely, _reach, young
from mlscanner.acquisition.state import Pending
from mlscanner.acquisition.surroundings import around as around_of
from mlscanner.store.points import Points
from proposed import evaluate, proposer

CENTRE = np.array([0.3, 0.4, 0.5, 0.6])
ACROSS, ALONG = np.array([1.0, -0.2, 0.0, 0.0]), np.array([0.2, 1.0, 0.0, 0.0])


def height_of(u):
    """Of a valley that is thin across, and goes on along, two parameters; below 0 in the target."""
    away = u - CENTRE
    chi2 = ((away @ ACROSS) / 1e-3) ** 2 + ((away @ ALONG) / 0.05) ** 2 + (
        away[:, 2:] ** 2).sum(axis=1) / 0.02
    return np.log((chi2 + 0.3) / 1.3)


def state_of(u, height, labels=None, unsure=(True,), pending=(), possible=None, blind=False,
             part=None, iteration=None):
    """What the scan knows of points, the good ones of which are in one cluster or as labelled."""
    label = np.zeros(len(u), int) if labels is None else labels
    clusters = [Cluster(CENTRE, np.flatnonzero(label == k), 0.0, 0.0,
                        int(((label == k) & (height < 0)).sum())) for k in range(len(unsure))]
    found = type("Found", (list,), {})(clusters)
    found.label = label
    rater = SimpleNamespace(possible=possible or (lambda u, good: good), blind=blind)
    part = label[height < 0] if part is None else part
    iteration = np.zeros(len(u), int) if iteration is None else iteration
    points = SimpleNamespace(u=u, iteration=iteration, inside=height < 0,
                             origin=np.full(len(u), "design", object))
    return SimpleNamespace(points=points, height=height, clusters=found, square=np.exp(height),
                           unsure=list(unsure), rater=rater, rng=np.random.default_rng(1),
                           parts=(u[height < 0], part, iteration[height < 0]),
                           n_components=len(np.unique(part)),
                           pending=Pending(np.reshape(pending, (-1, u.shape[1])), len(u)))


def around(n=60, seed=0):
    """A point in the target, and others that evolution strategies would try around it."""
    rng = np.random.default_rng(seed)
    return np.concatenate([CENTRE[None], scattered(rng, CENTRE[None], n)])


def grown(generator, u, rounds=6, n=20):
    """The points after batches of n, on the function itself."""
    for _ in range(rounds):
        u = np.concatenate([u, generator.propose(state_of(u, height_of(u)), n)[0]])
    return u


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_thin_part_grows_along_itself(seed):
    """Most of 120 points are in the target, and they reach farther along it than those that are
    scattered around good ones, of which two in five are good."""
    before = around(seed=seed)
    after = grown(Growth(), before)[len(before):]
    known = before[height_of(before) < 0]
    tried = scattered(np.random.default_rng(9), known, 120)
    good, found = (u[height_of(u) < 0] for u in (after, tried))
    assert len(after) == 120 and len(good) > 90 > 50 > len(found)
    assert np.std(good @ ALONG) > 1.5 * np.std(found @ ALONG)


def test_distances_are_in_units_of_the_spread_of_a_part(monkeypatch):
    """Of candidates to the good points and to each other; of points in one place they are those in
    the box."""
    good = CENTRE + np.random.default_rng(0).standard_normal((200, 4)) * [1e-3, 0.1, 0.02, 0.0]
    assert growth._unit(good)[:3] == pytest.approx([1e-3, 0.1, 0.02], rel=0.2)
    assert growth._unit(good)[3] == 1.0 and growth._unit(good[:1]).tolist() == [1.0] * 4
    asked, u = [], around()
    monkeypatch.setattr(growth, "_unit", lambda good: np.array([1.0, 1e9, 1e9, 1e9]))
    monkeypatch.setattr(growth, "farthest", lambda *rest: (asked.append(rest), farthest(*rest))[1])
    Growth().propose(state_of(u, height_of(u)), 5)
    (places, gap, n, _), = asked
    assert n == 5 and np.abs(places[:, 1:]).max() < 1e-8 < np.ptp(places[:, 0])
    known = u[height_of(u) < 0, 0]
    assert gap == pytest.approx(np.abs(places[:, :1] - known).min(axis=1), abs=1e-8)


def test_steps_are_as_long_as_the_record_says(monkeypatch):
    """What the points of young parts so far tell is what the next ones are made with."""
    u, reaches = around(), []
    state = state_of(u, height_of(u), iteration=np.arange(len(u)) // 20)
    state.points.origin[:], state.points.inside = "growth", np.ones(len(u), bool)
    monkeypatch.setattr(growth, "steps", lambda *rest: (reaches.append(rest[-1]), steps(*rest))[1])
    Growth().propose(state, 5)
    assert reaches == [_reach(state.points)] and reaches[0] > 1


def test_new_points_are_apart_from_those_known_and_waiting():
    """None is proposed again, be it evaluated or waiting."""
    u = around()
    first = Growth().propose(state_of(u, height_of(u)), 10)[0]
    again = Growth().propose(state_of(u, height_of(u), pending=first), 10)[0]
    apart = cdist(again, first).min()
    assert len(first) == len(again) == 10
    assert cdist(first, u).min() > 0 and cdist(first, first)[np.triu_indices(10, 1)].min() > 0
    assert apart > 1e-5
    same = Growth()._around(state_of(u, height_of(u)), u[height_of(u) < 0], first, 10)
    assert len(same) == 10 and cdist(same, first).min() > 1e-5     # of the same batch


def test_only_what_may_be_evaluated():
    """Points are in the box, pass the pre-cut, and no model of failures speaks against them."""
    def works(u, good):
        return good & (u[:, 2] < 0.5)
    u = around()
    new = Growth(lambda u: u[:, 3] < 0.6).propose(state_of(u, height_of(u), possible=works), 20)[0]
    assert len(new) == 20
    assert (new[:, 3] < 0.6).all() and (new[:, 2] < 0.5).all()
    assert ((new >= 0) & (new <= 1)).all()
    moved = u + np.array([0.0, 0.0, 0.0, 0.395])
    height, inside = height_of(u), moved[:, 3] < 1
    wall = Growth().propose(state_of(moved[inside], height[inside]), 20)[0]
    assert len(wall) == 20 and wall.max() < 1
    refused = state_of(u, height, possible=lambda u, good: good & False)
    assert Growth().propose(refused, 20)[0].shape == (0, 4)


def several(n_good, n_bad=60):
    """Parts far apart with so many good points each, and bad ones around them: points, heights and
    labels."""
    rng, parts = np.random.default_rng(0), []
    for k, n in enumerate(n_good):
        u = np.concatenate([CENTRE[None], scattered(rng, CENTRE[None], 400)])
        rows = np.concatenate([np.flatnonzero(height_of(u) < 0)[:n],
                               np.flatnonzero(height_of(u) >= 0)[:n_bad]])
        shift = [0.0, 0.0, 0.0, 0.25 * (k - 1)]
        parts.append(np.column_stack([u[rows] + shift, height_of(u[rows]), np.full(len(rows), k)]))
    *u, height, label = np.concatenate(parts).T
    return np.transpose(u), height, label.astype(int)


def test_the_youngest_parts_come_first():
    """Parts whose surface is known get nothing, nor do prospects; of others the one with the
    fewest good points is the first."""
    u, height, label = several([9, 3, 6, 12])
    found = young(state_of(u, height, label, [True, True, False, True]))
    assert [len(part) for part in found] == [3, 9, 12]
    height[label == 0] = np.maximum(height[label == 0], 1.0)
    assert [len(part) for part in young(state_of(u, height, label, [True] * 4))] == [3, 6, 12]


def test_a_few_points_alone_are_young():
    """One point far from all others, which has no cluster of its own, is young; one of a crowd
    that the model takes for a part is not."""
    u, height, _ = several([40])
    u, height = np.concatenate([u, [[0.9, 0.9, 0.9, 0.9]]]), np.append(height, -0.1)
    part = np.zeros(41, int)
    part[[5, 40]] = 1, 2
    found, = young(state_of(u, height, unsure=[False], part=part))
    assert found.tolist() == [[0.9] * 4]
    new = Growth().propose(state_of(u, height, unsure=[False], part=part), 10)[0]
    assert len(new) == 10 and cdist(new, found).max() < 0.5


def test_a_part_with_far_fewer_points_than_others_is_young():
    """Fewer than half of what a part has on average, whatever the model did there, and once also
    where it fails; none where there is one part only, or of hardly any points beside others."""
    for sizes, unsure, expected in (
            ([5, 40], [False, False], [5]), ([5, 40], [True, False], [5]),
            ([5, 40], [False, True], [5, 40]), ([15, 40], [False, False], []),
            ([5, 6, 40], [False] * 3, [5, 6])):
        u, height, label = several(sizes)
        state = state_of(u, height, label, unsure)
        found = young(state)
        assert [len(part) for part in found] == expected
        for part in found:
            assert len(np.unique(part, axis=0)) == len(part)
    state.n_components = 1
    assert young(state) == []
    u, height, _ = several([40])
    for n in (3, 4):
        part = (np.arange(40) < n).astype(int)  # beside the others: the model sees a ridge
        assert len(young(state_of(u, height, unsure=[False], part=part))) == (n == 4)


def test_a_part_that_becomes_larger_is_young():
    """One whose spread grew in some parameter in the latest iterations, however many points it has;
    not one that was filled, nor one of which hardly any was known before."""
    good = CENTRE + 0.01 * np.random.default_rng(0).standard_normal((20, 4))
    before, part = np.arange(40) < 20, np.zeros(40, int)
    for far, expected in ((0.0, []), (0.003, []), (0.03, [0])):
        wider = np.concatenate([good, good + np.array([0, 0, 0, far])])
        assert _growing(wider, part, before) == expected
        u = np.concatenate([wider, around()])
        state = state_of(u, np.where(np.arange(len(u)) < 40, -0.1, 1.0), unsure=[False], part=part,
                         iteration=np.where(np.arange(len(u)) < 20, 1, 1 + slots.LATEST))
        assert [len(found) for found in young(state)] == [40] * len(expected)
    assert _growing(wider, part, np.arange(40) < 3) == []
    assert _growing(wider, np.where(before, 0, 1), before) == []


def test_steps_become_longer_while_nearly_all_are_good():
    """Twice as long after each iteration with more than seven good ones of ten, up to sixteen
    times, half as long after one with fewer than four; those of iterations with hardly any points
    count together, those of other kinds do not."""
    def reach(good, tried=10, origin="growth"):
        inside = np.concatenate([np.arange(tried) < n for n in good])
        return _reach(SimpleNamespace(
            origin=np.full(len(inside), origin, object), inside=inside,
            iteration=np.repeat(np.arange(len(good)), tried)))
    assert [reach([8] * n) for n in (1, 2, 4, 9)] == [2, 4, LONGEST, LONGEST]
    assert reach([8, 8, 8, 3]) == 4 and reach([3, 3, 8]) == 2
    assert reach([7, 4]) == reach([4], 4) == reach([8] * 3, origin="walk") == 1
    assert reach([4] * 4, 4) == 4 and reach([8, 8, 0, 0], 8) == 1
    assert reach([2] * 8, 2) == 4 and reach([2, 2, 2, 0, 0, 0], 2) == 1


def test_a_young_part_gets_fewer_slots_as_it_fills():
    """All slots of its record if it is alone or far smaller than others, half of them with as many
    points as the other part has; none without a young part or a trained model."""
    def wanted(sizes, unsure, **kinds):
        u, height, label = several(sizes)
        state = state_of(u, height, label, unsure, **kinds)
        state.good = u[height < 0]
        origin = np.array(["growth"] * 40 + ["walk"] * (len(u) - 40))
        state.points = SimpleNamespace(u=u, origin=origin, inside=np.ones(len(u), bool),
                                       iteration=np.full(len(u), 7))
        return Growth().wanted(state, 200)
    alone = wanted([40], [True])
    assert alone > 70
    assert wanted([40, 40], [True, False]) == alone // 2
    assert wanted([1, 40], [True, False]) == round(alone / (1 + 1 / 40))
    assert wanted([40], [False]) == wanted([40], [True], blind=True) == 0


@pytest.mark.slow
def test_points_of_one_batch_are_around_several(monkeypatch):
    """Thirty points are around three good ones of the youngest parts in turn."""
    u, height, label = several([4, 5, 40], 300)     # no process knows two parts
    state, bases = state_of(u, height, label, [True, True, False]), []
    monkeypatch.setattr(growth, "around", lambda u, height, base, *rest: (
        bases.append(base), around_of(u, height, base, *rest))[1])
    new = Growth().propose(state, 30)[0]
    assert len(new) == 30 and [label[(u == base).all(axis=1)].item() for base in bases] == [0, 1, 0]
    centres = np.array([u[(label == k) & (height < 0)].mean(axis=0) for k in range(2)])
    assert np.bincount(cdist(new, centres).argmin(axis=1)).tolist() == [20, 10]


@pytest.mark.parametrize("share", [0.15, 0.0])
def test_a_batch_has_points_around_a_single_one_far_from_the_others(share):
    """In a scan that knows a wide part and one point of a thin one; none without
    `Share_prospects`."""
    def chi2(u):
        return np.minimum(np.exp(height_of(u)), ((u - 0.8) ** 2).sum(axis=1) / 0.01)
    one, rng, points = proposer(dim=4, Share_prospects=share), np.random.default_rng(0), Points(4)
    u = np.concatenate([one.first(rng).u, 0.8 + 0.03 * rng.standard_normal((150, 4)),
                        around()[height_of(around()) > 0], CENTRE[None]])
    evaluate(points, Batch(u, ["design"] * len(u), np.full(len(u), np.nan)), chi2)
    batch = one.propose(points, rng)
    grown = batch.u[np.array(batch.origin) == "growth"]
    assert len(grown) == (8 if share else 0)
    assert (cdist(grown, [CENTRE, [0.8] * 4]).argmin(axis=1) == 0).all()


def test_it_grows_around_points_that_are_alone(monkeypatch):
    """Of twenty good points in one place and one aside most turns go to that one; where all are in
    one place, to any."""
    u = np.concatenate([CENTRE + 1e-3 * np.random.default_rng(0).standard_normal((20, 4)),
                        CENTRE[None] + 0.1])
    drawn = _lonely(u)
    assert drawn.sum() == pytest.approx(1) and drawn[-1] > 0.9
    assert _lonely(np.repeat(u[:1], 8, axis=0)) is None and _lonely(u[:1]) is None
    bases = []
    monkeypatch.setattr(growth, "around", lambda u, height, base, *rest: (
        bases.append(base), around_of(u, height, base, *rest))[1])
    u = np.concatenate([u, scattered(np.random.default_rng(1), u, 400)])
    state = state_of(u, np.where(np.arange(len(u)) < 21, -0.1, 1.0))
    Growth().propose(state, 40)
    assert len(bases) == 4 and sum((base == u[20]).all() for base in bases) >= 3


def test_it_learns_from_more_points_as_a_part_grows(monkeypatch):
    """Two hundred points, eight for each good one of the part, a thousand at most; the lengths are
    those of two hundred."""
    sizes, rng = [], np.random.default_rng(0)
    monkeypatch.setattr(surroundings, "process_of", lambda z, y, rng, fit_on, longest: (
        sizes.append((len(z), fit_on)), process_of(z, y, rng, fit_on, longest))[1])
    u = CENTRE + 0.05 * rng.standard_normal((1300, 4))
    for good in 1, 40, 200:
        Growth().propose(state_of(u, np.where(np.arange(len(u)) < good, -0.1, 1.0)), 1)
    assert sizes == [(200, 200), (320, 200), (1000, 200)]


def test_nothing_where_nothing_is_known():
    """Without slots, young parts, a trained model or more points than parameters."""
    u = around()
    for state, n in ((state_of(u, height_of(u)), 0),
                     (state_of(u, height_of(u), unsure=[False]), 10),
                     (state_of(u, height_of(u) + 9), 10),
                     (state_of(u, height_of(u), blind=True), 10),
                     (state_of(u[:4], height_of(u[:4])), 10),
                     (state_of(u, np.where(np.arange(len(u)) < 3, height_of(u), np.inf)), 10)):
        assert Growth().propose(state, n)[0].shape == (0, 4)


def test_one_parameter_and_points_in_one_place():
    """One parameter, and good points that are all the same, are no error."""
    u = np.linspace(0, 1, 60)[:, None]
    height = np.abs(u[:, 0] - 0.4) - 0.02
    assert Growth().propose(state_of(u, height), 5)[0].shape == (5, 1)
    same = np.concatenate([np.repeat(CENTRE[None], 40, axis=0), around(30)])
    new = Growth().propose(state_of(same, height_of(same)), 5)[0]
    assert len(new) == 5 and cdist(new, same).min() > 0
