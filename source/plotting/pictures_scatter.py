"""Any two columns of the points, with a third as colour; the target is marked."""

import numpy as np

from . import style
from .pictures_points import dot_size
from .ticks import set_ticks

SCATTERED = 20000   # most points drawn
CLIPPED = 0.95      # share of the points that the colours span
RIM = 0.7           # points (1/72 inch) of the dark rim around the target


def scatter(run, x, y, c=None, log=None):
    """Two columns of points.csv, with a third as colour; points in the target have a dark rim.

    Parameters
    ----------
    x, y, c : str
        Names of columns; without `c`, in-target points over evaluated ones.
    log : str, optional
        Which of 'x', 'y', 'c' have logarithmic axes; else those with a log prior.
    """
    fig = style.figure(style.COLUMN, 2.9)
    ax = fig.subplots()
    names = dict(zip("xyc", (x, y, c), strict=True) if c else zip("xy", (x, y), strict=True))
    axes = {key: run.axis(name, None if log is None else key in log)
            for key, name in names.items()}
    places = {key: axes[key](run.column(name)) for key, name in names.items()}
    usable = np.isfinite(list(places.values())).all(axis=0)
    rows = style.some(usable, SCATTERED)
    places = {key: column[rows] for key, column in places.items()}
    if not len(rows):
        style.empty(ax, "no point has all of these numbers")
    elif c:
        _coloured(fig, ax, run, rows, places, axes["c"])
    else:
        _two_kinds(ax, run, rows, places)
    _edges(ax, run, axes)
    for mpl_axis, key, limits in ((ax.xaxis, "x", ax.get_xlim()), (ax.yaxis, "y", ax.get_ylim())):
        mpl_axis.set_label_text(axes[key].text)
        if axes[key].log:
            set_ticks(mpl_axis, axes[key], limits)
    ax.set_title(_left_out(run, names, rows, usable), fontsize=6, color=style.GREY, loc="right",
                 pad=2)
    return fig


def _left_out(run, names, rows, usable):
    """How many points are not drawn, in words; '' where all are."""
    if len(rows) < usable.sum():
        return (f"{style.thousands(len(rows))} of {style.thousands(int(usable.sum()))} "
                "points drawn")
    known = np.isfinite([run.column(name) for name in names.values()]).all(axis=0)
    lost = int((known & ~usable).sum())
    return f"{style.thousands(lost)} points have no logarithm" if lost else ""


def _coloured(fig, ax, run, rows, places, axis):
    inside, size = run.inside[rows], dot_size(len(rows))
    goodness = axis.name == "chi2" or (axis.name == "predicted" and run.value_name == "chi2"
                                       and not run.is_classifier)
    order = np.argsort(-np.nan_to_num(run.distance[rows], nan=np.inf), kind="stable")  # best on top
    colour = places["c"]
    low, high = np.quantile(colour, [0.0, CLIPPED])
    high = colour.max() if high <= low else high
    for good in (False, True):
        part = order[inside[order] == good]
        x, y = places["x"][part], places["y"][part]
        if good:
            ax.scatter(x, y, c=style.BLACK, lw=0, s=(size + RIM) ** 2, rasterized=True)
        dots = ax.scatter(x, y, c=colour[part], lw=0, s=size**2, rasterized=True, vmin=low,
                          vmax=high, cmap=style.values_map() if goodness else "viridis")
    ax.set_title(f"dark rim: in target ({style.thousands(int(inside.sum()))})", fontsize=6,
                 color=style.GREY, loc="left", pad=2)
    bar = fig.colorbar(dots, ax=ax, pad=0.02, extend="max" if high < colour.max() else "neither")
    bar.set_label(axis.text)
    bar.outline.set_linewidth(0.5)
    if axis.log:
        set_ticks(bar.ax.yaxis, axis, (low, high))
    if axis.name == run.value_name:
        for edge in axis([e for e in run.band if np.isfinite(e)]):
            bar.ax.axhline(edge, color=style.RED, ls="--", lw=1.0)


def _two_kinds(ax, run, rows, places):
    inside = run.inside[rows]
    for chosen, colour, text in ((~inside, style.PALE, "not in target"),
                                 (inside, style.GOOD, "in target")):
        ax.plot(places["x"][chosen], places["y"][chosen], ".", color=colour,
                ms=dot_size(len(rows)), mew=0, rasterized=True,
                label=f"{text}: {style.thousands(int(chosen.sum()))}")
    ax.legend(loc="best", markerscale=3)


def _edges(ax, run, axes):
    """Edges of the target as dashed lines, where its value stands on an axis."""
    for key, line in (("x", ax.axvline), ("y", ax.axhline)):
        if axes[key].name == run.value_name:
            for edge in axes[key]([e for e in run.band if np.isfinite(e)]):
                line(edge, color=style.RED, ls="--", lw=0.8)
