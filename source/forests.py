"""RFR, RFC and GBR: forests of trees."""

import numpy as np

from balance import balance
from model_base import FOLDS, Model, folds, member_seed

_GROUPS = 8  # a forest's disagreement as a classifier: that of so many parts of it


class Forest(Model):
    """Random forest; the spread is that of its trees."""

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.forest = None

    def _fit(self, x, y, seed, fresh):
        fold = folds(x)
        held = fold == 0
        self._grow(x[~held], y[~held], seed)
        self._judge(y[held], self._predict(x[held])[0] if held.any() else y[held])
        if held.any():
            self._grow(x, y, seed)

    def _settings(self, seed):
        cfg = self.config
        return {"n_estimators": cfg.RF_trees, "max_depth": cfg.RF_depth, "bootstrap": True,
                "random_state": member_seed(seed), "n_jobs": cfg.N_Cores}

    def _grow(self, x, y, seed):
        from sklearn.ensemble import ExtraTreesRegressor
        self.forest = ExtraTreesRegressor(**self._settings(seed)).fit(x, y.squeeze(1)
                                                                     if y.shape[1] == 1 else y)

    def _trees(self, x):
        """Answers (trees, n, m) of each tree."""
        x = np.ascontiguousarray(x, np.float32)
        return np.stack([t.tree_.predict(x).reshape(len(x), -1) for t in self.forest.estimators_])

    def _predict(self, x):
        each = self._trees(x)
        return each.mean(0), each.std(0)


class RFR(Forest):
    """Regression by a random forest."""


class RFC(Forest):
    """Classification by a random forest, grown on classes balanced with SMOTE."""

    kind = "classifier"

    def _grow(self, x, y, seed):
        weight = np.ones(len(x))
        if y.shape[1] == 1:
            x, label, weight = balance(x, y[:, 0], self.config.K_SMOOTE, member_seed(seed, 1))
            y = label[:, None]
        from sklearn.ensemble import ExtraTreesRegressor
        # a regression tree on labels 0 and 1 gives the same probability, and takes soft labels
        self.forest = ExtraTreesRegressor(**self._settings(seed)).fit(
            x, y.squeeze(1) if y.shape[1] == 1 else y, weight)

    def _predict(self, x):
        each = self._trees(x)
        parts = np.stack([part.mean(0) for part in np.array_split(each, min(_GROUPS, len(each)))])
        return np.clip(each.mean(0), 0, 1), parts.std(0)


class GBR(Model):
    """Regression by boosted trees: a committee, each trained without another tenth."""

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.members = None

    def _fit(self, x, y, seed, fresh):
        from threadpoolctl import threadpool_limits
        cfg, fold = self.config, folds(x)
        truth, answer, self.members = [], [], []
        with threadpool_limits(cfg.N_Cores, user_api="openmp"):
            for m in range(cfg.GBR_members):
                held = fold == m % FOLDS
                self.members.append([self._boost(x[~held], column[~held], member_seed(seed, m))
                                     for column in y.T])
                truth.append(y[held])
                answer.append(self._ask(self.members[-1], x[held]))
        self._judge(np.concatenate(truth), np.concatenate(answer))

    def _boost(self, x, y, seed):
        from sklearn.ensemble import HistGradientBoostingRegressor
        cfg = self.config
        return HistGradientBoostingRegressor(
            max_iter=cfg.GBR_trees, max_depth=cfg.GBR_depth, learning_rate=cfg.GBR_learning_rate,
            max_features=0.5, min_samples_leaf=min(10, max(1, len(x) // 10)), early_stopping=False,
            random_state=seed).fit(x, y)

    def _ask(self, member, x):
        if not len(x):
            return np.empty((0, len(member)))
        return np.stack([booster.predict(x) for booster in member], 1)

    def _predict(self, x):
        from threadpoolctl import threadpool_limits
        with threadpool_limits(self.config.N_Cores, user_api="openmp"):
            each = np.stack([self._ask(member, x) for member in self.members])
        own = self.held_out.get("rms", 0.0)
        return each.mean(0), np.sqrt(each.var(0) + own**2)
