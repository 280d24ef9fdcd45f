"""DECAY blocks: sums, conjugates, one bad line, one-loop tables, and what is no ratio at all."""

import re

import pytest

from mlscanner.calculators.slha import Slha
from mlscanner.calculators.slha_decays import NearChannel
from mlscanner.calculators.slha_numbers import SlhaError

TABLES = """Block MASS
  25  125.0
DECAY  25  4.0E-03   # h
#    BR     NDA  ID1 ID2
  5.5E-01   2     5   -5
  1.1E-01   2    24  -24
  1.0E-01   2   -24   24
  7.0E-03   2    23   23   22
  2.0E-02   2    13
DECAY  37  1.0E+00
  8.0E-01   2     6   -5
  2.0E-01   2   -15   16
DECAY  1000002  3.0
  4.0E-02   2  -1000022  2
  1.06E+00  2   1000024  1
 -1.0E-01   2   1000023  2
  -3.0E-09  2   1000025  2
  nan       2   1000035  2
  7.0E-01   2   9900012  2
  3.0E-01   2   -9900014 2
DECAY  5  -1.0E-35
DECAY  6  1.4
  1.00000003E+00  2  24 5
DECAY1L  25  6.0E-03   # h, one loop
  6.0E-01   2     5   -5
XSECTION  1.30E+04  2212 2212 2 37 -37
  0  0  0  0  0  0    1.7E-02
DECAY  24  2.1
  1.0E-01   2   -11   12
SOMETHING new
  9.0E-01   2   -13   14
Block QNUMBERS 9900012 # n1
  4  0  # its own antiparticle
QNUMBERS 9900014 # n2
  4  1
"""


@pytest.fixture(scope="module")
def tables():
    """Blocks of the kinds that published spectra hold."""
    return Slha(TABLES)


@pytest.mark.parametrize(("particle", "daughters", "ratio"), [
    (25, (24, -24), 0.21),                  # both orders
    (25, (5, -5), 0.55), (37, (6, -5), 0.8), (6, (5, 24), 1.00000003),
    (1000002, (1000022, 2), 0.04),          # a Majorana particle is its own antiparticle
    (1000002, (2, -9900012), 0.7),          # QNUMBERS says that it is one
    (24, (-13, 14), 0.0),                   # an unknown head ends the block
    (24, (-11, 12), 0.1),
    (25, (36, 36), None), (25, (22, 22), None)])
def test_channels(tables, particle, daughters, ratio):
    """Channels are summed, found in any order, and 0 only where no line can be meant."""
    if ratio is None:
        tables = Slha(TABLES.replace("  2.0E-02   2    13\n", ""))
    assert tables.branching_ratio(particle, daughters) == pytest.approx(ratio or 0.0, rel=1e-12)


@pytest.mark.parametrize(("particle", "daughters", "words"), [
    (1000002, (1000024, 1), "line 15: the branching ratio is 1.06"),
    (1000002, (1000023, 2), "line 16: the branching ratio is -0.1"),
    (1000002, (1000035, 2), "line 18: 'nan' is not finite"),
    (25, (23, 23, 22), "line 8: not a branching ratio"),
    (25, (23, 23), "line 8: not a branching ratio"),
    (25, (13, -13), "line 9: not a branching ratio"),
])
def test_what_is_no_ratio(tables, particle, daughters, words):
    """Ratios below 0 or above 1, and lines that cannot be read, are errors for who asks."""
    with pytest.raises(SlhaError, match=re.escape(words)):
        tables.branching_ratio(particle, daughters)


@pytest.mark.parametrize(("particle", "daughters", "near"), [
    (37, (15, -16), "-15 16 (line 12)"), (1000002, (9900014, 2), "-9900014 2 (line 20)")])
def test_a_channel_with_other_signs_is_named(tables, particle, daughters, near):
    """The conjugate of what the file lists is no silent 0."""
    with pytest.raises(NearChannel, match=re.escape(near)):
        tables.branching_ratio(particle, daughters)


def test_rounding_is_no_error(tables):
    """A ratio a little beyond 0 or 1 is what the program's digits give."""
    assert tables.branching_ratio(1000002, (1000025, 2)) == -3e-9


def test_two_lines_that_are_too_much_together():
    """The ratios of one channel must not be too much in all."""
    slha = Slha("DECAY 25 1.0\n 0.7 2 5 -5\n 0.7 2 -5 5\n")
    with pytest.raises(SlhaError, match=r"line 3: the branching ratio is 1\.4"):
        slha.branching_ratio(25, (5, -5))


def test_widths_and_one_loop(tables):
    """DECAY1L is a table of its own; a negative width is an error, not a number."""
    assert (tables.width(25), tables.width(25, one_loop=True)) == (4e-3, 6e-3)
    assert tables.branching_ratio(25, (-5, 5), one_loop=True) == 0.6
    with pytest.raises(SlhaError, match="no DECAY1L 37"):
        tables.width(37, one_loop=True)
    with pytest.raises(SlhaError, match=r"DECAY 5, line 21: the width -1\.0E-35 is negative"):
        tables.width(5)


def test_a_cut_line_spoils_its_block_only():
    """Of a file that ends inside a line of a DECAY block, nothing of that block is certain."""
    slha = Slha("DECAY 24 1.0\n 1.0 2 1 2\nDECAY 25 1.0\n 0.7 2 5 -5\n 0.2 2 -5 5")
    assert slha.branching_ratio(24, (1, 2)) == 1.0
    with pytest.raises(SlhaError, match="line 5"):
        slha.branching_ratio(25, (5, -5))
