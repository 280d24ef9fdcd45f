"""The command profile: pictures, captions and the table of intervals of made-up runs."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.cli.main import main
from mlscanner.errors import InputError, StorageError
from mlscanner.plotting import style
from mlscanner.plotting.pictures_contours import contours
from mlscanner.plotting.plot_data import load_run
from mlscanner.plotting.profile import allowed_chi2, doubts, physical, profile_command, profile_of
from mlscanner.statistics.profiles import CONFIDENCE, make_profile
from plot_runs import make_run


def rows(path):
    """Rows of a CSV file as dicts."""
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_contours_of_two_parameters(tmp_path, capsys):
    """Picture, PDF, caption and intervals are there; the intervals hold the true middle."""
    folder = make_run(tmp_path / "DNNR", 2, 2000)
    assert profile_command([str(folder), "--x", "Lambda1Input", "--y", "M12input"]) == 0
    stem = folder / "pictures" / "profile_Lambda1Input_M12input"
    assert {p.suffix for p in stem.parent.iterdir()} == {".png", ".pdf", ".txt", ".csv"}
    text = stem.with_suffix(".txt").read_text()
    assert "2.30 and 6.18" in text and "2000 evaluated points" in text
    assert "does not rise" not in text
    assert text.count("Best point") == 1
    table = rows(stem.with_suffix(".csv"))
    first = table[0]
    assert first["column"] == "Lambda1Input" and first["delta_chi2"] == "1"
    # chi2 = (u - 0.6)^2 / 0.01: +-0.1 of the range 0 to 10
    assert float(first["low"]) == pytest.approx(5, abs=0.3)
    assert float(first["high"]) == pytest.approx(7, abs=0.3)
    out = capsys.readouterr().out
    assert "68.3 %" in out and "95.4 %" in out and str(stem) in out


@pytest.mark.slow
def test_one_column_that_is_an_observable(tmp_path, capsys):
    """Observables are allowed; no range cuts their intervals."""
    folder = make_run(tmp_path / "DNNR", 2, 500)
    assert profile_command([str(folder), "--x", "rate"]) == 0
    assert (folder / "pictures" / "profile_rate.pdf").exists()
    assert "|" not in capsys.readouterr().out.split("ends there):")[1]


def test_all_parameters_as_a_table(tmp_path, capsys):
    """Without --x: intervals of each scanned parameter, and no picture."""
    folder = make_run(tmp_path / "DNNR", 3, 500)
    assert profile_command([str(folder)]) == 0
    assert [p.name for p in (folder / "pictures").iterdir()] == ["profile.csv"]
    assert len({row["column"] for row in rows(folder / "pictures" / "profile.csv")}) == 3


@pytest.mark.slow
def test_a_logarithmic_parameter_keeps_its_sign_and_unit(tmp_path, capsys):
    """The profile is made of logarithms, the table of the numbers themselves."""
    folder = make_run(tmp_path / "DNNR", 2, 3000)
    settings = json.loads((folder / "scan_input_used.json").read_text())
    settings["parameters"][1]["prior"] = "log"
    (folder / "scan_input_used.json").write_text(json.dumps(settings))
    assert profile_command([str(folder), "--x", "M12input"]) == 0
    first = rows(folder / "pictures" / "profile_M12input.csv")[0]
    middle = -3e5 + 0.6 * (3e5 - 1e3)
    assert float(first["low"]) < middle < float(first["high"]) < 0


def test_points_outside_of_a_hard_limit_are_no_best_point(tmp_path):
    """Their chi2 holds a penalty, or is not allowed: they count as excluded."""
    folder = make_run(tmp_path / "DNNR", 2, 300, reason="outside: m (1 > 0)")
    text = (folder / "points.csv").read_text().replace("tachyon", "ok").splitlines()
    (folder / "points.csv").write_text("\n".join(text).replace(",nan,", ",0.0,") + "\n")
    run = load_run(folder)
    chi2 = allowed_chi2(run)
    outside = np.array([r.startswith("outside") for r in run.table["reason"]])
    assert outside.any() and run.ok.all()
    assert np.isnan(chi2[outside]).all() and np.isfinite(chi2[~outside]).all()


@pytest.mark.parametrize(("words", "kind", "message"), [
    (["--y", "M12input"], InputError, "needs --x"),
    (["--x", "M12input", "--y", "M12input"], InputError, "both M12input: expected two different"),
    (["--x", "M12inpt"], StorageError, "Did you mean M12input?"),
    (["--z", "1"], InputError, "--help"),
])
def test_what_is_wrong_with_the_command(tmp_path, words, kind, message):
    """Each mistake is one clear error."""
    folder = make_run(tmp_path / "DNNR", 2, 100)
    with pytest.raises(kind, match=message):
        profile_command([str(folder), *words])


def test_a_target_that_is_a_band(tmp_path):
    """A profile needs chi2, and the command says so."""
    folder = make_run(tmp_path / "DNNR", 2, 100)
    head, rest = (folder / "points.csv").read_text().split("\n", 1)
    (folder / "points.csv").write_text(head.replace("chi2", "value") + "\n" + rest)
    with pytest.raises(StorageError, match="needs chi2"):
        profile_command([str(folder)])


def test_the_command_line_knows_it(tmp_path, capsys):
    """`profile` is a command beside the others."""
    folder = make_run(tmp_path / "DNNR", 2, 100)
    assert main(["profile", str(folder)]) == 0
    assert "Intervals" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("words", [["Lambda1Input", "M12input"], ["Lambda1Input"]])
def test_no_region_goes_beyond_a_pre_cut_of_its_columns(tmp_path, words):
    """No point is beyond that keeps the region out, and it went on by a cell and a half. A cut of
    other columns, too, says nothing about a place."""
    folder = make_run(tmp_path / "DNNR", 2, 1500)
    settings = json.loads((folder / "scan_input_used.json").read_text())
    edge = "8 + M12input/1e5" if len(words) > 1 else "6.2"
    settings["settings"]["Precut"] = [f"Lambda1Input < {edge}", "Lambda1Input + mass < -1e9"]
    (folder / "scan_input_used.json").write_text(json.dumps(settings))
    head, *lines = (folder / "points.csv").read_text().splitlines()

    def allowed(x, y):
        return x < (8 + y / 1e5 if len(words) > 1 else 6.2)
    kept = [line for line in lines if allowed(*map(float, line.split(",")[3:5]))]
    (folder / "points.csv").write_text("\n".join([head, *kept]) + "\n")
    run = load_run(folder)
    profile = profile_of(run, allowed_chi2(run), words)
    x, *y = (physical(run, name)(profile.places(profile.region(CONFIDENCE[1]))[:, k])
             for k, name in enumerate(words))
    assert allowed(x, *(y or [0.0])).all()
    assert x.max() > 6.1 and (profile.halves[0] < 4).any()


def test_what_is_not_settled_is_hatched(tmp_path):
    """With few points a part of the picture is hatched, and the legend says what that is."""
    folder = make_run(tmp_path / "DNNR", 2, 60)
    run = load_run(folder)
    names = ["Lambda1Input", "M12input"]
    profile = profile_of(run, allowed_chi2(run), names)
    settled = replace(profile, halves=(profile.delta, profile.delta))
    with style.drawing():
        figures = [contours(run, made, *names) for made in (profile, settled)]
    drawn = [[c for c in f.axes[0].collections if any(getattr(c, "hatches", None) or [])]
             for f in figures]
    assert [len(c) for c in drawn] == [1, 0]
    said = [[t.get_text() for t in f.legends[0].get_texts()] for f in figures]
    assert said == [["68.3 %", "95.4 %", "not settled"], ["68.3 %", "95.4 %"]]


@pytest.mark.slow
def test_what_is_not_sure_of_a_region_is_said():
    """An edge to which chi2 does not rise, and halves that differ; of one column these only."""
    rng = np.random.default_rng(1)
    at = rng.uniform(-3, 3, (1500, 2))
    chi2 = np.where(at[:, 0] > 0.5, np.nan, (at ** 2).sum(1))
    told = doubts(make_profile(at, chi2, [-3, -3], [3, 3]))
    assert "(hatched)" in told and "of its edge chi2 does not rise to the level" in told
    assert "rise" not in doubts(make_profile(at[:, :1], chi2, [-3], [3]))
