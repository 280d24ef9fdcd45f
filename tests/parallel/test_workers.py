"""A worker is started whole, whatever comes meanwhile."""

import os
import signal
import subprocess
import sys
import time

import pytest

from mlscanner.parallel import stopping, workers
from runner import PACKAGE

# The signal comes after the worker's process is there and before it was told what to do.
PROGRAM = """
import multiprocessing.util, os, signal, sys, time
from multiprocessing import resource_tracker
sys.path.insert(0, {source!r})
from mlscanner.parallel import stopping, workers

def start_then_signal(*words, start=multiprocessing.util.spawnv_passfds):
    pid = start(*words)
    os.kill(os.getpid(), {number})
    time.sleep(0.2)  # another thread may be the one that hears it
    return pid

if __name__ == "__main__":
    resource_tracker.ensure_running()  # another process that comes with the first worker
    multiprocessing.util.spawnv_passfds = start_then_signal
    for number in stopping.SIGNALS:
        signal.signal(number, signal.default_int_handler)
    with stopping.Stopper() as stopper:
        try:
            workers.Worker(print, {folder!r})
            print("nothing was heard")
        except KeyboardInterrupt:
            print("clean end")
    sys.exit(stopper.exit_code)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_signal_while_a_worker_starts(tmp_path, number):
    """It is heard, once the worker has all it needs: no traceback of half a start."""
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.format(source=str(PACKAGE), number=int(number),
                                     folder=str(tmp_path / "scratch")))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.stdout == "clean end\n"
    assert done.stderr == ""
    assert done.returncode == 128 + number


def test_handlers_are_as_before(tmp_path):
    """After a start the signals mean what they meant."""
    before = [signal.getsignal(number) for number in stopping.SIGNALS]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker = workers.Worker(print, tmp_path / "w1")
    workers.end([worker])
    assert [signal.getsignal(number) for number in stopping.SIGNALS] == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask


def answered_twice(x, folder):
    """A child that comes back from a fork answers, too, on the pipe of its parent."""
    child = os.fork()
    if child == 0:
        time.sleep(0.5)     # behind its parent
    return "child" if child == 0 else "parent"


@pytest.mark.slow
def test_an_answer_to_another_task_is_refused(tmp_path):
    """The second answer to a task was taken for that to the next one, and so on for ever."""
    worker = workers.Worker(answered_twice, tmp_path / "w")
    try:
        heard = []
        for task in (1, 2):
            worker.send(task, [[0.0]], float("inf"))
            while worker.task == task:
                workers.wait([worker], 30)
                heard.append(worker.receive())
            time.sleep(1.0)     # the child has answered the first task
    except workers.WorkerDied as death:
        assert "another task" in str(death)
        assert [answer for answer in heard if answer] == ["parent"]
    else:
        pytest.fail(str(heard))
    finally:
        workers.end([worker])
