"""What a process that a worker forks is: one that a signal ends, from its first moment on."""

import subprocess
import sys

import pytest

from runner import PACKAGE

# Each child gets the signal a little later after its fork; a second would be enough to notice it.
FORKS = """
import os, signal, sys, time
sys.path.insert(0, {source!r})
from mlscanner.parallel import own_process, stopping, workers

if {main}:
    stopping.Stopper().__enter__()
else:
    signal.signal(signal.SIGTERM, workers._leave)
    own_process.may_have_children()
before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
for number in range(40):
    child = os.fork()
    if not child:
        time.sleep(2.0)
        os._exit(7)
    for _ in range(20 * number):
        pass
    os.kill(child, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
"""


@pytest.mark.parametrize("main", [False, True])
def test_a_signal_at_once_after_a_fork_ends_the_child(main):
    """The handler of its parent is still there then, and what it raises is ignored: a pool of
    multiprocessing ended its processes so, and waited for them for ever."""
    done = subprocess.run([sys.executable, "-c", FORKS.format(source=str(PACKAGE), main=main)],
                          capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["-15"] * 40, "", 0)
