"""Ctrl-C, SIGTERM and SIGHUP: the first ends a scan cleanly, the second at once."""

import contextlib
import os
import select
import signal
import threading
import time
from typing import Any

from .own_process import children_hear_signals

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 1.5  # seconds until a process that was told to end is ended from outside
LAST_WORDS = 0.2  # seconds that the farewell may take then
ECHO = 0.3  # `timeout` and batch systems send a signal twice; that is one request


class Stopper:
    """Handles the signals that end a scan, while it is entered (in the main thread).

    During evaluating a signal is a request: the pool hands over no more points. In every other
    phase nothing is at stake that is not on disk already, so the signal raises
    KeyboardInterrupt there. A thread sees the signal even while compiled code keeps the main
    thread from seeing it; when the process is still there after `PATIENCE` seconds, or a second
    signal comes, `farewell` runs and the process ends. Workers see that their parent is gone.

    Attributes
    ----------
    request : threading.Event
        Set by the first signal.
    farewell : callable
        Last words, when the process has to be ended from outside of the main thread; they should
        be short and take no locks.
    """

    def __init__(self):
        self.request, self.farewell = threading.Event(), lambda: None
        self._gentle = False
        self._number, self._asked = 0, 0.0
        self._first: float | None = None
        self._before: dict[int, Any] = {}
        self._wakeup, self._pipe = -1, (-1, -1)
        self._thread: Any = None

    def __enter__(self):
        children_hear_signals()
        self._pipe = os.pipe()
        os.set_blocking(self._pipe[1], False)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        self._wakeup = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup, or a job in the background
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception):
        if self.request.is_set():   # its echo must not meet the handlers of before
            time.sleep(max(0.0, self._asked + ECHO - time.monotonic()))
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._pipe[1])
        self._thread.join()
        os.close(self._pipe[0])

    @contextlib.contextmanager
    def gently(self):
        """While points are evaluated and stored: a signal only asks."""
        self._gentle = True
        try:
            yield
        finally:
            self._gentle = False
        if self.request.is_set():
            raise KeyboardInterrupt

    @property
    def exit_code(self):
        """What a shell expects of a process ended by this signal; 0 while there was none."""
        return 128 + self._number if self._number else 0

    def _handle(self, number, frame):
        """The first signal, in the main thread, as soon as Python gets to it."""
        if not self.request.is_set():
            self._number, self._asked = number, time.monotonic()
            self.request.set()
            if not self._gentle:
                raise KeyboardInterrupt

    # ---- in the watching thread --------------------------------------------------------------
    def _watch(self):
        while True:
            left = None if self._first is None else self._first + PATIENCE - time.monotonic()
            if left is not None and left <= 0:
                self._cut_off()
            if not select.select(self._pipe[:1], (), (), left)[0]:
                continue
            numbers = os.read(self._pipe[0], 64)
            if not numbers:
                return
            for number in set(numbers) & set(SIGNALS):
                self._heard(number)

    def _heard(self, number):
        now = time.monotonic()
        if self._first is None:
            self._first, self._number = now, number
        elif now - self._first > ECHO:
            self._cut_off()

    def _cut_off(self):
        speaker = threading.Thread(target=self.farewell, daemon=True)
        speaker.start()
        speaker.join(LAST_WORDS)
        os._exit(self.exit_code)


@contextlib.contextmanager
def later():
    """What must not be left halfway, as the start of a process: handlers run when it is done.

    Blocking the signals would not do: another thread hears them, and the handler runs here.
    """
    came: list[int] = []
    handlers: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # only there are signals handled
        handlers = {number: signal.getsignal(number) for number in SIGNALS
                    if callable(signal.getsignal(number))}
    for number in handlers:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in came:
            handlers[number](number, None)
