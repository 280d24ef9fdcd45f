"""Judge points: the calculator that the input file names, and the pool of worker processes.

All judging, in every phase of a scan, goes through one `Pool`. Only the main process draws
random numbers and writes to `result/`; a worker gets rows of numbers and returns `Judged`s.
"""

import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from concurrent.futures import FIRST_COMPLETED, TimeoutError, wait
from pathlib import Path

import numpy as np
from pebble import ProcessExpired, ProcessPool

from errors import ProgramError
from functions import TEST_FUNCTIONS, TestFunction, UserFunction
from observables import Judged

POLL = 0.1  # seconds between looks at a request to stop
SCRATCH = "mlscan"


def make_calculator(config, names):
    """The calculator that `config.Calculator` names.

    Parameters
    ----------
    config : ScanConfig
    names : sequence of str
        The scanned parameters, in the order of the columns of a point.
    """
    if config.Calculator in TEST_FUNCTIONS:
        return TestFunction.from_config(config)
    if config.Calculator == "THDM":
        from thdm import THDM
        return THDM.from_config(config)
    if config.Calculator == "SPheno":
        from chain import Chain
        return Chain.from_config(config)
    return UserFunction.from_config(config, names, Path(config.input_file).parent)


class Pool:
    """Worker processes that judge points; a context manager.

    Parameters
    ----------
    calculator : object
        With `judge(x, scratch)`, `share` (points per task), and optionally `share_for(n, n_cores)`.
        Sent once to each worker.
    n_cores : int
        Number of workers; 0 judges in this process (for functions that can not be sent).
    point_limit : float
        Seconds a point may take before its worker is replaced and the point marked 'timeout'.
    """

    def __init__(self, calculator, n_cores, point_limit=3600.0):
        self.calculator, self.n_cores, self.point_limit = calculator, n_cores, point_limit
        self.stop_requested = threading.Event()
        self._pool = self._scratch = None

    def __enter__(self):
        self._scratch = make_scratch_root()
        if self.n_cores:
            # spawn: a worker must not be a fork of a process in which TensorFlow has started
            self._pool = ProcessPool(
                max_workers=self.n_cores, initializer=_start_worker,
                initargs=(self.calculator, str(self._scratch)),
                context=multiprocessing.get_context("spawn"))
        else:
            _JUDGE.update(calculator=self.calculator, scratch=str(self._scratch))
        return self

    def __exit__(self, *exception):
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def map(self, x):
        """Judge points, each as soon as a worker is free.

        Parameters
        ----------
        x : (n, d) array
            Physical points.

        Yields
        ------
        row : int
            Row of `x`; in the order of finishing. Nothing more comes after a request to stop.
        judged : Judged
        """
        x = np.atleast_2d(np.asarray(x, float))
        for rows in self._shares(len(x)):
            if self._pool is None:
                if self.stop_requested.is_set():
                    return
                yield from zip(rows, _judge(x[rows]), strict=True)
        if self._pool is not None:
            yield from self._map_workers(x)

    def _shares(self, n):
        share_for = getattr(self.calculator, "share_for", None)
        size = share_for(n, self.n_cores) if share_for else self.calculator.share
        return [list(range(start, min(start + size, n))) for start in range(0, n, size)]

    def _map_workers(self, x):
        tasks = {self._schedule(x, rows): (rows, 1) for rows in self._shares(len(x))}
        while tasks and not self.stop_requested.is_set():
            for future in wait(tasks, POLL, FIRST_COMPLETED).done:
                rows, attempt = tasks.pop(future)
                try:
                    yield from zip(rows, future.result(), strict=True)
                except TimeoutError:
                    limit = self._limit(1)
                    failed = Judged("timeout", reason=f"no answer within {limit:g} s")
                    yield from self._again(tasks, x, rows, len(rows) == 1, failed)
                except ProcessExpired as death:
                    failed = Judged("crashed", reason=describe_death(death))
                    yield from self._again(tasks, x, rows, attempt > 1, failed)

    def _again(self, tasks, x, rows, give_up, failed):
        """Judge each point of a lost share by itself, once more; then mark it."""
        if give_up:
            yield from ((row, failed) for row in rows)
            return
        for row in rows:
            tasks[self._schedule(x, [row])] = ([row], 2)

    def _limit(self, n):
        return n * getattr(self.calculator, "point_limit", self.point_limit)

    def _schedule(self, x, rows):
        return self._pool.schedule(_judge, (x[rows],), timeout=self._limit(len(rows)))


def describe_death(death):
    """In words why a worker ended: 'signal 11 (SIGSEGV)' or 'exit code 3'."""
    code = death.exitcode or 0
    if code >= 0:
        return f"the worker ended with exit code {code}"
    try:
        return f"the worker was killed by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"the worker was killed by signal {-code}"


# What a worker holds. Filled once when it starts; the main process fills its own for n_cores = 0.
_JUDGE = {}


def _start_worker(calculator, scratch):
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # for the programs it starts and for libraries not loaded yet
    from threadpoolctl import threadpool_limits
    threadpool_limits(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what Ctrl-C means
    # an exception unwinds through run_program, which kills the program that is running
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _JUDGE.update(calculator=calculator, scratch=scratch)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent():
    """End this worker when the main process is gone, however it went."""
    multiprocessing.parent_process().join()
    os.kill(os.getpid(), signal.SIGTERM)


def _judge(x):
    scratch = Path(tempfile.mkdtemp(dir=_JUDGE["scratch"]))
    try:
        outcomes = _JUDGE["calculator"].judge(x, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if len(outcomes) != len(x):
        raise ProgramError(f"the calculator returned {len(outcomes)} outcomes for {len(x)} points")
    return outcomes


def make_scratch_root():
    """A fresh folder for all scratch files of this process, in memory where there is a tmpfs."""
    memory = Path("/dev/shm")
    parent = Path(tempfile.gettempdir())
    if "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK):
        parent = memory
    _remove_stale(parent)
    return Path(tempfile.mkdtemp(prefix=f"{SCRATCH}-{socket.gethostname()}-{os.getpid()}-",
                                 dir=parent))


def _remove_stale(parent):
    """Remove scratch folders of our own processes that were killed on this machine."""
    prefix = f"{SCRATCH}-{socket.gethostname()}-"
    for folder in parent.glob(prefix + "*"):
        pid = folder.name[len(prefix):].split("-")[0]
        if pid.isdigit() and not process_exists(int(pid)) and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


def process_exists(pid):
    """True when a process of that number runs on this machine (whoever owns it)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
