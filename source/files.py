"""Files that are whole or not there: atomic replacement, and what a full or closed disk means."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REMEDY = {
    errno.ENOSPC: "the disk is full; make room and run the same command again: it resumes",
    errno.EDQUOT: "your disk quota is used up; make room and run the same command again: "
                  "it resumes",
    errno.EFBIG: "it may not become larger (ulimit -f); raise that limit and run the same command "
                 "again: it resumes",
    errno.EROFS: "the file system is read-only; choose another place with --output DIR",
    errno.EACCES: "you may not write there; choose another place with --output DIR",
    errno.EPERM: "you may not write there; choose another place with --output DIR",
}


@contextlib.contextmanager
def explained(path):
    """Turn an OSError on `path` into a StorageError with its remedy."""
    try:
        yield
    except OSError as error:
        words = REMEDY.get(error.errno, f"{error.strerror or error}")
        raise StorageError(f"{path} can not be written: {words}.") from error


def write_atomic(path, content):
    """Replace `path` by `content` (str or bytes): complete and durable, or unchanged.

    Raises
    ------
    StorageError
        When it can not be written; the old file is then still there.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    with explained(path):
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        sync_folder(path.parent)


def sync_folder(folder):
    """Make the names in `folder` durable; some file systems can not, and need not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
