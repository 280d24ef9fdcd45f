"""Saved models: one folder that can be read back without running anything stored in it.

model.json       what the model is, its settings, errors and versions, and a checksum of each file
predict.npz      plain arrays, all that predicting needs (never pickled objects)
network.keras    networks: the committee as one Keras model, inputs in the unit box
estimator.skops  others: the fitted scikit-learn objects

Only model.json and predict.npz are used here; the other two are for users of Keras and
scikit-learn.
"""

import functools
import hashlib
import json
import platform
import shutil
import warnings
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from dnn import NetworkModel
from errors import ModelFileError
from files import explained, write_atomic
from models import MODELS
from version import __version__

FORMAT = 1
JSON, ARRAYS, KERAS, SKOPS = "model.json", "predict.npz", "network.keras", "estimator.skops"
_PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "imbalanced-learn", "skops")
_OWN_SETTINGS = ("DNN_", "GBR_", "RF_", "SVR_", "K_SMOOTE", "N_Cores", "Seed")
_TREES = ["sklearn.tree._tree.Tree",
          "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
_MOST_TRAINING = 50_000  # training points kept with the model, the newest ones
_DAMAGED = (KeyError, ValueError, TypeError, IndexError, OSError, EOFError, AttributeError,
            OverflowError, MemoryError, NotImplementedError, zipfile.BadZipFile)


# ---- write -----------------------------------------------------------------------------------
def save_model(model, folder):
    """Write a fitted model; a folder that is there is replaced as a whole.

    Parameters
    ----------
    model : Model
    folder : path

    Raises
    ------
    StorageError
        When it can not be written.
    """
    folder = Path(folder)
    new, old = (folder.with_name(folder.name + end) for end in (".new", ".old"))
    with explained(folder):
        for path in (new, old):
            shutil.rmtree(path, ignore_errors=True)
        new.mkdir(parents=True)
        _write_files(model, new)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _write_files(model, folder):
    x, y = (a[-_MOST_TRAINING:].astype(np.float32) for a in model.training)
    np.savez_compressed(folder / ARRAYS, training_x=x, training_y=y, **model.frozen())
    if model.constant is None:
        if isinstance(model, NetworkModel):
            model.write_keras(folder / KERAS)
        elif model.estimators():
            from skops.io import dump
            dump(model.estimators(), folder / SKOPS, compression=zipfile.ZIP_DEFLATED)
    content = _described(model)
    content["files"] = {p.name: _digest(p) for p in sorted(folder.iterdir())}
    content["checksum"] = _checksum(content)
    write_atomic(folder / JSON, json.dumps(content, indent=1) + "\n")


def _described(model):
    config = model.config
    names = config.__dataclass_fields__ if hasattr(config, "__dataclass_fields__") \
        else vars(config)
    constant = model.constant and [np.asarray(c, float).tolist() for c in model.constant]
    content = {
        "format": FORMAT, "version": __version__, "name": model.name, "kind": model.kind,
        "dim": model.dim, "outputs": model.outputs, "constant": constant,
        "held_out": model.held_out, "trained_on": len(model.training[0]),
        "settings": {n: getattr(config, n) for n in names if n.startswith(_OWN_SETTINGS)},
        "versions": {"python": platform.python_version(), **_versions()}, "about": model.about}
    return json.loads(json.dumps(content))


def _versions():
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _checksum(content):
    """Of everything in model.json but the checksum itself."""
    rest = {k: v for k, v in content.items() if k != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


# ---- read ------------------------------------------------------------------------------------
def read_model(folder):
    """The model in `folder`, able to predict.

    Parameters
    ----------
    folder : path
        What `save_model` wrote.

    Returns
    -------
    model : Model
        With `held_out`, `about` and `training` as they were.
    content : dict
        model.json.

    Raises
    ------
    ModelFileError
        When it is missing, damaged, tampered with, or of a newer version. Nothing stored in the
        files is ever run.
    """
    folder = _existing(Path(folder))
    content = _read_json(folder / JSON)
    for name, digest in content["files"].items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ModelFileError(f"{folder / name} is missing; train the model again.")
        if _digest(folder / name) != digest:
            raise ModelFileError(f"{folder / name} is not the file that was saved: its checksum "
                                 "differs. It is refused; train the model again.")
    if content["version"].split(".")[0] != __version__.split(".")[0]:
        warnings.warn(f"{folder} was saved by version {content['version']}, this is "
                      f"{__version__}.", stacklevel=3)
    try:
        model = _rebuilt(content, folder / ARRAYS)
    except _DAMAGED as error:
        raise ModelFileError(f"{folder / ARRAYS} is damaged ({type(error).__name__}: {error}). "
                             "Train the model again.") from error
    return model, content


def _existing(folder):
    """The folder, or what it was called while it was being replaced when a crash came."""
    for path in (folder, folder.with_name(folder.name + ".old")):
        if (path / JSON).is_file():
            return path
    raise ModelFileError(f"There is no saved model in {folder}. A scan writes one after its first "
                         "training: ./run.sh DNNR")


def _read_json(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        newer = int(content["format"]) > FORMAT
        intact = content["checksum"] == _checksum(content)
        complete = content["name"] in MODELS and ARRAYS in content["files"]
    except (*_DAMAGED, RecursionError) as error:
        raise ModelFileError(f"{path} can not be read ({type(error).__name__}). Train the model "
                             "again.") from error
    if newer:
        raise ModelFileError(f"{path} was saved by version {content.get('version')} of this "
                             f"program; this is {__version__}. Use that version, or train the "
                             "model again.")
    if not (intact and complete):
        raise ModelFileError(f"{path} is not what was saved: its checksum differs. It is refused; "
                             "train the model again.")
    return content


def _rebuilt(content, path):
    config = SimpleNamespace(**content["settings"])
    model = MODELS[content["name"]](content["name"], config, content["dim"])
    if model.kind != content["kind"]:
        raise ValueError(f"kind {content['kind']}")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    for name, array in arrays.items():
        if array.dtype.kind not in "fi" or not np.isfinite(array).all():
            raise ValueError(f"{name} is not made of finite numbers")
    model.training = (arrays.pop("training_x"), arrays.pop("training_y"))
    model.outputs, model.held_out = content["outputs"], content["held_out"]
    model.about = content["about"]
    model.constant = content["constant"] and tuple(np.array(c) for c in content["constant"])
    if model.constant is None:
        model.thaw(arrays)
        model.supplier = functools.partial(_estimators, path.parent, content["versions"])
    return model


def _estimators(folder, versions):
    """The scikit-learn objects of a model; None where they were made by another version of it.

    Only objects of scikit-learn's own trees are made, and no code of the file is run; who asks
    for them compares them with the checked arrays before use.
    """
    if versions.get("scikit-learn") != _versions().get("scikit-learn"):
        return None
    from skops.io import load
    from skops.io.exceptions import UntrustedTypesFoundException
    try:
        return load(folder / SKOPS, trusted=_TREES)
    except (UntrustedTypesFoundException, *_DAMAGED) as error:
        raise ModelFileError(f"{folder / SKOPS} holds what it should not, or is damaged. It is "
                             "refused; train the model again.") from error
