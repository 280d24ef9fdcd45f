"""On resume one stored point is evaluated again, and a difference is told."""

import numpy as np
import pytest

from mlscanner.evaluation import Evaluation
from mlscanner.scanning.recheck import recheck
from mlscanner.store.points import Points


class Pool:
    """Evaluates as told; remembers what was asked."""

    def __init__(self, *outcomes):
        self.outcomes, self.asked = outcomes, []

    def map(self, x):
        self.asked.append(np.array(x))
        yield from enumerate(self.outcomes)


def points(statuses, values):
    n = len(statuses)
    x = np.arange(2.0 * n).reshape(n, 2)
    return Points(2, id=np.arange(n), iteration=np.zeros(n), origin=["design"] * n, u=x, x=x,
                  value=values, status=statuses, inside=np.zeros(n, bool))


@pytest.mark.parametrize("evaluated", [Evaluation("ok", 2.0), Evaluation("ok", 2.0 * (1 + 1e-6)),
                                    Evaluation("timeout"), Evaluation("crashed")])
def test_the_same_is_not_mentioned(evaluated):
    """Equal but for the last digits of SPheno, or a failure of the machine: nothing to say."""
    pool = Pool(evaluated)
    assert recheck(pool, points(["ok", "ok"], [1.0, 2.0])) == ""
    assert np.array_equal(pool.asked[0], [[2.0, 3.0]])  # the last one


@pytest.mark.parametrize(("evaluated", "words"), [
    (Evaluation("ok", 2.0001), "2.0001, stored is 2.0"),
    (Evaluation("tachyon"), "status tachyon, stored"),
    (Evaluation("ok", np.nan), "nan, stored")])
def test_a_difference_is_told_with_both_values(evaluated, words):
    """Another program or another function gives other numbers: both are named."""
    told = recheck(Pool(evaluated), points(["ok", "ok"], [1.0, 2.0]))
    assert words in told
    assert "id 1" in told


def test_failed_points_compare_by_status():
    """A failed point has no value; its status must be the same."""
    assert recheck(Pool(Evaluation("tachyon")), points(["tachyon"], [np.nan])) == ""
    assert "2.0, stored is status tachyon" in recheck(Pool(Evaluation("ok", 2.0)),
                                                     points(["tachyon"], [np.nan]))


def test_points_that_speak_of_the_machine_are_passed_over():
    """The last point that says something about the calculator is taken."""
    pool = Pool(Evaluation("ok", 1.0))
    assert recheck(pool, points(["ok", "timeout", "crashed"], [1.0, np.nan, np.nan])) == ""
    assert np.array_equal(pool.asked[0], [[0.0, 1.0]])
    assert recheck(Pool(), points(["ok"], [1.0])) == ""  # stopped before an answer
    assert recheck(pool, points([], [])) == ""
