"""The corner plot: where the points lie, over each pair of parameters."""

import numpy as np

from . import style
from .telling import left_out
from .ticks import set_ticks

DRAWN = 4000        # most points drawn one by one in a panel; said in the picture
CELLS = 20          # along each side of a panel


def axis_values(run, names, rows=slice(None)):
    """Numbers (n, len(names)) of columns as they stand on the axes; `rows` as for an array."""
    return np.column_stack([run.axis(name)(run.table[name][rows]) for name in names])


def corner_plot(run):
    """Corner plot of parameters, or of the columns asked for: points in the target over all.

    Numbers of points have one scale in all panels of pairs, and one in all of the diagonal.
    """
    if len(run) < 2 or not (run.scanned or run.asked):
        return None
    names = run.shown
    dim = len(names)
    fig, margin = _corner_figure(dim)
    fig.subplots_adjust(left=margin, bottom=margin, right=0.985, top=0.985, wspace=0.07,
                        hspace=0.07)
    axes = np.array(fig.axes).reshape(dim, dim)
    _evaluated_density(axes, run, names)
    good = style.some(run.inside, DRAWN)
    for row in range(1, dim):
        for column in range(row):
            axes[row, column].plot(*axis_values(run, (names[column], names[row]), good).T, ".",
                                   color=style.GOOD, ms=dot_size(len(good)), mew=0, alpha=0.8,
                                   rasterized=True)
    top = max(_histogram(axes[i, i], run, name) for i, name in enumerate(names))
    for ax in axes.diagonal():
        ax.set_ylim(0, (1.1 if dim > 1 else 1.3) * top)     # one panel has the legend in it
    _dress(fig, axes, run, names)
    _legend(fig, run, len(good), left_out(run, names))
    return fig


def _corner_figure(dim):
    """Figure and (dim, dim) axes; margins leave room for the labels, which have a fixed size."""
    from matplotlib.figure import Figure
    width = style.COLUMN if dim <= 2 else style.PAGE
    fig = Figure(figsize=(width, width))
    margin = 0.42 if dim <= 2 else 0.5 if dim <= 3 else 0.72
    fig.subplots(dim, dim)
    return fig, margin / width


def _evaluated_density(axes, run, names):
    """Numbers of all evaluated points in the cells of each pair, on one grey scale."""
    drawn = []
    for row, y in enumerate(names):
        for column, x in enumerate(names[:row]):
            counts, *_, cells = axes[row, column].hist2d(
                *axis_values(run, (x, y)).T, bins=CELLS, range=[run.span(x), run.span(y)],
                cmin=1, cmap=_pale_greys(), rasterized=True)
            drawn.append((cells, np.nanmax(counts, initial=1)))
    for cells, _ in drawn:
        cells.set_clim(0, max(most for _, most in drawn))


def _pale_greys():
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap
    return ListedColormap(colormaps[style.GREYS](0.5 * np.linspace(0, 1, 256) ** 0.4))


def _histogram(ax, run, name):
    """Numbers of all evaluated and of in-target points along one column; the largest number."""
    for patch in list(ax.patches):
        patch.remove()
    bins, largest = np.linspace(*run.span(name), 26), 1
    for rows, colour, fill in ((slice(None), style.PALE, True), (run.inside, style.GOOD, False)):
        counts, _ = np.histogram(run.axis(name)(run.table[name][rows]), bins)
        ax.stairs(counts, bins, color=colour, fill=fill, lw=1.0)
        largest = max(largest, counts.max())
    ax.set_yticks([])
    return largest


def _dress(fig, axes, run, names):
    """Labels and ticks that do not meet, with up to ten parameters and more."""
    dim = len(names)
    small = 8 if dim <= 5 else 7 if dim <= 7 else 6
    ticks = 5 if dim <= 3 else 3 if dim <= 5 else 1
    for row in range(dim):
        for column in range(dim):
            ax = axes[row, column]
            if column > row:
                fig.delaxes(ax)
                continue
            ax.set_xlim(run.span(names[column]))
            ax.tick_params(labelsize=small - 1, length=2, pad=1.5)
            _ticks(ax.xaxis, run, names[column], ticks)
            if row != column:
                ax.set_ylim(run.span(names[row]))
                _ticks(ax.yaxis, run, names[row], ticks)
            ax.tick_params(axis="both", labelrotation=0 if dim <= 3 else 45)
            ax.tick_params(labelbottom=row == dim - 1, labelleft=column == 0 and row > 0)
    for i, name in enumerate(names):
        text = style.wrapped(run.axis(name).text, dim)
        axes[dim - 1, i].set_xlabel(text, fontsize=small, labelpad=2)
        if i:
            axes[i, 0].set_ylabel(text, fontsize=small, labelpad=2)
    fig.align_labels()


def _ticks(mpl_axis, run, name, most):
    set_ticks(mpl_axis, run.axis(name), run.span(name), most, inner=True)


def dot_size(n):
    """Diameter of a dot in points: smaller when there are more."""
    return float(np.clip(75 / np.sqrt(max(1, n)), 1.4, 4.0))


def _legend(fig, run, drawn, title):
    """What the colours are, in the empty upper right."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    n = int(run.inside.sum())
    text = f"in target: {style.thousands(n)}"
    text += f"\n({style.thousands(drawn)} of them as dots)" if drawn < n else ""
    text = text if n else "in target: none yet"
    handles = [Patch(color=style.PALE, label=f"evaluated: {style.thousands(len(run))}"),
               Line2D([], [], marker="o", ls="", color=style.GOOD, ms=4, label=text)]
    handles.append(Patch(fc="none", ec="none", label="their density means nothing"))
    fig.legend(handles=handles, loc="upper right", bbox_to_anchor=(0.985, 0.985),
               title=title or None, title_fontsize=8, fontsize=6 if len(run.shown) <= 2 else 8)
