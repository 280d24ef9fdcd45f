"""The run folder `result/<MODEL>/`: one writer, append-only points, state replaced atomically."""

import fcntl
import io
import json
import os
import re
import socket
import time
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from errors import StorageError
from files import explained, write_atomic
from processes import process_exists

FORMAT = 1  # of state.npz and scan_input_used.json; newer ones are refused
SETTINGS, STATE = "scan_input_used.json", "state.npz"


def run_folders(output, model):
    """The run folders of `model` in `output`, oldest first: DNNR, DNNR_2, DNNR_3, ..."""
    pattern = re.compile(re.escape(model) + r"(?:_(\d+))?")
    found = []
    if Path(output).is_dir():
        for path in Path(output).iterdir():
            match = pattern.fullmatch(path.name)
            if match and path.is_dir():
                found.append((int(match[1] or 1), path))
    return [path for _, path in sorted(found)]


def new_run_folder(output, model):
    """Make and return the next free folder; an existing one is never used again."""
    with explained(output):
        Path(output).mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = Path(output, model if number == 1 else f"{model}_{number}")
            try:
                path.mkdir()
                return path
            except FileExistsError:
                number += 1


class RunLock:
    """Keeps a second scan out of a run folder; given back by the system when this one dies.

    Raises StorageError, naming the holder's pid and host, when the folder is in use.
    """

    def __init__(self, folder):
        self.path = Path(folder, "lock")
        with explained(self.path):
            self._file = self._acquire()

    def _acquire(self):
        while True:
            file = open(self.path, "a+")  # noqa: SIM115 - kept open as long as the lock
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = self._holder(file)
                file.close()
                raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                                   f"{holder['host']}. Wait for it, or start a run of its own "
                                   "with --new.") from None
            # the lock may have been removed between opening and locking
            if self.path.exists() and os.path.samestat(os.fstat(file.fileno()),
                                                       os.stat(self.path)):
                self._take_over(file)
                return file
            file.close()

    @staticmethod
    def _holder(file):
        file.seek(0)
        try:
            holder = json.loads(file.read())
            return {"pid": int(holder["pid"]), "host": str(holder["host"])}
        except (ValueError, KeyError, TypeError):
            return {"pid": 0, "host": "an unknown host"}

    def _take_over(self, file):
        """Refuse a lock of another host, which flock may not see on a network disk."""
        holder, here = self._holder(file), socket.gethostname()
        alive = holder["host"] == here and process_exists(holder["pid"])
        if holder["pid"] and holder["host"] != here:
            file.close()
            raise StorageError(f"{self.path.parent} is in use by process {holder['pid']} on "
                               f"{holder['host']}. If that process is no longer running, delete "
                               f"{self.path} and try again.")
        self.was_stale = bool(holder["pid"]) and not alive
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "host": here, "since": time.ctime()}))
        file.flush()

    def release(self):
        """Give the folder free."""
        self.path.unlink(missing_ok=True)
        self._file.close()


class State:
    """What a scan needs to go on exactly, beside its points: plain numbers and arrays.

    Attributes
    ----------
    meta : dict
        JSON: iteration, random-number state, history, why it finished.
    arrays : dict of str to ndarray
        The batch being judged, and what the proposer and the model keep.
    """

    def __init__(self, meta, arrays):
        self.meta, self.arrays = meta, arrays

    def save(self, folder):
        """Replace the state file, atomically and durably."""
        buffer = io.BytesIO()
        meta = json.dumps({"format": FORMAT, **self.meta})
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
            with np.load(path, allow_pickle=False) as file:
                meta = json.loads(str(file["meta"]))
                arrays = {k[2:]: file[k] for k in file.files if k.startswith("a:")}
            newer = int(meta.pop("format")) > FORMAT
        except (ValueError, KeyError, OSError, EOFError, TypeError, BadZipFile) as error:
            raise StorageError(
                f"{path} is damaged ({type(error).__name__}). The points are safe in points.csv; "
                "start a new run with --new.") from error
        if newer:
            raise StorageError(f"{path} was written by a newer version of this program. "
                               "Use that version, or start a new run with --new.")
        return cls(meta, arrays)


def save_settings(folder, content):
    """Write scan_input_used.json: every effective setting, versions, parameters."""
    text = json.dumps({"format": FORMAT, **content}, indent=1, ensure_ascii=False)
    write_atomic(Path(folder, SETTINGS), text + "\n")


def load_settings(folder):
    """The content of scan_input_used.json.

    Raises StorageError when it is missing, damaged or of a newer version.
    """
    path = Path(folder, SETTINGS)
    try:
        content = json.loads(path.read_text())
        newer = int(content["format"]) > FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path} can not be read ({error}); {folder} is not a run folder, or "
                           "is damaged.") from error
    if newer:
        raise StorageError(f"{path} was written by a newer version of this program. "
                           "Use that version.")
    return content

