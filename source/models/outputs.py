"""What a regressor learns of a point: chi2 itself, or the observables that chi2 is made of."""

from pathlib import Path

import numpy as np

from ..calculators.steps.user_programs import restored
from ..likelihood.constraints import Constraint
from ..likelihood.curves import Curve
from ..likelihood.kinds import make_constraint
from ..likelihood.likelihood import Likelihood
from ..likelihood.observables import Observable
from ..likelihood.target import Target, above_best
from ..space.expressions import identifier
from .observable_scale import OWN, ObservableScale
from .value_scale import ValueScale

STEP = 0.1          # between the learned distances 0 and just above, which mean so different things


class Value:
    """chi2, or the observable of the target, is all that is learned.

    Parameters
    ----------
    more : sequence of str
        Columns of points.csv that are wanted besides those that learning needs.

    Attributes
    ----------
    columns : tuple of str
        Of points.csv: what learning needs besides the value, and `more`.
    """

    def __init__(self, more=()):
        self.columns = tuple(dict.fromkeys(more))

    def rows(self, evaluated):
        """Numbers (n, len(columns)) of evaluated points."""
        return np.array([[_number(j.observables, name) for name in self.columns]
                         for j in evaluated], float).reshape(len(evaluated), len(self.columns))

    def scale(self, target, points, floor=None):
        """The scale of learning; fixed by the first points and the smallest value known, so that
        it never moves under a model that is trained further."""
        return ValueScale(target, points.value[first_known(points)], floor)


class Outputs(Value):
    """Every observable that chi2 or a hard limit needs is learned, and chi2 made of them.

    Formulas are computed of what they need. A chi2 by a user's function, and what is optional, is
    learned as the chi2 (the distance) of that constraint; so is what the calculator itself calls
    chi2.

    Parameters
    ----------
    entries : sequence of observables.Observable
    box : parameters.Box
        Of the points: for formulas of parameters.
    threshold : float
        Of chi2.
    folder : Path
        Where relative paths start.
    curves : dict of str to Curve, optional
        Instead of the CSV files of these names.
    more : sequence of str
        See Value.
    """

    def __init__(self, entries, box, threshold, folder=".", curves=None, more=()):
        self.box = box
        real = Likelihood(entries, box.names, threshold, folder, [])
        used = [e for e in real.entries if e.soft or e.hard]
        apart = [e for e in used if e.chi2 or e.optional]
        self.limits = {e.name: make_constraint(e, folder, curves) for e in used
                       if not e.chi2 and (e not in apart or e.hard)}
        self.parts = {f"part_{e.name}": e for e in apart}
        constraints = [Part(e) if e in apart else self.limits[e.name] for e in used]
        self.likelihood = Likelihood(entries, box.names, threshold, folder, constraints)
        needed = [n for c in constraints if not isinstance(c, Part) for n in c.numbers]
        self.leaves = self._leaves(needed)
        stored = [n for e in apart for n in ([f"chi2_{e.name}"] if e.soft else
                                             [e.name, *self.limits[e.name].needs])]
        super().__init__([*(n for n in [*self.leaves, *stored] if n not in self.likelihood.names),
                          *more])

    @property
    def names(self):
        """What is learned, as a user names it."""
        return (*self.leaves, *(f"{'chi2 of ' if e.soft else ''}{e.name}"
                                for e in self.parts.values()))

    def _leaves(self, names):
        """What these names are computed of: no parameters, no formulas."""
        found, todo, formulas = {}, list(names)[::-1], self.likelihood.formulas
        while todo:
            name = todo.pop()
            if name in formulas:
                todo += formulas[name].names[::-1]
            elif name not in self.likelihood.names:
                found[name] = None
        return list(found)

    def scale(self, target, points, floor=None):
        """The scale of every output and of chi2."""
        self.likelihood.aim(None if target.above is None else target.high)
        return ObservableScale.of(target, points, first_known(points), self, floor)

    def training(self, points):
        """Name -> values (n,) of everything that may be learned of evaluated points."""
        known = dict(zip(self.columns, points.observables.T, strict=True))
        table = {name: known[name] for name in self.leaves}
        whole = self.likelihood.table(points.x, known)
        for word, entry in self.parts.items():
            if entry.soft:
                part = known[f"chi2_{entry.name}"]
            else:
                part = self.limits[entry.name].excess(whole)
                part = part + np.where(part > 0, STEP, 0.0)
            table[word] = np.nan_to_num(part) if entry.optional else part
        soft, _ = self.likelihood.apply(self.likelihood.table(points.x, known | table))
        # of what failed the objective, too: how far it is from what works
        own = np.where(points.ok, points.chi2, points.value) - sum(soft.values())
        return table | {OWN: np.where(np.abs(own) > 1e-9 * (1 + np.abs(points.chi2)), own, 0.0)}

    def chi2(self, outputs, u, copies=1):
        """chi2, or the objective where a hard limit is broken, (n,) of learned numbers.

        Parameters
        ----------
        outputs : dict of str to (n,) array
            As `training` gives them; the chi2 of its own may be missing.
        u : (n / copies, d) array
            Unit box; each point is meant `copies` times in turn.
        """
        table = self.table(outputs, u, copies)
        own = table.get(OWN, np.zeros(len(next(iter(outputs.values())))))
        return self.likelihood.total(own, *self.likelihood.apply(table))

    def table(self, outputs, u, copies=1):
        """Name -> values (n,) of parameters, outputs and formulas."""
        return self.likelihood.table(np.repeat(self.box.to_physical(u), copies, axis=0), outputs)

    def observables(self, outputs, u):
        """Name -> values (n,) of the observables that are learned, or made of such."""
        known, table = set(self.leaves), self.table(outputs, u)
        for entry in self.likelihood.entries:
            formula = self.likelihood.formulas.get(entry.name)
            if formula and set(formula.names) <= known | set(self.likelihood.names):
                known.add(entry.name)
        return {name: column for name, column in table.items() if name in known}

    def curves(self):
        """Name of the CSV file -> curve, of all constraints that have one."""
        return {name: curve for c in self.limits.values() for name, curve in c.files().items()}


class Part(Constraint):
    """A constraint whose chi2, or distance, is learned itself."""

    def __init__(self, entry):
        super().__init__(entry, ".")
        self.number = f"part_{entry.name}"
        self.needs = (self.number,)

    def soft(self, table):
        """What was learned; never negative."""
        return np.maximum(table[self.number], 0.0)

    def excess(self, table):
        """What was learned, where it is nearer to the step than to 0."""
        learned = table[self.number]
        return np.where(learned > STEP / 2, np.maximum(learned - STEP, 1e-9), 0.0)


def make_outputs(config, box, kind):
    """What a model of that kind learns, by the setting `Learn`.

    Its columns are also those of `Spread_in`, which are no parameters.
    """
    parameters = set(map(identifier, box.names))
    more = [name for name in map(identifier, config.Spread_in) if name not in parameters]
    constrained = any(e.soft or e.hard for e in config.Observables)
    if config.Learn == "chi2" or kind != "regressor" or not constrained \
            or config.Target_value is not None:
        return Value(more)
    return Outputs(config.Observables, box, Target.from_config(config).unit,
                   Path(config.input_file).parent, more=more)


def saved_scale(numbers, target, settings, box):
    """The scale of a saved model, from what its `as_dict` gave and the settings of its scan.

    Needs no file besides. Raises KeyError, TypeError or ValueError for numbers of something else.
    """
    entries = [restored(Observable, entry) for entry in settings["Observables"]]
    curves = {name: Curve(np.array(points, float), np.array(limit, float), bool(log))
              for name, (points, limit, log) in numbers["curves"].items()}
    outputs = Outputs(entries, box, Target.from_settings(settings).unit, curves=curves)
    if above_best(settings) is not None:
        outputs.likelihood.aim(target.high)
    return ObservableScale.from_dict(numbers, target, outputs)


def first_known(points):
    """Bool (n,): points with a value, of the first design where it has any."""
    known = np.isfinite(points.value)
    early = known & (points.iteration == 0)
    return early if early.any() else known


def _number(observables, name):
    return observables.get(name, np.nan) if isinstance(observables, dict) else np.nan
