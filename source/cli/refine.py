"""`./run.sh refine RUN`: the best fit of a run, by an optimiser on the calculation itself."""

import argparse
import sys
from pathlib import Path

from ..auxiliary import make_calculator, make_pool
from ..errors import InputError, StorageError
from ..files import program
from ..likelihood.target import Target
from ..MLs_HEP import scan
from ..models.registry import make_model
from ..parallel.stopping import Stopper
from ..prediction.validate import allowed_config
from ..scanning.progress import LOG, logging_to
from ..scanning.recheck import warn_of_difference
from ..scanning.refining import CONTOUR, FIT, MOST
from ..shown import say
from ..space.parameters import Box
from ..store.folders import result_folder
from ..store.opening import open_folder
from ..store.settings_file import load_settings
from . import summary
from .runs import find_folder

__all__ = ["CONTOUR", "evaluate_more", "refine_command"]


def refine_command(words):
    """Improve the best points of a run; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=f"{program()} refine", allow_abbrev=False,
        description="Improves the best fit of a run: an optimiser evaluates further points near "
                    "the best ones, and stores them like all others.",
        epilog=f"Example: {program()} refine DNNR --evaluations 300")
    parser.add_argument("run", metavar="RUN", help="run folder, or a name like DNNR in result/")
    parser.add_argument("--evaluations", type=count, default=MOST, metavar="N",
                        help=f"at most N points ({MOST})")
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="where the run folders are (result/)")
    evaluating(parser)
    args = parser.parse_args(words)
    folder = find_folder(args.run, args.output or result_folder())
    return evaluate_more(folder, {"refine": FIT, "budget": args.evaluations}, args)


def evaluating(parser):
    """The options that say what evaluates points."""
    parser.add_argument("--input", metavar="FILE",
                        help="the input file with the programs that evaluate points; without it, "
                             "those stored with the run")
    parser.add_argument("--trust", action="store_true",
                        help="run the programs stored with the run without a question")


def count(text):
    """A number of points from the command line."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of points, 1 or more")
    return int(text)


def evaluate_more(folder, wanted, args):
    """Evaluate the points that `wanted` asks for into a run; returns the exit code.

    Parameters
    ----------
    folder : Path
    wanted : dict
        As for `refining.Refining`.
    args : argparse.Namespace
        With `input` and `trust`.

    Raises
    ------
    ScannerError
        The run has no chi2, is in use, or nobody said what evaluates its points.
    """
    stored = load_settings(folder)
    names = tuple(p["name"] for p in stored["parameters"])
    config = allowed_config(stored["settings"], names, args.input, args.trust,
                            input if sys.stdin.isatty() else None)
    if Target.from_config(config).is_band:
        raise InputError(f"{folder}: the target is a band of values, in which no value is the "
                         "best. Use Chi_square_threshold, and make the band an observable with "
                         "value and sigma.")
    box, name = Box.from_config(config), str(stored["model"])
    calculator = make_calculator(config, box.names)
    run = open_folder(config, name, folder)
    try:
        with Stopper() as stopper, logging_to(run.folder), \
                make_pool(calculator, config, stopper.request) as pool:
            task = scan(make_model(name, config.models, box.dim), config, run.folder, pool,
                        refine=wanted, gently=stopper.gently)
            if not task.points.allowed.any():
                raise StorageError(f"{folder}: no point is ok and within the hard limits, so there "
                                   "is no point to start from. Scan longer first.")
            return _run(task, wanted, stopper)
    finally:
        run.lock.release()


def _run(task, wanted, stopper):
    least, fit = task.points.best(), wanted["refine"] == FIT
    try:
        warn_of_difference(task.pool, task.points)
        for state in task:
            summary.iteration(state)
        if fit:
            LOG.info("Training with all points, then drawing the pictures.")
        task.finish(learn=fit)
        if fit:
            summary.pictures(task, finished=True)
    except KeyboardInterrupt:
        if not task.finished:
            task.leave()
        say(f"Stopped. {len(task.points)} evaluated points are kept in {task.folder}. The same "
            "command continues.")
        return stopper.exit_code
    LOG.info("chi2 of the best point: %.6g before, %.6g now.", least, task.points.best())
    if fit:
        summary.found(task, f"{task.folder} holds {len(task.points)} points.")
    return 0
