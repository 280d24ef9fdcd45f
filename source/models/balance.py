"""Equal numbers of points inside and outside the target, for classifiers."""

import warnings

import numpy as np

_HEAVIEST = 100.0  # a single good point must not outweigh everything else
_CARRIED = 1e-6     # labels count so little in the distances of SMOTE


def balance(x, y, neighbours, seed):
    """Bring the two classes to equal weight: by SMOTE, or by weights where it cannot work.

    SMOTE draws lines between points of a class. Good points can be so many that the bad ones are
    fewer: then these lie on all sides of the target, and the lines would go through it.

    Parameters
    ----------
    x : ndarray (n, d)
    y : ndarray (n, m)
        Labels in [0, 1]; above 0.5 in the first column is the class 'good'. Those of synthetic
        points are between those of the two points they lie between.
    neighbours : int
        K_SMOOTE; lowered when there are fewer good points.
    seed : int

    Returns
    -------
    x, y, weight : ndarrays (n', d), (n', m), (n',)
        The points given, in their order, then the synthetic ones.
    """
    good = y[:, 0] > 0.5
    n_good, n_bad = int(good.sum()), int((~good).sum())
    few, many = sorted((n_good, n_bad))
    weight = np.ones(len(x))
    if few == many or few == 0:
        return x, y, weight
    if n_good == 1 or n_bad < n_good:
        weight[good == (n_good == few)] = min(many / few, _HEAVIEST)
        return x, y, weight
    from imblearn.over_sampling import SMOTE  # slow import, first needed by a training
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        smote = SMOTE(k_neighbors=min(neighbours, few - 1), random_state=seed % 2**32)
        more, _ = smote.fit_resample(np.hstack([x, _CARRIED * y]), good.astype(int))
    new, dim = slice(len(x), None), x.shape[1]
    labels = np.clip(more[new, dim:] / _CARRIED, 0, 1)
    return np.concatenate([x, more[new, :dim]]), np.concatenate([y, labels]), np.ones(len(more))
