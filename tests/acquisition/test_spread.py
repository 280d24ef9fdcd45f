"""Spreading a batch over computed numbers."""

import numpy as np
import pytest

from mlscanner.acquisition.spread import ROWS, numbers_of, seen
from mlscanner.auxiliary import make_calculator
from mlscanner.config.scan_config import load_config
from mlscanner.config.settings import ScanConfig
from mlscanner.errors import InputError
from mlscanner.likelihood.target import Target
from mlscanner.models.outputs import make_outputs
from mlscanner.space.parameters import Box, Parameter
from mlscanner.store.points import Points
from proposed import proposer


def known(n=400, seed=1):
    """Points of a square with y = x0^2 and z = 3 x1, the lower half in the target."""
    u = np.random.default_rng(seed).random((n, 2))
    numbers = np.column_stack([u[:, 0] ** 2, 1e3 * u[:, 1]])
    return Points(2, id=np.arange(n), iteration=np.zeros(n, int), origin=["design"] * n, u=u, x=u,
                  value=u[:, 1], inside=u[:, 1] < 0.5, status=["ok"] * n, observables=numbers)


def test_candidates_are_seen_where_they_are():
    """Predicted numbers are near the true ones, on the scale of the target found so far."""
    points, u = known(), np.random.default_rng(2).random((50, 2))
    numbers = numbers_of(["y", "z"], ["a", "b"], ("y", "z"), points)
    found = seen(["y", "z"], numbers, points, u, u[:3], 1)
    assert found.candidates == pytest.approx(np.column_stack([u[:, 0] ** 2, 2 * u[:, 1]]), abs=0.07)
    assert len(found.known) == points.inside.sum() + 3
    assert found.known[-3:] == pytest.approx(found.candidates[:3], abs=1e-9)


def test_parameters_and_constant_numbers():
    """A name of a parameter is that; a number that never changes has no say; alone, none at all."""
    points = known()
    points.observables[:, 1] = 7.0
    numbers = numbers_of(["b", "z"], ["a", "b"], ("y", "z"), points)
    assert seen(["b", "z"], numbers, points, points.u, points.u[:0], 1).candidates.shape[1] == 1
    assert seen(["z"], numbers[:, 1:], points, points.u, points.u[:0], 1) is None


def test_too_few_points_and_numbers_that_nobody_gives():
    """Below a hundred points in the target nothing is known; a wrong name is an error."""
    points = known(150)
    numbers = numbers_of(["y"], ["a", "b"], ("y", "z"), points)
    assert seen(["y"], numbers, points, points.u, points.u[:0], 1) is None
    with pytest.raises(InputError, match="no evaluated point has a number omga"):
        seen(["omga"], np.full((150, 1), np.nan), points, points.u, points.u[:0], 1)


def test_many_points_are_thinned():
    """It learns from a bounded number of points, and failed ones do no harm."""
    points = known(3 * ROWS)
    points.observables[::2] = np.nan
    points.status[::2] = "tachyon"
    points.inside[::2] = False
    numbers = numbers_of(["y"], ["a", "b"], ("y", "z"), points)
    found = seen(["y"], numbers, points, points.u[:9], points.u[:0], 1)
    assert np.isfinite(found.candidates).all()


def test_the_numbers_are_kept_of_each_point():
    """What is learned asks for these columns, but for parameters."""
    config = ScanConfig(Spread_in=("omega", "a"))
    box = Box([Parameter("a", 0, 1), Parameter("b", 0, 1)])
    assert make_outputs(config, box, "classifier").columns == ("omega",)
    assert make_outputs(ScanConfig(), box, "regressor").columns == ()


def steep(u):
    return 1e3 * u[:, :1] ** 6


def scanned(iterations=8, **settings):
    """The points of a scan of the lower half of a square, with one number: `steep`."""
    one, rng, points = proposer(Size_batch_search=40, **settings), np.random.default_rng(0), None
    one.outputs.columns = ("y",)
    for k in range(iterations):
        u = (one.propose(points, rng) if points else one.first(rng)).u
        rows = {"id": 40 * k + np.arange(len(u)), "iteration": np.full(len(u), k), "u": u, "x": u,
                "origin": ["walk"] * len(u), "value": u[:, 1], "inside": u[:, 1] < 0.5,
                "status": ["ok"] * len(u), "observables": steep(u)}
        if points is None:
            points = Points(2, **rows)
        else:
            points.append(**rows)
    return points


@pytest.mark.slow
def test_a_batch_fills_the_bins_of_a_number():
    """Of a number that is small nearly everywhere many more bins are hit; without a share nothing
    changes."""
    settings = {"target": Target(-np.inf, 0.5)}
    plain, none, spread = (scanned(**settings, **more) for more in (
        {}, {"Spread_in": ("y",), "Share_spread": 0.0},
        {"Spread_in": ("y",), "Share_spread": 1.0}))
    assert np.array_equal(plain.u, none.u)
    hit = [len(np.unique(np.floor(steep(p.u[p.inside]) / 5))) for p in (plain, spread)]
    assert hit[1] > 1.3 * hit[0], hit


def test_a_name_that_nobody_gives_is_told_before_the_scan(tmp_path):
    """The built-in model lists its numbers: a wrong one is named beside a near one."""
    file = tmp_path / "in.py"
    file.write_text("Calculator = 'F_2d'\nSpread_in = ['R', 'x2']\n"
                    "Observables = [observable('r', expression='x1', upper=9)]\n")
    config = load_config(file)
    with pytest.raises(InputError, match="Spread_in: R is not known"):
        make_calculator(config, Box.from_config(config).names)
