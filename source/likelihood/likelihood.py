"""The chi2 of many points at once: observables, their formulas, and what is known about them."""

import numpy as np

from ..space.expressions import Expression, identifier, sorted_by_need
from .kinds import make_constraints


class Likelihood:
    """chi2 and hard limits of the `Observables` of the input file, on arrays.

    Parameters
    ----------
    entries : sequence of observables.Observable
    names : sequence of str
        All parameters of a point.
    threshold : float or None
        Of chi2; None for a target band.
    constraints : sequence of constraints.Constraint, optional
        Instead of those that the entries say.
    folder : Path
        Where relative paths start.
    """

    def __init__(self, entries, names, threshold, folder=".", constraints=None):
        self.threshold, self.names = threshold, tuple(identifier(name) for name in names)
        self.aim(None)
        self.entries = in_order(entries)
        self.constraints = make_constraints(self.entries, folder) \
            if constraints is None else list(constraints)
        self.formulas = {e.name: Expression(e.expression) for e in self.entries if e.expression}

    def aim(self, least: float | None) -> None:
        """Limits add to at least this chi2, the edge of a target that moves; None: it does not."""
        self.least = least

    def table(self, x, numbers):
        """Name -> values (n,) of the parameters `x` (n, D), of `numbers`, and of the entries.

        Parameters
        ----------
        x : (n, D) array
        numbers : dict of str to (n,) array
            What is known besides; what is not, is NaN.
        """
        table = dict(zip(self.names, x.T, strict=True)) | numbers
        for entry in self.entries:
            if entry.name in self.formulas:
                formula = self.formulas[entry.name]
                table |= {name: np.full(len(x), np.nan)
                          for name in formula.names if name not in table}
                value = np.broadcast_to(formula(table), len(x))
                table[entry.name] = np.where(np.isfinite(value), value, np.nan)
            if not entry.members:   # a set has no number of its own
                table.setdefault(entry.name, np.full(len(x), np.nan))
        for name in (n for c in self.constraints for n in c.needs if n not in table):
            table[name] = np.full(len(x), np.nan)
        return table

    def apply(self, table):
        """chi2 (n,) by name of the soft constraints, and the excess (n,) by hard constraint."""
        soft = {c.name: c.soft(table) for c in self.constraints if c.entry.soft}
        excess = {c: c.excess(table) for c in self.constraints if c.entry.hard}
        for c in self.constraints:
            if c.entry.optional and c.name in soft:
                soft[c.name] = np.where(np.isnan(table[c.number]), 0.0, soft[c.name])
        return soft, {c: np.nan_to_num(e) for c, e in excess.items()}

    def total(self, own, soft, excess):
        """The objective (n,): chi2, which is the calculator's own (n,) and the soft ones, and a
        step for each broken limit.

        The step puts a point out of the target, and grows with the distance. With a target band
        there is none.
        """
        value = own + sum(soft.values())
        if self.threshold is None or not excess:
            return value
        penalty = self.penalty(excess)
        beyond = np.maximum(value + penalty, self.threshold) if self.least is None else \
            np.maximum(value, self.least) + penalty
        return np.where(penalty > 0, beyond, value)

    def penalty(self, excess):
        """(n,) that broken limits add to it: the threshold (1 at least) and more for each."""
        step = max(abs(self.threshold), 1.0)
        return step * sum(np.where(e > 0, 1.0 + e, 0.0) for e in excess.values())


def in_order(entries):
    """The entries, each after those that its formula needs; None when that cannot be."""
    by_name = {entry.name: entry for entry in entries}
    needs = {e.name: set(Expression(e.expression).names) & by_name.keys() if e.expression else set()
             for e in entries}
    names = sorted_by_need(by_name, needs)
    return None if names is None else [by_name[name] for name in names]
