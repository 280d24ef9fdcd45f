"""From the answer of a model to a probability that can be believed."""

import numpy as np
from scipy.special import ndtr

_SURE = 0.005
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

    Logistic regression of one variable by Newton's method, held near (1, 0) by a prior worth a
    few points (J. Platt 1999).

    Parameters
    ----------
    answer : float array (n,)
        Probabilities, as the classifier gives them.
    good : bool array (n,)

    Returns
    -------
    list of two floats
    """
    z, t = logit(answer), good.astype(float)
    theta, pull = np.array([1.0, 0.0]), np.array([3.0, 1.0])
    columns = np.stack([z, np.ones_like(z)])
    for _ in range(30):
        p = sigmoid(theta @ columns)
        slope = columns @ (t - p) - pull * (theta - [1.0, 0.0])
        curve = (columns * p * (1 - p)) @ columns.T + np.diag(pull)
        theta = np.clip(theta + np.linalg.solve(curve, slope), [0.05, -20], [5, 20])
    return [float(v) for v in theta]


def between(low, high, mean, spread):
    """Probability (n,) of a normal variable to lie between `low` and `high`."""
    spread = np.sqrt(spread ** 2 + _LEAST)
    return ndtr((high - mean) / spread) - ndtr((low - mean) / spread)
