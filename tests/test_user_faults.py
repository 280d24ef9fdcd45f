"""Functions of users that fork, raise, hang or answer oddly: no wrong answer, no crash."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.functions import as_evaluated
from mlscanner.calculators.steps.user_programs import python_step
from mlscanner.config.input_file import OFFERED
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.config.settings import settings
from mlscanner.errors import InputError
from mlscanner.likelihood.observables import observable
from mlscanner.parallel.processes import process_exists
from mlscanner.parallel.running_clock import MOST, RunningClock
from mlscanner.space.parameters import Box
from mlscanner.user_code import LISTS, MAKERS
from runner import PACKAGE, RUN, crowded


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


@pytest.mark.slow
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


READ = """
    import os, sys
    class Base(BaseException):
        pass
    class Gone(Exception):
        def __str__(self):
            raise KeyboardInterrupt
    class Last(Exception):
        def __str__(self):
            raise SystemExit(9)
        def __bool__(self):
            raise Base
    class Number:
        def __init__(self, error):
            self.error = error
        def __float__(self):
            raise self.error
        def __array__(self, *_, **__):
            raise self.error
    class Fork:
        def __float__(self):
            return 3.0 if os.fork() else -7.0
    class Items(dict):
        def items(self):
            raise Base('items')
    class Key:
        def __str__(self):
            raise RuntimeError('key')
    def answer(k):
        if k == 0: raise Gone()
        if k == 1: raise Last()
        if k == 2: return Number(KeyboardInterrupt())
        if k == 3: return Number(SystemExit(3))
        if k == 4: return Number(Last())
        if k == 5: return Items(chi2=1)
        if k == 6: return {Key(): 1.0}
        if k == 7: return {'chi2': Number(GeneratorExit())}
        if k == 8: return {'chi2': Fork()}
        return float(k)
    def f(p):
        return answer(int(p[0]))
    def g(p):
        return answer(int(p[0, 0]))
    def step(spectrum, point):
        return answer(int(point['a']))
    def chi2(number):
        return answer(int(number))
    def good(p):
        return 0.0
    """


@pytest.mark.parametrize("line", ["raise B()", "raise M()", "sys.exit(3)", "raise GeneratorExit"])
@pytest.mark.parametrize("where", ["f.py", "in.py"])
def test_a_file_that_raises_when_it_is_run_is_refused(tmp_path, where, line):
    """The function's file, or the input file: `exit` ended the program without a word, with its
    code; other BaseExceptions with a traceback."""
    text = textwrap.dedent(f"""
        import sys
        class B(BaseException):
            pass
        class M(Exception):
            def __str__(self):
                raise B()
        def f(p):
            return 1.0
        {line}
        """)
    (tmp_path / where).write_text(text)
    with pytest.raises(InputError, match=r"f.py cannot be loaded|in.py, line 10|in.py: .* exit"):
        if where == "f.py":
            make_calculator(config_of(tmp_path, text), ["a"])
        else:
            load_config(tmp_path / "in.py")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["f.py", "in.py"])
def test_a_file_that_forks_when_it_is_run_makes_no_second_scanner(tmp_path, where):
    """What came back from the fork of a file was a whole scanner of its own, on the same run."""
    fork = "import os\nos.fork()\n"
    for name, text in (("f.py", "def f(p):\n    return float(p[0])\n"), ("in.py", """
Calculator, VarLabel, VarMin, VarMax = 'f.py:f', ['a'], [0], [1]
Chi_square_threshold = 1
""")):
        (tmp_path / name).write_text((fork if name == where else "") + text)
    done = subprocess.run([sys.executable, RUN, "check", "--input", tmp_path / "in.py"],
                          capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Test point 1 ") == 1


@pytest.mark.parametrize("workers", [1, 0])
@pytest.mark.parametrize("way", ["f", "g", "step", "chi2"])
def test_an_answer_that_raises_when_it_is_read_is_a_status(tmp_path, way, workers):
    """Its number, its items, a key or an exception's text: any BaseException, or a fork. Of a
    function, a vectorised one, a step and a chi2; it ended the worker, or the whole scan."""
    words = {"f": {}, "g": {"Calculator": "f.py:g", "Vectorised": True},
             "step": {"Calculator": "f.py:good", "Programs": [python_step("f.py:step", name="v")]},
             "chi2": {"Calculator": "f.py:good", "Observables": [
                 observable("b", expression="a", chi2="f.py:chi2")]}}[way]
    # in the main process a Ctrl-C is the user's
    k = [k for k in range(11) if workers or k not in (0, 2)]
    answers = evaluated(tmp_path, READ, np.array(k, float), workers, **words)
    bad = {"f": "bad_output", "g": "bad_output", "step": "raised", "chi2": "bad_value"}[way]
    # a dict is no chi2, and NumPy asks for arrays in its own way
    fails = {"chi2": range(9), "g": range(9)}.get(way, range(8))
    statuses = dict(zip(k, [e.status for e in answers], strict=True))
    for i in {*k} - {0, 1, 8}:
        assert statuses[i] == (bad if i in fails else "ok"), i
    assert {statuses[i] for i in {0, 1} & {*k}} <= {"raised", "bad_value"}
    if way in ("f", "step"):
        assert statuses[8] == "ok" and 3.0 in (answers[k.index(8)].value,
                                               answers[k.index(8)].observables.get("chi2"))


@pytest.mark.parametrize("answer", [np.array([3.5]), np.array([[3.5]]), np.float32(3.5),
                                    {"chi2": np.array([3.5])}, np.array(3.5)])
def test_an_array_of_one_number_is_that_number(answer):
    """Whatever the version of NumPy."""
    assert (as_evaluated(answer).status, as_evaluated(answer).value) == ("ok", 3.5)
    assert as_evaluated(np.array([1.0, 2.0])).status == "bad_output"


def test_a_masked_number_is_no_number(tmp_path):
    """NumPy has 0, or whatever stands below the mask, for it: that was taken for a perfect fit."""
    hidden = np.ma.array([0.5], mask=[True])
    for answer in (np.ma.masked, hidden, hidden[0], hidden.min(), {"chi2": hidden}):
        assert as_evaluated(answer).status == "bad_value", answer
    assert as_evaluated(np.ma.array([0.5])).value == 0.5
    answers = evaluated(tmp_path, """
        import numpy as np
        def f(p):
            return np.ma.array(p[:, 0], mask=p[:, 0] == 1)
        """, [0.0, 1.0, 2.0], Vectorised=True)
    assert [e.status for e in answers] == ["ok", "bad_value", "ok"]


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
    assert answers[7].reason == "ValueError: seven (f.py, line 4)" and answers[9].value == 9


def test_the_reason_names_the_line_of_the_users_own(tmp_path):
    """Also in a neighbour of the file, and where a library raises; not the line of the library."""
    (tmp_path / "beside.py").write_text("def g(x):\n    return {1.0: 2.0}[float(x)]\n")
    answers = evaluated(tmp_path, """
        import json
        import beside
        def f(p):
            if p[0] < 5:
                return beside.g(p[0])
            return json.loads('{')
        """, [1.0, 2.0, 7.0])
    assert (answers[0].value, answers[1].reason) == (2.0, "KeyError: 2.0 (beside.py, line 2)")
    assert answers[2].reason.endswith("(f.py, line 7)")


@pytest.mark.parametrize("words", ["import no_such_module", "from os import no_such_name"])
def test_what_can_not_be_imported_ends_the_scan(tmp_path, words):
    """A missing module is not a status of each of a thousand points."""
    with pytest.raises(InputError, match=r"no_such.*\(f.py, line 3\). Install it"):
        evaluated(tmp_path, f"""
            def f(p):
                {words}
                return 1.0
            """, np.arange(20.0))


@pytest.mark.slow
def test_a_missing_module_of_a_step_ends_it_too(tmp_path):
    """As for the calculator itself, and for a chi2 of the user's own."""
    (tmp_path / "s.py").write_text("def g(*_):\n    import no_such_module\n")
    for words in ({"Programs": [python_step("s.py:g", name="g")]},
                  {"Observables": [observable("a2", expression="2*a", chi2="s.py:g")]}):
        with pytest.raises(InputError, match=r"no_such_module.*s.py, line 2"):
            evaluated(tmp_path, "def f(p):\n    return 1.0\n", [1.0, 2.0], **words)


def test_a_file_beside_the_users_own_is_found(tmp_path):
    """When the file is loaded, and when its function runs; the folder of the caller stays."""
    (tmp_path / "data.txt").write_text("3.5\n")
    before = Path.cwd()
    answers = evaluated(tmp_path, """
        from pathlib import Path
        OFFSET = float(Path('data.txt').read_text())
        def f(p):
            return float(Path('data.txt').read_text()) + OFFSET + p[0]
        """, [1.0, 2.0])
    assert [e.value for e in answers] == [8.0, 9.0]
    assert Path.cwd() == before


INPUT = """
VarLabel.append('x')
VarMin.append(0)
VarMax.append(1)
Calculator = 'in.py:f'
Observables = Observables + [observable('twice', upper=1.0)]
Programs.append(python_step('in.py:step', name='more'))
THDM_fixed = THDM_fixed
Chi_square_threshold = 1.0


def f(p):
    return {'chi2': p['x'], 'twice': 2 * p['x']}


def step(spectrum, point):
    return 3 * point['x']
"""


def test_functions_in_the_input_file_itself(tmp_path):
    """The file may use all that it finds as an input file: lists to append to, observable(...)."""
    (tmp_path / "in.py").write_text(INPUT)
    config = load_config(tmp_path / "in.py")
    with Pool(make_calculator(config, ["x"]), 1, config.Timeout_point) as pool:
        (_, found), = pool.map([[0.25]])
    assert (found.status, found.value) == ("ok", 0.25)
    assert (found.observables["twice"], found.observables["more"]) == (0.5, 0.75)


def test_all_that_an_input_file_finds_is_there_for_its_functions():
    """The names that the input file is given, and those its functions are loaded with, agree."""
    assert set(LISTS) == {name for name, field in settings().items() if field.default == ()}
    assert set(MAKERS) == set(OFFERED)


@pytest.mark.parametrize(("function", "words"), [
    ("evaluat", r"has no function 'evaluat'. Did you mean evaluate\? It has evaluate, helper."),
    ("xyz", r"has no function 'xyz'. It has evaluate, helper."),
    ("observable", "has no function 'observable'"), ("hypot", "has no function 'hypot'")])
def test_a_misspelt_function_is_named(tmp_path, function, words):
    """With what comes near, and what the file has; what it only imports is not its own."""
    text = "from math import hypot as _hypot\ndef evaluate(p):\n    return 1\ndef helper(): pass\n"
    with pytest.raises(InputError, match=words):
        make_calculator(config_of(tmp_path, text, Calculator=f"f.py:{function}"), ["a"])


@pytest.mark.parametrize(("entry", "words"), [
    (observable("omga", upper=1), "omga is not known (did you mean omega?); known are a, omega, m"),
    (observable("xyz", upper=1), "xyz is not known (known are a, omega, m)"),
    (observable("y", expression="2*Omega"), "y is not known: Omega is not known (did you mean "
                                            "omega?)")])
def test_a_misspelt_observable_of_a_function_is_named(tmp_path, entry, words):
    """Only the answer shows which names there are; the reason lists them."""
    answers = evaluated(tmp_path, "def f(p):\n    return {'chi2': 1, 'omega': 2, 'm': 3}\n", [1.0],
                        Observables=[entry])
    assert answers[0].status == "bad_value"
    assert answers[0].reason.startswith(words)


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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("then", ["time.sleep(300)", "pass"])
def test_what_a_function_does_not_wait_for_ends_with_its_worker(tmp_path, then):
    """A program left in the background, of a point that is late and of one that is not."""
    answer, = evaluated(tmp_path, f"""
        import subprocess, time
        def f(p):
            subprocess.Popen('sleep 300 & echo $! >> {tmp_path}/pid; wait', shell=True)
            while not open('{tmp_path}/pid', 'a+').tell():
                time.sleep(0.05)
            {then}
            return 1.0
        """, [1.0], workers=1, Timeout_point=2.0 * crowded())
    assert answer.status == ("ok" if then == "pass" else "timeout")
    # at once: a helper that follows the worker would do it some seconds later
    pid, end = int((tmp_path / "pid").read_text()), time.monotonic() + 1.5
    while runs(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not runs(pid)


def runs(pid):
    """Whether a process is at work; one that ended, and that its new parent has not waited for,
    is not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True,
                           check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_a_clock_that_stands_still_while_stopped(monkeypatch):
    """Of a gap between two readings only what this process computed counts: a point whose limit is
    short is not late by it."""
    now, used = [100.0], [7.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "process_time", lambda: used[0])
    clock, seen = RunningClock(), 100.0
    for step, computed, counted in ((1.0, 0.0, 1.0), (50.0, 0.01, 0.01), (MOST, 0.0, MOST),
                                    (20.0, 19.0, 19.0), (20.0, 35.0, 20.0), (0.5, 0.0, 0.5)):
        now[0] += step
        used[0] += computed
        seen += counted
        assert clock() == pytest.approx(seen)


STOPPED = """
import sys
sys.path.insert(0, {package!r})
from dataclasses import replace
from pathlib import Path
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


MULTI = """
    import multiprocessing, os
    from concurrent.futures import ProcessPoolExecutor
    fork = multiprocessing.get_context('fork')
    def square(n):
        return n * n
    def put(queue, n):
        queue.put(n)
    def f(p):
        with fork.Pool(2) as pool:
            found = sum(pool.map(square, range(4)))
        with ProcessPoolExecutor(2, mp_context=fork) as pool:
            found += sum(pool.map(square, range(3)))
        queue = fork.SimpleQueue()
        child = fork.Process(target=put, args=(queue, p[0]))
        child.start()
        child.join()
        return found + queue.get()
    """


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_function_that_uses_multiprocessing_works(tmp_path, workers):
    """A pool, an executor and a process of its own in each of 6 points: it was refused in a
    worker, as daemons may have no children."""
    answers = evaluated(tmp_path, MULTI, np.arange(6.0), workers)
    assert [(e.status, e.value, e.reason) for e in answers] == \
        [("ok", 19.0 + k, "") for k in range(6)]


@pytest.mark.slow
def test_what_a_function_forks_ends_with_its_worker(tmp_path):
    """A function that hangs in its pool is a time-out, and the processes of the pool are gone."""
    found, = evaluated(tmp_path, f"""
        import multiprocessing, os, time
        def hang(n):
            with open({str(tmp_path / "pids")!r}, "a") as file:
                file.write(f"{{os.getpid()}} ")
            time.sleep(600)
        def f(p):
            multiprocessing.get_context('fork').Pool(2).map(hang, range(2))
        """, [1.0], workers=1, Timeout_point=2.0 * crowded())
    assert found.status == "timeout"
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    end = time.monotonic() + 5.0
    while any(map(process_exists, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(pids) >= 2 and not any(map(process_exists, pids))


@pytest.mark.parametrize(("labels", "words"), [
    (["id", "b"], "column 'id' already"), (["# chi2", "b"], "column 'chi2'"),
    (["a", "status"], "column 'status'"), (["a", "a"], "same parameter"),
    (["a b", "a_b"], "called 'a_b' in formulas"), (["predicted", "b"], "column 'predicted'"),
    # a formula has the constant for it; Python reads both signs as one letter
    (["pi", "b"], "a number in formulas"), (["\u00b5", "\u03bc"], "called '\u03bc' in formulas")])
def test_names_that_clash_are_refused_before_the_scan(labels, words):
    """Both are named; nothing ends as a damaged points.csv."""
    with pytest.raises(InputError, match=words):
        make_config(Calculator="F_2d", VarLabel=labels, VarMin=[0, 0], VarMax=[1, 1])


def test_a_letter_that_formulas_read_as_another_is_found():
    """The micro sign of a keyboard is read as the Greek letter, which no parameter was called."""
    config = make_config(Calculator="F_2d", VarLabel=["\u00b5", "b"], VarMin=[0, 0], VarMax=[1, 1],
                         Precut=["\u00b5 < 0.5"])
    box = Box.from_config(config)
    assert box.allowed(np.array([[0.2, 0.9], [0.8, 0.1]])).tolist() == [True, False]


def test_an_observable_called_like_a_constant_is_refused():
    """Another one made of it had 3.14."""
    with pytest.raises(InputError, match="observable 'pi': a constant of formulas has that name"):
        make_config(Calculator="F_2d", Observables=[observable("pi", upper=1)])


def test_more_labels_than_parameters_are_refused():
    """After a deleted parameter all later axes would have the label of another."""
    words = {"Calculator": "F_2d", "VarLabel": ["a", "b"], "VarMin": [1, 1], "VarMax": [2, 2]}
    with pytest.raises(InputError, match="VarTeX has 3 entries for 2 parameters"):
        make_config(**words, VarTeX=["$a$", "$x$", "$b$"])
    make_config(**words, VarTeX=["b = $b$"])


@pytest.mark.parametrize("prior", [["linear", "log", "nonsense"], ["log", "linear", "linear"]])
def test_more_priors_than_parameters_are_refused(prior):
    """After a deleted parameter all later priors would shift unseen."""
    with pytest.raises(InputError, match="3 entries for 2 parameters"):
        make_config(Calculator="F_2d", VarLabel=["a", "b"], VarMin=[1, 1], VarMax=[2, 2],
                    VarPrior=prior)
