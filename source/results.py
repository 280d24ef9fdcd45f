"""The in-target points in the original's two-file form, and the history."""

from pathlib import Path

from files import write_atomic
from history import history_table


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
    for name, header, rows in (("Accumulated_points.txt", " ".join(names), x),
                               ("chi2.txt", value_name, [[v] for v in value])):
        lines = [f"# {header}"] + [" ".join(map(repr, row)) for row in rows]
        write_atomic(Path(folder, name), "\n".join(lines) + "\n")
    write_atomic(Path(folder, "iterations.csv"), history_table(history))
