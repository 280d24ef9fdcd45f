"""The user's Les Houches file: scanned entries are found or refused, all else is untouched."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscanner.calculators.slha import Slha
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.calculators.template import Template
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError
from mlscanner.likelihood.observables import observable
from standins import LABELS, NUMBERS, TEMPLATE


def addressed(text=TEMPLATE, labels=LABELS, numbers=NUMBERS, blocks=()):
    """A template with its parameters looked up."""
    template = Template(text, "LesHouches.in")
    template.address(labels, numbers, blocks)
    return template


def test_old_style_addresses():
    """A label of the original input file is found as part of a comment, with its number."""
    template = addressed(labels=["# M12input", "# Lambda4Input"], numbers=["9", "4"])
    assert [a.line + 1 for a in template.addresses] == [9, 7]
    assert template.addresses[0].block == "MINPAR"


def test_everything_else_passes_through():
    """Only the values change: comments, tabs, order and line ends stay byte for byte."""
    for text in (TEMPLATE, TEMPLATE.replace("\n", "\r\n"), TEMPLATE + "# caf\udce9\n"):
        template = addressed(text, ["# Lambda4Input"], ["4"])
        before, after = text.splitlines(True), template.fill([0.25]).splitlines(True)
        changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        assert changed == [6]
        assert after[6].startswith("\t4   2.5000000000000000E-01 # Lambda4Input   (tabs")


def test_a_byte_order_mark_before_the_first_block():
    """The first block is found, and the program gets the file without the mark."""
    template = addressed("\ufeffBlock MINPAR\n 1  0.5 # m0\n", ["# m0"], ["1"])
    assert template.fill([2.5]).startswith("Block MINPAR\n 1  2.5000000000000000E+00 # m0")


def test_a_comment_right_behind_the_value():
    """The comment stays one, and a whole number stays whole, without a blank before the '#'."""
    text = "Block MINPAR\n 1  0.5# Lambda1Input\n 2  7#flag\n"
    template = addressed(text, ["# Lambda1Input", "# flag"], ["1", "2"])
    assert template.fill([0.25, 9]).splitlines()[1:] == [
        " 1  2.5000000000000000E-01# Lambda1Input", " 2  9#flag"]


@given(st.floats(-1e300, 1e300))
def test_the_stored_point_is_the_point_that_is_run(value):
    """What the program reads is the very double that is stored."""
    template = addressed(labels=["# TanBeta"], numbers=["10"])
    assert Slha(template.fill([value])).value("MINPAR", 10) == value


def test_whole_numbers_stay_whole():
    """Fortran does not read 2.0E+00 into an integer, so a whole flag is written as one; only
    the value is replaced where it looks like a second index."""
    template = addressed(labels=["# Trouble"], numbers=["90"])
    assert " 90  7                # Trouble\n" in template.fill([7.0])
    assert " 90  7.5000000000000000E+00                # Trouble\n" in template.fill([7.5])


def test_matrix_entries():
    """Two numbers address an entry of a matrix block."""
    text = "Block YUIN\n 1 1 0.1 # Yu11\n 1 2 0.2 # Yu12\n 3 3 1 # Yu33\n"
    template = addressed(text, ["# Yu12", "# Yu33"], ["1 2", "3 3"])
    assert "1 2 5.0000000000000000E-01 # Yu12\n 3 3 2 #" in template.fill([0.5, 2])


TWICE = "Block MINPAR\n 10 1.0 # TanBeta\nBlock EXTPAR\n 10 2.0 #  TanBeta\n 9 1.0 # TanBeta\n"


def test_ambiguous_labels_are_refused():
    """Two lines that match are an error that names both lines; VarBlock decides."""
    with pytest.raises(InputError, match="stands on lines 2 and 4; name its block in VarBlock"):
        addressed(TWICE, ["# TanBeta"], ["10"])
    assert addressed(TWICE, ["# TanBeta"], ["10"], ["extpar"]).addresses[0].line == 3
    assert addressed(TWICE, ["# TanBeta"], ["10"], ["MINPAR"]).addresses[0].line == 1


NEAR = """Block MINPAR
 2 5.0 # m12
 3 1.0 # (tan beta at Q)
Block IMMINPAR
 2 0.0 # Imm12
 3 2.0 # cotan beta at Q
Block EXTPAR
 2 7.0 # m12 at Q
"""


@pytest.mark.parametrize(("label", "number", "line"), [
    ("# m12", "2", 2), ("#m12", "2", 2), ("Imm12", "2", 5), ("# m12 at", "2", 8),
    ("# tan beta", "3", 3), ("# cotan", "3", 6), ("# Imm1", "2", 5)])
def test_the_exact_label_is_meant(label, number, line):
    """A comment that is the label beats one that has its words, and this one a part of a word."""
    assert addressed(NEAR, [label], [number]).addresses[0].line + 1 == line


def test_a_block_with_a_bare_value():
    """The value of a block without numbers is found by its block and written; a block that has
    none is an error, never a parameter that goes nowhere."""
    text = "Block S1IN\n 2000\nBlock MINPAR\n 2 5.0 # m12\nBlock ALPHAIN # mixing\n  0.5 # alpha\n"
    template = addressed(text, ["S1", "alpha"], ["", ""], ["s1in", "ALPHAIN"])
    assert template.fill([1500, 0.25]).splitlines() == [
        "Block S1IN", " 1500", "Block MINPAR", " 2 5.0 # m12", "Block ALPHAIN # mixing",
        "  2.5000000000000000E-01 # alpha"]
    with pytest.raises(InputError, match="no entry has block MINPAR and no number"):
        addressed(text, ["m12"], [""], ["MINPAR"])


@pytest.mark.parametrize(("words", "refused"), [
    ({}, True), ({"VarPrior": ["b = 2*a"]}, False), ({"VarPrior": ["a = fixed 3"]}, False),
    ({"Observables": [observable("x", expression="2*a")]}, False),
    ({"Observables": [observable("x", block="M", key=1, upper="f.csv", along="a")]}, False),
    ({"Programs": [user_program("p", ["p", "{a}"])]}, False),
    ({"Programs": [user_program("p", ["p", "{b}"], input="card")]}, False),
    ({"Programs": [user_program("p", ["p", "{b}"])]}, True),
    ({"Programs": [python_step("f.py:f")]}, False)])
def test_a_parameter_that_changes_nothing_is_refused(tmp_path, words, refused):
    """Its VarNum is '' and nothing uses it: an error before the scan, not a scan of noise."""
    (tmp_path / "LesHouches.in").write_text("Block M\n 1 2.0 # b\n")
    (tmp_path / "card").write_text("mass = {a}\n")
    low, high = ([None, 0], [None, 1]) if "a = fixed 3" in words.get("VarPrior", ()) else \
        ([0, None], [1, None]) if "VarPrior" in words else ([0, 0], [1, 1])
    config = make_config(**{"Calculator": "Programs", "Lesh": "LesHouches.in", "VarNum": ["", "1"],
                            "Programs": [user_program("p", ["p"])], "VarLabel": ["a", "b"],
                            "VarMin": low, "VarMax": high, **words})
    config = replace(config, input_file=str(tmp_path / "in.py"))
    if refused:
        with pytest.raises(InputError, match="VarNum: a has no entry in LesHouches.in"):
            Template.from_config(config)
    else:
        Template.from_config(config)


@pytest.mark.parametrize(("label", "number", "block", "words"), [
    ("# TanBeta", "11", "", "no entry has label .* Similar: line 10"),
    ("# Nope", "10", "", "no entry has label"),
    ("# Lambda1Input", "1", "EXTPAR", "in block EXTPAR")])
def test_what_is_not_there_is_refused(label, number, block, words):
    """No match is an error before the scan, with what comes near."""
    with pytest.raises(InputError, match=words):
        addressed(labels=[label], numbers=[number], blocks=[block])


def test_all_problems_at_once_and_no_entry_twice():
    """Each parameter's problem is reported; one entry cannot be two parameters."""
    with pytest.raises(InputError) as caught:
        addressed(labels=["# Nope", "# TanBeta", "# TanB"], numbers=["1", "10", "10"])
    assert len(caught.value.problems) == 2
    assert re.search("line 10: '# TanB' and '# TanBeta' mean the same", str(caught.value))


def test_commented_lines_do_not_match():
    """A line that is commented out is no entry."""
    with pytest.raises(InputError, match="no entry"):
        addressed("Block MINPAR\n# 1 0.3 # Lambda1\n 2 0.1 # Lambda2\n", ["# Lambda1"], ["1"])


def test_a_parameter_without_entry():
    """A parameter with an empty number is not written: only formulas use it."""
    template = addressed(labels=["# helper", "# TanBeta"], numbers=["", "10"])
    assert "5.0000000000000000E+00" in template.fill([99.0, 5.0])
    assert "99" not in template.fill([99.0, 5.0])


def test_flags():
    """A switch is read as a number; contradictory lines are an error."""
    assert Template(TEMPLATE).flag("SPhenoInput", 520) == 1.0
    assert Template(TEMPLATE).flag("SPhenoInput", 77) is None
    with pytest.raises(InputError, match="lines 2 and 3 with different"):
        Template("Block SPHENOINPUT\n 76 1\n 76 2\n").flag("SPhenoInput", 76)
    with pytest.raises(InputError, match=r"line 2: '\*\*' is not a number"):
        Template("Block SPHENOINPUT\n 76 **\n").flag("SPhenoInput", 76)


def test_last_line_without_end():
    """SPheno ignores a last line without its end, so it is given one."""
    assert addressed("Block MINPAR\n 1 2 # L", ["# L"], ["1"]).fill([3]).endswith("# L\n")
