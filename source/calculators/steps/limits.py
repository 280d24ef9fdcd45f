"""Time limits of what runs in this process: Python code of the user's, and searches in texts."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from ...parallel.running_clock import RunningClock

LOOK = 0.5      # seconds between checks of the clock


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
    with _alarm(signal.SIGVTALRM, _late, signal.ITIMER_VIRTUAL, seconds):
        yield


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
    step = min(LOOK, seconds)   # again and again, as the one exception may be swallowed
    with _alarm(signal.SIGALRM, look, signal.ITIMER_REAL, step, step):
        yield
        look()


@contextlib.contextmanager
def _alarm(number, handler, timer, *seconds):
    """The handler hears the signal of a timer: `seconds` until the first, and between others."""
    before = signal.signal(number, handler)
    try:
        signal.setitimer(timer, *seconds)
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


def _late(*_):
    raise Late
