"""Equal numbers of points inside and outside the target, for classifiers."""

import warnings

import numpy as np

_HEAVIEST = 100.0  # a single good point must not outweigh everything else
_CARRIED = 1e-6     # further labels count so little in the distances of SMOTE


def balance(x, y, neighbours, seed):
    """Bring the two classes to equal weight: by SMOTE, or by weights where it can not work.

    Parameters
    ----------
    x : ndarray (n, d)
    y : ndarray (n, m)
        Labels in [0, 1]; above 0.5 in the first column is the class 'good'. Of synthetic points
        the others are between those of the two points they lie between.
    neighbours : int
        K_SMOOTE; lowered when the smaller class has fewer points.
    seed : int

    Returns
    -------
    x, y, weight : ndarrays (n', d), (n', m), (n',)
        The points given, in their order, then the synthetic ones.
    """
    good = y[:, 0] > 0.5
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
        more, label = smote.fit_resample(np.hstack([x, _CARRIED * y[:, 1:]]), good.astype(int))
    new, dim = slice(len(x), None), x.shape[1]
    other = np.clip(more[new, dim:] / _CARRIED, 0, 1)
    return (np.concatenate([x, more[new, :dim]]),
            np.concatenate([y, np.hstack([label[new, None], other])]), np.ones(len(more)))
