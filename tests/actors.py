"""A calculator that misbehaves. By itself, as Dask workers import where it stands."""

import os
import signal
import sys
import time
from pathlib import Path

from mlscanner.evaluation import Evaluation


class Actor:
    """A calculator that does what the first column of a point says.

    0 evaluate; 1 die; 2 hang; 5 a mistake of ours; 7 take a while; 8 take 2.5 s.
    """

    observables, citations, share, point_limit = (), (), 1, 60.0

    def __init__(self, folder, **how):
        self.folder = Path(folder)
        self.__dict__.update(how)

    @property
    def files(self):
        return (os.environ.get("PROGRAM", sys.executable),)

    def evaluate(self, x, scratch):
        return [self._one(int(row[0]), int(row[1]), scratch) for row in x]

    def _one(self, what, number, scratch):
        with (self.folder / f"evaluated_{number}").open("a") as file:
            file.write(f"{os.getpid()} {scratch}\n")
        (scratch / "file").write_text("x")
        if what == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if what == 2:
            time.sleep(600)
        if what == 5:
            raise ZeroDivisionError("a mistake")
        if what == 8:
            time.sleep(2.5)
        if what == 7:
            time.sleep(0.2)
        return Evaluation("ok", float(number))

    def lines(self, number):
        path = self.folder / f"evaluated_{number}"
        return path.read_text().splitlines() if path.exists() else []
