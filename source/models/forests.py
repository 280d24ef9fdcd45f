"""RFR, RFC and GBR: forests of trees on the parameters and their pairs."""

import os
from typing import Any

import numpy as np

from .balance import balance
from .model_base import FOLDS, Model, folds, member_seed, scatter
from .packed_trees import PackedTrees, pack_boosters, pack_forest, pairs
from .threads import side_by_side

_WORTH = 10 ** 6    # numbers that all trees read, from which starting threads for them pays
_GROUPS = 8  # a forest's disagreement as a classifier: that of so many parts of it


class TreeModel(Model):
    """What forests and boosting share: fitted objects (`parts`), or their arrays (`packed`)."""

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.parts: Any = None
        self.packed: Any = None

    def _unpacked(self, arrays, prefix):
        return PackedTrees.from_arrays(arrays, prefix, _features(np.zeros((1, self.dim))).shape[1])


class Forest(TreeModel):
    """Forest of extremely randomised trees; the spread is that of its trees.

    Cuts at random places give a smoother surface than the best cuts of a classical random forest:
    on the 2HDM of the bench the error near the target falls from 0.43 to 0.36 in log(chi2).
    """

    def _fit(self, x, y, seed, fresh):
        fold, trees = folds(x), self.config.RF_trees
        shares = [len(part) for part in np.array_split(range(trees), min(FOLDS, trees))]
        self.packed, self.parts, answer, own = None, [], [], []
        for m, share in enumerate(shares):
            held = fold == m
            self.parts.append(self._grow(x[~held], y[~held], share, member_seed(seed, m)))
            each = self._trees(x[held], self.parts[-1:])
            answer.append(each.mean(0))
            own.append(each.var(0, ddof=min(1, share - 1)))
        rows = np.concatenate([np.flatnonzero(fold == m) for m in range(len(shares))])
        self._evaluate(x[rows], y[rows], np.concatenate(answer),
                       np.concatenate(own) if trees >= 2 * FOLDS else None, min(shares) - 1)

    def _scatter(self, x):
        each = self._trees(x)
        part = len(each) / len(self.parts)
        return each.var(0, ddof=min(1, len(each) - 1)) * (1 / part - 1 / len(each))

    def _grow(self, x, y, trees, seed, weight=None):
        """A part of the forest, on points of which a tenth was held out."""
        from sklearn.ensemble import ExtraTreesRegressor  # slow import, for training only
        cfg, features = self.config, _features(x)
        # threads of scikit-learn fall over each other when another one hands out points
        alone = cfg.Asynchronous or trees * features.size < _WORTH
        forest = ExtraTreesRegressor(trees, max_depth=cfg.RF_depth, min_samples_leaf=2,
                                     random_state=seed,
                                     n_jobs=1 if alone else min(cfg.N_Cores, os.cpu_count() or 1))
        return forest.fit(features, y[:, 0] if y.shape[1] == 1 else y, weight)

    def _trees(self, x, parts=None):
        """Answers (trees, n, m) of each tree, without what it learned beside y."""
        asked = self.outputs or 1
        features = _features(x)
        if self.parts is None:
            return self.packed.answers(features, asked)
        return np.stack([t.tree_.predict(features).reshape(len(x), t.tree_.n_outputs)[:, :asked]
                         for part in parts or self.parts for t in part.estimators_])

    def _predict(self, x):
        each = self._trees(x)
        return each.mean(0), each.std(0)

    def frozen(self):
        """The trees as arrays."""
        if self.constant is not None:
            return {}
        packed = self.packed or pack_forest([t for part in self.parts for t in part.estimators_])
        return packed.arrays("tree_")

    def thaw(self, arrays):
        """Take what `frozen` gave."""
        self.packed, self.parts = self._unpacked(arrays, "tree_"), None


class RFR(Forest):
    """Regression by a random forest."""


class RFC(Forest):
    """Classification by a random forest, grown on classes balanced with SMOTE."""

    kind = "classifier"
    learns_nested = True

    def _grow(self, x, y, trees, seed, weight=None):
        if not self.outputs:
            x, y, weight = balance(x, y, self.config.K_SMOOTE, member_seed(seed, 1))
        # a regression tree on labels 0 and 1 gives the same probability, and takes soft labels
        return super()._grow(x, y, trees, seed, weight)

    def _predict(self, x):
        each = self._trees(x)
        parts = np.stack([part.mean(0) for part in np.array_split(each, min(_GROUPS, len(each)))])
        return np.clip(each.mean(0), 0, 1), parts.std(0)


class GBR(TreeModel):
    """Regression by boosted trees: a committee, each trained without another tenth."""

    def _fit(self, x, y, seed, fresh):
        fold, features = folds(x), _features(x)

        def member(m):
            train = fold != m % FOLDS
            return [self._boost(features[train], column[train], member_seed(seed, m))
                    for column in y.T]
        self.parts = self._side_by_side(member, range(self.config.GBR_members))
        self.packed = None
        held = [fold == m % FOLDS for m in range(len(self.parts))]
        answers = self._side_by_side(lambda m: _ask(self.parts[m], features[held[m]]),
                                     range(len(held)))
        self._evaluate(np.concatenate([x[rows] for rows in held]),
                       np.concatenate([y[rows] for rows in held]), np.concatenate(answers))

    def _side_by_side(self, task, items):
        """Results of task(item), one member a thread: its own threads would wait for each other.

        OpenMP keeps its limit for each thread that calls it: each of them sets its own.
        """
        return side_by_side(task, items, self.config.N_Cores, _one_openmp_thread)

    def _members(self, x):
        """Answers (members, n, m) of each."""
        features = _features(x)
        if self.parts is None:
            return np.stack([trees.sums(features) for trees in self.packed])
        return np.stack(self._side_by_side(lambda m: _ask(m, features), self.parts))

    def _scatter(self, x):
        return scatter(self._members(x))

    def _boost(self, x, y, seed):
        from sklearn.ensemble import HistGradientBoostingRegressor
        cfg = self.config
        return HistGradientBoostingRegressor(
            max_iter=cfg.GBR_trees, max_depth=cfg.GBR_depth, learning_rate=cfg.GBR_learning_rate,
            max_features=0.5, min_samples_leaf=min(10, max(1, len(x) // 10)), early_stopping=False,
            random_state=seed).fit(x, y)

    def _predict(self, x):
        each = self._members(x)
        return each.mean(0), np.sqrt(each.var(0) + self.held_out.get("rms", 0.0)**2)

    def frozen(self):
        """The trees as arrays."""
        if self.constant is not None:
            return {}
        packed = self.packed or [pack_boosters(part) for part in self.parts]
        arrays = {"members": np.array(len(packed))}
        for m, trees in enumerate(packed):
            arrays |= trees.arrays(f"tree_{m}_")
        return arrays

    def thaw(self, arrays):
        """Take what `frozen` gave."""
        self.packed = [self._unpacked(arrays, f"tree_{m}_")
                       for m in range(int(arrays["members"]))]
        self.parts = None


def _one_openmp_thread():
    """The calling thread computes alone in OpenMP, for good."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: F401 - brings its OpenMP
    from threadpoolctl import threadpool_limits
    threadpool_limits(1, user_api="openmp")


def _features(x):
    """What trees ask, of points (n, d): of 32 bits, as scikit-learn's forests take them."""
    return np.ascontiguousarray(pairs(x), np.float32)


def _ask(member, features):
    """Answers (n, m) of one member."""
    if not len(features):
        return np.empty((0, len(member)))
    return np.stack([booster.predict(features) for booster in member], 1)
