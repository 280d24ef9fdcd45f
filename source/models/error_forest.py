"""Where a model errs more than elsewhere, learned from the size of its residuals."""

import numpy as np

from .packed_trees import PackedTrees, pack_forest, pairs

_TREES, _LEAF, _PART = 120, 3, 0.5  # a third of the trees has not seen a point: as good as all
_FACTOR = 0.05, 20.0    # of the usual error, at least and at most


class ErrorForest:
    """Factor by which errors at a point are larger than usual: H. Papadopoulos, arXiv:1401.3880.

    For models whose members disagree too little to tell it.
    """

    def __init__(self, trees, usual):
        self.trees, self.usual = trees, float(usual)

    @classmethod
    def learn(cls, x, mean, size, seed):
        """The forest, and the factors (n,) at the points learned by trees that did not see them.

        Parameters
        ----------
        x, mean : ndarray (n, d), (n,)
            Points, and what the model answers there.
        size : ndarray (n,)
            Of its errors.
        """
        from sklearn.ensemble import ExtraTreesRegressor  # slow import, for training only
        forest = ExtraTreesRegressor(_TREES, min_samples_leaf=_LEAF, max_features=_PART,
                                     bootstrap=True, oob_score=True, random_state=seed, n_jobs=1)
        forest.fit(_features(x, mean), np.sqrt(size))    # a root: no large error rules a leaf
        unseen = forest.oob_prediction_**2
        usual = max(unseen.mean(), 1e-300)
        return cls(pack_forest(forest.estimators_), usual), np.clip(unseen / usual, *_FACTOR)

    def factor(self, x, mean):
        """The factor (n,) at points x (n, d) where the model answers `mean` (n,)."""
        root = self.trees.answers(_features(x, mean), 1)[..., 0].mean(0)
        return np.clip(root**2 / self.usual, *_FACTOR)

    def arrays(self):
        """Name -> array, for a file."""
        return {"usual_error": np.array(self.usual)} | self.trees.arrays("error_")

    @classmethod
    def from_arrays(cls, arrays, dim):
        """What `arrays` gave, or None where there is nothing; ValueError where it does not fit."""
        if "usual_error" not in arrays:
            return None
        width = _features(np.zeros((1, dim)), np.zeros(1)).shape[1]
        return cls(PackedTrees.from_arrays(arrays, "error_", width), arrays["usual_error"])


def _features(x, mean):
    return np.ascontiguousarray(np.column_stack([pairs(x), mean]), np.float32)
