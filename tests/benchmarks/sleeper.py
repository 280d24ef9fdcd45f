"""A calculator that sleeps, and what was slept; small, as 128 processes load it."""

import os
import threading
import time
from pathlib import Path

import numpy as np

from mlscanner.evaluation import Evaluation

SIGMA, MEAN, LONG, RARE = 0.8, 1.0, 30.0, 200


class Sleeper:
    """Evaluates a valley in four dimensions, after a pause; a negative point at once.

    Parameters
    ----------
    folder : path
        Each worker writes there when it began and ended.
    """

    observables, citations, share = (), (), 1

    def __init__(self, folder):
        self.folder = Path(folder)

    def evaluate(self, x, scratch):
        return [self._one(row) for row in x]

    def _one(self, row):
        if row[0] < 0:
            return Evaluation("ok", 0.0)
        rng = np.random.default_rng(abs(hash(tuple(row))))
        seconds = LONG if rng.integers(RARE) == 0 else rng.lognormal(
            np.log(MEAN) - SIGMA ** 2 / 2, SIGMA)
        name = f"slept_{os.getpid()}_{threading.get_ident()}"
        with (self.folder / name).open("a") as file:
            file.write(f"{time.time()} ")
            file.flush()
            time.sleep(seconds)
            file.write(f"{time.time()}\n")
        return Evaluation("ok", float(100 * (row[0] - row[1] ** 2) ** 2 + 30 * (row[2] - 0.5) ** 2
                                  + 10 * (row[3] - 0.3) ** 2))


def slept(folder, started):
    """(seconds slept by all, wall seconds, points) from the first begin to the last end."""
    spans = [[float(t) for t in line.split()] for path in Path(folder).glob("slept_*")
             for line in path.read_text().splitlines()]
    spans = [s for s in spans if s and s[0] >= started]
    whole = [s for s in spans if len(s) == 2]
    first, last = min(s[0] for s in spans), max(s[1] for s in whole)
    busy = sum(max(0.0, min(s[1] if len(s) == 2 else last, last) - s[0]) for s in spans)
    return busy, last - first, len(whole)
