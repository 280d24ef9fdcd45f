"""Settings of the scanned parameters, and of what is read from a point and joins the chain."""

from ..calculators.steps.user_programs import PythonStep, UserProgram
from ..likelihood.observables import Observable
from .checks import (
    Check,
    entry,
    entry_of,
    flag,
    integer,
    list_of,
    number,
    one_of,
    optional,
    text,
    texts,
)
from .settings_base import section, setting


@section
class Parameters:
    """Scanned parameters (lists with one entry for each)"""

    VarMin: tuple = setting([], list_of(optional(number())), "Smallest values (None for a fixed "
        "parameter or a formula).")
    VarMax: tuple = setting([], list_of(optional(number())), "Largest values.")
    VarLabel: tuple = setting([], list_of(text(empty=False)), "Names; for programs, the comment "
        "in the Les Houches file, with its '#'.")
    VarNum: tuple = setting([], list_of(entry()), "Numbers of the entries in their blocks of the "
        "Les Houches file (programs only).")
    VarBlock: tuple = setting([], list_of(text()), "Blocks of the Les Houches file; needed only "
        "where label and number stand in more than one block.")
    TotVarScanned: int | None = setting(None, optional(integer(1)), "How many entries, from the "
        "first, are scanned; None: all.")
    VarPrior: tuple = setting([], texts(), "Priors: 'linear' (the default), 'log', 'symlog', "
        "'normal(mean, sigma)', 'integer', 'choice [a, b]', 'fixed value', or a formula of other "
        "parameters; one for each, or by name: ['mA = log', 'x = (y + 1)/2'].")
    Precut: tuple = setting([], texts(text(empty=False)), "Conditions that the parameters of a "
        "point must fulfil; other points are not evaluated: 'mA > mH'.")


def keep():
    """'none', 'good', 'all', or how many of the best."""
    def convert(value):
        if value in ("none", "good", "all") or (
                isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        raise ValueError
    return Check("'none', 'good', 'all', or a number of points, at least 1", convert)


@section
class Kept:
    """Files of points that are kept (programs only)"""

    Keep_files: str | int = setting("none", keep(), "Points whose input, spectrum and outputs of "
        "programs are kept in the folder kept/ of the run, one zip archive each: 'none', 'good' "
        "(in the target), 'all' (with a spectrum), or a number: so many of the best.")
    Keep_outputs: tuple = setting([], texts(text(empty=False)), "More files that SPheno writes and "
        "that are kept, by name or pattern: ['WC.*.json'].")
    Keep_limit: float = setting(1000.0, number(above=0), "Largest size of kept/ in megabytes. When "
        "it is full, no more files are kept, and a note says so.")


@section
class Measured:
    """Observables and their constraints"""

    Observables: tuple = setting([], list_of(entry_of(Observable, "observable('name', ...)")),
        "Numbers of a point and what is known about them, each observable('name', ...) with words "
        "such as value, sigma, lower, upper, or correlated([names], values=..., sigmas=..., "
        "matrix=...); see docs/parameters_and_observables.md.")
    Learn: str = setting("chi2", one_of("chi2", "observables"), "What a regressor learns: 'chi2', "
        "or 'observables': also each number that chi2 and hard limits need; chi2 is then computed "
        "from the predictions. No effect on classifiers, without Observables, or with "
        "Target_value.")
    End_early: bool = setting(False, flag(), "True: if a point breaks a hard limit of Observables "
        "on a number that is already known (a mass), no more programs run for it. It keeps its "
        "numbers so far, and its chi2 comes from the broken limits. No effect with Target_value.")
    Programs: tuple = setting([], list_of(entry_of((UserProgram, PythonStep), "UserProgram('name', "
        "command, ...) or python_step('file.py:function')")), "Programs and Python functions of "
        "your own that join the chain, in order.")
