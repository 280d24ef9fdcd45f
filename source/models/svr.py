"""SVR_RBF and SVR_POLY: support vector machines."""

import warnings
from typing import Any, NamedTuple

import numpy as np

from .error_forest import ErrorForest
from .model_base import FOLDS, Model, folds, member_seed, scatter
from .threads import side_by_side

_WIDTH = 2 * np.sqrt(3)
_PRODUCT = 0.7  # about unit width for the products, too
_ROWS = 4096
_MOST_STEPS = 60_000


class Machine(NamedTuple):
    """What a fitted machine answers with: vectors (k, d), weight (k,), offset ()."""

    vectors: np.ndarray
    weight: np.ndarray
    offset: np.ndarray

    @classmethod
    def of(cls, svr):
        """From a fitted sklearn.svm.SVR."""
        return cls(svr.support_vectors_.astype(np.float32), svr.dual_coef_[0],
                   svr.intercept_[0])


class SupportVectors(Model):
    """A committee of support vector machines on scaled parameters and values.

    Of more points than one takes, those nearest to the target are told by the last column of y:
    the scaled value, what else is learned stands before it.
    """

    kernel = "rbf"

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.machines: Any = None
        self.errors: ErrorForest | None = None
        self.middle, self.scale = np.zeros(1), np.ones(1)

    def _fit(self, x, y, seed, fresh):
        self.middle, self.scale = y.mean(0), y.std(0)
        self.scale[self.scale == 0] = 1
        z, fold = (y - self.middle) / self.scale, folds(x)
        held = [fold == m % FOLDS for m in range(self.config.SVR_members)]

        def member(m):
            rows = np.flatnonzero(~held[m])
            rows = rows[_choose(y[rows, -1], self.config.SVR_points, member_seed(seed, m))]
            return [self._learn(self._inputs(x[rows]), column) for column in z[rows].T]
        from sklearn.exceptions import ConvergenceWarning
        # around all threads, as Python's filters are of the process, not of a thread
        with warnings.catch_warnings():
            # a bound on the time was met; the answer is the best so far
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = side_by_side(member, range(len(held)), self.config.N_Cores)
        self.machines = [[Machine.of(svr) for svr in group] for group in fitted]
        self._test(x, y, [np.flatnonzero(rows) for rows in held], seed)

    def _test(self, x, y, held, seed):
        """Each machine on the points `held` from it; errors of all points tell where it errs more.

        At points that were learned they are smaller, by a factor known from those that were not.
        """
        each = np.stack([self._ask(group, x) for group in self.machines])
        rows = np.concatenate(held)
        answer = np.concatenate([a[part] for a, part in zip(each, held, strict=True)])
        self.errors, shape, mean = None, None, each.mean(0)[:, -1]
        if len(rows):
            size, unseen = np.abs(mean - y[:, -1]), np.abs(answer - y[rows])[:, -1]
            size *= np.sqrt((unseen**2).mean() / max((size[rows]**2).mean(), 1e-300))
            size[rows], mean[rows] = unseen, answer[:, -1]
            self.errors, shape = ErrorForest.learn(x, mean, size, member_seed(seed, 99))
            shape = shape[rows]
        self._evaluate(x[rows], y[rows], answer, shape=shape)

    def _learn(self, x, z):
        from sklearn.svm import SVR  # slow import, for training only
        cfg = self.config
        svr = SVR(kernel=self.kernel, C=cfg.SVR_C, gamma=cfg.SVR_gamma / x.shape[1], coef0=1.0,
                  epsilon=cfg.SVR_epsilon, degree=cfg.SVR_degree, cache_size=200,
                  max_iter=_MOST_STEPS)
        return svr.fit(x, z)

    def _ask(self, group, x):
        """Answers (n, m) of one member, in the units of y."""
        result = np.empty((len(x), len(group)))
        x = self._inputs(x).astype(np.float32)
        for k, machine in enumerate(group):
            for start in range(0, len(x), _ROWS):
                part = slice(start, start + _ROWS)
                result[part, k] = (self._kernel(x[part], machine.vectors) @ machine.weight
                                   + machine.offset)
        return result * self.scale + self.middle

    def _inputs(self, x):
        return (x - 0.5) * _WIDTH

    def _kernel(self, x, vectors):
        gamma = np.float32(self.config.SVR_gamma / x.shape[1])
        if self.kernel == "poly":
            return (gamma * (x @ vectors.T) + 1).astype(float) ** self.config.SVR_degree
        exponent = x @ (2 * gamma * vectors.T)
        exponent -= gamma * (x**2).sum(1)[:, None]
        exponent -= gamma * (vectors**2).sum(1)
        return np.exp(np.minimum(exponent, 0, out=exponent), out=exponent)

    def _scatter(self, x):
        return scatter(np.stack([self._ask(group, x) for group in self.machines]))

    def _predict(self, x):
        each = np.stack([self._ask(group, x) for group in self.machines])
        return each.mean(0), np.sqrt(each.var(0) + self.held_out.get("rms", 0.0)**2)

    def honest(self, x, mean, spread):
        """See Model: spread at x (n, d), shaped as that of `predict`.

        Machines hardly disagree, so that their errors tell where these are large.
        """
        spread = super().honest(x, mean, spread)
        if self.errors is None or not len(x):
            return spread
        x = self.folded(np.asarray(x, float))
        factor = self.errors.factor(x, mean if mean.ndim == 1 else mean[:, -1])
        return spread * (factor if spread.ndim == 1 else factor[:, None])

    def frozen(self):
        """Support vectors, weights, offsets, scales of the values, and where errors are large."""
        if self.constant is not None:
            return {}
        arrays = {"middle": self.middle, "scale": self.scale,
                  "members": np.array(len(self.machines))}
        for m, group in enumerate(self.machines):
            for k, machine in enumerate(group):
                arrays |= {f"{name}_{m}_{k}": np.asarray(value)
                           for name, value in machine._asdict().items()}
        return arrays | (self.errors.arrays() if self.errors else {})

    def thaw(self, arrays):
        """Take what `frozen` gave."""
        self.middle, self.scale = arrays["middle"], arrays["scale"]
        self.errors = ErrorForest.from_arrays(arrays, self.dim)
        self.machines = [[Machine(*(arrays[f"{name}_{m}_{k}"] for name in Machine._fields))
                          for k in range(len(self.middle))]
                         for m in range(int(arrays["members"]))]
        for machine in (machine for group in self.machines for machine in group):
            if machine.vectors.shape != (len(machine.weight), self._inputs(_corner(self.dim)).size):
                raise ValueError("support vectors of another number of parameters")


def _choose(y, most, seed):
    """Rows to train on: half of them nearest to the target (y = 0), the rest at random."""
    if len(y) <= most:
        return np.arange(len(y))
    order = np.argsort(np.abs(y), kind="stable")
    near, rest = order[:most // 2], order[most // 2:]
    rng = np.random.default_rng(seed)
    return np.sort(np.concatenate([near, rng.choice(rest, most - len(near), replace=False)]))


def _corner(dim):
    return np.zeros((1, dim))


class SVR_RBF(SupportVectors):  # noqa: N801 - the user's name for it
    """Regression by support vector machines with a Gaussian kernel."""


class SVR_POLY(SupportVectors):  # noqa: N801
    """Regression by support vector machines with a polynomial kernel.

    Its inputs are the parameters and their products of two, so that the default cubic is of degree
    six in the parameters: on the shells of the bench it then finds 88% of them instead of 28%.
    """

    kernel = "poly"

    def _inputs(self, x):
        z = super()._inputs(x)
        i, j = np.triu_indices(self.dim)
        return np.hstack([z, z[:, i] * z[:, j] * _PRODUCT])
