"""Equal numbers of points inside and outside the target, for classifiers."""

import warnings

import numpy as np

_HEAVIEST = 100.0  # a single good point must not outweigh everything else


def balance(x, y, neighbours, seed):
    """Bring the two classes to equal weight: by SMOTE, or by weights where it can not work.

    Parameters
    ----------
    x : ndarray (n, d)
    y : ndarray (n,)
        Labels in [0, 1]; above 0.5 is the class 'good'.
    neighbours : int
        K_SMOOTE; lowered when the smaller class has fewer points.
    seed : int

    Returns
    -------
    x, y, weight : ndarrays (n', d), (n',), (n',)
        The points given, in their order, then the synthetic ones.
    """
    good = y > 0.5
    few, many = sorted((int(good.sum()), int((~good).sum())))
    weight = np.ones(len(x))
    if few == many or few == 0:
        return x, y, weight
    if few == 1:  # SMOTE draws lines between points
        weight[good == (good.sum() == 1)] = min(many, _HEAVIEST)
        return x, y, weight
    from imblearn.over_sampling import SMOTE  # slow import, first needed by a training
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        smote = SMOTE(k_neighbors=min(neighbours, few - 1), random_state=seed % 2**32)
        more, label = smote.fit_resample(x, good.astype(int))
    new = slice(len(x), None)
    return (np.concatenate([x, more[new]]), np.concatenate([y, label[new]]),
            np.ones(len(more)))
