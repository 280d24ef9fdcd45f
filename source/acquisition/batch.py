"""A batch of proposed points."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Batch:
    """Proposed points.

    Attributes
    ----------
    u : float array (n, d)
        Unit box.
    origin : list of str
        'design', 'prior', 'walk', 'local' (scattered around a cluster), 'neighbour' (another whole
        number or choice), 'misclassified' (scattered around good points that the model calls
        bad), 'prospect' (any of these for a promising place far from all good points, or behind a
        ridge), 'smote', 'search' (of the whole box, or of a slice without good points), 'shift'
        (where the pattern of the known parts goes on), 'descent' (down the valley of a place that
        came near), 'mirror' (a good point with other signs, or turned by a half), 'growth' (around
        a good point of a young part), 'exploration' (where nobody has been) or 'random'; and
        'refine' (the best fit) and 'contour' (of a profile).
    predicted : float array (n,)
        Predicted value (regressor) or probability (classifier); NaN where there is none.
    info : dict
        What was found on the way: components, levels, held-out error, seconds of each phase.
    """

    u: np.ndarray
    origin: list
    predicted: np.ndarray
    info: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.u)

    def head(self, n):
        """The first n points; all of them when n is None."""
        return self if n is None else Batch(self.u[:n], self.origin[:n], self.predicted[:n],
                                            self.info)

    def joined(self, other):
        """These points and those of another batch."""
        return Batch(np.concatenate([self.u, other.u]), self.origin + other.origin,
                     np.concatenate([self.predicted, other.predicted]), self.info)
