"""The numbers behind the pictures: coverage, profiles, ROC, calibration."""

from dataclasses import replace

import numpy as np
import pytest

from mlscanner.models.registry import MODELS
from mlscanner.plotting import pictures_points, style
from mlscanner.plotting.coverage import coverage
from mlscanner.plotting.pictures_failures import telling_pairs
from mlscanner.plotting.pictures_model import calibration, prediction, roc
from mlscanner.plotting.pictures_profile import lowest
from mlscanner.plotting.pictures_progress import progress, read_seconds
from mlscanner.plotting.plot_data import load_run
from mlscanner.store.history import edge_error
from plot_runs import make_run


def test_coverage_of_points_on_a_line():
    """Cells and fill distance of a case that can be done by hand."""
    u = np.array([[0.1], [0.3], [0.2], [0.9]])
    inside = np.array([True, True, True, False])
    track = coverage(u, inside, np.array([0, 0, 1, 1]))
    assert track.evaluated.tolist() == [2, 4]
    assert track.good.tolist() == [2, 3]
    assert track.cells.tolist() == [2, 3]
    assert track.fill == pytest.approx([0.2, 0.1])


def test_coverage_grows_and_the_fill_distance_shrinks(tmp_path):
    """More points never cover less, whatever the order; no point is its own neighbour."""
    rng = np.random.default_rng(1)
    u, when = rng.random((500, 3)), np.sort(rng.integers(0, 9, 500))
    track = coverage(u, rng.random(500) < 0.5, when)
    assert (np.diff(track.cells) >= 0).all()
    assert (np.diff(track.fill[np.isfinite(track.fill)]) <= 0).all()
    assert (track.fill[np.isfinite(track.fill)] > 0).all()


@pytest.mark.parametrize("good", [0, 1, 2])
def test_coverage_with_few_points(good):
    """None, one and two in-target points give counts, and NaN where there is no neighbour."""
    inside = np.arange(6) < good
    track = coverage(np.random.default_rng(0).random((6, 2)), inside, np.array([0, 0, 0, 1, 1, 1]))
    assert track.good.tolist() == [good, good]
    assert np.isfinite(track.fill).all() == (good == 2)


def test_profile_is_the_smallest_in_each_bin():
    """NaN and empty bins are never the smallest."""
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    values = np.array([5.0, 3.0, np.nan, 7.0])
    result = lowest(values, np.array([0.1, 0.9, 1.5, 3.0]), edges=[edges])
    assert result[0] == 3 and np.isnan(result[1]) and result[2] == 7


def test_roc_against_pair_counting():
    """The area is the share of pairs that are ordered rightly, ties half, as Hanley and McNeil
    (1982) define it."""
    rng = np.random.default_rng(2)
    p, truth = rng.integers(0, 8, 200) / 8, rng.random(200) < 0.4
    good, bad = p[truth][:, None], p[~truth][None]
    expected = ((good > bad) + 0.5 * (good == bad)).mean()
    false, true, area = roc(p, truth)
    assert area == pytest.approx(expected)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)


def test_calibration_of_a_perfect_forecast():
    """Probabilities that are right lie on the diagonal."""
    rng = np.random.default_rng(3)
    p = rng.random(200_000)
    mean, share, count = calibration(p, rng.random(200_000) < p)
    assert mean == pytest.approx(share, abs=0.02)
    assert count.sum() == 200_000


def test_the_most_telling_pair_comes_first(tmp_path):
    """Failing that depends on two parameters puts that pair first."""
    run = load_run(make_run(tmp_path / "DNNR", dim=4, n=2000))
    u = run.unit()
    run.table["status"] = np.where(u[:, 1] + u[:, 3] > 1, "bad", "ok").astype(object)
    assert telling_pairs(run, 3)[0] == (run.scanned[1], run.scanned[3])


def test_the_legend_of_one_parameter_is_above_its_bars(tmp_path):
    """Also of one column of many that is asked for."""
    for name, dim, asked in (("a", 1, ()), ("b", 4, ("mass",))):
        run = replace(load_run(make_run(tmp_path / name, dim=dim, n=60)), asked=asked)
        with style.drawing():
            figure = pictures_points.corner_plot(run)
            figure.canvas.draw()
            ax, box = figure.axes[0], figure.legends[0].get_window_extent()
        assert ax.transData.transform((0, ax.dataLim.y1))[1] < box.y0 and box.x0 > ax.bbox.x0


def test_fixed_parameters_and_formulas_are_no_axes(tmp_path):
    """Only what is scanned spans the unit box and the corner plot; a log prior is a log axis."""
    folder = make_run(tmp_path / "DNNR", dim=3, n=20,
                      names=("MSUSY_scale", "Lambda1Input", "TanBeta"))
    path = folder / "scan_input_used.json"
    text = path.read_text()
    entries = ['{"name": "MSUSY_scale", "low": 1.0, "high": 100.0, "prior": "log"}',
               '{"name": "Lambda1Input", "low": 3.0, "high": 3.0, "prior": "fixed 3"}',
               '{"name": "TanBeta", "low": null, "high": null, "prior": "2*MSUSY_scale"}']
    start, end = text.index("[{"), text.index("}]") + 2
    path.write_text(text[:start] + "[" + ", ".join(entries) + "]" + text[end:])
    run = load_run(folder)
    assert run.scanned == ("MSUSY_scale",)
    assert run.span("MSUSY_scale") == pytest.approx((0, 2))
    assert run.axis("MSUSY_scale").log and run.axis("MSUSY_scale").text == r"$\Lambda_{\rm one}$"
    assert run.unit().shape == (20, 1)


def test_a_model_of_the_users_own_is_a_classifier_by_its_kind(tmp_path, monkeypatch):
    """Whether predictions are probabilities is the word of the model, not of its name."""
    monkeypatch.setitem(MODELS, "KNN", MODELS["RFC"])
    monkeypatch.setitem(MODELS, "ABC", MODELS["RFR"])
    for name, classifies in (("KNN", True), ("ABC", False), ("DNNC", True), ("DNNR", False)):
        assert load_run(make_run(tmp_path / name, n=5, model=name)).is_classifier == classifies


def test_seconds_come_from_the_iterations(tmp_path):
    """The time of each phase is read from iterations.csv where there is no state, by old names of
    phases, too."""
    (tmp_path / "iterations.csv").write_text(
        "iteration,judged,seconds_judge,seconds_train\n0,10,1.5,0\n1,20,2.5,0.5\n")
    iterations, seconds = read_seconds(tmp_path)
    assert iterations == [0, 1]
    assert seconds["evaluate"].tolist() == [1.5, 2.5]
    assert read_seconds(tmp_path / "none") == ([], {})


def test_error_drawn_is_that_of_iterations_csv(tmp_path):
    """Excluded points have a value: they count in the picture as they do in the table."""
    folder = make_run(tmp_path / "run")
    text = (folder / "points.csv").read_text().splitlines()
    rows = [row.split(",") for row in text[1:]]
    for row in rows:
        if row[-2] == "tachyon" and int(row[0]) % 2:
            row[-2], row[-6] = "excluded", "500.0"
    (folder / "points.csv").write_text("\n".join([text[0], *map(",".join, rows)]) + "\n")
    run = load_run(folder)
    drawn = progress(run).axes[2].lines[0].get_ydata()
    for i in (1, 2, 3):
        here = run.table["iteration"] == i
        assert drawn[i] == pytest.approx(
            edge_error(run.predicted[here], run.value[here], *run.band), rel=1e-12)
    dots = prediction(run).axes[0].collections[0].get_offsets()
    assert len(dots) == np.isfinite(run.predicted - run.value).sum()
    assert (dots[:, 0] == 500).sum() > 5


def test_profiles_of_chi2_end_12_above_the_best_and_pairs_show_the_95_percent_line(tmp_path):
    """On a scale up to the largest chi2 nothing of the contours could be seen."""
    from mlscanner.plotting import pictures_profile, style
    from mlscanner.plotting.plot_data import load_run
    from plot_runs import make_run
    run = load_run(make_run(tmp_path / "DNNR", 2, 400))
    least = np.nanmin(run.distance)
    with style.drawing(run.style):
        axes = pictures_profile.profiles(run).axes
        assert axes[0].get_ylim()[1] == pytest.approx(least + 12)
        pairs = pictures_profile.profile_pairs(run)
    lines = [c for c in pairs.axes[0].collections if hasattr(c, "levels")]
    assert [level for c in lines for level in c.levels] == [pytest.approx(6.18)]
