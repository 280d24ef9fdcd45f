"""The parameters of a point, and the unit box in which models and proposals work.

Each parameter has a prior (priors.py). The scanned ones span the unit box; fixed values and
formulas of other parameters are part of every point, but of no model.
"""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..shown import escaped
from .expressions import Expression, identifier, sorted_by_need
from .priors import Dependent, Linear, Prior, make_prior

NAMED = re.compile(r"\s*([^=<>!]+?)\s*=(?!=)\s*(.+)$", re.DOTALL)  # 'mA = log', not 'a == b'


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    name : str
        Label without the leading '#': 'Lambda1Input'.
    low, high : float or None
        Range, in the units of the input file (GeV or GeV^2 for SLHA entries, or dimensionless);
        None for a formula.
    text : str
        Its prior as it was written.
    prior : priors.Prior
        Linear from `low` to `high` unless given.
    """

    name: str
    low: float | None
    high: float | None
    text: str = "linear"
    prior: Prior = field(default=None, compare=False)  # type: ignore[assignment]

    def __post_init__(self):
        if self.prior is None:
            object.__setattr__(self, "prior", Linear(self.low, self.high))

    def __str__(self):
        if isinstance(self.prior, Dependent):
            return f"{self.name} = {self.text}"
        if not self.prior.free:
            return f"{self.name} = {self.prior.value:g} (fixed)"
        return f"{self.name} from {self.prior.low:g} to {self.prior.high:g} ({self.text})"


class Box:
    """All parameters; u in the unit box [0, 1]^dim is the prior, x (D,) the physical point.

    Parameters
    ----------
    parameters : sequence of Parameter
    precuts : sequence of str
        Formulas of the parameters; points for which one is false are never evaluated.

    Attributes
    ----------
    names : tuple of str
        All D parameters, the columns of a point.
    dim : int
        Those of them that are scanned: dimensions of the unit box.
    """

    def __init__(self, parameters, precuts=()):
        self.parameters = tuple(parameters)
        self.names = tuple(p.name for p in self.parameters)
        self._free = [i for i, p in enumerate(self.parameters) if p.prior.free]
        self._words = [identifier(name) for name in self.names]
        self._order = evaluation_order(self.parameters)
        self._cuts = [Expression(text) for text in precuts]

    @classmethod
    def from_config(cls, config: Any) -> "Box":
        """The first `TotVarScanned` entries of VarLabel, VarMin, VarMax and VarPrior.

        The configuration has been checked; see parameter_checks.py.
        """
        n = config.TotVarScanned
        names = [clean_label(label) for label in config.VarLabel[:n]]
        texts, _ = prior_texts(names, config.VarPrior)
        return cls([make_parameter(*args) for args in zip(names, config.VarMin[:n],
                                                      config.VarMax[:n], texts, strict=True)],
                   config.Precut)

    @property
    def dim(self) -> int:
        """Number of scanned parameters."""
        return len(self._free)

    @property
    def is_scanned(self) -> np.ndarray:
        """Bool (D,): the parameters that span the unit box."""
        return np.isin(np.arange(len(self.names)), self._free)

    @property
    def precut(self):
        """Callable u (n, dim) -> bool (n,), or None where every point may be evaluated."""
        return self.allowed if self._cuts or self._order else None

    @property
    def snap(self):
        """Callable u -> u (n, dim) that are stored when u is evaluated; None if they are equal."""
        return self.snapped if any(p.prior.discrete for p in self.parameters) else None

    @property
    def counts(self):
        """Number of values of each scanned parameter, 0 for a continuous one."""
        scanned = [self.parameters[i].prior for i in self._free]
        return [p.count if p.discrete else 0 for p in scanned]

    def to_physical(self, u: np.ndarray) -> np.ndarray:
        """Physical points (n, D) of unit-box points `u` (n, dim), never outside the ranges."""
        u = np.asarray(u, float)
        x = np.empty((len(u), len(self.parameters)))
        for column, i in enumerate(self._free):
            x[:, i] = self.parameters[i].prior.to_physical(u[:, column])
        for i, parameter in enumerate(self.parameters):
            if not parameter.prior.free and not isinstance(parameter.prior, Dependent):
                x[:, i] = parameter.prior.value
        for i in self._order:
            x[:, i] = self.parameters[i].prior.expression(self._table(x))
        return x

    def to_unit(self, x: np.ndarray) -> np.ndarray:
        """Unit-box points (n, dim) of physical points `x` (n, D), or one (dim,) of one (D,).

        Not always the inverse of `to_physical`: a whole number stands in the middle of its cell.
        """
        x = np.asarray(x, float)
        u = np.empty((*x.shape[:-1], self.dim))
        for column, i in enumerate(self._free):
            u[..., column] = self.parameters[i].prior.to_unit(x[..., i])
        return u

    def contains(self, x: np.ndarray) -> np.ndarray:
        """Bool (n,): physical points (n, D) that the unit box can give, but for rounding."""
        x = np.asarray(x, float)
        with np.errstate(all="ignore"):     # a logarithm of what is outside
            back = self.to_physical(self.to_unit(x))
            return (np.abs(back - x) <= 1e-9 * np.maximum(np.abs(x), np.abs(back))).all(axis=1)

    def within(self, x: np.ndarray) -> np.ndarray:
        """Bool (n,): physical points (n, D) that no range leaves out, but for rounding; what
        whole numbers, choices, fixed values and formulas may be is not looked at."""
        x, inside = np.asarray(x, float), np.ones(len(x), bool)
        for i in self._free:
            prior = self.parameters[i].prior
            if prior.low is not None and prior.high is not None:
                slack = 1e-9 * max(abs(prior.low), abs(prior.high))
                inside &= (x[:, i] >= prior.low - slack) & (x[:, i] <= prior.high + slack)
        return inside

    def snapped(self, u: np.ndarray) -> np.ndarray:
        """The unit-box points (n, dim) that are stored when `u` is evaluated."""
        return self.to_unit(self.to_physical(u))

    def allowed(self, u: np.ndarray) -> np.ndarray:
        """Bool (n,): all formulas give numbers, and no pre-cut is false."""
        x = self.to_physical(u)
        passed = np.isfinite(x).all(axis=1)
        for cut in self._cuts:
            passed &= cut.holds(self._table(x))
        return passed

    def _table(self, x):
        return dict(zip(self._words, x.T, strict=True))

    def described(self):
        """For scan_input_used.json: a dict for each parameter."""
        return [{"name": p.name, "low": p.prior.low, "high": p.prior.high, "prior": p.text}
                for p in self.parameters]


def clean_label(label):
    """'# Lambda1Input' (as it stands in a Les Houches file) -> 'Lambda1Input'; see `escaped`."""
    return escaped(label).strip().lstrip("#").strip()


def prior_texts(names, entries):
    """The text of the prior of each parameter.

    Parameters
    ----------
    names : sequence of str
    entries : sequence of str
        VarPrior: one for each parameter in order ('' is 'linear'), or 'name = prior' for some.

    Returns
    -------
    texts : list of str
    problems : list of (index in VarPrior, str)
    """
    texts, problems = ["linear"] * len(names), []
    named = [NAMED.match(entry) for entry in entries]
    by_name = bool(entries) and all(named)
    if not by_name and entries and len(entries) < len(names):
        return texts, [(len(entries) - 1, f"VarPrior has {len(entries)} "
                        f"{'entry' if len(entries) == 1 else 'entries'} for {len(names)} "
                        "parameters. Give one for each ('linear' for an ordinary range), or name "
                        "them: VarPrior = ['mA = log', 'x = y/2'].")]
    if not by_name and len(entries) > len(names):
        return texts, [(len(names), f"VarPrior has {len(entries)} entries for {len(names)} "
                        f"parameters ({', '.join(names)}); {entries[len(names)]!r} belongs to "
                        "none. Delete the entries that are too many: the first entry is that of "
                        "the first parameter, and so on.")]
    words = [identifier(name) for name in names]
    for i, (entry, match) in enumerate(zip(entries, named, strict=True)):
        if match is None:
            if i < len(names):
                texts[i] = entry.strip() or "linear"
            continue
        word = identifier(clean_label(match[1]))
        if word not in words:
            close = get_close_matches(clean_label(match[1]), names, 1)
            meant = f"Did you mean {close[0]}?" if close else \
                f"The parameters are {', '.join(names)}; append it to VarLabel, VarMin and VarMax."
            problems.append((i, f"VarPrior[{i}] = {entry!r}: {match[1]} is not a parameter of "
                             f"VarLabel. {meant}"))
        else:
            texts[words.index(word)] = match[2].strip()
    return texts, problems


def make_parameter(name, low, high, text):
    """Parameter `name` with the prior that `text` means.

    Parameters
    ----------
    name, text : str
    low, high : float or None
        VarMin and VarMax, in the units of the input file.

    Raises
    ------
    PriorError
        As `priors.make_prior`.
    """
    prior = make_prior(text, low, high)
    return Parameter(name, prior.low, prior.high, text, prior)


def needs(i, parameters):
    """Indices of the parameters in the formula of parameter i."""
    words = [identifier(p.name) for p in parameters]
    return [words.index(name) for name in parameters[i].prior.expression.names if name in words]


def evaluation_order(parameters):
    """Indices of the formulas, each after those it needs; None when there is a ring."""
    formulas = [i for i, p in enumerate(parameters) if isinstance(p.prior, Dependent)]
    needed = {i: set(needs(i, parameters)) & set(formulas) for i in formulas}
    return sorted_by_need(formulas, needed)
