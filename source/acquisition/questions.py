"""Runs an optimiser step by step: it stops when it needs values, and continues with them.

Optimisers call the function that they minimise; a scan evaluates points by batches, stores them,
and may be stopped and resumed in between. So each optimiser runs in a thread of its own that
waits for the values of its points: with the same values it needs the same points.
"""

import queue
import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class _NotWanted(Exception):
    """Nobody answers any more."""


class Questions:
    """A function at work that asks for values.

    Parameters
    ----------
    function : callable
        Called with `ask`, which takes points (m, d) and returns their values (m,); what it
        returns itself is not used.

    Attributes
    ----------
    asked : float array (m, d) or None
        What it waits for; None when it has ended.
    """

    def __init__(self, function: Callable):
        self.asked: Any = None
        self._told: queue.SimpleQueue = queue.SimpleQueue()
        self._heard: queue.SimpleQueue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(function,), daemon=True)
        self._thread.start()
        self._listen()

    def answer(self, values):
        """The values (m,) of what it asked for; returns when it asks again or has ended.

        Raises what the function raises.
        """
        self._told.put(values)
        self._listen()

    def close(self):
        """End it."""
        if self.asked is not None:
            self._told.put(None)
            self._thread.join()
            self.asked = None

    def _listen(self):
        self.asked = self._heard.get()
        if isinstance(self.asked, Exception):
            error, self.asked = self.asked, None
            raise error

    def _ask(self, u):
        self._heard.put(np.array(u, float))
        values = self._told.get()
        if values is None:
            raise _NotWanted
        return values

    def _run(self, function):
        last = None
        try:
            with np.errstate(all="ignore"):
                function(self._ask)
        except _NotWanted:
            return
        except Exception as error:  # raised again in the thread that answers
            last = error
        self._heard.put(last)
