"""What each iteration of a scan did."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Progression:
    """What one iteration did; a row of iterations.csv.

    Attributes
    ----------
    iteration, evaluated, good, failed : int
        Counts over the whole run after this iteration.
    efficiency : float
        Share of this iteration's points that are in the target.
    mae : float
        Mean absolute error between prediction and evaluated value over this iteration's points
        (for a classifier: between probability and being in the target); NaN where none.
    islands : int
        Separate parts of the target region that the proposer saw.
    seconds : dict
        'evaluate', and the proposer's own phases.
    error : float
        Typical error of the predictions near the edge of the target, see `edge_error`.
    """

    iteration: int
    evaluated: int
    good: int
    failed: int
    efficiency: float
    mae: float
    islands: int = 0
    seconds: dict = field(default_factory=dict)
    error: float = np.nan


def progression(kind, points, sent, now, target):
    """What an iteration did.

    Parameters
    ----------
    kind : str
        Of the model.
    points : Points
        Of this iteration and all before it.
    sent : book.Sent
        Its batch.
    now : float
        Reading of time.perf_counter().
    target : Target
    """
    new, batch = points.take(slice(np.searchsorted(points.id, sent.first), None)), sent.batch
    return Progression(
        sent.number, len(points), int(points.inside.sum()), int((~points.ok).sum()),
        float(new.inside.mean()), mean_absolute_error(kind, batch.predicted, new),
        int(batch.info.get("islands", 0)),
        {"evaluate": now - sent.begun, **batch.info.get("seconds", {})},
        mean_absolute_error(kind, batch.predicted, new) if kind != "regressor" else
        edge_error(batch.predicted, new.value, target.low, target.high))


def edge_error(predicted, value, low, high):
    """Median |predicted - value| near the edge of the target; NaN where nothing is near.

    Far away neither value matters: a function over decades is wrong there by decades. Near is as
    far outside as a band is wide, or up to twice the threshold, by value or by prediction; so the
    error is to be compared with that width.

    Parameters
    ----------
    predicted, value : float array (n,)
    low, high : float
        The target; low is -inf for a chi2.
    """
    width = high - low if np.isfinite(low) else abs(high)
    with np.errstate(invalid="ignore"):
        near = [(v > low - width) & (v < high + width) for v in (predicted, value)]
    gap = np.abs(predicted - value)[near[0] | near[1]]
    gap = gap[np.isfinite(gap)]
    return float(np.median(gap)) if len(gap) else np.nan


def mean_absolute_error(kind, predicted, points):
    """Mean |predicted - evaluated| of a batch; NaN where nothing can be compared.

    Parameters
    ----------
    kind : str
        'regressor': compared are values; 'classifier': probability and being in the target.
    predicted : float array (n,)
    points : Points of length n
    """
    truth = points.value if kind == "regressor" else points.inside.astype(float)
    gap = np.abs(predicted - truth)
    gap = gap[np.isfinite(gap)]
    return float(gap.mean()) if len(gap) else np.nan


def history_table(history):
    """The history as CSV text, one row for each iteration, a column for each phase's seconds."""
    phases = sorted({phase for h in history for phase in h.seconds})
    names = ["iteration", "evaluated", "good", "failed", "efficiency", "mae", "error", "islands"]
    lines = [",".join(names + [f"seconds_{p}" for p in phases])]
    for h in history:
        numbers = [getattr(h, n) for n in names] + [h.seconds.get(p, 0.0) for p in phases]
        lines.append(",".join(f"{n:.6g}" if isinstance(n, float) else str(n) for n in numbers))
    return "\n".join(lines) + "\n"
