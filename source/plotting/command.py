"""Pictures of a run: ./run.sh plot MODEL, the end of each scan, and while it runs.

Everything is drawn from points.csv (and scan_input_used.json where present), so that it works
for a run that is still going, and for one whose program is long gone.
"""

import argparse
import logging
from pathlib import Path

import numpy as np

from ..errors import InputError, StorageError
from ..evaluation import OK, Evaluation
from ..files import explained, program
from ..models.registry import ALIASES, MODELS
from ..parallel.local_pool import Pool
from ..shown import say
from ..store.folders import find_run, result_folder
from ..store.points_file import NAME
from .labels import picture_name
from .plot_data import load_run

FOLDER = "pictures"
MANY = 6    # parameters from which the pictures take longer than to start processes for them
LOG = logging.getLogger("mlscan")
PICTURES = {
    "corner": "Points in the target (blue) over all evaluated points (grey)",
    "progress": "Efficiency, error, points in the target and coverage",
    "profiles": "Best value along each parameter",
    "profile_pairs": "Best value over each pair of parameters",
    "prediction": "How good the predictions were",
    "failures": "Why points fail, and where",
    "time": "What the time was spent on",
}


def functions():
    """Name of a picture -> function of a RunData that returns a figure, or None where there is
    nothing to draw; imported when needed, as drawing is the exception."""
    from . import pictures_failures as failures
    from . import pictures_model as model
    from . import pictures_points as points
    from . import pictures_profile as profile
    from . import pictures_progress as progress
    return {"corner": points.corner_plot, "progress": progress.progress,
            "profiles": profile.profiles, "profile_pairs": profile.profile_pairs,
            "prediction": model.prediction, "failures": failures.failures,
            "time": progress.time_spent}


def draw_pictures(run, kinds=("png", "pdf"), n_cores=1):
    """Draw every picture of `run` into its folder `pictures`.

    Parameters
    ----------
    run : RunData
    kinds : tuple of str
        Formats.
    n_cores : int
        Where there is much to draw, so many processes do it side by side.

    Returns
    -------
    written : dict of str to Path
        Name of a picture -> its PNG.
    problems : list of str
        One sentence for each picture that could not be drawn; the others are drawn all the same.
    """
    names, drawer = list(functions()), Drawer(run, picture_folder(run), kinds)
    n_cores = n_cores if len(run.parameters) >= MANY else 0
    with Pool(drawer, n_cores if n_cores > 1 else 0) as pool:
        drawn = dict(pool.map(np.arange(len(names))[:, None]))
    answers = [drawn[k] for k in range(len(names))]
    return ({name: Path(a.reason) for name, a in zip(names, answers, strict=True)
             if a.status == OK and a.reason},
            [a.reason for a in answers if a.status != OK])


class Drawer:
    """Draws a picture as a calculator evaluates a point, so that a pool can do it.

    Parameters
    ----------
    run : RunData
    folder : Path
    kinds : tuple of str
    end : str
        What the names of the files have behind that of the picture.
    """

    share = 1

    def __init__(self, run, folder, kinds, end=""):
        self.run, self.folder, self.kinds, self.end = run, folder, kinds, end

    def evaluate(self, x, scratch):
        """x (n, 1): numbers of pictures. The reason is the path, '' for nothing to draw, or what
        went wrong."""
        return [self._draw(list(functions())[int(k)]) for k in x[:, 0]]

    def _draw(self, name):
        from . import style
        from .captions import write_caption
        try:
            with style.drawing(self.run.style):
                figure = functions()[name](self.run)
                if figure is None:
                    return Evaluation(OK)
                path = self.folder / (name + self.end)
                write_caption(self.run, path, name)
                return Evaluation(OK, reason=str(style.save(figure, path, self.kinds)[0]))
        except Exception as error:  # a picture must never cost a scan
            return Evaluation("failed", reason=f"The picture {name} could not be drawn: "
                              f"{type(error).__name__}: {error}")


def _draw_some(run, names, end):
    """These pictures, with `end` behind their names: an Evaluation each."""
    every = list(functions())
    drawer = Drawer(run, picture_folder(run), ("png", "pdf"), end)
    return drawer.evaluate(np.array([[every.index(name)] for name in names]), None)


def picture_folder(run):
    """Where the pictures of a run go; made here."""
    folder = run.folder / FOLDER
    with explained(folder):
        folder.mkdir(exist_ok=True)
    return folder


def draw_all(folder, n_cores=1):
    """All pictures and report.html of the run in `folder`; never raises for what cannot be drawn.

    Parameters
    ----------
    folder : path
    n_cores : int
        As for `draw_pictures`.

    Returns
    -------
    list of str
        What went wrong, one sentence each; it has been logged too.
    """
    return _guarded(folder, lambda run: _draw_with_report(run, n_cores)[1])


def refresh(folder):
    """Draw the PNGs again, for a running scan (Live_plots); never raises, returns problems."""
    return _guarded(folder, lambda run: draw_pictures(run, ("png",))[1])


def _draw_with_report(run, n_cores=1):
    """Every picture and the page: what `draw_pictures` returns, and the path of the page."""
    from . import report
    written, problems = draw_pictures(run, n_cores=n_cores)
    captioned = [(name, PICTURES[name], path) for name, path in written.items()]
    return written, problems, report.write_report(run, captioned)


def _guarded(folder, draw):
    try:
        problems = draw(load_run(folder))
    except Exception as error:  # the points are safe, and worth more than pictures
        problems = [f"The pictures of {folder} could not be drawn: "
                    f"{type(error).__name__}: {error}"]
    for problem in problems:
        LOG.warning("Note: %s", problem)
    return problems


# ---- the command -----------------------------------------------------------------------------
def plot_command(args):
    """`./run.sh plot ...`; returns the exit code.

    Parameters
    ----------
    args : list of str
        What stands behind `plot`.

    Raises
    ------
    ScannerError
        No such run, no such column.
    """
    options = _parser().parse_args(args)
    run = load_run(run_of(options.run, options.output))
    if not len(run):
        raise StorageError(f"{run.folder / NAME} holds no evaluated point yet, so there is nothing "
                           "to draw. Wait until the scan has evaluated some.")
    from . import asked
    if options.animate:
        return asked.animation(run, options, picture_folder)
    if options.watch:
        from .report import NAME as PAGE
        from .watch import watch
        return watch(run.folder, lambda: _draw_with_report(load_run(run.folder)),
                     run.folder / PAGE, PICTURES)
    if options.x or options.y or options.c:
        return asked.scatter(run, options, picture_folder)
    if options.columns:
        return asked.panels(run, options, _draw_some)
    written, problems, page = _draw_with_report(run)
    for name, path in written.items():
        say(f"  {path}, .pdf, .txt: {PICTURES[name].lower()}")
    say(f"  {page}: all pictures and tables on one page")
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def run_of(name, output):
    """The folder of a run by its name; raises StorageError with the places that were tried."""
    model = ALIASES.get(name, name)
    found = find_run(model, output or result_folder(), lambda folder: (folder / NAME).exists())
    if found:
        return found
    if Path(name).expanduser().is_dir():
        raise StorageError(f"{name} is not a run folder: it has no {NAME}. Give the folder of one "
                           "run, for example result/DNNR.")
    raise StorageError(f"There is no run of {name} in {output or result_folder()}, and no folder "
                       f"{name}. Give a run folder, or scan first: {program()} "
                       f"{model if model in MODELS else 'DNNR'}")


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{program()} plot: {message}. See {program()} plot --help")


def _parser():
    parser = _Parser(prog=f"{program()} plot", allow_abbrev=False, description=(
        "Draws the pictures of a run and its report.html, also while the scan is running."),
        epilog=f"Example: {program()} plot DNNR --x TanBeta --y mH --c chi2")
    parser.add_argument("run", metavar="MODEL|FOLDER",
                        help="a model (its newest run), or a run folder")
    parser.add_argument("--output", metavar="DIR", help="where the run folders are (result/)")
    parser.add_argument("--x", metavar="COLUMN", help="horizontal axis: any column of points.csv")
    parser.add_argument("--y", metavar="COLUMN", help="vertical axis: any column of points.csv")
    parser.add_argument("--c", metavar="COLUMN",
                        help="colour: any column (without it: in target or not)")
    parser.add_argument("--log", metavar="AXES", help="logarithmic axes: x, y, c, xc, ...; '' for "
                        "none (without it: those with a log prior)")
    parser.add_argument("--columns", metavar="A,B,...", help="draw corner, profiles and "
                        "profile_pairs of these columns, parameters or observables (without it: "
                        "the parameters, the eight that matter most)")
    parser.add_argument("--animate", action="store_true",
                        help="show the points of each iteration as a GIF, and as an MP4 if ffmpeg "
                        "is installed")
    parser.add_argument("--watch", action="store_true", help="show report.html in a browser on "
                        "this machine, and draw it again while the scan runs; Ctrl-C ends this")
    return parser


__all__ = ["PICTURES", "draw_all", "draw_pictures", "picture_folder", "picture_name",
           "plot_command", "refresh", "run_of"]
