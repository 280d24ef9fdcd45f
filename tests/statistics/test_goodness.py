"""How well the best point fits: numbers of tables, and words where there is no number."""

from types import SimpleNamespace

import numpy as np

from mlscanner.likelihood.correlated import correlated
from mlscanner.likelihood.observables import Observable
from mlscanner.statistics.goodness import goodness, measurements


def test_p_value():
    """chi2 of 18.31 for 10 degrees of freedom is 5 % (any table of chi2)."""
    said = goodness(18.307, 12, 2)
    assert "12 measurements with 2 scanned parameters, 10 degrees of freedom: p-value 0.05 " in said


def test_the_p_value_says_what_it_assumes_and_how_far_the_target_goes():
    """Both stand beside it wherever a result is shown; an edge that is not known is not told."""
    assumed = "(if errors are Gaussian and the data determine every parameter)"
    assert assumed in goodness(18.307, 12, 2)
    assert goodness(10.0, 12, 2, 16.18).endswith("). The target ends 6.18 above that chi2")
    assert goodness(10.0, None, 2, 12.5).endswith("The target ends 2.5 above that chi2")
    for edge in (9.0, np.inf):
        assert "The target" not in goodness(10.0, 12, 2, edge)


def test_no_number_where_there_is_none():
    """Nothing is invented."""
    assert "no degree of freedom is left" in goodness(1.0, 2, 2)
    assert "of 1 measurement with 1 scanned parameter: " in goodness(1.0, 1, 1)
    assert "is not known" in goodness(1.0, None, 2)


def test_how_many_numbers_chi2_is_made_of():
    """Known where the observables add all of it, at each point that was evaluated, or where the
    calculator tells; a hard limit is none of them."""
    observables = [Observable("m", value=1.0, sigma=0.1), Observable("r", upper=1.0),
                   correlated(["s", "t"], values=[0, 0], sigmas=[1, 1], matrix=[[1, 0], [0, 1]])]
    table = {"status": np.array(["ok", "ok", "raised"]), "chi2": np.array([3.0, 1e9, np.nan]),
             "chi2_m": np.array([1.0, 9e8, np.nan]), "chi2_s_t": np.array([2.0, 1e8, np.nan])}
    function, tells = SimpleNamespace(), SimpleNamespace(measurements=50)
    assert measurements(function, observables, table) == 3
    assert measurements(tells, observables, table) == 53
    assert measurements(function, observables, table | {"chi2": np.array([8e8, 1e9, 0])}) is None
    assert measurements(function, observables[1:2], table) is None
