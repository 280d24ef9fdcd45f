"""Points that no model of the scan proposes: an optimiser needs them, or a contour.

All points of one refinement are one batch, which grows as points are evaluated. Only these points
are on disk: after a stop the optimiser runs again from its start, and points that are evaluated
already cost nothing.
"""

from typing import Any

import numpy as np

from ..acquisition.batch import Batch
from ..acquisition.best_fit import BestFit
from ..shown import counted
from .contours import Contours

MOST = 300      # points for the best fit where the settings do not say,
SHARE = 0.1     # and of all points, at most
FEWEST = 20     # times the parameters: with fewer it is not begun, but for a target that follows
# the best point
FIT, CONTOUR = "best fit", "contour"


def improved(points):
    """What the last batch has improved, in words, where no model proposed it; else ''."""
    new = points.iteration == points.iteration[-1]
    if points.origin[-1] == Contours.origin:
        return f"Contour: {counted(new.sum(), 'further point')}."
    if points.origin[-1] != BestFit.origin:
        return ""
    return (f"Best fit: {counted(new.sum(), 'further point')}; smallest chi2 before "
            f"{points.best(~new):.6g}, now {points.best():.6g}.")


class Refining:
    """Points beside the iterations of a scan: of the best fit, or of a contour.

    Parameters
    ----------
    config : ScanConfig
    box : Box
    target : Target
    wanted : dict or None
        Do this and no iteration: {'refine': 'best fit', 'budget': 300}, or {'refine': 'contour',
        'budget': 500, 'columns': ['mA', 'mH']}.
    column : callable (name, ids (n,)) -> (n,)
        Values of an observable of evaluated points.

    Attributes
    ----------
    done : bool
        It has ended.
    """

    def __init__(self, config, box, target, column, wanted=None):
        self.column = column
        self.config, self.box, self.target, self.wanted = config, box, target, wanted
        self._asker: Any = None
        self._asked, self._info, self.done = 0, {}, False

    @property
    def at_work(self):
        """Points are asked for just now."""
        return self._asker is not None

    @property
    def lets_propose(self):
        """The scan may propose batches and see whether it has ended."""
        return not self.at_work and self.wanted is None

    @staticmethod
    def is_one(batch):
        """Whether a batch, of a resumed run, is one of these."""
        return "refine" in batch.info

    def _budget(self, points, n):
        """Points for the best fit of a scan of n points; 0 where it has been."""
        c, least = self.config, FEWEST * self.box.dim
        if self.target.is_band or self.done or (points.origin == BestFit.origin).any():
            return 0
        if c.Refine_evaluations is not None:
            return c.Refine_evaluations
        n = min(MOST, int(SHARE * n))
        return max(n, least) if self.target.above is not None else n if n >= least else 0

    def reserve(self, points):
        """Of Max_evaluations, points that are kept for the best fit."""
        most = self.config.Max_evaluations
        return min(most, self._budget(points, most)) if most and self.wanted is None else 0

    def due(self, points, rules, next_id, finished):
        """What is to be begun now, or None.

        Parameters
        ----------
        points : Points
        rules : StopRules
            What they reserve for it is set free when it is begun.
        next_id : int
        finished : callable
            Whether a stop rule is met.
        """
        if self.done or self.at_work:
            return None
        if self.wanted is not None:
            return self.wanted
        free = rules.room(next_id)
        n = rules.reserve or self._budget(points, next_id)
        if not n or not (finished() or (free is not None and free <= 0)) or rules.time_is_up:
            return None
        rules.release()
        left = rules.left(next_id)
        n = n if left is None else min(n, left)
        return {"refine": FIT, "budget": int(n)} if n > 0 else None

    def begin(self, info, points):
        """Begin; points are all that are evaluated before."""
        self._info, self._asked = info, 0
        self._asker = BestFit(points, self.box, info["budget"]) if info["refine"] == FIT else \
            Contours(points, self.box, info["budget"], info["columns"], self.column,
                     self.config.Seed)

    def ask(self, points, sent=None):
        """The next points as a Batch, or None at the end.

        Parameters
        ----------
        points : Points
        sent : Sent or None
            What was asked for before, all of it evaluated.
        """
        known = sent.batch.u if sent else np.empty((0, self.box.dim))
        while True:
            before = points if not sent else _until(points, sent.first + self._asked)
            u = self._asker.ask(before)
            if not len(u):
                self.close()
                return None
            old = known[self._asked:self._asked + len(u)]
            if not np.array_equal(old, u[:len(old)]):   # another version of an optimiser
                old, self._asked = u[:0], len(known)
            self._asked += len(u)
            if len(old) < len(u):
                new = u[len(old):]
                return Batch(new, [self._asker.origin] * len(new), np.full(len(new), np.nan),
                             self._info)

    def close(self):
        """End it, finished or not."""
        if self._asker is not None:
            self._asker.close()
            self._asker, self.done = None, True


def refinements(points):
    """How many batches of Points no model has proposed, as a refinement asked for them."""
    asked = np.isin(np.asarray(points.origin, str), (BestFit.origin, Contours.origin))
    return len(np.unique(points.iteration[asked]))


def _until(points, end):
    """Those with an id below `end`."""
    return points if points.id[-1] < end else points.take(points.id < end)
