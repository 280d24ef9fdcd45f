"""Where evaluating fails: learned from points that failed, saved, counted in probabilities."""

import numpy as np
import pytest

from mlscanner.models.failures import PREFIX, Failures
from mlscanner.models.saved_model import load_model
from trained import fitted, save

U = np.random.default_rng(5).random((2000, 2))
OK = U[:, 0] + U[:, 1] < 1.2


@pytest.mark.slow
def test_failures_are_learned_and_come_back_the_same():
    """Points beyond the line cannot be evaluated; the arrays answer as scikit-learn's forest."""
    learned = Failures.learn(U[:1000], OK[:1000], 1)
    probability = learned.probability(U[1000:])
    assert ((probability > 0.5) == OK[1000:]).mean() > 0.95
    back = Failures.from_arrays(learned.arrays(), 2)
    assert np.abs(back.probability(U[1000:]) - probability).max() < 1e-9
    assert back.arrays().keys() == learned.arrays().keys()


def test_arrays_that_do_not_fit():
    """Without arrays there are no failures; trees of more parameters are refused."""
    arrays = Failures.learn(U[:200], OK[:200], 1).arrays()
    assert Failures.from_arrays({"other": np.zeros(1)}, 2) is None
    with pytest.raises(ValueError, match="more than the features"):
        Failures.from_arrays(dict(arrays), 1)
    with pytest.raises(ValueError, match="out of itself"):
        Failures.from_arrays(arrays | {f"{PREFIX}left": arrays[f"{PREFIX}left"][:-1]}, 2)


@pytest.mark.slow
def test_a_saved_model_knows_where_evaluating_fails(tmp_path):
    """Its probability is that of the bare model times the one to be evaluated at all."""
    model = fitted("RFR")
    bare = load_model(save(model, tmp_path / "bare")).predict_unit(U)
    model.failures = Failures.learn(U, OK, 1)
    value, spread, probability = load_model(save(model, tmp_path / "known")).predict_unit(U)
    assert np.array_equal(value, bare[0])
    assert np.array_equal(spread, bare[1])
    good = bare[2] > 0.01
    assert good.any()
    assert np.allclose(probability[good], (bare[2] * model.failures.probability(U))[good])
    assert probability[good & ~OK].max() < 0.5 < bare[2][good & ~OK].max()
