"""The bar: counts, what goes on, time left, on a terminal of any width and without one."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.scanning import bar
from mlscanner.scanning.bar import Progress, clock, drawn
from mlscanner.scanning.stop_rules import StopRules
from mlscanner.store.history import Progression
from runner import RUN


def test_counts():
    """Evaluation, good and failed points are counted from where a resumed run stands."""
    progress = Progress(total=10, evaluated=4, good=1, failed=2, show=False)
    progress.add(True, False)
    progress.add(False, True)
    progress.expect(8)
    progress.expect(8)
    progress.phase("evaluating")
    assert (progress.evaluated, progress.good, progress.failed) == (6, 2, 3)
    progress.close()
    assert progress.text(80) == "6 points, 2 good, 3 failed"     # nothing goes on any more


def test_plain_lines_without_a_terminal(capsys, monkeypatch):
    """Where standard error is no terminal, a plain line says how it stands and what goes on."""
    monkeypatch.setattr("mlscanner.scanning.bar.PLAIN_EVERY", -1.0)
    progress = Progress(total=10)
    progress.phase("evaluating")
    progress.add(True, False)
    progress.expect(10, 10)
    progress.add(True, False)
    progress.close()
    said = capsys.readouterr().out
    assert "evaluated 1 of about 10, good 1, failed 0, efficiency 100.0%; now evaluating" in said
    assert "evaluated 2 of 10, " in said


def test_plain_lines_come_while_no_point_is_evaluated(capsys, monkeypatch):
    """Training of hours is no silence: the line comes by itself and names it."""
    monkeypatch.setattr(bar, "PLAIN_EVERY", 0.0)
    monkeypatch.setattr(bar, "EVERY", 0.01)
    progress = Progress(total=10, evaluated=3)
    progress.phase("training")
    until = time.monotonic() + 30
    said = ""
    while "now training" not in said and time.monotonic() < until:
        time.sleep(0.01)
        said += capsys.readouterr().out
    progress.close()
    assert "now training" in said


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_the_line_fits_and_says_the_most_important(columns):
    """Share, points and good ones at any width; from 60 columns what goes on, and a real bar."""
    progress = Progress(total=12000, evaluated=11387, good=10418, failed=559, show=False)
    progress.doing = "evaluating"
    progress._marks.extend([(time.monotonic() - 100, 11000), (time.monotonic(), 11387)])
    line = drawn(progress.share(), progress.text, columns)
    assert len(line) < columns
    assert line.startswith(" 95 % ###")
    assert "11387 points" in line
    if columns >= 60:
        assert "10418 good, evaluating" in line
        assert len(re.search(r"[#.]+", line)[0]) >= bar.LEAST_BAR
    if columns >= 80:
        assert "left" in line


def test_time_left_is_that_of_the_latest_batches():
    """200 points in 100 s of evaluating and training, 400 to go: 200 s."""
    progress = Progress(total=1000, show=False)
    assert progress.left() is None
    now = time.monotonic()
    progress._marks.extend([(now - 100, 400), (now, 600)])
    assert progress.left() == pytest.approx(200, abs=1)
    assert clock(200) == "03:20"
    assert clock(3 * 3600 + 61) == "3:01:01"


class Some:
    """Points of which so many are good."""

    def __init__(self, n, good):
        self.n, self.inside = n, np.ones(good, bool)

    def __len__(self):
        return self.n


@pytest.mark.parametrize(("settings", "good", "expected"), [
    ({}, 1000, 100 + 10 * 200), ({"Max_evaluations": 300}, 90, 300),
    ({"Target_points": 1040}, 1000, 300), ({"N_iteration": 0}, 90, 100)])
def test_the_total_follows_the_batches(settings, good, expected):
    """Small batches while little is good; the rule that ends the scan first counts."""
    config = make_config(Calculator="F_2d", **{"N_iteration": 10, "Size_batch_K": 200,
                                               "Size_batch_search": 50} | settings)
    history = [Progression(0, 50, 0, 0, 0.0, 0.0), Progression(1, 100, good, 0, 0.5, 1.0)]
    found = StopRules(config).forecast(Some(100, good), history, 1, 100)
    assert found == expected
    if not settings:    # nothing is known to be good: batches begin small
        assert StopRules(config).forecast(Some(100, 0), history[:1], 1, 100) < found


@pytest.mark.slow
def test_on_a_terminal_of_60_columns(tmp_path):
    """A whole scan: no line is wider, none is torn, training is named, it ends at 100 %."""
    (tmp_path / "in.py").write_text(
        "Calculator = 'F_2d'\nSize_initial_batch = 60\nSize_batch_K = 40\nSize_batch_L = 2000\n"
        "N_iteration = 2\nRF_trees = 20\nLive_plots = -1\n")
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    run = subprocess.Popen([sys.executable, RUN, "RFR", "--input", "in.py", "--output", "out"],
                           cwd=tmp_path, stdin=slave, stdout=slave, stderr=slave,
                           env={k: v for k, v in os.environ.items() if k != "COLUMNS"})
    os.close(slave)
    text = b""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if select.select([master], [], [], 0.2)[0]:
            try:
                text += os.read(master, 65536)
            except OSError:
                break
        elif run.poll() is not None:
            break
    os.close(master)
    assert run.wait(30) == 0
    drawings = re.findall(r"\r\x1b\[K([^\r\n]*)", text.decode())
    bars = [line for line in drawings if re.match(r" *\d+ % [#.]", line)]
    assert bars
    assert max(map(len, bars)) < 60
    assert "100 % " in bars[-1]
    assert Path(tmp_path, "out", "RFR", "log.txt").exists()
