"""What the calculation of a point gives."""

from typing import NamedTuple

import numpy as np

OK = "ok"
OUTSIDE = "outside: "   # how the reason of a point begins that breaks a hard limit
OBJECTIVE = "objective"     # column of points.csv


class Evaluation(NamedTuple):
    """The outcome for one point.

    Attributes
    ----------
    status : str
        'ok', or what went wrong in one word: 'excluded', 'tachyon', 'no_spectrum', 'timeout', ...
    value : float
        The quantity the target is defined on (chi2 or an observable, dimensionless unless the
        calculator says otherwise); NaN where it is not known. A point whose status is not 'ok'
        may still have one (an excluded point has a chi2), but is never in the target.
    observables : tuple of float, or dict of str to float
        In the order of `calculator.observables`, or by name; NaN where not known.
    reason : str
        The program's own words for a status other than 'ok'; for an 'ok' point, the hard limits
        it breaks.
    files : bytes
        A zip archive of what the programs wrote, where `Keep_files` wants it; else b"".
    objective : float, optional
        What a model learns instead of the value: with what hard limits add to chi2, so that a scan
        finds its way back. A point that failed may have one, too, that tells how far it is from
        what works. None where nothing is added at all.
    """

    status: str
    value: float = np.nan
    observables: tuple | dict = ()
    reason: str = ""
    files: bytes = b""
    objective: float | None = None

    @property
    def learned(self) -> float:
        """The objective where there is one, else the value; the target is applied to it."""
        return self.value if self.objective is None else self.objective
