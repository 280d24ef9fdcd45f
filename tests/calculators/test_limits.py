"""A `python_step` ends after its own `timeout`, whatever it does, and not when it was suspended."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.calculators.steps.extras import Extras
from mlscanner.calculators.steps.limits import Late, running_time
from mlscanner.calculators.steps.runners import PythonRunner
from mlscanner.calculators.steps.user_programs import python_step
from mlscanner.calculators.steps.work import Point
from mlscanner.parallel import running_clock

STEPS = """
import subprocess, time
def sleeps(spectrum, point):
    time.sleep(20)
def swallows(spectrum, point):
    for _ in range(40):
        try:
            time.sleep(0.5)
        except BaseException:
            pass
def computes(spectrum, point):
    try:
        while True:
            pass
    except Exception:
        return 1.0
def waits(spectrum, point):
    subprocess.run(['sleep', '20'])
def quick(spectrum, point):
    return {'y': point['x'] + 1}
"""


def evaluated(folder, name, timeout):
    """A point after the step of this name, and the seconds that it took."""
    (folder / "steps.py").write_text(STEPS)
    point, started = Point(), time.monotonic()
    runner = PythonRunner(python_step(f"{folder / 'steps.py'}:{name}", timeout=timeout), folder)
    Extras([runner], [], ["x"]).run(point, np.array([1.0]), folder)
    return point, time.monotonic() - started


@pytest.mark.parametrize("name", ["sleeps", "computes", "waits"])
def test_a_step_ends_after_its_timeout(tmp_path, name):
    """In a sleep, in Python code that catches what it can, and while it waits for a program: only
    the sum of all limits ended it, with its worker. The next step is evaluated as before."""
    point, seconds = evaluated(tmp_path, name, 0.2)
    assert (point.status, point.reason) == ("timeout", f"{name} gave no answer within 0.2 s")
    assert seconds < 10
    assert evaluated(tmp_path, "quick", 60.0)[0].numbers == {"y": 2.0}


@pytest.mark.slow
def test_a_step_that_swallows_the_exception_is_told_again(tmp_path):
    """It comes at each look at the clock, so that it ends sooner than it would."""
    point, seconds = evaluated(tmp_path, "swallows", 0.05)
    assert seconds < 15 and point.status == "timeout"


def test_where_nothing_can_end_it_a_late_answer_is_late():
    """In a thread, as on a Dask worker."""
    raised = []

    def work(seconds):
        try:
            with running_time(seconds):
                time.sleep(0.05)
        except Late:
            raised.append(seconds)
    for seconds in (0.01, 60.0):
        thread = threading.Thread(target=work, args=(seconds,))
        thread.start()
        thread.join()
    assert raised == [0.01]


@pytest.mark.slow
def test_time_of_a_suspension_does_not_count(monkeypatch):
    """A hundred seconds between two looks are a suspension."""
    now = [0.0]
    monkeypatch.setattr(running_clock, "time", SimpleNamespace(
        monotonic=lambda: now[0], process_time=lambda: 0.0))
    with running_time(5.0):
        now[0] = 100.0
        time.sleep(0.6)
    with pytest.raises(Late), running_time(5.0):
        for _ in range(40):
            now[0] += 1.0
            time.sleep(0.6)
