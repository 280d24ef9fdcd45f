"""Evaluate points: the calculator that the input file names, and the pool of worker processes.

All evaluating, in every phase of a scan, goes through one pool: a `Pool` of processes here, or a
`DaskPool` of workers anywhere. Only the main process draws random numbers and writes to `result/`;
a worker gets rows of numbers and returns `Evaluation`s.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .calculators.functions import TEST_FUNCTIONS, CallableFunction, TestFunction, UserFunction
from .calculators.registry import registered
from .calculators.steps.completed import Completed, Stored, lean_config
from .calculators.steps.constrained import Constrained
from .calculators.steps.extras import Blank, with_extras, with_steps
from .config.settings import HIGGS_MODELS
from .errors import ProgramError
from .parallel.local_pool import Pool

__all__ = ["Pool", "make_calculator", "make_completing", "make_pool"]


def make_calculator(config: Any, names: Sequence[str]) -> Any:
    """The calculator that `config.Calculator` names, with `Programs` and `Observables` over it.

    Parameters
    ----------
    config : ScanConfig
    names : sequence of str
        The scanned parameters, in the order of the columns of a point.
    """
    return with_extras(_bare_calculator(config, names), config, names)


def make_completing(config: Any, names: Sequence[str], missing: set, stored: Stored) -> Any:
    """A calculator as `make_calculator` makes it, which runs for points of `stored` only what
    gives the `missing` names.

    Raises InputError for a name that nobody gives.
    """
    whole = make_calculator(config, names)
    lean, needed = lean_config(config, missing)
    bare = config.Calculator in ("SPheno", "Programs") or needed
    made = with_steps(_bare_calculator(lean, names, stored) if bare else stored, lean, names,
                      stored)
    completed = Completed(made, stored, whole.calculator, not needed)
    return Constrained.from_config(completed, config, names)


def _bare_calculator(config, names, stored=None):
    if config.Calculator in TEST_FUNCTIONS:
        return TestFunction.from_config(config)
    if config.Calculator in HIGGS_MODELS:
        from .calculators import thdm
        return getattr(thdm, config.Calculator).from_config(config)
    if config.Calculator == "SPheno":
        from .calculators.chain.chain import Chain
        return Chain.from_config(config, stored)
    if config.Calculator == "Programs":
        return Blank.from_config(config)
    known = registered(config.Calculator)
    if isinstance(known, type):
        return known(config, names)
    if known is not None:
        return CallableFunction(known, names, config.Vectorised, bool(config.Observables),
                                config.Target_value is not None)
    return UserFunction.from_config(config, names, Path(config.input_file).parent)


def make_pool(calculator, config, stop_requested=None):
    """The pool that `config.Executor` names: here, or on Dask workers; `stop_requested` is the
    threading.Event that stops it.

    Raises ProgramError when Dask is asked for and not installed.
    """
    if config.Executor == "multiprocessing":
        return Pool(calculator, config.N_Cores, config.Timeout_point, stop_requested)
    try:
        from .parallel.dask_cluster import Cluster
        from .parallel.dask_pool import DaskPool
    except ImportError as error:
        raise ProgramError(f"Executor = 'dask' needs packages that are not installed ({error}). "
                           "Install them into the environment of the scanner: "
                           "pip install -r requirements-dask.txt") from error
    return DaskPool(calculator, Cluster.from_config(config), config.Timeout_point,
                    stop_requested)
