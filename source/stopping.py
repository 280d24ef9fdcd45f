"""Ctrl-C and SIGTERM: the first ends a scan cleanly, the second at once."""

import contextlib
import os
import signal
import threading

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 1.5  # seconds that training may go on before it is cut off


class Stopper:
    """Handles the signals that end a scan, while it is entered.

    During judging a signal is a request: the pool hands over no more points. In every other
    phase nothing is at stake that is not on disk already, so the signal raises
    KeyboardInterrupt there, and `farewell` runs and the process ends when compiled code does
    not come back to Python in time.

    Parameters
    ----------
    request : threading.Event
        Set by the first signal.
    farewell : callable
        Last words, when the process has to be ended from outside of the main thread.
    """

    def __init__(self, request, farewell):
        self.request, self.farewell = request, farewell
        self._gentle = False
        self._received = 0
        self._before = {}
        self.number = signal.SIGINT
        self._timer = None

    def __enter__(self):
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception):
        if self._timer is not None:
            self._timer.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def gently(self):
        """While points are judged and stored: a signal only asks."""
        self._gentle = True
        try:
            yield
        finally:
            self._gentle = False
        if self._received:
            raise KeyboardInterrupt

    @property
    def exit_code(self):
        """What a shell expects of a process ended by this signal."""
        return 128 + self.number

    def _handle(self, number, frame):
        self.number = number
        self._received += 1
        self.request.set()
        if self._received > 1:
            os._exit(self.exit_code)  # workers and programs see that their parent is gone
        if not self._gentle:
            self._timer = threading.Timer(PATIENCE, self._cut_off)
            self._timer.daemon = True
            self._timer.start()
            raise KeyboardInterrupt

    def _cut_off(self):
        self.farewell()
        os._exit(self.exit_code)
