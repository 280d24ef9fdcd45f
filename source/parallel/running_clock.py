"""A clock for time limits: it stands still while this process is suspended."""

import time

MOST = 2.0  # seconds between two readings; of more, only those count in which this process computed


class RunningClock:
    """Seconds like time.monotonic(), without those in which this process was stopped.

    A batch system, Ctrl-Z, a frozen container or a closed laptop stops a scan together with its
    programs: the time it stood still says nothing about a point. It must be read more often than
    every `MOST` seconds, or be busy.
    """

    def __init__(self):
        self._last, self._used, self._lost = time.monotonic(), time.process_time(), 0.0

    def __call__(self):
        now, used = time.monotonic(), time.process_time()
        if now - self._last > MOST:
            self._lost += max(0.0, now - self._last - (used - self._used))
        self._last, self._used = now, used
        return now - self._lost
