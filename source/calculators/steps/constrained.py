"""Observables and their constraints over any calculator: chi2 is the sum, hard limits cut."""

import functools
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError
from ...evaluation import OBJECTIVE, OK, OUTSIDE, Evaluation
from ...likelihood.likelihood import Likelihood
from ...likelihood.target import Target
from ...space.expressions import Expression, identifier, not_known, unknown_names

EARLY = "ended early: "     # in the reason of a point that was given to no more programs
NO_MORE = "; no more programs were run"     # how the reason of such a point ends


class EarlyEnd:
    """Which hard limits the numbers break that are known so far; what is unknown breaks none.

    Parameters
    ----------
    of : tuple
        What `Likelihood` is made of.
    """

    def __init__(self, of):
        self._of = of

    @classmethod
    def from_config(cls, config, names):
        """None where the settings do not ask for it, or the target is a band of values."""
        if not config.End_early or not config.Observables or Target.from_config(config).is_band:
            return None
        return cls(_entries(config, names))

    @functools.cached_property
    def likelihood(self):
        """Made for the first point that needs it: by then the input file is known to be right."""
        return Likelihood(*self._of)

    def __call__(self, x, numbers):
        """The broken ones in words, '' for none; x (D,), numbers a dict of str to float."""
        known = {name: np.array([value], float) for name, value in numbers.items()}
        table = self.likelihood.table(np.asarray(x, float)[None], known)
        return ", ".join(f"{c.name} ({c.words(table, 0)})" for c in self.likelihood.constraints
                         if c.entry.hard and np.nan_to_num(c.excess(table))[0] > 0)


class Constrained:
    """A calculator whose answers are evaluated by the `Observables` of the input file.

    chi2 is what the calculator itself calls chi2, plus that of each constraint. A point that
    breaks a hard limit keeps the status 'ok' and its chi2, names the limits in its reason, and
    gets an objective above the threshold that grows with the distance, so that a scan finds its
    way back; what the calculator itself adds for a point that failed is kept. With a target that
    is a band of values there is no such way: the status is 'excluded'.

    Parameters
    ----------
    calculator : object
        Any calculator; `value_is_chi2 = False` tells that its value is not to be counted.
    entries : sequence of observables.Observable
    names : sequence of str
        All parameters of a point.
    threshold : float or None
        Of chi2; None for a target band.
    folder : Path
        Where relative paths start.
    """

    def __init__(self, calculator, entries, names, threshold, folder="."):
        self.calculator, self.threshold = calculator, threshold
        self.likelihood = Likelihood(entries, names, threshold, folder)
        self.entries = self.likelihood.entries
        own = tuple(name for name in calculator.observables if name != OBJECTIVE)
        self.with_objective = threshold is not None and (
            any(e.hard for e in entries) or OBJECTIVE in calculator.observables)
        self.observables = (OBJECTIVE,) * self.with_objective + own
        self.observables += tuple(e.name for e in entries if e.name not in own and not e.members)
        self.observables += tuple(f"chi2_{e.name}" for e in entries if e.soft)

    @classmethod
    def from_config(cls, calculator, config, names):
        """Raises InputError for names and files that are not there."""
        problems = _unknown(calculator, config.Observables, names)
        if problems:
            raise InputError(problems)
        return cls(calculator, *_entries(config, names))

    def __getattr__(self, name):
        if name.startswith("__") or "calculator" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.calculator, name)  # share, citations, report, point_limit, ...

    @property
    def files(self):
        """Programs and Python files that evaluating starts."""
        own = tuple(c.code.path for c in self.likelihood.constraints
                    if hasattr(getattr(c, "code", None), "path"))
        return tuple(getattr(self.calculator, "files", ())) + own

    def evaluate(self, x, scratch):
        """One `Evaluation` for each row of `x` (n, D); its observables are a dict."""
        x = np.asarray(x, float)
        outcomes = self.calculator.evaluate(x, scratch)
        numbers = [named(o.observables, self.calculator.observables) for o in outcomes]
        for row in numbers if OBJECTIVE in self.calculator.observables else ():
            row.pop(OBJECTIVE, None)    # the calculator's own; the column comes with the whole
        columns = dict.fromkeys(key for row in numbers for key in row)
        table = self.likelihood.table(x, {
            name: np.array([row.get(name, np.nan) for row in numbers], float) for name in columns})
        soft, excess = self.likelihood.apply(table)
        counts = getattr(self.calculator, "value_is_chi2", True) or self.threshold is None
        early = np.array([EARLY in o.reason for o in outcomes])     # what they lack, they need not
        counted = {k: np.where(early & np.isnan(chi2), 0.0, chi2) for k, chi2 in soft.items()}
        own = np.array([o.value if counts else 0.0 for o in outcomes], float)
        missing = self._missing(table, [*self.likelihood.names, *columns], early)
        added = {e.name: table[e.name] for e in self.entries if not e.members}
        added |= {f"chi2_{name}": chi2 for name, chi2 in soft.items()}
        known = [{**row, **dict(zip(added, new, strict=True))} for row, new in zip(
            numbers, _rows(added.values(), len(x)), strict=True)]
        parts = zip(known, own + sum(counted.values()),
                    self.likelihood.total(own, counted, excess), missing, strict=True)
        return [self._evaluated(i, outcome, table, soft, excess, *row)
                for i, (outcome, row) in enumerate(zip(outcomes, parts, strict=True))]

    def _missing(self, table, given, early):
        """(status, reason) of the first number of each row that is missing or unphysical.

        given : names that parameters and calculator gave at all, for the reason.
        early : bool array (n,), where more programs could have given numbers that are missing.
        """
        found: list[Any] = [None] * len(next(iter(table.values())))
        for entry in reversed([e for e in self.entries if not e.members]):
            value = table[entry.name]
            low, high = (np.inf if v is None else v for v in entry.physical)
            bad = ((value < low) & (low < np.inf)) | (value > high)
            gone = np.isnan(value) & ~early & (not entry.optional)
            for i in np.flatnonzero(bad | gone):
                found[i] = ("bad_value", _not_known(entry, self.entries, given)) if gone[i] else \
                    ("unphysical", f"{entry.name} = {value[i]:.6g}")
        return found

    def _evaluated(self, i, outcome, *parts):
        rated = self._rated(i, outcome, *parts)
        return rated._replace(files=outcome.files) if outcome.files else rated

    def _rated(self, i, outcome, table, soft, excess, numbers, value, total, missing):
        value = float(value)
        if self.with_objective and OBJECTIVE in numbers:
            del numbers[OBJECTIVE]
            return Evaluation("bad_output", value, numbers, f"{OBJECTIVE} is a column of "
                              "points.csv; give that number another name")
        if outcome.status != OK:
            far = None if outcome.objective is None else \
                float(total + outcome.objective - outcome.value)
            return Evaluation(outcome.status, value, numbers, outcome.reason, objective=far)
        if missing:
            return Evaluation(missing[0], value, numbers, missing[1])
        if not np.isfinite(value):
            bad = [c.name + c.trouble(table, i) for c in self.likelihood.constraints
                   if c.name in soft and not np.isfinite(soft[c.name][i])]
            return Evaluation("bad_value", np.nan, numbers, "not a number: chi2 of "
                          f"{', '.join(bad) or 'the point'}"[:300])
        broken = [c for c, far in excess.items() if far[i] > 0]
        if not broken and EARLY in outcome.reason:      # of a run with other limits
            return Evaluation("bad_value", np.nan, numbers, "not all programs were run, as it "
                              "broke a limit that does not exist any more")
        if not broken:
            objective = value if self.with_objective else None
            return Evaluation(OK, value, numbers, outcome.reason, objective=objective)
        reason = OUTSIDE + ", ".join(f"{c.name} ({c.words(table, i)})" for c in broken)
        reason += NO_MORE if EARLY in outcome.reason else ""
        if self.threshold is None:
            return Evaluation("excluded", value, numbers, reason)
        if EARLY in outcome.reason:     # not all of chi2 was computed
            value = np.nan
        return Evaluation(OK, value, numbers, reason, objective=float(total))


def _not_known(entry, entries, given):
    """Why an entry has no number, with a similar name where a name does not exist."""
    names = dict.fromkeys([*given, *(e.name for e in entries if e is not entry)])
    clauses = unknown_names(Expression(entry.expression or entry.name), list(names))
    if not clauses or entry.from_slha:
        return f"{entry.name} is not known"
    return f"{entry.name} is not known: {clauses[0]}" if entry.expression else clauses[0]


def _rows(columns, n):
    """Rows of floats of arrays (n,) each."""
    columns = [np.broadcast_to(np.asarray(column, float), n).tolist() for column in columns]
    return zip(*columns, strict=True) if columns else [()] * n


def named(observables, names):
    """Observables of a `Evaluation` as a new dict."""
    if isinstance(observables, dict):
        return dict(observables)
    return dict(zip(names, observables, strict=False))


def _entries(config, names):
    """What the `Likelihood` of an input file is made of."""
    return (config.Observables, names, Target.from_config(config).unit,
            Path(config.input_file).parent)


def _unknown(calculator, entries, names):
    """Names that nobody provides; calculators with no list of their own may provide any."""
    own = tuple(calculator.observables)
    open_names = getattr(calculator, "open_names", not own)
    known = [*map(identifier, names), *own, *(e.name for e in entries)]
    problems = []
    for e in entries:
        source = e.expression or e.from_slha
        if source and e.name in own:
            problems.append(f"observable {e.name!r}: the calculator has an observable of that "
                            "name already; choose another name.")
        if open_names:
            continue
        others = [name for name in known if name != e.name]
        problems += [f"observable {e.name!r}: its number {not_known(name, others)}."
                     for name in e.members if name not in others]
        if not source and not e.members and e.name not in own:
            close = get_close_matches(e.name, own, 1)
            problems.append(f"observable {e.name!r}: say where it comes from (block and key, decay "
                            "or expression)" + (f", or did you mean {close[0]}?" if close else ";")
                            + f" The calculator itself has {', '.join(own) or 'no numbers'}.")
        formula = Expression(e.expression or "0")
        problems += [f"observable {e.name!r} = {e.expression}: {clause}."
                     for clause in unknown_names(formula, known)]
        problems += [f"observable {e.name!r}: along = {not_known(name, known)}."
                     for name in e.along if name not in known]
    return problems


def killed_by(table, threshold=None, sets=()):
    """How many points each constraint alone excludes from the target.

    Parameters
    ----------
    table : dict of str to array
        Columns of points.csv (points_table.read_table).
    threshold : float, optional
        Of chi2: a soft constraint excludes a point when its part alone is not below it.
    sets : sequence of str
        Names of correlated sets, which are no columns themselves.

    Returns
    -------
    dict of str to int
        By name, the largest first. A point counts for each constraint that excludes it.
    """
    counts: Counter[str] = Counter()
    for reason in table["reason"]:
        if str(reason).startswith(OUTSIDE):
            counts.update(part.partition(" (")[0].strip(", ")
                          for part in str(reason)[len(OUTSIDE):].split(")"))
    counts.pop("", None)
    evaluated = np.isin(np.asarray(table["status"], str), (OK, "excluded"))
    for name, column in table.items():
        if name.startswith("chi2_") and threshold is not None and (
                name[5:] in table or name[5:] in sets):
            counts[name[5:]] += int((np.asarray(column, float)[evaluated] >= threshold).sum())
    return {name: n for name, n in counts.most_common() if n}
