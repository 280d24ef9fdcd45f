"""Choosing among the candidates."""

import numpy as np

from proposing.batch_choice import farthest, pass_cut, shares


def test_cut_is_lowered_only_when_it_must():
    """All above the cut pass; with too few of them the best `factor` times the places do."""
    p = np.array([0.9, 0.8, 0.75, 0.6, 0.1])
    assert list(pass_cut(p, 1)) == [0, 1, 2]
    assert list(pass_cut(p, 2)) == [0, 1, 2, 3]
    assert len(pass_cut(np.zeros(0), 3)) == 0
    assert len(pass_cut(np.zeros(50), 3)) == 6


def test_farthest_spreads():
    """The first choice is farthest from what is known, the next from both; no point twice."""
    u = np.array([[0.1], [0.5], [0.95], [0.96], [0.96]])
    assert list(farthest(u, np.array([[0.0]]), 2)) == [3, 1]
    assert len(farthest(u, np.array([[0.0]]), 9)) == 4
    assert len(farthest(u[:0], u, 3)) == 0


def test_shares():
    """Places are dealt out completely and as equally as can be."""
    assert shares(10, 3) == [4, 3, 3]
    assert shares(10, 0) == []
