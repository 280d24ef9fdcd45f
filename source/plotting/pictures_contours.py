"""Regions of confidence for print: filled contours, curves, and where they are not settled yet."""

import numpy as np

from ..statistics.intervals import intervals
from ..statistics.profiles import CONFIDENCE, level
from . import style
from .ticks import set_ticks

FILLS = ("#9ecae1", "#2171b5")     # outer and inner region: the inner one is darker


def contours(run, profile, x, y):
    """The regions of two columns, a star at the best point; hatched where they are not settled.

    The profile is on the scale of the axes.
    """
    from matplotlib.patches import Patch
    fig = style.figure()
    ax = fig.add_subplot()
    a, b = profile.nodes
    delta, (inner, outer) = profile.delta.T, (level(c, 2) for c in CONFIDENCE)
    ax.contourf(a, b, delta, levels=[-1, inner, outer], colors=FILLS[::-1])
    ax.contour(a, b, delta, levels=[inner, outer], colors=style.BLACK, linewidths=0.6)
    doubt = np.any([profile.unsettled(c) for c in CONFIDENCE], axis=0).T
    if doubt.any():
        ax.contourf(a, b, doubt.astype(float), levels=[0.5, 1.5], colors="none",
                    hatches=["//////"])
    ax.plot(*profile.best, marker="*", ms=8, ls="", color=style.ORANGE, mec=style.BLACK, mew=0.5,
            clip_on=False, zorder=10)       # whole, also where it is on the frame
    for axis, set_label, set_limits, name, nodes in (
            (ax.xaxis, ax.set_xlabel, ax.set_xlim, x, a), (ax.yaxis, ax.set_ylabel, ax.set_ylim,
                                                           y, b)):
        set_label(run.axis(name).text)
        set_limits(nodes.min(), nodes.max())
        set_ticks(axis, run.axis(name), (nodes.min(), nodes.max()), 5)
    handles = [Patch(fc=FILLS[1], ec=style.BLACK, lw=0.6, label=f"{100 * CONFIDENCE[0]:.1f} %"),
               Patch(fc=FILLS[0], ec=style.BLACK, lw=0.6, label=f"{100 * CONFIDENCE[1]:.1f} %")]
    if doubt.any():
        handles.append(Patch(fc="none", ec=style.GREY, hatch="//////", lw=0, label="not settled"))
    fig.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=7)
    return fig


def curve(run, profile, x):
    """delta chi2 along one column, its intervals shaded; a band between the two halves."""
    fig = style.figure()
    ax = fig.add_subplot()
    a = profile.nodes[0]
    for confidence, color in zip(CONFIDENCE[::-1], FILLS, strict=True):
        ax.axhline(level(confidence, 1), color=style.GREY, ls=":", lw=0.7)
        for k, part in enumerate(intervals(profile, confidence)):
            ax.axvspan(part.low, part.high, color=color, lw=0, alpha=0.6,
                       label=None if k else f"{100 * confidence:.1f} %")
    ax.fill_between(a, profile.delta, np.maximum(*profile.halves), color=style.PALE, lw=0,
                    label="with half of the points")
    ax.plot(a, profile.delta, color=style.BLACK, lw=1.2)
    ax.set_xlim(a.min(), a.max())
    ax.set_ylim(0, 10)
    ax.set_xlabel(run.axis(x).text)
    ax.set_ylabel(r"$\Delta\chi^2$")
    fig.legend(loc="outside upper center", ncols=3, fontsize=7)
    set_ticks(ax.xaxis, run.axis(x), (a.min(), a.max()), 5)
    return fig
