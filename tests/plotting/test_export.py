"""export: what is read back is what is stored; tables of LaTeX have labels, units and digits."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mlscanner.cli.main import main
from mlscanner.errors import InputError
from mlscanner.plotting.export import _whole, chosen_rows, digits, spread_out
from mlscanner.plotting.labels import latex, unit_text
from mlscanner.plotting.plot_data import load_run
from plot_runs import make_run

MASS = {"name": "mass", "label": r"$m_X$", "unit": "GeV^2", "value": 0.0, "sigma": 0.2}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run folder with a label and a unit; the current folder is empty."""
    folder = make_run(tmp_path / "runs" / "DNNR")
    path = folder / "scan_input_used.json"
    content = json.loads(path.read_text())
    content["settings"]["Observables"] = [MASS]
    path.write_text(json.dumps(content))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


def test_csv_has_the_good_points_and_the_columns_asked_for(run, capsys):
    """Each number with all its digits; a file that is there is left as it is."""
    assert main(["export", str(run), "--as", "csv", "--good", "--columns", "TanBeta,mass"]) == 2
    assert main(["export", str(run), "--as", "csv", "--good", "--columns", "id,mass,status"]) == 0
    with Path("DNNR.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    data = load_run(run)
    assert [int(r["id"]) for r in rows] == data.table["id"][data.inside].tolist()
    assert [float(r["mass"]) for r in rows] == data.table["mass"][data.inside].tolist()
    assert {r["status"] for r in rows} == {"ok"}
    assert main(["export", str(run), "--as", "csv"]) == 2
    assert "was not changed" in capsys.readouterr().err
    assert main(["export", "nothing", "--as", "csv"]) == 2
    assert main(["export", str(run), "--as", "csv", "--best", "0", "--to", "x"]) == 2


def test_to_is_a_file_and_the_kind_follows_from_its_ending(run, capsys):
    """--to FILE, --as KIND, a run in another folder; the words of before; what is refused."""
    there = ["--output", str(run.parent), "--columns", "id"]
    assert main(["export", "DNNR", "--to", "mine.csv", *there]) == 0
    whole = Path("mine.csv").read_text()
    assert main(["export", "DNNR", "--to", "mine.txt", "--as", "csv", *there]) == 0
    assert Path("mine.txt").read_text() == whole
    assert main(["export", "DNNR", "--to", "csv", *there]) == 0
    assert Path("DNNR.csv").read_text() == whole
    assert main(["export", "DNNR", "--to", "csv", "--file", "old.csv", *there]) == 0
    assert Path("old.csv").read_text() == whole
    capsys.readouterr()
    assert main(["export", "DNNR", "--to", "new.xls", *there]) == 2
    assert main(["export", "DNNR", *there]) == 2
    told = capsys.readouterr().err
    assert "new.xls has none of the endings .csv, .tex" in told
    assert "No kind of file is given" in told


def test_a_table_of_latex(run):
    """A column a point, the best first; label, unit, and two digits of the uncertainty."""
    assert main(["export", str(run), "--as", "latex", "--best", "3"]) == 0
    text = Path("DNNR.tex").read_text()
    data = load_run(run)
    best = np.argsort(np.where(np.isfinite(data.distance), data.distance, np.inf))[:3]
    line = next(line for line in text.splitlines() if line.startswith("$m_X$"))
    assert line == r"$m_X$ [${\rm GeV}^{2}$] & " + " & ".join(
        f"${data.table['mass'][i]:.2f}$" for i in best) + r" \\"
    assert r"a\_long\_parameter\_name" in text and r"$\Lambda_{\rm one}$" in text
    assert f"% points with id {', '.join(str(data.table['id'][i]) for i in best)}" in text


def test_a_table_has_words_and_each_column_once(run, capsys):
    """Columns that are asked for are all there, words too, none twice, and are counted right."""
    assert main(["export", str(run), "--as", "latex", "--columns", "status,mass,status",
                 "--best", "2", "--to", "a.tex"]) == 0
    table = Path("a.tex").read_text()
    assert table.count("status & ok & ok") == 1 and table.count("$m_X$") == 1
    assert "2 points, 2 columns: a.tex" in capsys.readouterr().out
    assert main(["export", str(run), "--as", "latex", "--to", "b.tex"]) == 0
    n = sum(r" \\" in line for line in Path("b.tex").read_text().splitlines()) - 1
    assert f"{n} columns: b.tex" in capsys.readouterr().out


def test_whole_numbers_and_choices_are_whole_in_a_table(run):
    """They are exact: no digits behind a decimal point that they do not have."""
    path = run / "scan_input_used.json"
    content = json.loads(path.read_text())
    first = content["parameters"][0]
    first.update(prior="choice [1, 2.5, 12345]", low=None, high=None)
    path.write_text(json.dumps(content))
    data = load_run(run)
    assert main(["export", str(run), "--as", "latex", "--columns", first["name"], "--best",
                 "2"]) == 0
    best = np.argsort(np.where(np.isfinite(data.distance), data.distance, np.inf))[:2]
    cells = Path("DNNR.tex").read_text().splitlines()[4].removesuffix(r" \\").split(" & ")[1:]
    assert cells == [f"${data.table[first['name']][i]:.10g}$" for i in best]
    assert main(["export", str(run), "--as", "latex", "--columns", "id,iteration", "--best", "2",
                 "--to", "ids.tex"]) == 0
    assert f"id & ${data.table['id'][best[0]]}$ & " in Path("ids.tex").read_text()
    assert _whole(np.array([111.0, np.nan, 7.0])) and not _whole(np.array([1.0, 2.5]))
    assert not _whole(np.array([np.nan]))


def test_benchmark_points_are_far_apart(run):
    """The first is the best one; each further one is the farthest from those before it."""
    assert main(["export", str(run), "--as", "csv", "--spread", "4", "--over", "mass,rate"]) == 0
    with Path("DNNR.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    data = load_run(run)
    assert int(rows[0]["id"]) == data.table["id"][np.nanargmin(data.distance)]
    assert len(rows) == 4 and {r["in_target"] for r in rows} == {"1"}
    corners = np.array([[0, 0], [0.1, 0], [1, 1], [0, 1], [0.2, 0.1]], float)
    assert spread_out(corners, 3).tolist() == [0, 2, 3]
    assert spread_out(np.zeros((5, 2)), 3).tolist() == [0]


@pytest.mark.parametrize(("value", "width", "text"), [
    (125.2534, 0.2, "$125.25$"), (125.2534, 20.0, "$125$"), (125.2534, None, "$125.3$"),
    (1.23456e-9, None, r"$1.235 \times 10^{-9}$"), (1.23456e-9, 1e-11, r"$1.235 \times 10^{-9}$"),
    (float("nan"), None, "--"), (7, None, "7"), (0.0, 0.1, "$0.000$")])
def test_digits_that_matter(value, width, text):
    """Two digits of the uncertainty, four of a number without one, powers of ten as LaTeX."""
    assert digits(value, width) == text


@pytest.mark.parametrize(("chi2", "why"), [(9.0, "no point is in the target"),
                                           (np.nan, "every point failed or breaks a hard limit")])
def test_why_there_is_no_point_to_choose(chi2, why):
    """Points outside of the target, or failed ones only."""
    run = SimpleNamespace(folder="DNNR", distance=np.full(3, chi2), inside=np.zeros(3, bool))
    args = SimpleNamespace(best=None, spread=2, kind="latex", good=False)
    with pytest.raises(InputError, match=why):
        chosen_rows(run, args)


def test_units_and_labels_of_any_text():
    """Powers are set as such; what is no LaTeX is escaped."""
    assert unit_text("GeV") == r"${\rm GeV}$"
    assert unit_text("cm^2") == r"${\rm cm}^{2}$"
    assert unit_text("$\\mu$b") == "$\\mu$b"
    assert unit_text("%") == r"${\rm \%}$"
    assert latex("a_b%", "a_b%") == r"a\_b\%"
    assert latex("a", r"BR$(h_1 \to S)$ [%] \& c_d{") == r"BR$(h_1 \to S)$ [\%] \& c\_d\{"


def test_parquet_comes_back(run):
    """All columns, numbers and words; label and unit stand with the column."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    assert main(["export", str(run), "--as", "parquet"]) == 0
    table, data = parquet.read_table("DNNR.parquet"), load_run(run)
    for name, column in data.table.items():
        np.testing.assert_array_equal(table[name].to_pylist(), column.tolist())
    assert table.schema.field("mass").metadata == {b"label": b"$m_X$", b"unit": b"GeV^2"}


def test_hdf5_comes_back(run):
    """A data set a column in the group `points`."""
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    assert main(["export", str(run), "--as", "hdf5"]) == 0
    data = load_run(run)
    with h5py.File("DNNR.hdf5") as file:
        np.testing.assert_array_equal(file["points/mass"][:], data.table["mass"])
        assert file["points/status"].asstr()[:].tolist() == data.table["status"].tolist()
        assert file["points/mass"].attrs["unit"] == "GeV^2" and file.attrs["model"] == "DNNR"


def test_root_comes_back(run, capsys):
    """The tree `points` has every number; words are left out, and that is said."""
    uproot = pytest.importorskip("uproot", reason="uproot is not installed")
    assert main(["export", str(run), "--as", "root", "--good"]) == 0
    data = load_run(run)
    with uproot.open("DNNR.root") as file:
        mass = file["points"]["mass"].array(library="np")
        ok = file["points"]["ok"].array(library="np")
    np.testing.assert_array_equal(mass, data.table["mass"][data.inside])
    assert (ok == 1).all() and "status" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["parquet", "hdf5", "root"])
def test_a_package_that_is_missing_is_named(run, kind, monkeypatch, capsys):
    """The message says what to install, or to write CSV."""
    import importlib
    def gone(name, package=None):
        raise ImportError(name)
    monkeypatch.setattr(importlib, "import_module", gone)
    assert main(["export", str(run), "--as", kind]) == 2
    assert "pip install" in capsys.readouterr().err
