"""When a scan ends, and how far it may go."""

import time
from collections import deque

import numpy as np

from ..acquisition.draws import design_size
from ..acquisition.slots import batch_size
from ..shown import counted
from .refining import refinements

RESERVE = 2.5   # times the usual learning of late: the last one, which may be from scratch
GUESS = 0.5     # share of good points in a batch, before there is one
RECENT = 5      # trainings whose median is the usual: one that had to wait does not end the scan


def _are(number, noun):
    """'1 point is', '2 points are'."""
    return f"{counted(number, noun)} {'is' if number == 1 else 'are'}"


class StopRules:
    """The stop rules of a scan; the first that is met ends it.

    Parameters
    ----------
    config : ScanConfig
    goal : int or None
        End after so many iterations, whatever the other rules but Max_time say.
    given : int
        Points that the run was started from: no evaluations of its own.
    reserve : int
        Of Max_evaluations, points that are kept for the best fit.

    Attributes
    ----------
    deadline : float
        Reading of time.monotonic() after which only the last training and the results have a
        place in Max_time.
    time_is_up : bool
        Max_time has ended the scan.
    exhausted : bool
        Nothing is left to propose.
    """

    def __init__(self, config, goal=None, given=0, reserve=0):
        self.config, self.goal, self.given = config, goal, given
        limit = config.Max_time
        self._end = time.monotonic() + limit if limit else float("inf")
        self._learning, self._recent = 0.0, deque(maxlen=RECENT)
        self.deadline, self.time_is_up, self.exhausted = self._end, False, False
        self.reserve = reserve

    def exhaust(self):
        """Nothing is left to propose."""
        self.exhausted = True

    def release(self):
        """Nothing is kept for the best fit any more."""
        self.reserve = 0

    def took(self, seconds):
        """Learning and saving the model took so long; returns the new deadline."""
        self._recent.append(seconds)
        self._learning = float(np.median(self._recent))
        self.deadline = self._end - RESERVE * self._learning
        return self.deadline

    def time_is_over(self):
        """End the scan for Max_time; returns the reason."""
        self.time_is_up = True
        return f"Max_time: another batch would take longer than {self.config.Max_time:g} s"

    def may_propose(self, batches, proposed):
        """Another batch is allowed after so many batches and points, and there is time for it."""
        c, room = self.config, self.room(proposed)
        most = c.N_iteration + 1 if self.goal is None else self.goal
        return (not self.exhausted and batches < most and (room is None or room > 0)
                and time.monotonic() + self._learning < self.deadline)

    def met(self, points, history, busy=False):
        """The rule that is met, in words, or None.

        Parameters
        ----------
        points : Points
            All that are evaluated.
        history : list of Progression
        busy : bool
            Points are being evaluated: Max_time is not met then.
        """
        c, good = self.config, int(points.inside.sum())
        evaluated = len(points) - self.given
        if not busy and time.monotonic() + self._learning > self.deadline:
            return self.time_is_over()
        if self.exhausted and not busy:
            return ("every combination of the whole numbers and choices is evaluated: "
                    f"{counted(evaluated, 'point')}")
        if self.goal is not None:
            if len(history) < self.goal:
                return None
            return f"--more: {_are(len(history) - 1 - refinements(points), 'iteration')} done"
        if c.Max_evaluations and evaluated >= c.Max_evaluations:
            return f"Max_evaluations: {_are(evaluated, 'point')} evaluated"
        if c.Target_points and good >= c.Target_points:
            return f"Target_points: {_are(good, 'point')} in the target"
        mae = history[-1].mae if history else np.nan
        if c.MAE_tolerance and mae < c.MAE_tolerance:
            return f"MAE_tolerance: the mean absolute error is {mae:.3g}"
        if len(history) > c.N_iteration:
            return f"N_iteration: {_are(c.N_iteration, 'iteration')} done"
        return None

    def room(self, evaluated):
        """How many more points may be proposed; None where nothing limits them."""
        left = self.left(evaluated)
        return None if left is None else max(0, left - self.reserve)

    def left(self, evaluated):
        """How many more points may be evaluated; None where nothing limits them."""
        limit = self.config.Max_evaluations
        return None if limit is None or self.goal is not None else limit - evaluated + self.given

    def expected(self, dim):
        """Points that will be evaluated in all, at most."""
        c = self.config
        iterations = c.N_iteration if self.goal is None else self.goal - 1
        total = max(0, design_size(c, dim) - self.given) + iterations * c.Size_batch_K
        total = total if self.goal is not None else min(total, c.Max_evaluations or total)
        return total + self.given

    def forecast(self, points, history, batches, proposed):
        """Points that will be evaluated in all, as far as can be told now.

        Batches grow with the good points, as many of each as of the latest, unless another rule
        is met before.

        Parameters
        ----------
        points : Points
        history : list of Progression
        batches, proposed : int
            Batches and points that were proposed so far.

        Returns
        -------
        int
        """
        c, total = self.config, proposed
        share = history[-1].efficiency if len(history) > 1 else GUESS
        good = points.inside.sum() + share * (proposed - len(points))
        limit = c.Max_evaluations + self.given if c.Max_evaluations else float("inf")
        if self.goal is not None:
            limit = float("inf")
        for _ in range(batches, c.N_iteration + 1 if self.goal is None else self.goal):
            if total >= limit or (self.goal is None and good >= (c.Target_points or np.inf)):
                break
            size = batch_size(c.Size_batch_K, c.Size_batch_search, int(good), 0)
            total, good = total + size, good + share * size
        return int(min(total, max(limit, len(points))))
