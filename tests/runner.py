"""Runs of the command line that tests can kill: quick to start, and real processes."""

import contextlib
import csv
import os
import resource
import runpy
import signal
import sys
import time
from pathlib import Path

from forks import PACKAGE, Process

RUN = PACKAGE / "mlscanner_start.py"
SMALL = """
Calculator = {calculator!r}
N_Cores = {cores}
Size_initial_batch = 60
Size_batch_K = 40
Size_batch_search = 40
Size_batch_L = 400
N_iteration = 2
Walkers = 40
Walk_steps = 4
Surrogate_points = 60
RF_trees = 10
GBR_trees = 10
DNN_layers = 1
DNN_nodes = 8
DNN_epochs = 4
DNN_networks = 2
DNN_activation = 'relu'
DNN_least_points = 0
Live_plots = -1
"""


STARTED = "-- started"
QUICK = "MLSCAN_TEST_QUICK"     # set in the quick lane
ORDINARY = 0.06     # seconds that a million squares took where the limits of the tests were set


def slow():
    """How much longer this machine computes just now than an ordinary one (at least 1)."""
    started = time.process_time()
    sum(i * i for i in range(1_000_000))
    return max(1.0, (time.process_time() - started) / ORDINARY)


def crowded():
    """How much longer things take than on an idle machine; limits in seconds are times this."""
    return slow() * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def write_input(folder, calculator="F_2d", cores=1, more="", name="scan_input.py"):
    """A small scan; returns the path of its input file. A worker more costs a start of Python."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(SMALL.format(calculator=calculator, cores=cores) + more)
    return path


class Run:
    """The command line in a process of its own, as `./run.sh WORDS` starts it.

    Parameters
    ----------
    words : sequence
        MODEL, --input, ...; or only the path of a script, from its root.
    log : Path
        What it prints goes there.
    home : Path, optional
        The folder of the scanner, and the current one.
    largest : int, optional
        Bytes that a file may have; what it prints stays below.
    """

    def __init__(self, words, log, home=None, largest=None):
        self.log = Path(log)
        self.before = self.output.count(STARTED)
        self.process = Process(_main, (
            list(map(str, words)), str(log), home and str(home), largest))
        self.process.start()

    @property
    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, number):
        """Signal it, once it is the scanner and no longer a child of the server."""
        while self.process.is_alive() and self.output.count(STARTED) == self.before:
            self.process.join(0.002)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def wait(self, seconds=120):
        """The exit code; negative for a signal. Kills a run that does not end."""
        self.process.join(seconds)
        if self.process.is_alive():     # only now: to see how crowded it is takes time, too
            more = seconds * (min(crowded(), 4.0) - 1)
            self.process.join(more)
            seconds += more
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
            raise AssertionError(f"the run did not end within {seconds:.0f} s:\n{self.output}")
        return self.process.exitcode


def run(words, log, home=None, largest=None):
    """A whole run; its exit code and output."""
    started = Run(words, log, home, largest)
    return started.wait(), started.output


def _main(words, log, home=None, largest=None):
    os.setsid()
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    os.chdir(home or ".")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    print(STARTED)
    os.environ.update(OMP_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3",
                      MLSCANNER_HOME=home or str(PACKAGE.parent))    # as run.sh does
    from mlscanner.cli.main import main
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as __main__.py does
    try:
        code = _script(words[0]) if words[0].endswith(".py") else main(words)
    except SystemExit as leave:
        code = leave.code
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    sys.exit(code)


def _script(path):
    """As `python path` would, in this process."""
    del os.environ["MLSCANNER_HOME"]    # it is not run.sh
    sys.argv, sys.path[0] = [path], str(Path(path).parent)
    runpy.run_path(path, run_name="__main__")
    return 0


def rows(folder):
    """The rows of points.csv in order of id, as dicts of text."""
    with (Path(folder) / "points.csv").open(newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["id"]))


def evaluated(folder):
    """What must be the same in two runs: all but the predictions of each point."""
    return [tuple(v for k, v in row.items() if k != "predicted") for row in rows(folder)]
