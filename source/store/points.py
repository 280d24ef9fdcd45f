"""The evaluated points as columns: what models learn from and proposals start from."""

from typing import Any

import numpy as np

from ..evaluation import OK

COLUMNS = ("id", "iteration", "origin", "u", "x", "value", "status", "inside", "observables",
           "chi2", "penalty")
GROWTH = 1.1        # room for so many times the points, when there is none left


class Points:
    """All points evaluated so far, in the order of their id, as plain arrays.

    Copy what is to stay as it is: points that come in later may take their place among the last.

    Attributes
    ----------
    id : int array (n,)
    iteration : int array (n,)
        0 for the first design.
    origin : str array (n,)
        How the point was proposed: 'design', 'prior', 'walk', ...
    u, x : float arrays (n, d)
        In the unit box of the prior, and in physical units.
    value : float array (n,)
        What is learned: the objective, or the observable of the target; NaN where evaluating gave
        none.
    status : str array (n,)
        'ok', or why the point failed.
    inside : bool array (n,)
        Evaluation ok and in the target.
    observables : float array (n, m)
        Those that a regressor learns; NaN where not known. m = 0 where it learns the value.
    chi2 : float array (n,)
        As evaluated, without what hard limits add to the objective; `value` where not given, and
        for a band.
    penalty : float array (n,)
        What they add; 0 where none is broken.
    """

    id: np.ndarray
    iteration: np.ndarray
    origin: np.ndarray
    u: np.ndarray
    x: np.ndarray
    value: np.ndarray
    status: np.ndarray
    inside: np.ndarray
    observables: np.ndarray
    chi2: np.ndarray
    penalty: np.ndarray

    def __init__(self, dim: int, **columns: Any):
        self._room: dict[str, np.ndarray] = {}      # arrays with room for more rows, by name
        empty = {"id": np.empty(0, int), "iteration": np.empty(0, int),
                 "origin": np.empty(0, object), "u": np.empty((0, dim)), "x": np.empty((0, dim)),
                 "value": np.empty(0), "status": np.empty(0, object),
                 "inside": np.empty(0, bool),
                 "observables": np.empty((len(columns.get("id", ())), 0)),
                 "chi2": np.asarray(columns.get("value", ()), float)}
        empty["penalty"] = np.nan_to_num(empty["chi2"] - columns.get("chi2", empty["chi2"]))
        unknown = set(columns) - set(COLUMNS)
        if unknown:
            raise TypeError(f"Points has no column {sorted(unknown)}")
        for name in COLUMNS:
            kind = empty[name].dtype
            setattr(self, name, np.asarray(columns.get(name, empty[name]), dtype=kind))
        self._check()

    def _check(self):
        sizes = {name: len(getattr(self, name)) for name in COLUMNS}
        if len(set(sizes.values())) > 1:
            raise ValueError(f"columns of different length: {sizes}")

    def __len__(self):
        return len(self.id)

    @property
    def dim(self) -> int:
        """Number of scanned parameters."""
        return self.u.shape[1]

    @property
    def ok(self) -> np.ndarray:
        """Bool (n,): the point was evaluated without failing."""
        return self.status == OK

    @property
    def known(self) -> np.ndarray:
        """Bool (n,): what is learned of the point tells how far it is: evaluated without failing,
        or with an objective for a failure."""
        return self.ok | (self.penalty > 0)

    @property
    def allowed(self) -> np.ndarray:
        """Bool (n,): evaluated without failing, and no hard limit is broken."""
        return self.ok & (self.penalty == 0)

    def best(self, rows: np.ndarray | bool = True) -> float:
        """The smallest chi2 of the allowed points, of `rows` bool (n,) only; inf without any."""
        known = self.allowed & np.isfinite(self.chi2) & rows
        return float(self.chi2[known].min(initial=np.inf))

    def follow(self, target: Any) -> bool:
        """Have a target that is relative to the best point where it belongs, and all points
        inside or outside of it; True when it was elsewhere.

        As long as no point is allowed, its edge is the smallest objective.
        """
        if target.above is None:
            return False
        known, best = np.isfinite(self.chi2), self.best()
        if not known.any():
            return False
        moved = target.move(best + target.above if np.isfinite(best)
                            else (self.chi2 + self.penalty)[known].min())
        broken = self.penalty > 0
        self.value[broken] = (np.maximum(self.chi2, target.high) + self.penalty)[broken]
        self.inside = self.allowed & target.inside(self.value)
        return moved

    def rows(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows (m,) of the points with these ids (k,), and which of these, bool (k,), are there."""
        rows = np.searchsorted(self.id, ids)
        known = rows < len(self)
        known[known] = self.id[rows[known]] == np.asarray(ids)[known]
        return rows[known], known

    def append(self, **columns: Any) -> None:
        """Add rows: every column of COLUMNS, each with one entry a row.

        Rows are kept sorted by id, whatever the order in which points finish, so that
        everything computed from them is the same with any number of workers.
        """
        new = Points(self.dim, **columns)
        if not len(new):
            return
        start = int(np.searchsorted(self.id, new.id.min()))
        ids = np.concatenate([self.id[start:], new.id])
        order = np.argsort(ids, kind="stable")
        if np.any(np.diff(ids[order]) == 0):
            raise ValueError("two points with the same id")
        for name in COLUMNS:
            self._extend(name, start, getattr(new, name), order)

    def _extend(self, name, start, new, order):
        """A column with new rows, those from `start` on in this order.

        There is room for more, so that the cost is that of the new rows, whatever is kept.
        """
        old = getattr(self, name)
        old = old if len(old) else new[:0]      # only the first rows tell how many observables
        n, room = len(old) + len(new), self._room.get(name)
        tail = np.concatenate([old[start:], new])[order]
        if room is None or old.base is not room or n > len(room):
            room = self._room[name] = np.empty((int(GROWTH * n) + 1, *old.shape[1:]), old.dtype)
            room[:start] = old[:start]
        room[start:n] = tail
        setattr(self, name, room[:n])

    def take(self, rows: np.ndarray | slice) -> "Points":
        """A new Points with the chosen rows (mask, indices or slice), order kept.

        Of a slice nothing is copied.
        """
        if not isinstance(rows, slice) and np.asarray(rows).dtype == bool:
            rows = np.flatnonzero(rows)
        return Points(self.dim, **{name: getattr(self, name)[rows] for name in COLUMNS})
