"""Limits as they are published: several columns, other units, and contours that are no limit."""

import re

import numpy as np
import pytest

from mlscanner.errors import InputError
from mlscanner.likelihood.curves import Curve
from mlscanner.likelihood.observables import observable

BAND = """# some experiment
# mass [GeV], observed [pb], expected [pb], expected + 1 sigma
10, 4.0, 3.0, 5.0
20, 2.0, 1.5, 2.5
40, 8.0, 6.0, 9.0
"""


def curve(folder, text, limit="l.csv", along="m", **words):
    """The curve of a file of this text, as the input file names it."""
    (folder / "l.csv").write_text(text, "utf-8")
    entry = observable("x", upper=limit, along=along, **words)
    assert not entry.problems, entry.problems
    return Curve.read(entry.upper, entry, folder)


@pytest.mark.parametrize(("limit", "value"), [
    ("l.csv:2", 3.0), ("l.csv:3", 2.25), ("l.csv:4", 3.75), ("l.csv:observed", 3.0),
    ("l.csv:Expected [pb]", 2.25), ("l.csv:1 sigma", 3.75)])
@pytest.mark.parametrize("text", [
    BAND, BAND.replace("# mass", "mass"), "\ufeff" + BAND.replace("# mass", "mass"),
    BAND.replace(",", ";")])
def test_the_column_that_is_named(tmp_path, limit, value, text):
    """A column is found by number or by its heading, which may be a comment."""
    assert curve(tmp_path, text, limit)(np.array([15.0])) == pytest.approx([value])


@pytest.mark.parametrize(("limit", "words"), [
    ("l.csv", "has 4 columns (1 mass [GeV]; 2 observed [pb]; 3 expected [pb]; 4 expected + 1 sigma"
     "). Say which one is the limit, by its number or name: 'l.csv:2'"),
    ("l.csv:5", "'5' is not a column after those of along"),
    ("l.csv:1", "'1' is not a column"), ("l.csv:mass", "'mass' is not a column"),
    ("l.csv:expected", "'expected' means several columns. Its columns: 1 mass [GeV]; 2 observed"),
    ("l.csv:no", "'no' is not a column")])
def test_a_column_that_is_not_certain_is_refused(tmp_path, limit, words):
    """Which columns there are is said; none is guessed."""
    with pytest.raises(InputError, match=re.escape(words)):
        curve(tmp_path, BAND, limit)


def test_units(tmp_path):
    """Masses in TeV and limits in pb, where the input file has GeV and fb."""
    limit = curve(tmp_path, BAND, "l.csv:2", units=(1e3, 1e3))
    assert limit(np.array([15e3, 15.0])) == pytest.approx([3e3, np.nan], nan_ok=True)
    assert "units needs 2 numbers" in observable("x", upper="l", along="m", units=(1,)).problems[0]
    assert "units are only for" in observable("x", upper=3, units=(1, 1)).problems[0]
    assert "one for the limit" in observable("x", upper="l", along="m", units=(1, 0)).problems[0]


@pytest.mark.parametrize(("text", "words"), [
    ("100,1\n200,2\n200,0.5\n100,0.8\n", "it has 2 limits at m = 100"),
    ("70,1\n80,1\n80,2\n80,3\n90,1\n", "it has 3 limits at m = 80"),
    ("100,1\n200,2\n190,0.5\n110,0.8\n", "its first column goes up and down"),
])
def test_a_contour_is_no_limit(tmp_path, text, words):
    """It was sorted into a zig-zag; now it is refused, with what to do."""
    with pytest.raises(InputError, match=words):
        curve(tmp_path, text)


def test_two_limits_at_a_place_of_a_surface(tmp_path):
    """The same for a limit in a plane."""
    text = "0,0,1\n0,1,2\n1,0,3\n0,1,5\n1,1,4\n"
    with pytest.raises(InputError, match="it has 2 limits at m, t = 0, 1"):
        curve(tmp_path, text, along=("m", "t"))


@pytest.mark.parametrize("text", [
    "1,10\n2,5\n3,30\n", "3,30\n2,5\n1,10\n", "1,10\n2,5\n2,5\n3,30\n1,10\n"])
def test_a_curve_in_any_order_that_is_one(tmp_path, text):
    """Falling masses, and a line that stands there twice, change nothing."""
    assert curve(tmp_path, text)(np.array([1.5, 2.5])) == pytest.approx([7.5, 17.5])
