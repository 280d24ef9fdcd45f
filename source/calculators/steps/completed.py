"""Points of which some numbers are stored: only the programs of what is missing are run."""

from dataclasses import replace
from typing import Any

import numpy as np

from ...evaluation import OK, Evaluation
from .user_programs import UserProgram


class Stored:
    """Numbers of points that were evaluated before, found by their parameters; also a calculator
    that gives nothing else.

    Parameters
    ----------
    x : float array (n, D)
        All parameters, physical units, as the pool gets them.
    own : float array (n,)
        What the calculator itself called chi2.
    numbers : list of dict of str to float
    """

    observables = citations = ()
    open_names = True
    share = 1

    def __init__(self, x, own, numbers):
        self.rows = {row.tobytes(): known for row, *known in zip(
            np.asarray(x, float), np.asarray(own, float).tolist(), numbers, strict=True)}

    def __call__(self, x):
        """Own chi2 and numbers of a point x (D,); None where there is none."""
        return self.rows.get(np.asarray(x, float).tobytes())

    def evaluate(self, x, scratch=None):
        """What is stored of each row of x (n, D)."""
        return [Evaluation(OK, *self(row)) for row in np.asarray(x, float)]


class Completed:
    """A calculator whose answers are completed by stored numbers.

    Parameters
    ----------
    lean : object
        Calculator of what is missing.
    stored : Stored
    whole : object
        Calculator of points that are not stored.
    keeps_chi2 : bool
        The calculator's own chi2 is that which is stored.
    """

    observables, open_names = (), True

    def __init__(self, lean, stored, whole, keeps_chi2):
        self.calculator, self.stored, self.whole = lean, stored, whole
        self.keeps_chi2 = keeps_chi2
        self.value_is_chi2 = keeps_chi2 or getattr(lean, "value_is_chi2", True)

    def __getattr__(self, name):
        if name.startswith("__") or "calculator" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.calculator, name)

    def evaluate(self, x, scratch):
        """One Evaluation for each row of x (n, D), with what is stored of it."""
        x = np.asarray(x, float)
        known = np.array([self.stored(row) is not None for row in x], bool)
        outcomes: list[Any] = [None] * len(x)
        for rows, calculator in ((known, self.calculator), (~known, self.whole)):
            if rows.any():
                for k, outcome in zip(np.flatnonzero(rows), calculator.evaluate(x[rows], scratch),
                                      strict=True):
                    outcomes[k] = self._merged(x[k], outcome, calculator)
        return outcomes

    def _merged(self, row, outcome, calculator):
        numbers = outcome.observables
        if not isinstance(numbers, dict):
            numbers = dict(zip(calculator.observables, numbers, strict=False))
        known = self.stored(row)
        if known is None:
            return outcome._replace(observables=numbers)
        own, old = known
        new = {name: value for name, value in numbers.items()
               if value == value or name not in old}
        value = own if self.keeps_chi2 and outcome.status == OK else outcome.value
        return outcome._replace(value=value, observables={**old, **new})


def lean_config(config, missing):
    """Settings with the programs only that give these names, and whether the calculator itself
    has to be run: what gives a name is known of the steps of `Programs` and of SLHA entries.

    Parameters
    ----------
    config : ScanConfig
    missing : set of str

    Returns
    -------
    config : ScanConfig, whole : bool
    """
    from_slha = {e.name for e in config.Observables if e.from_slha}
    given = [_names(step) for step in config.Programs]
    steps = tuple(step for step, names in zip(config.Programs, given, strict=True)
                  if getattr(step, "spectrum", False) or names is None or names & missing)
    declared = from_slha.union(*(names for names in given if names))
    whole = not missing <= declared     # one that may give any name might not give this one
    config = replace(config, Programs=steps)
    if not whole:
        config = replace(config, HiggsBounds=0, HiggsSignal=0)
    return config, whole


def _names(step):
    """The names that a step of `Programs` gives, None where it may give any."""
    if isinstance(step, UserProgram):
        return set(step.observables or ())
    names = set(step.observables) | ({step.name} if step.name else set())
    return names or None
