"""What was predicted of the points of batches."""

import numpy as np
import pytest

from mlscanner.acquisition.memory import KEPT, Memory
from mlscanner.likelihood.target import Target
from mlscanner.store.points import Points
from proposed import evaluate, proposer


def added(memory, first, n, waiting=0):
    """The memory with n more points, from this id on: their id, tenfold, is what was said."""
    ids = first + np.arange(n)
    memory.add(ids, 10.0 * ids[:, None] + np.arange(3), -ids, waiting)
    return memory


@pytest.mark.parametrize("waiting", [0, 70])
def test_the_latest_are_remembered_and_those_that_wait_besides(waiting):
    """Of more the oldest are forgotten, all columns together."""
    memory = added(added(Memory(), 0, KEPT), KEPT, 100, waiting)
    assert len(memory.rows) == KEPT + waiting
    ids = memory.rows[:, 0]
    assert ids.tolist() == list(range(100 - waiting, KEPT + 100))
    assert np.array_equal(memory.rows[:, 1:4], 10 * ids[:, None] + np.arange(3))
    assert np.array_equal(memory.rows[:, 4], -ids)


def test_what_was_said_is_told_of_evaluated_points():
    """In rows of the points, whose ids need not begin at 0; of others nothing."""
    points = Points(2)
    points.append(id=np.array([3, 5, 9]), origin=["walk"] * 3, u=np.zeros((3, 2)),
                  x=np.zeros((3, 2)), value=np.zeros(3), iteration=np.zeros(3, int),
                  status=np.full(3, "ok", object), inside=np.ones(3, bool))
    row, *said, level = added(Memory(), 4, 4).past(points)
    assert row.tolist() == [1]
    assert [column.tolist() for column in said] == [[50.0], [51.0], [52.0]]
    assert level.tolist() == [-5.0]
    empty = Memory().past(points)
    assert len(empty) == 5 and all(len(column) == 0 for column in empty)


def test_it_is_kept_and_read():
    """As it was; that of version 1.0.0 is scaled if a regressor said it."""
    memory, other = added(Memory(), 0, 5), Memory()
    other.restore(memory.arrays(), "regressor")
    assert np.array_equal(other.rows, memory.rows) and not other.scaled
    for kind in ("regressor", "classifier"):
        other.restore({"proposer_predictions": memory.rows}, kind)
        assert np.array_equal(other.rows, memory.rows)
        assert other.scaled == (kind == "regressor")


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_a_target_that_moves_makes_a_classifier_forget(model):
    """What a regressor said are values, which it goes on learning from."""
    chi2, points, rng = Target(-np.inf, np.inf, 4.0), Points(2), np.random.default_rng(0)
    chi2.move(12.0)
    one = proposer(model, target=chi2)

    def far(u):
        return 5 + 300 * ((u - 0.3) ** 2).sum(axis=1)
    evaluate(points, one.first(rng), far, chi2)
    evaluate(points, one.propose(points, rng), far, chi2)
    assert len(one.memory.rows) == 40
    chi2.move(9.0)
    one.learn(points, rng)
    assert len(one.memory.rows) == (40 if model == "RFR" else 0)
