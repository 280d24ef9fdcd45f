"""The best fit at the end of a scan: it finds the minimum, is bounded, and is gone on with."""

import signal

import numpy as np
import pytest

from mlscanner.acquisition.best_fit import BestFit
from mlscanner.acquisition.questions import Questions
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.store.points import Points
from mlscanner.store.points_table import read_table
from mlscanner.store.state_file import State
from runner import Run, run, write_input

FUNCTION = """
import time
def f(p):
    time.sleep({pause})
    if p[0] + p[1] > 1.2:
        raise ValueError("no solution there")
    return ((p[0] - 0.3) / 0.02) ** 2 + ((p[0] + p[1] - 1.1) / 0.01) ** 2 + 3.25
"""
USER = """
VarMin = [0, 0]
VarMax = [1, 1]
VarLabel = ['a', 'b']
Chi_square_threshold = 100
"""


def a_box(*priors):
    """A box of parameters from 0 to 8."""
    return Box([make_parameter(f"x{i}", 0.0, 8.0, prior) for i, prior in enumerate(priors)])


def driven(box, function, known, budget):
    """The points after a best fit of `budget` points, and how many it asked for at a time."""
    points, sizes = Points(box.dim), []

    def evaluate(u, origin):
        x = box.to_physical(u)
        chi2 = np.array([function(row) for row in x])
        ok = np.isfinite(chi2)
        points.append(id=len(points) + np.arange(len(x)), iteration=np.zeros(len(x), int), x=x,
                      origin=[origin] * len(x), u=box.to_unit(x), value=chi2, inside=ok,
                      status=np.where(ok, "ok", "failed").astype(object))

    evaluate(known, "design")
    asker = BestFit(points, box, budget)
    while len(u := asker.ask(points)):
        sizes.append(len(u))
        evaluate(u, asker.origin)
    return points, sizes


def test_a_narrow_valley_that_ends_at_points_that_fail_is_followed_to_its_minimum():
    """Four parameters, a valley a hundredth wide beside failures: within 0.01 after 300 points."""
    def chi2(x):
        t = x / 8
        return np.nan if t[0] + t[1] > 1.0 else (
            ((t[0] + t[1] - 0.999) / 0.01) ** 2 + ((t[0] - 0.2) / 0.1) ** 2
            + ((t[2:] - 0.5 * t[0]) ** 2).sum() / 0.05**2 + 2)
    rng = np.random.default_rng(1)
    known = rng.random((30000, 4))
    heights = np.array([chi2(8 * u) for u in known])
    known = known[np.argsort(heights)[:300]]
    points, sizes = driven(a_box(*["linear"] * 4), chi2, known, 300)
    assert np.nanmin(heights) > 2.1
    assert np.nanmin(points.chi2) < 2.01
    assert sum(sizes) <= 300
    assert max(sizes) > 1       # several searches at the same time


def test_searches_race_and_those_that_stay_behind_end():
    """Two valleys, of which the one with worse points is lower: the last points are in it, the
    first ones in both."""
    def chi2(x):
        t = x / 8
        return 3.0 - (t[0] > 0.5) + ((t - np.where(t[0] > 0.5, 0.8, 0.2)) ** 2).sum() / 0.1**2
    rng = np.random.default_rng(5)
    known = np.concatenate([0.2 + 0.02 * rng.standard_normal((60, 4)),      # chi2 from 3.0
                            0.8 + 0.3 * (rng.random((90, 4)) - 0.5)])
    known = known[[t[0] < 0.5 or chi2(8 * t) > 3.5 for t in known]]         # and from 3.5
    points, sizes = driven(a_box(*["linear"] * 4), chi2, known, 200)
    lower = points.u[len(known):, 0] > 0.5
    assert 0.2 < lower[:60].mean() < 0.8
    assert lower[-60:].all()
    assert sizes[0] > sizes[-1] == 1
    assert np.nanmin(points.chi2) < 2.01


def test_whole_numbers_move_and_no_point_is_asked_for_twice():
    """Two whole numbers and a real one: the best cell, and the best value in it."""
    def chi2(x):
        return (x[0] - 5) ** 2 + 2 * (x[1] - x[0] + 3) ** 2 + 10 * (x[2] - 4.3) ** 2
    known = np.random.default_rng(2).random((30, 3))
    points, _ = driven(a_box("integer", "integer", "linear"), chi2, known, 200)
    assert np.nanmin(points.chi2) < 0.01
    assert points.x[np.nanargmin(points.chi2)][:2].tolist() == [5, 2]
    assert len(np.unique(points.x[30:], axis=0)) == len(points) - 30


@pytest.mark.parametrize("known", [1, 3, 12])
def test_whole_numbers_with_few_allowed_points(known):
    """Three allowed points, or three points at all, are too few for a population: others join it,
    or only what is continuous is moved."""
    u = np.random.default_rng(6).random((known, 2))
    points, sizes = driven(a_box("integer", "linear"), lambda x: np.nan if x[1] > 8 * np.sort(
        u[:, 1])[min(2, known - 1)] + 1e-9 else (x[0] - 4) ** 2 + x[1], u, 60)
    assert 0 < sum(sizes) <= 60
    assert np.nanmin(points.chi2) < np.nanmin(points.chi2[:known])
    assert (len(np.unique(points.x[known:, 0])) > 2) == (known >= 5)    # whole numbers move, too


@pytest.mark.parametrize("priors", [["linear"] * 4, ["integer", "linear"]])
@pytest.mark.parametrize("budget", [1, 3, 17])
def test_no_more_points_than_the_budget(priors, budget):
    """Also where a simplex, or a population, is larger than what is left."""
    known = np.random.default_rng(7).random((60, len(priors)))
    _, sizes = driven(a_box(*priors), lambda x: ((x - 4.2) ** 2).sum(), known, budget)
    assert sum(sizes) == budget


def test_one_whole_number():
    """Three points for each parameter are not enough for a population, five are."""
    u = (np.array([0, 1, 2, 6, 7, 8]) + 0.5) / 9
    points, sizes = driven(a_box("integer"), lambda x: (x[0] - 4) ** 2, u[:, None], 40)
    assert 0 < sum(sizes) <= 3      # no other value is left
    assert points.chi2.min() < 4


def test_points_beyond_a_pre_cut_are_never_asked_for():
    """An optimiser that steps there is told that it is bad."""
    box = Box(a_box("linear", "linear").parameters, ["x0 < 4"])
    points, _ = driven(box, lambda x: (x[0] - 5) ** 2 + x[1],
                       np.random.default_rng(3).random((40, 2)) * [0.5, 1], 80)
    assert (points.x[40:, 0] < 4).all()
    assert np.nanmin(points.chi2) < 1.05


def test_nothing_is_asked_where_no_point_is_allowed():
    """There is nothing to begin at."""
    _, sizes = driven(a_box("linear"), lambda x: np.nan, np.random.default_rng(4).random(
        (20, 1)), 50)
    assert not sizes


def test_an_error_of_the_optimiser_is_raised_where_it_is_answered():
    """It would wait for ever otherwise."""
    def asks(ask):
        ask(np.zeros((1, 1)))
        raise ZeroDivisionError("of the optimiser")
    questions = Questions(asks)
    with pytest.raises(ZeroDivisionError, match="of the optimiser"):
        questions.answer([1.0])
    assert questions.asked is None


def make(folder, pause=0.0, more=""):
    """An input file, and the words of its scan."""
    write_input(folder, "user.py:f", more=USER + more)
    (folder / "user.py").write_text(FUNCTION.format(pause=pause))
    return ["RFR", "--input", folder / "scan_input.py", "--output", folder / "out"]


def table(folder):
    """points.csv of the run."""
    return read_table(folder / "out" / "RFR" / "points.csv")


@pytest.mark.slow
def test_killed_in_the_middle_the_best_fit_asks_for_the_same_points_again(tmp_path):
    """Kill it twice: no point twice, none lost, the same table as of a run left alone."""
    more = "Refine_evaluations = 60\nN_iteration = 1\n"
    code, output = run(make(tmp_path / "whole", more=more), tmp_path / "log")
    assert code == 0, output
    assert "Best fit: 60 further points; smallest chi2 before " in output
    whole = table(tmp_path / "whole")
    assert (whole["origin"] == "refine").sum() == 60
    assert whole["chi2"][whole["status"] == "ok"].min() < 3.3
    words, path = make(tmp_path / "killed", 0.01, more), tmp_path / "killed/out/RFR/points.csv"
    for goal, number in ((110, signal.SIGKILL), (135, signal.SIGINT)):
        process = Run(words, tmp_path / "log2")
        while process.process.is_alive() and not (
                path.exists() and path.read_bytes().count(b"\n") > goal):
            process.process.join(0.01)
        process.send(number)
        assert process.wait() in (-9, 130), process.output
    state = State.load(path.parent)
    assert state.meta["reason"] is None
    assert state.meta["infos"] == [{"refine": "best fit", "budget": 60}]
    code, output = run(words, tmp_path / "log2")
    assert code == 0, output
    killed = table(tmp_path / "killed")
    for name in ("a", "b", "chi2", "status", "origin", "iteration"):
        np.testing.assert_array_equal(killed[name], whole[name], name)


@pytest.mark.slow
def test_killed_in_an_asynchronous_scan_the_best_fit_is_finished_all_the_same(tmp_path):
    """No batch is proposed beside it, so that it alone says when the scan has ended: nothing that
    it asked for is missing, and its row is in iterations.csv."""
    words = make(tmp_path, 0.1, "Refine_evaluations = 20\nN_iteration = 0\nAsynchronous = True\n"
                                "Size_initial_batch = 30\n")
    path = tmp_path / "out/RFR/points.csv"

    def evaluating():
        there = path.read_bytes().count(b",refine,") if path.exists() else 0
        return 0 < there < len(State.load(path.parent).arrays["batch_u"])
    process = Run(words, tmp_path / "log")
    while process.process.is_alive() and not evaluating():
        process.process.join(0.01)
    process.send(signal.SIGKILL)
    assert process.wait() == -9, process.output
    assert evaluating()
    code, output = run(words, tmp_path / "log2")
    assert code == 0, output
    done = table(tmp_path)
    assert (done["origin"] == "refine").sum() == 20
    last = path.with_name("iterations.csv").read_text().splitlines()[-1]
    assert last.startswith(f"1,{len(done['id'])},"), last


@pytest.mark.slow
def test_max_evaluations_keeps_points_for_the_best_fit_and_is_met_exactly(tmp_path):
    """Of 150 points 40 improve the best ones; the command refine then adds as many as it says."""
    words = make(tmp_path, more="Refine_evaluations = 40\nMax_evaluations = 150\n")
    code, output = run(words, tmp_path / "log")
    assert code == 0, output
    assert "Finished. Max_evaluations: 150 points are evaluated" in output
    first = table(tmp_path)
    assert (first["origin"] == "refine").sum() == 40
    code, output = run(["refine", tmp_path / "out/RFR", "--evaluations", 20, "--trust"],
                       tmp_path / "log2")
    assert code == 0, output
    assert len(table(tmp_path)["id"]) == 170
    assert "chi2 of the best point: " in output
    assert State.load(tmp_path / "out/RFR").meta["reason"].startswith("Max_evaluations")


@pytest.mark.slow
def test_a_band_of_values_has_no_best_point(tmp_path):
    """One line, exit code 2."""
    write_input(tmp_path, "F_2d", more="N_iteration = 0\n")
    code, output = run(["RFR", "--input", tmp_path / "scan_input.py", "--output",
                        tmp_path / "out"], tmp_path / "log")
    assert code == 0, output
    code, output = run(["refine", tmp_path / "out/RFR"], tmp_path / "log2")
    assert code == 2, output
    assert "the target is a band of values, in which no value is the best" in output
