"""Blocks in the layouts that programs write: columns, values first, scales, heads, a BOM."""

import pytest

from mlscanner.calculators.slha import Slha
from mlscanner.calculators.slha_numbers import SlhaError

TEXT = """\ufeffBlock MINPAR  # behind a byte-order mark
 1  5.0E+02
Block FOBS
   5    1   3.1E-04   0     2    3    22
 531    1   3.6E-09   0     2   13   -13
 531    1   7.0E-07   0     2   15   -15
Block FMASS
   5    4.2E+00    3    4.2E+00
Block FCONST
 511    1   0.19   0   0
Block HiggsCouplingsBosons, #
  9.0E-01   3   25   24   24   # h W W
  8.0E-01   3   25   23   23
  1.0E-03   4   25   25   25   23
Block HiggsCouplingsFermions
  7.0E-01   1.0E-02   3   25    5    5
Block EFFHIGGSCOUPLINGS
  25  22  22   3.0E-05
Block YU Q= 1.0E+03
  3 3  0.8
Block YU Q= 2.0E+16
  3 3  0.5
Block YU Q= 1.0E+03
  2 2  0.1
Block SAME Q= 1.0E+03
  1  3.0
Block SAME Q= 9.0E+03
  1  0.3000E+01
Block NOSCALE
  1  3.0
Block PAIRS
  1  2.0  3.0
QNUMBERS 9000006 # phi
  2  2
Block QNUMBERS 9000007 # xi
  2  3
Block LAST
  1  1.0
Tables of numbers, of a kind not known
  1  2.0
"""


@pytest.fixture(scope="module")
def slha():
    """Blocks with what real files hold."""
    return Slha(TEXT)


@pytest.mark.parametrize(("where", "words", "value"), [
    (("MINPAR", 1), {}, 500.0),
    (("FOBS", 5, 1), {}, 3.1e-4), (("FMASS", 5), {}, 4.2), (("FMASS", 5), {"column": 2}, 3.0),
    (("FCONST", 511, 1), {}, 0.19),
    (("FOBS", 531, 1, 0, 2, 15, -15), {}, 7e-7),
    (("HiggsCouplingsBosons", 25, 24, 24), {}, 0.9),
    (("HiggsCouplingsBosons", 25, 25, 25, 23), {}, 1e-3),
    (("HiggsCouplingsFermions", 25, 5, 5), {}, 0.7),
    (("HiggsCouplingsFermions", 25, 5, 5), {"column": 2}, 0.01),
    (("EFFHIGGSCOUPLINGS", 25, 22, 22), {}, 3e-5),
    (("YU", 3, 3), {"scale": "lowest"}, 0.8), (("YU", 2, 2), {"scale": "lowest"}, 0.1),
    (("YU", 3, 3), {"scale": "highest"}, 0.5), (("YU", 3, 3), {"scale": "nearest 100"}, 0.8),
    (("YU", 3, 3), {"scale": "nearest 1e12"}, 0.5), (("YU", 3, 3), {"scale": (990, 20)}, 0.8),
    (("YU", 3, 3), {"scale": 1e3}, 0.8),
    (("SAME", 1), {}, 3.0),
    (("PAIRS", 1), {"column": 1}, 2.0), (("PAIRS", 1), {"column": 2}, 3.0),
    (("QNUMBERS 9000006", 2), {}, 2.0), (("qnumbers  9000007", 2), {}, 3.0),
    (("LAST", 1), {}, 1.0),
])
def test_values(slha, where, words, value):
    """The number that a user means, in whatever layout the file has it."""
    assert slha.value(*where, **words) == value


@pytest.mark.parametrize(("where", "words", "error"), [
    (("FOBS", 531, 1), {}, "ambiguous"), (("FOBS", 5), {}, "no entry 5"),
    (("HiggsCouplingsBosons", 25, 24), {}, "no entry 25 24"),
    (("HiggsCouplingsFermions", 25, 5, 5), {"column": 3}, "no entry"),
    (("PAIRS", 1), {}, "no entry 1 in block PAIRS; line 32 has several numbers, column= says"),
    (("YU", 3), {}, "no entry 3"), (("YU", 3, 3), {}, "ambiguous"),
    (("YU", 3, 3), {"scale": (1100, 20)}, r"at Q=1100 \+- 20; it is at 1000, 2e\+16, 1000"),
    (("NOSCALE", 1), {"scale": "lowest"}, "at Q=lowest; it has no scale"),
    (("YU", 3, 3), {"scale": "middle"}, "scale = 'middle' is not known"),
    (("LAST", 2), {}, "no entry 2"), (("QNUMBERS 9000008", 2), {}, "no block QNUMBERS 9000008"),
])
def test_errors(slha, where, words, error):
    """What is not certain stays an error."""
    with pytest.raises(SlhaError, match=error):
        slha.value(*where, **words)


def test_numbers_in_the_place_of_a_head():
    """NaN at the beginning of a line is a value, not the head of a section."""
    with pytest.raises(SlhaError, match="not finite"):
        Slha("Block ALPHA\nNaN\n").value("ALPHA")
