"""What a model says of its own errors is learned from points that it was not trained on."""

from dataclasses import replace

import numpy as np
import pytest
from test_models import SMALL

from mlscanner.models.model_base import FOLDS, folds
from mlscanner.models.registry import MODELS, make_model

REGRESSORS = [name for name, model in MODELS.items() if model.kind == "regressor"]
RNG = np.random.default_rng(5)
X, NOISE, ASK = RNG.random((400, 2)), RNG.standard_normal(400), RNG.random((200, 2))
CONFIG = replace(SMALL, RF_trees=30, GBR_trees=100, SVR_points=400)


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
