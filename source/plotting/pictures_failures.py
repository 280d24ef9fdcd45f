"""Where and of what points fail: the statuses over pairs of parameters."""

from collections import Counter

import numpy as np

from ..evaluation import OK
from . import style
from .telling import telling
from .ticks import set_ticks

KINDS = 6       # most statuses with a colour of their own
DRAWN = 4000    # most points drawn in a panel
PANELS = 6
LOOKED_AT = 20  # most parameters whose pairs are compared
LONGEST = 28    # characters of a status
COLOURS = (style.RED, style.ORANGE, style.PURPLE, style.SKY, style.GREEN, style.BLACK)
MARKS = "ov^sDP"    # a second way to tell statuses apart


def failures(run):
    """How often each status comes, and where: over the pairs of parameters that tell most."""
    counts = Counter(run.table["status"][~run.ok])
    if not counts:
        return None
    kinds = [status for status, _ in counts.most_common(KINDS)]
    pairs = telling_pairs(run, PANELS)
    rows = -(-len(pairs) // 3)
    fig = style.figure(style.PAGE, 1.5 + 2.15 * rows)
    grid = fig.add_gridspec(1 + rows, 3, height_ratios=[1.1] + [2.0] * rows)
    _bars(fig.add_subplot(grid[0, :]), run, counts, kinds)
    shown = style.some(np.ones(len(run), bool), DRAWN)
    for i, (x, y) in enumerate(pairs):
        _plane(fig.add_subplot(grid[1 + i // 3, i % 3]), run, shown, x, y, kinds)
    return fig


def telling_pairs(run, most):
    """The pairs of scanned parameters over which failing is least even, the most telling first.

    How telling a pair is: the scatter of the failing share over 6 x 6 cells, beyond chance.
    """
    names = telling(run, ~run.ok, LOOKED_AT)
    if len(names) < 2:
        return [(names[0], names[0])] if names else []
    unit = run.unit()[:, [list(run.scanned).index(name) for name in names]]
    cells = np.clip((unit * 6).astype(int), 0, 5)
    failed, scored = ~run.ok, []
    for i in range(len(names)):
        for j in range(i):
            at = 6 * cells[:, i] + cells[:, j]
            n = np.bincount(at, minlength=36)
            bad = np.bincount(at[failed], minlength=36)
            share = failed.mean()
            scored.append((-float(((bad - n * share) ** 2 / np.maximum(1, n)).sum()), j, i))
    return [(names[j], names[i]) for _, j, i in sorted(scored)[:most]]


def _bars(ax, run, counts, kinds):
    """One bar of all evaluated points, cut into statuses."""
    parts = [("in target", int(run.inside.sum()), style.GOOD),
             ("ok, not in target", int((run.ok & ~run.inside).sum()), style.PALE)]
    parts += [(status, counts[status], colour)
              for status, colour in zip(kinds, COLOURS, strict=False)]
    others = sum(counts.values()) - sum(counts[k] for k in kinds)
    parts += [("other failures", others, style.GREY)] if others else []
    left = 0.0
    for text, count, colour in parts:
        share = 100 * count / len(run)
        ax.barh(0, share, 0.8, left, color=colour, lw=0,
                label=f"{_short(text)} {share:.3g}%")
        left += share
    ax.set_xlim(0, 100)
    ax.set_ylim(-0.6, 3.4)
    ax.set_yticks([])
    ax.set_xlabel("share of all evaluated points [%]")
    ax.legend(loc="upper left", ncols=3, fontsize=7, handlelength=1.0, columnspacing=1.5)


def _short(text):
    text = str(text).replace("$", r"\$")
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "…"


def _plane(ax, run, shown, x, y, kinds):
    status = run.table["status"][shown]
    dots = {"ls": "", "mew": 0, "rasterized": True}
    size = 2.0 if len(shown) > 1500 else 3.0

    def values(rows):
        second = run.axis(y)(run.table[y][rows]) if y != x else \
            np.random.default_rng(0).random(len(rows))
        return run.axis(x)(run.table[x][rows]), second

    for kind, colour, mark in zip(kinds, COLOURS, MARKS, strict=False):
        ax.plot(*values(shown[status == kind]), marker=mark, color=colour, ms=size, alpha=0.8,
                **dots)
    fine = shown[status == OK]
    ax.plot(*values(fine[~run.inside[fine]]), marker=".", color=style.PALE, ms=size + 1, **dots)
    ax.plot(*values(fine[run.inside[fine]]), marker=".", color=style.GOOD, ms=size + 1, **dots)
    ax.set_xlabel(run.axis(x).text)
    ax.set_ylabel(run.axis(y).text if y != x else "")
    ax.set_xlim(run.span(x))
    if y != x:
        ax.set_ylim(run.span(y))
    set_ticks(ax.xaxis, run.axis(x), run.span(x), 4)
    if y != x:
        set_ticks(ax.yaxis, run.axis(y), run.span(y), 4)
    if len(shown) < len(run):
        ax.set_title(f"{style.thousands(len(shown))} of {style.thousands(len(run))} points",
                     fontsize=6, color=style.GREY, pad=2)
