"""Where evaluating fails: a small forest on the points that did and did not."""

from typing import Any

import numpy as np

from .packed_trees import PackedTrees, pack_forest

TREES = 60
SHARE = 0.01        # of failed points from which knowing where they fail is worth its cost, and
LEAST = 3           # so many of them
PREFIX = "failures_"


class Failures:
    """Probability that a point can be evaluated.

    Parameters
    ----------
    packed : PackedTrees or None
        Trees whose answer is the probability to fail.
    """

    def __init__(self, packed=None):
        self.packed: Any = packed
        self._forest: Any = None

    @classmethod
    def learn(cls, u, ok, seed):
        """From points u (n, d), unit box, with ok (n,): whether they could be evaluated.

        None where too few have failed, or all.
        """
        if (~ok).sum() < max(LEAST, SHARE * len(ok)) or not ok.any():
            return None
        from sklearn.ensemble import ExtraTreesClassifier  # slow, and predicting does without
        learned = cls()
        learned._forest = ExtraTreesClassifier(TREES, min_samples_leaf=2, random_state=seed)
        learned._forest.fit(u, ok)
        return learned

    def probability(self, u):
        """Probability (n,) that evaluating works at u (n, d)."""
        features = np.ascontiguousarray(u, np.float32)      # as scikit-learn asks its trees
        if self._forest is not None:    # faster than the arrays where it is loaded anyway
            trees = self._forest.estimators_    # one by one: predict_proba starts threads
            return sum(tree.tree_.predict(features)[:, 1] for tree in trees) / len(trees)
        return 1.0 - self.packed.sums(features)[:, 0] / len(self.packed.root)

    def arrays(self):
        """Name -> array, for a file."""
        packed = self.packed if self._forest is None else pack_forest(self._forest.estimators_)
        return packed.arrays(PREFIX)

    @classmethod
    def from_arrays(cls, arrays, dim):
        """What `arrays` gave, or None without; takes them out. ValueError where they do not fit."""
        own = {name: arrays.pop(name) for name in list(arrays) if name.startswith(PREFIX)}
        if not own:
            return None
        return cls(PackedTrees.from_arrays(own, PREFIX, dim))
