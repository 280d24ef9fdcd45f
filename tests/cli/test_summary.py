"""What a scan says about itself."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.functions import TestFunction
from mlscanner.cli import summary
from mlscanner.config.scan_config import make_config
from mlscanner.evaluation import OK, Evaluation
from mlscanner.files import program
from mlscanner.likelihood.observables import observable
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.models.saved_model import load_model
from mlscanner.scanning.progress import logging_to


@pytest.mark.slow
def test_an_iteration_is_one_line_with_all_its_numbers(tmp_path, capsys):
    """Points, good, failed, share of the batch, error and seconds, in 80 columns."""
    config = make_config(Calculator="F_2d", Size_initial_batch=60, Size_batch_K=40,
                         Size_batch_L=2000, N_iteration=1, RF_trees=10)
    with logging_to(tmp_path), Pool(TestFunction("F_2d"), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False)
        for state in task:
            summary.iteration(state)
    last = capsys.readouterr().out.splitlines()[-1]
    good = task.points.inside
    assert len(last) <= 80
    for words in (f"Iteration 1: {len(good)} points, {good.sum()} good, 0 failed", "error "):
        assert words in last
    share = float(re.search(r"batch (\d+)% good", last)[1])
    assert abs(share - 100 * good[60:].mean()) <= 0.5


def ended(tmp_path, capsys, function, **settings):
    """A scan of two parameters with this function, f.py, that ended, and what it said."""
    (tmp_path / "f.py").write_text(function)
    config = replace(make_config(Calculator="f.py:f", **settings),
                     input_file=str(tmp_path / "in.py"))
    with logging_to(tmp_path), Pool(make_calculator(config, config.VarLabel), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False)
        for _ in task:
            pass
        task.finish()
        summary.closing(task, "RFR")
    return task, capsys.readouterr().out


def test_the_end_tells_which_constraint_kills_how_many(tmp_path, capsys):
    """Each constraint, hard, soft or smoothed, with the points that it alone puts outside; none
    for a number that is only looked at."""
    task, out = ended(
        tmp_path, capsys, "def f(p):\n    return {'s': p[0] + p[1]}\n", VarLabel=["a", "b"],
        VarMin=[0, 0], VarMax=[1, 1], Chi_square_threshold=4.0, Size_initial_batch=50,
        N_iteration=0, Observables=[
            observable("s", upper=1.2), observable("look", expression="a - b"),
            observable("near", expression="a", value=0.5, sigma=0.1),
            observable("smooth", expression="b", lower=0.5, sigma=0.1),
            observable("never", expression="b", upper=2)])
    a, b = task.points.x.T
    assert "Is a part of the target missing? " in out
    assert "50 random points cover the scanned ranges" in " ".join(out.split())
    end = out.partition("one constraint alone puts outside the target:\n")[2]
    told = {words[0]: int(words[1]) for words in map(str.split, end.splitlines()[:4])}
    assert told == {"s": (a + b > 1.2).sum(), "near": (abs(a - 0.5) >= 0.2).sum(),
                    "smooth": (b <= 0.3).sum(), "never": 0}
    assert min(told["s"], told["near"], told["smooth"]) > 3


@pytest.mark.slow
def test_the_end_tells_what_changes_nothing(tmp_path, capsys):
    """chi2 of |a| and b: the scan finds out that the sign of a does not matter and says so, and
    the model that it saves predicts the same for both."""
    _, out = ended(
        tmp_path, capsys,
        "def f(p):\n    return ((abs(p[0]) - 0.5) / 0.1)**2 + ((p[1] - 0.5) / 0.1)**2\n",
        VarLabel=["a", "b"], VarMin=[-1, 0], VarMax=[1, 1], Walkers=40, Chi_square_threshold=1.0,
        Size_initial_batch=100, Size_batch_K=30, Size_batch_L=300, N_iteration=3, RF_trees=10)
    assert "Nothing changes if a changes sign: the model learned one point for both.\n" in out
    assert "That is known of chi2, at the points whose images were evaluated.\n" in out
    x = np.random.default_rng(0).uniform([-1, 0], 1, (100, 2))
    saved = load_model(tmp_path)
    assert np.array_equal(saved.predict(x).value, saved.predict(x * [-1, 1]).value)
    assert (saved.predict([[0.5, 0.5], [-0.5, 0.5]]).probability > 0.5).all()


def test_the_end_tells_which_ranges_cut_the_target(tmp_path, capsys):
    """a > 0.5 is good: its upper end is named, and both of b, on which nothing depends."""
    _, out = ended(
        tmp_path, capsys, "def f(p):\n    return {'s': p[0], 'chi2': 9 * (p[0] < 0.5)}\n",
        VarLabel=["a", "b", "fix"], VarMin=[0, 0, None], VarMax=[1, 2, None],
        VarPrior=["fix = fixed 3"], Chi_square_threshold=4.0, Size_initial_batch=400,
        N_iteration=0)
    lines = [line for line in out.splitlines() if "target reaches" in line]
    assert len(lines) == 2
    assert "a: the target reaches the upper end (1, " in lines[0] and "lower" not in lines[0]
    assert "lower end (0" in lines[1] and "upper end (2" in lines[1]


def test_a_finished_run_is_not_said_to_be_unfinished(tmp_path):
    """Stopped in the loop: the same command; while drawing: plot. Nothing is cited twice."""
    config = make_config(Calculator="F_2d", Size_initial_batch=20, N_iteration=0, RF_trees=5)
    with logging_to(tmp_path), Pool(TestFunction("F_2d"), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False)
        for _ in task:
            said = summary.how_to_go_on(task, "RFR")
            assert said.endswith(f"same command:\n  {program()} RFR --output {tmp_path.parent}")
        task.finish()
        assert f"{program()} plot {tmp_path}" in summary.how_to_go_on(task, "RFR")
        summary.closing(task, "RFR")
        said = (tmp_path / "log.txt").read_text()
        (tmp_path / "failed").mkdir()
        summary.closing(task, "RFR")
    assert said.count("2207.09959") == 1
    assert "failed/" not in said
    assert "one failed point for each status" in (tmp_path / "log.txt").read_text()


def test_a_chi2_below_zero_is_told_loudly(tmp_path, capsys):
    """After the first batch and at the end, with the remedy; not for a band of values."""
    (tmp_path / "f.py").write_text("def f(p):\n    return {'chi2': 10 * p[0] - 3}\n")
    settings = {"Calculator": "f.py:f", "VarLabel": ["a"], "VarMin": [0], "VarMax": [1],
                "Size_initial_batch": 30, "N_iteration": 0}
    for more, told in ({"Chi_square_threshold": 4.0}, 2), ({"Target_value": 0, "Target_width": 1},
                                                            0):
        config = replace(make_config(**settings, **more), input_file=str(tmp_path / "in.py"))
        folder = tmp_path / str(told)
        folder.mkdir()
        with logging_to(folder), Pool(make_calculator(config, ["a"]), 0) as pool:
            task = scan(make_model("RFR", config, 1), config, folder, pool, show=False)
            for state in task:
                summary.iteration(state)
            summary.closing(task, "RFR")
        output = capsys.readouterr()
        assert (output.out + output.err).count("chi2 below 0 (the smallest is -") == told


@pytest.mark.parametrize("warned", [True, False])
def test_the_end_counts_what_the_calculator_warns_of(tmp_path, capsys, warned):
    """Points whose reason begins with a warning of the calculator are counted, with an example."""
    class Warned(TestFunction):
        warnings = ("no decays",) if warned else ()

        def evaluate(self, x, scratch):
            return [Evaluation(OK, e.value, reason="no decays: of 25" if v[0] > 50 else "")
                    for v, e in zip(x, super().evaluate(x, scratch), strict=True)]
    config = make_config(Calculator="F_2d", Size_initial_batch=60, N_iteration=0, VarMin=[0, 0],
                         VarMax=[100, 100], VarLabel=["a", "b"])
    with logging_to(tmp_path), Pool(Warned("F_2d"), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False)
        for _ in task:
            pass
        task.write_results()
        summary.closing(task, "RFR")
    count = int((task.points.x[:, 0] > 50).sum())
    words = f"Note: {count} evaluated points with a warning, for example id "
    assert (words in " ".join(capsys.readouterr().out.split())) == warned and count


@pytest.mark.slow
def test_the_end_is_understood_without_the_docs(tmp_path, capsys):
    """A reason of each failure, the best point with its observables, where the time went, what
    to do next; no line of these is wider than a terminal by more than a path or a reason."""
    (tmp_path / "f.py").write_text(
        "def f(p):\n    if p[0] > 0.8:\n        raise ValueError('not stable at %.3f' % p[0])\n"
        "    return {'mass': 100 + 50 * p[0], 'rate': p[1]}\n")
    config = replace(make_config(
        Calculator="f.py:f", VarLabel=["a", "b"], VarMin=[0, 0], VarMax=[1, 1],
        Chi_square_threshold=4.0, Size_initial_batch=60, Size_batch_K=20, N_iteration=1,
        RF_trees=10, Size_batch_L=1000, Observables=[
            observable("mass", value=125, sigma=5), observable("rate", upper=0.9)]),
        input_file=str(tmp_path / "in.py"))
    with logging_to(tmp_path), Pool(make_calculator(config, ["a", "b"]), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, tmp_path, pool, show=False)
        for _ in task:
            pass
        task.finish()
        summary.closing(task, "RFR")
    end = capsys.readouterr().out
    assert re.search(r"raised .* id \d+: .*not stable at 0\.\d+", end)
    best = np.argmin(np.where(task.points.ok, task.points.value, np.inf))
    assert f"with mass = {100 + 50 * task.points.x[best, 0]:.6g}, rate = " in end
    assert re.search(r"Time of \d\d:\d\d: evaluating \d+%, learning \d+%, proposing \d+%\.", end)
    assert "Random points would give as many good points in about " in end
    chi2 = task.points.best()
    assert f"\nchi2 {chi2:.6g} of 1 measurement with 2 scanned parameters: " in end
    assert f"The target ends {4 - chi2:.4g} above that chi2.\n" in end
    after = end.partition("What next:\n")[2]
    for words in ("report.html", "--more 10", f"profile {tmp_path}", "--suggest"):
        assert words in after


def test_a_long_reason_is_cut():
    """It is one line, and says that there is more."""
    assert summary.shortened("a\nb") == "a b"
    assert summary.shortened("") == "no reason is known"
    assert summary.shortened("x" * 300).endswith("x...")
    assert len(summary.shortened("x" * 300)) == summary.REASON
