"""points.csv: one row for each evaluated point, appended as soon as it is evaluated."""

import csv
import io
import logging
import os
import re
import threading
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..files import explained, sync, write_atomic

LOG = logging.getLogger("mlscan")
NAME = "points.csv"
FIRST = ("id", "iteration", "origin")
LAST = ("in_target", "status", "reason")
SYNC_EVERY = 0.9  # seconds; with the time that fsync takes, once a second
BLOCK = 1 << 16
CUT = ".cut"        # what a crash had left unfinished is kept under the name with this behind
UNCLEAN = re.compile(r"[\s\0]")


class PointsFile:
    """The evaluated points of one run on disk.

    Columns: id, iteration, origin, the parameters, predicted, the value ('chi2' or 'value'), the
    observables, in_target, status, reason. Rows stand in the order of finishing. Numbers are
    written with all their digits, so that what is stored is what was evaluated.

    Parameters
    ----------
    folder : path
    parameters : sequence of str
    value_name : str
        'chi2', or 'value' for an observable that must hit a value.
    observables : sequence of str
        Known in advance; others are added as columns when a point first has them.
    """

    def __init__(self, folder, parameters, value_name, observables=()):
        self.path = Path(folder, NAME)
        self.parameters, self.value_name = tuple(map(clean, parameters)), value_name
        self.observables = self._given = tuple(map(clean, observables))
        self._refuse_clashes(self.observables)
        self._clean: tuple = ((), ())
        self._handle: Any = None
        self._thread: Any = None
        self._trouble: BaseException | None = None
        self._dirty, self._closing, self._lock = False, threading.Event(), threading.Lock()
        with explained(self.path):
            if self.path.exists():
                self._open_existing()
            else:
                write_atomic(self.path, _line(self.header))

    @property
    def header(self):
        """Names of all columns, in order."""
        return (*FIRST, *self.parameters, "predicted", self.value_name, *self.observables, *LAST)

    def append(self, identity, iteration, origin, x, predicted, evaluated, in_target):
        """Write one evaluated point; it is with the system when this returns, soon on the disk.

        Parameters
        ----------
        identity, iteration : int
        origin : str
        x : float array (d,)
            All parameters, physical.
        predicted : float
            NaN where nothing was predicted.
        evaluated : Evaluation
        in_target : bool

        Raises
        ------
        StorageError
            It can not be written, the file then ends with the row before; or an earlier row did
            not reach the disk.
        """
        self.append_all([(identity, iteration, origin, x, predicted, evaluated, in_target)])

    def append_all(self, points):
        """Write many evaluated points at once: all of them, or none.

        Parameters
        ----------
        points : sequence of tuple
            The parameters of `append`, for each.
        """
        named = [self._named(point[5].observables) for point in points]
        rows = [(identity, iteration, origin, *map(_digits, x), _digits(predicted),
                 _digits(evaluated.value), *map(_digits, map(numbers.get, self.observables)),
                 int(in_target), evaluated.status, evaluated.reason)
                for numbers, (identity, iteration, origin, x, predicted, evaluated, in_target)
                in zip(named, points, strict=True)]
        with explained(self.path):
            self._open()
            self._raise_trouble()
            self._write_whole(_lines(rows))
            self._dirty = True

    def sync(self):
        """Force what was appended onto the disk; raises StorageError when it did not get there."""
        with explained(self.path), self._lock:
            self._raise_trouble()
            if self._dirty and self._handle is not None:
                self._dirty = False
                sync(self._handle)

    def close(self):
        """Force everything onto the disk and close the file; `append` opens it again."""
        if self._handle is None:
            return
        self._closing.set()
        self._thread.join()
        try:
            self.sync()
        finally:
            os.close(self._handle)
            self._handle = None

    # ---- writing -----------------------------------------------------------------------------
    def _open(self):
        """Open the file, and begin to sync it; only when there is something to write."""
        if self._handle is None:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            self._closing.clear()
            self._thread = threading.Thread(target=self._sync_regularly, daemon=True)
            self._thread.start()

    def _sync_regularly(self):
        # a thread, as no further point may come for hours after one that was stored
        while not self._closing.wait(SYNC_EVERY):
            try:
                self.sync()
            except StorageError as error:
                self._trouble = error.__cause__

    def _raise_trouble(self):
        """Raise what went wrong in that thread, once: the next `sync` would call all well."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _write_whole(self, line):
        """Append the line, or nothing: a partial line (full disk) is taken back."""
        start = os.fstat(self._handle).st_size
        try:
            while line:
                line = line[os.write(self._handle, line):]
        except BaseException:
            os.ftruncate(self._handle, start)
            raise

    def _named(self, observables):
        if not isinstance(observables, dict):
            observables = zip(self._given, observables, strict=False)
            return dict(observables) if self._given == self.observables else \
                self._with_columns(dict(observables))
        names = tuple(observables)
        if names != self._clean[0]:     # nearly always those of the point before
            self._clean = names, tuple(map(clean, names))
        return self._with_columns(dict(zip(self._clean[1], observables.values(), strict=True)))

    def _with_columns(self, observables):
        new = [name for name in observables if name not in self.observables]
        if new:
            self._refuse_clashes(new)
            self._add_columns(new)
        return observables

    def _refuse_clashes(self, names):
        taken = {*FIRST, *LAST, "predicted", self.value_name, *self.parameters}
        clash = sorted(taken & set(names))
        if clash or len(set(names)) < len(names):
            raise StorageError(f"an observable may not be called {', '.join(clash) or names}: "
                               f"{NAME} has such a column already. Rename it.")

    def _add_columns(self, names):
        """Rewrite the file with more observables, nan for the rows so far."""
        old = len(FIRST) + len(self.parameters) + 2 + len(self.observables)
        self.observables += tuple(names)

        def lines():
            yield _line(self.header)
            with self.path.open(newline="", encoding="utf-8") as file:
                rows = csv.reader(file)
                next(rows)
                for row in rows:
                    yield _line((*row[:old], *["nan"] * len(names), *row[old:]))

        self.close()
        write_atomic(self.path, lines())

    def _open_existing(self):
        lost = repair(self.path)
        if lost:
            LOG.warning("%s: the last line was unfinished after a crash and is left out: %s",
                        self.path, lost)
        header = tuple(read_header(self.path))
        known = (*FIRST, *self.parameters, "predicted", self.value_name)
        if header[:len(known)] != known or header[-len(LAST):] != LAST:
            raise StorageError(f"{self.path} is damaged, or has other columns than this scan would "
                               "write; start a new run with --new.")
        self.observables = header[len(known):-len(LAST)]


def clean(cell):
    """Text of a cell: one line, and no zero bytes, which are the mark of a torn file."""
    text = str(cell)
    return " ".join(text.replace("\0", " ").split()) if UNCLEAN.search(text) else text


def _line(row):
    return _lines([row])


def _lines(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(clean, row) for row in rows)
    return text.getvalue().encode(errors="replace")


def _digits(number):
    """Shortest text that reads back as the same number; nan where there is none."""
    return "nan" if number is None else repr(float(number))


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
    return clean(lost[:200].decode(errors="replace"))[:100] or "zero bytes"


def _refuse_other_text(path, head):
    """Raise StorageError for a file that another program has saved in its own way.

    Its rows would be taken for one that is torn.
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"i\0d\0" in head[:8]:
        what = "is in UTF-16"
    elif head and not head.startswith(",".join(FIRST).encode()):
        what = f"does not begin with {','.join(FIRST)}, but with {clean(_text(head[:60]))[:40]!r}"
    elif b"\r" in head and b"\n" not in head:
        what = "has the line ends of an old Macintosh (CR)"
    else:
        return
    raise StorageError(f"{path} {what}: another program has saved it. It is left as it is. Save it "
                       "as CSV in UTF-8 with ordinary line ends, or put the file back that the "
                       "scan wrote.")


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
        if start >= 0 or block == size:  # all of the last line was looked at
            return size - block + end + 1
        block = min(4 * block, size)


def read_header(path):
    """Column names of a points.csv."""
    with Path(path).open(newline="", encoding="utf-8", errors="replace") as file:
        try:
            return next(csv.reader(file), [])
        except csv.Error:  # bytes that no text has
            return []
