"""A Dask cluster as it stands at other people's: a scheduler and workers, processes of their own.

Processes on the loopback stand for hosts. All can be killed.
"""

import asyncio
import logging
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from forks import PACKAGE, Process
from runner import crowded

SLOW = 30.0


class Hosts:
    """A scheduler, and workers.

    Parameters
    ----------
    folder : Path
        For the scheduler file, and a folder for each worker.
    """

    def __init__(self, folder):
        self.folder, self.file = Path(folder), Path(folder, "scheduler.json")
        self.scheduler, self.workers = None, []

    def __enter__(self):
        self.scheduler = self._start(_schedule, str(self.file))
        wait_until(self.file.exists)
        return self

    def __exit__(self, *exception):
        for process in [*self.workers, self.scheduler]:
            kill(process)

    def add(self, n=1, nthreads=1, **environment):
        """Start n workers with these environment variables."""
        self.workers += [self._start(_work, str(self.file), str(self.folder), nthreads,
                                     environment) for _ in range(n)]
        return self.workers[-n:]

    def _start(self, target, *words):
        process = Process(target, words)
        process.start()
        return process


def kill(process, number=signal.SIGKILL):
    """Signal a process and wait for its end."""
    if process and process.is_alive():
        os.kill(process.pid, number)
        process.join(10)


def wait_until(true, seconds=SLOW):
    """Wait for something to be true; returns that."""
    started = time.monotonic()
    for factor in (lambda: 1.0, crowded):
        end = started + seconds * factor()
        while time.monotonic() < end:
            found = true()
            if found:
                return found
            time.sleep(0.02)
    raise AssertionError("waited in vain")


def forget_scanner():
    """Other people's schedulers and workers have nothing of this program."""
    sys.path[:] = [entry for entry in sys.path if Path(entry) != PACKAGE]
    os.environ.pop("PYTHONPATH", None)
    for name in list(sys.modules):
        if name.partition(".")[0] == "mlscanner":
            del sys.modules[name]


def _schedule(file):
    forget_scanner()
    from distributed import Scheduler

    async def serve():
        async with Scheduler(host="127.0.0.1", port=0, dashboard=False, allowed_failures=2) as it:
            handle, name = tempfile.mkstemp(dir=Path(file).parent)
            os.close(handle)
            Path(name).write_text(f'{{"address": "{it.address}", "id": "{it.id}"}}')
            Path(name).rename(file)
            await it.finished()

    os.setsid()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    asyncio.run(serve())


def _work(file, folder, nthreads, environment):
    forget_scanner()
    from distributed import Worker
    here = Path(__file__).parent  # where the calculators of tests and benchmarks are
    sys.path += [str(here), str(here / "benchmarks")]
    os.environ.update(environment)

    async def serve():
        async with Worker(scheduler_file=file, nthreads=nthreads, host="127.0.0.1", dashboard=False,
                          local_directory=tempfile.mkdtemp(dir=folder)) as it:
            await it.finished()

    os.setsid()
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    asyncio.run(serve())
