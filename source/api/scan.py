"""A scan from Python: the engine, run folder, resume and errors of the command line."""

import contextlib
import logging
from dataclasses import replace
from typing import Any

from ..auxiliary import Pool, make_pool
from ..cli import summary
from ..errors import InputError
from ..MLs_HEP import scan as engine
from ..models.registry import make_model, model_name
from ..parallel.others import Connected, MapPool, is_dask_client
from ..parallel.workers import sendable
from ..prediction.validate import run_config
from ..scanning.progress import LOG, logging_to
from ..scanning.recheck import warn_of_difference
from ..space.parameters import Box
from ..store.beginning import ORIGIN
from ..store.folders import find_run, result_folder
from ..store.imported import gather
from ..store.opening import open_folder, open_run
from ..store.points_file import NAME
from ..store.points_table import read_table
from ..store.settings_file import load_settings
from ..store.state_file import State
from .result import Result
from .settings import calculator_of, configuration


def scan(function: Any, parameters: dict | None = None, *, observables=None, model: str = "DNNR",
         n_points: int | None = None, seed: int | None = None, output=None, pool=None,
         vectorised: bool | None = None, progress: bool = True, start=None,
         **settings: Any) -> Result:
    """Find the points of a parameter space that fulfil what is known; returns a `Result`.

    The same call goes on with a run that was stopped, and returns one that is complete.

    Parameters
    ----------
    function : callable, str, path or object
        What evaluates a point. A function of a point (d,), in physical units: `p['mass']`, `p[0]`
        or `mass, g = p`; or of arguments with the names of the parameters. It returns chi2, or a
        dict of observables; what it raises makes the point a failed one. Also 'file.py:function',
        the name of a built-in calculator ('THDM', 'F_2d', ...), an input file ('scan_input.py'),
        or an object with `evaluate(x (n, D), scratch folder)` that returns n evaluations.
    parameters : dict
        Name -> (lowest, highest), (lowest, highest, 'prior'), a fixed number, or a text: a prior
        that needs no range ('choice [1, 2, 5]'), or a formula of others ('2 * mass').
    observables : sequence of observable(...)
        What is known; chi2 and limits are made of it.
    model : str
        'DNNR', 'GBR', 'RFR', 'SVR_RBF', 'SVR_POLY', 'DNNC', 'RFC', or one that was registered.
    n_points : int
        Points evaluated in all; None: as the settings say (20 iterations).
    seed : int
        Same seed, same scan, with any pool.
    output : path
        The run folder; None: a new one in ./result, or that of the last unfinished run of the
        model.
    pool : int, or object with `map`, or distributed.Client
        Processes of this machine (0: evaluate in this one), or a pool of yours, which stays open.
    vectorised : bool
        The function takes an array (n, d) of points.
    progress : bool
        Show a bar.
    start : path, Result, or several of them
        Points one has: run folders and tables. The model learns from them first, and they do not
        count as points of this scan. Three of them are evaluated again; a difference is told.
    **settings
        Any setting of the input file: Chi_square_threshold=5, Size_batch_K=100, ...

    Raises
    ------
    InputError, ProgramError, StorageError
        All are ScannerErrors: what is wrong and what to do about it.
    """
    config = configuration(function, parameters, settings, observables=observables,
                           n_points=n_points, seed=seed, vectorised=vectorised)
    return _Call(function, config, model_name(model), pool, progress, start).run(output)


def load(run: Any, function: Any = None, pool: Any = None) -> Result:
    """The `Result` of a run folder, or of the newest run of a model in ./result.

    Parameters
    ----------
    run : path or str
    function, pool
        As for `scan`; for `Result.continue_`. The function is needed where the run folder does
        not tell it.

    Raises
    ------
    StorageError
        There is no such run, or its settings cannot be read.
    """
    folder = find_run(str(run), result_folder(), lambda path: (path / "points.csv").exists())
    stored = load_settings(folder or run)
    call = _Call(function, run_config(stored["settings"]), stored.get("model", ""), pool, True)
    return Result(folder or run, call)


def _files(start):
    """Paths of what a scan starts from."""
    several = start if isinstance(start, list | tuple) else [start]
    return [part.folder if isinstance(part, Result) else part for part in several]


class _Call:
    """The arguments of a run, so that it can be continued."""

    def __init__(self, function, config, model, pool, progress, start=None):
        self.function, self.config, self.model = function, config, model
        self.pool, self.progress, self.start = pool, progress, start

    def run(self, output=None, again=False):
        """Run until a stop rule is met; returns the Result."""
        box = Box.from_config(self.config)
        calculator = calculator_of(self.function, self.config, box.names)
        pool, notes = self._pool(calculator)
        start = gather(_files(self.start), box, self.config) if self.start is not None else None
        run = open_run(self.config, self.model, result_folder()) if output is None else \
            open_folder(self.config, self.model, output)
        try:
            if again or not self._complete(run.folder):
                with logging_to(run.folder, logging.WARNING), pool:
                    for note in notes:
                        LOG.warning("Note: %s", note)
                    self._scan(run, box, pool, start)
        finally:
            run.lock.release()
        return Result(run.folder, self)

    def more(self, folder, n, pool):
        """Evaluate n points more in that folder."""
        done = self._done(folder)
        config = replace(self.config, Max_evaluations=done + n, N_iteration=done + n,
                         Target_points=None, MAE_tolerance=None, Max_time=None)
        return _Call(self.function, config, self.model, self.pool if pool is None else pool,
                     self.progress).run(folder, again=True)

    def _complete(self, folder):
        """Whether a run has ended, with as many points as are asked for."""
        state = State.load(folder)
        if state is None or state.meta["reason"] is None:
            return False
        return (self.config.Max_evaluations or 0) <= self._done(folder)

    def _done(self, folder):
        """Points that a run has evaluated itself."""
        origin = read_table(folder / NAME, ("origin",))["origin"]
        return sum(not str(word).startswith(ORIGIN) for word in origin)

    def _pool(self, calculator):
        """The pool of the call, not entered, and what is to be said about it."""
        c, pool = self.config, self.pool
        if pool is None or (isinstance(pool, int) and not isinstance(pool, bool)):
            if pool is None and c.Executor != "multiprocessing":
                return make_pool(calculator, c), []
            n = c.N_Cores if pool is None else pool
            if n < 0:
                raise InputError(f"pool = {n}; expected a number of processes, 0 or more.")
            notes = []
            if n and not sendable(calculator):
                n, notes = 0, [
                    f"{c.Calculator.rpartition(':')[2]} is evaluated in this process, one point "
                    "after the other: a function of a session or script cannot be sent to other "
                    "processes. For several processes put it into a file, then import it from "
                    "there or give 'file.py:function'."]
            return Pool(calculator, n, c.Timeout_point), notes
        if is_dask_client(pool):
            from ..parallel.dask_pool import DaskPool
            return DaskPool(calculator, Connected(pool), c.Timeout_point), []
        if not callable(getattr(pool, "map", None)):
            raise InputError(f"pool = {pool!r}; expected a number of processes, an object with a "
                             "method map (concurrent.futures, multiprocessing, mpi4py.futures), or "
                             "a Dask client.")
        return MapPool(calculator, pool), []

    def _scan(self, run, box, pool, start):
        model = make_model(self.model, self.config.models, box.dim)
        task = engine(model, self.config, run.folder, pool, show=self.progress,
                      again=run.resumed, start=start)
        summary.opening(task, run, self.model)
        if start and not run.resumed:
            summary.started_from(start, pool, accept=True)
        warn_of_difference(pool, task.points)
        try:
            for state in task:
                summary.iteration(state)
            task.finish()
        except KeyboardInterrupt:
            with contextlib.suppress(KeyboardInterrupt):
                task.leave()
            LOG.warning("Stopped. %d evaluated points are kept in %s. The same call continues.",
                        len(task.points), run.folder)
            raise
        summary.closing(task, self.model)
