"""What pictures and the report know of a run: its points.csv, and its settings where present."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ..calculators.steps.user_programs import restored
from ..errors import StorageError
from ..evaluation import OBJECTIVE, OK
from ..likelihood.observables import Observable
from ..likelihood.target import Target
from ..models.registry import MODELS
from ..space.parameters import make_parameter
from ..space.priors import Linear, Log, PriorError
from ..statistics.goodness import goodness, measurements
from ..statistics.unseen import RANDOM
from ..store.old_points import objective, outside
from ..store.points_file import FIRST, LAST, NAME
from ..store.points_table import read_table, refuse_unknown
from ..store.settings_file import SETTINGS, load_settings
from ..store.state_file import State
from .labels import label, make_axis, unit_text
from .telling import MOST, matters, telling


@dataclass
class RunData:
    """A run as columns.

    Attributes
    ----------
    folder : Path
    table : dict of str to ndarray (n,)
        points.csv, sorted by id.
    parameters, observables : tuple of str
    value_name : str
        'chi2' or 'value'.
    settings : dict
        scan_input_used.json; {} where there is none.
    asked : tuple of str
        Columns that the pictures are to show; else those parameters that matter most.
    """

    folder: Path
    table: dict
    parameters: tuple
    observables: tuple
    value_name: str
    settings: dict
    asked: tuple = ()

    def __len__(self):
        return len(self.table["id"])

    @cached_property
    def shown(self):
        """Names of the columns that a picture with panels shows: asked for, or the most telling."""
        return list(self.asked) or telling(self, matters(self), MOST)

    @property
    def model(self):
        """Name of the model, from the settings or else the name of the folder."""
        return str(self.settings.get("model") or self.folder.name.rsplit("_", 1)[0])

    @property
    def is_classifier(self):
        """Whether `predicted` is a probability: by the model's kind, else by the numbers."""
        model = MODELS.get(str(self.settings.get("model")))
        if model is not None:
            return model.kind == "classifier"
        known = self.predicted[np.isfinite(self.predicted)]
        return bool(len(known)) and bool(((known >= 0) & (known <= 1)).all())

    @property
    def style(self):
        """Name of the style of pictures."""
        return self.settings.get("settings", {}).get("Picture_style") or "plain"

    @property
    def value(self):
        """chi2 or the observable of the target, (n,)."""
        return self.table[self.value_name]

    @property
    def learned(self):
        """What a model learns, (n,): the value, and where a hard limit is broken the objective."""
        return objective(self.table, self.value)

    @property
    def allowed(self):
        """Bool (n,): evaluated without failing, and no hard limit is broken."""
        return self.ok & ~outside(self.table)

    @property
    def predicted(self):
        """What the model predicted, (n,): a value or a probability."""
        return self.table["predicted"]

    @property
    def ok(self):
        """Bool (n,): evaluated without failing."""
        return self.table["status"] == OK

    @property
    def inside(self):
        """Bool (n,): in the target."""
        return self.table["in_target"] == 1

    @property
    def band(self):
        """(low, high) of the target; -inf below where it is a threshold; nan where not known."""
        known = self.settings.get("settings", {})
        if known.get("Target_value") is not None or "Chi_square_threshold" in known:
            target = Target.from_settings(known)
            if target.above is not None and np.isfinite(self.value[self.allowed]).any():
                target.move(np.nanmin(self.value[self.allowed]) + target.above)
            return target.low, target.high
        return (-np.inf, np.nan) if self.value_name == "chi2" else (np.nan, np.nan)

    @property
    def distance(self):
        """(n,), the smaller the better: chi2, or the distance from the middle of the band in
        half widths; NaN for points that failed or break a hard limit."""
        low, high = self.band
        if np.isfinite(low) and np.isfinite(high):
            badness = np.abs(self.value - (low + high) / 2) / ((high - low) / 2)
        elif self.value_name == "chi2" or np.isfinite(high):
            badness = self.value
        else:
            middle = np.median(self.value[self.inside]) if self.inside.any() else np.nan
            badness = np.abs(self.value - middle)
        return np.where(self.allowed, badness, np.nan)

    @cached_property
    def priors(self):
        """Name -> prior of each parameter; linear over what the points span where not known."""
        known = {p.get("name"): p for p in self.settings.get("parameters", [])}
        return {name: _prior(known.get(name), self.table[name]) for name in self.parameters}

    @cached_property
    def scanned(self):
        """Names of the parameters that vary by themselves: no fixed ones, no formulas."""
        return tuple(name for name, prior in self.priors.items() if prior.free)

    def unit(self):
        """(n, d) points in the unit box of the priors of the scanned parameters."""
        columns = [self.priors[name].to_unit(self.table[name]) for name in self.scanned]
        return np.column_stack(columns) if columns else np.empty((len(self), 0))

    def axis(self, name, log=None):
        """How the column `name` is drawn; `log` None: as its prior is."""
        prior, column = self.priors.get(name), self.column(name)
        column = column[np.isfinite(column)]
        if prior is not None and prior.free:
            column = np.array([prior.low, prior.high])
            log = isinstance(prior, Log) if log is None else log
        sign = -1.0 if len(column) and column.max() < 0 else 1.0
        return make_axis(name, self.label(name), np.abs(column).max(initial=0.0), bool(log), sign)

    def span(self, name):
        """(low, high) on the axis of column `name`: its range, or what its numbers span."""
        prior = self.priors.get(name)
        if prior is not None and prior.free:
            return tuple(np.sort(self.axis(name)([prior.low, prior.high])).tolist())
        column = self.axis(name)(self.column(name)[self.allowed])
        column = column[np.isfinite(column)]
        low, high = (column.min(), column.max()) if len(column) else (0.0, 1.0)
        return (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)

    def column(self, name):
        """A column by its name, as numbers (n,).

        Raises StorageError, naming the columns there are, for an unknown one or one of words.
        """
        if name in self.table and self.table[name].dtype != object:
            return self.table[name].astype(float)
        names = [n for n, c in self.table.items() if c.dtype != object]
        raise StorageError(f"{self.folder / NAME} has no column {name!r} of numbers."
                           f"{_near(name, names)} Columns: {', '.join(names)}.")

    def label(self, name):
        """LaTeX label and unit of a column."""
        symbol, unit = label(name, self._own_labels.get(name, ""))
        return symbol, unit_text(self.units[name]) if name in self.units else unit

    @cached_property
    def entries(self):
        """Name -> entry of `Observables`, a dict."""
        entries = self.settings.get("settings", {}).get("Observables") or []
        return {entry.get("name"): entry for entry in entries}

    @cached_property
    def units(self):
        """Observable -> the unit that the user gives it, as text."""
        return {name: str(e["unit"]) for name, e in self.entries.items() if e.get("unit")}

    @cached_property
    def widths(self):
        """Observable -> its uncertainty, measured and theory; those that have one."""
        found = {name: np.hypot(np.min(e.get("sigma") or 0.0), e.get("theory") or 0.0)
                 for name, e in self.entries.items()}
        return {name: float(width) for name, width in found.items() if width > 0}

    @cached_property
    def _own_labels(self):
        """Parameter or observable -> the user's label: from VarTeX (in order, or 'name = label'),
        and that of the entry."""
        own = {name: str(e["label"]) for name, e in self.entries.items() if e.get("label")}
        tex = self.settings.get("settings", {}).get("VarTeX") or []
        for name, entry in zip(self.parameters, tex, strict=False):
            own[name] = str(entry)
        for entry in map(str, tex):
            name, _, text = entry.partition(" = ")
            if name in self.parameters:
                own = {k: v for k, v in own.items() if v != entry} | {name: text}
        return own

    @cached_property
    def goodness(self):
        """How well the best point fits, in words; '' where there is no chi2."""
        chi2 = self.distance
        if self.value_name != "chi2" or not np.isfinite(chi2).any():
            return ""
        state, least = State.load(self.folder), float(np.nanmin(chi2))
        own, gives = (state and state.meta.get("measurements")) or (None, True)
        known = measurements(SimpleNamespace(measurements=own, value_is_chi2=gives), [
            restored(Observable, e) for e in self.entries.values()], self.table)
        return f"Best point: {goodness(least, known, len(self.scanned), self.band[1])}."

    def random_share(self):
        """Share of in-target points among those no model has chosen, and how many those are."""
        rows = np.isin(self.table["origin"], RANDOM)
        n = int(rows.sum())
        return (float(self.inside[rows].mean()) if n else np.nan), n


def load_run(folder):
    """The run in `folder`, also one that is still going.

    Raises
    ------
    StorageError
        When there is no readable points.csv, or a point in it has no number for a parameter.
    """
    folder = Path(folder)
    table = read_table(folder / NAME)
    names = list(table)
    between = names[len(FIRST):-len(LAST)]
    if "predicted" not in between[:-1]:
        raise StorageError(f"{folder / NAME} has no columns 'predicted' and 'chi2' or 'value'.")
    at = between.index("predicted")
    refuse_unknown(folder / NAME, table["id"], np.column_stack(
        [table[name] for name in between[:at]]), between[:at])
    settings = load_settings(folder) if (folder / SETTINGS).exists() else {}
    value, *observables = between[at + 1:]
    return RunData(folder, table, tuple(between[:at]),
                   tuple(name for name in observables if name != OBJECTIVE), value, settings)


def _prior(entry, column):
    """The prior as it is written down, else linear over the column."""
    if entry and entry.get("prior", "linear"):
        try:
            text = entry.get("prior", "linear")
            return make_parameter(entry["name"], entry["low"], entry["high"], text).prior
        except (PriorError, KeyError, TypeError, ValueError):
            pass  # written by another version: what the points span is good enough to draw
    low, high = (float(column.min()), float(column.max())) if len(column) else (0.0, 1.0)
    return Linear(low, high) if high > low else Linear(low - 0.5, high + 0.5)


def _near(name, names):
    lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), list(lower), 1)
    return f" Did you mean {lower[close[0]]}?" if close else ""
