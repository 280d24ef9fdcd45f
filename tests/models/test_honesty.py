"""What a model says of its own errors is learned from points that it was not trained on."""

from dataclasses import replace

import numpy as np
import pytest

from mlscanner.models import training
from mlscanner.models.model_base import FOLDS, folds
from mlscanner.models.registry import MODELS, make_model
from trained import SMALL

REGRESSORS = [name for name, model in MODELS.items() if model.kind == "regressor"]
RNG = np.random.default_rng(5)
X, NOISE, ASK = RNG.random((400, 2)), RNG.standard_normal(400), RNG.random((200, 2))
CONFIG = replace(SMALL, RF_trees=30, GBR_trees=100, SVR_points=400)


@pytest.mark.slow
@pytest.mark.parametrize("name", REGRESSORS)
def test_pure_noise_can_not_be_foreseen(name):
    """The error on held-out points is the noise itself: a model that had seen them errs less."""
    model = make_model(name, CONFIG, 2).fit(X, NOISE, 1)
    assert model.held_out["rms"] > 0.9 * NOISE.std()


@pytest.mark.parametrize("name", [name for name in REGRESSORS if name != "DNNR"])
def test_the_spread_contains_the_noise(name):
    """Where values scatter by 1 around a plane, no model claims to know them much better.

    The spread of networks is their disagreement, until points evaluated later calibrate it.
    """
    model = make_model(name, CONFIG, 2).fit(X, NOISE + 3 * X[:, 0], 1)
    assert np.median(model.predict(ASK)[1]) > 0.5


@pytest.mark.parametrize("beside", [False, True])
def test_support_vectors_are_those_nearest_to_the_target(beside):
    """Of more points than a machine takes, the half nearest to the target (y = 0) is always in.

    Where observables are learned, the value is the last column, and it alone tells.
    """
    config = replace(CONFIG, SVR_points=100, SVR_epsilon=0.0, SVR_C=1.0)
    y = 10 * (X[:, 0] - 0.4) + 0.01 * NOISE
    learned = np.column_stack([X[:, 1] - 0.9 + 0.01 * NOISE[::-1], y]) if beside else y
    model = make_model("SVR_RBF", config, 2).fit(X, learned, 1)
    fold = folds(X)
    for m, (*_, machine) in enumerate(model.machines):
        learned = {tuple(row) for row in np.round(np.asarray(machine.vectors, float), 5)}
        rows = np.flatnonzero(fold != m % FOLDS)
        nearest = rows[np.argsort(np.abs(y[rows]))[:50]]
        inputs = np.round(model._inputs(X[nearest]).astype(np.float32).astype(float), 5)
        assert sum(tuple(row) in learned for row in inputs) >= 48   # a weight may be exactly 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RFR", "GBR", "SVR_RBF", "DNNR"])
def test_stretched_spreads_cover_two_thirds_of_new_points(name):
    """Errors are those of the committee: its members err more, and as theirs they covered all."""
    config = replace(CONFIG, DNN_networks=3, DNN_epochs=40)
    rng = np.random.default_rng(2)
    x, new = rng.random((1200, 3)), rng.random((2000, 3))

    def value(u):
        return np.sin(9 * u[:, 0]) + np.cos(7 * u[:, 1] * u[:, 2])
    model = make_model(name, config, 3).fit(x, value(x), 1)
    mean, spread = model.predict(new)
    covered = np.mean(np.abs(mean - value(new)) < model.honest(new, mean, spread))
    assert 0.58 < covered < 0.80
    assert model.held_out["rms"] == pytest.approx(np.std(mean - value(new)), rel=0.35)


def test_two_networks_tell_the_error_on_points_that_neither_learned(monkeypatch):
    """Each part that tells errors was learned by neither of its two networks, and stopped one."""
    trained = []

    def record(networks, jobs, how, threads):
        trained.extend(jobs)
        return networks
    monkeypatch.setattr(training, "train", record)
    model = make_model("DNNR", replace(CONFIG, DNN_networks=3), 2)
    asked, told = [], []
    model._outputs = lambda x, members, first=0, ask=model._outputs: (
        asked.append((first, {tuple(row) for row in model._inputs(x)}))
        if len(members) == 1 else None) or ask(x, members, first)
    model._evaluate = lambda x, *rest: told.append(x)
    model.fit(X, NOISE, 1)
    learned = [{tuple(row) for row in job.x[:job.trained]} for job in trained]
    stops = [{tuple(row) for row in job.x[job.trained:]} for job in trained]
    assert [m for m, _ in asked] == [0, 1, 1, 2, 0, 2]
    assert not any(points & learned[m] for m, points in asked)
    for _, points in asked[::2]:
        assert sum(points == stop for stop in stops) == 1
    assert sum(map(len, stops)) == len(told[0]) > 30
    assert min(map(len, learned)) > 0.85 * len(X)


def test_support_vectors_know_where_they_err_more():
    """A smooth half of the box and a noisy one: the spread is larger in the second, and both are
    covered; a model that is saved and read again says the same."""
    rng = np.random.default_rng(4)
    x, new = rng.random((600, 2)), rng.random((1000, 2))

    def value(u):
        return u[:, 1] + np.where(u[:, 0] > 0.5, 1.0, 0.05) * rng.standard_normal(len(u))
    model = make_model("SVR_RBF", CONFIG, 2).fit(x, value(x), 1)
    mean, spread = model.predict(new)
    found, noisy = model.honest(new, mean, spread), new[:, 0] > 0.5
    assert np.median(found[noisy]) > 2 * np.median(found[~noisy])
    off = np.abs(mean - value(new)) < found
    assert 0.55 < off[noisy].mean() < 0.85
    assert off[~noisy].mean() > 0.6
    again = make_model("SVR_RBF", CONFIG, 2)
    again.constant, again.held_out = None, model.held_out
    again.thaw(model.frozen())
    assert again.honest(new, mean, spread) == pytest.approx(found)
