"""The points of one run: those that are evaluated, and the batches that are on their way."""

import numpy as np

from ..errors import StorageError
from .points_file import PointsFile
from .points_table import check_complete, is_old, read_points, read_table, split_file


class Sent:
    """A batch that was proposed and is not all evaluated.

    Attributes
    ----------
    batch : selection.Batch
    x : float array (n, d)
        Physical points.
    first : int
        Id of its first point; ids of a run have no gaps.
    number : int
        Of the iteration.
    begun : float
        Reading of time.perf_counter() when it was handed to the pool.
    """

    def __init__(self, batch, x, first, number):
        self.batch, self.x, self.first, self.number = batch, x, first, number
        self.begun = 0.0

    @property
    def end(self):
        """Id after that of its last point."""
        return self.first + len(self.x)


class Book:
    """Points in memory and on disk.

    Parameters
    ----------
    folder : path
        The run folder; its points.csv is read.
    box : parameters.Box
    target : Target
    value_name : str
        'chi2' or 'value'.
    observables : sequence of str
        Known in advance.
    outputs : outputs.Value
        What a regressor learns.

    Attributes
    ----------
    file : PointsFile
    points : Points
    sent : list of Sent
        Oldest first.
    """

    def __init__(self, folder, box, target, value_name: str, observables, outputs):
        self.box, self.target, self.outputs = box, target, outputs
        self.sent: list[Sent] = []
        self.file = PointsFile(folder, box.names, value_name, observables)
        if is_old(self.file.path):
            self.file.close()
            split_file(self.file.path)
            self.file = PointsFile(folder, box.names, value_name, observables)
        self.points = read_points(self.file.path, box, value_name, target, outputs.columns)
        self.points.follow(target)
        self._next = 0, 0   # id and number of the next batch

    def open(self, batches, first, number):
        """Go on with these batches; the first id and the number are those of the oldest one.

        Raises StorageError when points.csv is not that of this run.
        """
        self._next = first, number
        for batch in batches:
            self.send(batch)
        x = np.concatenate([self.points.x[:0], *(s.x for s in self.sent)])
        check_complete(self.file.path, self.points, first, x)

    def send(self, batch):
        """Note a batch that is going to be evaluated."""
        sent = Sent(batch, self.box.to_physical(batch.u), *self._next)
        self._next = sent.end, sent.number + 1
        self.sent.append(sent)
        return sent

    def grow(self, sent, batch):
        """Have more points in the latest batch, all of which is evaluated."""
        sent.batch = sent.batch.joined(batch)
        sent.x = np.concatenate([sent.x, self.box.to_physical(batch.u)])
        self._next = sent.end, sent.number + 1
        return sent

    @property
    def next_id(self):
        """Id that the next point to be proposed will have."""
        return self._next[0]

    def missing(self, sent):
        """Ids (n,) of a batch that are not evaluated, and their physical points (n, d)."""
        ids = np.arange(sent.first, sent.end)
        ids = ids[~self.points.rows(ids)[1]]
        return ids, sent.x[ids - sent.first]

    def pending(self):
        """Unit-box points (m, d) of all that is not evaluated."""
        return np.concatenate([self.points.u[:0], *(
            s.batch.u[self.missing(s)[0] - s.first] for s in self.sent)])

    def write(self, done):
        """Evaluated points, (id, Evaluation) each, onto the disk; True for those in the target."""
        inside = self.target.has([evaluated for _, evaluated in done]).tolist()
        rows = []
        for (identity, evaluated), good in zip(done, inside, strict=True):
            sent = self._of(identity)
            row = identity - sent.first
            rows.append((identity, sent.number, sent.batch.origin[row], sent.x[row],
                         sent.batch.predicted[row], evaluated, good))
        self.file.append_all(rows)
        return inside

    def remember(self, done):
        """(id, evaluated) of points that are on disk, into memory; True when the target moves."""
        if not done:
            return False
        ids = np.array([identity for identity, _ in done], int)
        homes = [self._of(identity) for identity in ids]
        status, value = ([getattr(e, name) for _, e in done] for name in ("status", "learned"))
        x = np.array([s.x[i - s.first] for s, i in zip(homes, ids, strict=True)])
        self.points.append(
            id=ids, iteration=[s.number for s in homes], x=x, u=self.box.to_unit(x), value=value,
            origin=[s.batch.origin[i - s.first] for s, i in zip(homes, ids, strict=True)],
            status=status, inside=self.target.holds(status, value), chi2=[e.value for _, e in done],
            observables=self.outputs.rows([evaluated for _, evaluated in done]))
        return self.points.follow(self.target)

    def column(self, name, ids):
        """A column (n,) of points.csv, of points with these ids (n,), which are sorted."""
        table = read_table(self.file.path, ["id", name])
        return table[name][np.searchsorted(table["id"], ids)]

    def whole(self):
        """True when all of the oldest batch is evaluated."""
        return self.done() > 0

    def done(self):
        """Batches, from the oldest on, that are all evaluated."""
        # ids have no gaps: so many points before an id mean that all of them are there
        return sum(np.searchsorted(self.points.id, s.end) >= s.end for s in self.sent)

    def _of(self, identity):
        # a copy, as batches are added while points of others come in
        for sent in tuple(self.sent):
            if sent.first <= identity < sent.end:
                return sent
        raise StorageError(f"{self.file.path}: no batch has a point {identity}.")
