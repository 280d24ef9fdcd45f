"""Writing a trained model into one folder.

model.json   what the model is, its settings, errors and versions, and a checksum of each file
predict.npz  plain arrays, all that predicting needs (never pickled objects)

model_files.py reads it back.
"""

import hashlib
import json
import os
import platform
import shutil
from pathlib import Path

import numpy as np

from ..files import explained, sync, sync_folder, write_atomic
from ..version import __version__, installed

FORMAT = 1
JSON, ARRAYS = "model.json", "predict.npz"
SYMMETRY = "symmetry_codes"     # of the Symmetry of a model, which its box belongs to
_PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "imbalanced-learn")
_OWN_SETTINGS = ("DNN_", "GBR_", "RF_", "SVR_", "K_SMOOTE", "N_Cores", "Seed")
_MOST_TRAINING = 50_000  # training points kept with the model, the newest ones


def save_model(model, folder, about):
    """Write a fitted model; a folder that is there is replaced as a whole.

    Parameters
    ----------
    model : Model
    folder : path
    about : dict
        What is stored with it, fit for JSON.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    folder = Path(os.path.realpath(folder))     # a link to a larger disk stays one
    new, old = (folder.with_name(folder.name + end) for end in (".new", ".old"))
    with explained(folder):
        for path in (new, old):
            shutil.rmtree(path, ignore_errors=True)
        new.mkdir(parents=True)
        _write_files(model, new, about)
        for path in new.iterdir():
            _force(path)
        sync_folder(new)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        sync_folder(folder.parent)
        shutil.rmtree(old, ignore_errors=True)


def _force(path):
    """Force a file that a library has written onto the disk."""
    with path.open("rb") as file:
        sync(file.fileno())


def _write_files(model, folder, about):
    x, y = (a[-_MOST_TRAINING:].astype(np.float32) for a in model.training)
    failures = model.failures.arrays() if model.failures else {}
    symmetry = {SYMMETRY: model.symmetry.codes.astype(np.int8)} if model.symmetry else {}
    np.savez_compressed(folder / ARRAYS, training_x=x, training_y=y, **model.frozen(), **failures,
                        **symmetry)
    content = _described(model) | {"about": json.loads(json.dumps(about))}
    content["files"] = {p.name: digest(p) for p in sorted(folder.iterdir())}
    content["checksum"] = checksum(content)
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
        "versions": {"python": platform.python_version(), **installed(_PACKAGES)}}
    return json.loads(json.dumps(content))


def digest(path):
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksum(content):
    """Of everything in model.json but the checksum itself."""
    rest = {k: v for k, v in content.items() if k != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
