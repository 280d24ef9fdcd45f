"""Entries of `Observables`: what they mean, where they are read, and what is refused."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from mlscanner.calculators.slha import Slha, SlhaError
from mlscanner.config.scan_config import load_config
from mlscanner.errors import InputError
from mlscanner.likelihood.correlated import correlated
from mlscanner.likelihood.observables import WORDS, Target, observable

SPECTRUM = """Block MASS
   25   1.2509E+02   # h
Block GAUGE Q= 1.6E+02
   1   3.5E-01
Block GAUGE Q= 1.0E+16
   1   7.0E-01
Block IMVCHAMIX
   1 2   -2.5D-03
Block ALPHA
   -1.1E-01
DECAY  25  4.1E-03   # h
#  BR   NDA  ID1 ID2
   5.8E-01  2   5  -5   # BR(h -> b bbar)
   2.1E-01  2   24 -24
   1.0E-03  3   1 -1 22
DECAY  35  NaN
   0.5  2  5
DECAY  36  1.0
   0.2  2  5  -5
   0.3  2  -5  5
DECAY1L  25  6.5E-03   # h
   6.1E-01  2   5  -5
Block FMASS
   5  4.18E+00   3   1.6E+02   # mass, scheme, scale
"""


@pytest.mark.parametrize(("words", "value"), [
    ({"block": "MASS", "key": 25}, 125.09),
    ({"block": "mass", "key": "25"}, 125.09),
    ({"block": "GAUGE", "key": 1, "scale": 1e16}, 0.7),
    ({"block": "IMVCHAMIX", "key": (1, 2)}, -2.5e-3),
    ({"block": "IMVCHAMIX", "key": "1 2"}, -2.5e-3),
    ({"block": "ALPHA"}, -0.11),
    ({"decay": 25}, 4.1e-3),
    ({"decay": 25, "daughters": (5, -5)}, 0.58),
    ({"decay": 25, "daughters": [-5, 5]}, 0.58),
    ({"decay": 25, "daughters": (22, 1, -1)}, 1e-3),
    ({"decay": 25, "daughters": (15, -15)}, 0.0),
    ({"decay": 36, "daughters": (5, -5)}, 0.5),
    ({"decay": 25, "daughters": (5, -5), "one_loop": True}, 0.61),
    ({"decay": 25, "one_loop": True}, 6.5e-3),
    ({"block": "GAUGE", "key": 1, "scale": "lowest"}, 0.35),
    ({"block": "GAUGE", "key": 1, "scale": "highest"}, 0.7),
    ({"block": "GAUGE", "key": 1, "scale": "nearest 1000"}, 0.35),
    ({"block": "GAUGE", "key": 1, "scale": (150, 20)}, 0.35),
    ({"block": "FMASS", "key": 5, "column": 3}, 160.0),
])
def test_numbers_of_a_spectrum(words, value):
    """Lists, matrices, imaginary parts, scales, widths and branching ratios are addressable."""
    entry = observable("it", **words)
    assert entry.problems == ()
    assert entry.read(Slha(SPECTRUM)) == value


@pytest.mark.parametrize(("words", "message"), [
    ({"block": "MASS", "key": 35}, "there is no entry 35"),
    ({"block": "GAUGE", "key": 1}, "ambiguous"),
    ({"decay": 6}, "there is no DECAY 6"),
    ({"decay": 35}, "not finite"),
    ({"decay": 35, "daughters": (5, -5)}, "line 17"),
    ({"decay": 35, "one_loop": True}, "there is no DECAY1L 35"),
    ({"block": "GAUGE", "key": 1, "scale": (1e4, 5)}, "at Q=10000 \\+- 5; it is at 160, 1e\\+16"),
])
def test_what_is_missing_is_an_error(words, message):
    """A number that is not there, or not certain, is never 0."""
    with pytest.raises(SlhaError, match=message):
        observable("it", **words).read(Slha(SPECTRUM))


@pytest.mark.parametrize(("name", "words", "message"), [
    ("m h", {}, "letters, digits"),
    ("it", {"valu": 3}, "did you mean value?"),
    ("it", {"value": 3}, "needs its sigma"),
    ("it", {"value": 3, "sigma": 0}, "needs its sigma"),
    ("it", {"value": "3", "sigma": 1}, "expected a finite number"),
    ("it", {"value": float("nan"), "sigma": 1}, "expected a finite number"),
    ("it", {"sigma": -1, "upper": 2}, "at least 0"),
    ("it", {"sigma": 1}, "no value or limit"),
    ("it", {"range": (3, 2)}, "two numbers"),
    ("it", {"lower": 3, "upper": 2}, "not below"),
    ("it", {"value": 1, "sigma": 1, "upper": 2}, "one constraint"),
    ("it", {"block": "MASS", "expression": "a"}, "only one can say where"),
    ("it", {"key": 3}, "need a block"),
    ("it", {"daughters": (1, 2)}, "need decay"),
    ("it", {"one_loop": True}, "need decay"),
    ("it", {"column": 2}, "need a block"),
    ("it", {"block": "FOBS", "column": 0}, "1 for the first"),
    ("it", {"block": "GAUGE", "key": 1, "scale": "nearest"}, "'nearest 1000'"),
    ("it", {"block": "GAUGE", "key": 1, "scale": "middle"}, "'lowest', 'highest'"),
    ("it", {"upper": "limit.csv"}, "needs along"),
    ("it", {"upper": 3, "along": "mH"}, "that is a CSV"),
    ("it", {"block": "MASS", "key": "x"}, "a whole number"),
    ("it", {"interpolation": "cubic"}, "'linear' or 'log'"),
])
def test_what_is_wrong_with_an_entry(name, words, message):
    """Each mistake is kept as a sentence, not raised."""
    assert message in "; ".join(observable(name, **words).problems)


def test_every_word_is_documented():
    """The words of an entry are the attributes of `Observable`, plus range."""
    assert "range" in WORDS and "value" in WORDS and "problems" not in WORDS


@pytest.mark.parametrize(("entries", "words"), [
    ("observable('mh', valu=3), observable('x', key=1)", ["line 6", "valu is not", "need a block"]),
    ("observable('x1', upper=3)", ["a parameter has that name"]),
    ("observable('chi2', upper=3)", ["a column of points.csv"]),
    ("observable('a', expression='x1'), observable('a', expression='x2')", ["another observable"]),
    ("observable('a', expression='b'), observable('b', expression='a')", ["need each other: a, b"]),
    ("observable('a', expression='x1 +')", ["not a formula"]),
    ("{'a': 1}", ["expected observable("]),
    ("observable('a', expression='x1', value=1, sigma=1)", ["Target_value"]),
])
def test_the_list_is_checked_with_its_lines(tmp_path, entries, words):
    """All problems of `Observables` are reported, each with the line it stands on."""
    path = tmp_path / "in.py"
    band = "Target_value = 1.0\nTarget_width = 1.0\n" if "sigma=1" in entries else \
        "Chi_square_threshold = 4.0\n\n"
    path.write_text(f"Calculator = 'F_2d'\n{band}Observables = [\n"
                    f"    # the first\n    {entries},\n]\n")
    with pytest.raises(InputError) as caught:
        load_config(path)
    text = "\n".join(caught.value.problems)
    assert all(word in text for word in words), text
    assert "?." not in text


def test_a_target_says_what_it_is():
    """A band and a threshold are told apart by a plain bool; NaN is in neither."""
    assert Target(80, 120).is_band is True
    assert Target(-np.inf, 10).is_band is False
    assert list(Target(80, 120).inside([80, 100, np.nan])) == [False, True, False]


def test_the_manual_names_every_word():
    """Words of entries, priors, formulas and programs all stand in the manual."""
    from mlscanner.calculators.steps.user_programs import UserProgram
    from mlscanner.space.expressions import FUNCTIONS
    from mlscanner.space.priors import PRIORS
    manual = (Path(__file__).parents[2] / "docs/parameters_and_observables.md").read_text()
    words = {*WORDS, *inspect.signature(correlated).parameters, *PRIORS, *FUNCTIONS,
             *UserProgram.__dataclass_fields__} - {"problems", "name"}
    assert not [word for word in words if not re.search(rf"\b{word}\b", manual)]


def test_in_the_target_is_evaluated_ok_and_inside():
    """A failed point, and one without a value, is in no target, whatever else is known of it."""
    target = Target(-np.inf, 5.0)
    held = target.holds(["ok", "excluded", "ok", "ok"], [1.0, 1.0, np.nan, 9.0])
    assert held.tolist() == [True, False, False, False]
    assert bool(target.holds("ok", 1.0))
    assert not bool(target.holds("tachyon", 1.0))
