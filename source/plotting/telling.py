"""Which parameters a picture shows if there are too many: those that matter most."""

import numpy as np

MOST = 8        # parameters in a picture with panels for each, where no columns are asked for
FEW = 10        # points in the target, below which the best ones count
SHARE = 0.05    # of the points with a value, that are then the best


def matters(run):
    """Bool (n,): the points that tell which parameters matter, in the target or near it."""
    if run.inside.sum() >= FEW:
        return run.inside
    far = np.where(np.isfinite(run.distance), run.distance, np.inf)
    known = np.isfinite(far).sum()
    return far <= np.sort(far)[max(0, min(known, max(FEW, int(SHARE * known))) - 1)]


def telling(run, rows, most):
    """Names of the scanned parameters, in their order; of more than `most` the most telling, the
    most telling first.

    Parameters
    ----------
    run : plot_data.Run
    rows : bool array (n,)
        The points in question: a parameter tells much where they lie in a part of its range, by
        the largest gap to an even spread over its prior (A. Kolmogorov, 1933).
    most : int
    """
    names = list(run.scanned)
    if len(names) <= most or not rows.any():
        return names[:most]
    u = np.sort(run.unit()[rows], axis=0)
    steps = np.arange(len(u) + 1)[:, None] / len(u)
    gap = np.maximum(np.abs(u - steps[1:]), np.abs(u - steps[:-1])).max(axis=0)
    return [names[k] for k in np.argsort(-gap, kind="stable")[:most]]


def left_out(run, names):
    """What a picture says if it shows only these parameters; '' if it shows all."""
    if run.asked or len(names) == len(run.scanned):
        return ""
    return f"{len(names)} of {len(run.scanned)} parameters, those that matter most"
