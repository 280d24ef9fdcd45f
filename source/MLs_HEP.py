"""The scan: judge points, learn from them, propose better ones. Start reading here."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from auxiliary import Pool, make_calculator
from console import summary
from console.arguments import parse
from console.commands import OTHERS, run_check
from console.progress import LOG, Progress, logging_to
from console.recheck import recheck
from console.stop_rules import StopRules, refuse_if_all_failed
from errors import ScannerError
from learning.saved_model import load_model
from models import ALIASES, MODELS, make_model, model_name
from observables import OK, Target
from parameters import Box
from proposing.outputs import make_outputs
from runfiles.checkpoint import pack, unpack
from runfiles.history import Progression, mean_absolute_error
from runfiles.points_file import PointsFile
from runfiles.points_table import check_complete, read_points
from runfiles.results import write_failed, write_results
from runfiles.run_folder import open_run
from running.stopping import Stopper
from scan_config import load_config
from selection import Proposer
from storage import State

__all__ = ["load_model", "main", "scan"]
SAVE_SHARE = 20.0  # saving the model may take one part in so many of the time


class scan:  # noqa: N801 - the name people import
    """A scan of one run folder: iterate over it to run it.

    Parameters
    ----------
    model : object of models.make_model
    config : ScanConfig
    folder : path
        The run folder; what is stored there is gone on from.
    pool : auxiliary.Pool
        Judges points; must be entered.
    more : int
        Do that many iterations more than are done, whatever the stop rules say; 0: obey them.
    show : bool
        Show the bar.

    Attributes
    ----------
    points : Points
        Everything judged so far.
    history : list of Progression
    reason : str or None
        Why the scan ended; None while it goes on.
    finished : bool
        All results are written.
    gently : callable returning a context manager
        Wraps judging: what must not be torn by a signal.
    """

    def __init__(self, model, config, folder: str | Path, pool: Pool, more=0, show=True):
        self.model, self.config, self.folder, self.pool = model, config, Path(folder), pool
        self.box, self.target = Box.from_config(config), Target.from_config(config)
        self.value_name = "value" if self.target.is_band else "chi2"
        self.proposer = Proposer(config, self.target, self.box.dim, model)
        self.proposer.precut, self.proposer.snap = self.box.precut, self.box.snap
        self.outputs = self.proposer.outputs = make_outputs(config, self.box, model.kind)
        self.rng = np.random.default_rng(config.Seed)
        self.history, self.pending, self.reason = [], None, None
        self.gently = contextlib.nullcontext
        self.model_is_whole, self.finished, self._next_save = False, False, 0.0
        self.file = PointsFile(folder, self.box.names, self.value_name,
                               pool.calculator.observables)
        self.points = read_points(self.file.path, self.box, self.value_name, self.target,
                                  self.outputs.columns)
        self._restore(State.load(folder))
        batch = self.box.to_physical(self.pending.u) if self.pending else self.points.x[:0]
        check_complete(self.file.path, self.points, self._first_id(), batch)
        self.rules = StopRules(config, len(self.history) + more if more else None)
        if more:
            self.reason = None
        self.progress = Progress(self.rules.expected(self.box.dim), len(self.points),
                                 int(self.points.inside.sum()), int((~self.points.ok).sum()), show)

    def __iter__(self) -> Iterator["scan"]:
        """Run until a stop rule is met; yields this scan after each iteration."""
        try:
            while not self._finished():
                batch = self.pending or self._propose()
                started = time.perf_counter()
                with self.gently():
                    self._judge(batch)
                self._advance(batch, time.perf_counter() - started)
                yield self
        finally:
            self.progress.close()
            self.file.close()

    def _propose(self):
        """The next batch, on disk before the first of its points is judged."""
        first, self.model_is_whole = not len(self.points), False
        with self.gently() if first else contextlib.nullcontext():  # Sobol swallows a Ctrl-C
            batch = self.proposer.first(self.rng) if first else \
                self.proposer.propose(self.points, self.rng)
        self.pending = batch.head(self.rules.room(len(self.points)))
        self._save()
        self.model_is_whole = not first
        if self.model_is_whole and time.monotonic() > self._next_save:
            self._save_model()
        return self.pending

    def _judge(self, batch):
        """Judge what is not stored yet of a batch, each point stored as soon as it is judged."""
        start, x = self._first_id(), self.box.to_physical(batch.u)
        missing = np.setdiff1d(np.arange(len(x)), self.points.id - start)
        done = []
        for row, judged in self.pool.map(x[missing]):
            done.append((missing[row], judged))
            self._store(start, *done[-1], batch, x)
        self._remember(start, done, batch, x)
        self.file.sync()
        if len(done) < len(missing):
            raise KeyboardInterrupt

    def _store(self, start, row, judged, batch, x):
        """One point onto the disk."""
        inside = bool(self.target.holds(judged.status, judged.value))
        self.file.append(start + row, len(self.history), batch.origin[row], x[row],
                         batch.predicted[row], judged, inside)
        self.progress.add(inside, judged.status != OK)

    def _remember(self, start, done, batch, x):
        """The judged points of a batch into memory."""
        rows = np.array([row for row, _ in done], int)
        status, value = ([getattr(j, name) for _, j in done] for name in ("status", "value"))
        self.points.append(
            id=start + rows, iteration=np.full(len(rows), len(self.history)),
            origin=[batch.origin[row] for row in rows], x=x[rows],
            u=self.box.to_unit(x[rows]), value=value, status=status,
            inside=self.target.holds(status, value),
            observables=self.outputs.rows([j for _, j in done]))

    def _advance(self, batch, seconds):
        """Take stock of a judged batch."""
        new = self.points.take(self.points.id >= self._first_id())
        self.history.append(Progression(
            len(self.history), len(self.points), int(self.points.inside.sum()),
            int((~self.points.ok).sum()), float(new.inside.mean()),
            mean_absolute_error(self.model.kind, batch.predicted, new),
            int(batch.info.get("islands", 0)),
            {"judge": seconds, **batch.info.get("seconds", {})}))
        self.pending = None
        if len(self.history) == 1:
            refuse_if_all_failed(new, self.file.path)

    def _finished(self):
        if self.pending is None and self.reason is None:
            self.reason = self.rules.met(self.points, self.history)
        return self.reason is not None

    def _first_id(self):
        """Id of the first point of the batch at work."""
        return self.history[-1].judged if self.history else 0

    def _save(self):
        pack(self.rng, self.history, self.pending, self.reason,
             self.proposer.arrays()).save(self.folder)

    def _restore(self, state):
        if state is not None:
            self.history, self.pending, self.reason, arrays = unpack(state, self.rng)
            if self.history:
                self.proposer.restore(arrays)

    def finish(self) -> None:
        """Learn from the last batch, write all results, and mark the run as finished."""
        if len(self.points):
            self.proposer.learn(self.points, self.rng)
            self._save_model()
        self.write_results()
        self._save()  # last: whatever ends the process before it is made good by a resume
        self.finished = True

    def leave(self):
        """Write what a run that is stopped can show: the state is on disk already."""
        if self.model_is_whole:
            self._save_model()
        self.write_results()

    def _save_model(self):
        started = time.monotonic()
        self.model.about = {"parameters": self.box.described(), "value": self.value_name,
                            "target": [self.target.low, self.target.high],
                            "settings": self.config.as_dict(), **self.proposer.about()}
        self.model.save(self.folder / "model")
        self._next_save = time.monotonic() + SAVE_SHARE * (time.monotonic() - started)

    def write_results(self):
        """Accumulated_points.txt, chi2.txt, iterations.csv, and an input file a kind of failure."""
        write_results(self.folder, self.points, self.box.names, self.value_name, self.history)
        if hasattr(self.pool.calculator, "input_text"):
            write_failed(self.folder, self.points, self.pool.calculator.input_text)


# ---- the command line ------------------------------------------------------------------------
def run_scan(args):
    """`./run.sh MODEL`: start or resume a run, and tell what came of it; returns the exit code."""
    with Stopper() as stopper:
        try:
            return _open_and_run(args, stopper)
        except KeyboardInterrupt:
            print("Stopped before the scan had begun; the same command starts it.", flush=True)
            return stopper.exit_code


def _open_and_run(args, stopper):
    config = load_config(args.input)
    name = model_name(args.command)
    box = Box.from_config(config)
    calculator = make_calculator(config, box.names)
    run = open_run(config, name, args.output, args.new, args.more)
    try:
        with logging_to(run.folder), \
                Pool(calculator, config.N_Cores, config.Timeout_point) as pool:
            pool.stop_requested = stopper.request
            model = make_model(name, config, box.dim)
            task = scan(model, config, run.folder, pool, args.more)
            summary.opening(task, run, name)
            return _run_task(task, name, stopper)
    finally:
        run.lock.release()


def _run_task(task, name, stopper):
    if hasattr(task.model, "warm_up"):  # seconds that cost nothing while points are judged
        threading.Thread(target=task.model.warm_up, daemon=True).start()
    task.gently = stopper.gently
    stopper.farewell = lambda: print(summary.how_to_go_on(task, name))
    try:
        difference = recheck(task.pool, task.points)
        if difference:
            LOG.warning("Note: %s.", difference)
        for state in task:
            summary.iteration(state)
            summary.pictures(state, finished=False)
        task.finish()
        summary.pictures(task, finished=True)
    except (KeyboardInterrupt, Exception) as error:
        # libraries that are loading turn a Ctrl-C into errors of their own
        if isinstance(error, ScannerError) or not stopper.request.is_set():
            raise
        if not task.finished:
            task.leave()
        LOG.info(summary.how_to_go_on(task, name))
        return stopper.exit_code
    summary.closing(task, name)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 2 bad input, 130 stopped by Ctrl-C."""
    try:
        args = parse(argv, (*MODELS, *ALIASES), run_scan, run_check, OTHERS)
        return args.run(args)
    except ScannerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
