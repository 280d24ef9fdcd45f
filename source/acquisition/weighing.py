"""How much model and surrogate count, by what they predicted of points evaluated since."""

import numpy as np

TINY = 1e-12


def judged(told, weight=0.5, stretch=1.0, held=0.0, unit=None):
    """Weight of the model, and stretch of the spread, that would have served best.

    Parameters
    ----------
    told : float array (5, n)
        What the model said, what the surrogate said, what was true, the spread, and how much each
        of these points counts.
    weight, stretch : float
        Those that the result is held near,
    held : float
        as by so many points with such gaps as these,
    unit : float, optional
        or with this mean square of a gap.
    """
    one, two, true, spread, counts = told
    weight = weight_of_model(one - two, true - two, counts, weight, held, unit)
    return weight, stretch_of((weight * one + (1 - weight) * two - true) / spread, stretch, held)


def weight_of_model(gap, left, counts, usual=0.5, held=0.0, unit=None):
    """The weight in [0, 1], times which the gap (n,) comes nearest to what is left to explain (n,).

    Parameters
    ----------
    gap : float array (n,)
        What the model said less what the surrogate said.
    left : float array (n,)
        What was true less what the surrogate said.
    counts : float array (n,)
    usual, held, unit
        See `judged`.
    """
    if not len(gap):
        return usual
    unit = np.mean(gap ** 2) if unit is None else unit
    ridge = max(held * unit * counts.mean(), TINY)
    best = (np.sum(counts * left * gap) + usual * ridge) / (np.sum(counts * gap ** 2) + ridge)
    return float(np.clip(best, 0, 1))


def stretch_of(ratio, usual=1.0, held=0.0):
    """How much too small the spread is, by errors (n,) in its units; the others as for `judged`."""
    if not len(ratio):
        return usual
    square = (np.sum(ratio ** 2) + held * usual ** 2) / (len(ratio) + held)
    return float(np.clip(np.sqrt(square), 0.5, 3.0))


def combined(weight, spread, gap, own=0.0):
    """Spread (n,) of model and surrogate together: theirs, and that of their means, `gap` apart."""
    return np.sqrt((weight * spread) ** 2 + ((1 - weight) * own) ** 2
                   + weight * (1 - weight) * gap ** 2)
