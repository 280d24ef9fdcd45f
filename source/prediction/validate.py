"""How good a saved model is: its points evaluated with the calculator of its scan."""

import itertools
import json
from dataclasses import replace

import numpy as np

from ..auxiliary import Pool, make_calculator
from ..calculators.steps.user_programs import PythonStep, UserProgram, restored
from ..config.scan_config import load_config, make_config
from ..config.settings import HIGGS_MODELS, settings
from ..errors import InputError
from ..evaluation import OK
from ..likelihood.observables import Observable
from ..shown import counted
from ..space.parameters import Box
from .suggest import neighbours, suggest

HARMLESS = ("F_2d", "F_3d", *HIGGS_MODELS)     # calculators that start no program
PLACES = ("pathS", "Lesh", "SPHENOMODEL", "HBPath", "HSPath", "PATHMHUNCERTINITY")
_BINS = (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0 + 1e-9)


def validate(saved, n, seed=1, pool=None, config=None):
    """Evaluate n suggested points, and n around the known good ones, and compare.

    Parameters
    ----------
    saved : SavedModel
    n : int
    seed : int
    pool : auxiliary.Pool, optional
        Evaluates points; made from `config` when not given.
    config : ScanConfig, optional
        Which calculator; as stored with the model when not given. See `stored_commands`.

    Returns
    -------
    str
        The report.
    """
    chosen, around = suggest(saved, n, seed), neighbours(saved, n, seed + 1)
    x = saved.box.to_physical(np.concatenate([chosen, around]))
    value, ok, answer, inside = _both(saved, x, pool, config)
    return "\n".join([
        f"{counted(len(chosen), 'suggested point')} and {len(around)} around the known ones, "
        f"evaluated by {saved.settings.get('Calculator')}; failed: {int((~ok).sum())}",
        *_hits(inside, answer.probability > 0.5, len(chosen)),
        *_errors(saved, value, answer, inside), *_calibration(inside, answer.probability)])


def compare(saved, x, pool=None, config=None):
    """Evaluate points of the user's, such as a chain of a sampler, and compare.

    Parameters
    ----------
    saved : SavedModel
    x : ndarray (n, d)
        The scanned parameters of each, in physical units.
    pool, config : optional
        As for `validate`.

    Returns
    -------
    str
        The report. Where the model predicts chi2, with what the points are worth when each has the
        weight exp((chi2 predicted - chi2 evaluated) / 2): as many equal ones as (sum w)^2 / sum w^2
        (L. Kish, Survey Sampling, 1965).
    """
    x = saved.box.to_physical(saved.to_unit(x))
    value, ok, answer, inside = _both(saved, x, pool, config)
    return "\n".join([
        f"{counted(len(x), 'point')}, evaluated by {saved.settings.get('Calculator')}; failed: "
        f"{int((~ok).sum())}",
        *_errors(saved, value, answer, inside), *_worth(saved, value, answer, ok),
        *_calibration(inside, answer.probability)])


def _both(saved, x, pool, config):
    """value, ok, what the model says, and who is in the target, each (n,)."""
    value, ok = _evaluated(saved, x, pool, config)
    return value, ok, saved.predict(x), ok & saved.target.inside(value)


def _evaluated(saved, x, pool, config):
    """value (n,), ok (n,) of physical points, by the pool that is given or by one that is made."""
    if pool is not None:
        return _evaluate(pool, x)
    config = config or run_config(saved.settings)
    calculator = make_calculator(config, saved.names)
    with Pool(calculator, config.N_Cores, config.Timeout_point) as own:
        return _evaluate(own, x)


def _worth(saved, value, answer, ok):
    if saved.kind != "regressor" or saved.target.is_band or not ok.any():
        return []
    power = (answer.value[ok] - value[ok]) / 2
    w = np.exp(power - power.max())
    share = w.sum() ** 2 / (w ** 2).sum() / len(ok)
    return [f"with weights that correct the model's chi2 to the calculator's, the points are worth "
            f"{share:.0%} of the same number of points with equal weights"]


def stored_commands(stored):
    """What the settings of a saved model would start: one line each; none for built-in calculators.

    A model from elsewhere may name any program. Nothing is started, imported or opened here, and
    control characters are shown as escapes.
    """
    calculator, programs = stored.get("Calculator"), stored.get("Programs")
    found = [] if calculator in HARMLESS else [("Calculator", calculator)]
    if calculator not in HARMLESS:
        found += [(name, stored[name]) for name in PLACES if stored.get(name)]
    found += [("Programs", program) for program in programs] if isinstance(programs, list) else \
        [("Programs", programs)] * bool(programs)
    limits = stored.get("Observables") or []
    found += [("Observables", entry) for entry in limits if ".py" in json.dumps(entry)]
    if found:
        found.append(("input_file", stored.get("input_file", "")))
    return [f"{name} = {json.dumps(value)}" for name, value in found]


def allowed_config(stored, names, file, trusted, ask):
    """The ScanConfig of a validation, if the user wants what it starts.

    Parameters
    ----------
    stored : dict
        Settings of the saved model.
    names : sequence of str
        Its parameters.
    file : path or None
        An input file of the user's; its settings count, and none of the model.
    trusted : bool
        The user said on the command line that what is stored may be started.
    ask : callable or None
        Text -> answer, on a terminal.

    Raises
    ------
    InputError
        What is stored was not confirmed, or the file has other parameters than the model.
    """
    if file is not None:
        config = load_config(file)
        own = Box.from_config(config).names
        if tuple(own) != tuple(names):
            raise InputError(f"{file} has the parameters {', '.join(own)}, but the model has "
                             f"{', '.join(names)}. Give the input file of its scan.")
        return config
    lines = stored_commands(stored)
    if lines and not trusted:
        shown = "\n  ".join(["To evaluate points, this must run, which is stored with the model:",
                              *lines])
        if ask is None:
            raise InputError(f"{shown}\nGive --trust if it may run, or --input FILE, an input file "
                             "of yours that is used instead.")
        if ask(f"{shown}\nRun it? [y/N] ").strip().lower() not in ("y", "yes"):
            raise InputError("Nothing was run. With --input FILE an input file of yours is used "
                             "instead.")
    return run_config(stored)


def run_config(stored):
    """The settings that a run has stored, as a ScanConfig."""
    known = {k: v for k, v in stored.items() if k in settings()}
    known["Observables"] = [restored(Observable, entry) for entry in known.get("Observables", ())]
    known["Programs"] = [restored(UserProgram if "command" in entry else PythonStep, entry)
                         for entry in known.get("Programs", ())]
    config = make_config(**known)
    return replace(config, input_file=stored.get("input_file", ""))


def _evaluate(pool, x):
    """value (n,), ok (n,) of all points."""
    value, ok = np.full(len(x), np.nan), np.zeros(len(x), bool)
    for row, evaluated in pool.map(x):
        value[row], ok[row] = evaluated.learned, evaluated.status == OK
    return value, ok


def _hits(inside, called, n):
    """Precision of what was suggested; recall and precision where the model had no choice."""
    around, good = called[n:], inside[n:]
    return [f"precision of suggested points: {_share(inside[:n])}",
            f"recall around the known points (share of those in the target that the model finds): "
            f"{_share(around[good])}",
            f"precision around the known points: {_share(good[around])}"]


def _share(hits):
    if not len(hits):
        return "no such point"
    p = hits.mean()
    return f"{p:.3f} +- {np.sqrt(max(p * (1 - p), 0.25 / len(hits)) / len(hits)):.3f}"


def _errors(saved, value, answer, inside):
    known = np.isfinite(value)
    if saved.kind != "regressor" or not known.any():
        return []
    error = np.abs(answer.value - value)
    within = error[known] < answer.spread[known]
    near = f"{error[inside].mean():.4g}" if inside.any() else "no such point"
    return [f"mean absolute error of {saved.value_name}: {near} in the target, "
            f"{np.median(error[known]):.4g} for the median point",
            f"error below the spread: {_share(within)} (68% expected)"]


def _calibration(inside, probability):
    lines = ["probability   points   in the target"]
    for low, high in itertools.pairwise(_BINS):
        rows = (probability >= low) & (probability < high)
        if rows.any():
            lines.append(f"{low:4.1f} - {min(high, 1):3.1f}   {rows.sum():6d}   "
                         f"{inside[rows].mean():.3f} (predicted {probability[rows].mean():.3f})")
    gap = np.mean((probability - inside) ** 2)
    return [*lines, f"Brier score (0 is perfect, 0.25 a coin): {gap:.4f}"]
