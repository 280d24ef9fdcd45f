"""Regular expressions of a user's, which may take longer than the universe is old."""

import contextlib
import re
import signal
import threading


class Late(Exception):  # an event, not a mistake
    """The time is over."""


def found(pattern: str, text: str, seconds: float) -> set[str]:
    """The different texts of the group of `pattern` in `text`, line by line.

    Parameters
    ----------
    pattern : str
        With one group.
    text : str
    seconds : float
        Of processor time. They end a search in the main thread of a process; elsewhere the time
        limit of the point does.

    Raises
    ------
    Late
    """
    with _ended_after(seconds):
        return set(re.findall(pattern, text, re.MULTILINE))


@contextlib.contextmanager
def _ended_after(seconds):
    if threading.current_thread() is not threading.main_thread():   # Python handles signals there
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _late)
    try:
        # of this process, so that time in which it stood still does not count
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _late(*_):
    raise Late
