"""The seven models by the names a user writes."""

from typing import Any

from ..errors import InputError
from ..extensions import found, names
from .dnn import DNNC, DNNR
from .forests import GBR, RFC, RFR
from .model_base import Model
from .svr import SVR_POLY, SVR_RBF

__all__ = ["ALIASES", "MODELS", "make_model", "model_name"]

MODELS = {"DNNR": DNNR, "GBR": GBR, "RFR": RFR, "SVR_RBF": SVR_RBF, "SVR_POLY": SVR_POLY,
          "DNNC": DNNC, "RFC": RFC}
ALIASES = {"SVMRBF": "SVR_RBF", "SVMPOLY": "SVR_POLY"}


def model_name(name: str) -> str:
    """The name in MODELS; raises InputError, with the names there are, for any other."""
    name = ALIASES.get(name, name)
    if found("models", MODELS, name) is None:
        raise InputError(f"{name} is not a model. Models: {', '.join(names('models', MODELS))}.")
    return name


def make_model(name: str, config: Any, dim: int) -> Model:
    """A new model.

    Parameters
    ----------
    name : str
        One of MODELS or ALIASES.
    config : settings.Models
        `config.models` of a ScanConfig, or anything with the settings of the model as attributes.
    dim : int
        Number of scanned parameters.

    Returns
    -------
    Model
    """
    name = model_name(name)
    return MODELS[name](name, config, dim)
