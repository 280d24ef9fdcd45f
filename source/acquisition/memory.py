"""What was predicted of the points of batches: it tells how much model and surrogate count."""

import numpy as np

KEPT = 1600         # predicted points that are remembered


class Memory:
    """The predictions of one scan.

    Attributes
    ----------
    rows : float array (n, 5)
        Id of a point, what `Rater.rate` said of it, and the level of its cluster.
    """

    def __init__(self):
        self.rows = np.empty((0, 5))
        self.scaled = False     # they are as 1.0.0 kept those of a regressor

    def unscale(self, scale):
        """Make values of what 1.0.0 kept on this scale."""
        self.rows[:, 1:4] = scale.as_values(self.rows[:, 1:4])
        self.scaled = False

    def past(self, points):
        """What was said of evaluated points: rows of them, the numbers of `rate` in turn, level."""
        rows, known = points.rows(self.rows[:, 0])
        return (rows, *self.rows[known, 1:].T)

    def add(self, ids, said, level, waiting):
        """Keep what is said (n, 3) of points with these ids (n,), and their level (n,).

        waiting: int, points of which nothing can be learned yet, and which are remembered besides.
        """
        new = np.column_stack([ids, said, level])
        self.rows = np.concatenate([self.rows, new])[-(KEPT + waiting):]

    def forget(self):
        """The target is another one, and a probability to be in it tells nothing any more."""
        self.rows = self.rows[:0]

    def arrays(self):
        """What an exact resume needs."""
        return {"proposer_said": self.rows}

    def restore(self, arrays, kind):
        """Go on from what `arrays` gave; kind: of the model."""
        earlier = "proposer_said" not in arrays
        self.rows = np.array(arrays["proposer_predictions" if earlier else "proposer_said"])
        self.scaled = earlier and kind == "regressor"
