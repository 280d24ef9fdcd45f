"""What SPheno, FlexibleSUSY and SOFTSUSY leave behind for an invalid point, and how it is read."""

import pytest

from mlscanner.calculators.programs import SPheno
from mlscanner.calculators.slha import Slha
from mlscanner.calculators.verdicts import Failure, check_valid, with_end

MASS = "Block MASS\n 25 1.251E+02\n"
WARNING = """ Warning: SPA input scale is not used
 in routine LesHouches_Input
"""
TACHYON = WARNING + """ Warning from routine TreeMassesMSSM2
 in the calculation of the masses
 occurred a negative mass squared!!!
           1  -70148.675602562580
 SquarkMass_1L: encountered a negative mass squared           3
"""
CHAIN = """ occurred a negative mass squared!
           1  -63619.773263676783

 ErrorLevel, Iname:          -1           2
 The error has occured in the following chain of subroutines:
 OneLoopMasses
 TreeMassesN2HDM

"""


@pytest.mark.parametrize(("block", "status", "reason"), [
    ("Block SPINFO\n 4   tachyon hh\n", "tachyon", "x: SPINFO 4: tachyon hh"),
    ("Block SPINFO\n 4   Point invalid: [ MuSqWrongsign ]\n", "no_ewsb",
     "x: SPINFO 4: Point invalid: [ MuSqWrongsign ]"),
    ("Block SPINFO\n 4   no ewsb, \n 4  other\n", "no_ewsb", "x: SPINFO 4: no ewsb,; other"),
    ("Block SPINFO\n 4   no convergence \n", "no_convergence", "x: SPINFO 4: no convergence"),
    ("Block SPINFO\n 4   # M_A^2 below 0 \n", "failed", "x: SPINFO 4: M_A^2 below 0"),
    ("Block DCINFO\n 4   decays failed\n", "failed", "x: DCINFO 4: decays failed"),
])
def test_invalid_points(block, status, reason):
    """SPINFO 4 and DCINFO 4 fail a point, with the status that their words stand for."""
    with pytest.raises(Failure) as caught:
        check_valid(Slha(block + MASS), "x", "failed")
    assert (caught.value.status, caught.value.reason) == (status, reason)


def test_warnings_are_no_failure():
    """SPINFO 3 is a warning."""
    check_valid(Slha("Block SPINFO\n 1 A\n 3  large logs\n" + MASS), "x", "failed")


@pytest.mark.parametrize(("messages", "status", "words"), [
    (TACHYON, "tachyon", "Messages.out: SquarkMass_1L: encountered a negative mass squared"),
    (WARNING + " Routine TreeMassesMSSM: negative pseudoscalar mass squared           1\n",
     "tachyon", "negative pseudoscalar"),
    (WARNING + " LoopMassesMSSM: m_A0^2 <0 in the 1-loop calculation           1\n", "tachyon",
     "m_A0"),
    (WARNING + " LoopMassesMSSM: |mu|^2 < 0 in the 1-loop calculation           1\n", "no_ewsb",
     "in the 1-loop"),
    (WARNING + " Routine Sugra: run did not converge           1\n", "no_convergence", "Sugra"),
    (WARNING, "spheno_error", "in routine LesHouches_Input"),
])
def test_the_end_of_messages_says_why(messages, status, words):
    """Base SPheno writes 'internal problem'; the end of Messages.out, not its first warning,
    tells which one."""
    text = "Block SPINFO\n 1 SPheno\n 4   # internal problem, see Messages.out for infos\n"
    with pytest.raises(Failure) as caught:
        SPheno(None, False, 1)._parse(text, " There has been a problem during the run.\n", messages)
    assert caught.value.status == status
    assert caught.value.reason.startswith("SPINFO 4: internal problem")
    assert words in caught.value.reason
    assert "SPA" not in caught.value.reason


def test_routines_and_numbers_are_no_reason():
    """The chain of routines that ends Messages.out of SARAH's SPheno is passed over."""
    assert with_end("w", CHAIN) == "w; Messages.out: occurred a negative mass squared!"
    assert with_end("w", "\n") == "w"
