"""Functions of users that fork, raise, hang or answer oddly: no wrong answer, no crash."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.functions import as_evaluated
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError
from mlscanner.parallel.running_clock import MOST, RunningClock
from runner import PACKAGE, crowded


def config_of(folder, text, **settings):
    """The config of a function f in f.py with this text."""
    (folder / "f.py").write_text(textwrap.dedent(text))
    values = {"Calculator": "f.py:f", "VarLabel": ["a"], "VarMin": [0], "VarMax": [100],
              "Chi_square_threshold": 1.0, "Timeout_point": 20.0} | settings
    return replace(make_config(**values), input_file=str(folder / "in.py"))


def evaluated(folder, text, x, workers=2, **settings):
    """Evaluations of the points x (n,), in order."""
    config = config_of(folder, text, **settings)
    with Pool(make_calculator(config, ["a"]), workers, config.Timeout_point) as pool:
        found = dict(pool.map(np.reshape(x, (-1, 1))))
    return [found[i] for i in range(len(x))]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_forked_child_never_answers_for_its_parent(tmp_path, workers):
    """os.fork whose execv fails comes back into us: 24 points, each with its own number."""
    answers = evaluated(tmp_path, """
        import os
        def f(p):
            if os.fork() == 0:
                try:
                    os.execv('/no/such/program', ['x'])
                except OSError:
                    pass
            else:
                os.wait()
            return {'chi2': float(p[0])}
        """, np.arange(24.0), workers)
    assert [(e.status, e.value) for e in answers] == [("ok", float(k)) for k in range(24)]


def test_a_child_that_raises_ends_too(tmp_path):
    """The child leaves by an exception, sys.exit or late: the parent's answer counts."""
    answers = evaluated(tmp_path, """
        import os, sys, time
        def f(p):
            if os.fork() == 0:
                if p[0] < 3: raise ValueError('child')
                if p[0] < 6: sys.exit(3)
                time.sleep(0.3)
                return -1.0
            return float(p[0])
        """, np.arange(12.0))
    assert [e.value for e in answers] == list(np.arange(12.0))


RAISED = """
    import sys
    class Own(BaseException):
        pass
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError('no text')
    class Numb(Exception):
        def __str__(self):
            return 3
    class NoFloat:
        def __float__(self):
            raise ZeroDivisionError('x')
    class NoItems(dict):
        def items(self):
            raise LookupError('y')
    def f(p):
        k = int(p[0])
        if k == 0: raise Own('mine')
        if k == 1: raise Mute()
        if k == 2: raise Numb()
        if k == 3: raise KeyboardInterrupt
        if k == 4: raise GeneratorExit
        if k == 5: sys.exit(7)
        if k == 6: return NoFloat()
        if k == 7: return NoItems(chi2=1)
        if k == 8: return {'chi2': None}
        if k == 9: return {'chi2': 1.0, 'mH': 'heavy'}
        return float(k)
    """


def test_whatever_is_raised_is_a_status(tmp_path):
    """Own BaseExceptions, broken texts, exits, objects that raise: each point has its reason."""
    answers = evaluated(tmp_path, RAISED, np.arange(12.0))
    assert [e.status for e in answers] == ["raised"] * 6 + ["bad_output"] * 4 + ["ok"] * 2
    words = ["Own: mine", "Mute:", "Numb:", "KeyboardInterrupt", "GeneratorExit", "SystemExit: 7",
             "ZeroDivisionError", "LookupError", "chi2 is not a number", "mH is not a number"]
    for evaluation, word in zip(answers, words, strict=False):
        assert word in evaluation.reason


@pytest.mark.parametrize("answer", [np.array([3.5]), np.array([[3.5]]), np.float32(3.5),
                                    {"chi2": np.array([3.5])}, np.array(3.5)])
def test_an_array_of_one_number_is_that_number(answer):
    """Whatever the version of NumPy."""
    assert (as_evaluated(answer).status, as_evaluated(answer).value) == ("ok", 3.5)
    assert as_evaluated(np.array([1.0, 2.0])).status == "bad_output"


def test_a_log_likelihood():
    """The key lnL: chi2 = -2 lnL, and lnL stays as an observable; a chi2 beside it wins."""
    one = as_evaluated({"lnL": -2.5, "mH": 125.0})
    assert (one.value, one.observables) == (5.0, {"lnL": -2.5, "mH": 125.0})
    assert as_evaluated({"lnL": -2.5, "chi2": 4.0}).value == 4.0


def test_one_bad_row_does_not_fail_the_others(tmp_path):
    """Vectorised: the rows of a call that raises are evaluated singly."""
    answers = evaluated(tmp_path, """
        def f(p):
            if (p[:, 0] == 7).any():
                raise ValueError('seven')
            return {'chi2': p[:, 0]}
        """, np.arange(10.0), Vectorised=True)
    assert [e.status for e in answers] == ["ok"] * 7 + ["raised"] + ["ok"] * 2
    assert answers[7].reason == "ValueError: seven" and answers[9].value == 9


def test_a_dataclass_with_postponed_annotations(tmp_path):
    """The file is in sys.modules, as dataclasses ask it to be, under a name of no other module."""
    answers = evaluated(tmp_path, """
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import ClassVar
        @dataclass
        class Point:
            a: float
            n: ClassVar[int] = 3
            more: list[float] = field(default_factory=list)
        def f(p):
            return Point(float(p[0])).a
        """, [1.0, 2.0])
    assert [e.value for e in answers] == [1, 2]


def test_what_a_function_starts_ends_with_its_time(tmp_path):
    """A program started through a shell is gone after the time-out of its point."""
    answers = evaluated(tmp_path, f"""
        import subprocess
        def f(p):
            subprocess.run('sleep 300 & echo $! > {tmp_path}/pid; wait', shell=True)
        """, [1.0], workers=1, Timeout_point=1.0)
    assert answers[0].status == "timeout"
    pid = int((tmp_path / "pid").read_text())
    end = time.monotonic() + 5 * crowded()
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < end:
            os.kill(pid, 0)
            time.sleep(0.05)


def test_a_clock_that_stands_still_while_stopped(monkeypatch):
    """A gap between two readings counts as `MOST` seconds at most."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = RunningClock()
    for step, seen in ((1.0, 101.0), (50.0, 101.0 + MOST), (0.5, 101.5 + MOST)):
        now[0] += step
        assert clock() == pytest.approx(seen)


STOPPED = """
import sys
sys.path.insert(0, {package!r})
from dataclasses import replace
import numpy as np
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import make_config
if __name__ == "__main__":
    config = make_config(Calculator="f.py:f", VarLabel=["a"], VarMin=[0], VarMax=[9],
                         Chi_square_threshold=1.0)
    config = replace(config, input_file={file!r})
    with Pool(make_calculator(config, ["a"]), 1, 4.0) as pool:
        print("ready", flush=True)
        for _, e in pool.map(np.array([[1.0], [2.0]])):
            print(e.status, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False])
def test_a_suspended_scan_has_no_false_timeouts(tmp_path, whole):
    """Stopped for longer than the time limit, alone or with its workers: no point times out."""
    (tmp_path / "f.py").write_text("import time\ndef f(p):\n    time.sleep(2)\n    return 1.0\n")
    (tmp_path / "main.py").write_text(STOPPED.format(package=str(PACKAGE),
                                                     file=str(tmp_path / "in.py")))
    process = subprocess.Popen([sys.executable, str(tmp_path / "main.py")], text=True,
                               stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)
    pids = [process.pid]
    if whole:
        text = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], text=True,
                              capture_output=True, check=False).stdout
        pids += map(int, text.split())
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(6.0)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    assert process.communicate(timeout=60)[0].split() == ["ok", "ok"]


@pytest.mark.parametrize(("labels", "words"), [
    (["id", "b"], "column 'id' of its own"), (["# chi2", "b"], "column 'chi2'"),
    (["a", "status"], "column 'status'"), (["a", "a"], "same parameter"),
    (["a b", "a_b"], "called 'a_b' in formulas"), (["predicted", "b"], "column 'predicted'")])
def test_names_that_clash_are_refused_before_the_scan(labels, words):
    """Both are named; nothing ends as a damaged points.csv."""
    with pytest.raises(InputError, match=words):
        make_config(Calculator="F_2d", VarLabel=labels, VarMin=[0, 0], VarMax=[1, 1])


@pytest.mark.parametrize("prior", [["linear", "log", "nonsense"], ["log", "linear", "linear"]])
def test_more_priors_than_parameters_are_refused(prior):
    """After a deleted parameter all later priors would shift unseen."""
    with pytest.raises(InputError, match="3 entries for 2 parameters"):
        make_config(Calculator="F_2d", VarLabel=["a", "b"], VarMin=[1, 1], VarMax=[2, 2],
                    VarPrior=prior)
