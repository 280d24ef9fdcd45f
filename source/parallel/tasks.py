"""What every pool has in common: points become tasks, and a lost task is evaluated again."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

USUAL = 0.1  # weight of the latest task in the usual time of a task
WORTH = 12   # a task should take so many times as long as its start, if that leaves no worker idle


class Task(NamedTuple):
    """Points that one worker evaluates in one go.

    Attributes
    ----------
    keys : list
        What the caller knows each point by.
    x : float array (n, d)
        Physical points.
    attempt : int
        2 and more: it was lost before, with its worker.
    """

    keys: list
    x: Any
    attempt: int = 1


class Work:
    """Tasks that wait for a worker: put in by one thread, taken out by another.

    Attributes
    ----------
    closed : bool
        No more will come: a pool that has evaluated all of them is done.
    cancelled : bool
        Nobody wants the answers any more.
    """

    def __init__(self):
        self._tasks, self._lock, self.waiting = deque(), threading.Lock(), 0
        self.closed = self.cancelled = False

    def __bool__(self):
        return bool(self._tasks)

    def add(self, tasks, first=False):
        """Put tasks at the end, or with `first` in front of all others, in their order."""
        with self._lock:
            if first:
                self._tasks.extendleft(reversed(tasks))
            else:
                self._tasks.extend(tasks)
            self.waiting += sum(len(task.keys) for task in tasks)

    def take(self):
        """The next task; there must be one."""
        with self._lock:
            task = self._tasks.popleft()
            self.waiting -= len(task.keys)
        return task


class PoolBase:
    """The part of a pool that does not know where its workers are.

    Parameters
    ----------
    calculator : object
        With `evaluate(x, scratch)`, `share` (points per task), and optionally
        `share_for(n, n_cores)`, `start_seconds`, `point_limit` (seconds) and `at_once` (a task
        takes no longer than a point).
    point_limit : float
        Seconds for a point, where the calculator has no limit of its own.
    stop_requested : threading.Event, optional
        Set it, and no more points are handed out, and those at work are given up.

    Attributes
    ----------
    n_workers : int
        Points that are evaluated at the same time, as far as is known.
    attempts : int
        So often a point may take its worker with it, until it is marked 'crashed'.
    """

    attempts = 2

    def __init__(self, calculator: Any, point_limit: float = 3600.0,
                 stop_requested: threading.Event | None = None):
        self.calculator, self.point_limit, self.n_workers = calculator, point_limit, 1
        self._start = getattr(calculator, "start_seconds", 0.0)     # of a task, before its points
        self.stop_requested = stop_requested or threading.Event()
        self._deadline = float("inf")
        self._usual = 0.0   # seconds of a task
        self._point = None  # seconds of a point, beside the start of its task

    def end_at(self, deadline: float) -> None:
        """Stop at this reading of time.monotonic(), and begin nothing that would last longer."""
        self._deadline = deadline

    def map(self, x: np.ndarray) -> Iterator[tuple[int, Any]]:
        """Evaluate points, each as soon as a worker is free.

        Parameters
        ----------
        x : (n, d) array
            Physical points.

        Yields
        ------
        row : int
            Row of `x`; in the order of finishing. Nothing more comes after a request to stop.
        evaluated : Evaluation
        """
        x = np.atleast_2d(np.asarray(x, float))
        work = Work()
        work.add(self.tasks(range(len(x)), x))
        work.closed = True
        yield from self.stream(work)

    def tasks(self, keys, x):
        """Tasks for the points x (n, d), known to the caller by n keys."""
        share_for, tasks, start = getattr(self.calculator, "share_for", None), [], 0
        least = self._worthwhile(len(x))
        while start < len(x):
            size = share_for(len(x) - start, self.n_workers) if share_for \
                else self.calculator.share
            # no crumbs at the end
            size = max(size, least, len(tasks[0].keys) // 2 if tasks else 1)
            tasks.append(Task(list(keys[start:start + size]), x[start:start + size]))
            start += size
        return tasks

    def _worthwhile(self, n_points):
        """Points of a task that is long beside its start: all workers have as many of them."""
        if not self._start or self._point is None:
            return 1
        workers = max(1, self.n_workers)
        long = max(1.0, WORTH * self._start / max(self._point, 1e-3))
        return -(-n_points // (workers * max(1, int(n_points / (workers * long)))))

    def stream(self, work):
        """Evaluate what is in `work` and what is put there meanwhile, until it is closed and done.

        Yields (key, Evaluation).
        """
        raise NotImplementedError

    def _over(self, work):
        """The rest is not wanted."""
        return work.cancelled or self.stop_requested.is_set() or time.monotonic() > self._deadline

    def _may_begin(self):
        return time.monotonic() + self._usual < self._deadline

    def _took(self, seconds, n_points):
        """Note how long a task of so many points took."""
        self._usual += (USUAL if self._usual else 1.0) * (seconds - self._usual)
        point = max(seconds - self._start, 0.0) / max(1, n_points)
        self._point = point if self._point is None else self._point + USUAL * (point - self._point)

    def _again(self, work, task, give_up, failed):
        """Evaluate each point of a lost task by itself, once more; or mark it."""
        if give_up:
            yield from ((key, failed) for key in task.keys)
        else:
            work.add([Task([key], task.x[i:i + 1], task.attempt + 1)
                      for i, key in enumerate(task.keys)], first=True)

    def _limit(self, n):
        """Seconds for a task of n points."""
        limit = getattr(self.calculator, "point_limit", self.point_limit)
        return limit if getattr(self.calculator, "at_once", False) else n * limit
