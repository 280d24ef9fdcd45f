"""MLscanner: parameter scans of models of new physics, guided by machine learning.

>>> import mlscanner as ml
>>> result = ml.scan(my_function, parameters={'mass': (10, 1000, 'log'), 'g': (0, 1)},
...                  observables=[ml.observable('omega', value=0.12, sigma=0.01)])

Each name is loaded when it is first used: workers, and programs that only predict, need few.
"""

from importlib import import_module

from .version import __version__

_HOMES = {
    "scan": "api.scan", "load": "api.scan", "Result": "api.result", "Scan": "api.asking",
    "load_model": "models.saved_model", "observable": "likelihood.observables",
    "correlated": "likelihood.correlated",
    "UserProgram": "calculators.steps.user_programs:user_program",
    "python_step": "calculators.steps.user_programs", "Model": "models.model_base",
    "Prior": "space.priors", "Evaluation": "evaluation",
    **dict.fromkeys(("register_model", "register_prior", "register_constraint",
                     "register_calculator"), "api.registering"),
    **dict.fromkeys(("ScannerError", "InputError", "ProgramError", "StorageError",
                     "ModelFileError"), "errors"),
}
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - they are strings


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, _, other = _HOMES[name].partition(":")
    return getattr(import_module(f".{home}", __name__), other or name)


def __dir__():
    return sorted([*globals(), *_HOMES])
