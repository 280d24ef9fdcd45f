"""Evaluate points with Dask workers, wherever they are: the same `map` as `local_pool.Pool`."""

import asyncio
import functools
import hashlib
import logging
import queue
import threading
import time
import uuid
from concurrent.futures import CancelledError
from typing import Any

from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker, NoValidWorkerError

from ..errors import ProgramError, ScannerError
from ..evaluation import Evaluation
from . import dask_worker
from .running_clock import RunningClock
from .tasks import PoolBase

LOG = logging.getLogger("mlscan")
POLL = 0.1      # seconds after which a request to stop and the time limits are checked
LOOK = 1.0      # seconds after which it is checked which workers there are
PATIENCE = 60.0     # seconds without a worker until that is said
EXTRA = 10.0    # seconds beyond its limit until a point is given up
AHEAD = 0.5     # tasks, as a part of the threads, that wait at the scheduler
GONE = (CommClosedError, OSError, TimeoutError, CancelledError)


class DaskPool(PoolBase):
    """Dask workers that evaluate points; a context manager.

    Dask gives the points of a worker that is gone to another one. When it says that a task has
    taken several workers with it, the points of the task are evaluated one by one, and the one that
    does it again is marked 'crashed'. A worker that cannot evaluate, as a program is missing there
    or its disk is full, gets no points.

    Parameters
    ----------
    calculator : object
        As for local_pool.Pool. Sent once to each worker.
    cluster : dask_cluster.Cluster
    point_limit : float
        Seconds a point may take before its worker is restarted and the point marked 'timeout'.
    stop_requested : threading.Event, optional
        As for `PoolBase`.
    """

    def __init__(self, calculator: Any, cluster: Any, point_limit: float = 3600.0,
                 stop_requested: threading.Event | None = None):
        super().__init__(calculator, point_limit, stop_requested)
        self.n_workers = cluster.n_cores
        self.cluster, self.unfit = cluster, {}
        self.client: Any = None
        self._name, self._count = f"mlscan-{uuid.uuid4().hex[:12]}", 0
        self._evaluate = dask_worker.task()
        self._slots: dict[str, int] = {}
        self._looked, self._waiting = 0.0, time.monotonic()
        self._clock, self._came, self._left = RunningClock(), {}, 0.0
        self._extended: set[str] = set()

    def __enter__(self) -> "DaskPool":
        self.client = self.cluster.__enter__()
        try:
            packed = dask_worker.packed_source()
            source = dask_worker.PREFIX + hashlib.sha256(packed).hexdigest()[:16]
            # in this order, also on workers that come later
            self.client.register_plugin(dask_worker.source_plugin(source, packed), name=source)
            self.client.register_plugin(dask_worker.Evaluator(self.calculator), name=self._name)
        except BaseException as error:
            self.cluster.__exit__()
            if isinstance(error, GONE):
                raise self._lost(error) from error
            raise
        return self

    def __exit__(self, *exception):
        try:
            if self.client.status == "running":
                self.client.unregister_worker_plugin(self._name)
        except GONE as error:
            LOG.debug("leaving Dask: %s", error)
        self.cluster.__exit__()

    def stream(self, work):
        """Evaluate what is in `work` and what is put there meanwhile, until it is closed and done.

        Yields (key, Evaluation). Raises ScannerError when the scheduler is lost or no worker fit.
        """
        answers, out = queue.SimpleQueue(), {}
        try:
            while (work or out or not work.closed) and not self._over(work):
                if not out and not self._may_begin():
                    return
                self._feed(work, out, answers)
                yield from self._answers(work, out, answers)
        except GONE as error:
            if not self._over(work):  # Ctrl-C in a terminal ends the workers, too
                raise self._lost(error) from error
        finally:
            self._give_up(out)

    def _give_up(self, out):
        try:
            if out and self.client.status == "running":
                self.client.cancel([future for _, future, _ in out.values()], force=True)
        except GONE as error:
            LOG.debug("giving up tasks: %s", error)

    # ---- handing out -------------------------------------------------------------------------
    def _look(self):
        """Which workers there are; says so when there is none for long."""
        if self.client.status in ("closed", "closing"):
            raise CommClosedError("the connection is closed")
        if time.monotonic() < self._looked:
            return
        threads = self.client.nthreads()
        if not isinstance(threads, dict):
            raise CommClosedError("the scheduler does not answer")
        self._looked = time.monotonic() + LOOK
        if self.cluster.jobs:
            self.cluster.jobs.look()
        self.unfit = {w: why for w, why in self.unfit.items() if w in threads}
        self._slots = {w: n for w, n in threads.items() if w not in self.unfit}
        self._note_changes(threads)
        if self._slots:
            self.n_workers, self._waiting = sum(self._slots.values()), time.monotonic()
        elif self.unfit:
            whys = "; ".join(f"{w}: {why}" for w, why in self.unfit.items())
            raise ProgramError(f"No Dask worker can evaluate points: {whys}. Correct that, "
                               "then give the same command.")
        elif time.monotonic() - self._waiting > PATIENCE:
            LOG.info("No Dask worker is there; waiting for one.")
            self._waiting = time.monotonic()

    def _note_changes(self, workers):
        """When each worker came, and when the last one left."""
        now = self._clock()
        if self._came.keys() - workers.keys():
            self._left = now
        self._came = {worker: self._came.get(worker, now) for worker in workers}

    def _feed(self, work, out, answers):
        """Hand out one task for each free thread: none waits behind a slow one.

        While more is to come, in the asynchronous mode, some wait at the scheduler, so that no
        thread waits for this process.
        """
        self._look()
        threads = sum(self._slots.values())
        most = threads if work.closed else threads + int(AHEAD * threads) + 1
        while work and self._slots and len(out) < most and self._may_begin():
            task = work.take()
            self._count += 1
            key = f"{self._name}-{self._count}"
            only = list(self._slots) if self.unfit else None
            future = self.client.submit(self._evaluate, self._name, task.x.tolist(), key=key,
                                        pure=False, workers=only)
            # one that is handed out early may wait for another one
            limit = (1 if work.closed else 2) * self._limit(len(task.keys)) + EXTRA
            out[key] = task, future, self._clock() + limit
            asyncio.run_coroutine_threadsafe(_outcome(future), self.client.loop.asyncio_loop) \
                .add_done_callback(functools.partial(_put, answers, key))

    # ---- taking back -------------------------------------------------------------------------
    def _answers(self, work, out, answers):
        """What has been evaluated; what was lost goes back to the work, or is marked."""
        patience = POLL
        while True:
            try:
                key, done = answers.get(timeout=patience)
            except queue.Empty:
                break
            patience = 0.0
            if key in out:
                task = out.pop(key)[0]
                yield from self._answer(work, task, done)
        now = self._clock()
        for key in [key for key, (_, _, deadline) in out.items() if now > deadline]:
            yield from self._too_late(work, out, key)

    def _answer(self, work, task, done):
        try:
            answer = done.result()
        except (KilledWorker, NoValidWorkerError) as death:
            failed = Evaluation("crashed", reason=f"its workers ended: {death}"[:300])
            yield from self._again(work, task, len(task.keys) == 1, failed)
        except (FutureCancelledError, CancelledError, CommClosedError):
            self._looked = 0.0
            self._look()    # raises when the scheduler is lost
            work.add([task], first=True)
        else:
            if answer.mistake:
                raise RuntimeError("on a Dask worker:\n" + answer.mistake)
            if answer.unfit:
                self._leave_out(answer)
                work.add([task], first=True)
                return
            self._took(answer.seconds, len(task.keys))
            if self.cluster.jobs:
                self.cluster.jobs.worked(answer.worker)
            yield from zip(task.keys, answer.outcomes, strict=True)

    def _leave_out(self, answer):
        if answer.worker not in self.unfit:
            LOG.warning("Note: Dask worker %s gets no points: %s.", answer.worker, answer.unfit)
        self.unfit[answer.worker] = answer.unfit
        self._looked = 0.0

    def _too_late(self, work, out, key):
        """A point that gives no answer: its worker is restarted, or given up."""
        task, future, _ = out[key]
        holder = [w for w, keys in self.client.processing().items() if key in keys]
        limit = self._limit(len(task.keys)) + EXTRA
        end = self._begun_at_best(key, holder, limit) + limit
        if not future.done() and end > self._clock():
            out[key] = task, future, end
            return
        del out[key]
        self.client.cancel([future], force=True)
        for worker in holder:
            try:
                self.client.restart_workers([worker], timeout=PATIENCE, raise_for_error=False)
            except ValueError:  # it has no nanny that would start it again
                self.client.retire_workers([worker])
        failed = Evaluation("timeout", reason=f"no answer within {self._limit(1):g} s")
        yield from self._again(work, task, len(task.keys) == 1, failed)

    def _begun_at_best(self, key, holder, limit):
        """The latest time at which a task can have begun on the worker that has it now."""
        if not holder:      # it waits for one
            return self._clock()
        begun = self._came.get(holder[0], 0.0)
        if key not in self._extended:   # once: moved as a worker left, it may wait for another task
            self._extended.add(key)
            begun = max(begun, self._left + limit)
        return begun

    def _lost(self, error):
        return ScannerError(
            f"The Dask scheduler is lost ({type(error).__name__}: {error}). All evaluated points "
            "are on disk. Start the cluster again, then the same command continues.")


def _put(answers, key, done):
    answers.put((key, done))


async def _outcome(future):
    """The Answer of a task, awaited in the thread of the client: nobody waits for a slow one."""
    return await future
