"""Time limits of what runs in this process: Python code of the user's, and searches in texts."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from ...parallel.running_clock import RunningClock

LOOK = 0.5      # seconds between looks at the clock


class Late(BaseException):  # an event, not a mistake, that no `except Exception` may stop
    """The time is over."""


@contextlib.contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Raise Late in what runs here after so much processor time of this process.

    In the main thread only, where Python handles signals; elsewhere the limit of the point ends it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _late)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def running_time(seconds: float) -> Iterator[None]:
    """Raise Late in what runs here after so many seconds, in which this process was not suspended.

    Where nothing can end it (compiled code that does not come back; a thread of a Dask worker),
    Late is raised when it comes back by itself.
    """
    clock = RunningClock()
    end = clock() + seconds
    if threading.current_thread() is not threading.main_thread():
        yield
        if clock() > end:
            raise Late
        return

    def look(*_):
        if clock() >= end:
            raise Late
    before = signal.signal(signal.SIGALRM, look)
    try:
        # again and again, as the one exception may be swallowed
        signal.setitimer(signal.ITIMER_REAL, min(LOOK, seconds), min(LOOK, seconds))
        yield
        look()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _late(*_):
    raise Late
