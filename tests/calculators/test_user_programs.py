"""Programs and Python functions of the user's own: before, after and without SPheno."""

import contextlib
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.errors import InputError
from mlscanner.evaluation import OK
from mlscanner.likelihood.observables import observable
from mlscanner.space.parameters import Box
from standins import GOOD, install, rows

PROGRAM = """#!/bin/sh
# answers with the sum of the two numbers of its input
read a b < card.txt
a=${a%.0} b=${b%.0}
echo "Omega h^2 = $(( a + b ))D-01"
echo "Block ABUNDANCE" > out.slha
echo "  4  $(( a * b )).0  # product" >> out.slha
[ "$a" = 7 ] && rm out.slha
[ "$a" = 8 ] && sleep 60
[ "$a" = 9 ] && kill -SEGV $$
[ "$a" = 6 ] && exit 3
echo "all done"
"""

STEPS = """
import os
import time


def product(spectrum, point):
    assert spectrum is None
    if point['a'] < 0:
        raise ValueError('no')
    if point['a'] > 10:
        time.sleep(60)
    return point['a'] * point['b']


def higgs(spectrum, point):
    assert os.path.getsize(point.folder / point.spectrum_file) > 100
    return {'mh': spectrum.value('MASS', 25), 'before': float('HBratio' not in point)}


def after(spectrum, point):
    return {'again': 2 * point['mh'], 'ratio': point['HBratio']}
"""


@pytest.fixture
def home(tmp_path):
    """A folder with an input file's program and steps."""
    (tmp_path / "tool").write_text(PROGRAM)
    (tmp_path / "tool").chmod(0o755)
    (tmp_path / "card.txt").write_text("{a} {b}\n")
    (tmp_path / "steps.py").write_text(STEPS)
    (tmp_path / "in.py").write_text("")
    return tmp_path


def config(home, *programs, observables=(), **words):
    """A chain of only these programs, in whole numbers a and b."""
    words = {"Calculator": "Programs", "VarLabel": ["a", "b"], "VarMin": [0, 0], "VarMax": [9, 9],
             "Programs": list(programs), "Observables": list(observables), **words}
    return replace(make_config(**words), input_file=str(home / "in.py"))


def evaluate(settings, x, n_cores=0):
    """Evaluation rows, in order."""
    names = Box.from_config(settings).names
    with Pool(make_calculator(settings, names), n_cores, 30.0) as pool:
        return [j for _, j in sorted(pool.map(np.array(x, float)), key=lambda pair: pair[0])]


def tool(**words):
    """The program of these tests."""
    words = {"command": ["./tool"], "input": "card.txt", "timeout": 2.0, "success": "all done",
             "observables": {"omega": r"Omega h\^2 = (\S+)"}, **words}
    return user_program("tool", **words)


def test_a_program_that_prints_its_answer(home):
    """Input is filled with the point, the answer is read as Fortran writes it, chi2 follows."""
    settings = config(home, tool(input="card.txt"), observables=[
        observable("omega", value=0.5, sigma=0.1), observable("twice", expression="2*omega")])
    (home / "card.txt").write_text("{a} {b}\n{not_a_name} {\n")
    good, far = evaluate(settings, [[2, 3], [3, 4]])
    assert (good.status, good.value) == (OK, 0.0)
    assert good.observables == pytest.approx({"omega": 0.5, "twice": 1.0, "chi2_omega": 0.0})
    assert far.value == pytest.approx(4.0)


def test_files_in_the_home_folder(home, monkeypatch, tmp_path_factory):
    """'~' is the home folder in every path of the input file: a step, its input, a curve."""
    away = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(away))
    for name in ("tool", "card.txt", "steps.py"):
        (home / name).rename(away / name)
    (away / "limit.csv").write_text("0 5\n9 5\n")
    settings = config(home, tool(command=["~/tool"], input="~/card.txt"),
                      python_step("~/steps.py:product", name="p"),
                      observables=[observable("p", upper="~/limit.csv", along="a")])
    good, far = evaluate(settings, [[2, 2], [3, 3]])
    assert (good.status, good.observables["omega"]) == (OK, 0.4)
    assert far.reason.startswith("outside: p (9 > 5")


@pytest.mark.slow
@pytest.mark.parametrize("n_cores", [0, 1])
def test_a_pattern_that_never_ends_is_ended_by_the_time_limit(home, n_cores):
    """Backtracking without end, in the worker and in this process: only that point fails."""
    (home / "tool").write_text("#!/bin/sh\nread a b < card.txt\n"
                               "[ $a = 1.0 ] && echo omega 3 || echo " + 40 * "a" + "\n")
    settings = config(home, tool(timeout=0.5, success="", observables={
        "omega": r"(?:a+)+b|omega (\S+)"}), observables=[observable("omega", value=3, sigma=1)])
    late, good = evaluate(settings, [[2, 3], [1, 3]], n_cores)
    assert late.status == "timeout" and "no answer within 0.5 s" in late.reason
    assert (good.status, good.value) == (OK, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_DFL


@pytest.mark.slow
@pytest.mark.parametrize(("a", "words", "status", "reason"), [
    (7, {}, "no_output", "tool wrote no out.slha"),
    (8, {}, "timeout", "no answer within 2 s"),
    (9, {}, "crashed", "SIGSEGV"),
    (6, {"success": ""}, "failed", "exit code 3"),
    (6, {}, "failed", "does not say 'all done'"),
    (2, {"observables": {"x": ("ABUNDANCE", 5)}}, "bad_output", "no entry 5"),
    (2, {"observables": {"x": r"= (\d+)"}}, "bad_output", "there is no"),
    (2, {"observables": {"x": r"(\w)"}}, "bad_output", "times, with different values"),
])
def test_each_failure_has_its_status(home, a, words, status, reason):
    """A program that hangs, dies, leaves nothing or leaves nonsense fails its point alone."""
    settings = config(home, tool(**{"output": "out.slha", "observables": {"x": ("ABUNDANCE", 4)},
                                    **words}))
    started = time.monotonic()
    bad, good = evaluate(settings, [[a, 3], [4, 3]])
    assert bad.status == status
    assert reason in bad.reason
    assert time.monotonic() - started < 4
    if not words:
        assert (good.status, good.observables["x"]) == (OK, 12.0)


def test_nothing_is_written_beside_the_input_file(home):
    """The user's folder is the same after a run, and arguments are filled too."""
    program = user_program("echo", command=["/bin/sh", "-c", 'echo "v=$1" > card.txt', "-", "{a}"],
                           output="card.txt", observables={"v": r"v=(.*)"})
    before = {p.name: p.read_bytes() for p in home.iterdir()}
    evaluated, = evaluate(config(home, program), [[2.5, 3]])
    assert evaluated.observables["v"] == 2.5
    assert {p.name: p.read_bytes() for p in home.iterdir()} == before


def test_a_spectrum_by_another_program(home):
    """A program with spectrum=True feeds observables and steps, as SPheno would."""
    (home / "steps.py").write_text("def s(spectrum, point):\n"
                                   "    return spectrum.value('ABUNDANCE', 4) + point['a']\n")
    settings = config(home, tool(output="out.slha", spectrum=True, observables={}),
                      python_step("steps.py:s", name="sum"),
                      observables=[observable("p", block="ABUNDANCE", key=4, upper=10)])
    evaluated, = evaluate(settings, [[2, 3]])
    assert evaluated.observables == pytest.approx({"p": 6, "sum": 8})


@pytest.mark.parametrize(("script", "words", "status", "reason"), [
    ("echo 'Block SPINFO'; echo ' 4  tachyon hh'", {}, "tachyon", "gen: SPINFO 4: tachyon hh"),
    ("echo 'Block SPINFO'; echo ' 4  tachyon hh'; exit 1", {}, "tachyon", "gen: SPINFO 4"),
    ("echo 'Block SPINFO'; echo ' 4  odd'", {"success": "done"}, "failed", "gen: SPINFO 4: odd"),
    ("echo 'Block SPINFO'; echo ' 3  odd'; exit 1", {}, "failed", "gen ended with exit code 1"),
    ("echo 'Block MASS'; echo 'the point is excluded by X'", {"failure": "is excluded"}, "failed",
     "gen says 'is excluded': the point is excluded by X"),
    ("echo 'done, but is excluded'", {"failure": "is excluded", "success": "done"}, "failed",
     "gen says"),
    ("echo 'Block MASS'; echo done", {"failure": "is excluded", "success": "done"}, OK, ""),
])
def test_a_spectrum_program_says_that_a_point_is_invalid(home, script, words, status, reason):
    """SPINFO 4 of any program, and a text of the user's, fail a point, whatever the exit code."""
    program = user_program("gen", ["/bin/sh", "-c", script], spectrum=True, **words)
    evaluated, = evaluate(config(home, program), [[1, 1]])
    assert evaluated.status == status
    assert evaluated.reason.startswith(reason)


MATRICES = """Block MINPAR
 1 2.0 # a
Block YUIN
 1 1 1.0E-05 # Yu(1,1)
 1 2 0.0E+00 # Yu(1,2)
 3 3 9.0E-01 # Yu(3,3)
Block IMYUIN
 1 2 0.0E+00 # Yu(1,2)
 3 3 0.0E+00 # Yu(3,3)
"""


def test_complex_and_matrix_entries_are_written_and_read(home):
    """Two indices, and the imaginary parts in IM blocks with the same label and indices: each
    goes to its own line of the Les Houches file, all digits, and is read from the spectrum."""
    (home / "LesHouches.in").write_text(MATRICES)
    step = "def copy(spectrum, point):\n    return spectrum.value('IMYUIN', 1, 2)\n"
    (home / "steps.py").write_text(step)
    settings = config(
        home, python_step("steps.py:copy", name="seen"), Lesh="LesHouches.in",
        VarLabel=["# a", "# reYu12", "# imYu12", "# reYu33", "# imYu33"],
        VarNum=["1", "1 2", "1 2", "3 3", "3 3"],
        VarBlock=["", "YUIN", "IMYUIN", "yuin", "IMYUIN"],
        VarMin=[0, -1, -1, 0, None], VarMax=[1, 1, 1, 2, None],
        VarPrior=["imYu33 = sqrt(1 - reYu33**2)"], observables=[
            observable("re12", block="YUIN", key=(1, 2)), observable("re33", block="YUIN",
                                                                     key="3 3"),
            observable("im12", block="IMYUIN", key="1 2"),
            observable("im33", block="IMYUIN", key=(3, 3)),
            observable("fixed", block="YUIN", key=(1, 1)),
            observable("phase", expression="atan2(im33, re33)", range=(0, 1.57))])
    x = [0.5, -1 / 3, 1e-7 / 3, 0.6, 0.8]
    evaluated, = evaluate(settings, [x])
    assert evaluated.status == OK
    found = [evaluated.observables[name] for name in ("re12", "im12", "re33", "im33")]
    assert found == x[1:]
    assert evaluated.observables["seen"] == x[2]
    assert evaluated.observables["fixed"] == 1e-5
    assert evaluated.observables["phase"] == pytest.approx(np.arctan2(0.8, 0.6))
    assert (home / "LesHouches.in").read_text() == MATRICES


@pytest.mark.slow
def test_python_steps_with_workers(home):
    """A function gets the point; what it raises and a hang become statuses, also in workers."""
    settings = config(home, python_step("steps.py:product", name="p", timeout=1.0),
                      Timeout_point=1.0)
    x = [[2, 3], [-1, 3], [11, 3], [4, 5]]
    good, raised, hung, last = evaluate(settings, x, n_cores=1)
    assert (good.status, good.observables["p"]) == (OK, 6.0)
    assert (raised.status, raised.reason) == ("raised",
                                              "p: ValueError: no (steps.py, line 9)")
    assert hung.status == "timeout"
    assert last.observables["p"] == 20.0


@pytest.mark.slow
def test_steps_over_the_built_in_model(home):
    """A Python step joins any calculator: here the two-Higgs-doublet model."""
    (home / "steps.py").write_text("def f(spectrum, point):\n"
                                   "    return {'gap': point['mA'] - point['mh']}\n")
    from mlscanner.calculators.thdm.inputs import PHYSICAL_BASIS
    point = [125.0, 300.0, 350.0, 350.0, 0.0, 2.0, 35000.0]
    settings = config(home, python_step("steps.py:f"), Calculator="THDM", THDM_basis="physical",
                      VarLabel=PHYSICAL_BASIS, VarMin=[v - 1 for v in point],
                      VarMax=[v + 1 for v in point])
    evaluated, = evaluate(settings, [point])
    assert evaluated.observables["gap"] == pytest.approx(225.0)
    assert len(evaluated.observables) > 5


@pytest.mark.slow
def test_before_and_after_higgsbounds(home):
    """Steps in the chain of SPheno: one sees the spectrum before HiggsBounds, one its answer."""
    settings = install(home / "programs")
    settings |= {"Programs": [python_step("steps.py:higgs"),
                              python_step("steps.py:after", after="HiggsSignals")],
                 "Observables": [observable("m", block="MASS", key=25, value=125, sigma=3),
                                 observable("heavy", expression="again - m")]}
    settings = replace(make_config(**settings), input_file=str(home / "in.py"))
    good, tachyon = evaluate(settings, [*rows(0), [*GOOD[:5], 4e4, 10.0, 0]])
    assert good.status == OK, good
    numbers = good.observables
    assert numbers["before"] == 1.0
    assert numbers["m"] == numbers["mh"] == numbers["heavy"]
    assert numbers["ratio"] == numbers["HBratio"]
    assert numbers["chi2_m"] == pytest.approx(((numbers["m"] - 125) / 3) ** 2)
    higgs = numbers["chi2_rates"] + numbers["chi2_masses"]
    assert good.value == pytest.approx(higgs + numbers["chi2_m"], rel=1e-4)
    assert tachyon.status == "tachyon"


@pytest.mark.parametrize(("line", "words"), [
    ("UserProgram('x')", "command is empty"),
    ("UserProgram('x', './x', comand=3)", "comand is not known; did you mean command?"),
    ("UserProgram('x', './x', timeout=0)", "seconds, a number above 0"),
    ("UserProgram('x', './x', after='HB')", "expected 'SPheno' or 'HiggsSignals'"),
    ("UserProgram('x', './x', observables={'a': '(('})", "not a regular expression"),
    ("UserProgram('x', './x', observables={'a': 'b'})", "needs one group"),
    ("UserProgram('x', './x', observables={'a b': '(b)'})", "letters, digits"),
    ("UserProgram('x', './x', observables={'a': (1, 2)})", "expected a text, or"),
    ("python_step(3)", "must be text"),
    ("python_step('a.py:f', observables=3)", "expected a list of texts"),
    ("'a.py:f'", "expected UserProgram("),
])
def test_a_wrong_description_is_refused_with_its_line(tmp_path, line, words):
    """Mistakes in `Programs` are reported with file and line."""
    (tmp_path / "in.py").write_text(f"Calculator = 'F_2d'\nPrograms = [\n    {line},\n]\n")
    with pytest.raises(InputError) as caught:
        load_config(tmp_path / "in.py")
    assert "in.py, line 3" in str(caught.value)
    assert words in str(caught.value)
    assert "?." not in str(caught.value)


@pytest.mark.parametrize(("programs", "words"), [
    ([user_program("x", "./nothing")], "there is no program"),
    ([user_program("x", "surely-no-such-program")], "there is no program"),
    ([tool(input="no.txt")], "cannot be read"),
    ([python_step("no.py:f")], "there is no file"),
    ([python_step("steps.py:no")], "has no function 'no'"),
    ([python_step("steps.py")], "not of the form"),
    ([], "the list Programs is empty"),
])
def test_what_is_not_there_is_said_before_the_scan(home, programs, words):
    """Programs, files and functions are looked for when the scan starts."""
    with pytest.raises(InputError, match=words):
        make_calculator(config(home, *programs), ("a", "b"))


def test_a_number_of_a_spectrum_that_nobody_makes(home):
    """block= without a program that writes a spectrum is refused in words."""
    settings = config(home, python_step("steps.py:product"),
                      observables=[observable("m", block="MASS", key=25)])
    with pytest.raises(InputError, match="there is no spectrum"):
        make_calculator(settings, ("a", "b"))


def test_no_process_is_left(home):
    """A program that hangs is gone when its time is over."""
    mark = f"sleep 61.{os.getpid()}"
    program = user_program("sleeper", ["/bin/sh", "-c", f"{mark} & {mark}"], timeout=0.5)
    evaluated, = evaluate(config(home, program), [[1, 1]])
    assert evaluated.status == "timeout"
    deadline = time.monotonic() + 2
    while _running(mark) and time.monotonic() < deadline:
        time.sleep(0.01)  # a killed process takes a moment to vanish
    assert not _running(mark)


def _running(command):
    """A process with exactly this command line is there (Linux; elsewhere not looked for)."""
    words = command.replace(" ", "\0").encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes().strip(b"\0") == words:
                return True
    return False
