"""Points that were evaluated elsewhere, made ready for a scan: checked, counted, evaluated anew.

Nothing is run for them: their numbers are those of the file, and only the likelihood of the scan
that imports them is applied.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from ..errors import InputError, NothingToDo
from ..evaluation import OK
from ..shown import counted
from .beginning import ORIGIN, Imported
from .import_file import MISSING, missing_names, of_file


def gather(files, box, config, columns=None, again=(), run=False):
    """The points of some files, as this scan evaluates them.

    Parameters
    ----------
    files : sequence of path
        Run folders or tables; see `tables.read_columns`.
    box : Box
    config : ScanConfig
        Its observables, threshold or band say what chi2 is.
    columns : dict of str to str, optional
        Parameter or observable -> name of its column in the files.
    again : sequence of str
        Statuses of points that are to be evaluated by the programs again.
    run : bool
        So are points that lack a number; what is stored of them is kept in `lacking`.

    Raises
    ------
    InputError
        A file cannot be read, has no column for a parameter, or no number from which the value
        could be computed.
    """
    parts = [of_file(Path(file), box, config, columns or {}, run) for file in files]
    x = np.concatenate([part[0] for part in parts])
    evaluations = [e for part in parts for e in part[1]]
    was_inside = np.concatenate([part[2] for part in parts])
    origin = [word for file, part in zip(files, parts, strict=True)
              for word in [f"{ORIGIN} {Path(file).name}"] * len(part[1])]
    keep, told = _fit(x, box)
    _must_have(again, evaluations, files)
    redo = np.array([e.status in (*again, MISSING) for e in evaluations], bool)
    whole = redo | np.array([np.isfinite(e.value) or e.status != OK for e in evaluations], bool)
    told["without a value"] = int((keep & ~whole).sum())
    keep &= whole
    rows = np.flatnonzero(keep)
    first, same = np.unique(np.round(box.to_unit(x[rows]), 12), axis=0, return_index=True,
                            return_inverse=True)[1:]
    told["given twice"] = len(rows) - len(first)
    conflicts = _conflicts(evaluations, rows, first[same.ravel()])
    rows = rows[np.sort(first)]
    words = [f"Imported from {', '.join(map(str, files))}: {counted(len(rows), 'point')}",
             *(f"Left out: {counted(n, 'point')} {why}" for why, n in told.items() if n),
             *conflicts,
             *([f"Evaluated again: {counted(redo[rows].sum(), 'point')} with status "
                f"{' or '.join(again)}"] if again else []),
             *(_lacking(evaluations, rows, config, box) if run else [])]
    if not len(rows):
        raise InputError("; ".join(words) + ". There is nothing to start from.")
    return Imported(box.to_unit(x[rows]), x[rows],
                    [None if redo[i] else evaluations[i] for i in rows],
                    [origin[i] for i in rows], was_inside[rows], words,
                    {k: evaluations[i] for k, i in enumerate(rows)
                     if evaluations[i].status == MISSING})


def _must_have(again, evaluations, files):
    """Raise NothingToDo when no point has one of the statuses that are to be evaluated again."""
    there = Counter(e.status for e in evaluations)
    if again and not any(there[word] for word in again):
        words = ", ".join(f"{word} ({n})" for word, n in there.most_common())
        raise NothingToDo(f"{', '.join(map(str, files))}: no point has the status "
                          f"{' or '.join(again)}, so there is nothing to try again. Statuses "
                          f"of its points: {words}.")


def missing_of(lacking, config, box):
    """Names (a set) that some of these evaluations lack and the target needs."""
    needed = missing_names(config, box, set())
    return {name for e in lacking for name in needed
            if not np.isfinite(e.observables.get(name, np.nan))}


def _lacking(evaluations, rows, config, box):
    found = [evaluations[i] for i in rows if evaluations[i].status == MISSING]
    names = ", ".join(sorted(missing_of(found, config, box)))
    return [f"{counted(len(found), 'point')} without {names or 'the numbers of some programs'}: "
            "the programs for these numbers are run"] if found else []


def _conflicts(evaluations, rows, first):
    """What to say of points that occur twice with different values; a list of one or none."""
    found = [(rows[one], row) for one, row in zip(first, rows, strict=True) if rows[one] != row and
             not np.isclose(evaluations[rows[one]].value, evaluations[row].value, rtol=1e-5,
                            equal_nan=True)]
    if not found:
        return []
    a, b = (evaluations[i].value for i in found[0])
    return [f"Of these, {len(found)} with two different values (for example {a:.8g} and {b:.8g}); "
            "the first value is used"]


def _fit(x, box):
    """Bool (n,) of points that the scan could propose, and a count of the others by reason."""
    told = Counter()
    complete = np.isfinite(x).all(axis=1)
    told["with a missing parameter"] = int((~complete).sum())
    inside = complete.copy()
    inside[complete] = box.contains(x[complete])
    other = complete & ~inside & box.within(x)
    told["outside the ranges"] = int((complete & ~inside & ~other).sum())
    told["with another whole number, choice, fixed value or formula"] = int(other.sum())
    allowed = inside.copy()
    if box.precut is not None and inside.any():
        allowed[inside] = box.precut(box.to_unit(x[inside]))
    told["that a pre-cut forbids"] = int((inside & ~allowed).sum())
    return allowed, told
