"""How good candidates are called."""

import functools
import threading
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from mlscanner.acquisition.clusters import Clusters
from mlscanner.models.calibration import logit
from proposed import learned, past


def asked(model, weight):
    """The same with this weight of the model; points anywhere and near the target, clusters."""
    rater, _, rng = learned(model)
    rater = replace(rater, weight=weight, own=None)
    u = np.concatenate([rng.random((300, 2)), 0.3 + 0.1 * rng.standard_normal((300, 2))])
    return rater, u, rater.clusters.nearest(u)


@pytest.mark.slow
@pytest.mark.parametrize("weight", [0.0, 0.3, 0.75, 1.0])
def test_a_classifier_accepts_what_both_together_call_probable(weight):
    """Leaving out the surrogate where it changes nothing changes nothing."""
    rater, u, cluster = asked("RFC", weight)
    accepted = rater.accept(u, cluster)
    assert 0 < accepted.sum() < len(u)
    assert (accepted == (rater._predicted(u, cluster)[2] > 0.5)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("doubt", "weight"), [(0.1, 0.0), (20.0, 1.0)])
def test_an_error_where_nobody_was_sure_says_little(doubt, weight):
    """Model or surrogate: who errs where the spread was small, not who errs most."""
    rater, points, _ = learned("RFR")
    row = np.arange(len(points))
    true, few = rater.scale.forward(points.value), row % 5 == 0
    assert rater.surrogate is not None and np.abs(true).max() < 20
    first = np.where(few, true - np.sign(true), true)
    second = np.where(few, true, true - 0.2 * np.sign(true))
    rater = rater.weighed(past(rater, row, first, second, np.where(few, doubt, 0.1)), points)
    assert rater.weight == pytest.approx(weight, abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_optimism_accepts_more(model, weight):
    """With optimism a point may be worse by a part of the spread; nothing good is refused."""
    rater, u, cluster = asked(model, weight)
    none, some, much = (rater.accept(u, cluster, optimism) for optimism in (0.0, 0.5, 3.0))
    assert (none <= some).all() and (some <= much).all()
    # the surrogate's own spread is not asked for
    assert (much.sum() > none.sum()) == (weight > 0)


@pytest.mark.slow
def test_ridges_are_what_model_and_surrogate_say_together():
    """A regressor that is wrong raises no ridge where the surrogate is right."""
    rater, points, _ = learned("RFR")
    u = points.u[points.inside][:5]
    surrogate = SimpleNamespace(mean=lambda u: np.full(len(u), -9.0))
    rater = replace(rater, own=None)
    assert (replace(rater, weight=0.0, surrogate=surrogate).height(u) < -5).all()
    assert (replace(rater, weight=1.0, surrogate=surrogate).height(u) > -5).all()


def test_an_aim_lies_half_way_to_what_seems_within_reach():
    """Of a cluster that is searched; with nothing better in sight, or all failing, it stays."""
    rater, u, cluster = asked("RFR", 0.5)
    best = rater.reach(u).min()
    cluster[:] = 0
    one = rater.following(Clusters((rater.clusters[0],), rater.clusters.label * 0))
    far = one.following(one.clusters.with_goals([max(best, 0.0) + 2.0]))
    aimed = far.aimed(u, cluster)
    assert aimed.clusters.goals == pytest.approx(max(best, 0.0) + 1.0)
    assert far.clusters.goals == pytest.approx(max(best, 0.0) + 2.0)
    nothing = SimpleNamespace(predict=rater.model.predict, failures=SimpleNamespace(
        probability=lambda u: np.zeros(len(u))))
    assert replace(aimed, model=nothing).aimed(u, cluster).clusters.goals == aimed.clusters.goals
    assert one.following(one.clusters.with_goals([0.0])).aimed(u, cluster).clusters.goals == 0


@pytest.mark.slow
def test_a_classifier_has_no_goal_to_raise():
    """Its probability is one to be better than the level; nothing is predicted for a goal."""
    rater, u, cluster = asked("RFC", 0.5)
    assert rater.aimed(u, cluster) is rater


@pytest.mark.slow
def test_what_one_of_both_is_sure_of_counts():
    """Classifier and surrogate are weighed by their logits: one that is sure of bad is heard."""
    rater, points, rng = learned("RFC")
    row = np.arange(len(points))
    good = row % 2 == 0
    one = np.where(good | (rng.random(len(row)) < 0.3), 0.9, 0.1)       # right but for some,
    two = np.where(good | (rng.random(len(row)) < 0.5), 0.7, 0.001)     # where the other is sure
    rater = rater.weighed((row, one, two, row, np.zeros(len(row))), np.where(good, -1.0, 1.0))
    assert 0.2 < rater.weight < 0.8
    slope, offset = rater.calibration
    pooled = rater.weight * logit(one) + (1 - rater.weight) * logit(two)
    probability = expit(slope * pooled + offset)
    assert probability[good].min() > 0.6 > 0.1 > probability[two < 0.01].max()


@pytest.mark.slow
@pytest.mark.parametrize("n_nested", [5, 0])
def test_labels_tell_the_distance_from_the_edge(n_nested):
    """Between 0 and 1 near it, on the right side of a half, 0 for failures; hard without levels."""
    rater, points, _ = learned("RFC")
    distance = rater.scale.distance(points.value)
    distance[3] = np.inf
    good = distance < 0
    labels = rater._labels(points, distance, good, n_nested)
    assert ((labels > 0.5) == good).all() and labels[3] == 0
    assert (np.unique(labels).tolist() == [0, 1]) == (n_nested == 0)


def test_the_calibration_factor_of_the_spread_counts():
    """Three times the spread: probabilities nearer to a half, and more is accepted in optimism."""
    rater, u, cluster = asked("RFR", 0.5)
    sure, unsure = (replace(rater, stretch=stretch) for stretch in (0.5, 3.0))
    far = [np.abs(r.rate(u, cluster)[0] - 0.5) for r in (sure, unsure)]
    assert (far[1] <= far[0] + 1e-9).all() and (far[1] < far[0] - 0.05).sum() > 20
    assert unsure.accept(u, cluster, 1.0).sum() > sure.accept(u, cluster, 1.0).sum()


@pytest.mark.slow
def test_whether_evaluating_works_is_asked_where_it_matters():
    """Only points that are good otherwise, or not improbable beside the best, are asked about."""
    rater, _, _ = learned("RFR")
    asked = []

    def probability(u):
        asked.append(u)
        return np.where(u[:, 0] < 0.3, 1.0, 0.0)
    rater.model.failures = SimpleNamespace(probability=probability)
    u = np.random.default_rng(0).random((2000, 2))
    cluster = np.zeros(len(u), int)
    accepted = rater.accept(u, cluster)
    assert accepted.any() and (u[accepted, 0] < 0.3).all()
    assert len(asked[0]) < len(u) / 5
    chance = rater.rate(u, cluster)[0]
    assert len(asked[1]) < len(u) / 2 and chance.argmax() in np.flatnonzero(u[:, 0] < 0.3)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_familiar_is_what_a_local_process_knows(model):
    """Without local processes, or without a surrogate, all is."""
    rater, _, _ = learned(model)
    u = np.array([[0.3, 0.3], [0.9, 0.9]])
    pieces = SimpleNamespace(local=(None,), piece=lambda u: (u[:, 0] < 0.5).astype(int))
    assert replace(rater, surrogate=pieces).familiar(u).tolist() == [True, False]
    pieces.local = ()
    assert replace(rater, surrogate=pieces).familiar(u).all()
    assert replace(rater, surrogate=None).familiar(u).all()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_the_surrogate_knows_what_is_like_a_chi2(model):
    """It is told the scale's logarithm, whatever the model is."""
    rater, _, _ = learned(model)
    assert rater.surrogate.logarithm == rater.scale.logarithm is not None


@pytest.mark.slow
def test_model_and_surrogate_learn_at_the_same_time(monkeypatch):
    """With two cores, and neither leaves a filter of warnings behind; with one core in turn."""
    def threads(cores):
        rater, points, rng = learned("RFR")
        rater.model.config = replace(rater.model.config, N_Cores=cores)
        both, seen = threading.Barrier(cores, timeout=60), []
        entered, left = threading.Event(), threading.Event()

        def learn(of, fit, *args, **keywords):
            if of is rater.surrogate:
                assert entered.wait(60)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                entered.set()
                both.wait()
                seen.append(threading.current_thread())
                if of is rater.surrogate:   # it puts back what the model had
                    assert left.wait(60)
                result = fit(*args, **keywords)
            left.set()
            return result
        for part in (rater.model, rater.surrogate):
            monkeypatch.setattr(part, "fit", functools.partial(learn, part, part.fit))
        filters = list(warnings.filters)
        rater._taught(points, np.arange(len(points)), points.value, 1, True, rng)
        assert warnings.filters == filters
        return set(seen)
    assert threads(1) == {threading.main_thread()}
    assert len(threads(2)) == 2
