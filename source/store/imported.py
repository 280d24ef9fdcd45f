"""Points that were evaluated elsewhere, made ready for a scan: checked, counted, evaluated anew.

Nothing is run for them: their numbers are those of the file, and only the likelihood of the scan
that takes them in is applied.
"""

from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from ..acquisition.proposer import Batch
from ..calculators.steps.constrained import OUTSIDE, Constrained
from ..calculators.steps.user_programs import restored
from ..errors import InputError
from ..evaluation import OK, Evaluation
from ..likelihood.likelihood import Likelihood
from ..likelihood.observables import Observable
from ..shown import one_line
from .points_file import FIRST, LAST
from .settings_file import load_settings
from .tables import read_columns

ORIGIN = "imported"         # of the points in points.csv, with the name of the file behind it
NOT_NUMBERS = {*FIRST, *LAST, "predicted", "chi2", "value", "objective"}


@dataclass
class Imported:
    """Points to start a scan from.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    x : float array (n, D)
        All parameters, physical units.
    evaluations : list of Evaluation or None
        None: to be evaluated by the programs.
    origin : list of str
        'imported NAME'.
    was_inside : bool array (n,)
        In the target of the run they come from.
    told : list of str
        What was left out and why, in words.
    """

    u: np.ndarray
    x: np.ndarray
    evaluations: list
    origin: list
    was_inside: np.ndarray
    told: list = field(default_factory=list)

    def __len__(self):
        return len(self.u)


class Beginning:
    """The first batches of a scan: points from elsewhere where there are any, then the design.

    Parameters
    ----------
    start : Imported or None
    points : Points
        Of the run so far.
    size : int
        Points of the design; those from elsewhere count as a part of it.

    Attributes
    ----------
    given : int
        Points from elsewhere, which are the first of the run.
    """

    def __init__(self, start, points, size):
        self.start, self.size = start, size
        stored = sum(o.startswith(ORIGIN) for o in points.origin)
        self.given = len(start) if start and (stored or not len(points)) else stored

    def due(self, next_id):
        """Whether the batch that begins with this id is one of the first."""
        return not next_id or next_id == self.given < self.size

    def batch(self, next_id, proposer, rng):
        """The batch that begins with this id."""
        if self.start and not next_id:
            return Batch(self.start.u, self.start.origin, np.full(len(self.start), np.nan))
        return proposer.first(rng).head(self.size - self.given)

    def known(self, ids):
        """(id, Evaluation) of those of these points that come from elsewhere and have one."""
        evaluations = self.start.evaluations if self.start else []
        return [(i, evaluations[i]) for i in ids
                if i < min(self.given, len(evaluations)) and evaluations[i] is not None]


class Replay:
    """A calculator that gives the stored numbers of points instead of evaluating them.

    Parameters
    ----------
    evaluations : list of Evaluation
        For the rows of `evaluate`, in order; observables by name.
    """

    share, citations, open_names = 1 << 30, (), True

    def __init__(self, evaluations):
        self.evaluations = evaluations
        self.observables = tuple(dict.fromkeys(n for e in evaluations for n in e.observables))

    def evaluate(self, x, scratch=None):
        """The stored evaluations; x (n, D) is not looked at."""
        return list(self.evaluations)


def gather(files, box, config, columns=None, again=()):
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

    Raises
    ------
    InputError
        A file can not be read, has no column for a parameter, or no number from which the value
        could be computed.
    """
    parts = [_of_file(Path(file), box, config, columns or {}) for file in files]
    x = np.concatenate([part[0] for part in parts])
    evaluations = [e for part in parts for e in part[1]]
    was_inside = np.concatenate([part[2] for part in parts])
    origin = [f"{ORIGIN} {Path(file).name}" for file, part in zip(files, parts, strict=True)
              for _ in part[1]]
    keep, told = _fit(x, box)
    redo = np.array([e.status in again for e in evaluations], bool)
    whole = redo | np.array([np.isfinite(e.value) or e.status != OK for e in evaluations], bool)
    told["without a value"] = int((keep & ~whole).sum())
    keep &= whole
    rows = np.flatnonzero(keep)
    first, same = np.unique(np.round(box.to_unit(x[rows]), 12), axis=0, return_index=True,
                            return_inverse=True)[1:]
    told["that stand there twice"] = len(rows) - len(first)
    conflicts = _conflicts(evaluations, rows, first[same.ravel()])
    rows = rows[np.sort(first)]
    words = [f"{len(rows)} points of {', '.join(map(str, files))} are taken in",
             *(f"{n} points {why} are left out" for why, n in told.items() if n), *conflicts,
             *([f"{redo[rows].sum()} points with status {', '.join(again)} are evaluated again"]
               if again else [])]
    if not len(rows):
        raise InputError("; ".join(words) + ". There is nothing to start from.")
    return Imported(box.to_unit(x[rows]), x[rows],
                    [None if redo[i] else evaluations[i] for i in rows],
                    [origin[i] for i in rows], was_inside[rows], words)


def _conflicts(evaluations, rows, first):
    """What to say of points that stand there twice with different values; a list of one or none."""
    found = [(rows[one], row) for one, row in zip(first, rows, strict=True) if rows[one] != row and
             not np.isclose(evaluations[rows[one]].value, evaluations[row].value, rtol=1e-5,
                            equal_nan=True)]
    if not found:
        return []
    a, b = (evaluations[i].value for i in found[0])
    return [f"{len(found)} of these have two different values ({a:.8g} and {b:.8g}, for one); the "
            "first one is taken"]


def _fit(x, box):
    """Bool (n,) of points that the scan could propose, and a count of the others by reason."""
    told = Counter()
    complete = np.isfinite(x).all(axis=1)
    told["with a missing parameter"] = int((~complete).sum())
    inside = complete.copy()
    inside[complete] = box.contains(x[complete])
    told["outside the ranges"] = int((complete & ~inside).sum())
    allowed = inside.copy()
    if box.precut is not None and inside.any():
        allowed[inside] = box.precut(box.to_unit(x[inside]))
    told["that a pre-cut forbids"] = int((inside & ~allowed).sum())
    return allowed, told


def _of_file(path, box, config, columns):
    """Physical points (n, D) of a file, their evaluations as this scan sees them, and bool (n,):
    in the target of the file."""
    table, kind = read_columns(path)
    x = np.column_stack([_column(path, name, table, columns, scanned)
                         for name, scanned in zip(box.names, box.is_scanned, strict=True)])
    x = np.where(np.isnan(x) & ~box.is_scanned, box.to_physical(box.to_unit(x)), x)
    numbers = _numbers(table, box, columns)
    words = table["status"] if "status" in table else np.full(len(x), OK, object)
    status = np.array([str(word) or OK for word in words])
    reason = [str(r) for r in table.get("reason", np.full(len(x), "", object))]
    band = config.Target_value is not None
    value = "value" if band else "chi2"
    given = table.get(columns.get(value, value))
    given = np.full(len(x), np.nan) if given is None else np.asarray(given, float)
    inside = np.asarray(table.get("in_target", np.zeros(len(x)))) == 1
    soft = [e for e in config.Observables if e.soft or e.hard]
    if not soft:
        if not np.isfinite(given).any() and (status == OK).any():
            raise InputError(f"{path}: no column {value}, nor a log likelihood. Columns: "
                             f"{', '.join(table)}. Name it: --columns '{value}=COLUMN'.")
        return x, _evaluations(status, given, numbers, reason), inside
    own = _own(path, kind, table, x, box, given)
    lacking = missing_names(config, box, set().union(*numbers[:1]))
    if lacking:
        raise InputError(f"{path}: the target needs {', '.join(lacking)}, and there is no such "
                         f"column. Columns: {', '.join(table)}. Name it: --columns "
                         f"'{lacking[0]}=COLUMN'.")
    reason = ["" if r.startswith(OUTSIDE) else r for r in reason]
    status = np.where((status == "excluded") & np.array([r == "" for r in reason]), OK, status)
    stored = _evaluations(status, own, numbers, reason)
    threshold = None if band else config.Chi_square_threshold
    return x, Constrained(Replay(stored), config.Observables, box.names, threshold,
                          Path(config.input_file).parent).evaluate(x, None), inside


def _evaluations(status, value, numbers, reason):
    """One Evaluation for each row."""
    return [Evaluation(*row) for row in zip(status.tolist(), value.tolist(), numbers, reason,
                                            strict=True)]


def missing_names(config, box, known):
    """Names that the observables of a scan need and nobody has: sorted, for a message."""
    likelihood = Likelihood(config.Observables, box.names, None,
                            Path(config.input_file).parent)
    known = known | set(likelihood.names)
    needed = {n for c in likelihood.constraints for n in c.needs}
    for entry in likelihood.entries:
        if entry.name in likelihood.formulas:
            needed |= set(likelihood.formulas[entry.name].names)
        elif not entry.optional and not entry.members:
            needed.add(entry.name)
    made = {e.name for e in likelihood.entries if e.name in likelihood.formulas}
    return sorted(needed - known - made)


def _own(path, kind, table, x, box, given):
    """What the calculator itself calls chi2, (n,): a run's chi2 without its constraints."""
    if kind != "run folder":
        return np.zeros(len(x))
    settings = load_settings(path)["settings"]
    entries = [restored(Observable, e) for e in settings.get("Observables", ())]
    threshold = settings.get("Chi_square_threshold")
    likelihood = Likelihood(entries, box.names, threshold, path)
    numbers = {n: c for n, c in table.items() if c.dtype != object and n not in NOT_NUMBERS}
    soft, excess = likelihood.apply(likelihood.table(x, numbers))
    own = given - sum(soft.values())
    if excess and threshold is not None:
        ok = np.asarray(table["status"], str) == OK
        own = own - np.where(ok, likelihood.penalty(excess), 0.0)
    return np.where(np.abs(own) > 1e-9 * (1 + np.abs(given)), own, 0.0)


def _numbers(table, box, columns):
    """A dict of observables for each row."""
    back = {column: name for name, column in columns.items()}
    skip = {*NOT_NUMBERS, *map(one_line, box.names), *(n for n in table if n.startswith("chi2_"))}
    chosen = {back.get(name, name): column for name, column in table.items()
              if column.dtype != object and back.get(name, name) not in skip}
    rows = zip(*(column.tolist() for column in chosen.values()), strict=True)
    n = len(next(iter(table.values())))
    return [dict(zip(chosen, row, strict=True)) for row in rows] if chosen else [{}] * n


def _column(path, name, table, columns, needed):
    """The column of a parameter: as `columns` says, of the same name, or the same but for case.

    NaN where there is none and it is not `needed`: fixed parameters and formulas.
    """
    wanted = columns.get(name, one_line(name))
    if wanted not in table:
        low = {c.lower(): c for c in table}
        if name in columns or wanted.lower() not in low:
            if not needed and name not in columns:
                return np.full(len(next(iter(table.values()))), np.nan)
            close = get_close_matches(wanted, list(table), 1)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise InputError(f"{path} has no column {wanted!r} for the parameter {name!r}.{meant} "
                             f"Columns: {', '.join(table)}. Name it: --columns "
                             f"'{one_line(name)}=COLUMN'.")
        wanted = low[wanted.lower()]
    if table[wanted].dtype == object:
        raise InputError(f"{path}: the column {wanted!r} holds words, not numbers.")
    return table[wanted]
