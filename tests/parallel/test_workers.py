"""A worker is started whole, whatever comes meanwhile."""

import signal
import subprocess
import sys

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
