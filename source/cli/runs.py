"""What runs there are, and what a run has found so far: nothing is written, nothing evaluated."""

import argparse
import fcntl
import time
from pathlib import Path
from types import SimpleNamespace

from ..errors import ScannerError, StorageError
from ..files import program
from ..likelihood.observables import Target
from ..plotting.plot_data import load_run
from ..prediction.validate import run_config
from ..scanning.progress import on_screen
from ..shown import one_line, say
from ..space.parameters import Box
from ..store.folders import find_run, result_folder
from ..store.lock import LOCK
from ..store.points_file import NAME
from ..store.points_table import read_points
from ..store.settings_file import load_settings
from ..store.state_file import State
from . import summary

HEAD = ("run", "model", "calculator", "points", "good", "best", "state", "last point")
LEFT = 3    # columns of words; numbers stand flush right


def find_folder(name, output=None):
    """The run folder that a user means by a path, or by a name in result/.

    Raises StorageError, naming the runs there are.
    """
    output = result_folder() if output is None else output
    found = find_run(name, output, _is_run) or next(
        (folder for folder in [Path(output, name)] if _is_run(folder)), None)
    if found is None:
        there = sorted(p.name for p in Path(output).glob("*") if _is_run(p))
        raise StorageError(f"There is no run {name}. Runs in {output}: "
                           f"{', '.join(there[:20]) or 'none'}. Give a run folder, or the name "
                           "of a run.")
    return found


def _is_run(folder):
    return (folder / NAME).is_file()


def run_state(folder):
    """'finished', 'running', or 'stopped': neither of these."""
    lock = Path(folder, LOCK)
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        pass
    except OSError:     # held, or a network disk that cannot say: the file is there
        return "running"
    state = State.load(folder)
    return "finished" if state is not None and state.meta.get("reason") else "stopped"


def list_command(words):
    """`./run.sh list [FOLDER ...]`: one line for each run; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=f"{program()} list", allow_abbrev=False,
        description="Lists the runs in result/, or in the folders that you name.",
        epilog=f"Example: {program()} list my_results")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    folders = parser.parse_args(words).folders or [result_folder()]
    runs, troubles = [], []
    for output in folders:
        for folder in sorted([output, *output.glob("*")]):
            if _is_run(folder):
                try:
                    runs.append(_row(folder))
                except ScannerError as error:
                    troubles.append(str(error))
    if not runs and not troubles:
        say(f"No runs in {', '.join(map(str, folders))}. A scan starts with: {program()} DNNR")
        return 0
    for line in _aligned([HEAD, *runs] if runs else []):
        say(line)
    for text in troubles:
        say(f"Note: {text}")
    return 0


def _row(folder):
    run = load_run(folder)
    best = run.distance
    known = best == best
    at = (folder / NAME).stat().st_mtime
    value = f"{run.value[known][best[known].argmin()]:.6g}" if known.any() else "-"
    return [folder.name, run.model, run.settings.get("settings", {}).get("Calculator", "-"),
            f"{len(run)}", f"{int(run.inside.sum())}", value, run_state(folder),
            f"{age(time.time() - at)} ago"]


def age(seconds):
    """'3 min', '5.2 h', '12 days'."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.{int(seconds < 10 * size)}f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _aligned(rows):
    """The rows of texts as lines, with columns of equal width."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) if k < LEFT or k > LEFT + 2 else cell.rjust(width)
                      for k, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in rows]


def show_command(words):
    """`./run.sh show RUN`: the summary of a run, also of a running one; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=f"{program()} show", allow_abbrev=False,
        description="Shows what a run has found, also while it is running.",
        epilog=f"Example: {program()} show DNNR")
    parser.add_argument("run", metavar="RUN", help="run folder, or a name like DNNR in result/")
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="where the run folders are (result/)")
    args = parser.parse_args(words)
    folder = find_folder(args.run, args.output)
    stored = load_settings(folder)
    config = run_config(stored["settings"])
    box, target = Box.from_config(config), Target.from_config(config)
    name = "value" if target.is_band else "chi2"
    points = read_points(folder / NAME, box, name, target)
    observables, state = load_run(folder).observables, State.load(folder)
    own, gives = (state and state.meta.get("measurements")) or (None, True)
    with on_screen():
        summary.found(SimpleNamespace(
            config=config, box=box, target=target, value_name=name, points=points, folder=folder,
            file=SimpleNamespace(path=folder / NAME),
            pool=SimpleNamespace(calculator=SimpleNamespace(
                observables=observables, measurements=own, value_is_chi2=gives))),
            _title(folder, stored, config))
    return 0


def _title(folder, stored, config):
    state, reason = run_state(folder), ""
    if state == "finished":
        reason = f": {State.load(folder).meta['reason']}"
    return f"{folder}: {stored.get('model', '')} scans {config.Calculator}, {state}{reason}."

