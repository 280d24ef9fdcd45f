"""Reading a saved model back without running anything that is stored in it.

Folders of older versions hold more (network.keras, estimator.skops): their checksums are checked,
and they are not read.
"""

import json
import os
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..aliases import current_settings
from ..errors import ModelFileError
from ..extensions import found
from ..files import program
from ..shown import one_line
from ..version import __version__
from .model_writer import ARRAYS, FORMAT, JSON, SYMMETRY, checksum, digest
from .registry import MODELS

MOST_TEXT = 1 << 26         # bytes of model.json; a scan writes some thousands
MOST_BYTES = 1 << 31        # of an archive, unpacked; the largest forests have some hundred million
MOST_PARAMETERS = 10_000
_DAMAGED = (KeyError, ValueError, TypeError, IndexError, OSError, EOFError, AttributeError,
            OverflowError, MemoryError, NotImplementedError, zipfile.BadZipFile)


def read_model(folder):
    """The model in `folder`, able to predict.

    Parameters
    ----------
    folder : path
        What `save_model` wrote.

    Returns
    -------
    model : Model
        With `held_out` and `training` as they were.
    content : dict
        model.json, and under SYMMETRY the codes (k, bits) of the model's, or None.

    Raises
    ------
    ModelFileError
        When it is missing, damaged, tampered with, or of a newer version. Nothing stored in the
        files is ever run.
    """
    folder = _existing(Path(folder))
    content = _read_json(folder / JSON)
    for name, its_digest in content["files"].items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ModelFileError(f"{folder / name} is missing. Train the model again.")
        if digest(folder / name) != its_digest:
            raise ModelFileError(f"{folder / name} is not the file that was saved: its checksum "
                                 "differs, so it is not used. Train the model again.")
    if content["version"].split(".")[0] != __version__.split(".")[0]:
        warnings.warn(f"{folder} was saved by version {one_line(content['version'])}, this is "
                      f"{__version__}.", stacklevel=3)
    try:
        model, content[SYMMETRY] = _rebuilt(content, folder / ARRAYS)
    except _DAMAGED as error:
        raise ModelFileError(f"{folder / ARRAYS} is damaged ({type(error).__name__}: {error}). "
                             "Train the model again.") from error
    return model, content


def _existing(folder):
    """The folder, or what it was called while it was being replaced when a crash came."""
    folder = Path(os.path.realpath(folder))     # where the model stands that a link leads to
    for path in (folder, folder.with_name(folder.name + ".old")):
        if (path / JSON).is_file():
            return path
    raise ModelFileError(f"There is no saved model in {folder}. A scan writes one after its first "
                         f"training: {program()} DNNR")


def _read_json(path):
    try:
        if path.stat().st_size > MOST_TEXT:
            raise ValueError("too large")
        content = json.loads(path.read_text(encoding="utf-8"))
        newer = int(content["format"]) > FORMAT
        intact = content["checksum"] == checksum(content)
        complete = found("models", MODELS, content["name"]) and ARRAYS in content["files"]
        plausible = _plausible(content)
    except (*_DAMAGED, RecursionError) as error:
        raise ModelFileError(f"{path} cannot be read ({type(error).__name__}). Train the model "
                             "again.") from error
    if newer:
        raise ModelFileError(f"{path} was saved by version {content.get('version')} of this "
                             f"program; this is {__version__}. Use that version, or train the "
                             "model again.")
    if not (intact and complete):
        raise ModelFileError(f"{path} is not what was saved: its checksum differs, so it is not "
                             "used. Train the model again.")
    if not plausible:
        raise ModelFileError(f"{path} holds what no model has, so it is not used. Train the "
                             "model again.")
    return content


def _plausible(content):
    """Whether everything is of the kind that is written, so that no more memory is taken."""
    files, dim, outputs = content["files"], content["dim"], content["outputs"]
    return (isinstance(files, dict) and len(files) < 100
            and all(isinstance(d, str) and n.isprintable() and 0 < len(n.encode()) < 256
                    and Path(n).name == n for n, d in files.items())
            and _is_number_of(dim) and (outputs is None or _is_number_of(outputs))
            and isinstance(content["version"], str)
            and all(isinstance(content[name], dict)
                    for name in ("settings", "versions", "held_out")))


def _is_number_of(value):
    """Whether so many parameters, or values to learn, can be meant."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_PARAMETERS


def _refuse_bomb(path):
    """Raise ValueError for an archive that its own directory says is too large to unpack."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MOST_BYTES:
        raise ValueError(f"it would unpack to {size / 1e9:.1f} GB")


def _rebuilt(content, path):
    config = SimpleNamespace(**current_settings(content["settings"]))
    model: Any = MODELS[content["name"]](content["name"], config, content["dim"])
    if model.kind != content["kind"]:
        raise ValueError(f"kind {content['kind']}")
    _refuse_bomb(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    for name, array in arrays.items():
        if array.dtype.kind not in "fi" or not np.isfinite(array).all():
            raise ValueError(f"{name} is not made of finite numbers")
    codes = arrays.pop(SYMMETRY, None)
    model.become(content, arrays)
    _refuse_misfits(model)
    return model, codes


def _refuse_misfits(model):
    """Raise ValueError where the numbers are not those of the model that model.json describes."""
    x, y = model.training
    if x.ndim != 2 or x.shape[1] != model.dim or (model.outputs or 1) > y.size // max(1, len(x)):
        raise ValueError("its points have another number of parameters or values")
    shape = (1, model.outputs) if model.outputs else (1,)
    for numbers in model.predict(np.full((1, model.dim), 0.5)):
        if numbers.shape != shape or not np.isfinite(numbers).all():
            raise ValueError("it does not predict what it says")
