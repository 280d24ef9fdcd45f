"""A points.csv with an unfinished line after a crash is repaired; other changes are refused."""

import os
from pathlib import Path

from ..errors import StorageError
from ..files import explained, sync
from ..shown import one_line

FIRST = ("id", "iteration", "origin")
BLOCK = 1 << 16
CUT = ".cut"        # what a crash had left unfinished is kept under the name with this behind


def repair(path):
    """Cut off what a crash left unfinished at the end; returns its beginning, '' for nothing.

    Unfinished is a line without an end, and zero bytes, which some file systems leave where data
    had not reached the disk when the power failed.
    """
    with explained(path), Path(path).open("rb+") as file:
        _refuse_other_text(path, file.read(BLOCK))
        size = file.seek(0, os.SEEK_END)
        keep = _end_of_rows(file, size)
        if keep == size:
            return ""
        file.seek(keep)
        lost = file.read()
        with Path(f"{path}{CUT}").open("ab") as kept:   # on the disk before it is cut
            kept.write(lost + b"\n")
            kept.flush()
            sync(kept.fileno())
        file.truncate(keep)
        sync(file.fileno())
    return one_line(lost[:200].decode(errors="replace"))[:100] or "zero bytes"


def _refuse_other_text(path, head):
    """Raise StorageError for a file that another program has saved in its own way.

    Its rows would be taken for one that is torn.
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"i\0d\0" in head[:8]:
        what = "is in UTF-16"
    elif head and not head.startswith(",".join(FIRST).encode()):
        what = (f"does not begin with {','.join(FIRST)}, but with "
                f"{one_line(_text(head[:60]))[:40]!r}")
    elif b"\r" in head and b"\n" not in head:
        what = "has the line ends of an old Macintosh (CR)"
    else:
        return
    raise StorageError(f"{path} {what}: it is damaged, or saved by another program. It was left as "
                       "it is. Put back the file that the scan wrote, save it as CSV in UTF-8 with "
                       "ordinary line ends, or start a new run with --new.")


def _text(data):
    return data.decode(errors="replace")


def _end_of_rows(file, size):
    """Position after the last finished line."""
    block = min(BLOCK, size)
    while True:
        file.seek(size - block)
        tail = file.read(block)
        end = tail.rfind(b"\n")
        start = tail.rfind(b"\n", 0, max(0, end))
        while end >= 0 and b"\0" in tail[start + 1:end]:
            end, start = start, tail.rfind(b"\n", 0, max(0, start))
        if start >= 0 or block == size:  # all of the last line was read
            return size - block + end + 1
        block = min(4 * block, size)
