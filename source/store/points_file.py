"""points.csv: one row for each evaluated point, appended as soon as it is evaluated."""

import logging
import os
import threading
import weakref
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StorageError
from ..evaluation import OBJECTIVE
from ..files import explained, ordinary, sync, write_atomic
from ..shown import one_line
from .put_back import checksum, is_there, put_back, refuse_changed
from .repair import FIRST, repair
from .table_text import lines, number_cells, read_header, rewrite, word_cell

LOG = logging.getLogger("mlscan")
NAME = "points.csv"
LAST = ("in_target", "status", "reason")
WORDS = 1000        # whose cells are remembered
SYNC_EVERY = 0.9  # seconds; with the time that fsync takes, once a second


class PointsFile:
    """The evaluated points of one run on disk.

    Columns: id, iteration, origin, the parameters, predicted, the value ('chi2' or 'value'), with
    hard limits the objective, the observables, in_target, status, reason. Rows stand in the order
    of finishing. Numbers are written with all their digits, so that what is stored is what was
    evaluated.

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
        self.parameters, self.value_name = tuple(map(one_line, parameters)), value_name
        self.observables = self._given = tuple(map(one_line, observables))
        self._refuse_clashes(self.observables)
        self._clean: tuple = ((), ())
        self._words: dict[str, str] = {}
        self._handle: Any = None
        self._thread: Any = None
        self._trouble: BaseException | None = None
        self._size = self._checksum = self._changed = 0
        self._touched = False
        self._gone: StorageError | None = None
        self._forget: Any = None
        self._dirty, self._closing, self._lock = False, threading.Event(), threading.Lock()
        self._content = threading.RLock()   # points are stored while the next are proposed
        ordinary(self.path)
        with explained(self.path):
            if self.path.exists():
                self._open_existing()
            else:
                write_atomic(self.path, lines([self.header]))
            self._open()

    @property
    def observables(self):
        """Names of their columns, in order."""
        return self._observables

    @observables.setter
    def observables(self, names):
        self._observables, self._known = names, frozenset(names)

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
            It cannot be written, the file then ends with the row before; or an earlier row did
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
        with explained(self.path), self._content:
            named = [self._named(point[5]) for point in points]
            rows = [self._line(*row) for row in zip(named, points, strict=True)]
            self._open()
            self._begin_to_sync()
            self._raise_trouble()
            self._stay_there()
            self._write_whole("".join(rows).encode(errors="replace"))
            self._dirty = True

    def _line(self, observables, point):
        identity, iteration, origin, x, predicted, evaluated, in_target = point
        numbers = number_cells([*np.asarray(x).tolist(), predicted, evaluated.value,
                                *map(observables.get, self.observables)])
        return (f"{identity},{iteration},{self._word(origin)},{numbers},{int(in_target)},"
                f"{self._word(evaluated.status)},{self._word(evaluated.reason)}\n")

    def _word(self, word):
        """Its cell; there are few words, and many points."""
        if word not in self._words:
            if len(self._words) > WORDS:
                self._words.clear()
            self._words[word] = word_cell(word)
        return self._words[word]

    def sync(self):
        """Force what was appended onto the disk; raises StorageError when it did not get there.

        Where another program has replaced the file, the complete one is put back.
        """
        with explained(self.path), self._content:
            self._force()
            self._stay_there()
            if self._touched:
                self._touched = False
                self._found(refuse_changed, self.path, self._handle, self._checksum)

    def _force(self):
        with explained(self.path), self._lock:
            self._raise_trouble()
            if self._dirty and self._handle is not None:
                self._dirty = False
                sync(self._handle)

    def _stay_there(self):
        """Have the file where it belongs, complete, whatever was done to its name."""
        if self._gone is not None:
            raise self._gone
        if self._handle is None:
            return
        # a network disk may change the time of our own rows later: looked into at the next sync
        self._touched |= os.fstat(self._handle).st_mtime_ns != self._changed
        if self._found(is_there, self.path, self._handle, self._size):
            return
        self._found(put_back, self.path, self._handle)
        with self._lock:
            self._forget()
            self._hold()

    def _found(self, look, *arguments):
        """What `look` finds; its error is told again for each further row, and acted on once."""
        try:
            return look(*arguments)
        except StorageError as error:
            self._gone = error
            raise

    def _note_file(self):
        now = os.fstat(self._handle)
        self._size, self._changed = now.st_size, now.st_mtime_ns

    def close(self):
        """Force everything onto the disk and close the file; `append` opens it again."""
        if self._handle is None:
            return
        if self._thread is not None:
            self._closing.set()
            self._thread.join()
        try:
            (self.sync if self._gone is None else self._force)()
        finally:
            self._forget()
            self._handle = self._gone = self._thread = None

    # ---- writing -----------------------------------------------------------------------------
    def _open(self):
        """Open the file, before its rows are read: from then on nobody else may change it."""
        if self._handle is None:
            self._hold()
            self._checksum, self._touched = checksum(self._handle), False

    def _hold(self):
        self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND)
        # closed with this object, where nobody does it
        self._forget = weakref.finalize(self, os.close, self._handle)
        self._note_file()

    def _begin_to_sync(self):
        """Only when there is something to write."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._sync_regularly, daemon=True)
            self._thread.start()

    def _sync_regularly(self):
        # a thread, as no further point may come for hours after one that was stored
        while not self._closing.wait(SYNC_EVERY):
            try:
                self._force()
            except StorageError as error:
                self._trouble = error.__cause__

    def _raise_trouble(self):
        """Raise what went wrong in that thread, once: the next `sync` would call all well."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _write_whole(self, line):
        """Append the line, or nothing: a partial line (full disk) is taken back."""
        start, whole = self._size, line
        try:
            while line:
                line = line[os.write(self._handle, line):]
        except BaseException:
            os.ftruncate(self._handle, start)
            raise
        self._checksum = zlib.crc32(whole, self._checksum)
        self._note_file()

    def _named(self, evaluated):
        observables = evaluated.observables
        if evaluated.objective is not None and isinstance(observables, dict):
            observables = {OBJECTIVE: evaluated.objective, **observables}
        if not isinstance(observables, dict):
            observables = zip(self._given, observables, strict=False)
            return dict(observables) if self._given == self.observables else \
                self._with_columns(dict(observables))
        names = tuple(observables)
        if names != self._clean[0]:     # nearly always those of the point before
            self._clean = names, tuple(map(one_line, names))
        if self._clean[1] != names:
            observables = dict(zip(self._clean[1], observables.values(), strict=True))
        return self._with_columns(observables)

    def _with_columns(self, observables):
        new = [] if observables.keys() <= self._known else \
            [name for name in observables if name not in self._known]
        if new:
            self._refuse_clashes(new)
            self._add_columns(new)
        return observables

    def _refuse_clashes(self, names):
        taken = {*FIRST, *LAST, "predicted", self.value_name, *self.parameters}
        clash = sorted(taken & set(names))
        if clash or len(set(names)) < len(names):
            raise StorageError(f"an observable may not be called {', '.join(clash) or names}: "
                               f"{NAME} has a column of that name already. Rename it.")

    def _add_columns(self, names):
        """Rewrite the file with more observables, nan for the rows so far."""
        old = len(FIRST) + len(self.parameters) + 2 + len(self.observables)
        self.observables += tuple(names)
        self.close()
        rewrite(self.path, self.header, lambda row: (*row[:old], *["nan"] * len(names), *row[old:]))

    def _open_existing(self):
        lost = repair(self.path)
        if lost:
            LOG.warning("%s: the last line was unfinished after a crash and was removed: %s",
                        self.path, lost)
        header = tuple(read_header(self.path))
        known = (*FIRST, *self.parameters, "predicted", self.value_name)
        if header[:len(known)] != known or header[-len(LAST):] != LAST:
            raise StorageError(f"{self.path} is damaged, or its columns are not those of this "
                               "scan. Start a new run with --new.")
        self.observables = header[len(known):-len(LAST)]
