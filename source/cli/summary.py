"""What a scan says about itself: at the start, after each iteration, and at the end."""

import shlex
from collections import Counter
from pathlib import Path

import numpy as np

from ..calculators.steps.constrained import killed_by
from ..errors import ProgramError
from ..evaluation import OK
from ..files import program
from ..scanning.progress import LOG
from ..scanning.recheck import compare_start
from ..scanning.refining import improved
from ..shown import counted, equations, one_line
from ..statistics.goodness import goodness, measurements
from ..statistics.ranges import cut_ranges
from ..statistics.unseen import unseen
from ..store.folders import result_folder
from ..store.points_table import read_table
from ..version import METHOD
from .arguments import default_input
from .costs import iteration_line, time_lines

OBSERVABLES = 8     # of the best point, where the input file names none
REASON = 90         # characters of the reason of an example


def opening(scan, run, name):
    """What starts, where, and whether it goes on from stored points."""
    c = scan.config
    LOG.info("%s scans %s with calculator %s, target %s, %s.", name,
             counted(scan.box.dim, "parameter"), c.Calculator, scan.target,
             counted(scan.pool.n_workers, "worker") if scan.pool.n_workers else "no workers")
    if scan.outputs.columns:
        LOG.info("The model learns %s; chi2 is computed from these.",
                 ", ".join(scan.outputs.names))
    if run.resumed:
        LOG.info("Continuing the run in %s: %s evaluated already, none is evaluated again.",
                 run.folder, counted(len(scan.points), "point"))
    else:
        LOG.info("Results go to %s", run.folder)
    for note in run.notes:
        LOG.info("Note: %s.", note)
    LOG.info("Good: in the target. Error: that of the prediction near the edge of the target.")


def started_from(start, pool, accept):
    """What was imported; three of these points are evaluated again.

    Raises ProgramError when they differ, unless `accept`.
    """
    for text in start.told:
        LOG.info("%s.", text)
    found = compare_start(pool, start)
    if found and not accept:
        raise ProgramError(
            "Points of the file have other values when they are evaluated now: "
            + "; ".join(found) + ". Were other programs, settings or units used? Correct that, or "
            "start from the stored values with --accept-difference.")
    for text in found:
        LOG.warning("Note: another value than in the file: %s.", text)


def iteration(scan):
    """One line after each iteration, for 80 columns."""
    LOG.info("%s", improved(scan.points) or iteration_line(scan.history[-1]))
    if len(scan.history) == 1:
        _negative(scan)


def pictures(scan, finished):
    """Draw the pictures where the user wants them: after each iteration, or at the end."""
    wanted = scan.config.Live_plots
    if wanted < 0 or not (finished or wanted):
        return
    from ..plotting import command as plots  # with matplotlib: a second that only drawing needs
    plots.draw_all(scan.folder, scan.pool.n_workers) if finished else plots.refresh(scan.folder)


def closing(scan, name):
    """What was found, where it is, why the scan ended, and what to cite."""
    LOG.info("")
    found(scan, f"{'Stopped in time' if scan.rules.time_is_up else 'Finished'}. {scan.reason}.")
    _symmetric(scan)
    _time(scan)
    _files(scan)
    _next(scan, name)
    if scan.rules.time_is_up:
        LOG.info("Continue with the same command: %s", shlex.join(command(scan, name)))
    others = [c for c in scan.pool.calculator.citations if c not in METHOD]
    LOG.info("Please cite: %s", "; ".join((METHOD, *others)))


def found(scan, title):
    """What a run has found, and where it is; `scan` may be what is read from a run folder."""
    points = scan.points
    good = int(points.inside.sum())
    LOG.info("%s", title)
    LOG.info("%d of %d evaluated points are in the target (%s): %.1f%%.", good, len(points),
             scan.target, 100 * good / max(1, len(points)))
    _best(scan)
    _negative(scan)
    _cut_ranges(scan)
    _unseen(scan)
    _failures(scan)
    _warned(scan)
    _killers(scan)


def _best(scan):
    points, target = scan.points, scan.target
    distance = np.abs(points.chi2 - (target.low + target.high) / 2) if target.is_band \
        else points.chi2
    distance = np.where(points.allowed & np.isfinite(distance), distance, np.inf)
    if not len(points) or not np.isfinite(distance.min()):
        LOG.info("There is no best point: every point %s.",
                 "failed or breaks a hard limit" if points.ok.any() else "failed")
        return
    row = int(np.argmin(distance))
    LOG.info("Best point (id %d): %s = %.6g", points.id[row], scan.value_name, points.chi2[row])
    _wrapped("at", scan.box.names, points.x[row])
    calculator = getattr(getattr(scan, "pool", None), "calculator", None)
    told = [e.name for e in scan.config.Observables] or \
        [*getattr(calculator, "observables", ())][:OBSERVABLES]
    table = read_table(scan.file.path, [
        "id", "chi2", "status", *told, *(f"chi2_{name}" for name in told)])
    at = table["id"] == points.id[row]
    told = [name for name in told if name in table]
    _wrapped("with", told, [table[name][at][0] for name in told])
    if not target.is_band and calculator is not None:
        LOG.info("%s.", goodness(
            points.chi2[row], measurements(calculator, scan.config.Observables, table),
            scan.box.dim, target.high))


def _symmetric(scan):
    """Which signs and half turns the target does not depend on, as far as the scan found out."""
    if not scan.model.symmetry:
        return
    for text in scan.model.symmetry.told():
        LOG.info("Nothing changes if %s: the model learned one point for both.", text)
    LOG.info("That is known of %s, at the points whose images were evaluated.", scan.value_name)


def _wrapped(word, names, values):
    """Names and numbers in lines of 80 columns."""
    for line in equations(zip(names, values, strict=True), f"  {word} "):
        blanks = line[:len(line) - len(line.lstrip())]
        LOG.info(f"{blanks}%s", line.lstrip())


def _negative(scan):
    """A chi2 cannot be negative: what looks like one may be a log-likelihood."""
    if scan.target.is_band:
        return
    below = scan.points.ok & (scan.points.chi2 < 0)
    if below.any():
        LOG.warning("Note: %s with a chi2 below 0 (the smallest is %.6g), which a chi2 cannot be. "
                    "If it is a log-likelihood, return {'lnL': value}: chi2 is then "
                    "-2 lnL. If it has an arbitrary constant, subtract its smallest value.",
                    counted(below.sum(), "point"), scan.points.chi2[below].min())


def _cut_ranges(scan):
    """One line for each parameter whose range cuts the target."""
    scanned = [(p.name, p.prior) for p in scan.box.parameters if p.prior.free]
    for line in cut_ranges(scan.points.u[scan.points.inside], scanned):
        LOG.info("%s. Widen the range, unless it is meant to end there.", line)


def _unseen(scan):
    """How large a part of the target may be that no point has found."""
    scanned = [(p.name, p.prior) for p in scan.box.parameters if p.prior.free]
    points = scan.points
    for line in unseen(points.u, points.origin, points.inside, scanned):
        LOG.info("%s.", line)


def _failures(scan):
    """Each status with its share, and one point with its reason."""
    points = scan.points
    counts = Counter(points.status[~points.ok])
    if not counts:
        return
    table = read_table(scan.file.path, ["id", "status", "reason"])
    LOG.info("Failed points by status, with one example each (all reasons: points.csv):")
    for status, count in counts.most_common():
        row = np.flatnonzero(table["status"] == status)[0]
        LOG.info("  %-20s %6d  (%.1f%%)  id %d: %s", status, count, 100 * count / len(points),
                 table["id"][row], shortened(table["reason"][row]))
    if OK not in points.status:
        LOG.info("  Not one point is ok: widen the ranges, or correct the set-up.")


def shortened(reason):
    """A reason that fits behind the counts; its end is cut."""
    text = one_line(reason) or "no reason is known"
    return text if len(text) <= REASON else text[:REASON - 3].rstrip() + "..."


def _warned(scan):
    """How many points have a warning of the calculator that changes what they mean."""
    calculator = getattr(getattr(scan, "pool", None), "calculator", None)
    for beginning in getattr(calculator, "warnings", ()):
        table = read_table(scan.file.path)
        rows = [i for i, reason in enumerate(table["reason"]) if str(reason).startswith(beginning)]
        if rows:
            LOG.warning("Note: %s with a warning, for example id %d: %s.",
                        counted(len(rows), "evaluated point"), int(table["id"][rows[0]]),
                        table["reason"][rows[0]])


def _killers(scan):
    """How many points each constraint alone excludes from the target."""
    if not scan.config.Observables or not len(scan.points):
        return
    threshold = None if scan.target.is_band else scan.target.high
    counts = killed_by(read_table(scan.file.path), threshold,
                       [e.name for e in scan.config.Observables if e.members])
    LOG.info("Points that one constraint alone puts outside the target:")
    for entry in scan.config.Observables:
        if entry.soft or entry.hard:
            n = counts.get(entry.name, 0)
            LOG.info("  %-22s %7d  (%.1f%%)", entry.name, n, 100 * n / len(scan.points))


def _files(scan):
    LOG.info("In %s:", scan.folder)
    for name, what in (("points.csv", "every evaluated point"),
                       ("Accumulated_points.txt, chi2.txt", "the points in the target"),
                       ("model/", "the trained model, for predict"),
                       ("report.html, pictures/", "report with all pictures"),
                       ("scan_input_used.json, iterations.csv, log.txt",
                        "settings, iterations, messages"),
                       ("failed/", "the input file of one failed point for each status"),
                       ("kept/", "what the programs wrote, a zip archive for each point")):
        if name not in ("failed/", "kept/") or (scan.folder / name).is_dir():
            LOG.info("  %-46s %s", name, what)


def _time(scan):
    """What the time went into; not for batches that overlap."""
    if not scan.config.Asynchronous:
        first = scan.points.inside[scan.points.iteration == 0]
        for line in time_lines(scan.history, first):
            LOG.info("%s", line)


def _next(scan, name):
    """What a user does next, by what came out."""
    words, found = shlex.join(command(scan, name)), bool(scan.points.inside.any())
    folder = shlex.quote(str(scan.folder))
    LOG.info("What next:")
    steps = [("report", f"open {folder}/report.html in a browser")]
    if found:
        steps += [("more points", f"{words} --more 10"),
                  ("regions", f"{program()} profile {folder}"),
                  ("new points", f"{program()} predict {folder} --suggest 1000")]
    else:
        steps += [("no good point", "widen the ranges or the target, or scan longer: "
                                    f"{words} --more 20")]
    for what, text in steps:
        LOG.info("  %-13s %s", what + ":", text)


def finished(folder, name, args):
    """What to say when the run is finished already."""
    words = shlex.join(_words(name, args.input, args.output))
    return (f"The run in {folder} is finished, so there is nothing to do.\n"
            f"  to extend it:          {words} --more 10\n"
            f"  to repeat it:          {words} --new\n"
            "  for other points:      change a setting, for example Seed\n"
            f"  to draw its pictures:  {program()} plot {shlex.quote(str(folder))}")


def how_to_go_on(scan, name):
    """What to do after a run was stopped, in words."""
    if scan.finished:
        return (f"Stopped while the pictures were drawn; the run itself is finished, in "
                f"{scan.folder}. To draw them: {program()} plot {shlex.quote(str(scan.folder))}")
    return (f"Stopped. {len(scan.points)} evaluated points are kept in {scan.folder}. "
            f"Continue with the same command:\n  {shlex.join(command(scan, name))}")


def command(scan, name):
    """The words of the command that continues a run, without options at their defaults."""
    return _words(name, scan.config.input_file or default_input(), scan.folder.parent)


def _words(name, file, output):
    words = [*program().split(), name]
    if Path(file).resolve() != default_input():
        words += ["--input", str(file)]
    if Path(output).resolve() != result_folder():
        words += ["--output", str(Path(output).resolve())]
    return words
