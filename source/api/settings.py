"""The words of a call become one checked configuration, and a calculator."""

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from ..auxiliary import make_calculator
from ..calculators.functions import CallableFunction
from ..calculators.steps.extras import with_extras
from ..config.input_file import read, shown
from ..config.scan_config import make_config
from ..config.settings import settings
from ..errors import InputError
from ..space.parameters import clean_label

ORIGIN = "python"   # Calculator of a run whose function was an object: 'python:name'
# words of the calls below and the settings that they stand for
WORDS = {"n_points": "Max_evaluations", "seed": "Seed", "vectorised": "Vectorised",
         "observables": "Observables"}
OWN = ("function", "parameters", "model", "output", "pool", "progress", *WORDS)


def configuration(function, parameters, given, **words):
    """The ScanConfig of a call.

    Parameters
    ----------
    function : callable, calculator, str, path or None
        As for `mlscanner.scan`.
    parameters : dict or None
    given : dict
        Settings by their own names.
    words : of WORDS; None where not said

    Raises
    ------
    InputError
        All that is wrong, at once.
    """
    _refuse_unknown(given)
    _refuse_other_things(function, parameters, given)
    values, file = _of_file(function)
    said = {WORDS[word]: value for word, value in words.items() if value is not None}
    twice = [(word, name) for word, name in WORDS.items() if name in said and name in given]
    if twice:
        raise InputError([f"{word} and {name} mean the same. Give one of them."
                          for word, name in twice])
    values |= _ranges(parameters) | said | given
    if not file and function is not None:
        values["Calculator"] = function if isinstance(function, str) else _name(function)
    if "Max_evaluations" in said:   # then nothing else but the user's own rules ends a scan
        values["N_iteration"] = given.get("N_iteration", max(values["Max_evaluations"], 0)
                                          if isinstance(values["Max_evaluations"], int) else 0)
    return replace(make_config(**values), input_file=file)


def calculator_of(function, config, names):
    """The calculator of a call; raises InputError when a file or program is not there."""
    if callable(function) or hasattr(function, "evaluate"):
        own = function if hasattr(function, "evaluate") else CallableFunction(
            function, names, config.Vectorised, bool(config.Observables),
            config.Target_value is not None)
        return with_extras(own, config, names)
    if config.Calculator.startswith(f"{ORIGIN}:"):
        raise InputError(f"{config.Calculator.partition(':')[2]} was a function of a Python "
                         "session, which is not stored. Give it again: function=...")
    return make_calculator(config, names)


def _refuse_other_things(function, parameters, given):
    if callable(function):
        if not parameters and "VarMin" not in given:
            raise InputError("parameters are missing. Say what is scanned, for example "
                             "parameters={'mass': (10, 1000, 'log'), 'g': (0, 1)}.")
    elif hasattr(function, "evaluate"):
        lacking = [name for name in ("share", "observables", "citations")
                   if not hasattr(function, name)]
        if lacking:
            raise InputError(f"the calculator {type(function).__name__} has no attribute "
                             f"{', '.join(lacking)}. Expected: share, the number of points that it "
                             "takes at a time; observables and citations, tuples of str.")
    elif not isinstance(function, str | Path):
        raise InputError(f"function = {shown(function)}; expected a function, "
                         "'file.py:function', the name of a calculator, an input file, or an "
                         "object with a method evaluate.")


def _name(function):
    name = getattr(function, "__name__", type(function).__name__)
    return f"{ORIGIN}:{name if name.isidentifier() else 'function'}"


def _of_file(function):
    """Settings of the input file that `function` names, and its path; {} and '' for others."""
    if not isinstance(function, str | Path) or not str(function).endswith(".py"):
        return {}, ""
    return read(function)[0], str(Path(function).absolute())


def _refuse_unknown(given):
    problems = []
    for name in given:
        if name not in settings():
            close = get_close_matches(name, [*settings(), *OWN], 1) or [
                known for known in settings() if known.lower() == name.lower()]
            meant = f"Did you mean {close[0]}?" if close else \
                "The settings are in docs/how_to_adjust_the_input_file.md."
            problems.append(f"{name} is neither an argument of this call nor a setting. {meant}")
    if problems:
        raise InputError(problems)


def _ranges(parameters):
    """VarLabel, VarMin, VarMax and VarPrior of {name: range}; {} for None."""
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise InputError(f"parameters = {shown(parameters)}; expected a dict like "
                         "{'mass': (10, 1000, 'log'), 'g': (0, 1)}.")
    rows, problems = [], []
    for name, entry in parameters.items():
        row = _range(entry)
        if row is None or not isinstance(name, str) or not clean_label(name):
            problems.append(f"parameters: {shown(name)}: {shown(entry)}; expected a name and "
                            "(lowest, highest), (lowest, highest, 'prior'), a number (a fixed "
                            "parameter), or a text (a prior without range, or a formula).")
        else:
            rows.append(row)
    if problems:
        raise InputError(problems)
    low, high, prior = zip(*rows, strict=True) if rows else ((), (), ())
    return {"VarLabel": list(parameters), "VarMin": list(low), "VarMax": list(high),
            "VarPrior": list(prior)}


def _range(entry):
    """lowest, highest and prior of what stands for a parameter; None where it is not understood."""
    if isinstance(entry, str):
        return (None, None, entry) if entry.strip() else None
    if hasattr(entry, "__len__"):
        entry = tuple(entry)
        if len(entry) not in (2, 3) or (len(entry) == 3 and not isinstance(entry[2], str)):
            return None
        low, high, prior = (*entry, "linear")[:3]
        return low, high, prior
    if isinstance(entry, bool) or not hasattr(entry, "__float__"):
        return None
    return None, None, f"fixed {float(entry)!r}"
