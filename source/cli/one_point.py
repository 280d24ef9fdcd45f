"""`./run.sh point RUN 2675`: a point of a run in full, beside another one, or run once more."""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from ..auxiliary import make_calculator
from ..calculators.programs import SPECTRUM
from ..calculators.steps.user_programs import restored
from ..errors import InputError, StorageError
from ..evaluation import OK
from ..files import explained, program, writing
from ..likelihood.observables import Observable
from ..parallel.processes import KEEP
from ..plotting.plot_data import load_run
from ..prediction.validate import allowed_config, run_config
from ..shown import one_line, say
from .runs import find_folder


def point_command(words):
    """Show one point of a run, compare two, or evaluate one again; returns the exit code."""
    args = _parser().parse_args(words)
    folder = find_folder(args.run, args.output)
    run = load_run(folder)
    rows = [_row_of(run, identity) for identity in args.ids] or [_best(run)]
    if len(rows) > 2 or (len(rows) == 2 and (args.run_in or args.slha)):
        raise InputError(f"{len(rows)} points are given. Give one, or two to compare; --run and "
                         "--slha take one.")
    for line in _two(run, *rows) if len(rows) == 2 else _one(run, rows[0]):
        say(line)
    if len(rows) == 1 and run.settings.get("settings", {}).get("Calculator") == "THDM":
        say(_built_in(run_config(run.settings["settings"]), _x(run, rows[0]))[0])
    if args.run_in or args.slha:
        _again(run, rows[0], args)
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog=f"{program()} point", allow_abbrev=False,
        description="Shows a point of a run: parameters, observables, and what each adds to chi2. "
        f"With two ids it compares the points. For a point of the built-in model: {program()} "
        "point THDM --help",
        epilog=f"Example: {program()} point DNNR --best")
    parser.add_argument("run", metavar="RUN", help="run folder, or a name like DNNR in result/")
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="where the run folders are (result/)")
    parser.add_argument("ids", nargs="*", type=int, metavar="ID",
                        help="one id, or two to compare (the best point)")
    parser.add_argument("--best", action="store_true", help="the point with the smallest chi2")
    parser.add_argument("--run", dest="run_in", type=Path, metavar="FOLDER",
                        help="evaluate it again, and keep in FOLDER what the programs write")
    parser.add_argument("--slha", metavar="FILE", help="write its SLHA spectrum to FILE")
    parser.add_argument("--input", metavar="FILE",
                        help="the input file with the programs that evaluate it; without it, "
                             "those stored with the run")
    parser.add_argument("--trust", action="store_true",
                        help="run the programs stored with the run without a question")
    return parser


def _row_of(run, identity):
    found = np.flatnonzero(run.table["id"] == identity)
    if not len(found):
        ids = run.table["id"]
        there = f"ids go from {ids.min()} to {ids.max()}" if len(ids) else "it has no points"
        raise InputError(f"{run.folder} has no point with id {identity}: {there}.")
    return int(found[0])


def _best(run):
    distance = run.distance
    if not np.isfinite(distance).any():
        raise InputError(f"Every point of {run.folder} failed, so there is no best one. Give the "
                         "id of a point.")
    return int(np.nanargmin(distance))


def _parts(run):
    """(entry, column) of each observable that adds to chi2, and its column in points.csv."""
    entries = [restored(Observable, e)
               for e in run.settings.get("settings", {}).get("Observables", ())]
    return [(e, f"chi2_{e.name}") for e in entries if e.soft and f"chi2_{e.name}" in run.table]


def _sections(run):
    """(title, [(name, column, remark)]) of what is known about each point."""
    parts = _parts(run)
    value = run.table[run.value_name]
    total = sum(run.table[column] for _, column in parts)
    adds = [(e.name, run.table[column], str(e).partition(" ")[2].strip("()"))
            for e, column in parts]
    if parts:
        adds.append(("(all else)", value - total, "from the calculator, and from hard limits"))
    hidden = {column for _, column in parts}
    observables = [(n, run.table[n], "") for n in run.observables
                   if n not in hidden and run.table[n].dtype != object]
    return [("Parameters", [(n, run.table[n], "") for n in run.parameters]),
            ("Value", [(run.value_name, value, ""), ("predicted", run.predicted, "")]),
            (f"What adds to {run.value_name}", adds), ("Observables", observables)]


def _one(run, row):
    at = {name: run.table[name][row] for name in ("id", "iteration", "origin", "status", "reason")}
    inside = "in the target" if run.inside[row] else "not in the target"
    yield (f"Point {at['id']} of {run.folder}: status {at['status']}, {inside}; iteration "
           f"{at['iteration']}, origin {one_line(at['origin'])}")
    if at["reason"]:
        yield f"  {one_line(at['reason'])}"
    for title, lines in _sections(run):
        if lines:
            yield f"{title}:"
            width = max(len(name) for name, *_ in lines)
            for name, column, remark in lines:
                yield f"  {name:{width}} {column[row]:15.8g}  {remark}".rstrip()


def _two(run, a, b):
    ids, status = run.table["id"], run.table["status"]
    first, second = (f"id {ids[i]} ({status[i]})" for i in (a, b))
    yield f"Two points of {run.folder}:"
    yield f"  {'':24} {first:>15} {second:>15} {'difference':>15}"
    for title, lines in _sections(run):
        if lines:
            yield f"{title}:"
        for name, column, _ in lines:
            yield (f"  {name:24} {column[a]:15.8g} {column[b]:15.8g} "
                   f"{column[b] - column[a]:15.8g}")


def _again(run, row, args):
    """Evaluate a point again; its spectrum and the folders of the programs go where they are
    wanted, and differences to the stored numbers are told."""
    stored = run.settings.get("settings")
    if stored is None:
        raise StorageError(f"{run.folder} has no scan_input_used.json, so it is not known which "
                           "programs evaluated its points.")
    ask = input if sys.stdin.isatty() else None
    config = allowed_config(stored, run.parameters, args.input, args.trust, ask)
    x = _x(run, row)[None]
    with tempfile.TemporaryDirectory(prefix="mlscan-point-") as scratch:
        place = _empty(args.run_in) if args.run_in else Path(scratch)
        calculator = make_calculator(config, run.parameters)
        with explained(place):
            Path(place, KEEP).touch()
            try:
                outcome = calculator.evaluate(x, place)[0]
            finally:
                Path(place, KEEP).unlink(missing_ok=True)
        spectrum = _spectrum(config, x[0], place)
        if args.slha:
            _write(args.slha, spectrum, outcome)
        if isinstance(spectrum, str):   # of the built-in model, which writes no files
            Path(place, SPECTRUM).write_text(spectrum)
    value, status = run.value[row], run.table["status"][row]
    now = f"{outcome.value:.8g}" if outcome.status == OK else f"status {outcome.status}"
    same = status == outcome.status and (status != OK or np.isclose(value, outcome.value))
    say(f"Evaluated again: {run.value_name} = {now}"
        + (", as stored." if same else f". The stored value is {value:.8g}, status {status}."))
    if outcome.reason:
        say(f"  {one_line(outcome.reason)}")
    if args.run_in:
        say(f"What the programs wrote is in {args.run_in}")


def _x(run, row):
    """All parameters (D,) of a point."""
    return np.array([run.table[name][row] for name in run.parameters])


def _built_in(config, x):
    """Table and SLHA text of a point x (D,) of the built-in model."""
    from ..calculators.thdm import describe_point
    from ..calculators.thdm.inputs import read_inputs
    inputs = read_inputs(config)[0]
    return describe_point(config, {name: x[k] for name, k in inputs.columns.items()}
                          | inputs.fixed)


def _empty(folder):
    """The folder, made; what is in one is never mixed with something else."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists already and was not changed. Give another folder.")
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _spectrum(config, x, place):
    """The last spectrum of a point: a path, for the built-in model its text; None without one."""
    if config.Calculator == "THDM":
        return _built_in(config, x)[1]
    names = [SPECTRUM, *(p.output for p in config.Programs if getattr(p, "spectrum", False))]
    return next((path for name in reversed(names) if name
                 for path in sorted(place.rglob(Path(name).name))), None)


def _write(file, spectrum, outcome):
    if spectrum is None:
        raise InputError(f"This point has no SLHA spectrum (status {outcome.status}); nothing was "
                         "written.")
    text = spectrum if isinstance(spectrum, str) else spectrum.read_text("utf-8", "replace")
    with writing(file) as out:
        out.write(text)
    say(f"SLHA spectrum: {file}")
