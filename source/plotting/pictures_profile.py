"""Profiles: the best value that is possible at each place of a parameter, or of two."""

import numpy as np

from . import style
from .telling import left_out
from .ticks import set_ticks

BINS = 40       # along one parameter
CELLS = 24      # along each side of a pair
# Likelihood-ratio levels above the best chi2 (PDG review Statistics, table 40.2): 68.3% and 95.4%
LEVELS_1 = (1.0, 4.0)
LEVEL_2 = 6.18  # 95.4% of two parameters
SHOWN = 12.0    # delta chi2 that is shown: farther up nothing of the contours could be seen


def lowest(values, *coordinates, edges):
    """Smallest of `values` (n,) in each bin; NaN in empty ones.

    Parameters
    ----------
    values : float array (n,)
        NaN is never the smallest.
    coordinates : float arrays (n,)
    edges : one increasing array for each of the coordinates

    Returns
    -------
    float array with one side for each of the coordinates
    """
    shape = tuple(len(e) - 1 for e in edges)
    result = np.full(shape, np.inf)
    at = [np.clip(np.searchsorted(e, c, side="right") - 1, 0, n - 1)
          for e, c, n in zip(edges, coordinates, shape, strict=True)]
    known = np.isfinite(values) & np.all([np.isfinite(c) for c in coordinates], axis=0)
    np.minimum.at(result, tuple(i[known] for i in at), values[known])
    return np.where(np.isfinite(result), result, np.nan)


def _text(run):
    """What is profiled, as a label."""
    if run.value_name == "chi2":
        return r"smallest $\chi^2$"
    low, high = run.band
    if np.isfinite(low) and np.isfinite(high):
        return "smallest |value - middle| / width"
    return "smallest distance from the target"


def _limit(run):
    """Edge of the target on the scale of `run.distance`; NaN where not known."""
    low, high = run.band
    if np.isfinite(low) and np.isfinite(high):
        return 1.0
    return high if run.value_name == "chi2" else np.nan


def profiles(run):
    """The profile along each parameter, or each column asked for, one panel each."""
    best, names = run.distance, run.shown
    if not names or not np.isfinite(best).any():
        return None
    columns = min(len(names), 3 if len(names) > 4 else 2)
    rows = -(-len(names) // columns)
    width = style.COLUMN if columns == 1 else style.PAGE
    fig = style.figure(width, 0.3 + (1.75 if columns == 3 else 2.2) * rows)
    axes = np.array(fig.subplots(rows, columns, sharey=True, squeeze=False))
    top = _heights(axes[0, 0], run, best)
    axes[0, -1].set_title(left_out(run, names), fontsize=6, color=style.GREY, loc="right", pad=3)
    for ax, name in zip(axes.ravel(), names, strict=False):
        _profile(ax, run, name, np.where(best <= top, best, np.nan))
    for ax in axes.ravel()[len(names):]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set_ylabel(_text(run), fontsize=7)
    return fig


def _profile(ax, run, name, best):
    low, high = run.span(name)
    edges = np.linspace(low, high, BINS + 1)
    height = lowest(best, run.axis(name)(run.table[name]), edges=[edges])
    ax.stairs(height, edges, color=style.GOOD, lw=1.2, baseline=None)
    limit = _limit(run)
    if np.isfinite(limit):
        ax.axhline(limit, color=style.RED, ls="--", lw=0.8)
    if run.value_name == "chi2":
        for level in LEVELS_1:
            ax.axhline(np.nanmin(best) + level, color=style.GREY, ls=":", lw=0.7)
    ax.set_xlim(run.span(name))
    ax.set_xlabel(run.axis(name).text)
    set_ticks(ax.xaxis, run.axis(name), (low, high), 4)


def _heights(ax, run, best):
    """A scale on which both the best point and the edge of the target can be seen; its top."""
    limit, lowest_of_all = _limit(run), np.nanmin(best)
    top = np.nanmax(np.where(np.isfinite(best), best, np.nan))
    if np.isfinite(limit) and lowest_of_all < limit:
        above = limit - lowest_of_all
        top = lowest_of_all + (SHOWN if run.value_name == "chi2" else 2.2 * above)
        above = (top - lowest_of_all) / 2.2
        ax.set_ylim(lowest_of_all - 0.08 * above, top)
        text = "dashed: edge of the target" + (
            ", dotted: best + 1, + 4" if run.value_name == "chi2" else "")
    else:
        text = "no point is in the target" if not run.inside.any() else ""
        if lowest_of_all > 0 and top > 30 * lowest_of_all:
            ax.set_yscale("log")
            ax.yaxis.set_major_formatter(style.plain_number)
    ax.set_title(text, fontsize=6, color=style.GREY, loc="left", pad=3)
    return top


def profile_pairs(run):
    """The profile over each pair of parameters or columns asked for, as a triangle of maps."""
    best, names = run.distance, run.shown
    if len(names) < 2 or not np.isfinite(best).any():
        return None
    dim = len(names)
    fig = _pairs_figure(dim)
    axes = fig.subplots(dim - 1, dim - 1, squeeze=False)
    low, high = _colours(run, best)
    for row in range(dim - 1):
        for column in range(dim - 1):
            ax = axes[row, column]
            if column > row:
                fig.delaxes(ax)
                continue
            mesh = _map(ax, run, names[column], names[row + 1], best, low, high)
    _dress_pairs(axes, run, names)
    where = {"ax": axes[0, 0], "pad": 0.02} if dim == 2 else {
        "cax": fig.add_axes((0.9, 0.55, 0.02, 0.43))}
    bar = fig.colorbar(mesh, extend="max", **where)
    bar.set_label(_text(run))
    bar.outline.set_linewidth(0.5)
    fig.text(0.86, 0.97, left_out(run, names), ha="right", va="top", fontsize=8, color=style.GREY)
    limit = _limit(run)
    if np.isfinite(limit) and low < limit < high:
        bar.ax.axhline(limit, color=style.RED, lw=1.0)
    return fig


def _pairs_figure(dim):
    """Two parameters in a column, more on a page; margins have room for labels of fixed size."""
    if dim == 2:
        return style.figure(style.COLUMN, 2.9)
    from matplotlib.figure import Figure
    fig = Figure(figsize=(style.PAGE, style.PAGE))
    margin = 0.5 if dim == 3 else 0.72
    fig.subplots_adjust(left=margin / style.PAGE, bottom=margin / style.PAGE, right=0.985,
                        top=0.985, wspace=0.07, hspace=0.07)
    return fig


def _colours(run, best):
    """Ends of the colour scale: the best point, and well beyond the edge of the target."""
    known = best[np.isfinite(best)]
    low, limit = known.min(), _limit(run)
    high = low + SHOWN if run.value_name == "chi2" else \
        low + 2.2 * (limit - low) if np.isfinite(limit) and low < limit else \
        np.quantile(known, 0.5)
    return low, high if high > low else low + 1.0


def _map(ax, run, x, y, best, low, high):
    edges = [np.linspace(first, last, CELLS + 1) for first, last in (run.span(x), run.span(y))]
    coordinates = [run.axis(n)(run.table[n]) for n in (x, y)]
    height = lowest(best, *coordinates, edges=edges)
    mesh = ax.pcolormesh(*edges, height.T, cmap=style.values_map(), vmin=low, vmax=high,
                         rasterized=True)
    if run.value_name == "chi2":
        middles = [(e[1:] + e[:-1]) / 2 for e in edges]
        above = np.nan_to_num(height.T - np.nanmin(best), nan=2 * SHOWN)
        ax.contour(*middles, above, levels=[LEVEL_2], colors="white", linewidths=0.8)
    row = np.nanargmin(best)
    ax.plot(coordinates[0][row], coordinates[1][row], "*", color=style.RED, ms=5, mew=0.3,
            mec="white")
    return mesh


def _dress_pairs(axes, run, names):
    dim = len(names)
    small = 8 if dim <= 5 else 7 if dim <= 7 else 6
    ticks = 5 if dim <= 3 else 3 if dim <= 5 else 1
    for row in range(dim - 1):
        for column in range(row + 1):
            ax = axes[row, column]
            ax.tick_params(labelsize=small - 1, length=2, pad=1.5)
            for axis, name in ((ax.xaxis, names[column]), (ax.yaxis, names[row + 1])):
                set_ticks(axis, run.axis(name), run.span(name), ticks, inner=True)
            if dim > 3:
                ax.tick_params(axis="both", labelrotation=45)
            ax.tick_params(labelbottom=row == dim - 2, labelleft=column == 0)
    for i in range(dim - 1):
        axes[dim - 2, i].set_xlabel(style.wrapped(run.axis(names[i]).text, dim), fontsize=small,
                                    labelpad=2)
        axes[i, 0].set_ylabel(style.wrapped(run.axis(names[i + 1]).text, dim), fontsize=small,
                              labelpad=2)
    axes[0, 0].figure.align_labels()
