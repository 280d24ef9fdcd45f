"""Ask and tell: points proposed to a loop of the user's own, and what they were evaluated to."""

import shutil
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..acquisition.draws import design_size, prior_draws
from ..acquisition.proposer import Proposer
from ..acquisition.state import Pending
from ..calculators.functions import as_evaluated
from ..calculators.steps.constrained import Constrained
from ..errors import InputError, StorageError
from ..evaluation import Evaluation
from ..likelihood.target import Target
from ..models.outputs import make_outputs
from ..models.registry import make_model, model_name
from ..space.parameters import Box
from ..store.import_file import Replay
from ..store.lock import RunLock
from ..store.opening import open_told
from ..store.points_file import PointsFile
from ..store.points_table import read_points
from ..store.results import write_results
from .result import Result
from .settings import configuration

SAME = 1e-9     # of the unit box: so close to a point asked for, a told one is that point
TOLD = "told"   # origin of points that nobody asked for


class Scan:
    """A scan whose points are evaluated by the caller.

    >>> s = mlscanner.Scan({'mass': (10, 1000, 'log'), 'g': (0, 1)}, Chi_square_threshold=4)
    >>> x = s.ask(50)                       # (50, 2), physical units
    >>> s.tell(x, [my_chi2(p) for p in x])

    Parameters
    ----------
    parameters, observables, model, seed, settings
        As for `mlscanner.scan`.
    output : path
        Folder in which told points are kept, and from which a later Scan goes on; None: nowhere.

    Attributes
    ----------
    names : tuple of str
        All parameters, the columns of `ask`.

    Raises
    ------
    InputError, StorageError
    """

    def __init__(self, parameters: dict, *, observables=None, model: str = "DNNR",
                 seed: int | None = None, output=None, **settings: Any):
        self._config = configuration("told:values", parameters, settings,
                                     observables=observables, seed=seed)
        self._box, self._target = Box.from_config(self._config), Target.from_config(self._config)
        self.names, name = self._box.names, model_name(model)
        self._value = "value" if self._target.is_band else "chi2"
        self._kept = output is not None
        self._folder = Path(output if self._kept else tempfile.mkdtemp(prefix="mlscan-told-"))
        if not self._kept:
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        open_told(self._config, name, self._folder)
        self._model = make_model(name, self._config.models, self._box.dim)
        self._outputs = make_outputs(self._config, self._box, self._model.kind)
        self._file = PointsFile(self._folder, self.names, self._value)
        self._known = read_points(self._file.path, self._box, self._value, self._target,
                                  self._outputs.columns)
        self._known.follow(self._target)
        self._size, self._next = self._file.path.stat().st_size, self._first_free()
        # not the same points once more when a folder is continued
        self._rng = np.random.default_rng([self._config.Seed, self._next])
        self._design: Any = None
        self._arrays: dict = {}
        self._pending: dict[int, tuple] = {}    # id -> unit-box point, origin, prediction
        self._about: dict[str, Any] = {}

    def __len__(self):
        return len(self._known)

    def __repr__(self):
        return (f"<Scan with {len(self)} known points, {int(self._known.inside.sum())} in the "
                f"target, {len(self._pending)} asked for>")

    # ---- asking ------------------------------------------------------------------------------
    def ask(self, n: int = 50) -> np.ndarray:
        """The next points to evaluate.

        Before enough is known they are spread evenly; then the model, trained on all that was
        told, proposes them. They lie far from the points asked for before and not told yet.

        Returns
        -------
        float array (n, D)
            All parameters in the order of `names`, physical units; fewer rows where pre-cuts
            leave no more points.
        """
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise InputError(f"ask({n!r}): expected a number of points, 1 or more.")
        batch = self._propose(int(n)) if self._enough() else self._spread(int(n))
        for u, origin, predicted in batch:
            self._pending[self._next] = u, origin, predicted
            self._next += 1
        u = np.array([row[0] for row in batch]).reshape(-1, self._box.dim)
        return self._box.to_physical(u)

    def _enough(self):
        """Half of the first design is evaluated: there is something to learn from."""
        return self._known.ok.sum() * 2 >= design_size(self._config, self._box.dim)

    def _spread(self, n):
        """The first design and, where more is asked for, draws from the prior."""
        if self._design is None:
            self._design = list(self._proposer(n).first(self._rng).u)
        u, self._design = self._design[:n], self._design[n:]
        rest = prior_draws(self._rng, n - len(u), self._box.dim, self._box.precut)
        return [(row, "design", np.nan) for row in u] + [(row, "prior", np.nan) for row in rest]

    def _propose(self, n):
        waiting = [u for u, _, _ in self._pending.values()]
        pending = Pending(np.reshape(waiting, (-1, self._box.dim)), self._next)
        proposer = self._proposer(n)
        batch = proposer.propose(self._known, self._rng, pending)
        self._keep(proposer)
        return list(zip(batch.u, batch.origin, batch.predicted, strict=True))

    def _proposer(self, n):
        """One whose batches have n points, in the state of the last one."""
        config = replace(self._config, Size_batch_K=n, Size_batch_search=n)
        proposer = Proposer(config.loop, config.acquisition, self._box, self._target, self._model,
                            self._outputs)
        if self._arrays:
            proposer.restore(self._arrays)
        return proposer

    def _keep(self, proposer):
        self._arrays, self._about = proposer.arrays(), proposer.about()

    # ---- telling -----------------------------------------------------------------------------
    def tell(self, x, values) -> None:
        """What points were evaluated to; also of points that were not asked for.

        Parameters
        ----------
        x : (n, D) array, (D,) for a single point, or a DataFrame with the columns `names`
            Physical units.
        values : sequence of n, or dict of name -> (n,) array
            For each point chi2 (or the value of Target_value), or a dict of observables. One that
            failed has NaN, None, or the exception: it is kept, with its status.

        Raises
        ------
        InputError
            Nothing is kept then: another number of values, or a point outside of the ranges.
        StorageError
        """
        x = self._physical(x)
        answers = self._answers(values, len(x))
        given = [self._evaluation(answer) for answer in answers]
        if self._config.Observables:
            given = Constrained(Replay([_named(e) for e in given]), self._config.Observables,
                                self.names, self._target.unit).evaluate(x, None)
        lock = RunLock(self._folder)
        try:
            self._refuse_others()
            self._store(x, given)
        finally:
            lock.release()

    def _physical(self, x):
        if hasattr(x, "columns"):
            lacking = [name for name in self.names if name not in x.columns]
            if lacking:
                raise InputError(f"tell: the points have no column {', '.join(lacking)}.")
            x = x[list(self.names)]
        try:
            x = np.asarray(x, float)
        except (TypeError, ValueError) as error:
            raise InputError(f"tell: the points are not an array of numbers ({error}).") from None
        x = x[None] if x.ndim == 1 and len(x) == len(self.names) else x
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise InputError(f"tell: points of shape {x.shape}; expected (n, {len(self.names)}): "
                             f"{', '.join(self.names)}.")
        bad = np.flatnonzero(~(np.isfinite(x).all(axis=1) & self._contains(x)))
        if len(bad):
            raise InputError(f"tell: {len(bad)} of {len(x)} points outside the ranges, the first "
                             f"in row {bad[0]}: {x[bad[0]].tolist()}. Leave them out.")
        return x

    def _contains(self, x):
        inside = np.zeros(len(x), bool)
        whole = np.isfinite(x).all(axis=1)
        inside[whole] = self._box.contains(x[whole])
        return inside

    def _answers(self, values, n):
        if isinstance(values, dict):
            columns = {name: np.broadcast_to(np.asarray(column, float), (n,))
                       if np.ndim(column) == 0 else column for name, column in values.items()}
            wrong = {name: len(column) for name, column in columns.items() if len(column) != n}
            if wrong:
                raise InputError(f"tell: points: {n}, values: {wrong}; expected the same number.")
            return [dict(zip(columns, row, strict=True))
                    for row in zip(*columns.values(), strict=True)] if columns else [None] * n
        values = [values] if np.ndim(values) == 0 else list(values)
        if len(values) != n:
            raise InputError(f"tell: points: {n}, values: {len(values)}; expected the same number.")
        return values

    def _evaluation(self, answer):
        if isinstance(answer, Evaluation):
            return answer
        if answer is None or isinstance(answer, Exception):
            reason = "no value was given" if answer is None else \
                f"{type(answer).__name__}: {answer}"
            return Evaluation("raised", reason=reason[:300])
        return as_evaluated(answer, bool(self._config.Observables), self._target.is_band)

    def _refuse_others(self):
        if self._file.path.stat().st_size != self._size:
            raise StorageError(f"{self._file.path} was changed by another program. Make a new Scan "
                               "with that folder: it reads these points, too.")

    def _store(self, x, given):
        number = int(self._known.iteration.max()) + 1 if len(self) else 0
        u, rows = self._box.to_unit(x), []
        for point in u:
            identity = self._asked(point)
            if identity is None:
                identity, self._next = self._next, self._next + 1
                rows.append((identity, TOLD, np.nan))
            else:
                rows.append((identity, *self._pending.pop(identity)[1:]))
        status, value = ([getattr(e, part) for e in given] for part in ("status", "learned"))
        inside = self._target.holds(status, value)
        try:
            for (identity, origin, predicted), point, e, good in zip(rows, x, given, inside,
                                                                     strict=True):
                self._file.append(identity, number, origin, point, predicted, e, bool(good))
        finally:
            self._file.close()
            self._size = self._file.path.stat().st_size
        self._known.append(id=[row[0] for row in rows], iteration=[number] * len(x), x=x, u=u,
                           origin=[row[1] for row in rows], value=value, status=status,
                           inside=inside, observables=self._outputs.rows(given),
                           chi2=[e.value for e in given])
        self._known.follow(self._target)

    def _asked(self, point):
        """The id of the point asked for that this one is; None where there is none."""
        return next((identity for identity, (u, _, _) in self._pending.items()
                     if np.abs(u - point).max(initial=0.0) < SAME), None)

    def _first_free(self):
        return int(self._known.id.max()) + 1 if len(self._known) else 0

    # ---- what is known -----------------------------------------------------------------------
    @property
    def points(self):
        """All that was told, as `Result.points`."""
        return Result(self._folder).points

    @property
    def good(self):
        """Those in the target."""
        return Result(self._folder).good

    def result(self) -> Result:
        """Learn from all that was told, and write model and results into the folder.

        Raises InputError when no points were told, or the Scan has no folder.
        """
        if not self._kept or not len(self):
            raise InputError("result(): no points yet. Call tell first." if not len(self) else
                             "result(): this Scan has no folder. Make it with output=...")
        proposer = self._proposer(1)
        proposer.learn(self._known, self._rng)
        self._keep(proposer)
        self._model.save(self._folder / "model", {
            "parameters": self._box.described(), "value": self._value,
            "target": [self._target.low, self._target.high],
            "settings": self._config.as_dict(), **self._about})
        write_results(self._folder, self._known, self.names, self._value, [])
        return Result(self._folder)


def _named(evaluation):
    """With observables as a dict, as Replay wants them."""
    observables = evaluation.observables
    return evaluation if isinstance(observables, dict) else evaluation._replace(observables={})

