"""`./run.sh check`: what would run, and whether everything for it is there."""

import time

import numpy as np

from ..acquisition.draws import design, design_size
from ..auxiliary import Pool, make_calculator
from ..evaluation import OK
from ..likelihood.observables import Target
from ..scanning.stop_rules import StopRules
from ..shown import one_line, say
from ..space.parameters import Box
from .summary import counted

# these speak of the set-up; any other status says something about the point
TROUBLE = {"raised", "crashed", "timeout", "bad_output", "not_started"}


def check(config):
    """Print the effective scan, evaluate two points, start nothing; True when one was evaluated.

    A point that fails a test of the theory, or has no spectrum, was evaluated.

    Raises InputError or ProgramError for what is missing.
    """
    box, target = Box.from_config(config), Target.from_config(config)
    say(f"{config.input_file}: the settings make sense.")
    say(f"Calculator {config.Calculator}, target {target}, "
          f"{counted(box.dim, 'scanned parameter')}:")
    for p in box.parameters:
        say(f"  {p}")
    for cut in config.Precut:
        say(f"  only where {cut}")
    for step in config.Programs:
        say(f"Step: {getattr(step, 'code', step.name)}, after {step.after}")
    for entry in config.Observables:
        say(f"Observable: {entry}")
    calculator = make_calculator(config, box.names)
    rng = np.random.default_rng(config.Seed)
    first = design(rng, design_size(config, box.dim), box.dim, box.precut)
    x = box.to_physical(first[:2])
    if hasattr(calculator, "report"):
        say(calculator.report(x))
    seconds, worked = _evaluate_two(config, calculator, x)
    total = StopRules(config).expected(box.dim)
    say(f"A scan would evaluate at most {total} points with "
          f"{counted(config.N_Cores, 'worker')}: about "
          f"{_duration(total * seconds / config.N_Cores)} for evaluating, and the training.")
    return worked


def _evaluate_two(config, calculator, x):
    worked, seconds = False, 0.0
    with Pool(calculator, 1, config.Timeout_point) as pool:
        for row in range(len(x)):
            started = time.perf_counter()
            (_, evaluated), = pool.map(x[row:row + 1])
            seconds = time.perf_counter() - started
            worked |= evaluated.status not in TROUBLE
            words = f"value {evaluated.value:.6g}" if evaluated.status == OK else \
                f"{evaluated.status}: {one_line(evaluated.reason)}"
            say(f"Test point {row + 1} ({seconds:.2f} s): {words}")
    return seconds, worked


def _duration(seconds):
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} seconds"

