"""Stop rules: which one is met, and how far a scan may go."""

import numpy as np
import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.likelihood.target import Target
from mlscanner.scanning.refining import Refining
from mlscanner.scanning.stop_rules import StopRules
from mlscanner.space.parameters import Box
from mlscanner.store.points import Points


def points(n, good=0, iteration=None, origin=None):
    x, iteration = np.zeros((n, 2)), np.zeros(n, int) if iteration is None else iteration
    return Points(2, id=np.arange(n), iteration=iteration, u=x, x=x,
                  origin=origin or ["design"] * n, value=np.zeros(n), status=["ok"] * n,
                  inside=np.arange(n) < good)


def test_no_rule_is_met_at_the_start():
    """A scan without points goes on."""
    assert StopRules(make_config(Calculator="F_2d")).met(points(0), []) is None


def test_more_overrides_all_rules_but_the_time():
    """--more ends at its number of batches, though another rule is met already."""
    config = make_config(Calculator="F_2d", Max_evaluations=5, N_iteration=1)
    assert StopRules(config).met(points(9), [1, 2]).startswith("Max_evaluations")
    rules = StopRules(config, goal=4)
    assert rules.met(points(9), [1, 2]) is None
    assert rules.room(9) is None
    assert rules.met(points(9), [1, 2, 3, 4]) == "--more: 3 iterations are done"


def test_a_best_fit_is_no_iteration_that_more_has_done():
    """Batches that no model proposed are not counted as iterations, each once."""
    known = points(7, iteration=[0, 1, 2, 2, 3, 4, 4], origin=[
        "design", "walk", "refine", "refine", "walk", "contour", "contour"])
    rules = StopRules(make_config(Calculator="F_2d"), goal=5)
    assert rules.met(known, range(5)) == "--more: 2 iterations are done"


def test_room_is_what_max_evaluations_leaves():
    """A batch is never larger than the points that may still be evaluated."""
    rules = StopRules(make_config(Calculator="F_2d", Max_evaluations=100))
    assert rules.room(93) == 7
    assert StopRules(make_config(Calculator="F_2d")).room(93) is None


def test_what_the_best_fit_leaves_of_its_points_goes_to_the_scan():
    """Points are kept for it until it begins; it may end by itself before they are used up."""
    config = make_config(Calculator="F_2d", Max_evaluations=100, Chi_square_threshold=1.0)
    rules = StopRules(config, reserve=30)
    refining = Refining(config, Box.from_config(config), Target.from_config(config), None)
    assert rules.room(60) == 10
    assert refining.due(points(60), rules, 60, lambda: False) is None
    assert (rules.room(60), rules.room(70)) == (10, 0)
    assert refining.due(points(70), rules, 70, lambda: False)["budget"] == 30
    assert rules.room(75) == 25


@pytest.mark.parametrize(("limit", "expected"), [(None, 60 + 3 * 40), (100, 100)])
def test_expected_number_of_points(limit, expected):
    """First batch and iterations, or the limit where that is less."""
    config = make_config(Calculator="F_2d", Size_initial_batch=60, Size_batch_K=40,
                         N_iteration=3, Max_evaluations=limit)
    assert StopRules(config).expected(2) == expected


def test_one_slow_training_does_not_end_the_scan(monkeypatch):
    """Max_time reserves what trainings took of late: neither one long one nor long ago counts."""
    now = [1000.0]
    monkeypatch.setattr("mlscanner.scanning.stop_rules.time.monotonic", lambda: now[0])
    rules = StopRules(make_config(Calculator="F_2d", Max_time=660))
    for seconds in (113.0, 2.0, 3.0, 2.0):
        rules.took(seconds)
    now[0] += 600
    assert rules.may_propose(4, 100) and rules.met(points(0), []) is None
    for _ in range(5):      # they did become slower
        rules.took(60.0)
    assert not rules.may_propose(4, 100)
    assert rules.met(points(0), []).startswith("Max_time")
