"""What a row of points.csv does not tell by itself: objectives of old runs, targets that move."""

from pathlib import Path

import numpy as np

from ..calculators.steps.user_programs import restored
from ..errors import InputError
from ..evaluation import OBJECTIVE, OK, OUTSIDE
from ..likelihood.kinds import make_constraints
from ..likelihood.likelihood import Likelihood
from ..likelihood.observables import Observable
from ..likelihood.target import Target
from ..shown import one_line
from ..space.expressions import identifier
from .settings_file import SETTINGS, load_settings

VALUE = "chi2"


def outside(table):
    """Bool (n,): points that are evaluated well and break a hard limit."""
    words = np.array([str(reason).startswith(OUTSIDE) for reason in table["reason"]], bool)
    return (table["status"] == OK) & words


def objective(table, chi2):
    """What is learned of points (n,): the objective where there is one, else `chi2`."""
    known = table.get(OBJECTIVE)
    return chi2 if known is None else np.where(np.isfinite(known), known, chi2)


def may_be_old(path, header):
    """Whether a points.csv with these columns has points that break hard limits.

    Those that have no objective are old: the objective stands in the column chi2.
    """
    if VALUE not in header or not Path(path).with_name(SETTINGS).exists():
        return False
    settings = load_settings(Path(path).parent)["settings"]
    return settings.get("Target_value") is None and any(_hard(settings))


def moving_target(path, header):
    """The target of a run folder whose target follows the best point; None where it does not."""
    if VALUE not in header or not Path(path).with_name(SETTINGS).exists():
        return None
    target = Target.from_settings(load_settings(Path(path).parent)["settings"])
    return None if target.above is None else target


def now_inside(target, table):
    """Which points (n,), 0 or 1, are in a target that follows the best of them."""
    allowed = (table["status"] == OK) & ~outside(table) & np.isfinite(table[VALUE])
    if allowed.any():
        target.move(table[VALUE][allowed].min() + target.above)
    return (allowed & target.inside(table[VALUE])).astype(int)


def old_rows(table):
    """Bool (n,) of these points."""
    known = table.get(OBJECTIVE)
    return outside(table) & (True if known is None else ~np.isfinite(known))


def split(path, table):
    """The table with chi2 and objective apart, the objective behind chi2.

    Parameters
    ----------
    path : path
        The points.csv of a run folder; what its limits are stands beside it.
    table : dict of str to ndarray (n,)
        All of its columns.

    Returns
    -------
    dict of str to ndarray (n,)
        chi2 is NaN where a limit's file is not there any more.
    """
    rows = old_rows(table)
    mixed = table[VALUE]
    known = table.get(OBJECTIVE, np.where(table["status"] == OK, mixed, np.nan))
    chi2 = np.where(rows, mixed - _added(Path(path), table), mixed)
    both = {VALUE: chi2, OBJECTIVE: np.where(rows, mixed, known)}
    names = [n for n in table if n != OBJECTIVE]
    at = names.index(VALUE) + 1
    return {name: both.get(name, table.get(name)) for name in (*names[:at], OBJECTIVE, *names[at:])}


def _added(path, table):
    """What hard limits have added to chi2 (n,); NaN where that is not known."""
    content = load_settings(path.parent)
    settings = content["settings"]
    names = [str(p["name"]) for p in content.get("parameters", ())]
    hard = _hard(settings)
    numbers = {name: column for name, column in table.items() if column.dtype != object}
    entries = [restored(Observable, e) for e in settings.get("Observables", ())]
    x = np.empty((len(table[VALUE]), 0))
    try:
        made = make_constraints(hard, Path(settings.get("input_file") or path).parent)
        likelihood = Likelihood(entries, (), Target.from_settings(settings).unit, constraints=made)
        excess = likelihood.apply(likelihood.table(x, _by_identifier(numbers, names)))[1]
    except InputError:
        return np.full(len(x), np.nan)
    return likelihood.penalty(excess)


def _by_identifier(numbers, names):
    """Parameters by the names that formulas use, too."""
    return numbers | {identifier(name): numbers[one_line(name)] for name in names
                      if one_line(name) in numbers}


def _hard(settings):
    """The hard limits of stored settings."""
    entries = [restored(Observable, e) for e in settings.get("Observables") or ()]
    return [entry for entry in entries if entry.hard]
