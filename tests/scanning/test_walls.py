"""Beyond an edge to which chi2 does not rise."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from mlscanner.scanning import contours, walls
from mlscanner.scanning.contours import Contours
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.store.points import Points

BOX = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(4)])


def add(points, u, origin):
    """Evaluate: a band in x1 and a sheet that becomes thinner; x0 may be larger where x3 is."""
    chi2 = ((u[:, 1] - 0.5) / 0.1)**2
    status = np.where(np.abs(u[:, 2] - 0.2 - 0.5 * u[:, 1]) > 0.1 * np.exp(-3 * u[:, 0]), "thick",
                      np.where(u[:, 0] > 0.2 + 0.7 * u[:, 3], "light", "ok")).astype(object)
    points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), x=u, u=u,
                  origin=[origin] * len(u), value=chi2, inside=status == "ok", status=status)


def known():
    """Points of a scan that has found heavy ones (x3) at small x0 only."""
    points, u = Points(4), np.random.default_rng(3).random((6000, 4))
    add(points, u[u[:, 0] < np.minimum(0.3, 0.42 - 0.4 * u[:, 3])], "walk")
    return points


@pytest.mark.slow
def test_an_edge_is_passed_with_values_of_a_parameter_that_is_not_in_the_plane(monkeypatch):
    """Beside the edge only light points are known, which end there: heavy ones lead beyond."""
    monkeypatch.setattr(contours, "LEARNED", 200)
    points = known()
    allowed = points.allowed & (points.chi2 < 6)
    first = points.u[allowed, 0].max()
    assert first < 0.3
    asker = Contours(points, BOX, 300, ["x0", "x1"], None, 7)
    for _ in range(3):
        add(points, asker.ask(points), asker.origin)
    allowed = points.allowed & (points.chi2 < 6)
    assert points.u[allowed, 0].max() > 0.6


def test_bases_have_all_values_and_none_is_tried_too_often():
    """Rows of good points, whose x3 differs, the farthest out of their bin; each twice at most."""
    points, rng = known(), np.random.default_rng(1)
    good = np.flatnonzero(points.allowed & (points.chi2 < 6))
    tries = walls.Walls(rng, [0, 1])
    edge, tree = np.array([[0.29, 0.5]]), cKDTree(points.u[good, :2])
    found = [row for _ in range(10) for row, _ in tries._bases(4, points, good, tree, edge)]
    assert set(found) <= set(good)
    assert max(found.count(row) for row in found) <= walls.TRIES
    assert np.ptp(points.u[found, 3]) > 0.6


def test_steps_become_longer_where_they_are_easy():
    """The reach doubles while more than half of the last points are in the region, and is halved
    after; the share of a batch falls where none is."""
    tries = walls.Walls(np.random.default_rng(1), [0, 1])
    tries.asked(np.array([True, True, False]))
    tries._follow_record(np.array([False, True, True, False]))
    assert (tries.times, tries.share) == (2.0, walls.MOST)
    for _ in range(9):
        tries._follow_record(np.array([True, True, True, True]))
    assert tries.times == walls.FARTHEST
    tries._follow_record(np.zeros(4, bool))
    assert tries.times == walls.FARTHEST / 2 and tries.share < walls.MOST


@pytest.mark.slow
@pytest.mark.parametrize(("names", "counts"), [(["x0"], [0]), (["x0", "x1"], [0, 0]),
                                               (["x0"], [0, 9])])
def test_one_parameter_no_hidden_one_and_whole_numbers(names, counts):
    """A hard limit ends the region: points go beyond it all the same, each once."""
    box = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") if not n else
               make_parameter(f"x{i}", 1, n, "integer") for i, n in enumerate(counts)])
    points = Points(len(counts))

    def evaluate(u):
        status = np.where(u[:, 0] < 0.5, "ok", "excluded").astype(object)
        points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), u=u,
                      x=box.to_physical(u), origin=["walk"] * len(u), value=u[:, 0],
                      inside=status == "ok", status=status)
    u = np.random.default_rng(1).random((60, len(counts)))
    evaluate(box.snap(u) if box.snap else u)
    asker = Contours(points, box, 40, names, None, 1)
    while len(new := asker.ask(points)):
        evaluate(new)
    assert len(points) > 70
    assert (points.u[60:] > 0.5).any()
