"""The points of one file or run, with the numbers that stand there and the likelihood of now."""

from difflib import get_close_matches
from pathlib import Path

import numpy as np

from ..calculators.chain.chain import BY_BOUNDS, EXCLUDED, excluded_by_bounds
from ..calculators.steps.constrained import EARLY, NO_MORE, OUTSIDE, Constrained
from ..calculators.steps.user_programs import restored
from ..errors import InputError
from ..evaluation import OBJECTIVE, OK, Evaluation
from ..likelihood.kinds import make_constraints
from ..likelihood.likelihood import Likelihood
from ..likelihood.observables import Observable
from ..likelihood.target import Target
from ..shown import one_line
from .points_file import FIRST, LAST, NAME
from .settings_file import load_settings
from .tables import read_columns

MISSING = "missing"     # status of a point for which programs are needed
RUN = "--run-missing"
NOT_NUMBERS = {*FIRST, *LAST, "predicted", "chi2", "value", OBJECTIVE}


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


def of_file(path, box, config, columns, run=False):
    """Physical points (n, D) of a file, their evaluations as this scan sees them, and bool (n,):
    in the target of the file.

    With `run` a point that lacks a number has the status 'missing', with what is stored: its
    value is then what the calculator itself called chi2, NaN where not all programs were run.
    """
    table, kind = read_columns(path)
    x = np.column_stack([_column(path, name, table, columns, scanned)
                         for name, scanned in zip(box.names, box.is_scanned, strict=True)])
    x = np.where(np.isnan(x) & ~box.is_scanned, box.to_physical(box.to_unit(x)), x)
    numbers = _numbers(table, box, columns, _made(path, kind, config))
    words = table["status"] if "status" in table else np.full(len(x), OK, object)
    status = np.array([str(word) or OK for word in words])
    reason = [str(r) for r in table.get("reason", np.full(len(x), "", object))]
    status, reason = _by_bounds(status, reason, numbers, config)
    far = _far(table, status)
    band = config.Target_value is not None
    value = "value" if band else "chi2"
    given = table.get(columns.get(value, value))
    given = np.full(len(x), np.nan) if given is None else np.asarray(given, float)
    inside = np.asarray(table.get("in_target", np.zeros(len(x)))) == 1
    soft = [e for e in config.Observables if e.soft or e.hard]
    if not soft:
        if not np.isfinite(given).any() and (status == OK).any():
            raise InputError(f"{path}: there is no column {value}, and no log likelihood. "
                             f"Columns: {', '.join(table)}. Give the name of the column: "
                             f"--columns '{value}=COLUMN'.")
        part = [r.endswith(NO_MORE) for r in reason]    # what all programs give is not known
        status, given = np.where(part, "bad_value", status), np.where(part, np.nan, given)
        return x, _evaluations(status, given, numbers, reason, far), inside
    own = _own(path, kind, table, x, box, given)
    lacking = missing_names(config, box, set().union(*numbers[:1]))
    if lacking and not run:
        raise InputError(f"{path}: the target needs {', '.join(lacking)}, but there is no such "
                         f"column. Columns: {', '.join(table)}. Give the name of the column: "
                         f"--columns '{lacking[0]}=COLUMN'; or use retarget with {RUN}, which "
                         "runs the programs for the missing numbers.")
    reason = [EARLY if r.endswith(NO_MORE) else "" if r.startswith(OUTSIDE) else r for r in reason]
    status = np.where((status == EXCLUDED) & np.array([r == "" for r in reason]), OK, status)
    stored = _evaluations(status, own, numbers, reason, far)
    seen = Constrained(Replay(stored), config.Observables, box.names,
                       Target.from_config(config).unit,
                       Path(config.input_file).parent).evaluate(x, None)
    return x, _marked(stored, seen, missing_names(config, box, set())) if run else seen, inside


def _marked(stored, seen, needed):
    """Evaluations `seen` now, those that lack a needed number as they are stored, and 'missing'."""
    return [old._replace(status=MISSING, value=np.nan if old.reason == EARLY else old.value)
            if lacks(old, new, needed) else new for old, new in zip(stored, seen, strict=True)]


def lacks(old, new, needed):
    """Whether a point that did not fail, stored as `old` and now seen as `new`, needs programs."""
    if new.status != "bad_value" or old.status != OK:
        return False
    return old.reason == EARLY or not all(
        old.observables.get(name, np.nan) == old.observables.get(name, np.nan) for name in needed)


def _by_bounds(status, reason, numbers, config):
    """Status (n,) and reasons as this scan calls them of points that HiggsBounds excludes."""
    excludes = config.Calculator == "SPheno" and config.HiggsBounds and config.ExcludeHB
    status, reason = np.array(status, object), list(reason)
    for k, word in enumerate(status):
        if word == EXCLUDED and BY_BOUNDS in reason[k] and not excludes:
            status[k], reason[k] = OK, ""
        failure = excluded_by_bounds(numbers[k]) if word == OK and excludes else None
        if failure:
            status[k], reason[k] = failure.status, failure.reason
    return status, reason


def _far(table, status):
    """What a run has added to chi2 of points that failed (n,), NaN where nothing."""
    unknown = np.full(len(status), np.nan)
    added = table.get(OBJECTIVE, unknown) - table.get("chi2", unknown)
    return np.where((status != OK) & (added > 0), added, np.nan)


def _evaluations(status, value, numbers, reason, far):
    """One Evaluation for each row."""
    rows = zip(status.tolist(), value.tolist(), numbers, reason, far.tolist(), strict=True)
    return [Evaluation(word, chi2, row, why, objective=None if np.isnan(more) else chi2 + more)
            for word, chi2, row, why, more in rows]


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
    """What the calculator itself calls chi2, (n,): a run's chi2 without its constraints.

    What a soft constraint added stands in its column, else it is computed again, with the files
    beside the input file of that run.
    """
    if kind != "run folder":
        return np.zeros(len(x))
    settings = load_settings(path)["settings"]
    entries = [restored(Observable, e) for e in settings.get("Observables", ())]
    written = all(f"chi2_{e.name}" in table for e in entries if e.soft)
    constraints = make_constraints([e for e in entries if e.soft and not written],
                                   Path(settings.get("input_file") or path / NAME).parent)
    likelihood = Likelihood(entries, box.names, None, constraints=constraints)
    numbers = {n: c for n, c in table.items() if c.dtype != object and n not in NOT_NUMBERS}
    soft, _ = likelihood.apply(likelihood.table(x, numbers))
    soft = {e.name: table[f"chi2_{e.name}"] for e in entries if e.soft} if written else soft
    own = given - sum(soft.values())
    return np.where(np.abs(own) > 1e-9 * (1 + np.abs(given)), own, 0.0)


def _made(path, kind, config):
    """Columns of what constraints add to chi2, then and now: they are computed again, while
    other names that begin so are the calculator's own."""
    entries = [*config.Observables]
    if kind == "run folder":
        entries += [restored(Observable, e) for e in
                    load_settings(path)["settings"].get("Observables", ())]
    return {f"chi2_{e.name}" for e in entries}


def _numbers(table, box, columns, made):
    """A dict of observables for each row."""
    back = {column: name for name, column in columns.items()}
    skip = {*NOT_NUMBERS, *map(one_line, box.names), *made,
            *(n for n in table if n.removeprefix("chi2_") in table and n.startswith("chi2_"))}
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
                             f"Columns: {', '.join(table)}. Give the name of the column: "
                             f"--columns '{one_line(name)}=COLUMN'.")
        wanted = low[wanted.lower()]
    if table[wanted].dtype == object:
        raise InputError(f"{path}: the column {wanted!r} holds words, but numbers are expected.")
    return table[wanted]
