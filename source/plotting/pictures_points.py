"""Where the points lie: the corner plot, and any two columns with a third as colour."""

import numpy as np

from . import style
from .telling import PAIRED, left_out, matters, telling

DRAWN = 4000        # most points drawn one by one in a panel; said in the picture
SCATTERED = 20000   # the same for a picture of one panel


def axis_values(run, names, rows=slice(None)):
    """Numbers (n, len(names)) of columns as they stand on the axes; `rows` as for an array."""
    return np.column_stack([run.axis(name)(run.table[name][rows]) for name in names])


def corner_plot(run):
    """Corner plot of the scanned parameters: in-target points over all evaluated ones."""
    if len(run) < 2 or not run.scanned:
        return None
    names = telling(run, matters(run), PAIRED)
    dim = len(names)
    fig, margin = _corner_figure(dim)
    _evaluated_density(fig, run, names)
    fig.subplots_adjust(left=margin, bottom=margin, right=0.985, top=0.985, wspace=0.07,
                        hspace=0.07)
    axes = np.array(fig.axes).reshape(dim, dim)
    good = style.some(run.inside, DRAWN)
    for row in range(1, dim):
        for column in range(row):
            axes[row, column].plot(*axis_values(run, (names[column], names[row]), good).T, ".",
                                   color=style.GOOD, ms=_size(len(good)), mew=0, alpha=0.8,
                                   rasterized=True)
    for i, name in enumerate(names):
        _histogram(axes[i, i], run, name)
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


def _evaluated_density(fig, run, names):
    """All evaluated points as grey cells, by the package `corner`."""
    import corner
    spans = [run.span(name) for name in names]
    values = axis_values(run, names)
    values = values[np.isfinite(values).all(axis=1)]
    # corner wants more points than parameters; repeating them all leaves the density as it is
    values = np.repeat(values, 1 + (len(names) + 1) // max(1, len(values)), axis=0)
    corner.corner(values, bins=20, range=spans, fig=fig, color=style.GREY, max_n_ticks=3,
                  plot_contours=False, plot_datapoints=False, plot_density=True, quiet=True,
                  hist_kwargs={"alpha": 0}, labelpad=0.0)
    for ax in fig.axes:
        for part in (*ax.collections, *ax.images):
            part.set_rasterized(True)
            part.set_cmap(_pale_greys())


def _pale_greys():
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap
    # corner draws an empty cell as the largest number, the fullest as 0
    return ListedColormap(colormaps[style.GREYS](0.5 * np.linspace(1, 0, 256) ** 0.4))


def _histogram(ax, run, name):
    """All evaluated and in-target points along one parameter, each scaled to its largest bin."""
    for patch in list(ax.patches):
        patch.remove()
    low, high = run.span(name)
    bins = np.linspace(low, high, 26)
    for rows, colour, fill in ((slice(None), style.PALE, True), (run.inside, style.GOOD, False)):
        counts, _ = np.histogram(run.axis(name)(run.table[name][rows]), bins)
        if counts.max() > 0:
            ax.stairs(counts / counts.max(), bins, color=colour, fill=fill, lw=1.0)
    ax.set_ylim(0, 1.1)
    ax.set_yticks([])


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
            style.inner_ticks(ax.xaxis, run.span(names[column]), ticks)
            if row != column:
                ax.set_ylim(run.span(names[row]))
                style.inner_ticks(ax.yaxis, run.span(names[row]), ticks)
            if dim <= 3:
                for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
                    label.set_rotation(0)
    for i, name in enumerate(names):
        text = style.wrapped(run.axis(name).text, dim)
        axes[dim - 1, i].set_xlabel(text, fontsize=small, labelpad=2)
        if i:
            axes[i, 0].set_ylabel(text, fontsize=small, labelpad=2)
    fig.align_labels()


def _size(n):
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
    fig.legend(handles=handles, loc="upper right", bbox_to_anchor=(0.985, 0.985),
               title=title or None, title_fontsize=8, fontsize=6 if len(run.scanned) <= 2 else 8)


def scatter(run, x, y, c=None, log=""):
    """Any two columns of points.csv, with a third as colour.

    Parameters
    ----------
    x, y, c : str
        Names of columns; without `c`, in-target points over evaluated ones.
    log : str
        Which of 'x', 'y', 'c' are drawn with logarithmic axes.
    """
    fig = style.figure(style.COLUMN, 2.9)
    ax = fig.subplots()
    columns = {name: run.column(name) for name in (x, y, *([c] if c else []))}
    usable = np.all([np.isfinite(column) for column in columns.values()], axis=0)
    for name, letter in ((x, "x"), (y, "y"), (c, "c")):
        if name and letter in log:
            usable &= columns[name] > 0
    rows = style.some(usable, SCATTERED)
    if not len(rows):
        style.empty(ax, "no point has all of these numbers")
    elif c:
        _coloured(fig, ax, run, rows, (x, y, c), "c" in log)
    else:
        _two_kinds(ax, run, rows, x, y)
    for set_label, set_scale, name, letter in ((ax.set_xlabel, ax.set_xscale, x, "x"),
                                               (ax.set_ylabel, ax.set_yscale, y, "y")):
        set_label(_axis(run, name, letter in log).text)
        if letter in log:
            set_scale("log")
    if len(rows) < usable.sum():
        ax.set_title(f"{style.thousands(len(rows))} of {style.thousands(int(usable.sum()))} "
                     "points drawn", fontsize=6, color=style.GREY, loc="right", pad=2)
    return fig


def _axis(run, name, log):
    """On a logarithmic axis the numbers stay as they are."""
    from dataclasses import replace
    axis = run.axis(name)
    return replace(axis, power=0 if log else axis.power, log=False)


def _coloured(fig, ax, run, rows, names, log):
    from matplotlib.colors import LogNorm
    x, y, c = names
    colour = run.column(c)[rows]
    goodness = c == "chi2" or (c == "predicted" and run.value_name == "chi2"
                               and not run.is_classifier)
    order = np.argsort(-np.nan_to_num(run.distance[rows], nan=np.inf), kind="stable")  # best on top
    rows, colour = rows[order], colour[order]
    low, high = np.quantile(colour, [0.0, 0.95])
    high = colour.max() if high <= low else high
    norm = LogNorm(low, colour.max()) if log and low < colour.max() else None
    axis = _axis(run, c, log)
    limits = {"norm": norm} if norm else {"vmin": axis(low), "vmax": axis(high)}
    dots = ax.scatter(_axis(run, x, False)(run.column(x)[rows]),
                      _axis(run, y, False)(run.column(y)[rows]), c=axis(colour), lw=0,
                      s=_size(len(rows)) ** 2, rasterized=True, **limits,
                      cmap=style.values_map() if goodness else "viridis")
    clipped = not norm and high < colour.max()
    bar = fig.colorbar(dots, ax=ax, pad=0.02, extend="max" if clipped else "neither")
    bar.set_label(axis.text)
    bar.outline.set_linewidth(0.5)


def _two_kinds(ax, run, rows, x, y):
    inside = run.inside[rows]
    for chosen, colour, text in ((~inside, style.PALE, "evaluated"),
                                 (inside, style.GOOD, "in target")):
        part = rows[chosen]
        ax.plot(_axis(run, x, False)(run.column(x)[part]), _axis(run, y, False)(
            run.column(y)[part]), ".", color=colour, ms=_size(len(rows)), mew=0, rasterized=True,
            label=text)
    ax.legend(loc="best", markerscale=3)
