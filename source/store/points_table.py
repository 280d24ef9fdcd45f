"""Reading points.csv: as a table of columns, and as the `Points` a scan goes on from."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from ..aliases import ORIGINS
from ..errors import StorageError
from ..evaluation import OBJECTIVE
from ..shown import one_line
from .old_points import (
    VALUE,
    may_be_old,
    moving_target,
    now_inside,
    objective,
    old_rows,
    outside,
    split,
)
from .points import Points
from .points_file import FIRST, LAST
from .table_text import digits, read_header, rewrite

TEXT = ("origin", "status", "reason")
WHOLE = ("id", "iteration", "in_target")


def read_table(path: str | Path, columns: Any = None) -> dict[str, np.ndarray]:
    """A points.csv as columns, sorted by id.

    A last line that is still being written is left out.

    Parameters
    ----------
    path : path
    columns : collection of str, optional
        The columns wanted; all when None. Others cost neither time nor memory.

    Returns
    -------
    dict of str to ndarray
        id, iteration and in_target as int, origin, status and reason as str, the rest as float.
        Of old runs with hard limits, chi2 and the objective are separated; for a target that
        follows the best point, in_target is what it is by all rows. See `old_points`.

    Raises
    ------
    StorageError
        For a row that does not fit the header, with its line number, and for an id that is there
        twice.
    """
    path = Path(path)
    try:
        header = read_header(path)
        complete = _count_lines(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    if tuple(header[:len(FIRST)]) != FIRST or tuple(header[-len(LAST):]) != LAST:
        raise StorageError(f"{path} is not a table of evaluated points: its first line is "
                           f"{','.join(header)[:80]!r}.")
    wanted = set((*header, OBJECTIVE) if columns is None else columns) | {"id"}
    old = may_be_old(path, header) and VALUE in wanted
    moving = moving_target(path, header) if "in_target" in wanted else None
    more = {"status", "reason", OBJECTIVE, VALUE} if old or moving else set()
    table = _sorted(path, header, wanted | more, complete - 1)
    if old and old_rows(table).any():
        table = split(path, _sorted(path, header, set(header), complete - 1))
    if moving:
        table["in_target"] = now_inside(moving, table)
    return {name: column for name, column in table.items() if name in wanted}


def _sorted(path, header, wanted, n):
    """The wanted columns of the n rows of the file, sorted by id."""
    rows = _load(path, [(name, _kind(name, wanted)) for name in header], n)
    order = np.argsort(rows["id"], kind="stable")
    _refuse_twins(path, rows["id"][order])
    table = {name: _shared(rows[name][order]) if name in TEXT else rows[name][order]
             for name in header if name in wanted}
    for old, name in ORIGINS.items() if "origin" in table else ():
        table["origin"][table["origin"] == old] = name
    return table


def _kind(name, wanted):
    if name not in wanted:
        return "S1"  # read, so that a row of the wrong length is noticed, and forgotten
    return object if name in TEXT else (int if name in WHOLE else float)


def _load(path, kinds, n):
    try:
        kinds = np.dtype(kinds)
        if n < 1:
            return np.empty(0, kinds)
        return np.loadtxt(path, kinds, delimiter=",", skiprows=1, quotechar='"', ndmin=1,
                          comments=None, max_rows=n, encoding="utf-8")
    except ValueError as error:
        raise StorageError(f"{path} is damaged: {_with_line(error)}. Correct that line by hand, or "
                           "start a new run with --new.") from error


def _has_limits(path):
    """Points of this file may break hard limits."""
    try:
        header = read_header(path)
    except OSError:     # read_table says it
        return False
    return OBJECTIVE in header or may_be_old(path, header)


def _count_lines(path):
    """Number of finished lines."""
    with Path(path).open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _with_line(error):
    """NumPy counts rows after the header, from 0 or from 1; people count lines of the file."""
    words = re.sub(r"; use `usecols`.*", "", str(error)).rstrip(".")
    first = 1 if "columns but" in words else 2
    return re.sub(r"at row (\d+)", lambda m: f"on line {int(m[1]) + first}", words)


def _refuse_twins(path, ids):
    twins = ids[1:][np.diff(ids) == 0]
    if len(twins):
        raise StorageError(f"{path} is damaged: it has two rows with id {twins[0]}. Delete one, or "
                           "start a new run with --new.")


def _shared(column):
    """Equal words as one string, so that a million of them need little memory."""
    known: dict[str, str] = {}
    return np.array([known.setdefault(word, word) for word in column], object)


def refuse_unknown(path, ids, x, names):
    """Raise StorageError for a point without a number for each parameter x (n, d): somebody has
    changed it by hand."""
    rows, columns = np.nonzero(~np.isfinite(x))
    if len(rows):
        raise StorageError(f"{path} is damaged: the point with id {ids[rows[0]]} has "
                           f"{names[columns[0]]} = {x[rows[0], columns[0]]}; a finite number is "
                           "expected. Put its number back, or start a new run with --new.")


def read_points(path, box, value_name, target, observables=()):
    """The evaluated points of a points.csv, their membership in the target evaluated anew.

    Parameters
    ----------
    path : path
    box : parameters.Box
    value_name : str
        'chi2' or 'value'.
    target : Target
    observables : sequence of str
        Those that a regressor learns; NaN where there is no such column.

    Returns
    -------
    Points

    Raises
    ------
    StorageError
        No such table, a column of a parameter or of the value is missing, a parameter of a point
        is no finite number, or as `read_table`.
    """
    names = [one_line(name) for name in box.names]
    words = {"reason", OBJECTIVE} if _has_limits(path) else set()   # words need time and memory
    table = read_table(path, {"id", "iteration", "origin", "status", value_name, *words, *names,
                              *observables})
    missing = [n for n in (*names, value_name) if n not in table]
    if missing:
        raise StorageError(f"{path} has no column {', '.join(missing)}.")
    x = np.column_stack([table[name] for name in names]) if len(table["id"]) else \
        np.empty((0, len(names)))
    refuse_unknown(path, table["id"], x, names)
    chi2, status = table[value_name], table["status"]
    value = objective(table, chi2)
    unknown = np.full(len(value), np.nan)
    learned = [table.get(name, unknown) for name in observables]
    return Points(box.dim, id=table["id"], iteration=table["iteration"], origin=table["origin"],
                  x=x, u=box.to_unit(x), value=value, status=status,
                  inside=target.holds(status, value), chi2=chi2,
                  observables=np.reshape(learned, (len(learned), len(value))).T)


def check_complete(path, points, before, batch_x):
    """That points.csv and state.npz belong together.

    Parameters
    ----------
    path : path
        Of points.csv, for the message.
    points : Points
    before : int
        Points evaluated before the batch at work; all of them must be there.
    batch_x : float array (n, d)
        Physical points of that batch; none of it, a part or all may be there.

    Raises
    ------
    StorageError
    """
    early = int((points.id < before).sum())
    if early < before:
        raise StorageError(f"{path} lacks {before - early} of the {before} points that were "
                           "evaluated before the last batch. Put the complete file back, or start "
                           "a new run with --new.")
    row = points.id[before:] - before
    if len(row) and (row[-1] >= len(batch_x)
                     or not np.array_equal(points.x[before:], batch_x[row])):
        raise StorageError(f"{path} and state.npz beside it do not belong together: the two have "
                           "different points in the last batch. Put back the files of one run, or "
                           "start a new run with --new.")


def is_old(path):
    """Whether a points.csv may hold chi2 and objective in one column."""
    header = read_header(path)
    return OBJECTIVE not in header and may_be_old(path, header)


def split_file(path):
    """Write an old points.csv anew, chi2 and objective in two columns.

    The objective is what stood in the column chi2, so that nothing is lost. Where a limit's file
    is not there any more, it is left as it is.
    """
    header, table = read_header(path), read_table(path)
    if OBJECTIVE not in table or np.isnan(table[VALUE][outside(table)]).any():
        return
    at = {int(i): row for row, i in enumerate(table["id"])}
    place = header.index(VALUE)

    def changed(row):
        i = at[int(row[0])]
        return [*row[:place], digits(table[VALUE][i]), digits(table[OBJECTIVE][i]),
                *row[place + 1:]]

    rewrite(path, [*header[:place + 1], OBJECTIVE, *header[place + 1:]], changed)


def write_inside(path, points):
    """Have the column in_target as it is of these points, where the target has moved since."""
    header = read_header(path)
    place, inside = header.index("in_target"), dict(zip(points.id.tolist(), points.inside.tolist(),
                                                        strict=True))
    rewrite(path, header, lambda row: [*row[:place], int(inside[int(row[0])]), *row[place + 1:]])
