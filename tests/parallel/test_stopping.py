"""The first signal ends a process cleanly within two seconds, the second at once."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mlscanner.parallel import stopping
from runner import PACKAGE, crowded

# What a process does when the signal comes; each says 'at work' first.
PYTHON_LOOP = "say()\nwhile True: sum(range(100))"
COMPILED = ("import ctypes\n"   # a call without an end that gives the interpreter free
            "library, lock = ctypes.CDLL(None), ctypes.create_string_buffer(256)\n"
            "library.pthread_mutex_init(lock, None)\nsay()\n"
            "for _ in range(2): library.pthread_mutex_lock(lock)")
STUBBORN = ("say()\n"
            "while True:\n"
            "    try:\n        time.sleep(30)\n    except BaseException: pass")
GENTLE = ("with stopper.gently():\n"
          "    say()\n"
          "    while not stopper.request.wait(0.01): pass\n"
          "    print('batch stored', flush=True)")
GENTLE_STUCK = "with stopper.gently(): say(); time.sleep(30); time.sleep(30)"

PROGRAM = """
import signal, sys, time
from mlscanner.parallel.stopping import Stopper
with Stopper() as stopper:
    stopper.farewell = lambda: print('farewell', flush=True)
    say = lambda: print('at work', flush=True)
    try:
{work}
    except KeyboardInterrupt:
        print('clean end', flush=True)
        code = stopper.exit_code
sys.exit(code)
"""


def start(work):
    code = PROGRAM.format(work="\n".join(" " * 8 + line for line in work.splitlines()))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": str(PACKAGE)},
                               preexec_fn=default_signals)
    assert process.stdout.readline() == "at work\n"
    time.sleep(0.3)  # from saying so to being so
    return process


def default_signals():
    for number in stopping.SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def end(process, started):
    output, _ = process.communicate(timeout=20)
    return output, process.returncode, time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize("number", stopping.SIGNALS)
@pytest.mark.parametrize(("work", "said"), [
    (PYTHON_LOOP, "clean end\n"), (GENTLE, "batch stored\nclean end\n"),
    (COMPILED, "farewell\n"), (STUBBORN, "farewell\n"), (GENTLE_STUCK, "farewell\n")])
def test_one_signal_ends_it_within_two_seconds(work, said, number):
    """Cleanly where Python can, with last words where it cannot; the exit code is the signal's."""
    process = start(work)
    started = time.monotonic()
    process.send_signal(number)
    output, code, seconds = end(process, started)
    assert output == said
    assert code == 128 + number
    assert seconds < 2 * crowded()


@pytest.mark.slow
@pytest.mark.parametrize("work", [COMPILED, STUBBORN, GENTLE_STUCK])
def test_a_second_signal_ends_it_at_once(work):
    """Nobody has to wait for the first to have its effect."""
    process = start(work)
    process.send_signal(signal.SIGINT)
    time.sleep(stopping.ECHO + 0.1)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, code, seconds = end(process, started)
    assert code == 130
    assert seconds < 0.7 * crowded()


def test_a_signal_that_comes_twice_is_one_request():
    """`timeout` signals the process and then its group: the batch is still stored."""
    process = start(GENTLE)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    output, code, _ = end(process, started)
    assert output == "batch stored\nclean end\n"
    assert code == 143


def test_a_second_signal_that_comes_when_all_is_done_changes_nothing():
    """A process that is clean within milliseconds does not meet the echo without its handlers."""
    process = start(GENTLE)
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert [process.stdout.readline() for _ in range(2)] == ["batch stored\n", "clean end\n"]
    while time.monotonic() - started < 0.5 * stopping.ECHO:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.0005)
    assert end(process, started)[:2] == ("", 143)


def test_signals_that_were_ignored_stay_ignored():
    """A scan under nohup goes on when the terminal is gone."""
    code = PROGRAM.format(work=" " * 8 + "say(); time.sleep(0.5); code = 0; print('finished')")
    code = code.replace("with Stop", "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nwith Stop")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    assert process.stdout.readline() == "at work\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=20)[0] == "finished\n"


def test_everything_is_put_back():
    """Handlers, wake-up file and thread are as before."""
    before = [signal.getsignal(n) for n in stopping.SIGNALS]
    with stopping.Stopper() as stopper:
        assert [signal.getsignal(n) for n in stopping.SIGNALS] != before
        assert stopper.exit_code == 0
    assert [signal.getsignal(n) for n in stopping.SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert not stopper._thread.is_alive()


@pytest.mark.filterwarnings("ignore:.*fork")
@pytest.mark.parametrize("of_a_user", [False, True])
def test_what_a_user_forks_has_the_handlers_of_a_script(of_a_user):
    """Ours, which it would inherit, lock up a pool of multiprocessing that ends its processes by
    SIGTERM, and make the scan end at a signal to its child. A handler of the user's stays."""
    mine = lambda *_: None      # noqa: E731
    # what the shell that started this ignores stays ignored (nohup)
    usual = [default if signal.getsignal(number) != signal.SIG_IGN else signal.SIG_IGN
             for number, default in ((signal.SIGTERM, signal.SIG_DFL),
                                     (signal.SIGINT, signal.default_int_handler),
                                     (signal.SIGHUP, signal.SIG_DFL))]
    with stopping.Stopper():
        before = signal.signal(signal.SIGHUP, mine) if of_a_user else None
        child = os.fork()
        if not child:
            usual[2] = mine if of_a_user else usual[2]
            found = list(map(signal.getsignal, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            os._exit(0 if found == usual and signal.set_wakeup_fd(-1) == -1 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert callable(signal.getsignal(signal.SIGTERM))
        if of_a_user:
            signal.signal(signal.SIGHUP, before)
