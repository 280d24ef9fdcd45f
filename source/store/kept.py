"""kept/: the files that the programs wrote for good points, one zip archive a point."""

import heapq
from pathlib import Path

import numpy as np

from ..evaluation import OK
from ..files import explained, write_atomic

FOLDER, MEGABYTE = "kept", 1 << 20


class Kept:
    """Keeps the archives that Keep_files asks for, within Keep_limit; goes on with what is there.

    Parameters
    ----------
    folder : path
        The run folder.
    config : ScanConfig
    target : Target
    points : Points
        Those evaluated so far: a run that goes on knows how good its archives are.
    """

    def __init__(self, folder, config, target, points):
        self.folder, self.target, self.wanted = Path(folder, FOLDER), target, config.Keep_files
        self.limit, self.size, self.full = config.Keep_limit * MEGABYTE, 0, False
        self.best: list = []    # heap of (minus distance, id): the worst of the best first
        there = {int(p.stem): p.stat().st_size for p in self.folder.glob("*.zip")
                 if p.stem.isdigit()}
        self.size = sum(there.values())
        if isinstance(self.wanted, int):
            rows = np.flatnonzero(np.isin(points.id, list(there)))
            self.best = [(-self._distance(points.value[i]), int(points.id[i])) for i in rows]
            heapq.heapify(self.best)

    def take(self, identity, evaluated):
        """Keep the archive of one more Evaluation, where it is wanted; returns a note, or ''.

        Raises StorageError when it cannot be written.
        """
        if not self._wants(evaluated):
            return ""
        path, size = self._path(identity), len(evaluated.files)
        if path.exists():   # of a point that is evaluated again after a crash
            self.size -= path.stat().st_size
        if self.size + size > self.limit:
            told, self.full = self.full, True
            return "" if told else (
                f"{self.folder} is full ({self.size / MEGABYTE:.0f} MB): the files of more points "
                "are not kept. To keep more, raise Keep_limit")
        with explained(self.folder):
            self.folder.mkdir(exist_ok=True)
        write_atomic(path, evaluated.files)
        self.size += size
        if isinstance(self.wanted, int):
            self._rank(identity, evaluated)
        return ""

    def _wants(self, evaluated):
        if self.wanted == "all":
            return True
        if evaluated.status != OK or not np.isfinite(evaluated.learned):
            return False
        if self.wanted == "good":
            return bool(self.target.has([evaluated])[0])
        return len(self.best) < self.wanted or -self._distance(evaluated.learned) > self.best[0][0]

    def _rank(self, identity, evaluated):
        """One more of the best; the worst of too many makes room."""
        if all(known != identity for _, known in self.best):
            heapq.heappush(self.best, (-self._distance(evaluated.learned), identity))
        while len(self.best) > self.wanted:
            path = self._path(heapq.heappop(self.best)[1])
            self.size -= path.stat().st_size
            path.unlink()

    def _distance(self, value):
        target = self.target
        return float(abs(value - (target.low + target.high) / 2) if target.is_band else value)

    def _path(self, identity):
        return self.folder / f"{int(identity)}.zip"
