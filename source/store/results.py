"""What a scan leaves beside points.csv: good points, history, examples of failed ones."""

from pathlib import Path

import numpy as np

from ..files import explained, write_atomic
from ..shown import escaped
from .history import history_table

RESULTS = ("Accumulated_points.txt", "chi2.txt", "iterations.csv")
MOST_FAILED = 50  # statuses of which an example is kept


def write_results(folder, points, names, value_name, history):
    """Accumulated_points.txt, chi2.txt (for numpy.loadtxt) and iterations.csv.

    Parameters
    ----------
    folder : path
    points : Points
    names : sequence of str
        Of the parameters.
    value_name : str
        'chi2' or 'value'.
    history : list of Progression
    """
    x, value = points.x[points.inside].tolist(), points.value[points.inside].tolist()
    for name, header, rows in ((RESULTS[0], " ".join(names), x),
                               (RESULTS[1], value_name, [[v] for v in value])):
        lines = [f"# {escaped(header)}"] + [" ".join(map(repr, row)) for row in rows]
        write_atomic(Path(folder, name), "\n".join(lines) + "\n")
    write_atomic(Path(folder, RESULTS[2]), history_table(history))


def write_failed(folder, points, input_text):
    """The input file of one failed point a status, in failed/<status>/; what is there stays.

    Parameters
    ----------
    folder : path
    points : Points
    input_text : callable
        x (d,) -> the text that the first program got for this point.
    """
    statuses = sorted({s for s in points.status[~points.ok] if s.isidentifier()})
    for status in statuses[:MOST_FAILED]:
        place = Path(folder, "failed", status)
        with explained(place):
            place.mkdir(parents=True, exist_ok=True)
        row = int(np.flatnonzero(points.status == status)[0])
        file = place / f"LesHouches.in.id{points.id[row]}"
        if not file.exists():
            write_atomic(file, input_text(points.x[row]))
