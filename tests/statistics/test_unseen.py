"""What may be left unseen: the share of the box that draws would have met, and empty bins."""

import numpy as np
import pytest

from mlscanner.space.priors import make_prior
from mlscanner.statistics.unseen import largest_unseen, unseen

X = [("x", make_prior("linear", 0, 10))]


def test_of_many_draws_it_is_the_rule_of_three():
    """3 / n for many draws; without any nothing is known of a part of any size."""
    assert largest_unseen(1000) == pytest.approx(3 / 1000, rel=5e-3)
    assert largest_unseen(0) == 1.0


def test_a_part_of_that_share_is_met_in_95_percent_of_scans():
    """Simulated scans meet a part of the share that is told with the chance that is told."""
    rng, n = np.random.default_rng(5), 60
    share = largest_unseen(n)
    met = (rng.random((20000, n)) < share).any(axis=1)
    assert met.mean() == pytest.approx(0.95, abs=0.006)


def test_points_that_a_model_chose_do_not_count():
    """Only the first design and random points count as drawn over the whole box."""
    u = np.random.default_rng(1).random((1100, 1))
    origin = np.array(["design"] * 60 + ["random"] * 40 + ["walk"] * 900 + ["exploration"] * 100)
    line = unseen(u, origin, np.ones(1100, bool), X)[0]
    assert "100 random points cover the scanned ranges" in line
    assert f"more than {100 * largest_unseen(100):.2g}% " in line


def test_the_share_of_the_target_is_told_once_enough_draws_hit_it():
    """Three drawn points in the target at least, as fewer say too little."""
    u, origin = np.full((100, 1), 0.5), np.array(["design"] * 100)
    assert "fills about 10% of it" in unseen(u, origin, np.arange(100) < 10, X)[0]
    assert "fills about" not in unseen(u, origin, np.arange(100) < 2, X)[0]


def test_the_bins_with_the_fewest_points_and_no_good_one_are_told():
    """Three bins, fewest points first, in physical units; those with a good point are left out."""
    u = np.concatenate([np.full((50, 1), 0.05), np.full((2, 1), 0.15), np.full((9, 1), 0.25),
                        np.repeat(np.arange(3, 10) / 10 + 0.05, 20)[:, None]])
    inside = u[:, 0] > 0.3
    lines = unseen(u, np.array(["design"] * len(u)), inside, X)
    assert lines[1].endswith("x from 1 to 2 (2 points); x from 2 to 3 (9 points); "
                             "x from 0 to 1 (50 points)")


def test_where_all_bins_hold_a_good_point_and_without_draws_nothing_more_is_said():
    """One line without empty bins, none without draws."""
    u = np.arange(10)[:, None] / 10 + 0.05
    assert len(unseen(u, np.array(["design"] * 10), np.ones(10, bool), X)) == 1
    assert unseen(u, np.array(["walk"] * 10), np.ones(10, bool), X) == []


def test_of_whole_numbers_no_bins_are_told():
    """Tenths of a range mean nothing for whole numbers."""
    u = np.full((10, 1), 0.5)
    lines = unseen(u, np.array(["design"] * 10), np.zeros(10, bool),
                   [("n", make_prior("integer", 0, 3))])
    assert len(lines) == 1
