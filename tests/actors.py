"""Calculators that misbehave or take a while: by themselves, as workers import where they stand."""

import ctypes
import math
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


class LocalActor:
    """A calculator that does what the first column of a point says.

    0 evaluate; 1 die by SIGSEGV; 2 hang; 3 die the first time only; 4 exit; 5 a mistake of ours;
    6 a full scratch folder; 7 take a while; 8 run a program for a minute; 9 wrong number of rows;
    10 run compiled code for a minute that lets no other thread of its process do anything.
    """

    observables, citations = (), ()

    def __init__(self, folder, share=1, point_limit=60.0):
        self.folder, self.share, self.point_limit = Path(folder), share, point_limit

    def evaluate(self, x, scratch):
        return [evaluated for row in x for evaluated in self._one(row, scratch)]

    def _one(self, row, scratch):
        what, number = int(row[0]), int(row[1])
        with (self.folder / f"evaluated_{number}").open("a") as file:
            file.write(f"{os.getpid()}\n")
        (scratch / "file").write_text("x")
        if what == 1 or (what == 3 and self.times(number) == 1):
            os.kill(os.getpid(), signal.SIGSEGV)
        if what == 2:
            time.sleep(600)
        if what == 4:
            sys.exit(3)
        if what == 5:
            raise ZeroDivisionError("a mistake")
        if what == 6:
            raise OSError(28, "No space left on device")
        if what == 7:
            time.sleep(0.3)
        if what == 8:
            from mlscanner.parallel.processes import run_program
            run_program(["/bin/sh", "-c", f"echo $$ > {self.folder}/program; sleep 60 & wait"],
                        scratch, 60)
        if what == 10:
            (self.folder / "program").write_text(f"{os.getpid()}\n")
            ctypes.PyDLL(None).sleep(60)
        return [] if what == 9 else [Evaluation("ok", float(number))]

    def times(self, number):
        return (self.folder / f"evaluated_{number}").read_text().count("\n")


class Quick:
    """Evaluates without doing anything."""

    observables, citations, share = (), (), 1

    def evaluate(self, x, scratch):
        return [Evaluation("ok", 1.0)] * len(x)


class Slow:
    """Evaluates F_2d in some time; the point that comes first takes `first` seconds, or as long
    as no point of the next batch is stored."""

    observables, citations, share = (), (), 1

    def __init__(self, folder, seconds=0.01, first=0.0):
        self.mark, self.seconds, self.first = Path(folder, "first"), seconds, first

    def evaluate(self, x, scratch):
        try:
            self.mark.touch(exist_ok=False)
            end = time.monotonic() + self.first
            while time.monotonic() < end and not self.next_batch_is_stored():
                time.sleep(0.02)
        except FileExistsError:
            time.sleep(self.seconds)
        return [Evaluation("ok", (2 + math.cos(a / 5) * math.cos(b / 7)) ** 5) for a, b in x]

    def next_batch_is_stored(self):
        """Whether a row of iteration 1 stands in points.csv."""
        path = self.mark.with_name("points.csv")
        return path.is_file() and any(line.split(",")[1:2] == ["1"]
                                      for line in path.read_text().splitlines())
