"""The proposer, with every kind of model."""


import numpy as np
import pytest

from mlscanner.acquisition import generators
from mlscanner.acquisition.choice import BOUNDARY, Picker
from mlscanner.acquisition.proposer import Batch
from mlscanner.acquisition.slots import BEGIN
from mlscanner.acquisition.state import Pending
from mlscanner.acquisition.training_rows import training_rows
from mlscanner.likelihood.observables import Target
from mlscanner.space.parameters import make_parameter
from mlscanner.store.points import Points
from proposed import CHI2, bowl, evaluate, proposer


def scan(one, value, rounds, dim=2, seed=0, target=CHI2):
    rng, points = np.random.default_rng(seed), Points(dim)
    evaluate(points, one.first(rng), value, target)
    for _ in range(rounds):
        evaluate(points, one.propose(points, rng), value, target)
    return points


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC", "SVR_RBF"])
def test_finds_the_target(model):
    """Ten times more good points than random ones would be, from none or few at the start."""
    points = scan(proposer(model), bowl, 5)
    assert points.inside[40:].mean() > 10 * np.pi * 0.05 ** 2


@pytest.mark.slow
def test_needle_without_any_first_good_point():
    """A target of 3e-5 of the box, none in the design: walks and scattered points go down to it."""
    points = scan(proposer(dim=3, Size_initial_batch=60),
                  lambda u: (((u - 0.3) / 0.02) ** 2).sum(axis=1), 12, dim=3)
    assert not points.inside[:60].any()
    assert points.inside.sum() >= 5


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
@pytest.mark.parametrize("value", [
    lambda u: np.ones(len(u)),
    lambda u: np.full(len(u), np.nan),
    lambda u: np.where(u[:, 0] < 0.1, 0.0, 1.0) * 2,
    lambda u: np.zeros(len(u)),
    lambda u: np.where(u[:, 1] > 0.9, 1e300, bowl(u))],
    ids=["plateau", "all fail", "step", "all good", "outliers"])
def test_never_stuck(model, value):
    """Whatever the values, a full batch of points in the box is proposed."""
    rng, points, one = np.random.default_rng(0), Points(2), proposer(model)
    evaluate(points, one.first(rng), value)
    for _ in range(2):
        batch = one.propose(points, rng)
        assert batch.u.shape == (40, 2)
        assert np.all((batch.u >= 0) & (batch.u <= 1))
        assert len(batch.origin) == len(batch.predicted) == 40
        evaluate(points, batch, value)


@pytest.mark.slow
def test_two_components_are_found_and_kept():
    """Both components of a chi2 with two equal minima hold points of the last batches."""
    points = scan(proposer(), lambda u: np.minimum(bowl(u), bowl(u - 0.4)), 8)
    late = points.u[points.inside & (points.iteration > 4)]
    assert (late[:, 0] < 0.5).sum() > 5
    assert (late[:, 0] > 0.5).sum() > 5


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_sheets_beside_each_other_are_both_filled(model):
    """Of two thin sheets, nearer to each other than their points, the one found late is filled."""
    def value(u):
        return np.minimum(np.abs(u[:, 1] - 0.45), np.abs(u[:, 1] - 0.55)) / 0.01
    one, rng, points = proposer(model), np.random.default_rng(0), Points(2)
    first = one.first(rng)
    first.u = first.u[value(first.u) > 1]
    late, early = np.array([[0.31, 0.55], [0.33, 0.555]]), rng.random((40, 2))
    early[:, 1] = 0.45 + 0.015 * (early[:, 1] - 0.5)
    first.u = np.concatenate([first.u, early, late])
    first.origin = ["design"] * len(first.u)
    evaluate(points, first, value)
    for _ in range(4):
        evaluate(points, one.propose(points, rng), value)
    good = points.u[points.inside & (points.iteration > 0)]
    assert (good[:, 1] > 0.5).mean() > 0.2
    assert np.ptp(good[good[:, 1] > 0.5, 0]) > 0.6


@pytest.mark.slow
def test_the_scale_follows_a_deep_target():
    """Once the bottom is known the model starts anew on its scale, which a resume goes on with."""
    one = proposer(target=Target(-np.inf, 64.0))
    points = scan(one, lambda u: 58 + bowl(u), 5, target=Target(-np.inf, 64.0))
    assert 58 <= one.floor < 59
    assert one.scale.floor == one.floor
    assert one.floor >= points.value.min()
    other = proposer(target=Target(-np.inf, 64.0))
    other.restore(one.arrays())
    assert other.floor == one.floor


@pytest.mark.slow
def test_failures_teach():
    """Where evaluating fails, fewer points are proposed than random sampling would."""
    one = proposer(Walkers=300, Walk_steps=30, Size_batch_L=5000)
    points = scan(one, lambda u: np.where(u[:, 1] > 0.3, np.nan, bowl(u)), 5)
    late = points.u[(points.iteration > 2) & (points.origin != "random")]
    assert (late[:, 1] > 0.3).mean() < 0.35


@pytest.mark.slow
def test_precut():
    """Points that the cut refuses are never proposed."""
    assert np.all(scan(proposer(precuts=["x0 > 0.28"]), bowl, 3).u[:, 0] > 0.28)


def test_same_seed_same_points_and_exact_resume():
    """A proposer that is restored proposes the same points as one that went on."""
    first, rng = proposer(), np.random.default_rng(3)
    points = Points(2)
    evaluate(points, first.first(rng), bowl)
    for _ in range(2):
        evaluate(points, first.propose(points, rng), bowl)
    state, arrays = rng.bit_generator.state, first.arrays()
    assert all(isinstance(a, np.ndarray) and a.dtype != object for a in arrays.values())
    second = proposer()
    second.restore(arrays)
    again = np.random.default_rng()
    again.bit_generator.state = state
    assert np.array_equal(first.propose(points, rng).u, second.propose(points, again).u)


def test_training_is_bounded():
    """Beyond `Training_points` the nearest to the edge and a draw of others are used."""
    distance = np.r_[np.linspace(-1, 9, 50), np.inf]
    rows = training_rows(distance, np.isfinite(distance), 20, np.random.default_rng(0))
    assert len(set(rows)) == 20
    assert set(np.argsort(np.abs(distance))[:10]) <= set(rows)
    assert np.isfinite(distance[rows]).all()
    one, rng, points, seen = proposer(Training_points=50), np.random.default_rng(0), Points(2), []
    fit = one.model.fit
    one.model.fit = lambda x, *a, **k: (seen.append(len(x)), fit(x, *a, **k))
    evaluate(points, one.first(rng), bowl)
    for _ in range(3):
        evaluate(points, one.propose(points, rng), bowl)
    assert seen == [40, 50, 50]


@pytest.mark.parametrize(("period", "expected"), [(None, [1]), (1, [1, 2, 3]), (2, [2])])
def test_full_train_period(period, expected):
    """The model starts anew in the iterations that the user asks for, or when points have grown."""
    one = proposer(Full_train_period=period, Size_batch_K=4, Size_batch_search=4)
    seen, fit = [], one.model.fit
    one.model.fit = lambda x, y, seed, fresh, *rest: (seen.append(fresh),
                                                      fit(x, y, seed, fresh, *rest))[1]
    scan(one, bowl, 3)
    assert {1 + i for i, fresh in enumerate(seen) if fresh} >= set(expected)
    assert seen.count(True) == len(set(expected) | {1})


def test_points_on_their_way_are_kept_away_from():
    """A batch is as large as asked for, far from what is out, and its ids come after it."""
    one, rng, points = proposer(Frac_random_points=0.0), np.random.default_rng(0), Points(2)
    evaluate(points, one.first(rng), bowl)
    free = proposer().propose(points, np.random.default_rng(1))
    out = Pending(free.u, next_id=1000, least=70)
    batch = one.propose(points, np.random.default_rng(1), out)
    assert len(batch) == 70
    gap = np.sqrt(((batch.u[:, None] - free.u[None]) ** 2).sum(-1)).min(axis=1)
    assert np.median(gap) > 0.01    # the same draws again, and none of them is chosen again
    assert list(one.memory.rows[:, 0]) == list(range(1000, 1070))


@pytest.mark.slow
def test_values_at_the_very_edge_of_a_band():
    """A rounding may put a value that is the edge itself inside for the target and outside for its
    distance: it is no reason to lose the scan."""
    target = Target(0.28 - 0.26, 0.28 + 0.26)
    edge = np.nextafter(target.low, 1.0)

    def steps(u):
        return np.where(np.abs(u[:, 0] - 0.5) < 0.2, 3.0, np.where(u[:, 1] < 0.2, edge, 0.28))

    one, rng, points = proposer(target=target, Size_initial_batch=400), np.random.default_rng(0), \
        Points(2)
    evaluate(points, one.first(rng), steps, target)
    batch = one.propose(points, rng)
    assert (points.value[points.inside] == edge).any()
    assert not (one.scale.distance(np.array([edge])) < 0).any()
    assert len(batch) == 40


def tubes(u):
    """Two parallel tubes, nearer to each other than prospects are to what is known."""
    far = [(u[:, 0] - c) ** 2 + (u[:, 1] - 0.5) ** 2 for c in (0.30, 0.45)]
    return np.min(far, axis=0) / 0.02 ** 2


@pytest.mark.slow
def test_a_part_hidden_beside_a_known_one_is_found():
    """600 points of a tube are known and 60 bad ones near another: three batches later that one is
    known, too (over four seeds 18 to 42 points; 8 to 11 without the search behind ridges)."""
    rng, points, one = np.random.default_rng(3), Points(4), proposer(dim=4, Size_batch_K=80)

    def box(low, high, n):
        return np.column_stack([*rng.uniform(low, high, (n, 2)).T, *rng.random((2, n))])

    first, later = rng.random((100, 4)) * [0.3, 1, 1, 1], np.concatenate([
        box([0.29, 0.49], [0.31, 0.51], 600), box([0.25, 0.4], [0.4, 0.6], 60),
        box([0.41, 0.45], [0.49, 0.55], 60)])
    for u in (first, later[(tubes(later) >= 1) | (later[:, 0] < 0.39)]):
        evaluate(points, Batch(u, ["design"] * len(u), np.full(len(u), np.nan)), tubes)
    for _ in range(3):
        evaluate(points, one.propose(points, rng), tubes)
    assert (points.inside & (points.u[:, 0] > 0.4)).sum() > 15


@pytest.mark.slow
@pytest.mark.parametrize(("share", "places"), [(None, 0), (0.0, 0), (0.2, 8)])
def test_a_share_of_the_batch_feels_for_the_edge(share, places, monkeypatch):
    """`Share_boundary` of the places, far from the points in the target alone; None: no place."""
    asked = []

    def pick_far(self, rows, n, known, cut):
        asked.append((n, known, cut))
    monkeypatch.setattr(Picker, "pick_far", pick_far)
    one = proposer(Share_boundary=share, Size_batch_search=40, Share_prospects=0.0)
    points = scan(one, bowl, 5)
    assert points.inside.sum() > 100     # it is no search any more
    one.propose(points, np.random.default_rng(1))
    n, known, cut = asked[-1]
    assert n == places and cut == BOUNDARY
    assert np.array_equal(known[:points.inside.sum()], points.u[points.inside])


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "SVR_RBF"])
def test_few_good_candidates_are_not_filled_up_with_hopeless_ones(model):
    """With few walkers and many places no batch goes to the far corners of the box."""
    drawn = []
    for seed in range(3):   # there are a dozen draws in each
        points = scan(proposer(model, Size_batch_search=40), bowl, 6, seed=seed)
        late = points.iteration > 3
        assert points.inside[late].mean() > 0.4
        drawn += [*points.inside[late & (points.origin == "prior")]]
    assert np.mean(drawn) > 0.5


def test_whole_numbers_are_filled_and_neighbours_are_among_them():
    """Of 6,561 combinations 89 are good: all are found, none twice, some as neighbours."""
    box = [make_parameter(f"x{k}", 0, 8, "integer") for k in range(4)]
    points = scan(proposer(dim=4, parameters=box),
                  lambda u: ((9 * u - 4.5) ** 2).sum(axis=1) / 4.5, 9, dim=4)
    assert len(np.unique(points.u, axis=0)) == len(points)
    assert points.inside.sum() >= 85 and (points.origin == "neighbour").sum() > 15


@pytest.mark.parametrize(("given", "prior", "power"), [
    (None, "integer", 2.0), (None, "linear", 1.0), (0.7, "integer", 0.7), (0.0, "linear", 0.0)])
def test_between_whole_numbers_probability_counts_more(given, prior, power):
    """Where a parameter is continuous it is 1, where the user says nothing else."""
    box = [make_parameter("n", 0, 8, "integer"), make_parameter("x", 0, 8, prior)]
    assert proposer(parameters=box, Probability_power=given).settings.Probability_power == power


def test_draws_from_the_prior_fill_no_batch_before_they_were_good():
    """Where nothing but draws are candidates they are few where a batch fills the target, of its
    clusters as of the rest, and then more as they are good."""
    one, rng, points = proposer(Walkers=0, Size_batch_K=120, Size_batch_search=120), \
        np.random.default_rng(0), Points(2)
    u = rng.random((900, 2))

    def wide(u):
        return bowl(u) / 25
    evaluate(points, Batch(u, ["walk"] * len(u), np.zeros(len(u))), wide)
    assert points.inside.sum() > 100
    drawn = []
    for _ in range(4):
        evaluate(points, one.propose(points, rng), wide)
        late = points.iteration == points.iteration.max()
        drawn.append(int((points.origin[late] == "prior").sum()))
    assert drawn[0] <= BEGIN and drawn[1] <= 1.5 * BEGIN < drawn[3], drawn
    assert drawn == sorted(drawn)


@pytest.mark.slow
def test_misclassified_points_have_no_more_slots_than_are_left(monkeypatch):
    """A batch is no larger than asked for, whatever share of it goes to kinds without the model."""
    monkeypatch.setattr(generators.Misclassified, "propose", lambda _, state, n: (
        0.3 + 0.01 * state.rng.standard_normal((500, 2)), None))
    one, rng, points = proposer(Share_misclassified=1.0, Frac_random_points=1.0), \
        np.random.default_rng(0), Points(2)
    evaluate(points, one.first(rng), bowl)
    seen = []
    for _ in range(6):
        batch = one.propose(points, rng)
        seen.append(len(batch))
        evaluate(points, batch, bowl)
    assert max(seen) <= 40
