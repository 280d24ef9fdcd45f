"""What is known when a batch is proposed."""

import numpy as np

from mlscanner.acquisition import proposer as module
from mlscanner.acquisition.batch import Batch
from mlscanner.store.points import Points
from proposed import evaluate, proposer


def test_the_good_points_their_parts_and_when_they_were_found(monkeypatch):
    """A proposer tells the part and the iteration of each good point, and what is like a chi2 of
    all: less than 1 in the target, and higher for a higher value."""
    states, make = [], module.make_state
    monkeypatch.setattr(module, "make_state", lambda *rest: (
        states.append(make(*rest)), states[-1])[1])
    one, rng, points = proposer(dim=2), np.random.default_rng(0), Points(2)

    def chi2(u):
        return ((u - 0.5) ** 2).sum(axis=1) / 0.05
    for n in 40, 30:
        u = rng.random((n, 2))
        evaluate(points, Batch(u, ["design"] * n, np.full(n, np.nan)), chi2)
    one.propose(points, rng)
    state = states[-1]
    good, part, iteration = state.parts
    assert np.array_equal(good, points.u[points.inside]) and len(part) == len(good) > 2
    assert np.array_equal(iteration, points.iteration[points.inside])
    assert len(np.unique(iteration)) == 2
    assert ((state.square < 1) == points.inside).all()
    order = np.argsort(points.value)
    assert (np.diff(state.square[order]) >= 0).all()
