"""A small proposer, its points, and what it has learned."""

import copy
import functools

import numpy as np

from mlscanner.acquisition.proposer import Proposer
from mlscanner.config.settings import ScanConfig
from mlscanner.likelihood.observables import Target
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box, Parameter
from mlscanner.store.points import Points

CHI2 = Target(-np.inf, 1.0)


def bowl(u):
    return (((u - 0.3) / 0.05) ** 2).sum(axis=1)


def proposer(model="RFR", dim=2, target=CHI2, precuts=(), parameters=None, **settings):
    config = ScanConfig(**{"Size_initial_batch": 40, "Size_batch_K": 40, "Size_batch_L": 1000,
                           "Walkers": 60, "Walk_steps": 10, "RF_trees": 20} | settings)
    box = Box(parameters or [Parameter(f"x{i}", 0.0, 1.0) for i in range(dim)], precuts)
    return Proposer(config.loop, config.acquisition, box, target, make_model(model, config, dim))


def evaluate(points, batch, value, target=CHI2):
    y = value(batch.u)
    n, failed = len(batch), np.isnan(y)
    points.append(id=len(points) + np.arange(n), origin=batch.origin, u=batch.u, x=batch.u, value=y,
                  iteration=np.full(n, points.iteration.max() + 1 if len(points) else 0),
                  status=np.where(failed, "failed", "ok").astype(object), inside=target.inside(y))


def learned(model):
    """The rater of a model after two batches of the bowl, its points, and the generator."""
    return copy.deepcopy(_learned(model))


@functools.cache
def _learned(model):
    one, rng, points = proposer(model), np.random.default_rng(0), Points(2)
    evaluate(points, one.first(rng), bowl)
    for _ in range(2):
        evaluate(points, one.propose(points, rng), bowl)
    return one.learn(points, rng), points, rng


def past(rater, row, first, second, spread):
    """What a regressor and the surrogate said, scaled, of the points in these rows."""
    said = np.column_stack([first, second, np.broadcast_to(spread, len(row))])
    return (row, *rater.scale.as_values(said).T, row)
