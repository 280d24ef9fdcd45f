"""Whether the range of a parameter cuts the target."""

import numpy as np
import pytest

from mlscanner.space.priors import make_prior
from mlscanner.statistics.ranges import cut_ranges


def said(low, high, n=2000, prior="linear", ends=(10.0, 40.0)):
    """What is said of n good points evenly between two places of the unit box."""
    u = np.random.default_rng(0).uniform(low, high, (n, 1))
    return cut_ranges(u, [("tanb", make_prior(prior, *ends))])


def test_a_region_that_is_cut_above():
    """From the middle to the upper end: that end is named with its value and its share, 4 %."""
    (line,) = said(0.5, 1.0)
    assert "tanb: the target reaches the upper end (40, " in line and "lower" not in line
    assert float(line.split(", ")[1].split("%")[0]) == pytest.approx(4, abs=1)


def test_a_region_that_is_cut_on_both_sides():
    """One line for the parameter, with both ends."""
    (line,) = said(0.0, 1.0)
    assert "lower end (10" in line and "upper end (40" in line


def test_a_region_within_the_range():
    """Nothing is said; nor of a region that thins out before the end, nor without good points."""
    assert said(0.1, 0.9) == []
    u = np.clip(np.random.default_rng(1).normal(0.5, 0.16, (2000, 1)), 0.001, 0.999)
    assert cut_ranges(u, [("x", make_prior("linear", 0, 1))]) == []
    assert cut_ranges(np.empty((0, 1)), [("x", make_prior("linear", 0, 1))]) == []


def test_few_points_at_the_end():
    """One or two may be there by chance."""
    u = np.concatenate([np.full(2, 0.999), np.linspace(0.2, 0.8, 20)])[:, None]
    assert cut_ranges(u, [("x", make_prior("linear", 0, 1))]) == []


def test_other_priors():
    """The value of the end is physical, and whole numbers are left alone."""
    (line,) = said(0.5, 1.0, prior="log", ends=(1.0, 1e6))
    assert "(1e+06" in line
    assert said(0.0, 1.0, prior="integer", ends=(1, 3)) == []
