"""Start a program and be sure that it ends: the only place that starts processes.

A program gets an argument list (no shell), its own session, no input, a time limit, a limit on
what it may write to its folder, and an output of which a bounded part is kept. Whatever happens,
its whole process group is gone when `run_program` returns. Whether it did its work the caller
must find out: an exit code alone says nothing (see docs/chain.md).
"""

import atexit
import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .running_clock import RunningClock
from .stopping import later

HEAD_BYTES = TAIL_BYTES = 64 * 1024
# Seconds between looks at a silent program, and in which small pieces of output may gather. Where
# the system does not tell us when a program ends, both delay our answer, and are short.
TOLD = hasattr(os, "pidfd_open")
POLL, PAUSE = (0.25, 0.1) if TOLD else (0.05, 0.02)
BURST = 16384   # bytes; more at a time is read on without a pause
KEEP = "keep"   # a file of this name: folders beside it stay, with what programs said
WATCH = 0.5     # seconds between looks at what it has written to its folder

# Reads one process group a line, and kills the last one when its standard input closes, that is,
# when the process that started the program is gone, even by SIGKILL. Knows no user data.
_GUARD = 'g=; while read -r line; do g=$line; done; [ -z "$g" ] || kill -s KILL -- "-$g"'

# Kills a process group, itself with it, a while after its standard input closes.
_FOLLOWER = 'exec > /dev/null 2>&1; read -r x; /bin/sleep "$1"; kill -s KILL -- "-$2"'


class Outcome(NamedTuple):
    """How a program ended.

    Attributes
    ----------
    trouble : str
        '' when it ended by itself, else 'timeout', 'crashed', 'too_big' or 'not_started'.
    reason : str
        The trouble in words.
    code : int
        Exit code, negative for a signal.
    output : str
        Standard output and error together: the first and last 64 KiB.
    seconds : float
        Wall time.
    """

    trouble: str
    reason: str
    code: int
    output: str
    seconds: float


def run_program(arguments: Sequence[Any], folder: str | Path, limit: float,
                max_bytes: int = 1 << 30, stdin: str | Path = os.devnull) -> Outcome:
    """Run a program in a folder and wait for its end.

    Parameters
    ----------
    arguments : sequence of str
        The program, by its absolute path, and its arguments.
    folder : Path
        Its working directory; names in `arguments` should be relative to it and short.
    limit : float
        Seconds after which it is killed.
    max_bytes : int
        It is killed when the files directly in `folder` hold more than this.
    stdin : path
        The file that it reads as its standard input.

    Returns
    -------
    Outcome
    """
    name, start, process = Path(arguments[0]).name, time.monotonic(), None
    guard, kept = _guard(), _Kept()     # there before there is something to guard
    try:
        try:
            with Path(stdin).open("rb") as given, later():  # else a signal leaves it
                process = subprocess.Popen(
                    list(map(str, arguments)), cwd=folder, stdin=given, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, start_new_session=True)
                guard.watch(process.pid)
        except (OSError, ValueError) as error:
            return Outcome("not_started", f"{name} could not be started: {error}", -1, "", 0.0)
        trouble = _wait(process, kept, start + limit, folder, max_bytes)
    finally:  # also when this process is told to end (SystemExit, KeyboardInterrupt)
        if process:
            _kill_group(process)
            guard.watch(None)
    seconds = time.monotonic() - start
    if Path(folder, "..", KEEP).exists():
        Path(folder, f"{name}.log").write_text(kept.text(), "utf-8", "replace")
    trouble, reason = _describe(name, trouble, process.returncode, limit, max_bytes)
    return Outcome(trouble, reason, process.returncode, kept.text(), seconds)


def _describe(name, trouble, code, limit, max_bytes):
    if trouble == "timeout":
        return trouble, f"{name} gave no answer within {limit:g} s"
    if trouble == "too_big":
        return trouble, f"{name} wrote more than {max_bytes >> 20} MiB to its folder"
    if code < 0:
        try:
            word = f" ({signal.Signals(-code).name})"
        except ValueError:
            word = ""
        return "crashed", f"{name} was ended by signal {-code}{word}"
    return "", ""


def _wait(process, kept, deadline, folder, max_bytes):
    """Read the output until the program has ended; returns the trouble, '' for none."""
    os.set_blocking(process.stdout.fileno(), False)
    clock = RunningClock()
    next_look = clock() + WATCH
    with _Events(process) as events:
        while True:
            now = clock()
            if now >= deadline:
                return "timeout"
            if events.wait(min(POLL, deadline - now)):
                size = kept.read(process.stdout)
                if size == 0:
                    events.forget_output()
                elif size < BURST:  # programs that print line by line would wake us each time
                    events.wait_exit(min(PAUSE, deadline - now))
            # a child that holds the pipe must not keep us waiting for a program that has ended
            if process.poll() is not None:
                if events.output:
                    kept.read(process.stdout)
                return ""
            if now >= next_look:
                next_look = now + WATCH
                if _size(folder) > max_bytes:
                    return "too_big"


class _Events:
    """Waits for output or the end of a program, where the system tells of it (Linux) without
    looking again and again."""

    def __init__(self, process):
        self.process, self.output = process, True
        self.selector, self.exit = selectors.DefaultSelector(), selectors.DefaultSelector()
        self.pidfd = os.pidfd_open(process.pid) if TOLD else None
        self.selector.register(process.stdout, selectors.EVENT_READ)
        if self.pidfd is not None:
            self.selector.register(self.pidfd, selectors.EVENT_READ)
            self.exit.register(self.pidfd, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.selector.close()
        self.exit.close()
        if self.pidfd is not None:
            os.close(self.pidfd)

    def wait(self, seconds):
        """True when there is output (or its end) to read."""
        if not self.output:
            self.wait_exit(seconds)
            return False
        return any(key.fileobj is self.process.stdout for key, _ in self.selector.select(seconds))

    def wait_exit(self, seconds):
        """Wait at most so long for the program to end."""
        if self.pidfd is not None:
            self.exit.select(seconds)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)

    def forget_output(self):
        """The output is at its end."""
        self.selector.unregister(self.process.stdout)
        self.output = False


def _size(folder):
    """Bytes of the files in a folder and in those below it."""
    try:
        return sum(Path(place, name).lstat().st_size
                   for place, _, names in os.walk(folder) for name in names)
    except OSError:  # a file vanished between the listing and the question
        return 0


def _kill_group(process):
    """End the group and reap the program; nothing of it runs afterwards."""
    # macOS: EPERM for a group of zombies only
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


class _Kept:
    """The first and the last bytes of an output of any length."""

    def __init__(self):
        self.head, self.tail, self.dropped = bytearray(), bytearray(), False

    def read(self, pipe):
        """Take what is there, at most 1 MiB; its size, 0 at the end of the output."""
        size = 0
        for _ in range(16):
            try:
                data = os.read(pipe.fileno(), 65536)
            except BlockingIOError:
                return size or 1  # nothing yet, which is not the end
            if not data:
                return size
            size += len(data)
            room = HEAD_BYTES - len(self.head)
            self.head += data[:room]
            self.tail += data[room:]
            if len(self.tail) > 4 * TAIL_BYTES:
                self.dropped = True
                del self.tail[:-TAIL_BYTES]
            if len(data) < 4096:
                break
        return size

    def text(self):
        middle = b"\n[...]\n" if self.dropped else b""
        return (self.head + middle + self.tail).decode("utf-8", errors="replace")


class _Guard:
    """A small helper process that outlives this one for as long as it takes to end its program."""

    def __init__(self):
        self.owner = os.getpid()
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        self.pipe: Any = self.process.stdin
        atexit.register(self.close)

    def watch(self, group):
        """Kill this process group if this process dies; None: no longer."""
        # without a guard, should somebody end it, programs are still killed on time-out
        with contextlib.suppress(BrokenPipeError, ValueError):
            os.write(self.pipe.fileno(), b"%d\n" % group if group else b"\n")

    def close(self):
        """Let the guard end; it has nothing to kill."""
        if self.owner == os.getpid() and not self.pipe.closed:
            self.pipe.close()
            self.process.wait()


_GUARDS: dict[tuple[int, int], _Guard] = {}


def _guard():
    """The guard of this thread of this process, started when first needed: it has one program."""
    me = os.getpid(), threading.get_ident()
    if me not in _GUARDS:
        _GUARDS[me] = _Guard()
    return _GUARDS[me]


def follow(pipe: int, seconds: float) -> None:
    """Kill the process group that this process leads so long after a pipe to its parent closes.

    From a process of its own, in that group: compiled code that keeps Python's lock lets no thread
    of this one do it.

    `pipe` is a file descriptor, which gets nothing to read but its end.
    """
    follower = subprocess.Popen(    # with no other pipe of this process, which would stay open
        ["/bin/sh", "-c", _FOLLOWER, "sh", str(seconds), str(os.getpgrp())], stdin=pipe)
    follower.returncode = 0     # nobody waits for it: it ends after this process


def process_exists(pid: int) -> bool:
    """True when a process of that number runs on this machine (whoever owns it)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
