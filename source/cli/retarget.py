"""Points of old runs in a new run folder: under another target, joined, or partly evaluated again.

The old runs are only read. The new run is one that was started from these points; `./run.sh MODEL`
continues it.
"""

import argparse
import shlex
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..auxiliary import Pool, make_calculator, make_completing, make_pool
from ..calculators.steps.completed import Stored
from ..config.scan_config import load_config
from ..errors import InputError
from ..files import program
from ..MLs_HEP import scan
from ..models.registry import make_model, model_name
from ..scanning.progress import LOG, logging_to
from ..space.parameters import Box
from ..store.folders import find_run, result_folder
from ..store.import_file import RUN
from ..store.imported import gather, missing_of
from ..store.opening import open_run
from ..store.points_file import NAME
from ..store.settings_file import changed_settings, load_settings
from ..store.tables import column_map
from .arguments import default_input
from .summary import command


def retarget_command(words):
    """`./run.sh retarget RUN`: its stored numbers under the target of another input file."""
    parser = _parser("retarget", "Puts the stored points of a run under the target of another "
                     "input file, in a new run. No program is run.", 1)
    parser.add_argument(RUN, action="store_true", dest="run",
                        help="run programs, but only for numbers that the new target needs "
                             "and the run does not have")
    args = parser.parse_args(words)
    return _new_run(args, run=args.run)


def merge_command(words):
    """`./run.sh merge RUN RUN ...`: their points in one new run."""
    parser = _parser("merge", "Joins runs with the same parameters into a new run.", "+")
    return _new_run(parser.parse_args(words))


def retry_command(words):
    """`./run.sh retry RUN --status timeout,crashed`: a new run in which these are evaluated."""
    parser = _parser("retry", "Evaluates points that timed out or crashed again, in a new run.", 1)
    parser.add_argument("--status", default="timeout,crashed", metavar="NAME,NAME",
                        help="points with these statuses instead (timeout,crashed)")
    args = parser.parse_args(words)
    return _new_run(args, tuple(word for word in args.status.split(",") if word))


def _parser(name, text, runs):
    many = "s" if runs == "+" else ""
    parser = argparse.ArgumentParser(prog=f"{program()} {name}", description=text, epilog=(
        f"Example: {program()} {name} DNNR{' DNNR_2' if name == 'merge' else ''} --input new.py"))
    parser.add_argument("runs", nargs=runs, metavar="RUN",
                        help=f"run folder{many}, table{many}, or name{many} like DNNR in "
                             "result/")
    parser.add_argument("--input", default=default_input(), type=Path, metavar="FILE",
                        help="input file of the new run, with its target (scan_input.py)")
    parser.add_argument("--output", default=result_folder(), type=Path, metavar="DIR",
                        help="where the new run folder goes (result/)")
    parser.add_argument("--model", default="",
                        help="model of the new run; without it, that of the first run")
    parser.add_argument("--columns", default="", metavar="'NAME=COLUMN ...'",
                        help="columns of tables whose names differ from the parameters")
    return parser


def _new_run(args, again=(), run=False):
    folders = [_find(name, args.output) for name in args.runs]
    missing = [str(folder) for folder in folders if not folder.exists()]
    if missing:
        raise InputError(f"There is no {' and no '.join(missing)}. Give a run folder, a table, or "
                         f"a name in {args.output}; {program()} list shows them.")
    settings = {folder: load_settings(folder) for folder in folders if (folder / NAME).exists()}
    name = args.model or next((str(s["model"]) for s in settings.values()), "")
    if not name:
        raise InputError("None of these is a run folder, so the model is not known. Give it, for "
                         "example --model DNNR.")
    name, config = model_name(name), load_config(args.input)
    box = Box.from_config(config)
    start = gather(folders, box, config, column_map(args.columns), again, run)
    again = again or start.lacking
    calculator = _calculator(config, box, start)
    run = open_run(config, name, args.output, new=True)
    try:
        pool = make_pool(calculator, config) if again else nullcontext(Pool(calculator, 0))
        with logging_to(run.folder), pool as workers:
            task = scan(make_model(name, config.models, box.dim),
                        replace(config, N_iteration=0), run.folder, workers,    # these points only
                        show=bool(again), start=start)
            for _ in task:
                break
            task.write_results()
            _tell(task, start, settings, config, name)
    finally:
        run.lock.release()
    return 0


def _calculator(config, box, start):
    """What evaluates; of points that lack some numbers only what gives these."""
    rows = [k for k, e in start.lacking.items() if np.isfinite(e.value)]
    if not rows:
        return make_calculator(config, box.names)
    lacking = [start.lacking[k] for k in rows]
    # as the run will ask for them: the last digit may be another one
    stored = Stored(box.to_physical(start.u)[rows], [e.value for e in lacking],
                    [e.observables for e in lacking])
    return make_completing(config, box.names, missing_of(lacking, config, box), stored)


def _find(name, output):
    """A run folder, or the path of a table."""
    return find_run(name, output, lambda folder: (folder / NAME).exists()) or Path(name)


def _tell(task, start, settings, config, name):
    for text in start.told:
        LOG.info("%s.", text)
    for folder, old in settings.items():
        changed = changed_settings(old["settings"], config.as_dict())
        LOG.info("Settings that differ from %s: %s.", folder, "; ".join(
            text for key, text in changed.items() if key != "input_file") or "none")
    now = task.points.inside
    LOG.info("In the target: %d before, %d now (%d entered, %d left).", start.was_inside.sum(),
             now.sum(), (now & ~start.was_inside).sum(), (start.was_inside & ~now).sum())
    LOG.info("The new run is in %s. To continue it: %s", task.folder,
             shlex.join(command(task, name)))
