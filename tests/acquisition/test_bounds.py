"""What an iteration looks at is bounded, however many points were evaluated."""

import numpy as np
import pytest

from mlscanner.acquisition.draws import LOOKED, some
from mlscanner.acquisition.proposer import Proposer
from mlscanner.config.settings import ScanConfig
from mlscanner.likelihood.observables import Target
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.store.points import Points

MANY = 6 * LOOKED


@pytest.mark.slow
def test_the_model_is_asked_about_a_bounded_number_of_points():
    """Six times as many points of each kind as are looked at: no part asks for all of them."""
    config = ScanConfig(RF_trees=10, Walkers=20, Walk_steps=4, Size_batch_L=500, N_Cores=1)
    box = Box([make_parameter(f"x{k}", 0, 1, "linear") for k in range(2)])
    model = make_model("RFR", config, 2)
    proposer = Proposer(config.loop, config.acquisition, box, Target(-np.inf, 1.0), model)
    rng, points = np.random.default_rng(0), Points(2)
    u = np.concatenate([0.12 * rng.random((MANY, 2)), rng.random((MANY, 2))])
    u = rng.permutation(u)
    value = 30 * (u ** 2).sum(1)
    points.append(id=np.arange(len(u)), iteration=np.arange(len(u)) // 200, u=u, x=u, value=value,
                  origin=["walk"] * len(u), inside=value < 1,
                  status=np.full(len(u), "ok", object))
    asked = []
    model.predict = lambda x, ask=model.predict: asked.append(len(x)) or ask(x)
    batch = proposer.propose(points, rng)
    assert len(batch) == config.Size_batch_K
    assert max(asked) <= 5 * LOOKED     # the parts of one way to each point that is looked at


def test_few_points_are_all_looked_at():
    """A bound that is not reached changes nothing, and draws nothing."""
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    assert np.array_equal(some(rng, np.arange(LOOKED)), np.arange(LOOKED))
    assert rng.bit_generator.state == state
    assert len(some(rng, np.arange(MANY))) == LOOKED
