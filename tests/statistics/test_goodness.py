"""How well the best point fits: numbers of tables, and words where there is no number."""

from mlscanner.statistics.goodness import goodness


def test_p_value():
    """chi2 of 18.31 for 10 degrees of freedom is 5 % (any table of chi2)."""
    said = goodness(18.307, 12, 2)
    assert "12 measurements less 2 scanned parameters, 10 degrees of freedom: p-value 0.05," in said


def test_no_number_where_there_is_none():
    """Nothing is invented."""
    assert "no degree of freedom is left" in goodness(1.0, 2, 2)
    assert "is not known" in goodness(1.0, None, 2)
