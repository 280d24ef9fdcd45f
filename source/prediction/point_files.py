"""Points of a user's file, block by block, so that a file larger than memory can be read."""

import contextlib
import csv
import itertools
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..shown import counted

_ROWS = 50_000  # lines of one block
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)",
                     re.IGNORECASE)


class PointsReader:
    """Lines of a file and the numbers in some of their columns.

    A first line with words names the columns; without one they are used in order. Columns are
    separated by commas, or by blanks.

    Parameters
    ----------
    source : str
        Path, or '-' for standard input.
    names : sequence of str
        All parameters of a point.
    needed : sequence of str
        Those that are read; others may be missing.

    Attributes
    ----------
    header : str or None
        The line with the names.
    separator : str
        ',' or ' '.
    width : int
        Columns of a file without names.
    """

    def __init__(self, source, names, needed):
        self.name = "standard input" if source == "-" else str(source)
        self._source, self._names, self._needed = source, list(names), list(needed)

    def __enter__(self):
        if self._source == "-":
            self._file: Any = contextlib.nullcontext(sys.stdin)
        else:
            try:
                self._file = Path(self._source).open(encoding="utf-8-sig", errors="replace")
            except OSError as error:
                raise InputError(f"{self.name} cannot be read: {error.strerror}.") from error
        self._lines: Any = enumerate(self._file.__enter__(), 1)
        try:
            self._begin()
        except InputError:
            self._file.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *exception):
        return self._file.__exit__(*exception)

    def _begin(self):
        """Read the first lines: separator, names, columns."""
        cells: Any = []
        self.header, comment = None, ""
        for number, line in self._lines:
            if line.lstrip().startswith("#"):
                comment = line.strip()
            elif line.strip():
                self.separator = "," if "," in line else " "
                cells = self._cells(line)
                if not all(_NUMBER.fullmatch(c) or not c for c in cells):
                    self.header = line.rstrip("\r\n")
                else:
                    self._lines = itertools.chain([(number, line)], self._lines)
                    self.width = len(cells)
                    words = self._cells(comment.lstrip("# "))
                    cells = words if len(words) == len(cells) else len(cells)
                break
        else:
            raise InputError(f"{self.name} holds no points.")
        self._columns = self._choose(cells)

    def _cells(self, line):
        if self.separator == ",":
            return [cell.strip() for cell in next(csv.reader([line.strip()]), [])]
        return line.split()

    def _choose(self, cells):
        """Indices of the needed columns."""
        if isinstance(cells, int) or not set(cells) & set(self._names):
            count = cells if isinstance(cells, int) else len(cells)
            if self.header is None and count == len(self._names):
                return [self._names.index(n) for n in self._needed]
            if self.header is None and count == len(self._needed):
                return list(range(count))
            found = "no name of a parameter" if self.header else f"{count} columns"
            raise InputError(f"{self.name} has {found}. The model was trained on "
                             f"{counted(len(self._names), 'parameter')}: give columns of these "
                             "names, or a file without names and with the columns in this order: "
                             f"{', '.join(self._names)}.")
        missing = [n for n in self._needed if n not in cells]
        twice = [n for n in self._needed if cells.count(n) > 1]
        if missing or twice:
            what = (f"column {', '.join(missing)} is missing" if missing
                    else f"column {', '.join(twice)} is there twice")
            raise InputError(f"{self.name}: {what}. Needed are {', '.join(self._needed)}.")
        return [cells.index(n) for n in self._needed]

    def blocks(self):
        """Yield (lines, x): list of str without line ends, and ndarray (n, needed)."""
        lines = ((k, line.rstrip("\r\n")) for k, line in self._lines
                 if line.strip() and not line.lstrip().startswith("#"))
        while block := list(itertools.islice(lines, _ROWS)):
            text = [line for _, line in block]
            try:
                x = np.loadtxt(text, delimiter="," if self.separator == "," else None,
                               usecols=self._columns, ndmin=2, comments=None,
                               quotechar='"' if self.separator == "," else None)
            except ValueError as error:
                raise InputError(self._complaint(block)) from error
            yield text, x

    def _complaint(self, block):
        """The first line of a block that cannot be read, in words."""
        for number, line in block:
            cells = self._cells(line)
            if max(self._columns) >= len(cells):
                return (f"{self.name}, line {number}: {len(cells)} columns, at least "
                        f"{max(self._columns) + 1} expected.")
            for name, column in zip(self._needed, self._columns, strict=True):
                if not _NUMBER.fullmatch(cells[column]):
                    return (f"{self.name}, line {number}: {name} = {cells[column]!r} is not a "
                            "number.")
        return f"{self.name}, from line {block[0][0]} on: not a table of numbers."
