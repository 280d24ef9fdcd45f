"""What happens on a Dask worker: it gets this program and a calculator, and evaluates points.

Nothing here needs a disk that is shared with the main process.
"""

import io
import os
import shutil
import threading
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from distributed import WorkerPlugin

from ..errors import StorageError
from .own_process import may_have_children, single_thread
from .scratch import evaluated_in_scratch, make_root

SOURCE = Path(__file__).resolve().parents[1]
PREFIX = "mlscan-source-"


class Answer(NamedTuple):
    """What a worker says to a task.

    Attributes
    ----------
    worker : str
        Its address.
    outcomes : list of Evaluation or None
    unfit : str
        Why it can evaluate no points at all: a program is not there, no room for scratch files.
    mistake : str
        A traceback: an error that no point should raise.
    seconds : float
    """

    worker: str
    outcomes: list | None = None
    unfit: str = ""
    mistake: str = ""
    seconds: float = 0.0


class Evaluator(WorkerPlugin):
    """A calculator on a worker, for any number of threads.

    Parameters
    ----------
    calculator : object
        As for local_pool.Pool.
    """

    def __init__(self, calculator: Any):
        self.calculator = calculator
        self._scratch: Any = None
        self._lock: Any = None
        self.unfit: str | None = None

    def setup(self, worker):
        """Called by Dask on the worker; what takes time waits for the first task."""
        self._lock = threading.Lock()
        single_thread()
        may_have_children()

    def teardown(self, worker):
        """Called by Dask when the scan, or the worker, ends."""
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def answer(self, worker, x):
        """Evaluate the rows of x (n, d) in a scratch folder on the disk of this worker."""
        started = time.monotonic()
        try:
            with self._lock:
                if self.unfit is None:
                    self.unfit = lacking(self.calculator)
                    self._scratch = None if self.unfit else make_root()
            if self.unfit:
                return Answer(worker, unfit=self.unfit)
            outcomes = evaluated_in_scratch(self.calculator, np.array(x), self._scratch)
        except StorageError as error:
            return Answer(worker, unfit=str(error))
        except Exception:  # a mistake of ours: the main process shall show it, not only this one
            return Answer(worker, mistake=traceback.format_exc())
        return Answer(worker, outcomes, seconds=time.monotonic() - started)


def lacking(calculator: Any) -> str:
    """Which programs and Python files of a calculator this machine does not have; '' for none."""
    gone = [file for file in getattr(calculator, "files", ()) if not os.access(file, os.R_OK)]
    return f"there is no {' and no '.join(gone)}" if gone else ""


def task() -> Callable:
    """The function that Dask runs: evaluate(name of the plug-in, rows of points) -> Answer.

    It is made here, in a function, so that Dask sends it whole: schedulers read what they
    pass on, and do not have this program.
    """
    def evaluate(name, x):
        from distributed import get_worker
        worker: Any = get_worker()
        return worker.plugins[name].answer(worker.address, x)
    return evaluate


# ---- this program on its way to the worker -----------------------------------------------------
def packed_source() -> bytes:
    """All files of this program as the bytes of a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(SOURCE.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.writestr(zipfile.ZipInfo(f"mlscanner/{path.relative_to(SOURCE)}"),
                                 path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def source_plugin(name: str, packed: bytes) -> WorkerPlugin:
    """A plug-in that unpacks this program on a worker and loads it from there.

    The class is made here, in a function, as Dask sends such a one whole: on the worker there is
    nothing yet from which it could be imported. A process that has this program from elsewhere, as
    that of a scan whose own threads are the workers, keeps it.
    """
    class Source(WorkerPlugin):
        def __init__(self):
            self.name, self.packed, self.prefix = name, packed, PREFIX

        def setup(self, worker):
            import io
            import sys
            import zipfile
            from importlib import util
            from pathlib import Path
            package = Path(worker.local_directory, self.name, "mlscanner")
            file = str(getattr(sys.modules.get("mlscanner"), "__file__", self.prefix))
            if self.prefix not in file or self.name in file:
                return
            for known in list(sys.modules):     # another version, of a scan before
                if known.partition(".")[0] == "mlscanner":
                    del sys.modules[known]
            with zipfile.ZipFile(io.BytesIO(self.packed)) as archive:
                archive.extractall(package.parent)
            spec: Any = util.spec_from_file_location("mlscanner", package / "__init__.py")
            sys.modules["mlscanner"] = module = util.module_from_spec(spec)
            spec.loader.exec_module(module)
    return Source()
