"""A scan whose points all fail alike says so while it runs, and names what mostly causes it."""

import pytest

from mlscanner.errors import ProgramError
from mlscanner.evaluation import Evaluation
from mlscanner.scanning.alike import FIRST, Alike
from mlscanner.space.parameters import Box, Parameter

BOX = Box([Parameter("M12input", -1e5, -1e3), Parameter("TanBeta", 1.0, 50.0)])
TACHYON = Evaluation("tachyon", reason="negative mass squared")


def told(evaluations, known=()):
    """(how many points it took, what was said) of each time something was said."""
    alike = Alike(BOX, "points.csv", known)
    return [(k, text) for k, evaluated in enumerate(evaluations, 1)
            if (text := alike.add(evaluated))]


def test_it_is_told_at_once_and_again_at_ten_times_as_many():
    """After 200 and 2,000 tachyons, with the program's words and the parameter of one sign."""
    said = told([TACHYON] * 2500)
    assert [k for k, _ in said] == [FIRST, 10 * FIRST]
    assert "none is ok, and 200 have the status 'tachyon', mostly: negative mass squared" in \
        said[0][1]
    assert "a wrong sign" in said[0][1]
    assert "M12input (-100000 to -1000)" in said[0][1]
    assert "TanBeta" not in said[0][1]


@pytest.mark.parametrize("evaluations", [
    [TACHYON] * 199, [Evaluation("ok", 1.0)] + [TACHYON] * 300,
    [TACHYON, Evaluation("no_ewsb")] * 150])
def test_nothing_is_told_while_there_is_hope(evaluations):
    """Few points, one that is ok, or failures of several kinds."""
    assert not told(evaluations)


def test_a_rare_other_failure_does_not_hide_it():
    """Nearly all alike and none ok is what the whole first batch need not be: of one kind."""
    (k, text), = told([Evaluation("timeout")] + [TACHYON] * 250)
    assert (k, "199 have the status 'tachyon'" in text) == (FIRST, True)


def test_a_scan_that_goes_on_does_not_say_it_again():
    """What was told before a resume is not repeated; a point that was ok stays one."""
    assert not told([TACHYON] * 100, known=["tachyon"] * 250)
    assert not told([TACHYON] * 400, known=["ok"])
    assert told([TACHYON] * 100, known=["tachyon"] * 150)[0][0] == 50


def test_the_error_names_them_too():
    """The whole first batch of one kind ends the scan as before."""
    alike = Alike(BOX, "points.csv")
    alike.add(TACHYON)
    batch = type("Batch", (), {"status": ["tachyon"], "__len__": lambda self: 1})()
    with pytest.raises(ProgramError, match="failed in the same way.*a wrong sign"):
        alike.refuse(batch)
