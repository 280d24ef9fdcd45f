"""`./run.sh check`: what would run, and whether everything for it is there."""

import time
from collections import Counter

import numpy as np

from ..acquisition.draws import design, design_size
from ..auxiliary import Pool, make_calculator
from ..calculators.steps.constrained import named
from ..errors import InputError, ScannerError
from ..evaluation import OK
from ..likelihood.target import Target
from ..scanning.alike import causes
from ..scanning.stop_rules import StopRules
from ..shown import counted, equations, one_line, say
from ..space.parameters import Box

# these speak of the set-up; any other status says something about the point
TROUBLE = {"raised", "crashed", "timeout", "bad_output", "not_started", "bad_value", "failed",
           "no_output", "too_big", "no_higgs_files", "hb_failed", "hs_failed"}
LEAST = 2   # points that are evaluated even if the first is ok: the second shows the time of a scan


def check(config, most=20):
    """Print the effective scan, evaluate some points, start nothing; True when one was evaluated.

    A point that fails a test of the theory, or has no spectrum, was evaluated.

    Parameters
    ----------
    config : ScanConfig
    most : int
        End after so many points of which none is ok.

    Raises InputError or ProgramError for what is missing.
    """
    box = Box.from_config(config)
    _settings(config, box)
    calculator = _calculator(config, box)
    if hasattr(calculator, "describe"):
        say("\n".join(calculator.describe()))
    rng = np.random.default_rng(config.Seed)
    first = design(rng, max(design_size(config, box.dim), most), box.dim, box.precut)
    x = box.to_physical(first[:max(most, LEAST)])
    outcomes, seconds = _evaluate(config, calculator, x)
    statuses = [evaluated.status for evaluated in outcomes]
    best = statuses.index(OK) if OK in statuses else 0
    if hasattr(calculator, "timing") and len(x):
        say(calculator.timing(best + 1, x[best]))
    total = StopRules(config).expected(box.dim)
    say(f"A scan would evaluate at most {total} points with "
        f"{counted(config.N_Cores, 'worker')}: about "
        f"{_duration(total * seconds / config.N_Cores)} for evaluating, plus the training.")
    if statuses and OK not in statuses:
        (status, n), = Counter(statuses).most_common(1)
        say(f"Note: none of {len(statuses)} points is ok; the status of {n} is '{status}'. "
            f"Likely cause: {causes(status, box)}.")
    return not set(statuses) <= TROUBLE


def _settings(config, box):
    say(f"{config.input_file}: the settings are valid.")
    say(f"Calculator {config.Calculator}, target {Target.from_config(config)}, "
        f"{counted(box.dim, 'scanned parameter')}:")
    for p in box.parameters:
        say(f"  {p}")
    for cut in config.Precut:
        say(f"  only where {cut}")
    for step in config.Programs:
        say(f"Step: {getattr(step, 'code', step.name)}, after {step.after}")
    for entry in config.Observables:
        say(f"Observable: {entry}")


def _calculator(config, box):
    """The calculator; before that, what SPheno makes of the user's own file."""
    problems: list[str] = []
    if config.Calculator == "SPheno":
        from ..calculators.chain.own_file import OwnFile
        try:
            own = OwnFile(config)
        except ScannerError:    # what is missing for it is missing for the calculator, too
            pass
        else:
            say("\n".join(own.lines))
            if not own.worked:
                say("  No spectrum. Correct the file, unless its own point is not meant to work.")
            problems = own.problems
    try:
        calculator = make_calculator(config, box.names)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return calculator


def _evaluate(config, calculator, x):
    """Evaluations until one is ok, and the seconds of a point when everything is in memory."""
    outcomes, seconds = [], []
    told: dict = {}     # the first point of each failure
    name = "value" if Target.from_config(config).is_band else "chi2"
    with Pool(calculator, 1, config.Timeout_point) as pool:
        for row in range(len(x)):
            if row >= LEAST and any(evaluated.status == OK for evaluated in outcomes):
                break
            started = time.perf_counter()
            (_, evaluated), = pool.map(x[row:row + 1])
            outcomes.append(evaluated)
            seconds.append(time.perf_counter() - started)
            words = f"{name} = {evaluated.value:.6g}" if evaluated.status == OK else \
                _failure(evaluated, row + 1, told)
            say(f"Test point {row + 1} ({seconds[-1]:.2f} s): {words}")
            _numbers(named(evaluated.observables, calculator.observables))
    return outcomes, float(np.mean(seconds[1:] or seconds or [0.0]))


def _failure(evaluated, number, told):
    """Status and reason; a reason that was told already is that of an earlier test point."""
    first = told.setdefault((evaluated.status, evaluated.reason), number)
    return f"{evaluated.status}: {one_line(evaluated.reason)}" if first == number else \
        f"{evaluated.status}, as test point {first}"


def _numbers(numbers):
    for line in equations((name, value) for name, value in numbers.items() if not np.isnan(value)):
        say(line)


def _duration(seconds):
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} seconds"

