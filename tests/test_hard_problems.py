"""The hard problems of the benchmark: boxes, parts and references belong together."""

import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE / "benchmarks"))

from hard import HARD, REFERENCE, measured  # noqa: E402 - its folder is no package


@pytest.mark.parametrize("name", ["S1", "S2", "S3", "S4"])
def test_the_reference_of_each_part_is_a_complete_answer(name):
    """The reference itself as an answer hits all cells of all parts, at no distance."""
    problem = HARD[name]
    with np.load(REFERENCE) as z:
        u = z[f"{name}_points"].astype(float)
    out = measured(problem, u, np.full(len(u), problem.high - 1e-9))
    parts = [out[k] for k in out if k.startswith("part ")]
    assert parts
    assert [p["in"] for p in parts] == [1000] * len(parts)
    assert all(p["cells"] > 0.9 and p["fill95"] == 0.0 for p in parts)


@pytest.mark.parametrize("name", HARD)
def test_a_random_point_of_the_box_is_not_in_the_target(name):
    """Every random point has a finite chi2, and none of a few hundred is in the target."""
    problem = HARD[name]
    u = np.random.default_rng(1).random((300, problem.dim))
    value = problem.value(u)
    assert np.isfinite(value).all()
    assert not problem.inside(value).any()


def test_of_whole_numbers_a_point_counts_once():
    """The same point three times is one distinct point in the target."""
    problem = HARD["S5"]
    u = np.full((3, 9), 0.5)
    out = measured(problem, u, np.zeros(3))
    assert (out["in"], out["distinct"], out["evaluated_distinct"]) == (3, 1, 1)
