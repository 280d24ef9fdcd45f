"""What all models share: the contract, the hold-out, the few-point fallback."""

from pathlib import Path
from typing import Any

import numpy as np

from .calibration import covering, honest, platt
from .failures import Failures
from .held_out import beside, beside_target, near_target, shrinking, unseen_ratio
from .model_writer import save_model

_AROUND = 2.0       # times the distance of good points: what is beside the target counts, too
FOLDS = 10         # a tenth of the points is held out from each member of a committee
_MIN_HELD_OUT = 40  # below it a hold-out costs more than it tells
_MIXER = np.uint64(0xBF58476D1CE4E5B9)  # constants of the splitmix64 finaliser (Steele et al. 2014)
_STEP = np.uint64(0x9E3779B97F4A7C15)


def folds(x):
    """Fold of each row, 0 to 9, from the row's own bits.

    A point keeps its fold whatever is added before or after it, so that a network trained over
    many iterations never learns from the points that evaluate it.

    Parameters
    ----------
    x : ndarray (n, d)

    Returns
    -------
    ndarray (n,) of int; all -1 while there are too few points for a hold-out.
    """
    if len(x) < _MIN_HELD_OUT:
        return np.full(len(x), -1)
    return (mixed(x) % np.uint64(FOLDS)).astype(int)


def halves(x):
    """Bool (n,): one half of a fold, by a row's bits."""
    return mixed(x) // np.uint64(FOLDS) % np.uint64(2) == 0


def mixed(x):
    """A number (n,), uint64, of each row of x (n, d) that looks random; equal rows have one."""
    x = np.ascontiguousarray(x, float)
    bits = (x + 0.0).view(np.uint64)  # + 0.0: the two zeros are one
    mixed = np.zeros(len(x), np.uint64)
    for column in bits.T:
        mixed = (mixed ^ column) + _STEP
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIXER
        mixed ^= mixed >> np.uint64(31)
    return mixed


def firsts(x):
    """Rows (m,) of x (n, d), in order: of equal ones the first."""
    return np.sort(np.unique(x, axis=0, return_index=True)[1])


def member_seed(seed, *path):
    """A seed for one member of a committee, independent of all others (int below 2**31)."""
    return int(np.random.SeedSequence((int(seed), *path)).generate_state(1)[0] >> 1)


def scatter(each):
    """Variance (n, m) of a member around the mean of all, of their answers (members, n, m)."""
    return each.var(0)      # (1 - 1 / members) times the one without bias


class Model:
    """A regressor or classifier on the unit box.

    Subclasses set `kind` and write `_fit(x, y, seed, fresh)` and `_predict(x)`; the base class
    checks the arrays and answers while there is nothing to learn from.

    Parameters
    ----------
    name : str
        As the user writes it.
    config : ScanConfig
        Anything with the settings of the model as attributes.
    dim : int
        Number of parameters, d.

    Attributes
    ----------
    held_out : dict
        Errors on points held out from the training, {} where none were.
    failures : Failures or None
        Where evaluating fails, if it does.
    symmetry : Symmetry or None
        Images of a point with the same values: one stands for all when it learns and predicts.
    training : tuple of ndarray
        x (n, d), of images what stands for them, and y (n, m) of the last fit.
    """

    kind = "regressor"
    failures: Failures | None = None
    symmetry: Any = None
    blunders = False        # members err alike: their spread alone says little of the error
    _predict: Any           # written by the subclass
    learns_nested = False   # `_fit` has the nested labels as further columns of y

    def __init__(self, name, config, dim):
        self.name, self.config, self.dim = name, config, int(dim)
        self.outputs: int | None = None     # None: y was (n,); m: y was (n, m)
        self.constant = (0.0, 1.0) if self.kind == "regressor" else (0.5, 0.5)
        self.held_out = {}
        self.training = (np.empty((0, self.dim)), np.empty((0, 1)))

    def save(self, folder: str | Path, about: dict | None = None) -> None:
        """Write the model to `folder`, replaced as a whole; see model_writer.py.

        about: what is stored with it, fit for JSON: parameters, target, scale, settings.
        """
        save_model(self, folder, about or {})

    def become(self, content: dict, arrays: dict) -> None:
        """Be the model that was saved: what model.json says, and its arrays; both are trusted."""
        self.training = (arrays.pop("training_x"), arrays.pop("training_y"))
        self.failures = Failures.from_arrays(arrays, self.dim)
        self.outputs, self.held_out = content["outputs"], content["held_out"]
        self.constant = content["constant"] and tuple(np.array(c) for c in content["constant"])
        if self.constant is None:
            self.thaw(arrays)

    def learn_failures(self, x: np.ndarray, ok: np.ndarray, seed: int) -> None:
        """Keep in `failures` where evaluating fails: points x (n, d), ok (n,); it is saved, too."""
        self.failures = Failures.learn(x, ok, seed)

    def fit(self, x: np.ndarray, y: np.ndarray, seed: int, fresh: bool = False,
            nested: np.ndarray | None = None, symmetry: Any = None) -> "Model":
        """Learn from all points given.

        Parameters
        ----------
        x : ndarray (n, d)
            Unit box.
        y : ndarray (n,) or (n, m)
            Transformed value; classifier: bool, or labels in [0, 1]. Rows that are not finite
            are left out.
        seed : int
        fresh : bool
            Start from nothing instead of from the last fit.
        nested : ndarray (n, k), optional
            Further labels of the same points, of narrower and wider targets, for models that
            learn better with them (R. Caruana, Multitask Learning, 1997). Never predicted.
        symmetry : Symmetry, optional
            Images of points have the same values: it learns and predicts them as one.

        Returns
        -------
        self
        """
        x = np.asarray(x, float).reshape(-1, self.dim)
        y = np.asarray(y, float)
        if len(x) != len(y):
            raise ValueError(f"{len(x)} points, but {len(y)} values")
        self.outputs = y.shape[1] if y.ndim == 2 else None
        y = y.reshape(len(x), self.outputs or 1)
        good = np.isfinite(y).all(1) & np.isfinite(x).all(1)
        x, y, self.symmetry = x[good], y[good], symmetry or None
        if self.symmetry:
            x = self.folded(x)
            one = firsts(x)     # held out and learned from, a point would tell nothing
            x, y, good = x[one], y[one], np.flatnonzero(good)[one]
        self.held_out, self.training = {}, (x, y)
        self.constant = self._nothing_to_learn(y)
        if self.constant is None:
            if nested is not None and self.learns_nested:
                y = np.hstack([y, np.asarray(nested, float)[good]])
            self._fit(x, y, int(seed), fresh)
        return self

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Prediction and its uncertainty.

        Parameters
        ----------
        x : ndarray (n, d)
            Unit box.

        Returns
        -------
        mean, spread : ndarray (n,), or (n, m) when trained on m values
            One standard deviation; classifiers: probability, and the committee's disagreement.
        """
        x = self.folded(np.asarray(x, float).reshape(-1, self.dim))
        if self.constant is not None:
            shape = (len(x), self.outputs or 1)
            mean, spread = (np.broadcast_to(c, shape).astype(float) for c in self.constant)
        elif not len(x):
            mean = spread = np.empty((0, self.outputs or 1))
        else:
            mean, spread = self._predict(x)
        return (mean, spread) if self.outputs else (mean[:, 0], spread[:, 0])

    def folded(self, x: np.ndarray) -> np.ndarray:
        """What stands for points x (n, d), unit box; the points themselves without symmetry."""
        return self.symmetry.folded(x) if self.symmetry else x

    def honest(self, x: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """The spread, shaped as that of `predict` at x (n, d), that covers errors as promised."""
        return honest(spread, self.held_out)

    def frozen(self):
        """What predicting needs: name -> ndarray of numbers; `thaw` takes it."""
        return {}

    def thaw(self, arrays):
        """Become able to predict; raises KeyError or ValueError when arrays do not fit."""

    def arrays(self):
        """What a warm start needs to go on exactly as if never interrupted: name -> ndarray."""
        return {}

    def restore(self, arrays):
        """Take what `arrays` gave."""

    def _nothing_to_learn(self, y):
        """(mean, spread) to answer with when y has no information, else None."""
        if self.kind == "classifier":
            good = (y > 0.5).sum(0)
            if len(y) and ((good > 0) & (good < len(y))).all():
                return None
            chance = (good + 1) / (len(y) + 2)  # Laplace's rule
            return chance, np.sqrt(chance * (1 - chance))
        if len(y) < 2:
            return (y.mean(0) if len(y) else np.zeros(1)), np.ones(1)
        return (y.mean(0), np.full(y.shape[1], 1e-12)) if (np.ptp(y, 0) == 0).all() else None

    def _scatter(self, x):
        """Variance (n, m) of one held-out member around the committee, at x that none has seen."""
        return np.zeros((len(x), self.outputs or 1))

    def _evaluate(self, x, truth, answer, own=None, free=1, shape=None):
        """Fill `held_out` from what single members answer at points that they did not see.

        The committee errs less than its members, by as much as they scatter around it (A. Krogh,
        J. Vedelsby, NIPS 1994, eq. 6). `stretch` is how much too small its spread is for points
        near the target, see `near_target`, `covering`. Classifiers: `platt` turns the logit
        of their balanced answer into a probability.

        Parameters
        ----------
        x : ndarray (n, d)
        truth, answer : ndarray (n, m)
        own : ndarray (n, m), optional
            Square of the spread at x by estimators that did not see it, of `free` degrees of
            freedom, where there are some; else that of points beside them counts.
        shape : ndarray (n,), optional
            Factor of the spread at x that `honest` applies, by estimators that did not see it.
        """
        if not len(truth):
            return
        truth = truth[:, :answer.shape[1]]  # without the nested labels
        if self.kind == "classifier":
            self._measure(np.abs(answer - truth))
            self.held_out["wrong"] = float(((answer > 0.5) != (truth > 0.5)).mean())
            near = self._near_good(x)
            self.held_out["platt"] = platt(answer[near].ravel(), truth[near].ravel() > 0.5)
            return
        self._calibrate(x, np.abs(answer - truth), own, free,
                        np.ones(len(x)) if shape is None else shape)

    def _near_good(self, x):
        """Bool (n,): which of the held-out points x (n, d) tell a classifier's probability: those
        near good ones. Of others most are bad, and easy to know."""
        return near_target(x, self.training[0][self.training[1][:, 0] > 0.5], _AROUND)

    def _calibrate(self, x, error, own, free, shape):
        """The rest of `_evaluate` for regressors."""
        known, new = self.training[0], beside(x, self.training[0])
        unseen = np.ones((len(x), 1)) if own is None else unseen_ratio(
            own[:, -1], self._predict(new)[1][:, -1]**2, free)[:, None]
        scatter = self._scatter(new) * unseen
        self._measure(error * shrinking(error, scatter))
        near = near_target(x, known[beside_target(np.abs(self.training[1][:, -1]))])
        error = error[near] * shrinking(error[near], scatter[near])
        if self.blunders:
            self.held_out["common"] = float(np.sqrt((error**2).mean()))
        spread = np.hypot(self._predict(new[near])[1] * np.sqrt(unseen[near]),    # uses the rms
                          self.held_out.get("common", 0.0)) * shape[near, None]
        self.held_out["stretch"] = covering(error / np.maximum(spread, 1e-9 + 1e-3 * error))

    def _measure(self, error):
        self.held_out = {"points": len(error), "mae": float(error.mean()),
                         "rms": float(np.sqrt((error**2).mean()))}
