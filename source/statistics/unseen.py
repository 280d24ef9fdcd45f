"""How likely is it that a part of the target was missed? From the random points of a scan."""

import numpy as np

from ..shown import counted

RANDOM = ("design", "random")    # origins that no model has chosen
CHANCE = 0.95
BINS = 10           # of each parameter
SHOWN = 3           # least explored bins that are told
FEWEST = 3          # drawn points in the target from which its share of the box is told


def largest_unseen(n):
    """Share of the box that a part may have and n independent draws miss with 5 %.

    (1 - share)^n = 1 - CHANCE; for many draws the rule of three, share = 3 / n
    (J. A. Hanley and A. Lippman-Hand, JAMA 249 (1983) 1743).
    """
    return 1 - (1 - CHANCE) ** (1 / n) if n else 1.0


def unseen(u, origin, inside, parameters):
    """One or two lines: the part that would have been found, and the least explored bins.

    Parameters
    ----------
    u : (n, d) array
        Evaluated points, in the unit box of the priors.
    origin : (n,) array of str
    inside : (n,) array of bool
    parameters : sequence of (name, prior)
        The d scanned ones; of whole numbers and choices no bins are told.

    Returns
    -------
    list of str
    """
    drawn = np.isin(np.asarray(origin, str), RANDOM)
    n, hits = int(drawn.sum()), int((drawn & inside).sum())
    if not n:
        return []
    share = 100 * largest_unseen(n)
    found = (f" The known target fills about {100 * hits / n:.2g}% of it."
             if hits >= FEWEST else "")
    line = (f"Is a part of the target missing? {counted(n, 'random point')} cover the scanned "
            f"ranges: with {100 * CHANCE:.0f}% probability they hit any part of the target that "
            f"fills more than {share:.2g}% of this space (measured by the priors, after pre-cuts)."
            f"{found} A smaller part may be missing")
    bins = _least_explored(np.asarray(u, float), np.asarray(inside, bool), parameters)
    return [line, "Ranges with the fewest points, none of them in the target: " + "; ".join(bins)] \
        if bins else [line]


def _least_explored(u, inside, parameters):
    """The bins with the fewest points, fewest first: 'mS from 45 to 72 (12 points)'."""
    found = []
    for column, (name, prior) in zip(u.T, parameters, strict=True):
        if prior.discrete:
            continue
        k = np.clip((column * BINS).astype(int), 0, BINS - 1)
        tried, good = (np.bincount(k[rows], minlength=BINS) for rows in (slice(None), inside))
        ends = prior.to_physical(np.arange(BINS + 1) / BINS)
        found += [(int(tried[b]), f"{name} from {ends[b]:.4g} to {ends[b + 1]:.4g} "
                   f"({counted(tried[b], 'point')})") for b in np.flatnonzero(good == 0)]
    return [text for _, text in sorted(found, key=lambda pair: pair[0])[:SHOWN]]
