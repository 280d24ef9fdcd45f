"""Numbers that the input file reads from a spectrum, and what a missing one does to the point."""

import pytest

from mlscanner.calculators.slha import Slha
from mlscanner.calculators.steps.extras import Extras
from mlscanner.calculators.steps.work import Point
from mlscanner.evaluation import OK
from mlscanner.likelihood.observables import observable

SPECTRUM = "DECAY 37 1.0\n 0.8 2 6 -5\n 0.2 2 -15 16\n"


@pytest.mark.parametrize(("words", "optional", "status", "number"), [
    ({"decay": 37, "daughters": (6, -5)}, False, OK, 0.8),
    ({"decay": 37, "daughters": (4, -3)}, False, OK, 0.0),
    ({"decay": 37, "daughters": (15, -16)}, False, "bad_output", None),
    ({"decay": 37, "daughters": (15, -16)}, True, "bad_output", None),
    ({"decay": 36, "daughters": (15, -16)}, True, OK, None),
])
def test_a_channel_written_with_other_signs_fails_the_point(words, optional, status, number):
    """It would be 0, or missing, in every point without a word: even an optional one says so."""
    point = Point()
    point.set_spectrum(SPECTRUM, Slha(SPECTRUM))
    Extras([], [observable("it", **words, optional=optional)], []).read(point)
    assert point.status == status
    assert point.numbers.get("it") == number
    assert ("-15 16 (line 3)" in point.reason) == (status != OK)
