"""The scan: evaluate points, learn from them, propose better ones. Start reading here."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .acquisition.draws import design_size
from .acquisition.proposer import Proposer
from .acquisition.state import Pending
from .evaluation import OK
from .likelihood.target import Target
from .models.outputs import make_outputs
from .models.saved_model import load_model
from .parallel.stream import Ahead, InTurn
from .parallel.tasks import PoolBase
from .scanning.alike import Alike
from .scanning.bar import Progress
from .scanning.progress import LOG
from .scanning.refining import Refining
from .scanning.stop_rules import StopRules
from .space.parameters import Box
from .statistics.goodness import counted
from .store.beginning import Beginning
from .store.book import Book
from .store.checkpoint import pack, unpack
from .store.history import progression
from .store.kept import Kept
from .store.points_table import write_inside
from .store.results import write_failed, write_results
from .store.state_file import State

__all__ = ["load_model", "scan"]
SAVE_SHARE = 20.0  # saving the model may take one part in so many of the time


class scan:  # noqa: N801 - the name people import
    """A scan of one run folder: iterate over it to run it.

    Parameters
    ----------
    model : object of models.make_model
    config : ScanConfig
    folder : path
        The run folder; a run that is stored there is continued.
    pool : auxiliary.Pool
        Evaluates points; must be entered.
    more : int
        Do that many iterations more than are done, whatever the stop rules say; 0: obey them.
    show : bool
        Show the bar.
    again : bool
        Forget why the run ended, and obey the stop rules of now.
    refine : dict, optional
        Do no iteration, but this: see `refining.Refining`.
    start : store.beginning.Imported, optional
        Points evaluated elsewhere: known from the beginning, and no evaluations of this run.
    gently : callable returning a context manager
        Wraps evaluating and saving: what must not be torn by a signal.

    Attributes
    ----------
    points : Points
        Everything evaluated so far.
    history : list of Progression
    reason : str or None
        Why the scan ended; None while it goes on.
    finished : bool
        All results are written.
    """

    def __init__(self, model, config, folder: str | Path, pool: PoolBase, more=0, show=True,
                 start=None, again=False, refine=None, gently=contextlib.nullcontext):
        self.model, self.config, self.folder, self.pool = model, config, Path(folder), pool
        self.box, self.target = Box.from_config(config), Target.from_config(config)
        self.value_name = "value" if self.target.is_band else "chi2"
        self.outputs = make_outputs(config, self.box, model.kind)
        self.proposer = Proposer(config.loop, config.acquisition, self.box, self.target, model,
                                 self.outputs,
                                 lambda step: self.progress.phase(step))  # noqa: PLW0108 - not yet
        self.rng = np.random.default_rng(config.Seed)
        self.history, self.reason, self.gently = [], None, gently
        self.model_is_whole, self.finished, self._next_save = False, False, 0.0
        self.book = Book(folder, self.box, self.target, self.value_name,
                         pool.calculator.observables, self.outputs)
        self.file, self.points = self.book.file, self.book.points
        self.stream = (Ahead if config.Asynchronous else InTurn)(pool, self._store)
        self._restore(State.load(folder))
        self.refining = Refining(config, self.box, self.target, self.book.column, refine)
        self._before, self._counted = self.reason, counted(pool.calculator)
        done = len(self.history) + self.book.done()
        self.beginning = Beginning(start, self.points, design_size(config, self.box.dim))
        if self.reason is None:     # --more than the run was going to do
            done = max(done, config.N_iteration + 1)
        self.rules = StopRules(config, done + more if more else None, self.beginning.given,
                               self.refining.reserve(self.points))
        pool.end_at(self.rules.deadline)
        if more or again or refine:
            self.reason = None
        self.progress = Progress(self.rules.expected(self.box.dim), len(self.points),
                                 int(self.points.inside.sum()), int((~self.points.ok).sum()), show)
        self.kept = Kept(self.folder, config, self.target, self.points)
        self._told = self.target.high if self.history else None
        self.alike = Alike(self.box, self.file.path, self.points.status)

    def __iter__(self) -> Iterator["scan"]:
        """Run until a stop rule is met; yields this scan after each iteration."""
        try:
            for sent in self.book.sent:     # of a resumed run
                self._begin(sent)
                if self.refining.is_one(sent.batch):
                    self.refining.begin(sent.batch.info,
                                        self.points.take(self.points.id < sent.first))
            while True:
                while self.book.whole() and not self._asks():
                    self._advance()
                    yield self
                if not self.book.sent and self._refines():
                    pass
                elif self._finished():
                    return
                elif self._wants_more():
                    self._propose()
                self._expect()
                with self.gently():
                    self._evaluate()
        finally:
            self.refining.close()
            self._remember(self.stream.close())
            self.progress.close()
            self.file.close()

    def _expect(self):
        """Tell the bar what the scan does, and how many points are to come."""
        n, batches = self.book.next_id, len(self.history) + len(self.book.sent)
        self.progress.expect(self.rules.forecast(self.points, self.history, batches, n), n)
        self.progress.phase("refining" if self.refining.at_work else "evaluating")

    def _refines(self):
        """Begin the best fit when it is due, or what is wanted instead of iterations."""
        info = self.refining.due(self.points, self.rules, self.book.next_id, self._finished)
        if info is None:
            return False
        self.reason = None
        self.refining.begin(info, self.points)
        return self._ask()

    def _asks(self):
        """True when a refinement needs more points, so that its batch has grown."""
        sent = self.book.sent[0]
        return (self.refining.is_one(sent.batch) and self.refining.at_work
                and self._ask(sent))

    def _ask(self, sent=None):
        batch = self.refining.ask(self.points, sent)
        if batch is not None:
            self._begin(self.book.send(batch) if sent is None else self.book.grow(sent, batch),
                        saved=False)
        return batch is not None

    def _wants_more(self):
        """True when the next batch is to be proposed: now, or while others are evaluated."""
        pending = self.book.next_id - len(self.points)
        return (self.refining.lets_propose
                and self.rules.may_propose(len(self.history) + len(self.book.sent),
                                           self.book.next_id)
                and self.stream.wants_more(len(self.points), pending))

    def _propose(self):
        """The next batch, on disk before the first of its points is evaluated."""
        first, self.model_is_whole = self.beginning.due(self.book.next_id), False
        started, room = time.monotonic(), self.rules.room(self.book.next_id)
        with self.gently() if first else contextlib.nullcontext():  # Sobol swallows a Ctrl-C
            batch = self.beginning.batch(self.book.next_id, self.proposer, self.rng) if first \
                else self.proposer.propose(self.points, self.rng, Pending(
                    self.book.pending(), self.book.next_id, self.stream.least(), room))
        if not len(batch):
            self.rules.exhaust()
            return
        self._begin(self.book.send(batch.head(room)), saved=False)
        if not first:
            self.stream.proposed(time.monotonic() - started)
            self.model_is_whole = True
            if time.monotonic() > self._next_save:
                with self.gently():
                    self._save_model()
            self.pool.end_at(self.rules.took(time.monotonic() - started))

    def _begin(self, sent, saved=True):
        """Let a batch be evaluated, but for what is stored of it already."""
        if not saved:
            self._save()
        sent.begun = time.perf_counter()
        known = self.beginning.known(self.book.missing(sent)[0])
        for inside, (_, evaluation) in zip(self.book.write(known), known, strict=True):
            self.progress.add(inside, evaluation.status != OK)
        self._remember(known)
        self.stream.add(*self.book.missing(sent))

    def _evaluate(self):
        """Store what is evaluated, until there is something else to do."""
        for done in self.stream.outcomes():
            self._remember(done)
            if self.book.whole() or self._finished() or self._wants_more():
                break
        else:
            if self.book.sent and not self.book.whole():    # the pool was told to end
                if self.pool.stop_requested.is_set():
                    raise KeyboardInterrupt
                self.reason = self.rules.time_is_over()
        self.file.sync()

    def _remember(self, done):
        """Evaluated points, which are on disk, into memory; a target may move with them."""
        if self.book.remember(done):
            self.progress.good = int(self.points.inside.sum())

    def _store(self, identity, evaluated):
        """One point onto the disk, as soon as it is evaluated."""
        if evaluated.files:     # before its row: what a crash tears apart is evaluated again
            told = self.kept.take(identity, evaluated)
            if told:
                LOG.warning("Note: %s.", told)
        inside, = self.book.write([(identity, evaluated)])
        self.progress.add(inside, evaluated.status != OK)
        said = self.alike.add(evaluated)
        if said:
            LOG.warning("Note: %s.", said)

    def _advance(self):
        """Close the oldest batch, all of which is evaluated."""
        sent = self.book.sent.pop(0)
        points = self.points.take(slice(0, np.searchsorted(self.points.id, sent.end)))
        self.history.append(progression(self.model.kind, points, sent, time.perf_counter(),
                                        self.target))
        if self.target.above is not None and self.target.high != self._told:
            self._told = self.target.high
            LOG.info("The target is now %s: %d of %d points are in it.", self.target,
                     self.points.inside.sum(), len(self.points))
        if len(self.history) == 1 and not self.beginning.given:
            self.alike.refuse(points)

    def _finished(self):
        if not self.refining.lets_propose:
            if self.refining.done and self.reason is None:
                self.reason = self._before or self.rules.met(self.points, self.history)
            return self.refining.done or self.rules.time_is_up
        if self.reason is None and (self.config.Asynchronous or not self.book.sent):
            self.reason = self.rules.met(self.points, self.history, bool(self.book.sent))
        return self.reason is not None

    def _save(self):
        with self.gently():     # an archive that is torn complains when it is collected
            pack(self.rng, self.history, [sent.batch for sent in self.book.sent], self.reason,
                 self.proposer.arrays(), self._counted).save(self.folder)

    def _restore(self, state):
        batches = []
        if state is not None:
            self.history, batches, self.reason, arrays = unpack(state, self.rng)
            if self.history or len(batches) > 1:
                self.proposer.restore(arrays)
        self.book.open(batches, sum(h.evaluated for h in self.history[-1:]), len(self.history))

    def finish(self, learn: bool = True) -> None:
        """Learn from the last batch, write all results, and mark the run as finished."""
        if learn and len(self.points):
            self.proposer.learn(self.points, self.rng, self.stream.least() > 0)
            with self.gently():
                self._save_model()
        self.write_results()
        if not self.rules.time_is_up:   # then the state is that from which the run goes on
            self._save()  # last: whatever ends the process before it is made good by a resume
        self.finished = True

    def leave(self):
        """Write what a run that is stopped can show: the state is on disk already."""
        if self.model_is_whole:
            self._save_model()
        self.write_results()

    def _save_model(self):
        started = time.monotonic()
        target = self.proposer.scale.target if self.proposer.scale else self.target
        self.model.save(self.folder / "model", {
            "parameters": self.box.described(), "value": self.value_name,
            "target": [target.low, target.high],
            "settings": self.config.as_dict(), **self.proposer.about()})
        self._next_save = time.monotonic() + SAVE_SHARE * (time.monotonic() - started)

    def write_results(self):
        """Accumulated_points.txt, chi2.txt, iterations.csv, and an input file a kind of failure."""
        if self.target.above is not None:
            self.file.close()
            write_inside(self.file.path, self.points)
        write_results(self.folder, self.points, self.box.names, self.value_name, self.history)
        if hasattr(self.pool.calculator, "input_text"):
            write_failed(self.folder, self.points, self.pool.calculator.input_text)
