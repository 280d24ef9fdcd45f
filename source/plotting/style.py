"""How pictures look: one size, one set of colours that everyone can distinguish, PNG and PDF.

matplotlib is imported when something is drawn, never before: a scan that draws nothing does not
pay for it. Figures are made without pyplot, so that a notebook's own settings stay as they are.
"""

import contextlib
import functools
import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ..files import write_atomic

COLUMN, PAGE = 3.4, 7.0   # inches: one column, and the width of a two-column page
DPI = 200
# Okabe and Ito, "Color Universal Design" (2008): distinct with every kind of colour vision
BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK)
GREY, PALE = "#6b6b6b", "#b8b8b8"
GOOD = BLUE               # points in the target, in every picture
GREYS, LATE = "Greys", "cividis_r"     # maps: how many points; time, dark is late
SETTINGS: dict[Any, Any] = {
    "font.size": 8, "axes.labelsize": 8, "axes.titlesize": 8, "legend.fontsize": 7,
    "xtick.labelsize": 7, "ytick.labelsize": 7, "mathtext.fontset": "dejavusans",
    "axes.linewidth": 0.6, "xtick.direction": "in", "ytick.direction": "in", "xtick.top": True,
    "ytick.right": True, "xtick.major.size": 3, "ytick.major.size": 3, "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4, "ytick.minor.width": 0.4, "lines.linewidth": 1.2,
    "legend.frameon": False, "legend.handlelength": 1.6, "pdf.fonttype": 42,
    "figure.constrained_layout.use": False, "axes.formatter.use_mathtext": True,
    "savefig.dpi": DPI, "hatch.linewidth": 0.4, "hatch.color": GREY,
    "text.usetex": False, "font.family": ["DejaVu Sans"],
}


def values_map():
    """Colours of a value: small, which is good, is dark; large fades, but not into the paper."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap
    return ListedColormap(colormaps["YlGnBu_r"](np.linspace(0.05, 0.9, 256)))


@contextlib.contextmanager
def drawing(name="plain"):
    """Within it figures have the style `name`: 'plain', or one that mplhep knows ('CMS', ...)."""
    import matplotlib as mpl
    from matplotlib import style
    with mpl.rc_context(), warnings.catch_warnings():
        # a glyph that is missing, a panel that is too narrow: a plainer picture, not an error
        warnings.simplefilter("ignore")
        style.use("default")
        if name != "plain":
            style.use(_of_experiment(name))
        mpl.rcParams.update(SETTINGS)
        if name != "plain":
            font: dict[Any, Any] = {"font.family": ["sans-serif"], "mathtext.fontset": "dejavusans"}
            mpl.rcParams.update(font)
        yield


def _of_experiment(name):
    """The settings of an experiment's style, or none when mplhep is not installed."""
    try:
        import mplhep
    except ImportError:
        return {}
    sheet = getattr(mplhep.style, name, {})
    kept = ("font.sans-serif", "xtick.minor.visible", "ytick.minor.visible", "axes.grid",
            "xaxis.labellocation", "yaxis.labellocation", "legend.frameon")
    return {key: value for key, value in sheet.items() if key in kept}


def figure(width=COLUMN, height=None):
    """A new figure of that size in inches, laid out so that nothing overlaps."""
    from matplotlib.figure import Figure
    return Figure(figsize=(width, height or 0.78 * width), layout="constrained")


def save(fig, path, kinds=("png", "pdf")):
    """Write `path`.png and `path`.pdf, each whole or not at all; returns the paths."""
    written = []
    lay_out(fig)
    for kind in kinds:
        buffer = io.BytesIO()
        # no date inside: the same run gives the same file
        meta = {"CreationDate": None} if kind == "pdf" else {"Software": None}
        fig.savefig(buffer, format=kind, metadata=meta)
        target = Path(f"{path}.{kind}")
        write_atomic(target, buffer.getvalue())
        written.append(target)
    return written


def lay_out(fig):
    """Put all of a figure in its place, as it is saved, once for all kinds of files; `savefig`
    would draw everything for that, first."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if type(axis.get_major_formatter()) is _numbers().__base__:
                axis.set_major_formatter(_numbers()())
    engine = fig.get_layout_engine()
    if engine is not None:
        fig.set_dpi(DPI)
        engine.execute(fig)
        fig.set_layout_engine("none")


@functools.cache
def _numbers():
    """A class of formatters whose numbers are plain text: they look as those that are formulas, and
    to read so many formulas takes a third of the time of a picture. The power of ten is one."""
    from matplotlib.ticker import ScalarFormatter

    class Numbers(ScalarFormatter):
        def __call__(self, x, pos=None):
            return super().__call__(x, pos).removeprefix(r"$\mathdefault{").removesuffix("}$")
    return Numbers


def note(ax, text, **where):
    """A remark in a corner of the axes, small and grey."""
    place = {"x": 0.98, "y": 0.98, "ha": "right", "va": "top", **where}
    ax.text(place.pop("x"), place.pop("y"), text, transform=ax.transAxes, fontsize=6,
            color=GREY, bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1}, **place)


def empty(ax, text):
    """Axes that have nothing to show say why."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=7,
            color=GREY, wrap=True)


def some(rows, most):
    """At most `most` of the indices `rows`, drawn at random but always the same, in order."""
    rows = np.asarray(rows)
    if rows.dtype == bool:
        rows = np.flatnonzero(rows)
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def clear_ticks(axis, most=4):
    """Few ticks, at round numbers, none at the very ends where they meet the neighbour's."""
    from matplotlib.ticker import MaxNLocator
    axis.set_major_locator(MaxNLocator(most, prune="both"))


def inner_ticks(axis, span, most=3):
    """Few ticks at round numbers, none near the ends: labels cannot meet the next panel's."""
    from matplotlib.ticker import FixedLocator, MaxNLocator
    low, high = span
    margin = 0.12 * (high - low)
    for n in range(most, most + 4):
        ticks = MaxNLocator(n).tick_values(low, high)
        ticks = ticks[(ticks >= low + margin) & (ticks <= high - margin)]
        if len(ticks) >= 2:
            break
    if len(ticks) > most + 1:
        ticks = ticks[::len(ticks) - 1]
    axis.set_major_locator(FixedLocator(ticks))


def wrapped(text, dim):
    """A label with its unit on a line of its own, and a long name broken, when space is short."""
    if dim < 5:
        return text
    name, bracket, unit = text.partition(" [")
    if "$" not in name and len(name) > 11:
        cut = name.rfind("_", 0, 11) + 1 or 10
        rest = name[cut:]
        name = name[:cut] + "\n" + (rest if len(rest) <= 11 else rest[:10] + "…")
    return name + ("\n[" + unit if bracket else "")


def plain_number(number, _=None):
    """For labels on a logarithmic axis: 0.1, 1, 100, 1e6."""
    return f"{number:g}".replace("e+0", "e").replace("e-0", "e-")


def thousands(number):
    """12345 -> '12,345'."""
    return f"{number:,}"
