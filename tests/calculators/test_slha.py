"""The reader of SLHA files: every number is right or an error, nothing is skipped."""

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscanner.calculators.slha import Slha, SlhaError, finite, number


@pytest.mark.parametrize(("text", "value"), [
    ("1.25E+02", 125.0), ("1.25D+02", 125.0), ("1.25d2", 125.0), ("3.78-101", 3.78e-101),
    ("0.123000+100", 1.23e99), (".5", 0.5), ("12.", 12.0), ("-7", -7.0), ("+1.0q+00", 1.0),
    ("0.1000000000+02", 10.0), (".5-01", 0.05)])
def test_fortran_numbers(text, value):
    """Each form that Fortran writes is read as the number it means."""
    assert number(text) == value


@pytest.mark.parametrize("text", ["NaN", "nan", "Infinity", "-Inf", "+INFINITY", "NaN(0x1)",
                                  "1.0E+400"])
def test_words_are_numbers_but_not_finite(text):
    """NaN and Infinity are recognised, and never pass for a value."""
    assert not math.isfinite(number(text))
    with pytest.raises(SlhaError, match="finite"):
        finite(text)


@pytest.mark.parametrize("text", ["****", "*****", "", "1.2.3", "1-2", "1.0E", "0x10", "1_000",
                                  "12abc", "E+02", ".", "1.0-5", "10-12", "١٢", "infinit", "1,5"])
def test_what_is_no_number_is_an_error(text):
    """Stars, fragments and what only Python would accept raise, never give a number."""
    with pytest.raises(SlhaError):
        number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_survive_in_both_notations(value):
    """Any double written with 17 digits, with E or D, is read back exactly."""
    text = f"{value:.16E}"
    assert number(text) == value
    assert number(text.replace("E", "D")) == value


@pytest.mark.slow
@given(st.text(max_size=12))
def test_any_text_gives_a_number_or_an_error(text):
    """No text makes the reader fail otherwise, and what Python's float refuses it takes only as
    a Fortran form."""
    try:
        value = number(text)
    except SlhaError:
        return
    assert isinstance(value, float)
    assert set(text.lower()) <= set("0123456789+-.edqinfatyx()" + string.ascii_lowercase + "_")


AWKWARD = """# comment
BLOCK GAUGE Q=1.0D+02
  1 0.1
Block gauge q= 1E16
\t1\t0.7\t# tab
block MASS # comment
25 1.25D+02
 35   NaN
   36 0.123-100   # A
37 5.0E+02
  45 ****
 46 1.0 2.0
Block alpha
  -5.0E-02   # single value
Block YU
 1 1 8.0E-6
 3 3 0.9
DECAY 25 4.0E-03
 0.58 2 5 -5
Block SPINFO
 3  # problem one
 3   second   # more
 4               # internal problem, see Messages.out for infos
 2   v4.0.5   # version
Block TWICE
 1 2.0
 1 3.0
 2 1.0E+04
 2 10000
"""


@pytest.fixture(scope="module")
def awkward():
    """The file on which the existing readers were measured to fail, and more."""
    return Slha(AWKWARD)


def test_awkward_file_is_read_right(awkward):
    """Block names in any case, tabs, missing blanks, D exponents, missing E: right numbers."""
    assert awkward.value("Mass", 25) == 125.0
    assert awkward.value("MASS", 36) == 0.123e-100
    assert awkward.value("mass", 37) == 500.0
    assert awkward.value("ALPHA") == -0.05
    assert awkward.value("Yu", 3, 3) == 0.9
    assert awkward.value("GAUGE", 1, scale=1e16) == 0.7
    assert awkward.value("GAUGE", 1, scale=100) == 0.1
    assert awkward.value("TWICE", 2) == 1e4  # the same number twice
    assert "gauge" in awkward
    assert "decay" not in awkward


@pytest.mark.parametrize(("where", "words"), [
    (("GAUGE", 1), "ambiguous: line 3 in GAUGE Q=100 .line 2., line 5"),
    (("MASS", 35), "line 8: 'NaN' is not finite"), (("MASS", 45), r"line 11: '\*\*\*\*' is not a"),
    (("MASS", 46), "there is no entry 46"), (("MASS", 99), "no entry 99 in block MASS"),
    (("NOPE", 1), "no block NOPE"), (("TWICE", 1), "ambiguous"), (("YU", 1), "no entry 1 in"),
    (("YU", 1, 2), "no entry 1 2"), (("ALPHA", 1), "no entry 1")])
def test_errors_name_the_place(awkward, where, words):
    """Missing, repeated and unreadable entries are errors that say where, never a number."""
    with pytest.raises(SlhaError, match=words):
        awkward.value(*where)


def test_a_scale_that_is_not_there(awkward):
    """A block at another scale does not stand in for the one asked for."""
    with pytest.raises(SlhaError, match="at Q=91"):
        awkward.value("GAUGE", 1, scale=91)


def test_texts_and_comments(awkward):
    """SPINFO 3 and 4 are read as text, also where the text is only a comment."""
    assert awkward.texts("SPINFO", 3) == ["problem one", "second"]
    assert awkward.texts("spinfo", 4) == ["internal problem, see Messages.out for infos"]
    assert awkward.texts("SPINFO", 9) == []
    assert awkward.comment("MASS", 36) == "A"


@pytest.mark.parametrize("text", ["", "  \n\n", "\n"])
def test_empty_file(text):
    """An empty file is an error."""
    with pytest.raises(SlhaError, match="empty"):
        Slha(text)


def test_truncated_file():
    """A number cut off at the end of a file is not taken for the whole."""
    slha = Slha("Block MASS\n 25 125.1\n 35 35")
    assert slha.value("MASS", 25) == 125.1
    with pytest.raises(SlhaError, match="middle of line 3"):
        slha.value("MASS", 35)


@given(cut=st.integers(0, len(AWKWARD)))
def test_any_cut_gives_the_whole_number_or_an_error(cut):
    """A file cut anywhere never changes a value."""
    try:
        value = Slha(AWKWARD[:cut]).value("MASS", 37)
    except SlhaError:
        return
    assert value == 500.0


@given(st.text(alphabet=st.sampled_from("Block MASSq=25 1.0E+2*N#\t\n-,"), max_size=200))
def test_no_text_breaks_the_reader(text):
    """Whatever a file holds, a value is finite or an SlhaError is raised."""
    try:
        value = Slha(text).value("MASS", 25)
    except SlhaError:
        return
    assert math.isfinite(value)


name = st.sampled_from(["Block", "BLOCK", "block", " Block"])
blank = st.sampled_from(["", " ", "\t", "   "])
gap = st.sampled_from([" ", "\t", "     "])


@pytest.mark.slow
@given(st.dictionaries(st.integers(0, 10**7), st.floats(allow_nan=False, allow_infinity=False),
                       min_size=1, max_size=20), st.data())
def test_written_blocks_are_read_back(entries, data):
    """Any entries in any layout are read back exactly."""
    text = f"{data.draw(name)}{data.draw(gap)}Xyz{data.draw(gap)}# c\n"
    for index, value in entries.items():
        comment = data.draw(st.sampled_from(["", " # 1 2.0", "\t#"]))
        text += f"{data.draw(blank)}{index}{data.draw(gap)}{value:.16E}{comment}\n"
    slha = Slha(text)
    assert {i: slha.value("XYZ", i) for i in entries} == entries
