"""The points of a run as they stand in its report: base64 columns of 32-bit numbers."""

import base64
import json

import numpy as np

MOST_POINTS = 20_000
MOST_NUMBERS = 800_000     # in all columns together: about 4 MB of the page
SKIPPED = ("reason",)


def points_as_json(run):
    """What the scatter of the report draws.

    All points in the target are kept as far as they fit in half of the room; the others are a
    random choice, the same each time.

    Returns
    -------
    text : str
        JSON that may stand inside a script element.
    kept : int
        Number of points in it.
    """
    names = [n for n in run.table if n not in SKIPPED]
    rows = chosen_points(run, min(MOST_POINTS, MOST_NUMBERS // len(names)))
    first = (*run.scanned, *run.parameters, run.value_name)
    content = {"columns": [_column(run, name, rows) for name in names],
               "x": first[0], "y": first[1], "c": run.value_name,
               "edge": float(run.band[1]) if np.isfinite(run.band[1]) else None}
    return script_safe(json.dumps(content, separators=(",", ":"))), len(rows)


def chosen_points(run, most):
    """Indices of at most `most` points, in order."""
    if len(run) <= most:
        return np.arange(len(run))
    rng = np.random.default_rng(0)
    inside, outside = np.flatnonzero(run.inside), np.flatnonzero(~run.inside)
    n = min(len(inside), max(most // 2, most - len(outside)))
    return np.sort(np.concatenate([rng.choice(inside, n, replace=False),
                                   rng.choice(outside, most - n, replace=False)]))


def _column(run, name, rows):
    column = run.table[name][rows]
    entry = {"name": name}
    if column.dtype == object:
        kinds, column = np.unique(column.astype(str), return_inverse=True)
        entry["kinds"] = kinds.tolist()
    with np.errstate(over="ignore"):
        entry["data"] = base64.b64encode(column.astype("<f4").tobytes()).decode()
    return entry


def script_safe(text):
    """JSON text without anything that could end the script element it stands in."""
    return (text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
            .replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
