"""docs/messages.md tells of every status and kind of error, and of none that does not exist."""

import ast
import functools
import re
from pathlib import Path

import pytest

from mlscanner import errors
from mlscanner.scanning.alike import CAUSES

SOURCE = Path(__file__).resolve().parents[1] / "source"
PAGE = (SOURCE.parent / "docs" / "messages.md").read_text(encoding="utf-8")
WORD = re.compile(r"[a-z][a-z_]+")


def section(title):
    """Text of a section of the page, up to the next one of its level."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]


def first_cells(text):
    """What stands in code type in the first column of the tables."""
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def words(node):
    """Text constants of an expression; of a condition, both outcomes."""
    if isinstance(node, ast.IfExp):
        return words(node.body) | words(node.orelse)
    if isinstance(node, ast.Tuple):
        return set().union(*map(words, node.elts))
    is_word = isinstance(node, ast.Constant) and isinstance(node.value, str) and \
        WORD.fullmatch(node.value)
    return {node.value} if is_word else set()


@functools.cache
def trees():
    """The code, parsed; when the first test asks for it."""
    return [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")]


def statuses():
    """Every status that the code can give to a point."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in {"Failure", "Evaluation", "Outcome", "_ask"}:
                    found |= words(node.args[0])
            elif isinstance(node, ast.Assign):
                found |= assigned(node)
            elif isinstance(node, ast.FunctionDef):
                found |= given_back(node)
    return found


def assigned(node):
    """Of `status = ...`, `failed = ...`, `OK = ...`, also among several targets."""
    found = set()
    for target in node.targets:
        pairs = zip(target.elts, node.value.elts, strict=True) if \
            isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else \
            [(target, node.value)]
        for name, value in pairs:
            if getattr(name, "id", "") in {"status", "failed", "OK", "EXCLUDED"}:
                calls = [n for n in ast.walk(value) if isinstance(n, ast.Call)]
                found |= set().union(words(value), *(words(a) for n in calls for a in n.args))
    return found


def given_back(function):
    """Of the functions that give statuses back by themselves."""
    if function.name not in {"_tests", "quartic_tests", "search_tests", "_missing", "_describe",
                             "_wait"}:
        return set()
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found |= set().union(*map(words, parts))
        elif isinstance(node, ast.IfExp) and isinstance(node.body, ast.Tuple):
            found |= words(node)
    return found


def messages():
    """All texts of the code and of run.sh, with '...' where a value is filled in."""
    texts = [(SOURCE.parent / "run.sh").read_text(encoding="utf-8")]
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(part.value if isinstance(part, ast.Constant) else "..."
                                     for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return texts


@pytest.mark.slow
def test_the_page_has_every_status_and_no_other():
    """The statuses in the code are those of the page."""
    told = first_cells(section("Statuses of points"))
    assert len(told) == len(set(told))
    assert set(told) == statuses()


def test_causes_are_known_for_every_status():
    """A scan whose points all fail alike can name a likely cause for each status."""
    assert statuses() - {"ok"} == set(CAUSES)


def test_statuses_are_found():
    """The search in the code finds statuses of each form in which they are written."""
    assert {"ok", "tachyon", "spheno_error", "hb_failed", "unbounded", "bad_value", "timeout",
            "excluded", "not_started", "unphysical"} <= statuses()


def test_each_message_of_the_page_is_one_of_the_program():
    """What the page shows of a message stands in the code."""
    known = messages()
    shown = [text for title in ("Errors of the command line", "Notes")
             for text in first_cells(section(title))]
    assert len(shown) > 30
    missing = [text for text in shown if not any(text in message for message in known)]
    assert not missing


def test_each_kind_of_error_has_a_section():
    """The page has a part for each class of errors, and each class exits with the code told."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)
             and issubclass(kind, errors.ScannerError) and kind is not errors.ScannerError]
    assert len(kinds) >= 4
    for kind in kinds:
        assert f"(`{kind.__name__}`)" in PAGE
        assert kind.exit_code == (0 if kind is errors.NothingToDo else 2)
