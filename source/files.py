"""Where files are, and that they are whole or not there: what a full or closed disk means."""

import contextlib
import errno
import fcntl
import os
import stat
import sys
from pathlib import Path

from .errors import StorageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REMEDY = {
    errno.ENOSPC: "the disk is full. Make room, then give the same command: it continues",
    errno.EDQUOT: "your disk quota is used up. Make room, then give the same command: it "
                  "continues",
    errno.EFBIG: "it may not become larger (ulimit -f). Raise that limit, then give the same "
                 "command: it continues",
    errno.EROFS: "the file system is read-only. Choose another place with --output DIR",
    errno.EACCES: "you may not write there. Choose another place with --output DIR",
    errno.EPERM: "you may not write there. Choose another place with --output DIR",
    errno.ENOTDIR: "a part of that path is a file. Choose another place with --output DIR",
    errno.ENAMETOOLONG: "that path is too long. Choose another place with --output DIR",
    errno.EIO: "the disk reports an error. Check the disk before you give the same command",
}
TEMPORARY = ".tmp"


def home():
    """The folder of scan_input.py and result/: that of run.sh, which says so; else where one is."""
    return Path(os.environ.get("MLSCANNER_HOME") or Path.cwd()).resolve()


def program():
    """What the user types to start this program, for messages that show a command."""
    if os.environ.get("MLSCANNER_HOME"):
        return "./run.sh"
    return "python -m mlscanner" if Path(sys.argv[0]).name == "__main__.py" else "mlscanner"


def located(path, folder):
    """A path as the user writes it: '~' is the home folder, relative ones count from `folder`."""
    # nobody has such a home: the path stays as it is, and is not found under the name it has
    with contextlib.suppress(RuntimeError):
        path = Path(path).expanduser()
    return Path(folder, path)


@contextlib.contextmanager
def explained(path):
    """Turn an OSError on `path` into a StorageError with its remedy."""
    try:
        yield
    except OSError as error:
        words = REMEDY.get(error.errno or 0, f"{error.strerror or error}")
        raise StorageError(f"{path} cannot be written: {words}.") from error


@contextlib.contextmanager
def writing(path):
    """A text file for a path that the user names.

    A device or a pipe is written into; a link stays one and the file that it names is replaced;
    an ordinary file appears when it is complete, and what was there stays until then. Raises
    StorageError when it cannot be written.
    """
    real, special = _meant(path)
    if special:
        try:
            with explained(path):   # appended: the shell may have led /dev/stdout to a file
                file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "w", encoding="utf-8")
                with file:
                    yield file
        except StorageError as error:   # a reader that has seen enough (head) is for the caller
            if isinstance(error.__cause__, BrokenPipeError):
                raise error.__cause__ from None
            raise
        return
    with explained(path), _replacing(real, "w", encoding="utf-8") as file:
        yield file


@contextlib.contextmanager
def _replacing(path, *mode, **how):
    """A file that takes the place of `path` when it is complete, with the permissions of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with partial.open(*mode, **how) as file:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            sync(file.fileno())
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    sync_folder(path.parent)


def _meant(path):
    """The path behind all links, and whether it is a device, a pipe, or shown as one (/dev/stdout).

    Raises StorageError for a folder and for links in a circle.
    """
    path = step = Path(path)
    with explained(path):
        for _ in range(40):
            folder = Path(os.path.realpath(step.parent))
            if folder == Path("/dev") or folder.parts[1:2] == ("proc",):
                return path, True
            if not step.is_symlink():
                break
            step = folder / step.readlink()
        kind = stat.S_IFREG
        with contextlib.suppress(FileNotFoundError):
            kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise StorageError(f"{path} cannot be written: it is a folder. Move it, or give another "
                           "name.")
    return Path(os.path.realpath(path)), not stat.S_ISREG(kind)


def write_atomic(path, content):
    """Replace `path` by `content`: complete and durable, or unchanged.

    A link stays one, and the file that it names is replaced.

    Parameters
    ----------
    path : path
    content : str, bytes, or an iterable of bytes

    Raises
    ------
    StorageError
        When it cannot be written, or is no ordinary file (a pipe would swallow it, a device be
        lost); what was there is then still there.
    """
    real = ordinary(path)
    content = content.encode() if isinstance(content, str) else content
    with explained(path), _replacing(real, "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)


def ordinary(path):
    """The path behind all links; raises StorageError where it is no ordinary file, nor a new one.

    To open a pipe would wait for ever.
    """
    real, special = _meant(path)
    if special:
        raise StorageError(f"{path} cannot be written: it is a pipe or a device, not an ordinary "
                           "file. Move it, or give another name.")
    return real


def sync(handle):
    """Force an open file onto the disk itself."""
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: fsync leaves data in the disk's cache
    if full is not None:
        with contextlib.suppress(OSError):  # not every file system has it
            fcntl.fcntl(handle, full)
            return
    os.fsync(handle)


def sync_folder(folder):
    """Make the names in `folder` durable; some file systems cannot, and need not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def remove_leftovers(folder):
    """Remove what an interrupted `write_atomic` left in a folder that nobody else writes to."""
    for path in Path(folder).glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            path.unlink()
