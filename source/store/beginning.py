"""Where a scan begins: points from elsewhere where there are any, then the design."""

from dataclasses import dataclass, field

import numpy as np

from ..acquisition.batch import Batch

ORIGIN = "imported"         # of the points in points.csv, with the name of the file behind it


@dataclass
class Imported:
    """Points to start a scan from.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    x : float array (n, D)
        All parameters, physical units.
    evaluations : list of Evaluation or None
        None: to be evaluated by the programs.
    origin : list of str
        'imported NAME'.
    was_inside : bool array (n,)
        In the target of the run they come from.
    told : list of str
        What was left out and why, in words.
    lacking : dict of int to Evaluation
        Row -> what is stored of a point that programs are to complete.
    """

    u: np.ndarray
    x: np.ndarray
    evaluations: list
    origin: list
    was_inside: np.ndarray
    told: list = field(default_factory=list)
    lacking: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.u)


class Beginning:
    """The first batches of a scan: points from elsewhere where there are any, then the design.

    Parameters
    ----------
    start : Imported or None
    points : Points
        Of the run so far.
    size : int
        Points of the design; those from elsewhere count as a part of it.

    Attributes
    ----------
    given : int
        Points from elsewhere, which are the first of the run.
    """

    def __init__(self, start, points, size):
        self.start, self.size = start, size
        stored = sum(o.startswith(ORIGIN) for o in points.origin)
        self.given = len(start) if start and (stored or not len(points)) else stored

    def due(self, next_id):
        """Whether the batch that begins with this id is one of the first."""
        return not next_id or next_id == self.given < self.size

    def batch(self, next_id, proposer, rng):
        """The batch that begins with this id."""
        if self.start and not next_id:
            return Batch(self.start.u, self.start.origin, np.full(len(self.start), np.nan))
        return proposer.first(rng).head(self.size - self.given)

    def known(self, ids):
        """(id, Evaluation) of those of these points that come from elsewhere and have one."""
        evaluations = self.start.evaluations if self.start else []
        return [(i, evaluations[i]) for i in ids
                if i < min(self.given, len(evaluations)) and evaluations[i] is not None]
