"""From the answer of a model to a calibrated probability."""

import numpy as np

_SURE = 0.005
_ONE_SIGMA, _TWO_SIGMA = 0.6827, 0.9545
_STRETCH = 0.05, 10.0   # of a spread, at most
_LEAST = 1e-6       # variance, on the scale of a regressor: none is surer of itself


def sigmoid(z):
    """1 / (1 + exp(-z)) of an array of any shape, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def logit(p):
    """log(p / (1 - p)) of an array, with p kept off 0 and 1, where a few trees easily agree."""
    p = np.clip(p, _SURE, 1 - _SURE)
    return np.log(p / (1 - p))


def platt(answer, good):
    """Slope and offset so that sigmoid(slope * logit(answer) + offset) is the share of good ones.

    `pooled` of one prediction (J. Platt 1999).
    """
    return pooled([answer], good, pull=1.0)


def steeper(one, two, members):
    """Slope for the mean of many members, from that of one of them and of the mean of two.

    What members err beside each other flattens the slope (attenuation, as by errors of an x axis):
    the inverse of the slope falls with 1 / members.

    Parameters
    ----------
    one, two : float
        Slopes, as `platt` gives them.
    members : int
        2 at least.
    """
    noise = max(0.0, 1 / one - 1 / two)     # of two members, beside what is left of all
    return 1 / max(1 / two - noise * (1 - 2 / members), 0.5 / two)


def pooled(answers, good, counts=1.0, pull=3.0):
    """Factors of the logits of several predictions, and an offset: together the true logit.

    Logistic regression by Newton's method, held near the mean of them by a prior worth a few
    points. Of one answer less: with 3 in place of 1, probabilities of P1 were off by 5 instead of
    3.5 %.

    Parameters
    ----------
    answers : sequence of m float arrays (n,)
        Probabilities, as each gives them.
    good : bool array (n,)
    counts : float or float array (n,)
        How much each point counts.
    pull : float
        Inverse variance of the prior of each factor.

    Returns
    -------
    list of m + 1 floats
    """
    m = len(answers)
    columns = np.stack([*map(logit, answers), np.ones(len(good))])
    start, held = np.append(np.full(m, 1 / m), 0.0), np.append(np.full(m, pull), 1.0)
    least, most = np.append(np.full(m, 0.05 / m), -20.0), np.append(np.full(m, 5.0), 20.0)
    theta, t = start, good.astype(float)
    for _ in range(30):
        p = sigmoid(theta @ columns)
        slope = columns @ (counts * (t - p)) - held * (theta - start)
        curve = (columns * counts * p * (1 - p)) @ columns.T + np.diag(held)
        theta = np.clip(theta + np.linalg.solve(curve, slope), least, most)
    return [float(v) for v in theta]


def believed(answer, held_out):
    """The probability (n,) that a classifier's answer (n,) means, as its held-out points tell.

    Its own is that of balanced classes, and of labels that are soft at the edge.
    """
    slope, offset = held_out.get("platt", (1.0, 0.0))
    return sigmoid(slope * logit(answer) + offset)


def honest(spread, held_out):
    """The spread, of any shape, of a regressor that covers its errors on held-out points."""
    return held_out.get("stretch", 1.0) * np.hypot(spread, held_out.get("common", 0.0))


def covering(ratio):
    """The factor of spreads with which errors are within one and two of them as often as promised.

    Where errors are not Gaussian both cannot hold; then the larger of the two misses is as small
    as it can be. That more errors than promised are within two spreads is no miss: it is at most
    a twentieth of them.

    Parameters
    ----------
    ratio : ndarray
        Errors over spreads, of any shape.
    """
    ratio = np.sort(ratio, axis=None)
    tried = np.unique(np.clip(np.concatenate([ratio, ratio / 2]), *_STRETCH))
    share = [np.searchsorted(ratio, k * tried, "right") / len(ratio) for k in (1, 2)]
    off = np.maximum(np.abs(share[0] - _ONE_SIGMA), _TWO_SIGMA - share[1])
    return float(np.median(tried[off <= off.min() + 0.5 / len(ratio)]))


def between(low, high, mean, spread):
    """Probability (n,) of a normal variable to lie between `low` and `high`."""
    spread = np.sqrt(spread ** 2 + _LEAST)
    from scipy.special import ndtr  # slow import that most commands do without
    return ndtr((high - mean) / spread) - ndtr((low - mean) / spread)
