"""points.csv: one row for each judged point, appended as soon as it is judged."""

import csv
import io
import os
import re
import time
import warnings
from pathlib import Path

import numpy as np

from errors import StorageError
from files import explained, write_atomic
from observables import OK
from points import Points

NAME = "points.csv"
FIRST = ("id", "iteration", "origin")
LAST = ("in_target", "status", "reason")
TEXT = ("origin", "status", "reason")
WHOLE = ("id", "iteration", "in_target")
SYNC_EVERY = 1.0  # seconds at most between two fsyncs while points come in


class PointsFile:
    """The judged points of one run on disk.

    Columns: id, iteration, origin, the parameters, predicted, the value ('chi2' or 'value'), the
    observables, in_target, status, reason. Rows stand in the order of finishing. Numbers are
    written with all their digits, so that what is stored is what was judged.

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
        self.parameters, self.value_name = tuple(parameters), value_name
        self.observables = tuple(observables)
        self._last_sync = 0.0
        with explained(self.path):
            if self.path.exists():
                self._open_existing()
            else:
                write_atomic(self.path, self._line(self.header))
            self._file = open(self.path, "ab")  # noqa: SIM115 - kept open for the whole run

    @property
    def header(self):
        return (*FIRST, *self.parameters, "predicted", self.value_name, *self.observables, *LAST)

    def append(self, identity, iteration, origin, x, predicted, judged, in_target):
        """Write one judged point; it is on its way to the disk when this returns."""
        observables = self._named(judged.observables)
        row = (identity, iteration, origin, *map(_digits, x), _digits(predicted),
               _digits(judged.value), *(_digits(observables.get(n)) for n in self.observables),
               int(in_target), judged.status, judged.reason)
        with explained(self.path):
            self._write_whole(self._line(row))
            if time.monotonic() - self._last_sync > SYNC_EVERY:
                self.sync()

    def _write_whole(self, line):
        """Append the line, or nothing: a partial line (full disk) is taken back."""
        start = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(line)
            self._file.flush()
        except OSError:
            # what could not be flushed must not be written later, after other rows
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115
            self._file.truncate(start)
            raise

    def sync(self):
        """Force what was appended onto the disk."""
        with explained(self.path):
            os.fsync(self._file.fileno())
        self._last_sync = time.monotonic()

    def close(self):
        """Force everything onto the disk and close the file."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def _named(self, observables):
        if isinstance(observables, dict):
            new = [name for name in observables if name not in self.observables]
            if new:
                self._add_columns(new)
            return observables
        return dict(zip(self.observables, observables, strict=False))

    def _add_columns(self, names):
        """Rewrite the file with more observables, nan for the rows so far."""
        clash = set(names) & set(self.header)
        if clash:
            raise StorageError(f"an observable may not be called {', '.join(sorted(clash))}: "
                               f"{NAME} has such a column already. Rename it.")
        old = len(FIRST) + len(self.parameters) + 2 + len(self.observables)
        self.observables += tuple(names)
        rows = read_rows(self.path)[1:]
        lines = [self.header] + [(*r[:old], *["nan"] * len(names), *r[old:]) for r in rows]
        write_atomic(self.path, b"".join(map(self._line, lines)))
        self._file.close()
        self._file = open(self.path, "ab")  # noqa: SIM115

    def _open_existing(self):
        _repair(self.path)
        header = tuple(read_header(self.path))
        known = (*FIRST, *self.parameters, "predicted", self.value_name)
        if header[:len(known)] != known or header[-len(LAST):] != LAST:
            raise StorageError(f"{self.path} has other columns than this scan would write; "
                               "start a new run with --new.")
        self.observables = header[len(known):-len(LAST)]

    @staticmethod
    def _line(row):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(
            [" ".join(str(cell).split()) for cell in row])  # no newlines inside a row
        return text.getvalue().encode()


def _digits(number):
    """Shortest text that reads back as the same number; nan where there is none."""
    return "nan" if number is None else repr(float(number))


def _repair(path):
    """Cut off a last line that a crash left unfinished, and say which."""
    with path.open("rb+") as file:
        content_end = file.seek(0, os.SEEK_END)
        tail_start = max(0, content_end - 1_000_000)
        file.seek(tail_start)
        tail = file.read()
        if not tail or tail.endswith(b"\n"):
            return
        keep = tail.rfind(b"\n") + 1
        warnings.warn(f"{path}: the last line was unfinished after a crash and is left out: "
                      f"{tail[keep:][:80].decode(errors='replace')}", stacklevel=4)
        file.truncate(tail_start + keep)


def read_header(path):
    """Column names of a points.csv."""
    with Path(path).open(newline="", encoding="utf-8", errors="replace") as file:
        return next(csv.reader(file), [])


def read_rows(path):
    """All rows of a points.csv, header included, as lists of text."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def read_table(path):
    """A points.csv as columns, sorted by id.

    A last line that is still being written is left out.

    Returns
    -------
    dict of str to ndarray
        id, iteration and in_target as int, origin, status and reason as str, the rest as float.

    Raises
    ------
    StorageError
        For a row that does not fit the header, with its line number.
    """
    path = Path(path)
    try:
        header = read_header(path)
        complete = _count_lines(path)
    except OSError as error:
        raise StorageError(f"{path} can not be read: {error.strerror}.") from error
    if tuple(header[:len(FIRST)]) != FIRST or tuple(header[-len(LAST):]) != LAST:
        raise StorageError(f"{path} is not a table of judged points: its first line is "
                           f"{','.join(header)[:80]!r}.")
    kinds = [(name, object if name in TEXT else (int if name in WHOLE else float))
             for name in header]
    if complete < 2:
        rows = np.empty(0, kinds)
    else:
        try:
            rows = np.loadtxt(path, kinds, delimiter=",", skiprows=1, quotechar='"', ndmin=1,
                              comments=None, max_rows=complete - 1, encoding="utf-8")
        except ValueError as error:
            raise StorageError(f"{path} is damaged: {_with_line(error)}. Mend or delete that "
                               "line.") from error
    order = np.argsort(rows["id"], kind="stable")
    return {name: _shared(rows[name][order]) if name in TEXT else rows[name][order]
            for name in header}


def _count_lines(path):
    """Number of finished lines."""
    with Path(path).open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _with_line(error):
    """NumPy counts rows from 0 (or 1) after the header; people count lines of the file."""
    words = re.sub(r"; use `usecols`.*", "", str(error))
    return re.sub(r"at row (\d+)", lambda m: f"near line {int(m[1]) + 2}", words)


def _shared(column):
    """Equal words as one string, so that a million of them need little memory."""
    known = {}
    return np.array([known.setdefault(word, word) for word in column], object)


def read_points(path, box, value_name, target):
    """The judged points of a points.csv as `Points`, membership in `target` judged anew."""
    table = read_table(path)
    x = np.column_stack([table[name] for name in box.names]) if len(table["id"]) else \
        np.empty((0, len(box.names)))
    value, status = table[value_name], table["status"]
    return Points(box.dim, id=table["id"], iteration=table["iteration"], origin=table["origin"],
                  x=x, u=box.to_unit(x), value=value, status=status,
                  inside=(status == OK) & target.inside(value))
