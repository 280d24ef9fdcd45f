"""Searches beside the model: of the whole box, and of slices in which nothing good is known."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.acquisition.cells import Cells
from mlscanner.acquisition.searched import LONG, NEAR, SHORT, WIDEST, Searched
from mlscanner.acquisition.searches import LARGE, LASTING, NARROWEST, Searches
from mlscanner.acquisition.slices import NODES, bounds, empty, halves, level
from mlscanner.acquisition.state import Pending
from mlscanner.acquisition.trust_region import along_valley, next_points
from mlscanner.space.parameters import Box, Parameter
from mlscanner.store.points import Points

EDGE = 1.0


def box_of(dim, kind="linear", high=1.0, precuts=()):
    return Box([Parameter(f"x{i}", 0.0, high, kind) for i in range(dim)], precuts)


def two_valleys(u):
    """chi2 of a wide part, and of a small one at the other end of the first parameter."""
    wide = ((u - [0.75, 0.5, 0.5, 0.5]) ** 2 / 0.04).sum(axis=1)
    small = ((u - [0.15, 0.3, 0.6, 0.4]) ** 2 / 0.01).sum(axis=1)
    return np.minimum(wide, small)


def one_valley(u):
    """chi2 of one part."""
    return ((u - 0.6) ** 2 / 0.02).sum(axis=1)


def evaluated(function, u, points=None, origin="design"):
    """These points, evaluated after those of `points`."""
    points = Points(u.shape[1]) if points is None else points
    value = function(u)
    iteration = points.iteration.max() + 1 if len(points) else 0
    points.append(id=len(points) + np.arange(len(u)), iteration=np.full(len(u), iteration),
                  origin=[origin] * len(u), u=u, x=u, value=value, inside=value < EDGE,
                  status=np.where(np.isnan(value), "failed", "ok").astype(object))
    return points


def height(points):
    """How far from the target, as a logarithm; inf for what failed."""
    return np.where(points.ok, np.log((points.value + 0.3) / (EDGE + 0.3)), np.inf)


def square(points):
    """What is like a chi2: 1 at the edge."""
    return np.exp(height(points))


def asked(searches, points, rng, size=200, waiting=(), allowed=lambda u: 1.0):
    """What the searches ask for, while points wait."""
    waiting = np.reshape(waiting, (-1, points.u.shape[1]))
    state = SimpleNamespace(points=points, height=height(points), square=square(points), rng=rng,
                            rater=SimpleNamespace(allowed=allowed),
                            pending=Pending(waiting, len(points) + len(waiting)),
                            proposed=np.concatenate([points.u, waiting]))
    return searches.propose(state, size)[0]


def goes_on(function, searches, points, rng, batches, size=200):
    """Batches of searches alone; stops where they ask for nothing."""
    for _ in range(batches):
        u = asked(searches, points, rng, size)
        if not len(u):
            break
        evaluated(function, u, points, "search")
    return points


def known_part(rng, function, dim=4):
    """A first design, and many points of the wide part."""
    points = evaluated(function, rng.random((80, dim)))
    u = rng.random((200_000, dim))
    u = u[(function(u) < EDGE) & (u[:, 0] > 0.4)][:150]
    return evaluated(function, u, points, "walk")


@pytest.mark.slow
def test_a_target_that_draws_do_not_hit_is_found():
    """A millionth of a box of eight parameters, in a few hundred points."""
    def tiny(u):
        return ((u - 0.3) ** 2 / 0.01).sum(axis=1) + 30 * (u[:, 0] - u[:, 1]) ** 2
    rng = np.random.default_rng(0)
    points = evaluated(tiny, rng.random((160, 8)))
    searches = Searches(box_of(8), 0.15)
    goes_on(tiny, searches, points, rng, 14, size=50)
    assert not points.inside[:160].any()
    assert points.inside.any() and len(points) < 600


@pytest.mark.slow
def test_a_part_far_from_the_known_one_is_found():
    """Nothing slopes from the wide part to the small one; slices without good points have both."""
    rng = np.random.default_rng(0)
    points = known_part(rng, two_valleys)
    assert not (points.u[points.inside, 0] < 0.4).any()
    goes_on(two_valleys, Searches(box_of(4), 0.15), points, rng, 40)
    assert (points.u[points.inside, 0] < 0.3).any()
    assert len(np.unique(points.u, axis=0)) == len(points)


@pytest.mark.slow
def test_slopes_of_what_is_known_are_left():
    """With one part only all slices are settled soon, and the searches cost nothing more."""
    rng = np.random.default_rng(0)
    points = known_part(rng, one_valley)
    start, searches = len(points), Searches(box_of(4), 0.15)
    goes_on(one_valley, searches, points, rng, 100)
    assert not len(asked(searches, points, rng))
    assert 0 < len(points) - start < 400


def test_it_searches_where_nothing_good_is_known():
    """Every point of a slice lies in one that held no good point when it was asked for."""
    rng = np.random.default_rng(3)
    points = known_part(rng, two_valleys)
    searches = Searches(box_of(4), 0.15)
    u = asked(searches, points, rng)
    good = points.u[points.inside]
    for key, first, n in searches.visits.tolist():
        j, low, high = bounds(key)
        part = u[first - len(points):first - len(points) + n, j]
        assert ((part >= low) & (part <= high)).all()
        assert not ((good[:, j] > low) & (good[:, j] < high)).any()


def test_a_slice_is_as_wide_as_nothing_good_is_in_it():
    """The widest parts of each range without a point; each has a number of its own."""
    u = np.array([[0.55, 0.1], [0.8, 0.9], [0.6, 0.45]])
    found = sorted(bounds(key) for key in empty(u, [3, 2]))
    assert found == [(0, 0.0, 0.5), (0, 0.625, 0.75), (0, 0.875, 1.0),
                     (1, 0.5, 0.75)]
    for key in empty(u, [3, 2]):
        (j, low, high), (one, two) = bounds(key), halves(key)
        assert bounds(one) == (j, low, (low + high) / 2) and bounds(two)[1:] == (
            (low + high) / 2, high)
        assert level(one) == level(key) + 1 and high - low == 2.0 ** -level(key)
        assert one // NODES == j


def test_a_search_of_a_slice_begins_at_good_points():
    """The first points of a slice in which none is known are good ones with one parameter drawn
    anew."""
    rng = np.random.default_rng(0)
    points = known_part(rng, two_valleys)
    known = points.u[points.u[:, 0] > 0.5]
    points = evaluated(two_valleys, known[two_valleys(known) > EDGE])
    evaluated(two_valleys, known[two_valleys(known) < EDGE], points, "walk")
    searches, empty_ones = Searches(box_of(4), 0.15), 0
    u, good = asked(searches, points, rng, 800), points.u[points.inside]
    for key, first, n in searches.visits.tolist():
        if key // NODES == 0 and bounds(key)[2] <= 0.5:
            mine = u[first - len(points):first - len(points) + n]
            assert n and all((good[:, 1:] == x[1:]).all(axis=1).any() for x in mine)
            empty_ones += 1
    assert empty_ones


def test_points_of_a_slice_have_coordinates_of_good_ones():
    """Of five points of a visit some have all other coordinates but one or two from a good point,
    others none. Where few slices are open a visit has up to 15."""
    rng = np.random.default_rng(0)
    points = known_part(rng, two_valleys)
    searches, shared = Searches(box_of(4), 0.15), []
    for _ in range(5):
        u, good = asked(searches, points, rng), points.u[points.inside]
        for key, first, n in searches.visits[searches.visits[:, 1] >= len(points)].tolist():
            others = np.delete(np.arange(4), key // NODES)
            mine = u[first - len(points):first - len(points) + n]
            shared += [[(good[:, k] == x[k]).any() for k in others] for x in mine]
        evaluated(two_valleys, u, points, "search")
    own = (~np.array(shared)).sum(axis=1)
    assert len(own) > 80 and set(own) == {0, 1, 2, 3}
    assert (own == 3).mean() < 0.5
    assert (searches.visits[:12, 2] == 5).all()
    assert 5 < searches.visits[12:, 2].max() <= 15


def test_half_of_the_candidates_of_a_slice_are_mixed_with_good_points():
    """Candidates keep two coordinates at most beside that of the slice, which is moved a little
    aside, and have the others of one good point; half of them keep all."""
    rng = np.random.default_rng(0)
    points = known_part(rng, two_valleys)
    state = SimpleNamespace(points=points, height=height(points), square=square(points),
                            proposed=points.u, rater=SimpleNamespace(allowed=lambda u: 1.0))
    known = Searched(state, np.empty((0, 3), int), [NARROWEST] * 4)
    part, u = known.free[0], rng.random((2000, 4))
    new, others = known.mixed(part, rng, u), np.arange(4) != part.parameter
    kept = (new == u)[:, others]
    assert set(kept.sum(axis=1)) == {0, 1, 2, 3}
    assert abs(kept.all(axis=1).mean() - 0.5) < 0.05
    taken = [(x[others] == known.good[:, others])[:, ~own].all(axis=1).any()
             for x, own in zip(new, kept, strict=True)]
    assert all(taken)
    moved = np.abs(new - u)[:, part.parameter]
    assert moved.min() > 0 and moved.max() < 1e-3


def test_where_moved_good_points_fail_others_are_drawn():
    """In a slice in which nothing worked the first visit moves good points there, the next ones
    draw others."""
    def failing(u):
        return np.where(u[:, 0] < 0.5, np.nan, one_valley(u))
    rng = np.random.default_rng(0)
    points, searches = known_part(rng, failing), Searches(box_of(4), 0.15)
    goes_on(failing, searches, points, rng, 3, size=800)
    moved: dict[int, list] = {}
    for key, first, n in searches.visits.tolist():
        if key // NODES == 0 and bounds(key)[2] <= 0.5:
            good = points.u[points.inside & (points.id < first)]
            mine = points.u[first:first + n]
            moved.setdefault(key, []).append(
                [(good[:, 1:] == x[1:]).all(axis=1).any() for x in mine])
    first, *later = max(moved.values(), key=len)
    assert all(first) and len(later)
    assert not any(any(visit) for visit in later)


def test_near_to_the_target_it_goes_along_valleys(monkeypatch):
    """Every second visit at most of slices with a valley that nearly comes to the target goes
    along it, and none of another slice."""
    def near_miss(u):
        small = ((u - [0.15, 0.3, 0.6, 0.4]) ** 2 / 0.01).sum(axis=1)
        return np.minimum(((u - [0.75, 0.5, 0.5, 0.5]) ** 2 / 0.04).sum(axis=1), 2 * EDGE + small)
    rng, near = np.random.default_rng(0), {along_valley: [], next_points: []}
    points = known_part(rng, near_miss)
    usual = np.median(height(points)[:80])

    def recorded(ask, u, heights, *rest):
        near[ask].append(heights.min() < NEAR * usual)
        if ask is along_valley:     # the curvature of the objective tells the way
            assert rest[-1] == pytest.approx(np.exp(heights))
        return ask(u, heights, *rest)
    for ask in near:
        monkeypatch.setattr(f"mlscanner.acquisition.searches.{ask.__name__}",
                            partial(recorded, ask))
    searches = Searches(box_of(4), 0.15)
    goes_on(near_miss, searches, points, rng, 25)
    assert near[along_valley] and all(near[along_valley])
    assert not all(near[next_points])
    _, visits = np.unique(searches.visits[:, 0], return_counts=True)
    assert len(near[along_valley]) <= ((visits - 1) // 2).sum()


def test_a_hollow_in_a_plateau_is_left():
    """A slice that is no slope and comes no nearer has so many points at most, then its halves, and
    when all are done the searches cost nothing more."""
    def plateau(u):     # as high everywhere, but for the known part and a shallow hollow
        known = ((u - [0.75, 0.5, 0.5, 0.5]) ** 2 / 0.04).sum(axis=1)
        return np.where(known < 2, known, 2 + 5 * ((u - [0.2, 0.3, 0.6, 0.4]) ** 2).sum(axis=1))
    rng = np.random.default_rng(0)
    points, searches = known_part(rng, plateau), Searches(box_of(4), 0.15)
    goes_on(plateau, searches, points, rng, 60)
    spent = spent_on(searches)
    assert LONG <= max(spent.values()) < LONG + LARGE
    assert max(level(key) for key in spent) == NARROWEST
    assert not len(asked(searches, points, rng))


@pytest.mark.parametrize(("best", "lowest", "gained", "node"), [
    (0.76, 2.9, 0.0, [15]),         # a slope: its far half
    (0.9, 2.9, 0.0, []),            # no lower than elsewhere
    (0.9, 2.9, 0.1, [7]),           # the same, but the last two visits came nearer
    (0.76, 0.9, 0.0, []),           # a slope that comes near to the target
    (0.9, 1.5, 0.0, [7])])          # lower than elsewhere
def test_when_a_slice_is_left_and_what_of_it_is_searched_then(best, lowest, gained, node):
    """After three visits of a quarter of the range."""
    rng = np.random.default_rng(0)
    u = rng.random((115, 2)) * [0.5, 1.0]
    u[80:100, 0] = 0.5 + 0.2 * rng.random(20)
    u[100:, 0] = 0.8 + 0.2 * rng.random(15)
    u[103, 0] = best
    value = np.concatenate([np.full(80, 3.0), np.full(20, -1.0), np.full(15, 3.0)])
    value[103], value[106] = lowest, lowest - gained
    u[106, 0] = best
    points = evaluated(lambda u: value[:100], u[:100])
    points = evaluated(lambda u: value[100:], u[100:], points, "search")
    points.inside[:] = value < 0
    state = SimpleNamespace(points=points, height=value, square=value, proposed=points.u,
                            rater=SimpleNamespace(allowed=lambda u: 1.0))
    visits = np.array([[7, first, 5] for first in (100, 105, 110)])
    known = Searched(state, visits, [NARROWEST] * 2)
    assert known.usual == 3.0
    assert [part.key for part in known.free if part.key in (7, 14, 15)] == node


def spent_on(searches):
    """Points spent on each slice."""
    return {int(key): searches.visits[searches.visits[:, 0] == key, 2].sum()
            for key in np.unique(searches.visits[:, 0])}


@pytest.mark.slow
def test_what_lies_far_behind_a_high_slope_is_found():
    """A needle that differs from the known ring in all parameters, at the end of slices that have
    nothing lower than usual."""
    def ring(u):
        radius = np.linalg.norm(u[:, :2] - 0.35, axis=1)
        far = ((radius - 0.25) / 0.01) ** 2 + (((u[:, 2:] - 0.4) / 0.05) ** 2).sum(axis=1)
        return np.minimum(far, (((u - 0.9) / 0.02) ** 2).sum(axis=1))
    rng = np.random.default_rng(0)
    points = known_part(rng, ring)
    assert (points.u[points.inside, 0] < 0.8).all()
    goes_on(ring, Searches(box_of(4), 0.15), points, rng, 20)
    assert (points.u[points.inside, 0] > 0.8).any()


@pytest.mark.slow
def test_behind_a_slope_it_looks_on():
    """Best at the wall towards what is known, a slice is left soon, and its far half searched."""
    def dip(u):     # a narrow one at 0.08, behind a wall that falls towards the wide part
        wide = ((u - [0.75, 0.5, 0.5, 0.5]) ** 2 / 0.02).sum(axis=1)
        narrow = ((u - [0.08, 0.5, 0.5, 0.5]) ** 2 / [0.0004, 0.02, 0.02, 0.02]).sum(axis=1)
        return np.minimum(wide, narrow)
    rng = np.random.default_rng(1)
    points = known_part(rng, dip)
    searches = Searches(box_of(4), 0.15)
    goes_on(dip, searches, points, rng, 40)
    assert (points.u[points.inside, 0] < 0.15).any()
    mine = searches.visits[searches.visits[:, 0] // NODES == 0, 0]
    depth = {level(int(key)) for key in mine if bounds(int(key))[2] <= 0.5}
    assert len(depth) > 1 and max(depth) <= NARROWEST and WIDEST < NARROWEST


def test_it_goes_on_exactly_after_a_restart():
    """What `arrays` gives is all that it remembers."""
    rng = np.random.default_rng(5)
    points = known_part(rng, two_valleys)
    first, second = Searches(box_of(4), 0.15), Searches(box_of(4), 0.15)
    goes_on(two_valleys, first, points, rng, 3)
    second.restore(first.arrays())
    one, two = (asked(s, points, np.random.default_rng(9)) for s in (first, second))
    assert len(one) and np.array_equal(one, two)
    second.restore({"searches_visits": [[-1, 80, 25, 0], [3, 105, 10, 1]]})
    assert second.visits.tolist() == [[-1, 80, 25]]      # of an earlier version, other slices
    second.restore({})
    assert not len(second.visits)


def test_a_search_waits_for_its_points():
    """While the points of one are evaluated another one has its turn."""
    rng = np.random.default_rng(0)
    points = known_part(rng, two_valleys)
    searches = Searches(box_of(4), 0.15)
    u = asked(searches, points, rng)
    before = set(searches.visits[:, 0])
    asked(searches, points, rng, waiting=u)
    assert before.isdisjoint(searches.visits[len(before):, 0])


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_there_are_none_without_a_share_or_a_slope(share):
    """`Share_prospects = 0` means none; where all is alike there is nothing to go down."""
    rng = np.random.default_rng(0)
    points = known_part(rng, one_valley if not share else lambda u: np.where(
        ((u - 0.6) ** 2).sum(axis=1) < 0.05, 0.5, 7.0))
    assert not len(asked(Searches(box_of(4), share), points, rng))


def test_failed_points_do_not_mislead():
    """Half of the box fails: the search ends in the other half."""
    def failing(u):
        return np.where(u[:, 1] > 0.5, np.nan, one_valley(np.roll(u, 1)) + 9 * u[:, 1] ** 2 * 0)
    rng = np.random.default_rng(2)
    points = evaluated(failing, rng.random((80, 4)))
    goes_on(failing, Searches(box_of(4), 0.15), points, rng, 6, size=50)
    assert np.nanmin(points.value) < np.nanmin(points.value[:80])


def test_a_precut_holds():
    """No point is asked for that the user's pre-cut refuses."""
    rng = np.random.default_rng(0)
    box = box_of(4, precuts=("x0 + x1 > 0.8",))
    points = known_part(rng, two_valleys)
    searches = Searches(box, 0.15)
    u = np.concatenate([asked(searches, points, rng) for _ in range(6)])
    assert len(u) and (u[:, 0] + u[:, 1] > 0.8).all()


def test_a_slice_that_a_precut_refuses_is_left():
    """No point of it is known and none may be asked for: the other slices are searched."""
    rng = np.random.default_rng(0)
    box = box_of(4, precuts=("x0 > 0.5",))
    points = evaluated(one_valley, rng.random((80, 4)) * [0.5, 1, 1, 1] + [0.5, 0, 0, 0])
    u = rng.random((200_000, 4)) * [0.5, 1, 1, 1] + [0.5, 0, 0, 0]
    evaluated(one_valley, u[one_valley(u) < EDGE][:150], points, "walk")
    searches = Searches(box, 0.15)
    goes_on(one_valley, searches, points, rng, 10)
    refused = [n for key, _, n in searches.visits.tolist()
               if key // NODES == 0 and bounds(key)[2] <= 0.5]
    assert refused and not any(refused)
    assert (points.origin == "search").sum() > 50


def test_whole_numbers_are_asked_for_once():
    """Points are middles of cells, none of them known, none twice."""
    rng = np.random.default_rng(0)
    box = box_of(3, "int", 8.0)
    u = box.snapped(rng.random((60, 3)))
    points = evaluated(lambda u: 100 * ((u - 0.2) ** 2).sum(axis=1) + 2, u)
    cells = Cells(box)
    new = asked(Searches(box, 0.15, cells), points, rng, 50)
    assert len(new) and np.allclose(box.snapped(new), new)
    assert len(cells.new(new, points.u)) == len(new)


@pytest.mark.slow
def test_where_everything_fails_it_gives_up():
    """A slice in which nothing works is left after three visits, and not asked for at all where the
    failures are known."""
    def failing(u):
        return np.where(u[:, 0] < 0.5, np.nan, one_valley(u))
    rng = np.random.default_rng(0)
    points, searches = known_part(rng, failing), Searches(box_of(4), 0.15)
    goes_on(failing, searches, points, rng, 40)
    mine = [int(key) for key in searches.visits[:, 0] if key // NODES == 0]
    failed = [key for key in mine if bounds(key)[2] <= 0.5]
    assert failed and max(failed.count(key) for key in failed) <= SHORT
    assert max(level(key) for key in failed) <= WIDEST
    searches = Searches(box_of(4), 0.15)        # the others have ended
    u = asked(searches, points, rng, allowed=lambda u: (u[:, 0] > 0.5).astype(float))
    assert len(u) and (u[:, 0] > 0.5).mean() > 0.6


def test_searches_in_vain_become_fewer():
    """Their share is a half after 140 visits of slices that found nothing, and a tenth after
    three times as many; a visit that found a good point pays for twenty of them. A visit of more
    points counts as several."""
    rng = np.random.default_rng(0)
    points, searches = known_part(rng, two_valleys), Searches(box_of(4), 0.15)
    size, (many, half, tenth, paid) = 2000, (300, 150, 30, 173)

    def after(n):
        searches.visits = np.array([[31, len(points) + 5 * (k - n), 5] for k in range(n)]
                                   ).reshape(-1, 3)
        return searches.wanted(SimpleNamespace(points=points), size)
    assert [after(0), after(LASTING), after(3 * LASTING)] == [many, half, tenth]
    found = evaluated(lambda u: u[:, 0] * 0, rng.random((1, 4)), points, "search")
    assert found.inside[-1] and after(LASTING + 1) == paid
    searches.visits = np.array([[31, 15 * k, 15] for k in range(23)])   # as 69 visits of five
    points = points.take(points.origin != "search")
    fewer = round(many / (1 + (69 / 140) ** 2))
    assert searches.wanted(SimpleNamespace(points=points), size) == fewer


@pytest.mark.parametrize("origin", ["walk", "local", "search", "descent"])
def test_where_the_model_leads_to_nothing_there_are_more_searches(origin):
    """As long as hardly anything is found half of a batch are searches, and four fifths where the
    model led to nothing nearer to the target in ten iterations and nothing is good; what searches
    and descents found is not its merit."""
    rng, searches = np.random.default_rng(0), Searches(box_of(4), 0.15)
    points = evaluated(lambda u: 2 + u[:, 0], rng.random((20, 4)))

    def wanted():
        return searches.wanted(SimpleNamespace(points=points, height=height(points)), 50)
    for _ in range(10):
        assert wanted() == 25
        evaluated(lambda u: 2 + u[:, 0], np.full((1, 4), 0.9), points)
    assert wanted() == 40
    evaluated(lambda u: u[:, 0] + 1.5, np.full((1, 4), 0.01), points, origin)   # nearer
    again = 25 if origin in ("walk", "local") else 40
    assert wanted() == again
    evaluated(lambda u: u[:, 0] + 1.504, np.full((1, 4), 0.01), points, "walk")     # no more
    for _ in range(8):
        evaluated(lambda u: 2 + u[:, 0], np.full((1, 4), 0.9), points)
    assert wanted() == again
    evaluated(lambda u: 2 + u[:, 0], np.full((1, 4), 0.9), points)
    assert wanted() == 40
    evaluated(lambda u: u[:, 0], np.full((1, 4), 0.01), points)     # good
    assert points.inside[-1]
    for _ in range(12):
        evaluated(lambda u: 2 + u[:, 0], np.full((1, 4), 0.9), points)
    assert wanted() == 25


def test_searches_of_the_box_share_a_small_batch():
    """Of fifty places of a batch 25 are for searches, and two of these get about as many each, or
    three where they have four fifths; of two hundred four get 25, and of ten one has all."""
    rng, searches = np.random.default_rng(0), Searches(box_of(4), 0.15)
    points = evaluated(lambda u: 2 + u[:, 0], rng.random((40, 4)))
    u = asked(searches, points, rng, 50)
    assert searches.visits[:, [0, 2]].tolist() == [[-1, 13], [-2, 12]]
    assert len(u) == 25 and searches.visits[:, 1].tolist() == [40, 53]
    for size, visits in ((200, [25] * 4), (80, [14, 13, 13]), (10, [5])):
        searches = Searches(box_of(4), 0.15)
        asked(searches, points, rng, size)
        assert searches.visits[:, 2].tolist() == visits


def test_a_search_of_the_box_goes_along_valleys(monkeypatch):
    """Every second visit after the second one, where there are three points a parameter."""
    rng, asks = np.random.default_rng(0), []

    def recorded(ask, *rest):
        asks.append(ask)
        return ask(*rest)
    for ask in (along_valley, next_points):
        monkeypatch.setattr(f"mlscanner.acquisition.searches.{ask.__name__}",
                            partial(recorded, ask))

    def far(u):
        return 50 + 100 * ((u - 0.6) ** 2).sum(axis=1)
    points, searches = evaluated(far, rng.random((40, 4))), Searches(box_of(4), 0.15)
    goes_on(far, searches, points, rng, 7, size=30)
    assert asks == [next_points, next_points, along_valley] + [next_points, along_valley] * 2
