"""A text file beside each picture: what it shows, with numbers and cuts, for a paper."""

from collections import Counter

from ..calculators.steps.user_programs import restored
from ..files import write_atomic
from ..likelihood.observables import Observable
from ..likelihood.target import Target
from ..shown import escaped, one_line
from ..store.readme import ends
from . import pictures_points, pictures_profile, pictures_scatter
from .pictures_progress import read_seconds
from .telling import left_out

DENSITY = ("The density of points shows where the search took points; it has no other meaning "
           "and is not a probability.")
CUTS = ("Precut",)      # beginnings of the names of settings that are cuts,
HIGGS = dict.fromkeys(("THDM", "Singlet", "Inert"), (*CUTS, "THDM_"))   # by calculator
WILKS = "by Wilks' theorem"


def write_caption(run, path, kind, names=()):
    """Write `path`.txt, the caption of the picture `path`.png; returns its path.

    Parameters
    ----------
    run : RunData
    path : Path
        Of the picture, without its ending.
    kind : str
        'corner', 'profiles', ..., 'scatter' or 'animation'.
    names : sequence of str
        The columns of a scatter or an animation.
    """
    target = path.with_name(path.name + ".txt")
    write_atomic(target, escaped(f"{caption(run, kind, names)}\n\n{cuts(run)}"))
    return target


def caption(run, kind, names=()):
    """What a picture shows, as a paragraph."""
    text = {"corner": _corner, "profiles": _profiles, "profile_pairs": _profiles,
            "progress": _progress, "prediction": _prediction, "failures": _failures,
            "time": _time}
    said = text[kind](run, kind) if kind in text else _columns(run, kind, names)
    return " ".join(part for part in (said, _counts(run), run.goodness) if part)


def cuts(run):
    """Target, ranges, constraints and settings that define the scan, a line each."""
    known = run.settings.get("settings", {})
    lines = [f"Target: {_target(run)}."]
    entries = {p.get("name"): p for p in run.settings.get("parameters", [])}
    lines += [f"Parameter {one_line(name)}: {_range(entries.get(name, {}))}."
              for name in run.parameters]
    lines += [f"Constraint or observable {one_line(restored(Observable, e))}."
              for e in run.entries.values()]
    if known.get("Calculator"):
        lines += [f"Calculator: {one_line(known['Calculator'])}."]
    own = HIGGS.get(known.get("Calculator"), CUTS)
    lines += [f"{name} = {value!r}." for name, value in known.items()
              if name.startswith(own) and value not in (None, [], "")]
    return "\n".join(lines) + "\n"


def _target(run):
    known = run.settings.get("settings", {})
    if known.get("Target_value") is None and "Chi_square_threshold" not in known:
        return "as the column in_target says"
    target = Target.from_settings(known)
    if target.above is not None:
        target.move(run.band[1])
    return str(target) + (f" (value: {run.value_name})" if target.is_band else "")


def _range(entry):
    return ", ".join(filter(None, (ends(entry), one_line(entry.get("prior", "linear")))))


def _counts(run):
    """How many points there are of each kind."""
    outside = int((run.ok & ~run.allowed).sum())
    limits = f", {outside:,} break a hard limit" if outside else ""
    return (f"{len(run):,} points were evaluated: {int(run.inside.sum()):,} are in the target, "
            f"{int((~run.ok).sum()):,} failed{limits}.")


def _these(run, names):
    part = left_out(run, names)
    return ", ".join(map(one_line, names)) + (f" ({part})" if part else "")


def _corner(run, _):
    drawn, most = int(run.inside.sum()), pictures_points.DRAWN
    some = f" ({most:,} of them are drawn)" if drawn > most else ""
    return (f"Points of a scan over {_these(run, run.shown)}. Blue: points in the target"
            f"{some}. Grey: number of all evaluated points in each cell. All panels of pairs have "
            "the same scale for numbers of points, and so have all panels of the diagonal. "
            + DENSITY)


def _profiles(run, kind):
    names, pairs = run.shown, kind == "profile_pairs"
    what = "chi2" if run.value_name == "chi2" else "distance from the target"
    where = (f"each of {pictures_profile.CELLS} x {pictures_profile.CELLS} cells over each pair"
             if pairs else f"each of {pictures_profile.BINS} bins along each")
    text = (f"Smallest {what} of the evaluated points in {where} of {_these(run, names)}; points "
            "that failed or break a hard limit do not count. ")
    if run.value_name != "chi2":
        return text.strip()
    level = (f"White line: delta chi2 = {pictures_profile.LEVEL_2:g} (95.4 % of two parameters "
             f"{WILKS}). Star: the best point. " if pairs else
             f"Dotted: 1 and 4 above the best (68.3 and 95.4 % of one parameter {WILKS}). Dashed: "
             "the edge of the target. ")
    return text + level + f"The axis ends at delta chi2 = {pictures_profile.SHOWN:g}."


def _progress(run, _):
    share, n = run.random_share()
    text = ("Progress of the scan: share of points in the target, error of the model, number of "
            "points in the target, and coverage, against iterations and evaluated points.")
    return text + (f" Of {n:,} random points, which no model has chosen, {100 * share:.3g} % "
                   "are in the target." if n else "")


def _prediction(run, _):
    return ("Prediction for each point before it was evaluated, against the evaluated value"
            + (": calibration and ROC of the probability." if run.is_classifier else
               f"; dashed: edge of the target in {run.value_name}."))


def _failures(run, _):
    counts = Counter(run.table["status"][~run.ok]).most_common()
    said = ", ".join(f"{one_line(status)} {count:,} ({100 * count / len(run):.1f} %)"
                     for status, count in counts)
    return f"Failed points by status, and where they lie. Status: {said}. {DENSITY}"


def _time(run, _):
    _, seconds = read_seconds(run.folder)
    said = ", ".join(f"{phase} {part.sum():.4g} s" for phase, part in seconds.items())
    return f"Time of each iteration, by step. In all: {said}."


def _columns(run, kind, names):
    if kind == "animation":
        return ("The points that the model suggested, iteration by iteration, over "
                f"{' and '.join(map(one_line, names))}. {DENSITY}")
    x, y, *c = map(one_line, names)
    colour = f"; colour: {c[0]}, with a dark rim around points in the target" if c else \
        "; blue: points in the target"
    most = pictures_scatter.SCATTERED
    some = f" At most {most:,} points are drawn." if len(run) > most else ""
    return f"Points of a scan: {y} against {x}{colour}.{some} {DENSITY}"
