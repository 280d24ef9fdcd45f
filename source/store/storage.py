"""The run folder `result/<MODEL>/`: one writer, append-only points, state replaced atomically."""

import contextlib
import errno
import fcntl
import io
import json
import os
import re
import socket
import struct
import time
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ..aliases import current_settings
from ..errors import StorageError
from ..files import explained, home, sync_folder, write_atomic
from ..parallel.processes import process_exists

FORMAT = 1  # of state.npz and scan_input_used.json; newer ones are refused
SETTINGS, STATE, LOCK = "scan_input_used.json", "state.npz", "lock"
# what NumPy, zipfile and json have to say about bytes that are not what they should be
DAMAGE = (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile, zlib.error, struct.error,
          NotImplementedError, RuntimeError, MemoryError, OverflowError, SyntaxError)


def result_folder() -> Path:
    """Where run folders go if nothing is said: `result` in the home folder of the scanner."""
    return home() / "result"


def run_folders(output: str | Path, model: str) -> list[Path]:
    """The run folders of `model` in `output`, oldest first: DNNR, DNNR_2, DNNR_3, ..."""
    pattern = re.compile(re.escape(model) + r"(?:_(\d+))?")
    found = []
    if Path(output).is_dir():
        with explained(output):
            for path in Path(output).iterdir():
                match = pattern.fullmatch(path.name)
                if match and path.is_dir():
                    found.append((int(match[1] or 1), path))
    return [path for _, path in sorted(found)]


def find_run(name, output, has):
    """The folder of the run that `name` means, or None.

    Parameters
    ----------
    name : str
        A folder; or a model, or any other name of a folder in `output`: its newest run there.
    has : callable Path -> bool
        Whether a folder holds what is asked for.
    """
    folders = [Path(name).expanduser(), *reversed(run_folders(output, name))]
    return next((folder for folder in folders if has(folder)), None)


def new_run_folder(output, model):
    """Make the folder after the last one of `model` in `output`; returns its path.

    An existing one is never used again. Raises StorageError when it can not be made.
    """
    folders = run_folders(output, model)
    with explained(output):
        Path(output).mkdir(parents=True, exist_ok=True)
        number = 1
        if folders:
            number = int(folders[-1].name[len(model) + 1:] or 1) + 1
        while True:
            path = Path(output, model if number == 1 else f"{model}_{number}")
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                sync_folder(output)
                return path


class RunLock:
    """Keeps a second scan out of a run folder; given back by the system when this one dies.

    Raises StorageError, naming the holder's pid and host, when the folder is in use.

    Attributes
    ----------
    was_stale : bool
        The lock was there, but whoever held it is gone.
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
        """Lock the open file; False where the file system can not (some network disks)."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._holder(file)
            raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                               f"{holder['host']}. Wait for it, or start a run of its own with "
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
                               f"{holder['host']}. If that is another program, delete "
                               f"{self.path} and try again.")

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
        """Give the folder free."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()


class State:
    """What a scan needs to go on exactly, beside its points: plain numbers and arrays.

    Attributes
    ----------
    meta : dict
        JSON: random-number state, history, sizes of the batches, why it finished.
    arrays : dict of str to ndarray
        The batches being evaluated, and what the proposer and the model keep.
    """

    def __init__(self, meta, arrays):
        self.meta, self.arrays = meta, arrays

    def save(self, folder):
        """Replace the state file, atomically and durably."""
        buffer = io.BytesIO()
        meta = json.dumps({"format": FORMAT, "arrays": sorted(self.arrays), **self.meta})
        np.savez(buffer, meta=np.array(meta), **{f"a:{k}": v for k, v in self.arrays.items()})
        write_atomic(Path(folder, STATE), buffer.getvalue())

    @classmethod
    def load(cls, folder):
        """The saved state, or None where there is none yet.

        Raises StorageError when the file is damaged or of a newer version.
        """
        path = Path(folder, STATE)
        if not path.exists():
            return None
        try:
            # as bytes: NumPy does not close a damaged file that it opened itself
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                meta = json.loads(str(file["meta"]))
                newer = int(meta.pop("format")) > FORMAT
                arrays = {} if newer else {k: file[f"a:{k}"] for k in meta.pop("arrays")}
        except DAMAGE as error:
            raise StorageError(
                f"{path} is damaged ({type(error).__name__}). The points are safe in points.csv; "
                "start a new run with --new.") from error
        if newer:
            raise StorageError(f"{path} was written by a newer version of this program. "
                               "Use that version, or start a new run with --new.")
        return cls(meta, arrays)


def save_settings(folder, content):
    """Write scan_input_used.json into a run folder.

    Parameters
    ----------
    folder : path
    content : dict
        Fit for JSON: every effective setting, versions, parameters.

    Raises
    ------
    StorageError
        It can not be written.
    """
    text = json.dumps({"format": FORMAT, **content}, indent=1, ensure_ascii=False)
    write_atomic(Path(folder, SETTINGS), (text + "\n").encode(errors="surrogateescape"))


def load_settings(folder: str | Path) -> dict:
    """The content of scan_input_used.json.

    Raises StorageError when it is missing, damaged or of a newer version.
    """
    path = Path(folder, SETTINGS)
    try:
        content = json.loads(path.read_bytes().decode(errors="surrogateescape"))
        newer = int(content["format"]) > FORMAT
        whole = newer or isinstance(content["settings"], dict)
        content["settings"] = current_settings(content["settings"]) if whole else {}
    except DAMAGE as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    if not whole:
        raise _unreadable(path, "its settings are missing")
    if newer:
        raise StorageError(f"{path} was written by a newer version of this program. "
                           "Use that version, or start a new run with --new.")
    return content


def _unreadable(path, why):
    return StorageError(f"{path} can not be read ({why}): {path.parent} is not a run folder, or is "
                        "damaged. Start a new run with --new.")
