"""Processes that are forked from one that has loaded the scanner and what is slow to load.

There is one such server for all workers of pytest: to load it all takes eight seconds.
"""

import contextlib
import fcntl
import functools
import os
import pickle
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from multiprocessing import resource_tracker, util
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / ".package"  # the package and its start, no more
NUMBER = struct.Struct("i")


class Process:
    """A call in a process of its own, with the methods of multiprocessing.Process.

    TensorFlow begins no thread before it computes, so that forking beside it is safe; not so on
    macOS, where it is not loaded before.

    Parameters
    ----------
    target : callable
        Of a module; its exceptions are told on standard error.
    args : tuple
    """

    def __init__(self, target, args):
        self._call, self._line = pickle.dumps((target, args)), None
        self.pid = self.exitcode = None

    def start(self):
        """Begin; returns when the process is there."""
        server()
        self._line = connected()
        weakref.finalize(self, self._line.close)
        self._line.sendall(NUMBER.pack(len(self._call)) + self._call)
        self.pid = received(self._line)

    def is_alive(self):
        """Whether it has not ended yet."""
        self.join(0)
        return self.exitcode is None

    def join(self, timeout=None):
        """Wait for its end, no longer than this."""
        if self.exitcode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._line, selectors.EVENT_READ)
                if selector.select(timeout):
                    self.exitcode = received(self._line)
                    self._line.close()

    def kill(self):
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def received(line):
    """The number that comes next."""
    data = line.recv(NUMBER.size, socket.MSG_WAITALL)
    if len(data) < NUMBER.size:
        raise ConnectionError("the server of processes has ended")
    return NUMBER.unpack(data)[0]


@functools.cache
def address():
    """Where the server of this session of tests listens."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"of {os.getpid()}")
    return Path(tempfile.gettempdir(), f"forks {session[:16]} {os.getuid()}")


def connected():
    """A new connection to the server."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(address()))
    except OSError:
        line.close()
        raise
    return line


@contextlib.contextmanager
def alone():
    """Nobody else looks for the server, or starts or ends one."""
    with open(__file__) as file:  # noqa: PTH123 - as fcntl asks for
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@functools.cache
def server():
    """A connection that keeps the server until this process ends; who comes first starts it."""
    with alone():
        with contextlib.suppress(OSError):
            return connected()
        address().unlink(missing_ok=True)
        places = os.pathsep.join([str(PACKAGE), str(Path(__file__).parent)])
        starting = subprocess.Popen(
            [sys.executable, "-c", "import forks; forks.serve()", str(address())],
            env={**os.environ, "PYTHONPATH": places}, stdin=subprocess.DEVNULL,
            cwd=PACKAGE.parent, start_new_session=True)
        if starting.wait():     # it goes on in a child: nobody's
            raise ConnectionError("the server of processes did not start")
        return connected()


def serve():
    """Load all, listen, fork for whoever asks, until nobody is connected."""
    import loaded
    loaded.load()
    resource_tracker.ensure_running()   # one for all
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(100)
    if not os.fork():
        Server(listener, sys.argv.pop()).run()
    os._exit(0)


class Server:
    """What listens, and forks.

    Parameters
    ----------
    listener : socket
    place : str
        Its address.
    """

    def __init__(self, listener, place):
        self.listener, self.place, self.children = listener, place, {}
        self.selector = selectors.DefaultSelector()
        self.wake, self.end = os.pipe()
        for number in (self.wake, self.end):
            os.set_blocking(number, False)
        self.before = [(number, signal.signal(number, handler)) for number, handler in (
            (signal.SIGINT, signal.SIG_IGN), (signal.SIGCHLD, lambda *_: None))]
        signal.set_wakeup_fd(self.end, warn_on_full_buffer=False)
        for source in (listener, self.wake):
            self.selector.register(source, selectors.EVENT_READ, "own")

    def run(self):
        """Until the last connection is closed."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.selector.register(self.listener.accept()[0], selectors.EVENT_READ)
                elif key.fileobj == self.wake:
                    self._ended()
                elif not self._asked(key.fileobj):
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()
            if len(self.selector.get_map()) == 2 and self._unwanted():
                return

    def _unwanted(self):
        with alone():
            if any(key.fileobj is self.listener for key, _ in self.selector.select(0)):
                return False
            Path(self.place).unlink(missing_ok=True)
            return True

    def _ended(self):
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake, 1000)
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                line = self.children.pop(found[0])
                with contextlib.suppress(OSError):      # nobody wants to know
                    line.sendall(NUMBER.pack(os.waitstatus_to_exitcode(found[1])))

    def _asked(self, line):
        """Fork for a call; False where the connection is closed."""
        try:
            call = line.recv(received(line), socket.MSG_WAITALL)
        except OSError:
            return False
        pid = os.fork()
        if not pid:
            self._become(call)
        self.children[pid] = line
        line.sendall(NUMBER.pack(pid))
        return True

    def _become(self, call):
        """Be the process that was asked for, and end."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number, handler in self.before:
                signal.signal(number, handler)
            for key in list(self.selector.get_map().values()):
                if key.fileobj != self.wake:
                    key.fileobj.close()
            for number in (self.wake, self.end):
                os.close(number)
            self.selector.close()
            target, args = pickle.loads(call)
            target(*args)
            code = 0
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else int(bool(leave.code))
        except BaseException:
            traceback.print_exc()
        finally:    # as multiprocessing does
            with contextlib.suppress(Exception):
                util._exit_function()
                threading._shutdown()
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
