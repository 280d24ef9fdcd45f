"""Starting programs: whatever one does, it ends in time and nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mlscanner.parallel.processes import HEAD_BYTES, TAIL_BYTES, run_program
from runner import PACKAGE, crowded

LIMIT = 0.5


def script(folder, text):
    """An executable Python script in the folder."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n''':'\nexec '{sys.executable}' -S -E \"$0\" \"$@\"\n':'''\n"
                    "import os, signal, sys, time\n" + text)
    path.chmod(0o755)
    return path


def run(folder, text, limit=LIMIT, **options):
    """Outcome of a script, and that its process group is gone."""
    program = script(folder, "open('pgid', 'w').write(str(os.getpgrp()))\n" + text)
    outcome = run_program([program, "a b", "$(c)", "'"], folder, limit, **options)
    group = folder / "pgid"
    if group.exists() and group.read_text():
        assert wait_until(lambda: not group_members(group.read_text()), 1)
    return outcome


def group_members(group):
    """Live processes of a group; zombies that init has not reaped yet are dead."""
    table = subprocess.run(["ps", "-A", "-o", "pgid=", "-o", "stat=", "-o", "args="],
                           capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in table.splitlines()]
    return [row for row in rows if row[0] == group and not row[1].startswith("Z")]


def wait_until(condition, limit=10.0):
    """True once condition() is; False when it is not in time."""
    deadline = time.monotonic() + limit * crowded()
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_arguments_are_data(tmp_path):
    """Arguments reach the program as they are, without a shell; it has no input to read."""
    outcome = run(tmp_path, "print(sys.argv[1:], sys.stdin.read() == '', os.getcwd())", limit=10)
    assert outcome.output == f"['a b', '$(c)', \"'\"] True {tmp_path.resolve()}\n"
    assert (outcome.trouble, outcome.code) == ("", 0)


@pytest.mark.slow
@pytest.mark.parametrize("text", [
    "time.sleep(60)",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    "os.fork(); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    "os.close(1); os.close(2); time.sleep(60)",
    "while True: os.write(1, b'x' * 65536)",
], ids=["hangs", "ignores SIGTERM", "forks a child", "closes its output", "prints for ever"])
def test_time_limit(tmp_path, text):
    """A program that does not end is killed at its limit, with its children, deaf or not."""
    start = time.monotonic()
    outcome = run(tmp_path, text)
    assert time.monotonic() - start < LIMIT + 1
    assert outcome.trouble == "timeout"
    assert outcome.reason == "program gave no answer within 0.5 s"


def test_a_child_left_behind_does_not_keep_us_waiting(tmp_path):
    """A program that ends while its child holds the output counts as ended; the child is killed."""
    start = time.monotonic()
    outcome = run(tmp_path, "if os.fork() == 0: time.sleep(60)\nprint('done')\n", limit=30)
    assert time.monotonic() - start < 5
    assert (outcome.trouble, outcome.output) == ("", "done\n")


def test_signals_are_named(tmp_path):
    """A crash is told with the signal and its name."""
    outcome = run(tmp_path, "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
                            "os.kill(os.getpid(), signal.SIGSEGV); time.sleep(5)", limit=10)
    assert (outcome.trouble, outcome.code) == ("crashed", -11)
    assert outcome.reason == "program was ended by signal 11 (SIGSEGV)"


def test_exit_code_is_not_evaluated(tmp_path):
    """A non-zero exit is no trouble by itself: the caller looks at the output."""
    outcome = run(tmp_path, "print('x'); sys.exit(3)", limit=10)
    assert (outcome.trouble, outcome.code, outcome.output) == ("", 3, "x\n")


def test_output_is_bounded(tmp_path):
    """Of 200 MB of output the first and last 64 KiB are kept, and memory stays small."""
    outcome = run(tmp_path, "os.write(1, b'first'); b = b'x' * 10**6\n"
                            "for _ in range(200): os.write(1, b)\nos.write(2, b'last')", limit=30)
    assert outcome.trouble == ""
    assert outcome.output.startswith("first")
    assert outcome.output.endswith("last")
    assert len(outcome.output) <= HEAD_BYTES + 5 * TAIL_BYTES


@pytest.mark.parametrize("place", ["big", "below/it/big"])
def test_files_are_bounded(tmp_path, place):
    """A program that writes more than it may to its folder, or below it, is killed."""
    start = time.monotonic()
    outcome = run(tmp_path, f"os.makedirs('below/it'); f = open('{place}', 'wb')\n"
                            "while True: f.write(bytes(10**6)); f.flush(); time.sleep(0.01)",
                  limit=30, max_bytes=20 << 20)
    assert time.monotonic() - start < 10
    assert outcome.trouble == "too_big"
    assert outcome.reason == "program wrote more than 20 MiB to its folder"


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.write_text("no program"),
                                  lambda p: (p.write_bytes(b"\x7fELFrubbish"), p.chmod(0o755))],
                         ids=["missing", "not executable", "not a program"])
def test_what_can_not_be_started(tmp_path, make):
    """A program that cannot be started is an outcome, not an exception."""
    make(tmp_path / "p")
    outcome = run_program([tmp_path / "p"], tmp_path, 5)
    assert outcome.trouble == "not_started"
    assert outcome.reason.startswith("p could not be started")


def alive(pid):
    """True while a process runs (a zombie that nobody has reaped yet does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True,
                           check=False).stdout
    return bool(state) and "Z" not in state


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_program_dies_with_us(tmp_path, number):
    """However the process that started a program ends, the program and its guard end too."""
    program = script(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                               "open('pids', 'w').write(f'{os.getpid()}\\n'); time.sleep(60)")
    caller = tmp_path / "caller.py"
    caller.write_text(
        f"import signal, sys; sys.path.insert(0, {str(PACKAGE)!r})\n"
        "from mlscanner.parallel import processes\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n"
        "if __name__ == '__main__':\n"
        f"    open({str(tmp_path / 'guard')!r}, 'w').write(str(processes._guard().process.pid))\n"
        f"    processes.run_program([{str(program)!r}], {str(tmp_path)!r}, 60)\n")
    owner = subprocess.Popen([sys.executable, str(caller)], stderr=subprocess.DEVNULL)
    pids = tmp_path / "pids"
    assert wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    running = int(pids.read_text())
    guard = int((tmp_path / "guard").read_text())
    assert alive(running)
    assert alive(guard)
    owner.send_signal(number)
    owner.wait(10 * crowded())
    assert wait_until(lambda: not alive(running), 2)
    assert wait_until(lambda: not alive(guard), 2)


def test_starting_is_cheap(tmp_path):
    """Our own share of a call is milliseconds: fifty calls of a trivial program in 2 s."""
    start = time.monotonic()
    for _ in range(50):
        assert run_program(["/bin/sh", "-c", "exit 0"], tmp_path, 5).trouble == ""
    assert time.monotonic() - start < 2


# The signal comes after the program is there, and before it is known who ends it.
AMID = """
import os, signal, subprocess, sys
sys.path.insert(0, {source!r})
from mlscanner.parallel import processes, workers

def begin(self, *words, begin=subprocess.Popen._execute_child):
    begin(self, *words)
    if self.args[0] == {program!r}:
        print(self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

subprocess.Popen._execute_child = begin
signal.signal(signal.SIGTERM, workers._leave)
processes.run_program([{program!r}], {folder!r}, 60)
"""


def test_a_signal_amid_the_start_of_a_program_leaves_nothing_of_it(tmp_path):
    """As a worker gets it when its parent is gone: what its handler raised in subprocess.Popen left
    a program that nobody knew of."""
    program = str(script(tmp_path, "time.sleep(60)"))
    done = subprocess.run(
        [sys.executable, "-c", AMID.format(source=str(PACKAGE), program=program,
                                           folder=str(tmp_path))],
        capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (143, "")
    assert not group_members(done.stdout.strip())
