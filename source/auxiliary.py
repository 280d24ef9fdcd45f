"""Judge points: the calculator that the input file names, and the pool of worker processes.

All judging, in every phase of a scan, goes through one `Pool`. Only the main process draws
random numbers and writes to `result/`; a worker gets rows of numbers and returns `Judged`s.
"""

import functools
import shutil
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from errors import ProgramError
from functions import TEST_FUNCTIONS, TestFunction, UserFunction
from observables import Judged
from running import workers
from running.scratch import judged_in_scratch, make_root
from steps.extras import Blank, with_extras

POLL = 0.1  # seconds between looks at a request to stop and at the time limits
STARTS = 3  # workers in a row that may die before they are ready


def make_calculator(config: Any, names: Sequence[str]) -> Any:
    """The calculator that `config.Calculator` names, with `Programs` and `Observables` over it.

    Parameters
    ----------
    config : ScanConfig
    names : sequence of str
        The scanned parameters, in the order of the columns of a point.
    """
    return with_extras(_bare_calculator(config, names), config, names)


def _bare_calculator(config, names):
    if config.Calculator in TEST_FUNCTIONS:
        return TestFunction.from_config(config)
    if config.Calculator == "THDM":
        from thdm import THDM
        return THDM.from_config(config)
    if config.Calculator == "SPheno":
        from chain.chain import Chain
        return Chain.from_config(config)
    if config.Calculator == "Programs":
        return Blank.from_config(config)
    return UserFunction.from_config(config, names, Path(config.input_file).parent)


class Task(NamedTuple):
    """Rows of points that one worker judges in one go."""

    rows: list
    attempt: int = 1


class Pool:
    """Worker processes that judge points; a context manager.

    A worker that dies or gives no answer in time is replaced. The points it had are judged once
    more, each by itself; one that takes its worker with it again is marked 'crashed'.

    Parameters
    ----------
    calculator : object
        With `judge(x, scratch)`, `share` (points per task), and optionally `share_for(n, n_cores)`
        and `at_once` (a task takes no longer than a point). Sent once to each worker.
    n_cores : int
        Number of workers; 0 judges in this process (for functions that can not be sent).
    point_limit : float
        Seconds a point may take before its worker is replaced and the point marked 'timeout'.

    Attributes
    ----------
    stop_requested : threading.Event
        Set it, and `map` hands out no more points.
    """

    def __init__(self, calculator: Any, n_cores: int, point_limit: float = 3600.0):
        self.calculator, self.n_cores, self.point_limit = calculator, n_cores, point_limit
        self.stop_requested = threading.Event()
        self._workers: list = []
        self._scratch: Any = None
        self._started = self._stillborn = 0

    def __enter__(self) -> "Pool":
        self._scratch = make_root()
        try:
            self._replenish()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        workers.end(self._workers)
        self._workers.clear()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def map(self, x: np.ndarray) -> Iterator[tuple[int, Judged]]:
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
        if self.n_cores:
            yield from self._map_workers(x)
            return
        for rows in self._shares(len(x)):
            if self.stop_requested.is_set():
                return
            outcomes = judged_in_scratch(self.calculator, x[rows], self._scratch)
            yield from zip(rows, outcomes, strict=True)

    def _shares(self, n):
        share_for = getattr(self.calculator, "share_for", None)
        size = share_for(n, self.n_cores) if share_for else self.calculator.share
        return [list(range(start, min(start + size, n))) for start in range(0, n, size)]

    # ---- workers -----------------------------------------------------------------------------
    def _map_workers(self, x):
        tasks = deque(Task(rows) for rows in self._shares(len(x)))
        try:
            while (tasks or self._busy()) and not self.stop_requested.is_set():
                self._feed(tasks, x)
                yield from self._answers(tasks, POLL)
            yield from self._answers(tasks, 0.0)  # what was judged when the request came
        finally:
            # what is given up here must not be taken for the answer to a later call
            self._dismiss(self._busy())

    def _busy(self):
        return [w for w in self._workers if w.task]

    def _feed(self, tasks, x):
        """Hand tasks to idle workers."""
        if tasks:
            self._replenish()
        for worker in self._workers:
            if tasks and worker.ready and not worker.task:
                task = tasks.popleft()
                worker.send(task, x[task.rows], self._limit(len(task.rows)))

    def _replenish(self):
        # not a function of this module, which would be imported in every worker
        answer = functools.partial(judged_in_scratch, self.calculator)
        while len(self._workers) < self.n_cores:
            self._started += 1
            self._workers.append(workers.Worker(answer, self._scratch / f"w{self._started}"))

    def _answers(self, tasks, patience):
        """What workers have finished; what one has lost goes back to the tasks, or is marked."""
        for worker in workers.wait(self._workers, patience):
            task = worker.task
            try:
                outcomes = worker.receive()
            except workers.WorkerDied as death:
                self._dismiss([worker])
                yield from self._lost(tasks, worker, str(death))
            else:
                self._stillborn = 0
                if task and outcomes is not None:
                    yield from zip(task.rows, outcomes, strict=True)
        for worker in [w for w in self._busy() if time.monotonic() > w.deadline]:
            task = worker.task
            self._dismiss([worker])
            failed = Judged("timeout", reason=f"no answer within {self._limit(1):g} s")
            yield from self._again(tasks, task, len(task.rows) == 1, failed)

    def _lost(self, tasks, worker, reason):
        """What a worker that died was doing: only points it had begun with are suspects."""
        if worker.task and worker.begun:
            yield from self._again(tasks, worker.task, worker.task.attempt > 1,
                                   Judged("crashed", reason=reason))
        elif worker.task:
            tasks.appendleft(worker.task)
        elif not worker.ready:
            self._stillborn += 1
            if self._stillborn >= STARTS:
                raise ProgramError(f"worker processes do not start: {reason}. What they wrote "
                                   "above may say why; if memory is short, lower N_Cores.")

    def _again(self, tasks, task, give_up, failed):
        """Judge each point of a lost task by itself, once more; then mark it."""
        if give_up:
            yield from ((row, failed) for row in task.rows)
        else:
            tasks.extendleft(Task([row], 2) for row in reversed(task.rows))

    def _dismiss(self, some):
        for worker in some:
            self._workers.remove(worker)
        workers.end(some)

    def _limit(self, n):
        limit = getattr(self.calculator, "point_limit", self.point_limit)
        return limit if getattr(self.calculator, "at_once", False) else n * limit
