"""h -> W W* and Z Z* of base SPheno, as HiggsBounds, HiggsSignals and HiggsTools read them."""

import pytest

from mlscanner.calculators.chain.higgs_files import Signals
from mlscanner.calculators.chain.higgs_steps import BySlha, prepare_slha
from mlscanner.calculators.chain.off_shell import NO_WW, completed, missing
from mlscanner.calculators.slha import Slha
from mlscanner.calculators.steps.work import Point
from mlscanner.calculators.verdicts import Failure
from mlscanner.evaluation import OK

# the layout of the SPheno of the MSSM: a second heading, W with neutrinos of the wrong sign
SPECTRUM = """Block MASS
    25   1.251E+02
    35   9.0E+02
    36   9.0E+02
DECAY        25     4.0E-03   # h^0
#    BR                NDA      ID1      ID2
     6.0E-01    2           5        -5   # BR(h^0 -> b b_bar)
     2.0E-03    2          22        22
# writing decays into V V* as 3-body decays
#    BR                NDA      ID1      ID2       ID3
     2.0E-02    3          24        11        12
     6.0E-02    3          24         1        -2
     2.0E-02    3         -24       -11       -12
     6.0E-02    3         -24        -1         2
     1.0E-03    3          23        11       -11
     5.0E-03    3          23        12       -12
     9.0E-03    3     1000022        11       -11
DECAY        35     1.0E+01
     3.0E-01    2          24       -24
     1.0E-01    3          24        11        12
     2.0E-01    2          23        23
DECAY        36     1.0E+01
     3.0E-01    2           6        -6
"""


def test_the_sums_are_handed_on():
    """Lines of two bosons are added where there are none, once, and nothing else changes."""
    text = completed(SPECTRUM, (25, 35, 36, 37))
    slha = Slha(text)
    lists = [line for line in text.splitlines() if line.endswith("two fermions")]
    assert [line.split()[:4] for line in lists] == [
        ["6.00000000E-03", "2", "23", "23"], ["1.60000000E-01", "2", "24", "-24"]]
    assert [line for line in text.splitlines() if line not in lists] == SPECTRUM.splitlines()
    assert slha.branching_ratio(25, (24, -24)) == pytest.approx(0.16)
    assert completed(text, (25, 35, 36, 37)) == text
    assert prepare_slha(SPECTRUM, (25,)) == text


@pytest.mark.parametrize(("daughters", "ratio"), [
    ((24, -24), 0.16), ((-24, 24), 0.16), ((23, 23), 6e-3), ((22, 22), 2e-3)])
def test_an_observable_is_the_same_sum(daughters, ratio):
    """BR(h -> W W) of the user is that which the programs are given, not a silent 0."""
    assert Slha(SPECTRUM).branching_ratio(25, daughters) == pytest.approx(ratio)
    assert Slha(SPECTRUM).branching_ratio(35, (24, -24)) == 0.3


def test_a_ratio_that_is_none_fails_the_point():
    """A line that cannot be read is not left out of the sum."""
    with pytest.raises(Failure, match=r"SPheno.spc: DECAY 25, line 12: '\*\*\*\*' is not a number"):
        completed(SPECTRUM.replace("6.0E-02    3          24 ", "****    3          24 "), (25,))


@pytest.mark.parametrize(("change", "warned"), [
    (("", ""), False), (("  24 ", "  34 "), True), (("1.251E+02", "9.5E+01"), False)])
def test_no_decays_to_w_are_told(change, warned):
    """Only of a neutral boson near 125 GeV."""
    text = SPECTRUM.replace(*change).replace(" -24 ", " -34 ") if warned else \
        SPECTRUM.replace(*change)
    words = missing(Slha(text), (25, 35, 36))
    assert words == (f"{NO_WW}25 at 125.1 GeV has BR(W W) = 0 in the spectrum" if warned else "")


class Noted:
    """A program that notes what it is given."""

    def evaluate_slha(self, text, scratch):
        """The text is kept."""
        self.text = text
        return Signals(1.0, 2.0, 3.0, 0.5, 100.0)


@pytest.mark.parametrize("warned", [True, False])
def test_the_programs_get_them(tmp_path, warned):
    """By SLHA the program reads the sums; without any, the reason of the point begins with it,
    also when the point fails later."""
    text = SPECTRUM.replace("24 ", "34 ") if warned else SPECTRUM
    point, program = Point(), Noted()
    point.set_spectrum(text, Slha(text))
    BySlha(None, program, 3, 0).evaluate([point], tmp_path)
    assert point.status == OK and point.chi2 == 3.0
    assert ("1.60000000E-01    2    24   -24" in program.text) != warned
    assert point.reason.startswith(NO_WW) == warned
    point.fail(Failure("excluded", "ratio 3"))
    assert point.status == "excluded"
    assert point.reason.startswith(NO_WW) == warned and point.reason.endswith("ratio 3")
