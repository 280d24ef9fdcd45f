"""Slices of the box: parts of the range of one parameter, each a half of a wider one.

A slice has a number: parameter * NODES + node. Node 1 is the whole range, 2 k and 2 k + 1 are the
lower and the upper half of node k.
"""

from typing import Any, NamedTuple

import numpy as np

NODES = 64


class Slice(NamedTuple):
    """A part of the box that is searched, and what is known there.

    Attributes
    ----------
    key : int
        Its number; -1, -2, ... for the searches of the whole box.
    low, high : float array (d,)
        Unit box.
    rows : int array
        Points that the search knows, of all evaluated ones.
    visits : int array (k, 3)
        key, first id, number of points.
    """

    key: int
    low: Any
    high: Any
    rows: Any
    visits: Any

    @property
    def parameter(self):
        """The one whose range it is a part of."""
        return self.key // NODES

    @property
    def level(self):
        """How often the range was halved: the slice is 2^-level of it."""
        return level(self.key)

    @property
    def ends(self):
        """Low and high of its parameter."""
        return self.low[self.parameter], self.high[self.parameter]


def bounds(key):
    """Parameter, and the ends (unit box) of its range, of the slice of this number."""
    parameter, node = divmod(key, NODES)
    n = 2 ** level(key)
    return parameter, (node - n) / n, (node - n + 1) / n


def level(key):
    """How often the range was halved: the slice is 2^-level of it."""
    return (key % NODES).bit_length() - 1


def halves(key):
    """The numbers of the two halves of a slice."""
    parameter, node = divmod(key, NODES)
    return parameter * NODES + 2 * node, parameter * NODES + 2 * node + 1


def empty(u, depths):
    """Numbers of the widest slices that hold none of the points u (n, d).

    Parameters
    ----------
    depths : sequence of int, one a parameter
        Level of the narrowest ones that are looked for.
    """
    for j, depth in enumerate(depths):
        n = 2 ** depth
        taken = np.bincount(np.minimum((u[:, j] * n).astype(int), n - 1), minlength=n) > 0
        todo = [(1, taken)]
        while todo:
            node, mine = todo.pop()
            if not mine.any():
                yield j * NODES + node
            elif len(mine) > 1:
                half = len(mine) // 2
                todo += [(2 * node, mine[:half]), (2 * node + 1, mine[half:])]
