"""`./run.sh profile`: regions of confidence of a run, from its evaluated points only."""

import argparse
from dataclasses import replace

import numpy as np

from ..errors import InputError, StorageError
from ..files import program, write_atomic
from ..shown import counted, escaped, say
from ..space.expressions import Expression, identifier
from ..statistics.intervals import intervals, rescaled
from ..statistics.profiles import CONFIDENCE, FAILED, level, make_profile
from .captions import cuts
from .command import picture_folder, picture_name, run_of
from .plot_data import load_run

FEW = 0.1       # share of a region that may be unsettled before it is said in words
SOME = 0.03     # share of its edge that may be abrupt


def profile_command(args, evaluate_more=None):
    """The command; returns the exit code.

    Parameters
    ----------
    args : list of str
        What stands behind `profile`.
    evaluate_more : callable (folder, columns, options) -> exit code
        Evaluates the points of --refine.

    Raises
    ------
    ScannerError
        No such run or column, or a target that is not chi2.
    """
    options = _parser().parse_args(args)
    run = load_run(run_of(options.run, options.output))
    chi2 = allowed_chi2(run)
    if options.refine < 0:
        raise InputError(f"--refine {options.refine}: expected a number of points, 1 or more.")
    if options.y and not options.x:
        raise InputError(f"--y {options.y} needs --x, for example: {program()} profile "
                         f"{options.run} --x {run.scanned[0]} --y {options.y}")
    if options.x and options.x == options.y:
        raise InputError(f"--x and --y are both {options.x}: expected two different columns, or "
                         "--x alone.")
    names = [name for name in (options.x, options.y) if name] or list(run.scanned)
    if options.refine:
        run, chi2 = _refined(run, names, options, evaluate_more)
    say(f"{run.folder}: {counted(len(run), 'point')}, {int(np.isfinite(chi2).sum())} of them "
        f"allowed; smallest chi2 {np.nanmin(chi2):.6g}.")
    say(f"  {run.goodness}")
    singles = {name: profile_of(run, chi2, [name]) for name in names}
    folder, stem = picture_folder(run), "profile"
    if options.x:
        stem += "".join("_" + picture_name(name) for name in names)
        shown = profile_of(run, chi2, names) if options.y else singles[options.x]
        _draw(run, shown, names, folder / stem)
        unsure = doubts(shown)
        write_atomic(folder / f"{stem}.txt", escaped(
            f"{caption(run, chi2, shown, names)} {unsure}\n\n{cuts(run)}"))
        say(f"  {folder / stem}.txt: its caption")
        say(f"  {unsure}")
    found = {(name, c): [rescaled(part, physical(run, name)) for part in intervals(profile, c)]
             for name, profile in singles.items() for c in CONFIDENCE}
    say("\n".join(table(found)))
    write_atomic(folder / f"{stem}.csv", escaped(table_csv(found)))
    say(f"  {folder / stem}.csv: these intervals")
    return 0


def _refined(run, names, options, evaluate_more):
    """The run with points near the contour of its columns, and its chi2."""
    if not options.x:
        raise InputError(f"--refine {options.refine} needs --x, or --x and --y, for example: "
                         f"{program()} profile {options.run} --x {run.scanned[0]} --refine "
                         f"{options.refine}")
    for name in names:
        profile_of(run, allowed_chi2(run), [name])     # says what is wrong before it evaluates
    code = evaluate_more(run.folder, names, options)
    if code:
        raise SystemExit(code)
    run = load_run(run.folder)
    return run, allowed_chi2(run)


def allowed_chi2(run):
    """chi2 (n,) of a run, NaN for points that failed or are outside a hard limit.

    Raises StorageError when the target is no chi2, or not one point is allowed.
    """
    if run.value_name != "chi2":
        raise StorageError(f"{run.folder}: the target is a band of values, but a profile needs "
                           "chi2. Use Chi_square_threshold, and make the band an observable "
                           "with value and sigma.")
    chi2 = np.where(run.allowed, run.value, np.nan)
    if not np.isfinite(chi2).any():
        raise StorageError(f"{run.folder}: no point is ok and within the hard limits, so there is "
                           "no region. Scan longer, or with other ranges.")
    return chi2


def profile_of(run, chi2, names):
    """The profile along one or two columns, in the numbers on their axes (logarithms for a log
    prior)."""
    columns, low, high = [], [], []
    for name in names:
        column, prior = run.axis(name)(run.column(name)), run.priors.get(name)
        known = column[np.isfinite(column) & np.isfinite(chi2)]
        if not len(known):
            raise StorageError(f"{run.folder}: {name} has no number at any point that is ok and "
                               "within the hard limits. Give another column.")
        scanned = prior is not None and prior.free
        ends = run.span(name) if scanned else (known.min() - 1e-9, known.max() + 1e-9)
        columns.append(column)
        low.append(ends[0])
        high.append(ends[1])
    made = make_profile(np.column_stack(columns), chi2, low, high)
    far = _forbidden(run, names, made)
    return replace(
        made, delta=np.where(far, FAILED, made.delta),
        halves=tuple(np.where(far, FAILED, half) for half in made.halves),
        whole=tuple(    # only a parameter has a range that was chosen
            ends if name in run.scanned else (False, False)
            for name, ends in zip(names, made.whole, strict=True)))


def _forbidden(run, names, profile):
    """Bool on the grid: beyond a pre-cut of these columns alone, where no point keeps the region
    out."""
    places = np.meshgrid(*(physical(run, name)(nodes) for name, nodes in
                           zip(names, profile.nodes, strict=True)), indexing="ij")
    table = dict(zip(map(identifier, names), places, strict=True))
    far = np.zeros_like(places[0], bool)
    for cut in map(Expression, run.settings.get("settings", {}).get("Precut") or ()):
        if set(cut.names) <= table.keys():
            far |= ~cut.holds(table)
    return far


def physical(run, name):
    """Function from numbers on the axis of a column to those of points.csv."""
    return run.axis(name).value


def _draw(run, profile, names, path):
    from . import pictures_contours, style
    with style.drawing(run.style):
        figure = pictures_contours.contours(run, profile, *names) if len(names) == 2 else \
            pictures_contours.curve(run, profile, *names)
        for written in style.save(figure, path):
            say(f"  {written}")


def caption(run, chi2, profile, names):
    """The caption for a paper: what is shown, of how many points, with which levels."""
    levels = [level(c, profile.dimensions) for c in CONFIDENCE]
    row = int(np.nanargmin(chi2))
    best = [f"{name} = {run.column(name)[row]:.6g}" for name in names]
    return (f"Profile likelihood of {' and '.join(names)}: regions of "
            f"{100 * CONFIDENCE[0]:.1f} % and {100 * CONFIDENCE[1]:.1f} % confidence (delta chi2 < "
            f"{levels[0]:.2f} and {levels[1]:.2f}, Wilks' theorem assumed), of "
            f"{len(run)} evaluated points, of which {int(np.isfinite(chi2).sum())} are allowed. "
            f"{run.goodness} That point lies at {', '.join(best)}. "
            "All other parameters are profiled over.")


def doubts(profile):
    """What is not certain about a region, in words."""
    share, plane = profile.share_unsettled(CONFIDENCE[1]), profile.dimensions == 2
    text = (f"Not certain with these points: {100 * share:.0f} % of the outer region"
            f"{' (hatched)' * plane}, where half of the points say something else."
            f"{' More points are needed.' * (share > FEW)}")
    abrupt = profile.share_abrupt() if plane else 0.0
    if abrupt > SOME:
        text += (f" Along {100 * abrupt:.0f} % of its edge chi2 does not rise to the level: there "
                 "the region ends at a hard limit, a pre-cut or failing points, or the points "
                 "beyond are too few.")
    return text


def table(found):
    """Lines of the table of intervals, of (name, confidence) -> list of Interval."""
    lines = ["Intervals ([...]: how far the end moves with half of the points, or is beyond all "
             "points of the interval; |: the scanned range ends there):"]
    for (name, confidence), parts in found.items():
        words = [f"{'|' * p.open_low}{_number(p.low, p.moves_low)} to "
                 f"{_number(p.high, p.moves_high)}{'|' * p.open_high}" for p in parts]
        lines.append(f"  {name:<22} {100 * confidence:5.1f} %  {', or '.join(words)}")
    return lines


def _number(value, moves):
    return f"{value:.6g} [{moves:.2g}]" if np.isfinite(moves) else f"{value:.6g} [?]"


def table_csv(found):
    """The same as CSV, one interval a row."""
    rows = ["column,confidence,delta_chi2,low,high,low_moves,high_moves,range_cuts_low,"
            "range_cuts_high"]
    for (name, c), parts in found.items():
        rows += [f"{name},{c:.4f},{level(c, 1):.4g},{p.low!r},{p.high!r},{p.moves_low:.4g},"
                 f"{p.moves_high:.4g},{int(p.open_low)},{int(p.open_high)}" for p in parts]
    return "\n".join(rows) + "\n"


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"{program()} profile: {message}. See {program()} profile --help")


def _parser():
    parser = _Parser(prog=f"{program()} profile", allow_abbrev=False, description=(
        "Gives regions of confidence (68.3 and 95.4 %) of parameters or observables, from the "
        "evaluated points of a run: a table of intervals, and with --x and --y the contours."),
        epilog=f"Example: {program()} profile DNNR --x TanBeta --y mH")
    parser.add_argument("run", metavar="MODEL|FOLDER", help="a model (its newest run), or a "
                        "run folder")
    parser.add_argument("--output", metavar="DIR", help="where the run folders are (result/)")
    parser.add_argument("--x", metavar="COLUMN", help="any column of points.csv")
    parser.add_argument("--y", metavar="COLUMN", help="a second column: draws contours")
    parser.add_argument("--refine", type=int, default=0, metavar="N", help="first evaluate N "
                        "more points where the 95.4 %% contour is least certain")
    parser.add_argument("--input", metavar="FILE",
                        help="the input file with the programs that evaluate points; without it, "
                             "those stored with the run")
    parser.add_argument("--trust", action="store_true",
                        help="run the programs stored with the run without a question")
    return parser
