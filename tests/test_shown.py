"""Control characters of labels, reasons and files: in no terminal, and in no file of text."""

import json
import logging
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscanner.evaluation import Evaluation
from mlscanner.plotting.labels import is_tex, plain
from mlscanner.plotting.report import esc
from mlscanner.scanning.progress import LOG, logging_to
from mlscanner.shown import counted, equations, escaped, fitted, one_line, say
from mlscanner.space.parameters import clean_label
from mlscanner.store.points_file import PointsFile
from mlscanner.store.points_table import read_table
from mlscanner.store.settings_file import load_settings, save_settings
from runner import rows, run, write_input

# the window's title, colours, a hidden line, the 8-bit escape, DEL, right to left, half a pair
HOSTILE = "\x1b]0;owned\x07 \x1b[31m\x1b[8m \x9b2J \x7f \u202eten\u2028x \udc80 \r\x08\x00end"
TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


def bad(text):
    """Characters of a text that may reach neither terminal nor file."""
    return {c for c in text if not (c.isprintable() or c in "\n\t")}


def test_one_is_singular():
    """One point, and no or two points."""
    assert [counted(n, "point") for n in (0, 1, 2)] == ["0 points", "1 point", "2 points"]
    assert counted(np.int64(2), "point") == "2 points"


def test_no_equation_is_broken():
    """Each line has whole equations, the first behind its words, and fits."""
    numbers = [(f"chi2_{k}", float(k)) for k in range(20)]
    lines = equations(numbers, "  at ", 60)
    assert lines[0].startswith("  at chi2_0 = 0, ") and max(map(len, lines)) <= 60
    assert ", ".join(line.strip().rstrip(",") for line in lines).removeprefix("at ").split(", ") \
        == [f"{name} = {value:g}" for name, value in numbers]
    assert equations([]) == []


@given(TEXTS)
def test_what_is_shown_has_no_control_characters(text):
    """Escaped, it can be printed, loses nothing that could be printed, and stays as it is then."""
    shown, line = escaped(text), one_line(text)
    assert not bad(shown) and not bad(line) and "\n" not in line and "\t" not in line
    shown.encode()
    assert escaped(shown) == shown and one_line(line) == line
    rest = iter(shown)
    assert all(c in rest for c in text if c.isprintable())
    if text.isprintable():
        assert shown == text
    assert not bad(clean_label(text)) and not bad(esc(text)) and not bad(plain(text))


@pytest.mark.slow
@given(st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_settings_read_back_as_they_were(tmp_path_factory, words):
    """scan_input_used.json holds no control character, and says the same."""
    folder = tmp_path_factory.mktemp("run")
    save_settings(folder, {"settings": {}, "note": words})
    assert not bad((folder / "scan_input_used.json").read_text())
    assert load_settings(folder)["note"] == words
    assert json.loads(escaped(json.dumps(words, ensure_ascii=False))) == words


@given(TEXTS, TEXTS, TEXTS)
def test_points_and_log_have_none(tmp_path_factory, reason, name, status):
    """In points.csv, its header too, and in log.txt, where what is told is one line each."""
    folder = tmp_path_factory.mktemp("run")
    file = PointsFile(folder, [f"p{name}"], "chi2", [f"o{name}"])
    file.append(0, 0, f"imported {name}", [1.0], 0.5,
                Evaluation(f"s{status}", 1.0, (2.0,), reason), False)
    file.close()
    assert not bad((folder / "points.csv").read_text())
    assert len((folder / "points.csv").read_text().split("\n")) == 3
    assert read_table(folder / "points.csv")["reason"].tolist() == [one_line(reason)]
    assert PointsFile(folder, [f"p{name}"], "chi2", [f"o{name}"]).observables == \
        (one_line(f"o{name}"),)
    with logging_to(folder, logging.CRITICAL):
        LOG.info("%s has %d of %s", status, 3, Path("x") / reason.replace("/", "").strip("\0"))
    log = (folder / "log.txt").read_text()
    assert not bad(log) and log.count("\n") == 1


def test_what_is_said_is_escaped(capsys):
    """To standard output and error alike."""
    say(HOSTILE)
    say(HOSTILE, file=sys.stderr)
    out, err = capsys.readouterr()
    assert out == err
    assert not bad(out)
    assert "\\u001b]0;owned\\u0007" in out and "\\udc80" in out


def test_a_formula_with_control_characters_is_drawn_as_text():
    """matplotlib's mathtext gets none."""
    assert is_tex(r"$\lambda_1$") and not is_tex("$\x1b[31m$")


FUNCTION = """
def f(p):
    if p[0] < 0.3:
        raise ValueError({text!r})
    return {{'chi2': 10 * p[0], 'o\\x1b[32m': 1.0}}
"""
SETTINGS = """
VarLabel = ['a\\x1b[31m\\x9b', 'b']
VarMin = [0, 0]
VarMax = [1, 1]
Chi_square_threshold = 8.0
"""


@pytest.mark.slow
def test_a_hostile_scan_leaves_none_anywhere(tmp_path):
    """Label, reason and name of an observable full of them: check, scan, plot and predict."""
    (tmp_path / "f.py").write_text(FUNCTION.format(text=HOSTILE))
    path = write_input(tmp_path, calculator="f.py:f", cores=1, more=SETTINGS)
    output, log = tmp_path / "out", tmp_path / "printed"
    assert run(["check", "--input", path], log)[0] == 0
    assert run(["RFR", "--input", path, "--output", output], log)[0] == 0
    assert run(["plot", output / "RFR"], log)[0] == 0
    assert run(["predict", output / "RFR", output / "RFR" / "points.csv"], log)[0] == 0
    assert run(["profile", output / "RFR"], log)[0] == 0
    shown = log.read_text()
    assert "\\u001b" in shown and not bad(shown)
    reasons = {row["reason"] for row in rows(output / "RFR")} - {""}
    assert any("\\u001b]0;owned" in reason for reason in reasons)
    files = [f for f in (output / "RFR").rglob("*") if f.suffix in {
        ".csv", ".txt", ".json", ".html"}]
    assert {"points.csv", "log.txt", "report.html", "chi2.txt", "model.json"} <= \
        {f.name for f in files}
    assert not {f.name: bad(f.read_text()) for f in files if bad(f.read_text())}


def test_lines_of_a_terminal_end_between_words(monkeypatch, capsys):
    """At its width, further in; commands, columns and long words stay whole, as does what goes to
    a file or a pipe."""
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("os.isatty", lambda handle: True)
    with Path(os.devnull).open() as terminal:
        text = "  tanb: the target reaches the upper end (50) of its range."
        lines = fitted(text, terminal).split("\n")
        assert all(len(line) <= 30 for line in lines) and len(lines) == 3
        assert lines[1].startswith("    ") and " ".join(" ".join(lines).split()) == text.strip()
        for whole in ("more points:  ./run.sh RFR --input my_scan.py --more 10", "x" * 60,
                      "points.csv            every evaluated point", "short"):
            assert fitted(whole, terminal) == whole
        for command in ("./run.sh RFR --input my_scan.py --more 10",
                        "python -m mlscanner RFR --new", "(./run.sh list my_results) or go"):
            assert fitted(f"Stopped. To continue the scan: {command}", terminal).split("\n") == [
                "Stopped. To continue the scan:", f"  {command}"]
        monkeypatch.setenv("COLUMNS", "60")
        row = "  unbounded    17  (16.6%)  id 0: the potential is not bounded from below"
        assert fitted(row, terminal).split("\n") == [
            "  unbounded    17  (16.6%)  id 0: the potential is not",
            "                            bounded from below"]
        monkeypatch.setattr("os.isatty", lambda handle: False)
        assert fitted(text, terminal) == text
    say(text)
    assert capsys.readouterr().out == text + "\n"
