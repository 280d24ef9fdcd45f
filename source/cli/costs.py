"""What the time of a scan went into, and whether a guided scan was worth it."""

import numpy as np

from ..scanning.bar import clock

WORDS = {"evaluate": "evaluating", "train": "learning", "propose": "proposing",
         "choose": "proposing"}


def spent(history):
    """Seconds by what they went into: evaluating, learning, proposing."""
    seconds: dict[str, float] = {}
    for h in history:
        for phase, value in h.seconds.items():
            word = WORDS.get(phase, phase)
            seconds[word] = seconds.get(word, 0.0) + value
    return seconds


def time_lines(history, design):
    """Lines that say where the time went.

    Parameters
    ----------
    history : list of Progression
    design : bool array (n,)
        Which points of the first design are in the target.

    Returns
    -------
    list of str
        Where random points would have found as many good ones in less time, that is said: from
        the share of good points in the design and the time of a point.
    """
    seconds = spent(history)
    total = sum(seconds.values())
    if not total or not history:
        return []
    parts = [f"{word} {100 * value / total:.0f}%" for word, value in seconds.items()]
    lines = [f"Time of {clock(total)}: {', '.join(parts)}."]
    last = history[-1]
    one = seconds.get("evaluating", 0.0) / max(1, last.evaluated)
    share = float(np.mean(design)) if len(design) else 0.0
    if not share:
        return lines
    random = last.good / share * one
    if random < total:
        lines.append(f"Your calculator is fast ({1e3 * one:.2g} ms per point). Random points would "
                     f"give as many good points in about {clock(random)}. A guided scan pays off "
                     "if a point takes longer.")
    return lines


def iteration_line(h):
    """What an iteration, a Progression, has brought."""
    error = "" if np.isnan(h.error) else f", error {h.error:.2g}"
    return (f"Iteration {h.iteration}: {h.evaluated} points, {h.good} good, {h.failed} failed; "
            f"batch {100 * h.efficiency:.0f}% good{error}; {sum(h.seconds.values()):.0f} s")
