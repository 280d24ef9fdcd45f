"""Intervals of a profile along one column, also several that are apart."""

from dataclasses import dataclass

import numpy as np

from .profiles import level


@dataclass(frozen=True)
class Interval:
    """Where delta chi2 is below the level.

    Attributes
    ----------
    low, high : float
    open_low, open_high : bool
        It reaches the end of the column's range there, and may go on beyond.
    moves_low, moves_high : float
        How far the end is with half of the points, or from the outermost evaluated point that is in
        the interval, whichever is more; NaN where a half has no such interval.
    """

    low: float
    high: float
    open_low: bool
    open_high: bool
    moves_low: float
    moves_high: float


def intervals(profile, confidence):
    """The intervals of a profile of one column, from the lowest on: list of Interval."""
    limit, nodes = level(confidence, 1), profile.nodes[0]
    ends = _crossings(nodes, profile.delta, limit)
    halves = [_crossings(nodes, half, limit) for half in profile.halves]
    at_low, at_high = profile.whole[0]
    place, delta = profile.points
    within, found = place[delta < limit, 0], []
    for low, high in ends:
        cut = bool(at_low and low == nodes[0]), bool(at_high and high == nodes[-1])
        moved = [_moved((low, high), half) for half in halves]
        found.append(Interval(low, high, *cut, *np.max(
            [*moved, _beyond(low, high, within, cut)], axis=0).tolist()))
    return found


def rescaled(interval, scale):
    """The same interval in other numbers; `scale` is a function that goes up or down."""
    low, high = scale(interval.low), scale(interval.high)
    moves = (abs(scale(interval.low + interval.moves_low) - low),
             abs(scale(interval.high + interval.moves_high) - high))
    ends = (interval.open_low, interval.open_high)
    if low > high:
        low, high, moves, ends = high, low, moves[::-1], ends[::-1]
    return Interval(float(low), float(high), *ends, *map(float, moves))


def _crossings(nodes, delta, limit):
    """(low, high) of each run of nodes below the limit; the ends interpolated in sqrt(delta)."""
    inside = np.concatenate([[False], delta < limit, [False]])
    starts = np.flatnonzero(inside[1:] & ~inside[:-1])
    stops = np.flatnonzero(~inside[1:] & inside[:-1]) - 1
    root, edge = np.sqrt(np.maximum(delta, 0.0)), np.sqrt(limit)

    def crossing(inner, outer):
        if not 0 <= outer < len(nodes):
            return float(nodes[inner])
        share = (edge - root[inner]) / (root[outer] - root[inner])
        return float(nodes[inner] + share * (nodes[outer] - nodes[inner]))
    return [(crossing(a, a - 1), crossing(b, b + 1)) for a, b in zip(starts, stops, strict=True)]


def _beyond(low, high, within, cut):
    """How far both ends lie beyond all points of an interval, at (n,) of those within the level; 0
    where the range of the column `cut` it. A line is drawn from the outermost one to points that
    are not: in a corner that hardly any point has met it may go on too far."""
    here = within[(within >= low) & (within <= high)]
    if not len(here):
        return 0.0, 0.0
    return 0.0 if cut[0] else here.min() - low, 0.0 if cut[1] else high - here.max()


def _moved(interval, others):
    """Distances of both ends to those of the interval that overlaps; NaN without one."""
    low, high = interval
    same = [(a, b) for a, b in others if a < high and b > low]
    if not same:
        return np.nan, np.nan
    return abs(min(a for a, _ in same) - low), abs(max(b for _, b in same) - high)
