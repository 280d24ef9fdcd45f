"""Priors: the distribution that is meant, exact round trips, and clear refusals."""

import numpy as np
import pytest
import scipy

from mlscanner.space.priors import PRIORS, PriorError, make_prior

U = np.random.default_rng(5).random(4000)


@pytest.mark.parametrize(("text", "low", "high", "flat"), [
    ("", -2.0, 5.0, lambda x: (x + 2) / 7),
    ("linear", -2.0, 5.0, lambda x: (x + 2) / 7),
    ("log", 1e-3, 1e3, lambda x: (np.log10(x) + 3) / 6),
    ("log", -1e3, -1e-3, lambda x: (3 - np.log10(-x)) / 6),
    ("symlog(2)", -50.0, 1e4, lambda x: (np.arcsinh(x / 2) - np.arcsinh(-25))
     / (np.arcsinh(5e3) - np.arcsinh(-25))),
    ("normal(125, 3)", 0.0, 300.0, lambda x: scipy.stats.norm.cdf(x, 125, 3)),
])
def test_the_prior_is_the_one_that_is_meant(text, low, high, flat):
    """Uniform points of the unit interval become points of that distribution."""
    prior = make_prior(text, low, high)
    x = prior.to_physical(U)
    assert scipy.stats.kstest(flat(x), "uniform").pvalue > 1e-3
    assert prior.to_unit(x) == pytest.approx(U, abs=1e-6)


def test_symlog_goes_through_zero():
    """Without a scale a thousandth of the larger end is linear, and both signs are drawn."""
    x = make_prior("symlog", -1e3, 1e3).to_physical(U)
    assert 0.4 < (x < 0).mean() < 0.6
    assert 0.05 < (np.abs(x) < 1).mean() < 0.2


def test_whole_numbers_and_choices_are_equally_likely():
    """Each value has its share of the unit interval, the ends included."""
    whole = make_prior("integer", 2.0, 5.0).to_physical(U)
    assert sorted(set(whole)) == [2, 3, 4, 5]
    assert np.bincount(whole.astype(int))[2:] / len(U) == pytest.approx([0.25] * 4, abs=0.03)
    choice = make_prior("choice [10, 1.5, -3]")
    assert sorted(set(choice.to_physical(U))) == [-3, 1.5, 10]
    assert choice.to_unit(np.array([-3, 1.5, 10])) == pytest.approx([1 / 6, 0.5, 5 / 6])


def test_ends_of_the_interval_stay_inside():
    """u = 0 and u = 1 are in the range, for every kind."""
    for text, (low, high) in {"linear": (1, 2), "log": (1, 1e6), "symlog": (-1, 3),
                              "normal(0, 1)": (-9, 9), "integer": (1, 3)}.items():
        x = make_prior(text, low, high).to_physical(np.array([0.0, 1.0]))
        assert (x >= low).all() and (x <= high).all(), text


@pytest.mark.parametrize(("text", "low", "high", "words"), [
    ("log", -1.0, 5.0, "cannot reach zero"),
    ("log", 0.0, 5.0, "cannot reach zero"),
    ("normal(1)", 0, 5, "takes 2 numbers"),
    ("normal(1, 0)", 0, 5, "sigma"),
    ("normal(1, x)", 0, 5, "must be numbers"),
    ("normal(0, 1)", 100, 200, "too far"),
    ("symlog(-1)", -5, 5, "above zero"),
    ("integer", 0.2, 1.3, "two whole numbers"),
    ("choice [1]", None, None, "at least two"),
    ("choice", None, None, "numbers"),
    ("fixed", 1, 2, "give the value"),
    ("linear", None, 2, "needs numbers"),
    ("linear", 3, 2, "not below"),
    ("open('x')", None, None, "no function open"),
])
def test_what_can_not_be_is_refused(text, low, high, words):
    """Each wrong prior says what is wrong."""
    with pytest.raises(PriorError, match=words):
        make_prior(text, low, high)


def test_fixed_values_and_formulas_take_no_dimension():
    """'fixed' has its value, a formula its names; 'log(mA)' is a formula, not the prior."""
    assert make_prior("fixed 173.2").value == 173.2
    assert make_prior("fixed", 2.0, 2.0).value == 2.0
    for text in ("(a + b)/2", "log(mA)", "3*4"):
        assert not make_prior(text).free
    assert make_prior("log(mA)").expression.names == ("mA",)
    assert set(PRIORS) == {"linear", "log", "symlog", "normal", "integer", "choice", "fixed"}
