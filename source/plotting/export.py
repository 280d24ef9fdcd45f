"""`./run.sh export RUN --as KIND`: points of a run for other programs, and tables for a paper."""

import argparse
import csv
import importlib
import re
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..files import explained, program, writing
from ..shown import counted, say
from ..store.folders import find_run, result_folder
from ..store.points_file import NAME
from .labels import latex, plain
from .plot_data import load_run

ENDINGS = {"csv": ".csv", "latex": ".tex", "parquet": ".parquet", "hdf5": ".hdf5", "root": ".root"}
PACKAGES = {"parquet": "pyarrow.parquet", "hdf5": "h5py", "root": "uproot"}
BEST = 5


def export_command(words):
    """Write points of a run to one file; returns the exit code."""
    args = _as_before(_parser().parse_args(words))
    folder = find_run(args.run, args.output, lambda path: (path / NAME).is_file())
    if folder is None:
        raise InputError(f"There is no run {args.run}. Give a run folder, or a name in "
                         f"{args.output}; {program()} list shows them.")
    run = load_run(folder)
    rows = chosen_rows(run, args)
    columns = chosen_columns(run, args.columns, args.kind)
    path = args.to or Path(folder.name + ENDINGS[args.kind])
    if path.is_file():
        raise InputError(f"{path} exists already and was not changed. Give another name: "
                         "--to FILE.")
    WRITERS[args.kind](run, rows, columns, path)
    say(f"{counted(len(rows), 'point')}, {counted(len(columns), 'column')}: {path}")
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog=f"{program()} export", allow_abbrev=False,
        description="Writes points of a run for other programs, or as a LaTeX table.",
        epilog=f"Example: {program()} export DNNR --as latex --best 4")
    parser.add_argument("run", metavar="RUN", help="run folder, or a name like DNNR in result/")
    parser.add_argument("--output", default=result_folder(), type=Path, metavar="DIR",
                        help="where the run folders are (result/)")
    parser.add_argument("--as", choices=list(ENDINGS), dest="kind", metavar="KIND",
                        help=f"{', '.join(ENDINGS)} (without it: by the ending of FILE)")
    parser.add_argument("--to", metavar="FILE", help="the new file (RUN.csv, RUN.tex, ...)")
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--good", action="store_true", help="only the points in the target")
    parser.add_argument("--columns", default="", metavar="NAME,NAME",
                        help="these columns (all)")
    parser.add_argument("--best", type=int, metavar="N", help="only the N best points")
    parser.add_argument("--spread", type=int, metavar="N",
                        help="N good points that are far from each other, the best one first")
    parser.add_argument("--over", default="", metavar="NAME,NAME",
                        help="with --spread: far apart in these columns (all scanned parameters)")
    return parser


def _as_before(args):
    """As it was: `--to` the kind, and `--file` the file."""
    if args.to in ENDINGS and args.kind is None:
        args.kind, args.to = args.to, None
    args.to = Path(args.to or args.file) if args.to or args.file else None
    if args.kind is None and args.to is not None:
        endings = {ending: kind for kind, ending in ENDINGS.items()} | {".h5": "hdf5"}
        args.kind = endings.get(args.to.suffix)
    if args.kind is None:
        found = f"{args.to} has none of the endings {', '.join(ENDINGS.values())}" if args.to \
            else "No kind of file is given"
        raise InputError(f"{found}. Give the kind: --as {', '.join(ENDINGS)}.")
    return args


def chosen_rows(run, args):
    """Rows of the table, as the words of the command say; the best one first where they rank."""
    n = args.best if args.best is not None else args.spread
    if args.best is not None and args.spread is not None:
        raise InputError("--best and --spread are both given; use one of them.")
    if n is not None and n < 1:
        raise InputError(f"--best or --spread {n}: expected a number of points, 1 or more.")
    if n is None and args.kind == "latex":
        n = BEST
    if n is None:
        return np.flatnonzero(run.inside) if args.good else np.arange(len(run))
    allowed = np.isfinite(run.distance) & (run.inside | (not args.good and args.spread is None))
    order = np.argsort(np.where(allowed, run.distance, np.inf), kind="stable")[:allowed.sum()]
    if not len(order):
        why = "no point is in the target" if np.isfinite(run.distance).any() else \
            "every point failed or breaks a hard limit"
        raise InputError(f"{run.folder} has no point to export: {why}.")
    if args.spread is None:
        return order[:n]
    return order[spread_out(_scaled(run, order, args.over), n)]


def _scaled(run, rows, over):
    """(n, k) numbers between 0 and 1: the scanned parameters, or the columns that are named."""
    if not over:
        return run.unit()[rows]
    columns = [run.column(name)[rows] for name in _names(over)]
    scaled = []
    for name, column in zip(_names(over), columns, strict=True):
        if not np.isfinite(column).all():
            raise InputError(f"--over {name}: some points in the target have no number in this "
                             "column. Give another one.")
        width = np.ptp(column)
        scaled.append((column - column.min()) / (width or 1.0))
    return np.column_stack(scaled)


def spread_out(points, n):
    """Rows of n points (fewer if there are not so many) of `points` (m, k), far apart.

    The first is the first one; each further one is that with the largest distance to its nearest
    neighbour among those before it (T. Gonzalez, Theor. Comput. Sci. 38 (1985) 293).
    """
    chosen, nearest = [0], np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < n and nearest.max() > 0:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return np.array(chosen)


def chosen_columns(run, names, kind):
    """Names of the columns that are written, each once; without names all, or the telling ones.

    Raises StorageError for one that is not there.
    """
    if not names:
        return _telling(run) if kind == "latex" else list(run.table)
    chosen = list(dict.fromkeys(_names(names)))
    for name in chosen:
        if name not in run.table:
            run.column(name)
    return chosen


def _names(text):
    return [name for name in re.split(r"[,\s]+", text) if name]


# ---- kinds of files --------------------------------------------------------------------------
def _csv(run, rows, columns, path):
    with writing(path) as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows(zip(*(run.table[name][rows].tolist() for name in columns), strict=True))


def _package(kind):
    try:
        return importlib.import_module(PACKAGES[kind])
    except ImportError:
        name = PACKAGES[kind].partition(".")[0]
        raise InputError(f"--as {kind} needs the package {name}, which is not installed. Install "
                         f"it (pip install {name}), or write --as csv.") from None


def _meaning(run, name):
    """What stands with a column in the file: its label and unit."""
    label, unit = run.label(name)
    return {"label": label, "unit": run.units.get(name) or re.sub(r"[${}]|\\rm ?", "", unit)}


def _about(run):
    known = run.settings.get("settings", {})
    return {"model": run.model, "calculator": str(known.get("Calculator", "")),
            "version": str(run.settings.get("version", ""))}


def _parquet(run, rows, columns, path):
    parquet, arrow = _package("parquet"), importlib.import_module("pyarrow")
    fields, arrays = [], []
    for name in columns:
        column = run.table[name][rows]
        array = arrow.array(column.tolist()) if column.dtype == object else arrow.array(column)
        fields.append(arrow.field(name, array.type, metadata=_meaning(run, name)))
        arrays.append(array)
    with explained(path):
        parquet.write_table(arrow.table(arrays, schema=arrow.schema(fields, metadata=_about(run))),
                            path)


def _hdf5(run, rows, columns, path):
    h5py = _package("hdf5")
    with explained(path), h5py.File(path, "x") as file:
        file.attrs.update(_about(run))
        group = file.create_group("points")
        for name in columns:
            column = run.table[name][rows]
            words = column.dtype == object
            data = group.create_dataset(name.replace("/", "_"), data=column.tolist() if words
                                        else column, dtype=h5py.string_dtype() if words else None)
            data.attrs.update(_meaning(run, name))


def _root(run, rows, columns, path):
    uproot = _package("root")
    numbers = {re.sub(r"\W", "_", name): run.table[name][rows] for name in columns
               if run.table[name].dtype != object}
    left = [name for name in columns if run.table[name].dtype == object]
    if "status" in left:
        numbers["ok"] = run.ok[rows].astype(np.int32)
    with explained(path), uproot.create(path) as file:
        file["points"] = numbers
        for name, text in _about(run).items():
            file[name] = text
    if left:
        say(f"Left out, as ROOT files hold numbers only: {', '.join(left)}. The column ok is 1 for "
            "points that did not fail.")


def _latex(run, rows, columns, path):
    lines = [r"\begin{tabular}{l" + "r" * len(rows) + "}", r"\hline",
             " & ".join(["", *(f"BP{k}" for k in range(1, len(rows) + 1))]) + r" \\", r"\hline"]
    for name in columns:
        label, unit = run.label(name)
        head = latex(name, label) + (f" [{unit}]" if unit else "")
        lines.append(" & ".join([head, *_cells(run, name, rows)]) + r" \\")
    ids = ", ".join(str(i) for i in run.table["id"][rows])
    lines += [r"\hline", r"\end{tabular}",
              f"% points with id {ids} of points.csv: {run.model}, "
              f"{_about(run)['calculator']}".replace("\n", " ")]
    with writing(path) as file:
        file.write("\n".join(lines) + "\n")


def _cells(run, name, rows):
    """Values of a column as text of LaTeX."""
    values = run.table[name][rows].tolist()
    if run.table[name].dtype == object:
        return [latex(str(value), plain(str(value))) for value in values]
    exact = getattr(run.priors.get(name), "discrete", False) or _whole(run.table[name])
    return [f"${value:.10g}$" if exact and np.isfinite(value)
            else digits(value, run.widths.get(name)) for value in values]


def _whole(column):
    """Whether a column (n,) holds whole numbers only: counts, channels, charges."""
    known = column[np.isfinite(column)]
    return bool(len(known)) and bool((known == np.rint(known)).all())


def _telling(run):
    """Parameters, observables and the value: what a table of points shows."""
    observables = [name for name in run.observables if not name.startswith("chi2_")]
    return [*run.parameters, *observables, run.value_name]


def digits(value, width=None):
    """A number in LaTeX with the digits that matter.

    With an uncertainty `width` two digits of it; without, four digits.

    Parameters
    ----------
    value : float
    width : float, optional
    """
    if not np.isfinite(value):
        return "--"
    if isinstance(value, int):
        return str(value)
    if width and value:
        above = int(np.floor(np.log10(abs(value)))) - int(np.floor(np.log10(width))) + 2
        text = f"{value:.{max(1, above)}g}"
        count = max(0, 1 - int(np.floor(np.log10(width))))
        if 1e-3 <= abs(value) < 1e6:
            text = f"{value:.{count}f}"
    else:
        text = f"{value:#.4g}".rstrip(".")
    mantissa, e, power = text.partition("e")
    return rf"${mantissa} \times 10^{{{int(power)}}}$" if e else f"${text}$"


WRITERS = {"csv": _csv, "latex": _latex, "parquet": _parquet, "hdf5": _hdf5, "root": _root}
