"""The pool of worker processes of this machine."""

import functools
import shutil
import threading
import time
from typing import Any

from ..errors import ProgramError
from ..evaluation import Evaluation
from . import workers
from .running_clock import RunningClock
from .scratch import evaluated_in_scratch, make_root
from .tasks import PoolBase

POLL = 0.1  # seconds after which a request to stop and the time limits are checked again
STARTS = 3  # workers in a row that may die before they are ready


class Pool(PoolBase):
    """Worker processes of this machine that evaluate points; a context manager.

    A worker that dies or gives no answer in time is replaced. The points it had are evaluated once
    more, each by itself; one that takes its worker with it again is marked 'crashed'.

    Parameters
    ----------
    calculator : object
        As for `PoolBase`. Sent once to each worker.
    n_cores : int
        Number of workers; 0 evaluates in this process (for functions that cannot be sent).
    point_limit : float
        Seconds a point may take before its worker is replaced and the point marked 'timeout'.
    stop_requested : threading.Event, optional
        As for `PoolBase`.
    """

    def __init__(self, calculator: Any, n_cores: int, point_limit: float = 3600.0,
                 stop_requested: threading.Event | None = None):
        super().__init__(calculator, point_limit, stop_requested)
        self.n_workers = n_cores
        self._workers: list = []
        self._scratch: Any = None
        self._started = self._stillborn = 0
        self._clock = RunningClock()

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

    def stream(self, work):
        """Evaluate what is in `work` and what is put there meanwhile, until it is closed and done.

        Yields (key, Evaluation).
        """
        if not self.n_workers:
            yield from self._here(work)
            return
        try:
            while (work or self._busy() or not work.closed) and not self._over(work):
                if not self._busy() and not self._may_begin():
                    break
                self._feed(work)
                yield from self._answers(work, POLL)
            if not work.cancelled:
                yield from self._answers(work, 0.0)  # what was evaluated when the request came
        finally:
            # what is given up here must not be taken for the answer to a later call
            self._dismiss(self._busy())

    def _here(self, work):
        """Without workers."""
        while (work or not work.closed) and not self._over(work) and self._may_begin():
            if not work:
                time.sleep(POLL)
                continue
            task, started = work.take(), time.monotonic()
            outcomes = evaluated_in_scratch(self.calculator, task.x, self._scratch)
            self._took(time.monotonic() - started, len(task.keys))
            yield from zip(task.keys, outcomes, strict=True)

    # ---- workers -----------------------------------------------------------------------------
    def _busy(self):
        return [w for w in self._workers if w.task]

    def _feed(self, work):
        """Hand tasks to idle workers."""
        if work:
            self._replenish()
        for worker in self._workers:
            if work and worker.ready and not worker.task and self._may_begin():
                task = work.take()
                worker.send(task, task.x, self._clock() + self._limit(len(task.keys)))

    def _replenish(self):
        # not a function of this module, which would be imported in every worker
        answer = functools.partial(evaluated_in_scratch, self.calculator)
        while len(self._workers) < self.n_workers:
            self._started += 1
            self._workers.append(workers.Worker(answer, self._scratch / f"w{self._started}"))

    def _answers(self, work, patience):
        """What workers have finished; what one has lost goes back to the work, or is marked."""
        for worker in workers.wait(self._workers, patience):
            task = worker.task
            try:
                outcomes = worker.receive()
            except workers.WorkerDied as death:
                self._dismiss([worker])
                yield from self._lost(work, worker, str(death))
            else:
                self._stillborn = 0
                if task and outcomes is not None:
                    self._took(worker.seconds, len(task.keys))
                    yield from zip(task.keys, outcomes, strict=True)
        now = self._clock()
        for worker in [w for w in self._busy() if now > w.deadline]:
            task = worker.task
            self._dismiss([worker])
            failed = Evaluation("timeout", reason=f"no answer within {self._limit(1):g} s")
            yield from self._again(work, task, len(task.keys) == 1, failed)

    def _lost(self, work, worker, reason):
        """What a worker that died was doing: only points it had begun with are suspects."""
        if worker.task and worker.begun:
            yield from self._again(work, worker.task, worker.task.attempt >= self.attempts,
                                   Evaluation("crashed", reason=reason))
        elif worker.task:
            work.add([worker.task], first=True)
        elif not worker.ready:
            self._stillborn += 1
            if self._stillborn >= STARTS:
                raise ProgramError(f"worker processes do not start: {reason}. The lines above "
                                   "may say why. If memory is short, lower N_Cores.")

    def _dismiss(self, some):
        for worker in some:
            self._workers.remove(worker)
        workers.end(some)
