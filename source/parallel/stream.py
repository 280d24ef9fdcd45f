"""How points go through a pool: a batch after the other, or without a pause.

Both kinds have the same four methods; the scan does not know which one it has.
"""

import queue
import sys
import threading
import time
from collections import deque

import numpy as np

from .tasks import Work

PAUSE = 0.2         # seconds in which answers gather
SWITCH = 5e-4       # seconds after which the thread that hands out points has its turn
SAFETY = 1.5        # so many times the points that are evaluated while a batch is proposed
FIRST = 10.0        # seconds that the first proposal is expected to take
WINDOW = 500        # latest points from which the rate is known
LATEST = 3          # proposals from whose longest the time of the next is expected


class InTurn:
    """One batch after the other, in this thread: the points are the same whoever evaluates.

    Parameters
    ----------
    pool : local_pool.Pool or anything like it
    store : callable
        store(key, evaluated): puts a point onto the disk; called as soon as it is evaluated.
    """

    def __init__(self, pool, store):
        self.pool, self.store, self._keys, self._x = pool, store, [], []

    def add(self, keys, x):
        """Queue points x (n, d), known by n keys."""
        self._keys += list(keys)
        self._x += list(x)

    def outcomes(self):
        """Yields lists of (key, evaluated); returns when nothing more will come."""
        keys, x, done = self._keys, self._x, []
        self._keys, self._x = [], []
        for row, evaluated in self.pool.map(np.array(x)) if keys else ():
            self.store(keys[row], evaluated)
            done.append((keys[row], evaluated))
        yield done

    def wants_more(self, evaluated, pending):
        """The next batch can be proposed: `evaluated` points are known, `pending` on their way."""
        return not pending

    def proposed(self, seconds):
        """A proposal has taken so long."""

    def least(self):
        """Points that a batch must have."""
        return 0

    def close(self):
        """Give up what is not evaluated; returns the last (key, evaluated)."""
        return []


class Ahead:
    """Without a pause: a thread hands out points and stores them while the main thread learns.

    The next batch is wanted before the last points are handed out, so early that it is there
    in time, and so large that there is time for the one after it.
    """

    def __init__(self, pool, store):
        self.pool, self.store, self.work = pool, store, Work()
        self._done, self._thread, self._error = queue.SimpleQueue(), None, None
        self._times, self._seconds = deque(maxlen=WINDOW), deque([FIRST], maxlen=LATEST)
        self._ended, self._switch, self._first = False, sys.getswitchinterval(), 0

    def add(self, keys, x):
        """Queue points x (n, d), known by n keys."""
        self.work.add(self.pool.tasks(list(keys), x))
        if self._thread is None:
            self._first = len(x)
            sys.setswitchinterval(SWITCH)   # the default lets a busy main thread keep workers idle
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self):
        try:
            for key, evaluated in self.pool.stream(self.work):
                self.store(key, evaluated)
                self._times.append(time.monotonic())
                self._done.put((key, evaluated))
        except Exception as error:  # it is raised again in the main thread
            self._error = error
        finally:
            self._ended = True

    def outcomes(self):
        """Yields lists of (key, evaluated), also empty ones, until nothing more will come."""
        while True:
            ended = self._ended
            if not ended and self._done.empty():
                time.sleep(PAUSE)
            yield self._taken()
            if ended:
                if self._error is not None:
                    raise self._error
                return

    def _taken(self):
        done = []
        while not self._done.empty():
            done.append(self._done.get())
        return done

    def wants_more(self, evaluated, pending):
        """The next batch should be proposed: `evaluated` points are known, `pending` on their way.

        Half of the first points must be known, as there is nothing to learn from before.
        """
        return not pending or (self.work.waiting <= self.least() and 2 * evaluated >= self._first)

    def proposed(self, seconds):
        """A proposal has taken so long."""
        self._seconds.append(seconds)

    def least(self):
        """Points that a batch must have: those evaluated while the next is proposed, and more."""
        times = tuple(self._times)
        if len(times) < 2:
            return 0
        rate = (len(times) - 1) / max(times[-1] - times[0], 1e-3)
        return int(SAFETY * rate * max(self._seconds)) + 1

    def close(self):
        """Give up what is not evaluated; returns the last (key, evaluated)."""
        self.work.cancelled = True
        if self._thread is not None:
            self._thread.join()
            sys.setswitchinterval(self._switch)
        return self._taken()
