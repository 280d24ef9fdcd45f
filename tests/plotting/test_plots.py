"""Pictures of a run: all of them, of every kind of run, from points.csv alone."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlscanner.errors import InputError, StorageError
from mlscanner.plotting import captions, plot_data, style
from mlscanner.plotting import command as plots
from mlscanner.plotting.labels import label
from mlscanner.plotting.plot_data import load_run
from plot_runs import make_run
from runner import PACKAGE

ALWAYS = {"corner", "progress", "profiles", "profile_pairs", "prediction", "failures"}


@pytest.fixture
def fewer(monkeypatch):
    """A function that leaves these pictures, for what is true of any of them."""
    def keep(*names, **others):
        chosen = {name: plots.functions()[name] for name in names} | others
        monkeypatch.setattr(plots, "functions", lambda: chosen)
        return {*names}
    return keep


def drawn(folder):
    return {path.stem for path in (folder / "pictures").glob("*.png")}


def size(png):
    """(width, height) in pixels, from the header of a PNG."""
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


@pytest.mark.slow
@pytest.mark.parametrize("run", [
    {}, {"model": "DNNC"}, {"settings": False}, {"offset": 1e3},
    {"prior": "log", "ranges": ((1e-3, 10), (-40, -10))},
    {"n": 4, "iterations": 1}, {"n": 1, "iterations": 1}],
    ids=["regressor", "classifier", "points.csv only", "none in target", "log prior", "4 points",
         "1 point"])
def test_every_picture_of_every_run(tmp_path, run):
    """Whatever the run is like, its pictures and report are drawn, and no problem is met."""
    folder = make_run(tmp_path / "DNNR", **{"n": 120, "dim": 2, **run})
    kinds = ("png", "pdf") if not run else ("png",)
    written, problems = plots.draw_pictures(load_run(folder), kinds)
    assert problems == []
    if run.get("n", 120) > 4:
        assert set(written) == ALWAYS
    for path in written.values():
        width, _ = size(path)
        assert width == round(style.DPI * style.COLUMN) or width == round(style.DPI * style.PAGE)
        assert path.with_suffix(".pdf").exists() == ("pdf" in kinds)
        caption = path.with_suffix(".txt").read_text()
        assert f"{run.get('n', 120):,} points were evaluated: " in caption
        assert "Target: chi2 < 4.\n" in caption or not run.get("settings", True)


def overlaps(figure):
    """Pairs of texts of a figure, as it is saved, whose boxes overlap, by more than a hair."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    style.lay_out(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer, boxes = canvas.get_renderer(), []
    for ax in figure.axes:
        if not ax.get_visible():
            continue
        texts = [ax.xaxis.label, ax.yaxis.label]
        for axis, low, high in ((ax.xaxis, *ax.get_xlim()), (ax.yaxis, *ax.get_ylim())):
            texts += [tick.label1 for tick in axis.get_major_ticks()
                      if min(low, high) <= tick.get_loc() <= max(low, high)
                      and tick.label1.get_visible()]
        boxes += [(t.get_text(), t.get_window_extent(renderer)) for t in texts if t.get_text()]
    return [(a, b) for (a, first), (b, second) in itertools.combinations(boxes, 2)
            if first.shrunk(0.8, 0.8).overlaps(second.shrunk(0.8, 0.8))]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["corner", "profile_pairs", "profiles"])
@pytest.mark.parametrize("run", [
    {"dim": 10}, {"dim": 2, "prior": "log", "ranges": ((1e-9, 1e-3), (-4e6, -10))},
    {"dim": 4, "prior": "log", "ranges": ((1e-9, 1), (-4e6, -10), (2, 40), (1e2, 1.1e2))}],
    ids=["linear", "two log", "four log"])
def test_labels_of_many_parameters_do_not_overlap(tmp_path, name, run):
    """With ten parameters, large, small, negative and with long names, no two texts meet."""
    run = load_run(make_run(tmp_path / "DNNR", n=200, **run))
    with style.drawing():
        figure = plots.functions()[name](run)
        assert overlaps(figure) == []


def test_a_pdf_has_true_fonts(tmp_path, monkeypatch, true_fonts):
    """Text in a PDF is text, in TrueType, as journals ask for; in Type 3 it is shapes."""
    monkeypatch.setitem(style.SETTINGS, "pdf.fonttype", true_fonts)
    with style.drawing():
        figure = style.figure()
        figure.text(0.1, 0.5, "text")
        style.save(figure, tmp_path / "text", ("pdf",))
    data = (tmp_path / "text.pdf").read_bytes()
    assert b"/Subtype /CIDFontType2" in data and b"/Type3" not in data


def test_overlaps_are_found(tmp_path):
    """The search above finds texts that overlap."""
    with style.drawing():
        figure = style.figure()
        ax = figure.subplots()
        ax.set_xticks([0.5, 0.51], ["left", "right"])
        assert overlaps(figure)


@pytest.mark.slow
def test_a_run_that_is_going_on_can_be_drawn(tmp_path, fewer):
    """A last line that is being written is left out; the rest is drawn."""
    folder = make_run(tmp_path / "DNNR", dim=2, n=60)
    with (folder / "points.csv").open("a") as file:
        file.write("60,4,wal")
    some = fewer("progress", "prediction")
    assert plots.refresh(folder) == []
    assert drawn(folder) == some
    assert not list((folder / "pictures").glob("*.pdf"))


@pytest.mark.slow
def test_what_can_not_be_drawn_never_ends_a_scan(tmp_path, fewer):
    """A damaged file, a missing folder and a picture that raises give sentences, no exception."""
    assert "could not be drawn" in plots.draw_all(tmp_path / "nowhere")[0]
    folder = make_run(tmp_path / "DNNR", dim=2, n=60)
    fewer("progress", corner=lambda run: 1 / 0, failures=plots.functions()["failures"])
    problems = plots.refresh(folder)
    assert len(problems) == 1 and "corner" in problems[0]
    assert drawn(folder) == {"progress", "failures"}     # also what follows it


def test_a_point_without_a_number_is_refused_as_by_a_scan(tmp_path):
    """It was counted in the first of ten bins, with a warning of NumPy's."""
    path = make_run(tmp_path / "DNNR", dim=2, n=60) / "points.csv"
    rows = path.read_text().splitlines()
    cells = rows[2].split(",")
    rows[2] = ",".join([*cells[:3], "nan", *cells[4:]])
    path.write_text("\n".join(rows) + "\n")
    with pytest.raises(StorageError, match=f"the point with id {cells[0]} has .* = nan"):
        load_run(path.parent)


@pytest.mark.slow
def test_any_two_columns(tmp_path, capsys):
    """--x --y --c draws parameters, observables, the value; the file has their names."""
    folder = make_run(tmp_path / "DNNR", n=60)
    assert plots.plot_command([str(folder), "--x", "mass", "--y", "M12input", "--c", "chi2",
                               "--log", "c"]) == 0
    assert (folder / "pictures" / "scatter_mass_M12input_chi2.pdf").exists()
    assert "scatter_mass_M12input_chi2.png" in capsys.readouterr().out
    assert plots.plot_command([str(folder), "--x", "mass", "--y", "rate"]) == 0


def test_wrong_commands_are_explained(tmp_path):
    """An unknown column, run or option, and half a pair, say what there is."""
    folder = str(make_run(tmp_path / "DNNR", n=20))
    with pytest.raises(StorageError, match="Did you mean mass?.*Columns: id.*rate"):
        plots.plot_command([folder, "--x", "Mass", "--y", "rate"])
    with pytest.raises(InputError, match="--x and --y are both needed"):
        plots.plot_command([folder, "--x", "mass"])
    with pytest.raises(InputError, match="--log both: expected one or more of the letters"):
        plots.plot_command([folder, "--x", "mass", "--y", "rate", "--log", "both"])
    with pytest.raises(StorageError, match="no run of DNNR in"):
        plots.plot_command(["DNNR", "--output", str(tmp_path / "empty")])
    with pytest.raises(InputError, match="unrecognized arguments: --xx"):
        plots.plot_command([folder, "--xx"])
    with pytest.raises(StorageError, match="no points.csv"):
        plots.plot_command([str(tmp_path)])
    Path(folder, "pictures").write_text("")
    for words in ([], ["--x", "mass", "--y", "rate"], ["--animate"]):
        with pytest.raises(StorageError, match="pictures cannot be written"):
            plots.plot_command([folder, *words])


@pytest.mark.slow
def test_the_newest_run_of_a_model_is_meant(tmp_path):
    """DNNR means DNNR_2 when that is newer; another name of a model is understood."""
    for name in ("DNNR", "DNNR_2", "SVR_RBF"):
        make_run(tmp_path / name, n=5)
    for name, folder in [("DNNR", "DNNR_2"), ("SVMRBF", "SVR_RBF"), (tmp_path / "DNNR", "DNNR")]:
        assert plots.plot_command([str(name), "--x", "mass", "--y", "chi2", "--output",
                                   str(tmp_path)]) == 0
        assert list((tmp_path / folder / "pictures").iterdir())


def test_an_empty_run_is_explained(tmp_path):
    """A run without an evaluated point is an error with words, not an empty picture."""
    folder = make_run(tmp_path / "DNNR", n=1, iterations=1)
    text = (folder / "points.csv").read_text()
    (folder / "points.csv").write_text(text.splitlines()[0] + "\n")
    with pytest.raises(StorageError, match="no evaluated point"):
        plots.plot_command([str(folder)])


@pytest.mark.slow
def test_matplotlib_is_not_imported_with_the_module():
    """Importing plots, as the command line does, draws in no matplotlib."""
    code = ("import sys; from mlscanner.plotting import command; "
            "sys.exit('matplotlib' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], check=False,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    assert done.returncode == 0


@pytest.mark.slow
def test_drawing_leaves_the_settings_of_a_notebook_alone(tmp_path, fewer):
    """matplotlib's own settings and backend are as before."""
    import matplotlib as mpl
    before = dict(mpl.rcParams)
    fewer("corner")
    assert not plots.refresh(make_run(tmp_path / "DNNR", dim=1, n=40))
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
def test_the_same_run_gives_the_same_files(tmp_path, fewer):
    """Subsampling is not random and no date is written, so that results can be compared."""
    folder = make_run(tmp_path / "DNNR", dim=2, n=60)
    fewer("corner", "prediction")
    files = []
    for _ in range(2):
        plots.draw_pictures(load_run(folder))
        files.append({p.name: p.read_bytes() for p in (folder / "pictures").iterdir()})
    assert files[0] == files[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "CMS", "not installed"])
def test_styles(tmp_path, name):
    """The plain style, and an experiment's where mplhep is; without it the plain one."""
    run = load_run(make_run(tmp_path / "DNNR", n=40))
    with style.drawing(name):
        figure = plots.functions()["progress"](run)
        style.save(figure, tmp_path / "progress", ("png",))
    assert size(tmp_path / "progress.png")[0] == round(style.DPI * style.PAGE)


@pytest.mark.slow
def test_processes_draw_side_by_side(tmp_path, monkeypatch):
    """Two processes write the same files as one, and tell them in the same order."""
    monkeypatch.setattr(plots, "MANY", 1)
    files = {}
    for n_cores in (1, 2):
        folder = make_run(tmp_path / str(n_cores) / "DNNR", dim=1, n=20)
        written, problems = plots.draw_pictures(load_run(folder), ("png",), n_cores)
        assert problems == []
        files[n_cores] = [(name, path.read_bytes()) for name, path in written.items()]
    assert files[1] == files[2] and len(files[1]) >= len(ALWAYS) - 1     # no pairs


def marks(figure):
    """How many points of lines, bars, dots and cells a figure has."""
    return sum(sum(len(line.get_xdata()) for line in ax.lines) + len(ax.patches) + sum(
        max(len(c.get_offsets()), len(c.get_paths())) for c in ax.collections)
        for ax in figure.axes)


@pytest.mark.slow
def test_a_hundred_thousand_points_are_drawn_with_a_few_thousand_marks(tmp_path):
    """What is drawn, which takes the time, is bounded in each picture; seconds are for
    bench_pictures.py."""
    run = load_run(make_run(tmp_path / "DNNR", dim=2, n=100_000, iterations=6))
    with style.drawing():
        figures = {name: function(run) for name, function in plots.functions().items()}
    counts = {name: marks(figure) for name, figure in figures.items() if figure is not None}
    assert counts.keys() == ALWAYS and max(counts.values()) < 5000, counts
    assert min(counts[name] for name in ("corner", "failures")) > 4000      # no fewer than it could


def test_many_points_are_thinned_and_that_is_said(tmp_path, monkeypatch):
    """Where not all points are drawn the picture says how many are."""
    from mlscanner.plotting import pictures_scatter
    monkeypatch.setattr(pictures_scatter, "SCATTERED", 50)
    run = load_run(make_run(tmp_path / "DNNR", n=200))
    with style.drawing():
        figure = pictures_scatter.scatter(run, "mass", "rate")
    assert figure.axes[0].get_title(loc="right") == "50 of 200 points drawn"
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == 50


def test_a_broken_label_of_the_user_is_replaced(tmp_path):
    """LaTeX that cannot be drawn gives way to the label made from the name."""
    from mlscanner.plotting.labels import label
    assert label("Lambda1Input", r"$\broken{")[0] == r"$\lambda_1/2$"
    assert label("Lambda1Input", r"$\Lambda$")[0] == r"$\Lambda$"
    assert label("a_$name")[0] == r"a_\$name"
    assert label("x12")[0] == "$x_{12}$"
    run = load_run(make_run(tmp_path / "DNNR", n=5))
    assert run.axis("Lambda1Input").text == r"$\Lambda_{\rm one}$"
    assert run.axis("M12input").text.startswith("$-m_{12}^2$ [$10^{5}$ ")
    assert np.allclose(run.axis("M12input")([-3e5]), -3)


@pytest.mark.slow
def test_columns_that_are_asked_for_have_panels_of_their_own(tmp_path, monkeypatch, capsys):
    """--columns takes observables as it takes parameters, more than are shown else, and in their
    order."""
    monkeypatch.setattr(plot_data, "MOST", 2)
    folder = make_run(tmp_path / "DNNR", dim=4, n=60)
    names = ["rate", *load_run(folder).parameters[:2]]
    assert plots.plot_command([str(folder), "--columns", ",".join(names)]) == 0
    written = sorted((folder / "pictures").glob("*.txt"))
    assert len(written) == 3 and all(path.with_suffix(".pdf").is_file() for path in written)
    assert "over rate, Lambda1Input, M12input" in written[0].read_text().replace(" and ", ", ")
    assert "TanBeta" not in written[0].name
    for words in ("", "mass,mass", "mass,nothing"):
        with pytest.raises((InputError, StorageError), match=r"--columns|no column 'nothing'"):
            plots.plot_command([str(folder), "--columns", words or ","])
    capsys.readouterr()


def test_the_corner_plot_has_one_scale_of_numbers(tmp_path):
    """All panels of pairs share one grey scale and all of the diagonal one height: a panel whose
    points are spread is paler and lower."""
    run = load_run(make_run(tmp_path / "DNNR", dim=3, n=400))
    with style.drawing():
        figure = plots.functions()["corner"](run)
    axes = np.array(figure.axes)
    cells = [c for ax in axes for c in ax.collections if hasattr(c, "get_coordinates")]
    assert len(cells) == 3 and len({c.get_clim() for c in cells}) == 1
    counts = [np.nansum(c.get_array()) for c in cells]
    assert counts == [400] * 3 and max(np.nanmax(c.get_array()) for c in cells) == \
        cells[0].get_clim()[1]
    diagonal = [ax for ax in axes if ax.patches]
    assert len(diagonal) == 3 and len({ax.get_ylim() for ax in diagonal}) == 1
    heights = [[patch.get_data().values for patch in ax.patches] for ax in diagonal]
    assert all(every.sum() == 400 and good.sum() == run.inside.sum() for every, good in heights)
    assert "density means nothing" in figure.legends[0].get_texts()[-1].get_text()


def test_the_target_is_marked_in_a_scatter(tmp_path):
    """Points in it have a dark rim below the colour; the edge is a line on the colour bar, or on
    the axis of chi2."""
    from mlscanner.plotting.pictures_scatter import scatter
    run = load_run(make_run(tmp_path / "DNNR", n=200))
    n = int(run.inside.sum())
    with style.drawing():
        figure = scatter(run, "mass", "rate", "chi2")
        plain = scatter(run, "mass", "chi2")
    others, rim, good = figure.axes[0].collections
    assert len(rim.get_offsets()) == len(good.get_offsets()) == n > 0
    assert rim.get_sizes()[0] > good.get_sizes()[0] and len(others.get_offsets()) > 0
    assert figure.axes[1].lines[-1].get_ydata()[0] == 6.0
    assert plain.axes[0].lines[-1].get_ydata()[0] == 6.0


@pytest.mark.parametrize(("low", "high", "labels"), [
    (1e-3, 10, ["0.01", "0.1", "1"]), (1, 50, ["2", "5", "10", "20"]), (100, 110, ["102", "108"]),
    (-4e6, -10, ["-10000", "-100"]), (-4e9, -10, ["$-10^{5}$"])])
def test_a_log_prior_is_a_log_axis(tmp_path, low, high, labels):
    """Its labels are values with their sign at round places, its text has no logarithm."""
    from mlscanner.plotting.ticks import set_ticks
    run = load_run(make_run(tmp_path / "DNNR", dim=1, n=20, prior="log", ranges=((low, high),)))
    name = run.scanned[0]
    axis = run.axis(name)
    assert axis.value(axis([low, high])) == pytest.approx([low, high])
    assert "log" not in axis.text
    with style.drawing():
        ax = style.figure().subplots()
        ax.set_xlim(run.span(name))
        set_ticks(ax.xaxis, axis, run.span(name), 4, inner=True)
        shown = [t.get_text().replace("\N{MINUS SIGN}", "-") for t in ax.get_xticklabels()]
    assert [text for text in shown if text in labels] == labels
    assert len(shown) <= 5


@pytest.mark.parametrize(("name", "text"), [
    ("Lambda1Input", r"$\lambda_1/2$"), ("Lambda2Input", r"$\lambda_2/2$"),
    ("Lambda3Input", r"$\lambda_3$"), ("Lambda4Input", r"$\lambda_4$"),
    ("Lambda5Input", r"$\lambda_5$"), ("M12input", "$-m_{12}^2$"), ("M12inputt", "$-m_{12}^2$"),
    ("m12sq", "$m_{12}^2$")])
def test_inputs_of_sarah_have_their_factor_and_sign(name, text):
    """Its potential has Lambda1 |H1|^4 and Lambda2 |H2|^4 where others have halves of lambda_1 and
    lambda_2, and + M12 where they have - m12^2; the other three are the same."""
    assert label(name)[0] == text


@pytest.mark.parametrize("kind", ["corner", "failures", "scatter", "animation"])
def test_a_caption_of_points_says_that_their_density_means_nothing(tmp_path, kind):
    """Wherever points are drawn; that of profiles tells delta chi2 of the target instead."""
    run = load_run(make_run(tmp_path / "DNNR", dim=2, n=50))
    names = ("mass", "rate") if kind in ("scatter", "animation") else ()
    text = captions.caption(run, kind, names)
    assert "no other meaning and is not a probability" in text
    least = np.nanmin(run.distance)
    assert f"The target ends {4 - least:.4g} above that chi2." in text


def test_a_caption_has_the_cuts_that_matter(tmp_path):
    """Target, ranges and constraints; settings of a built-in model only where it evaluates."""
    from mlscanner.plotting.captions import cuts
    run = load_run(make_run(tmp_path / "DNNR", dim=2, n=20))
    run.settings["settings"] |= {"Precut": ["x > 0"], "THDM_type": "II", "Observables": [
        {"name": "mass", "value": 125.0, "sigma": 0.2}]}
    text = cuts(run)
    for said in ("Target: chi2 < 4.", "Parameter M12input: from -300000 to -1000, linear.",
                 "mass (value = 125.0, sigma = 0.2)", "Precut = ['x > 0'].", "THDM_type = 'II'."):
        assert said in text
    run.settings["settings"]["Calculator"] = "file.py:f"
    assert "THDM_type" not in cuts(run)
