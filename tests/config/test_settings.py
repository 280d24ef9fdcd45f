"""The table of settings, the checks it is made of, and the texts that must agree with it."""

import dataclasses
import math
import pickle
import re

import pytest

from mlscanner.config import checks, settings_doc
from mlscanner.config.scan_config import load_config
from mlscanner.config.settings import SECTIONS, ScanConfig, settings

ORIGINAL = """
    N_Cores N_iteration Size_initial_batch Size_batch_L Size_batch_K Chi_square_threshold
    Full_train_period Frac_random_points K_SMOOTE pathS Lesh SPHENOMODEL VarMin VarMax VarLabel
    VarNum TotVarScanned HiggsBounds HBPath NH NCH ExcludeHB HiggsSignal HSPath PATHMHUNCERTINITY
    LHC_run
"""
# Settings whose value in the shipped file belongs to its scan; all others show the default.
OF_THE_SCAN = {"Chi_square_threshold", "Chi_square_above_best", "Size_batch_search", "THDM_basis",
               "THDM_fixed", "THDM_signals", "THDM_oblique_fit", "THDM_flavour", "THDM_searches",
               "THDM_search_rule", "TotVarScanned", "Lesh", "SPHENOMODEL", "N_iteration",
               "Target_points", "Max_evaluations", "Max_time", "Size_initial_batch", "Size_batch_L",
               "Size_batch_K", "Spread_in", "Refine_evaluations"}


def test_original_names_are_there():
    """Every name of the first release's input file is a setting."""
    assert not set(ORIGINAL.split()) - set(settings())


def test_names_are_unique_and_documented():
    """No setting stands in two sections; each has a check and a sentence."""
    names = [f.name for cls in SECTIONS for f in dataclasses.fields(cls)]
    assert len(names) == len(set(names))
    for name, field in settings().items():
        assert callable(field.metadata["check"]), name
        assert field.metadata["doc"].endswith("."), name
        assert field.metadata["doc"][0].isupper() or field.metadata["doc"][0] in "'01", name


def test_config_is_frozen_and_travels():
    """A ScanConfig cannot be changed, and reaches worker processes whole."""
    config = ScanConfig(Seed=3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.Seed = 4
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(TypeError):
        ScanConfig(N_Core=3)


def test_every_setting_is_in_the_shipped_file(project):
    """scan_input.py shows every setting, as a line or as a comment, and no other name."""
    text = (project / "scan_input.py").read_text(encoding="utf-8")
    shown = set(re.findall(r"^#? ?(\w+)(?: = |\.append\()", text, re.MULTILINE))
    assert set(settings()) - shown == set()
    assert {name for name in shown if name[0].isupper()} - set(settings()) == set()


def test_shipped_file_shows_the_defaults(project):
    """What scan_input.py says of a setting is its default, unless it belongs to the scan."""
    shipped, default = load_config(project / "scan_input.py"), ScanConfig()
    different = [name for name in settings() if not name.startswith("Var")
                 and getattr(shipped, name) != getattr(default, name)]
    assert set(different) <= OF_THE_SCAN


def test_document_is_up_to_date(project):
    """The tables are those of settings.py; if not: python -m mlscanner.config.settings_doc."""
    text = (project / "docs" / "how_to_adjust_the_input_file.md").read_text(encoding="utf-8")
    assert settings_doc.updated(text) == text
    for name in settings():
        assert f"| `{name}` |" in text


def test_document_of_an_old_table_changes():
    """An old table is replaced, what stands around it stays."""
    text = "before\n" + settings_doc.BEGIN + "yesterday\n" + settings_doc.END + "after\n"
    new = settings_doc.updated(text)
    assert new.startswith("before\n")
    assert new.endswith("after\n")
    assert "yesterday" not in new


@pytest.mark.parametrize(("check", "good", "bad"), [
    (checks.integer(1, 5), [1, 5, 2.0], [0, 6, 2.5, True, "3", None, math.nan, [1]]),
    (checks.integer(0, text=True), [3, "3", " 3 "], ["a", "3.5", "-1", b"3"]),
    (checks.number(), [1, -2.5, 0], [True, "1", math.inf, math.nan, 10**400, None, 1j]),
    (checks.number(above=0), [1e-300, 5], [0, -1]),
    (checks.fraction(), [0, 1, 0.5], [-1e-9, 1.0001]),
    (checks.switch(), [0, 1, True, 1.0], [2, "1", None]),
    (checks.switch(0, 1, 2), [2], [3]),
    (checks.flag(), [True, 0], [2, "True"]),
    (checks.text(), ["", "a"], [1, None, "a\nb", "a\0"]),
    (checks.text(empty=False), ["a"], ["", "  "]),
    (checks.entry(), ["1", 3, "1 2", "1,2"], ["a", 1.5, "1.5", True]),
    (checks.one_of("a", "b"), ["a"], ["c", 1]),
    (checks.optional(checks.integer()), [None, 1], ["a"]),
    (checks.some_of("a", "b"), ["a", ["b"], ("a", "a")], ["c", [], ["a", "c"], None, 1, {"a"}]),
    (checks.list_of(checks.integer()), [[], [1], (1, 2), range(3)], ["12", {1: 2}, [True], 3]),
])
def test_checks(check, good, bad):
    """What a check accepts and refuses; what it refuses, convert refuses with ValueError."""
    for value in good:
        assert check(value) is None, value
    for value in bad:
        assert check(value) == check.expected, value
        with pytest.raises(ValueError):
            check.convert(value)


def test_conversions():
    """Values reach the scan in one type each."""
    assert type(checks.integer().convert(1e5)) is int
    assert type(checks.number().convert(3)) is float
    assert checks.entry().convert("1,2") == "1 2"
    assert checks.entry().convert(7) == "7"
    assert checks.text().convert(" /a b ") == "/a b"
    assert checks.list_of(checks.number()).convert([1, 2]) == (1.0, 2.0)
    assert checks.flag().convert(1) is True
