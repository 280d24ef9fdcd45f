"""Is a resumed run still evaluated as it was? One stored point tells."""

import numpy as np

from ..evaluation import OK

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
    if status == points.status[row] and (status != OK or same(value, points.value[row])):
        return ""
    return (f"the last stored point (id {points.id[row]}) is evaluated differently now: "
            f"{_words(status, value)}, stored is {_words(points.status[row], points.value[row])}. "
            "Has a program, its data or your function changed? Old and new points of this run "
            "then do not go together; --new starts a fresh one")


def same(a, b):
    """Equal but for the last digits."""
    return bool(np.isclose(a, b, rtol=TOLERANCE, atol=1e-300, equal_nan=True))


def _words(status, value):
    return f"{float(value)!r}" if status == OK else f"status {status}"
