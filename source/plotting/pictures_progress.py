"""How a run went: efficiency, error, in-target points and coverage; where the time went."""

import csv

import numpy as np

from ..aliases import current_history
from ..errors import StorageError
from ..store.history import edge_error
from ..store.state_file import State
from . import style
from .coverage import cells_per_side, coverage

PHASES = {"evaluate": "evaluating (programs)", "train": "training", "propose": "proposing",
          "choose": "choosing"}


def progress(run):
    """Four quantities against iteration (left) and against evaluated points (right)."""
    fig = style.figure(style.PAGE, 7.4)
    axes = fig.subplots(4, 2, sharex="col", sharey="row")
    track = coverage(run.unit(), run.inside, run.table["iteration"])
    for column, x in enumerate((track.iteration, track.evaluated)):
        _efficiency(axes[0, column], run, track, x, column)
        _error(axes[1, column], run, track, x)
        _count(axes[2, column], run, track, x, column)
        _covered(axes[3, column], run, track, x, column)
    for ax, text in zip(axes[3], ("iteration", "evaluated points"), strict=True):
        ax.set_xlabel(text)
        style.clear_ticks(ax.xaxis, 6)
    axes[3, 0].xaxis.get_major_locator().set_params(integer=True)
    axes[3, 1].xaxis.set_major_formatter(_short)
    for ax in axes[:, 1]:
        ax.set_ylabel("")
    fig.align_ylabels()
    return fig


def _short(number, _=None):
    """150000 -> 150k, to keep tick labels apart."""
    return f"{number / 1000:g}k" if abs(number) >= 10000 else f"{number:g}"


def _plain_log(number, _=None):
    """1, 2, 5, 10, 20, ... on a logarithmic axis; the others have no label."""
    first = f"{number:e}"[0]
    return f"{number:g}" if first in "125" and f"{number:.0e}"[0] == first else ""


def _marks(ax, x, y, colour, text=None, **more):
    small = {"marker": "o", "markersize": 3 if len(x) < 40 else 1.5}
    ax.plot(x, y, color=colour, label=text, **small, **more)


def _per_iteration(run, values, iterations):
    """Mean of the finite `values` (n,) over the points of each iteration; NaN where none."""
    known = np.isfinite(values)
    at = np.searchsorted(iterations, run.table["iteration"][known])
    sums = np.bincount(at, values[known], len(iterations))
    counts = np.bincount(at, minlength=len(iterations))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def _efficiency(ax, run, track, x, column):
    _marks(ax, x, 100 * _per_iteration(run, run.inside.astype(float), track.iteration),
           style.GOOD, "this iteration")
    _marks(ax, x, 100 * track.good / np.maximum(1, track.evaluated), style.ORANGE, "so far",
           linestyle="--")
    share, n = run.random_share()
    if n:
        ax.axhline(100 * share, color=style.GREY, ls=":",
                   label=f"random sampling ({100 * share:.2g}%)")
    ax.set_ylim(0, 105)
    ax.set_ylabel("in target [%]")
    if column == 0:
        ax.legend(loc="best")


def _error(ax, run, track, x):
    # Excluded points have a value that was predicted: they count, as in iterations.csv.
    if run.is_classifier:
        mean = _per_iteration(run, np.abs(run.predicted - run.inside), track.iteration)
    else:
        low, high = run.band
        mean = np.array([edge_error(run.predicted[at], run.learned[at], low, high)
                         for at in (run.table["iteration"] == i for i in track.iteration)])
    ax.set_ylabel("error of probability" if run.is_classifier else
                  f"error of {run.axis(run.value_name).symbol}")
    if not np.isfinite(mean).any():
        style.empty(ax, "no prediction has been evaluated yet")
        return
    _marks(ax, x, mean, style.GREEN)
    ax.set_ylim(0, 1.1 * np.nanmax(mean) or 1.0)
    known = mean[np.isfinite(mean)]
    if known.min() > 0 and known.max() > 5 * known.min():
        ax.set_yscale("log")
        ax.set_ylim(known.min() / 1.3, known.max() * 1.3)
        for which in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
            which(_plain_log)


def _count(ax, run, track, x, column):
    _marks(ax, x, track.good, style.GOOD, "scan")
    share, n = run.random_share()
    if n:
        ax.plot(x, share * track.evaluated, color=style.GREY, ls=":", label="random sampling")
        error = np.sqrt(max(share * (1 - share), 1 / n) / n)  # one standard deviation
        ax.fill_between(x, np.maximum(0, share - error) * track.evaluated,
                        (share + error) * track.evaluated, color=style.PALE, alpha=0.4, lw=0)
    ax.set_ylabel("points in target")
    ax.set_ylim(bottom=0)
    if column == 0:
        ax.legend(loc="upper left")


def _covered(ax, run, track, x, column):
    if not run.inside.any():
        ax.set_yticks([])
        ax.set_ylabel("coverage")
        style.empty(ax, "no point is in the target yet")
        return
    _marks(ax, x, track.cells, style.GOOD)
    ax.set_ylim(0, 1.3 * max(1, track.cells.max()))
    side = cells_per_side(len(run.scanned))
    ax.set_ylabel("cells hit", color=style.GOOD)
    style.note(ax, f"cells: {side} along each of {len(run.scanned)} parameters", x=0.5,
               ha="center")
    twin = ax.twinx()
    _marks(twin, x, track.fill, style.RED, linestyle="--")
    twin.tick_params(right=column == 1, labelright=column == 1)
    known = track.fill[np.isfinite(track.fill)]
    twin.set_ylim(0, 1.3 * known.max() if len(known) else 1)
    if column == 1:
        twin.set_ylabel("fill distance [unit box]", color=style.RED)


def read_seconds(folder):
    """Iteration numbers and {phase: seconds (m,)}, from iterations.csv or, while a run is
    going, from its state; ([], {}) where there is neither."""
    path = folder / "iterations.csv"
    try:
        state = State.load(folder)
    except StorageError:
        state = None
    if state is not None and state.meta.get("history"):
        rows = [{"iteration": h["iteration"], **{f"seconds_{k}": v for k, v in
                                                 h["seconds"].items()}}
                for h in map(current_history, state.meta["history"])]
    elif path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [current_history(row) for row in csv.DictReader(file)]
    else:
        rows = []
    phases = sorted({k for row in rows for k in row if k.startswith("seconds_")})
    return ([int(row["iteration"]) for row in rows],
            {p.removeprefix("seconds_"): np.array([float(row.get(p) or 0) for row in rows])
             for p in phases})


def time_spent(run):
    """Seconds of each iteration by phase, stacked, and the share of each phase in all."""
    iterations, seconds = read_seconds(run.folder)
    if not iterations:
        return None
    fig = style.figure(style.COLUMN, 2.6)
    ax = fig.subplots()
    order = [p for p in PHASES if p in seconds] + [p for p in seconds if p not in PHASES]
    total = sum(s.sum() for s in seconds.values()) or 1.0
    floor = np.zeros(len(iterations))
    for phase, colour in zip(order, style.CYCLE * 3, strict=False):
        text = f"{PHASES.get(phase, phase)}, {100 * seconds[phase].sum() / total:.0f}%"
        ax.bar(iterations, seconds[phase], 0.8, floor, color=colour, label=text, lw=0)
        floor = floor + seconds[phase]
    ax.set_ylim(0, 1.6 * (floor.max() or 1.0))
    ax.set_xlabel("iteration")
    ax.set_ylabel("seconds")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="upper left", ncols=2, fontsize=6, columnspacing=1.0)
    style.note(ax, f"in all {total:.0f} s", y=0.78)
    return fig
