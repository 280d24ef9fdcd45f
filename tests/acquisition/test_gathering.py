"""Candidates of one batch."""

import numpy as np
import pytest
from test_rating import learned

from mlscanner.acquisition.gathering import LOCAL, ROUNDS, Gatherer
from mlscanner.config.settings import ScanConfig


@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_further_rounds_go_further_down(model):
    """Each round is scattered around the best of the one before, so its best is better."""
    rater, points, rng = learned(model)
    worst = points.u[np.argsort(points.value)[-4:]]
    gatherer = Gatherer(ScanConfig(), rater, rng)
    parts = gatherer._around(worst, 0, ROUNDS)
    lowest = [rater.reach(u).min() for u, _, _ in parts]
    usual = [np.median(rater.reach(u)) for u, _, _ in parts]
    assert [len(u) for u, _, _ in parts] == [LOCAL] * ROUNDS
    assert lowest[-1] < lowest[0]
    assert usual[-1] < usual[0]     # all of a round, not a lucky point of it
    assert len(gatherer._around(worst, 0, 1)) == 1


def test_no_round_after_one_that_the_precut_refused():
    """Where a pre-cut lets nothing pass, rounds are empty and nothing breaks."""
    rater, points, rng = learned("RFR")
    gatherer = Gatherer(ScanConfig(), rater, rng, precut=lambda u: u[:, 0] > 2)
    parts = gatherer._around(points.u[:4], 0, 3)
    assert [len(u) for u, _, _ in parts] == [0, 0, 0]
