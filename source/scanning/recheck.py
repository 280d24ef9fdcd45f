"""Does a resumed run still get the same values? One stored point is evaluated again."""

import numpy as np

from ..evaluation import OK
from .progress import LOG

TOLERANCE = 1e-5  # relative; equal runs of the base build of SPheno 4.0.5 differ by 1e-6
MACHINE = ("timeout", "crashed")  # these speak of the machine, not of the point


def recheck(pool, points):
    """Evaluate the last stored point again.

    Parameters
    ----------
    pool : auxiliary.Pool
    points : Points

    Returns
    -------
    str
        The difference in words; '' when there is none, or nothing to compare.
    """
    rows = np.flatnonzero(~np.isin(points.status.astype(str), MACHINE))
    if not len(rows):
        return ""
    row = rows[-1]
    outcomes = [evaluated for _, evaluated in pool.map(points.x[row:row + 1])]
    if not outcomes or outcomes[0].status in MACHINE:  # stopped meanwhile, or bad luck
        return ""
    status, value = outcomes[0][:2]
    if status == points.status[row] and (status != OK or same(value, points.chi2[row])):
        return ""
    return (f"the last stored point (id {points.id[row]}) is evaluated differently now: "
            f"{_words(status, value)}, stored is {_words(points.status[row], points.chi2[row])}. "
            "Has a program, its data or your function changed? Then the old and new points of "
            "this run do not belong together; --new starts a new run")


def warn_of_difference(pool, points):
    """Say what `recheck` finds."""
    difference = recheck(pool, points)
    if difference:
        LOG.warning("Note: %s.", difference)


def compare_start(pool, start):
    """Evaluate three of the points that a scan starts from again.

    Parameters
    ----------
    pool : Pool
    start : Imported

    Returns
    -------
    list of str
        Each difference in words, with its numbers.
    """
    ok = [i for i, e in enumerate(start.evaluations) if e.status == OK and np.isfinite(e.value)]
    if not ok:
        return []
    order = sorted(ok, key=lambda i: start.evaluations[i].value)
    rows = sorted({order[0], order[len(order) // 2], order[-1]})
    found = []
    for k, outcome in pool.map(start.x[rows]):
        old = start.evaluations[rows[k]]
        if outcome.status in MACHINE or (outcome.status == OK and same(outcome.value, old.value)):
            continue
        where = ", ".join(f"{v:.6g}" for v in start.x[rows[k]])
        found.append(f"({where}): {_words(*outcome[:2])} now, {_words(*old[:2])} in the file")
    return found


def same(a, b):
    """Equal but for the last digits."""
    return bool(np.isclose(a, b, rtol=TOLERANCE, atol=1e-300, equal_nan=True))


def _words(status, value):
    return f"{float(value)!r}" if status == OK else f"status {status}"
