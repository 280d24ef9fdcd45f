"""Small models on a known valley, and how tests save them."""

import functools
from dataclasses import replace

import numpy as np

from mlscanner.config.settings import ScanConfig
from mlscanner.likelihood.observables import Target
from mlscanner.models.registry import make_model
from mlscanner.models.value_scale import ValueScale

SMALL = replace(ScanConfig(), N_Cores=1, DNN_layers=2, DNN_nodes=24, DNN_epochs=60,
                DNN_epochs_more=10, DNN_batch_size=32, DNN_least_points=0, RF_trees=20,
                GBR_trees=40, GBR_members=2, SVR_members=2, SVR_points=300)
RNG = np.random.default_rng(0)
X, ASK = RNG.random((300, 2)), RNG.random((500, 2))


def valley(u):
    """Transformed value (n,): below 0 in a disc that fills a third of the box."""
    return 4 * ((u - 0.5) ** 2).sum(1) - 0.4


def labels(model, y):
    """What the model learns from the value."""
    return y if model.kind == "regressor" else y < 0


def fitted(name, seed=1, config=SMALL, x=X):
    """A trained model."""
    model = make_model(name, config, 2)
    return model.fit(x, labels(model, valley(x)), seed)


@functools.cache
def known(name):
    """The one of seed 1, for all who only ask it."""
    return fitted(name)


def save(model, run):
    """Save into a run folder, described as a scan does it; F = valley + 1, target below 1."""
    target = Target(-np.inf, 1.0)
    model.save(run / "model", {
        "parameters": [{"name": "a", "low": -1.0, "high": 1.0, "prior": "linear"},
                       {"name": "b", "low": 1.0, "high": 100.0, "prior": "log"}],
        "value": "chi2", "target": [-np.inf, 1.0], "settings": ScanConfig().as_dict(),
        "scale": ValueScale(target, valley(X) + 1).as_dict()})
    return run
