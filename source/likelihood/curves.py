"""Limits and tables in CSV files: which columns are meant, and whether they are a curve at all."""

import numpy as np

from ..errors import InputError
from ..files import located


class Curve:
    """A limit that depends on one or two quantities, from a CSV file.

    Columns: the quantities, then the limit, or the column of it that is named: 'file.csv:2',
    'file.csv:observed'. Outside of the file's range there is no limit (NaN).

    Parameters
    ----------
    points : (m, k) array, k = 1 or 2
    limit : (m,) array
    log : bool
        Interpolate between the logarithms of everything.
    """

    def __init__(self, points, limit, log):
        self.points, self.limit, self.log = points, limit, log
        self._surface = None

    @classmethod
    def find(cls, limit, entry, folder, curves=None):
        """A limit of an entry: a number as it is, else the curve of a file, or of `curves`."""
        if not isinstance(limit, str):
            return limit
        return curves[limit] if curves and limit in curves else cls.read(limit, entry, folder)

    @classmethod
    def read(cls, path, entry, folder):
        """The curve in the CSV file `path` (str) of an entry; relative paths start from `folder`.

        Raises
        ------
        InputError
            The file is not one: no numbers, too few columns or rows, several columns of which
            none is named, not finite, or two limits at the same place.
        """
        n, what = len(entry.along), f"observable {entry.name!r}"
        path, column = _split(path, folder)
        file, table = csv_numbers(path, entry, folder)
        log = entry.interpolation == "log"
        if table.ndim != 2 or table.shape[1] < n + 1 or len(table) < n + 1:
            raise InputError(f"{what}: {file} must have {n + 1} columns "
                             f"({', '.join(entry.along)}, limit) and some rows.")
        place = _place(column, headings(file, table.shape[1]), n, f"{what}: {file}", path)
        table = table[:, [*range(n), place]] * (entry.units or 1.0)
        if not np.isfinite(table).all() or (log and (table <= 0).any()):
            raise InputError(f"{what}: all numbers in {file} must be finite"
                             + (", and above zero for interpolation='log'." if log else "."))
        table = _single_valued(table, entry, file)
        return cls(table[:, :-1], table[:, -1], log)

    def __getstate__(self):
        return {**self.__dict__, "_surface": None}

    def __call__(self, *along):
        """Limit (n,) at the quantities, each (n,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            at, known, limit = (np.log(a) if self.log else np.asarray(a, float)
                                for a in (np.column_stack(along), self.points, self.limit))
        if known.shape[1] == 1:
            found = np.interp(at[:, 0], known[:, 0], limit, left=np.nan, right=np.nan)
        else:
            if self._surface is None:
                from scipy.interpolate import (
                    LinearNDInterpolator,  # a second that most commands do without
                )
                self._surface = LinearNDInterpolator(known, limit, rescale=True)
            found = self._surface(np.where(np.isfinite(at), at, 1e300))
        return np.exp(found) if self.log else found


def _split(text, folder):
    """The file, and the column behind its ':', '' where there is none."""
    file, colon, column = text.rpartition(":")
    return (file, column.strip()) if colon and not located(text, folder).exists() else (text, "")


def _place(column, names, n, what, path):
    """Index of the column of the limit, behind the n of `along`."""
    there = "; ".join(f"{i} {name}".strip() for i, name in enumerate(names, 1))
    if not column and len(names) == n + 1:
        return n
    if not column:
        raise InputError(f"{what} has {len(names)} columns ({there}). Say which one is the limit, "
                         f"by its number or name: '{path}:{n + 1}'.")
    if column.isdecimal() and n < int(column) <= len(names):
        return int(column) - 1
    word = column.casefold()
    found = [i for i, name in enumerate(names) if i >= n and name.casefold() == word] or \
        [i for i, name in enumerate(names) if i >= n and word in name.casefold()]
    if len(found) != 1 or column.isdecimal():
        trouble = "means several columns" if found and not column.isdecimal() else \
            "is not a column after those of along"
        raise InputError(f"{what}: {column!r} {trouble}. Its columns: {there}.")
    return found[0]


def _single_valued(table, entry, file):
    """The rows in order, each place once; InputError where they are no function of it."""
    what = f"observable {entry.name!r}: {file} is not a curve"
    table = table[np.sort(np.unique(table, axis=0, return_index=True)[1])]
    places, times = np.unique(table[:, :-1], axis=0, return_counts=True)
    if (times > 1).any():
        at = ", ".join(f"{x:g}" for x in places[np.argmax(times)])
        raise InputError(f"{what}: it has {times.max()} limits at {', '.join(entry.along)} = {at}. "
                         "A contour is not a limit: keep the side of it that is the limit, or make "
                         "it a table of the likelihood.")
    order = np.argsort(table[:, 0], kind="stable")
    steps, ordered = np.diff(table[:, 0]), table[order]
    if table.shape[1] == 2 and not ((steps > 0).all() or (steps < 0).all()):
        rises = np.diff(ordered[:, 1])
        if (rises > 0).any() and (rises < 0).any():
            raise InputError(f"{what}: its first column goes up and down, like that of a "
                             "contour. If it is a limit, sort its lines by that column.")
    return ordered


def csv_numbers(path, entry, folder, heading=True):
    """The file, and the numbers (m, k) in it; InputError for a file that is not of numbers."""
    file = located(path, folder)
    try:
        return file, np.array([[float(word) for word in row] for row in _rows(file, heading)])
    except (OSError, ValueError) as error:
        raise InputError(f"observable {entry.name!r}: {file} cannot be read as numbers: "
                         f"{error}.") from None


def _rows(file, heading):
    """Split lines of a CSV file, without comments and a heading."""
    lines = [line.partition("#")[0].replace(",", " ").replace(";", " ").split()
             for line in file.read_text("utf-8-sig").splitlines()]
    rows = [line for line in lines if line]
    if heading and rows and not _numeric(rows[0][0]):
        rows = rows[1:]
    if not rows:
        raise ValueError("it has no rows")
    if len({len(row) for row in rows}) > 1:
        raise ValueError("its rows have different numbers of columns")
    return rows


def headings(file, n):
    """Names of the n columns of a CSV file, from the last line before its numbers; else ''."""
    last = ""
    for line in file.read_text("utf-8-sig").splitlines():
        first = line.strip().lstrip("#").strip()
        if line.strip() and not line.lstrip().startswith("#") and _numeric(first):
            break
        last = first or last
    words = [word.strip() for word in (last.replace(";", ",").split(",")
                                       if "," in last or ";" in last else last.split())]
    return words if len(words) == n else [""] * n


def _numeric(line):
    return line[:1].isdigit() or line[:1] in "+-."
