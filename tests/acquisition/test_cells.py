"""Cells of whole numbers and choices: none is proposed twice, and all are found."""

import numpy as np
import pytest

from mlscanner.acquisition.cells import Cells
from mlscanner.acquisition.generators import walks
from mlscanner.space.parameters import Box, make_parameter

RNG = np.random.default_rng(3)
WHOLE = (0, 3, "integer")


def cells(*priors, precuts=()):
    """Cells of a box of these priors: (low, high, text) each."""
    return Cells(Box([make_parameter(f"x{k}", *p) for k, p in enumerate(priors)], precuts))


def test_a_step_within_a_cell_is_none():
    """Equal whole numbers are one cell; with another continuous value it is another point."""
    both = cells(WHOLE, (0, 1, "linear"))
    known = np.array([[0.125, 0.5]])
    u = np.array([[0.2, 0.5], [0.2, 0.5 + 1e-15], [0.2, 0.6], [0.3, 0.5], [0.24, 0.6]])
    assert both.new(u, known).tolist() == [2, 3]


@pytest.mark.parametrize(("precuts", "expected"), [((), 16), (("x0 + x1 < 2",), 3)])
def test_all_cells_are_drawn_once(precuts, expected):
    """Those that no pre-cut forbids, and none that is known."""
    few = cells(WHOLE, WHOLE, precuts=precuts)
    first = few.draw(RNG, 2, np.empty((0, 2)))
    rest = few.draw(RNG, 99, first)
    found = np.concatenate([first, rest])
    assert len(np.unique(found, axis=0)) == len(found) == expected
    assert not len(few.draw(RNG, 1, found))


def test_of_many_cells_new_ones_are_drawn():
    """More than are listed: draws go on until they are distinct."""
    many = cells(*[(0, 8, "integer")] * 9)
    known = many.draw(RNG, 50, np.empty((0, 9)))
    found = many.draw(RNG, 400, known)
    assert len(found) == 400 and len(many.new(found, known)) == 400


def test_neighbours_are_one_or_two_steps_away():
    """One or two values are the next ones, what is continuous stays, and each neighbour comes."""
    both = cells(WHOLE, (0, 1, "linear"), (0, 0, "choice [1, 3, 7, 50]"))
    u = both.neighbours(RNG, np.array([[0.125, 0.3, 0.875], [0.625, 0.9, 0.375]]), 400)
    found = {tuple(np.rint(row * [8, 10, 8]).astype(int)) for row in u}
    #        from (1, 3, 7) and (5, 9, 3): the middles of four cells are 1, 3, 5 and 7
    assert found == {(a, 3, c) for a in (1, 3) for c in (5, 7)} - {(1, 3, 7)} | {
        (a, 9, c) for a in (3, 5, 7) for c in (1, 3, 5)} - {(5, 9, 3)}


@pytest.mark.parametrize(("last", "longest"), [(1, 1), (8, 1), (799, 100)])
def test_a_step_is_an_eighth_of_the_values_at_most(last, longest):
    """All lengths come, short ones most often; beyond an end the step goes the other way."""
    one = cells((0, last, "integer"))
    count = last + 1
    for start in (0, last):
        u = one.neighbours(RNG, np.array([[(start + 0.5) / count]]), 2000)
        step = np.abs(np.rint(u[:, 0] * count - 0.5) - start)
        assert step.min() == 1 and 0.95 * longest <= step.max() <= longest
        assert (step <= 10).mean() >= 0.45


def test_walks_from_points_that_are_all_in_one_place():
    """As a run folder of an earlier version may have them: none is lonelier, all start alike."""
    group = np.full((3, 2), 0.5)
    u, _ = walks(RNG, [group], lambda u, k: np.ones(len(u), bool), 4, 6, None, [np.zeros(3)])
    assert len(u) and np.isfinite(u).all()


def test_what_is_known_may_grow_shrink_and_change():
    """The answer is that of the points given, whatever was asked before."""
    both = cells(WHOLE, (0, 1, "linear"))
    u = np.array([[0.125, 0.1 * k] for k in range(6)])
    for known in ([0, 1], [0, 1, 2, 3], [0], [3, 1, 4], [], [5]):
        assert both.new(u, u[known]).tolist() == sorted({*range(6)} - {*known})
