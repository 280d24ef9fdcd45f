"""Worker processes. Each has a pipe of its own, so that one that dies takes nothing with it.

A pool with a shared queue and its locks can be stuck for ever by a worker that is killed while it
holds a lock; here there is nothing to hold.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from multiprocessing import connection, resource_tracker
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import ModuleType

from ..errors import ProgramError, ScannerError
from ..user_code import Ended
from .own_process import may_have_children, single_thread
from .processes import follow
from .stopping import later

GRACE = 0.5  # seconds a worker may take to end its program and itself, before it is killed
ORPHAN = 2.0  # the same for a worker whose parent is gone
READY, BEGUN = "ready", "begun"
DEAF_TO = (signal.SIGINT, signal.SIGHUP)


class WorkerDied(Exception):  # an event, not a mistake
    """A worker is gone before it answered; the text says how."""


class Worker:
    """One worker process, seen from the process that started it.

    Parameters
    ----------
    answer : callable
        answer(x, folder) -> object to send back; must be importable (spawned workers).
    folder : Path
        Where it may write; made here, removed when the worker has ended.

    Attributes
    ----------
    task : object or None
        What it is working on, for the caller's use.
    ready, begun : bool
        It has started up; it has begun with its task. It says so itself.
    seconds : float
        Between its last task and its answer.
    """

    def __init__(self, answer, folder):
        self.folder, self.task, self.deadline = Path(folder), None, float("inf")
        self.ready = self.begun = False
        self.seconds, self._sent, self._serial = 0.0, 0.0, 0
        self.folder.mkdir()
        context = multiprocessing.get_context("spawn")  # fork is not safe beside TensorFlow
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, answer, self.folder),
                                       daemon=True)
        try:
            with later(), blocked(DEAF_TO), without_script(answer):
                self.process.start()
        except OSError as error:
            raise ProgramError(f"a worker process cannot be started ({error.strerror}); lower "
                               "N_Cores, or end other programs.") from error
        finally:
            theirs.close()

    def send(self, task, x, deadline):
        """Give it points x (n, d) to evaluate; `deadline` is for the caller."""
        self.task, self.begun, self._sent = task, False, time.monotonic()
        self.deadline, self._serial = deadline, self._serial + 1
        with contextlib.suppress(BrokenPipeError):  # its death is noticed in `receive`
            self.connection.send((self._serial, x))

    def receive(self):
        """Its answer, None for a sign of life; raises WorkerDied, or what went wrong."""
        message = None
        with contextlib.suppress(EOFError, ConnectionResetError):
            message = self.connection.recv() if self.connection.poll() else None
        if message is None:
            self.process.join(GRACE)
            raise WorkerDied(describe_death(self.process.exitcode))
        serial, message = message
        if message in (READY, BEGUN):
            self.ready, self.begun = True, message == BEGUN
            return None
        if serial != self._serial:
            raise WorkerDied("it answered another task than the one it had")
        self.task, self.deadline, self.seconds = None, float("inf"), time.monotonic() - self._sent
        if isinstance(message, Exception):
            raise message
        return message


def sendable(thing):
    """Whether a spawned process can get it without running the user's script once more."""
    with _empty_main():
        try:
            ForkingPickler.dumps(thing)
        except Exception:  # each kind of object has its own way to refuse
            return False
    return True


def without_script(answer):
    """Context: a process that starts does not run the script that asks for it, where it can.

    Else a script without `if __name__ == '__main__'` would start a scan in each worker.
    """
    return _empty_main() if sendable(answer) else contextlib.nullcontext()


@contextlib.contextmanager
def _empty_main():
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def wait(workers, timeout):
    """Those of `workers` that have answered or died, after at most `timeout` seconds."""
    owner = {w.connection: w for w in workers} | {w.process.sentinel: w for w in workers}
    return list({id(owner[o]): owner[o] for o in connection.wait(owner, timeout)}.values())


def end(workers):
    """End these workers, and with them the programs they run; returns when they are gone."""
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + GRACE
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()  # its program is killed by the guard of processes.py
            worker.process.join()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.process.pid, signal.SIGKILL)   # what a user's function left running
        worker.connection.close()
        shutil.rmtree(worker.folder, ignore_errors=True)


def describe_death(code):
    """In words why a worker ended: 'signal 11 (SIGSEGV)' or 'exit code 3'."""
    if code is None:
        return "the worker closed its connection"
    if code >= 0:
        return f"the worker ended with exit code {code}"
    try:
        return f"the worker was killed by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"the worker was killed by signal {-code}"


@contextlib.contextmanager
def blocked(signals):
    """A process started here inherits that these signals wait: Ctrl-C is for the main process.

    So do threads, and what they start.
    """
    resource_tracker.ensure_running()   # when Python starts it later, it unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ---- in the worker ---------------------------------------------------------------------------
def _work(pipe, answer, folder):
    _prepare(folder)
    with contextlib.suppress(EOFError, ConnectionError):  # the main process is gone
        pipe.send((0, READY))
        while True:
            serial, x = pipe.recv()
            pipe.send((serial, BEGUN))  # from here on it may be the points that end this worker
            pipe.send((serial, _answer(answer, x, folder)))


def _answer(answer, x, folder):
    try:
        return answer(x, folder)
    except ScannerError as error:
        return error
    except Exception:  # a mistake of ours: the main process shall show it, not only this one
        return RuntimeError("in a worker process:\n" + traceback.format_exc())


def _prepare(folder):
    """One thread, deaf to Ctrl-C, and gone soon after the main process is."""
    single_thread()
    for number in DEAF_TO:
        signal.signal(number, signal.SIG_IGN)  # the main process decides what they mean
    signal.pthread_sigmask(signal.SIG_UNBLOCK, DEAF_TO)
    # an exception unwinds through run_program, which kills the program that is running
    signal.signal(signal.SIGTERM, _leave)
    may_have_children()
    os.setpgid(0, 0)    # what a user's function starts ends with this worker
    parent = multiprocessing.parent_process()
    if parent:
        follow(parent.sentinel, ORPHAN + GRACE)     # also where no thread of this process can run
    threading.Thread(target=_follow_parent, args=(folder,), daemon=True).start()


def _leave(*_):
    raise Ended(143)


def _follow_parent(folder):
    """End this worker when the main process is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)  # compiled code that never came back to Python, and its programs
