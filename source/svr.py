"""SVR_RBF and SVR_POLY: support vector machines."""

import numpy as np

from model_base import FOLDS, Model, folds, member_seed

_WIDTH = 2 * np.sqrt(3)
_ROWS = 4096


class SupportVectors(Model):
    """A committee of support vector machines on scaled parameters and values."""

    kernel = "rbf"

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.machines = None
        self.middle, self.scale = np.zeros(1), np.ones(1)

    def _fit(self, x, y, seed, fresh):
        self.middle, self.scale = y.mean(0), y.std(0)
        self.scale[self.scale == 0] = 1
        z, fold = (y - self.middle) / self.scale, folds(x)
        self.machines, truth, answer = [], [], []
        for m in range(self.config.SVR_members):
            held = fold == m % FOLDS
            self.machines.append([self._machine(x[~held], column[~held], member_seed(seed, m))
                                  for column in z.T])
            truth.append(y[held])
            answer.append(self._ask(self.machines[-1], x[held]))
        self._judge(np.concatenate(truth), np.concatenate(answer))

    def _machine(self, x, z, seed):
        from sklearn.svm import SVR
        cfg = self.config
        rows = _choose(z * self.scale[0] + self.middle[0], cfg.SVR_points, seed)
        return SVR(kernel=self.kernel, C=cfg.SVR_C, gamma=cfg.SVR_gamma / self.dim, coef0=1.0,
                   epsilon=cfg.SVR_epsilon, degree=cfg.SVR_degree, cache_size=500,
                   max_iter=200_000).fit(_inputs(x[rows]), z[rows])

    def _ask(self, machines, x):
        """Answers (n, m) of one member, in the units of y."""
        result = np.empty((len(x), len(machines)))
        x = _inputs(x)
        for k, machine in enumerate(machines):
            vectors = machine.support_vectors_.astype(np.float32)
            for start in range(0, len(x), _ROWS):
                part = slice(start, start + _ROWS)
                result[part, k] = (self._kernel(x[part].astype(np.float32), vectors)
                                   @ machine.dual_coef_[0] + machine.intercept_[0])
        return result * self.scale + self.middle

    def _kernel(self, x, vectors):
        gamma = np.float32(self.config.SVR_gamma / self.dim)
        product = x @ vectors.T
        if self.kernel == "poly":
            return (gamma * product + 1) ** self.config.SVR_degree
        square = (x**2).sum(1)[:, None] + (vectors**2).sum(1)
        return np.exp(np.minimum(gamma * (2 * product - square), 0))

    def _predict(self, x):
        each = np.stack([self._ask(machines, x) for machines in self.machines])
        own = self.held_out.get("rms", 0.0)
        return each.mean(0), np.sqrt(each.var(0) + own**2)


def _choose(y, most, seed):
    """Rows to train on: half of them nearest to the target (y = 0), the rest at random."""
    if len(y) <= most:
        return np.arange(len(y))
    order = np.argsort(np.abs(y), kind="stable")
    near, rest = order[:most // 2], order[most // 2:]
    rng = np.random.default_rng(seed)
    return np.sort(np.concatenate([near, rng.choice(rest, most - len(near), replace=False)]))


def _inputs(x):
    return (x - 0.5) * _WIDTH


class SVR_RBF(SupportVectors):  # noqa: N801 - the user's name for it
    """Regression by support vector machines with a Gaussian kernel."""


class SVR_POLY(SupportVectors):  # noqa: N801
    """Regression by support vector machines with a polynomial kernel."""

    kernel = "poly"
