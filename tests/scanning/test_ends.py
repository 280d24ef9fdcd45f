"""The ends of intervals lie in narrow corners, too."""

import numpy as np
import pytest

from mlscanner.scanning import contours
from mlscanner.scanning.contours import Contours
from mlscanner.scanning.ends import Ends
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.store.points import Points

BOX = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(3)])
TIP = 0.8       # where the corner and the interval of x0 end


def corner(u):
    """chi2 (n,): 4 at TIP, beside a wall; it allows x1 between 0.5 +- 0.25 (TIP + 0.01 - x0)."""
    wide = 0.25 * np.maximum(TIP + 0.01 - u[:, 0], 1e-6)
    valley = 4 * (u[:, 0] / TIP) ** 2 + ((u[:, 2] - 0.5) / 0.2) ** 2
    return valley + ((u[:, 1] - 0.5) / wide) ** 2 + 1e5 * np.maximum(u[:, 1] - 0.5 - wide, 0)


def add(points, u, origin):
    """Evaluate."""
    chi2 = corner(u)
    points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), x=u, u=u,
                  origin=[origin] * len(u), value=chi2, inside=chi2 < 9,
                  status=np.full(len(u), "ok", object))


def known():
    """Points of a scan in the wide part of the corner, none of them beyond half of the way."""
    points, u = Points(3), np.random.default_rng(3).random((40_000, 3))
    u = u[(corner(u) < 20) & (u[:, 0] < 0.45)][:600]
    add(points, np.concatenate([u, np.random.default_rng(4).random((200, 3))]), "walk")
    return points


def end(points):
    """x0 of the outermost point within the level of 95.4 %."""
    return points.u[points.chi2 - points.best() < 4, 0].max()


@pytest.mark.slow
def test_an_end_in_a_narrow_corner_is_reached(caplog, monkeypatch):
    """It was left where the scan had put it, hardly farther; the corner is a hundredth as wide at
    its tip as where it begins, and what moves to the last is told."""
    monkeypatch.setattr(contours, "LEARNED", 200)
    points = known()
    first = end(points)
    asker = Contours(points, BOX, 200, ["x0"], None, 1)
    with caplog.at_level("INFO", "mlscanner"):
        while len(new := asker.ask(points)):
            add(points, new, asker.origin)
        asker.close()
    assert ("not settled" in caplog.text) == bool(asker.ends.moving())
    assert first < 0.5 and end(points) > first + 0.8 * (TIP - first)
    assert end(points) < TIP + 0.01


@pytest.mark.slow
def test_an_end_that_is_known_is_left():
    """A parabola: the ends come to be right, and then nothing more is asked for."""
    points, ends, asked = Points(2), Ends(np.random.default_rng(1), 1), []
    new = np.random.default_rng(1).random((600, 2))
    while len(new) and len(asked) < 30:
        chi2 = (((new - 0.5) / 0.1) ** 2).sum(axis=1)
        points.append(id=len(points) + np.arange(len(new)), iteration=np.zeros(len(new), int),
                      x=new, u=new, origin=["walk"] * len(new), value=chi2, inside=chi2 < 9,
                      status=np.full(len(new), "ok", object))
        new = ends.beyond(40, points, points.u[:, :1], [(False, False)])
        asked.append(len(new))
    within = points.u[points.chi2 - points.best() < 4, 0]
    edge = 0.1 * np.sqrt(4 + points.best())
    assert (within.min(), within.max()) == pytest.approx((0.5 - edge, 0.5 + edge), abs=3e-3)
    assert asked[-1] == 0 and not ends.moving()


def test_an_end_at_the_end_of_the_range_is_left():
    """Nothing is farther out there; the other end goes on."""
    points = known()
    points.u[np.argmin(points.chi2), 0] = 0.0
    ends = Ends(np.random.default_rng(1), 1)
    new = ends.beyond(1000, points, points.u[:, :1], [(True, True)])
    assert len(new) and (new[:, 0] > 0.3).all()
    points, u = Points(3), np.linspace([0.0] * 3, [1.0] * 3, 50)
    points.append(id=np.arange(50), iteration=np.zeros(50, int), x=u, u=u, origin=["walk"] * 50,
                  value=np.zeros(50), inside=np.ones(50, bool), status=np.full(50, "ok", object))
    assert not len(ends.beyond(1000, points, points.u[:, :1], [(True, True)]))
    assert ends.moving() == []      # the range ends there, which is told elsewhere


def test_too_few_points_tell_nothing():
    """With no more than two for each parameter nothing is asked for."""
    points = Points(3)
    add(points, 0.4 + 0.2 * np.random.default_rng(1).random((6, 3)), "walk")
    assert not len(Ends(np.random.default_rng(1), 1).beyond(
        100, points, points.u[:, :1], [(True, True)]))
