"""A file that is open for appending, and that another program replaces, removes or rewrites."""

import logging
import os
import zlib
from pathlib import Path

from ..errors import StorageError
from ..files import explained, write_atomic

LOG = logging.getLogger("mlscan")
BLOCK = 1 << 20
OTHER = ".other"    # what another program had put there is kept under the name with this behind


def is_there(path, handle, size):
    """True when the open file still is the one at `path`, and as long as was written.

    Raises StorageError when it was rewritten in place: its rows are those of that program then.
    """
    own = os.fstat(handle)
    if own.st_size != size:
        raise _changed(path, f"it has {own.st_size} bytes, but the scan wrote {size}")
    try:
        there = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return os.path.samestat(own, there)


def checksum(handle):
    """CRC-32 of all that an open file holds."""
    found = 0
    for block in _blocks(handle):
        found = zlib.crc32(block, found)
    return found


def refuse_changed(path, handle, expected):
    """Raise StorageError when another program has rewritten an open file, in its length."""
    if checksum(handle) != expected:
        raise _changed(path, "its rows are not those that the scan wrote")


def _changed(path, what):
    return StorageError(
        f"{path} was changed by another program while the scan ran: {what}. It was left as it "
        "is. Put back the file that the scan wrote and give the same command, or start a new run "
        "with --new.")


def put_back(path, handle):
    """Write all that the open file holds to `path` again; what is there now is kept beside it.

    Raises
    ------
    StorageError
        The folder is gone; it says where the rows are.
    """
    real = Path(os.path.realpath(path))
    if not real.parent.is_dir():
        raise StorageError(_without_folder(real, handle))
    if _same_bytes(real, handle):     # copied by another program, and not changed
        return
    aside = _kept_aside(real)
    write_atomic(real, _blocks(handle))
    where = f"The other file is now {aside}" if aside else "It was removed"
    LOG.warning("Note: another program replaced %s while the scan ran. %s; all points are in %s "
                "again.", path, where, path)


def _kept_aside(path):
    """Give what is at `path` a second name that nothing has; returns it, None for nothing."""
    if not os.path.lexists(path):
        return None
    aside = _free(f"{path}{OTHER}")
    with explained(aside):
        try:
            os.link(path, aside)    # there is a file at every moment
        except OSError:             # a folder, or a file system without such links
            path.rename(aside)
    return aside


def _without_folder(path, handle):
    """What to say when the run folder was renamed or deleted; the rows are saved first."""
    if os.fstat(handle).st_nlink:
        return (f"{path.parent} was renamed while the scan ran. All points are in its "
                f"{path.name}. Give the folder its old name, then give the same command.")
    place = next((folder for folder in path.parents if folder.is_dir()), Path.cwd())
    saved = _free(place / f"{path.parent.name}_{path.name}")
    write_atomic(saved, _blocks(handle))
    return (f"{path.parent} was deleted while the scan ran. All points are saved in {saved}. To "
            f"start a new scan from them: --from {saved}")


def _free(path):
    path, number = Path(path), 1
    while os.path.lexists(path):
        number += 1
        path = path.with_name(f"{path.name.removesuffix(f'_{number - 1}')}_{number}")
    return path


def _blocks(handle):
    start = 0
    while block := os.pread(handle, BLOCK, start):
        yield block
        start += len(block)


def _same_bytes(path, handle):
    if not path.is_file() or path.stat().st_size != os.fstat(handle).st_size:
        return False
    with path.open("rb") as file:
        return all(file.read(len(block)) == block for block in _blocks(handle))
