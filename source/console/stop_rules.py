"""When a scan ends, and how far it may go."""

import time

import numpy as np

from errors import ProgramError
from observables import OK
from proposing.candidates import design_size


class StopRules:
    """The stop rules of a scan; the first that is met ends it.

    Parameters
    ----------
    config : ScanConfig
    goal : int or None
        End after so many iterations, whatever the other rules but Max_time say.
    """

    def __init__(self, config, goal=None):
        self.config, self.goal = config, goal
        self._started = time.monotonic()

    def met(self, points, history):
        """The rule that is met, in words, or None."""
        c, judged, good = self.config, len(points), int(points.inside.sum())
        if c.Max_time and time.monotonic() - self._started > c.Max_time:
            return f"Max_time: {c.Max_time:g} s are over"
        if self.goal is not None:
            return f"--more: {len(history)} batches are done" if len(history) >= self.goal else None
        if c.Max_evaluations and judged >= c.Max_evaluations:
            return f"Max_evaluations: {judged} points are judged"
        if c.Target_points and good >= c.Target_points:
            return f"Target_points: {good} points are in the target"
        mae = history[-1].mae if history else np.nan
        if c.MAE_tolerance and mae < c.MAE_tolerance:
            return f"MAE_tolerance: the mean absolute error is {mae:.3g}"
        if len(history) > c.N_iteration:
            return f"N_iteration: {c.N_iteration} iterations are done"
        return None

    def room(self, judged):
        """How many more points may be judged; None where nothing limits them."""
        limit = self.config.Max_evaluations
        return None if limit is None or self.goal is not None else limit - judged

    def expected(self, dim):
        """Points that will be judged in all, at most."""
        c = self.config
        iterations = c.N_iteration if self.goal is None else self.goal - 1
        total = design_size(c, dim) + iterations * c.Size_batch_K
        return total if self.goal is not None else min(total, c.Max_evaluations or total)


def refuse_if_all_failed(points, path):
    """Stop a scan whose whole first batch failed in one way: more of it would teach nothing.

    Raises
    ------
    ProgramError
        With the status, and where the reasons stand.
    """
    kinds = set(points.status)
    if len(kinds) == 1 and OK not in kinds:
        raise ProgramError(
            f"All of the first {len(points)} points failed in the same way: {kinds.pop()}. "
            f"See the column 'reason' in {path}; mend the set-up, or the ranges.")
