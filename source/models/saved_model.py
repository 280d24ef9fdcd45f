"""A trained model brought back: predictions in physical units, without programs or TensorFlow."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..aliases import current_settings
from ..errors import ModelFileError
from ..likelihood.target import Target
from ..space.parameters import Box, make_parameter
from ..space.reflections import Reflections
from ..space.symmetry import Symmetry
from .calibration import believed, between
from .model_files import SYMMETRY, read_model
from .value_scale import ValueScale

UNLIKELY = 1e-3     # probability below which it does not matter whether evaluating works


class Prediction(NamedTuple):
    """What the model predicts for n points.

    Attributes
    ----------
    value : float array (n,)
        chi2, or the observable, in the units of the scan; NaN for a classifier.
    spread : float array (n,)
        One standard deviation of the value (of the probability, for a classifier).
    probability : float array (n,)
        To be in the target.
    in_range : bool array (n,)
        Inside the ranges that were scanned; outside of them a prediction is a guess.
    """

    value: np.ndarray
    spread: np.ndarray
    probability: np.ndarray
    in_range: np.ndarray


def load_model(folder: str | Path) -> "SavedModel":
    """The trained model of a run.

    Parameters
    ----------
    folder : path
        A run folder (result/DNNR), or the folder `model` in it.

    Returns
    -------
    SavedModel

    Raises
    ------
    ModelFileError
        When there is none, or it is damaged, tampered with, or of a newer version.
    """
    folder = Path(folder)
    if not (folder / "model.json").exists():
        folder = folder / "model"
    return SavedModel(folder)


class SavedModel:
    """A trained model with the parameters and the target of its scan.

    Attributes
    ----------
    names : tuple of str
        All parameters of a point, in order; `scanned` are those that were scanned.
    kind : str
        'regressor' or 'classifier'.
    value_name : str
        'chi2' or 'value'.
    held_out : dict
        Errors on points that were held out from the training.
    model : Model
        The bare model, on the unit box.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.model, content = read_model(folder)
        self.kind, self.held_out = self.model.kind, self.model.held_out
        try:
            about = content["about"]
            self.settings = current_settings(about["settings"])
            self.box = Box([make_parameter(p["name"], p["low"], p["high"], p["prior"])
                            for p in about["parameters"]], self.settings.get("Precut", ()))
            self.value_name = about["value"]
            self.target = Target(*about["target"])
            self.scale = self._scale(about["scale"])
            if content[SYMMETRY] is not None:
                self.model.symmetry = Symmetry(Reflections(self.box), content[SYMMETRY])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"{folder} does not say its parameters and target ({error!r}). "
                                 "Train the model again.") from error
        self.names = self.box.names
        free = [p for p in self.box.parameters if p.prior.free]
        self.scanned = tuple(p.name for p in free)
        self.low, self.high = (np.array([getattr(p.prior, end) for p in free])
                               for end in ("low", "high"))
        self._tree: Any = None
        self._reach: Any = None

    def _scale(self, numbers):
        if "axes" not in numbers:
            return ValueScale.from_dict(numbers, self.target)
        from .outputs import saved_scale  # formulas and limits, which others do not need
        return saved_scale(numbers, self.target, self.settings, self.box)

    # ---- physical points ---------------------------------------------------------------------
    def predict(self, x: np.ndarray) -> Prediction:
        """Predict for points in physical units.

        Parameters
        ----------
        x : ndarray (n, D) or (n, d), or (D,) for a single point
            All parameters in the order of `names`, or the scanned ones in that of `scanned`.

        Returns
        -------
        Prediction
        """
        x = self.columns(x)
        known = np.isfinite(x).all(1)
        answer = [np.full(len(x), np.nan) for _ in range(3)]
        for column, part in zip(answer, self.predict_unit(self.to_unit(x[known])), strict=True):
            column[known] = part
        value, spread, probability = answer
        in_range = np.all((x >= self.low) & (x <= self.high), axis=1)
        return Prediction(value, spread, probability, in_range)

    def observables(self, x):
        """Name -> predicted values (n,) of the observables, where the model has learned them.

        `x` as in `predict`; {} for a model that has learned chi2 only.
        """
        if not hasattr(self.scale, "axes"):
            return {}
        u = self.to_unit(self.columns(x))
        return self.scale.outputs.observables(self.scale.observables(self.model.predict(u)[0]), u)

    def columns(self, x):
        """The scanned columns (n, d) of points given with all of them or only those."""
        x = np.asarray(x, float)
        x = x[None] if x.ndim == 1 else x
        if x.ndim == 2 and x.shape[1] == len(self.scanned):
            return x
        if x.ndim == 2 and x.shape[1] == len(self.names):
            return x[:, [self.names.index(name) for name in self.scanned]]
        raise ValueError(f"points of shape {x.shape}, but the model has {len(self.names)} "
                         f"parameters: {', '.join(self.names)}")

    def to_unit(self, x: np.ndarray) -> np.ndarray:
        """Unit-box points (n, d) of the scanned columns (n, d); outside the ranges, their edge."""
        full = np.zeros((len(x), len(self.names)))
        for column, name in enumerate(self.scanned):
            full[:, self.names.index(name)] = x[:, column]
        with np.errstate(all="ignore"):
            unit = self.box.to_unit(full)
        return np.nan_to_num(unit, nan=0.5)

    # ---- the unit box ------------------------------------------------------------------------
    def predict_unit(self, u):
        """value, spread, probability, each (n,), at points (n, d) of the unit box."""
        mean, spread = self.model.predict(u)
        if self.kind == "classifier":
            return np.full(len(u), np.nan), spread, believed(mean, self.held_out)
        mean, spread = self.scale.read(mean, self.model.honest(u, mean, spread), u)
        low, high = self.scale.bounds(0.0)
        probability = between(low, high, mean, spread)
        if self.model.failures:     # asked where it matters only: it is slower than a network
            maybe = np.flatnonzero(probability > UNLIKELY)
            probability[maybe] *= self.model.failures.probability(u[maybe])
        value = self.scale.backward(mean)
        wide = (self.scale.backward(mean + spread) - self.scale.backward(mean - spread)) / 2
        return value, wide, probability

    def log_likelihood(self, u: np.ndarray):
        """-chi2 / 2 as the model predicts it: a likelihood for emcee, nautilus, ...

        Parameters
        ----------
        u : ndarray (n, d), or (d,) for a single point
            Unit box: the priors of the scan are flat there, and `box.to_physical` leads out of it.

        Returns
        -------
        ndarray (n,), or float
            -inf outside of the box, where a pre-cut is false, and where the point would fail (of
            a probability above one half, as learned from the points that did).

        Raises
        ------
        ModelFileError
            For a classifier, and for a target that is a band: neither predicts a chi2.
        """
        if self.kind == "classifier" or self.target.is_band:
            raise ModelFileError(f"{self.folder} predicts no chi2, but a likelihood needs it. Use "
                                 "a regressor, and a target that is a chi2.")
        points = np.atleast_2d(np.asarray(u, float))
        answer = np.full(len(points), -np.inf)
        asked = np.flatnonzero(((points >= 0) & (points <= 1)).all(axis=1))
        asked = asked[self.box.allowed(points[asked])]
        if self.model.failures and len(asked):
            asked = asked[self.model.failures.probability(points[asked]) > 0.5]
        if len(asked):
            mean = self.scale.read(*self.model.predict(points[asked]), points[asked])[0]
            answer[asked] = -0.5 * self.scale.backward(mean)
        return answer if np.ndim(u) == 2 else float(answer[0])

    def near(self, u: np.ndarray) -> np.ndarray:
        """Bool (n,): no farther from a training point than that one's fourth neighbour is."""
        from scipy.spatial import cKDTree  # slow import that plain predictions do not need
        points = np.asarray(self.model.training[0], float)
        if len(points) < 5:
            return np.zeros(len(u), bool)
        if self._tree is None:
            self._tree = cKDTree(points)
            self._reach = self._tree.query(points, k=5)[0][:, -1]
        distance, nearest = self._tree.query(self.model.folded(u))
        return distance <= self._reach[nearest] * (1 + 1e-6)

    def good_training(self):
        """Training points (n, d), unit box, that are in the target as far as the model was told; in
        a symmetric target one image of each, so that they lie in all of its parts."""
        x, y = (np.asarray(a, float) for a in self.model.training)
        if self.kind == "classifier":
            good = x[y[:, 0] > 0.5]
        else:
            low, high = self.scale.bounds(0.0)
            y = self.scale.best(y if self.model.outputs else y[:, 0], x)
            good = x[(y > low) & (y < high)]
        symmetry = self.model.symmetry
        return symmetry.scattered(np.random.default_rng(0), good) if symmetry else good
