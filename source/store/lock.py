"""The lock of a run folder: one writer at a time, on this host and others."""

import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from pathlib import Path

from ..errors import StorageError
from ..files import explained
from ..parallel.processes import process_exists

LOCK = "lock"


class RunLock:
    """Keeps a second scan out of a run folder; given back by the system when this one dies.

    Raises StorageError, naming the holder's pid and host, when the folder is in use.

    Attributes
    ----------
    was_stale : bool
        The lock was there, but its process is not running any more.
    """

    def __init__(self, folder):
        self.path = Path(folder, LOCK)
        self.was_stale = False
        with explained(self.path):
            self._file = self._acquire()

    def _acquire(self):
        while True:
            file = self.path.open("a+", encoding="utf-8")
            try:
                if not self._held_by_system(file):
                    self._refuse_if_alive(self._holder(file))
                # the lock may have been removed between opening and locking
                if self._is_current(file):
                    self._take_over(file)
                    return file
            except BaseException:
                file.close()
                raise
            file.close()

    def _held_by_system(self, file):
        """Lock the open file; False where the file system cannot (some network disks)."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._holder(file)
            raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                               f"{holder['host']}. Wait for it, or start a new run with "
                               "--new.") from None
        except OSError as error:
            if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
                return False
            raise
        return True

    def _is_current(self, file):
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    @staticmethod
    def _holder(file):
        file.seek(0)
        try:
            holder = json.loads(file.read())
            return {"pid": int(holder["pid"]), "host": str(holder["host"])}
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"pid": 0, "host": "an unknown host"}

    def _refuse_if_alive(self, holder):
        if holder["host"] == socket.gethostname() and holder["pid"] and \
                process_exists(holder["pid"]):
            raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                               f"{holder['host']}. If that process is another program, "
                               f"delete {self.path} and try again.")

    def _take_over(self, file):
        """Refuse a lock of another host, which flock may not see on a network disk."""
        holder, here = self._holder(file), socket.gethostname()
        if holder["pid"] and holder["host"] != here:
            raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                               f"{holder['host']}. If that process is no longer running, delete "
                               f"{self.path} and try again.")
        self.was_stale = bool(holder["pid"])  # on this host, and the lock was free: it is gone
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": here, "since": time.ctime()}))
        file.flush()

    def release(self):
        """Release the folder."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()
