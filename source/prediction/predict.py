"""`./run.sh predict`: ask a saved model about points, for new points, or how right it is."""

import argparse
import contextlib
import sys
import time
from pathlib import Path

import numpy as np

from ..errors import ModelFileError, ScannerError
from ..files import program, writing
from ..models.registry import ALIASES, MODELS
from ..models.saved_model import load_model
from ..shown import escaped, no_reader, say
from ..store.folders import find_run, result_folder
from .point_files import PointsReader

_HELP = """
Examples:
  {0} predict DNNR points.csv            points of a file (- for stdin)
  {0} predict result/DNNR_2 points.txt --to answers.txt
  {0} predict DNNR --suggest 10000 --to new_points.csv
  {0} predict DNNR --validate 200        compare with the calculator
"""


def predict_command(args):
    """The command line after `predict`.

    Parameters
    ----------
    args : sequence of str

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    ScannerError
        When there is no such model, or points or model cannot be read.
    """
    options = _as_before(_parser().parse_args([str(a) for a in args]))
    saved = load_model(_find(options.model, options.results))
    try:
        with _output(options.to) as out:
            return _run(options, saved, out)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        no_reader()
        return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog=f"{program()} predict", description="Predicts with a trained model.",
        epilog=_HELP.format(program()), allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model (its newest run), or a run folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("points", nargs="?", help="a file of points (.csv or .txt), - for standard "
                      "input; columns by name, or all in order")
    count = _whole(1, "a number of points")
    what.add_argument("--suggest", type=count, metavar="N",
                      help="propose N new points in the target")
    what.add_argument("--validate", type=_count_or_file, metavar="N|FILE", help="test the model: "
                      "evaluate N suggested points and N around the known ones, or all points of a "
                      "file, with the calculator")
    parser.add_argument("--to", metavar="FILE", help="write to FILE instead of the screen")
    parser.add_argument("--output", metavar="DIR", help="where the run folders are (result/)")
    parser.add_argument("--results", "--output-dir", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--input", metavar="FILE", help="for --validate: the input file with the "
                        "programs that evaluate points; without it, those stored with the model")
    parser.add_argument("--trust", action="store_true", help="for --validate: run the "
                        "programs and Python files stored with the model without a question")
    parser.add_argument("--seed", default=1, type=_whole(0, "a seed"),
                        help="random seed of --suggest and --validate (1)")
    return parser


def _as_before(options):
    """As it was: `--output` the file to write, and `--results` the place of the runs."""
    if options.output and options.to is None and not Path(options.output).expanduser().is_dir():
        options.to, options.output = options.output, None
        say(f"--output names the folder of runs; used here as --to {options.to}", file=sys.stderr)
    options.results = Path(options.output or options.results or result_folder())
    return options


def _whole(least, what):
    """What reads a whole number, '1e5' too, that is at least so large."""
    def convert(text):
        with contextlib.suppress(ValueError, OverflowError):
            value = int(float(text))
            if value >= least:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}, {least} or more")
    return convert


def _count_or_file(text):
    """A number of points, or a name with a dot or a slash in it: a file of points."""
    return text if Path(text).suffix or "/" in text else _whole(1, "a number of points")(text)


def _all_points(saved, source):
    """(n, scanned) points of a file."""
    with PointsReader(source, saved.names, saved.scanned) as reader:
        return np.concatenate([x for _, x in reader.blocks()])


def _find(name, results):
    """The folder of a run with a model by its name; raises ModelFileError when there is none."""
    model = ALIASES.get(name, name)
    found = find_run(model, results, lambda folder: any(
        (folder / part).is_dir() for part in ("model", "model.old")))
    if found:
        return found
    if Path(name).expanduser().is_dir():
        return Path(name).expanduser()      # what is missing there is said when it is loaded
    if model not in MODELS:
        raise ModelFileError(f"{name} is neither a run folder nor a model. Models: "
                             f"{', '.join(MODELS)}.")
    raise ModelFileError(f"There is no trained {model} in {results}. Scan with it first: "
                         f"{program()} {model}; or give a run folder: {program()} predict FOLDER "
                         "...")


def _run(options, saved, out):
    started = time.perf_counter()
    if options.validate:
        from .validate import allowed_config, compare, validate  # with the calculators
        config = allowed_config(saved.settings, saved.names, options.input, options.trust,
                                input if sys.stdin.isatty() else None)
        if isinstance(options.validate, str):
            say(compare(saved, _all_points(saved, options.validate), config=config), file=out)
        else:
            say(validate(saved, options.validate, options.seed, config=config), file=out)
        return 0
    n = _suggest(saved, options, out) if options.suggest else _predict(saved, options.points, out)
    seconds = time.perf_counter() - started
    of = f" of {options.suggest:,}" if options.suggest and n < options.suggest else ""
    say(f"{n:,}{of} point{'s' * (of != '' or n != 1)} in {seconds:.2f} s", file=sys.stderr)
    return 0


@contextlib.contextmanager
def _output(path):
    """Where to write: standard output, or what `path` names."""
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    with writing(path) as file:
        yield file


# ---- points of a file ------------------------------------------------------------------------
def _predict(saved, source, out):
    """Answer a file block by block; returns the number of points."""
    total = 0
    with PointsReader(source, saved.names, saved.scanned) as reader:
        names = _columns(saved)
        given = reader.header or ""
        taken = set(given.split(reader.separator))
        names = [f"{n}_model" if n in taken else n for n in names]
        named = given or ("# " if reader.separator == " " else "") + reader.separator.join(
            _original(saved, reader))
        out.write(escaped(named + reader.separator + reader.separator.join(names)) + "\n")
        for lines, x in reader.blocks():
            out.writelines(_answers(saved, x, lines, reader.separator))
            total += len(x)
    return total


def _original(saved, reader):
    return saved.names if reader.width == len(saved.names) else saved.scanned


def _columns(saved):
    value = [f"predicted_{saved.value_name}"] if saved.kind == "regressor" else []
    more = [f"predicted_{name}" for name in saved.observables(np.zeros((0, len(saved.names))))]
    return [*value, "spread", "probability", "in_range", "near", *more]


def _answers(saved, x, lines, separator):
    """Lines with the model's answers appended."""
    answer = saved.predict(x)
    known = np.isfinite(x).all(1)
    near = np.zeros(len(x), bool)
    near[known] = saved.near(saved.to_unit(x[known])) & answer.in_range[known]
    more = saved.observables(np.where(known[:, None], x, np.nan)).values()
    shape = separator.join(["%s", *["%.9g"] * (saved.kind == "regressor"), "%.4g", "%.6g", "%d",
                            "%d", *["%.9g"] * len(more)]) + "\n"
    numbers = [answer.spread, answer.probability, answer.in_range, near, *more]
    numbers = [answer.value, *numbers] if saved.kind == "regressor" else numbers
    return [escaped(shape % row) for row in zip(lines, *(n.tolist() for n in numbers), strict=True)]


# ---- new points ------------------------------------------------------------------------------
def _suggest(saved, options, out):
    """Write new points; returns how many there are."""
    from .suggest import suggest  # with scipy's trees
    u = suggest(saved, options.suggest, options.seed)
    lines = [",".join(map(repr, row)) for row in saved.box.to_physical(u).tolist()]
    out.write(escaped(",".join([*saved.names, *_columns(saved)])) + "\n")
    x = saved.columns(saved.box.to_physical(u))
    out.writelines(_answers(saved, x, lines, ","))
    return len(u)


def main(argv=None):
    """As a program of its own: `./run.sh predict` starts it without what only a scan needs."""
    try:
        return predict_command(sys.argv[1:] if argv is None else argv)
    except ScannerError as error:
        say(error, file=sys.stderr)
        return error.exit_code
