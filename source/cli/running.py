"""A scan from the command line: `./run.sh MODEL` starts or resumes a run."""

import threading

from ..auxiliary import make_calculator, make_pool
from ..config.scan_config import load_config
from ..errors import ScannerError
from ..MLs_HEP import scan
from ..models.registry import make_model, model_name
from ..parallel.stopping import Stopper
from ..scanning.progress import LOG, logging_to
from ..scanning.recheck import warn_of_difference
from ..shown import say
from ..space.parameters import Box
from ..store.imported import gather
from ..store.opening import finished_run, open_run
from ..store.tables import column_map
from . import summary


def run_scan(args):
    """`./run.sh MODEL`: start or resume a run, and tell what came of it; returns the exit code."""
    with Stopper() as stopper:
        try:
            return _open_and_run(args, stopper)
        except KeyboardInterrupt:
            say("Stopped before the scan began. The same command starts it.", flush=True)
            return stopper.exit_code


def _open_and_run(args, stopper):
    config = load_config(args.input)
    name = model_name(args.command)
    box = Box.from_config(config)
    done = None if args.new or args.more or args.start else finished_run(config, name, args.output)
    if done is not None:
        say(summary.finished(done, name, args))
        return 0
    calculator = make_calculator(config, box.names)
    start = gather(args.start, box, config, column_map(args.columns)) if args.start else None
    run = open_run(config, name, args.output, args.new, args.more)
    try:
        with logging_to(run.folder), make_pool(calculator, config, stopper.request) as pool:
            model = make_model(name, config.models, box.dim)
            task = scan(model, config, run.folder, pool, args.more, start=start,
                        gently=stopper.gently)
            summary.opening(task, run, name)
            if start and not run.resumed:
                summary.started_from(start, pool, args.accept_difference)
            return _run_task(task, name, stopper)
    finally:
        run.lock.release()


def _run_task(task, name, stopper):
    if hasattr(task.model, "warm_up"):  # seconds that cost nothing while points are evaluated
        threading.Thread(target=task.model.warm_up, daemon=True).start()
    stopper.farewell = lambda: say(summary.how_to_go_on(task, name))
    try:
        warn_of_difference(task.pool, task.points)
        for state in task:
            summary.iteration(state)
            summary.pictures(state, finished=False)
        LOG.info("Training with all points, then drawing the pictures.")
        task.finish()
        summary.pictures(task, finished=True)
    except (KeyboardInterrupt, Exception) as error:
        # libraries that are loading turn a Ctrl-C into errors of their own
        if isinstance(error, ScannerError) or not stopper.request.is_set():
            raise
        if not task.finished:
            task.leave()
        LOG.info(summary.how_to_go_on(task, name))
        return stopper.exit_code
    summary.closing(task, name)
    return 0
