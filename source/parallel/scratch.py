"""Scratch folders: where programs may write while a point is evaluated."""

import contextlib
import errno
import os
import re
import shutil
import socket
import tempfile
from pathlib import Path

from ..errors import ProgramError, StorageError
from ..evaluation import OK
from ..files import FULL
from .processes import KEEP, process_exists

NAME = "mlscan"
ROOMY = 256 << 20  # bytes that must be free in memory for scratch folders to go there
ROOM = 4 << 20  # with less, what a program wrote may be cut off, and no result can be trusted


def make_root():
    """A fresh folder for all scratch files of this process, in memory where there is a tmpfs.

    Raises StorageError when there is no place to write.
    """
    try:
        parent, memory = Path(tempfile.gettempdir()), Path("/dev/shm")
    except FileNotFoundError as error:
        raise _unusable(os.environ.get("TMPDIR", "/tmp"), "nothing can be written there") from error
    if "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK) \
            and shutil.disk_usage(memory).free > ROOMY:
        parent = memory
    return own_folder(parent)


def own_folder(parent, name=NAME):
    """A fresh folder in `parent` with the number of this process in its name.

    Those of dead processes of this machine and user are removed. Raises StorageError when it
    cannot be made.
    """
    prefix = f"{name}-{socket.gethostname()}-"
    _remove_stale(parent, prefix)
    try:
        return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=parent))
    except OSError as error:
        raise _unusable(parent, error.strerror) from error


def evaluated_in_scratch(calculator, x, parent):
    """`calculator.evaluate` on the rows of `x` (n, d), in a scratch folder that is gone afterwards.

    Raises StorageError when the place for scratch folders is full or closed, as then a failure
    says nothing about the point, and ProgramError when there is not one outcome for each row.
    """
    try:
        scratch = Path(tempfile.mkdtemp(dir=parent))
        try:
            outcomes = calculator.evaluate(x, scratch)
            failed = any(outcome.status != OK for outcome in outcomes)
            if failed and shutil.disk_usage(parent).free < ROOM:
                raise _unusable(parent, "it is full")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        if error.errno in FULL or error.errno == errno.EROFS:
            raise _unusable(parent, error.strerror) from error
        raise
    if len(outcomes) != len(x):
        raise ProgramError(f"the calculator returned {len(outcomes)} outcomes for {len(x)} points")
    return outcomes


@contextlib.contextmanager
def working_folder(scratch, name):
    """A fresh folder in `scratch` for a program, gone afterwards.

    Where a file `processes.KEEP` is beside it, it stays, and `name` is in its name.
    """
    kept = Path(scratch, KEEP).exists()
    prefix = re.sub(r"\W+", "_", name)[:40] + "-" if kept else "w"
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix=prefix))
    try:
        yield folder
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _unusable(parent, why):
    return StorageError(f"the place for scratch files, {parent}, cannot be used: {why}. Make room "
                        "there, or set TMPDIR to another folder; then give the same command.")


def _remove_stale(parent, prefix):
    """Remove folders of our own processes that were killed on this machine."""
    for folder in parent.glob(prefix + "*"):
        pid = folder.name[len(prefix):].split("-")[0]
        try:
            ours = folder.stat().st_uid == os.getuid()
        except FileNotFoundError:  # another process removes it too
            continue
        if pid.isdigit() and ours and not process_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
