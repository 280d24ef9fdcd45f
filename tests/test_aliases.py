"""A run folder, model and input file of version 1.0.0 do what those of today do."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mlscanner import aliases
from mlscanner.acquisition import generators, slots
from mlscanner.acquisition.descents import Descents
from mlscanner.acquisition.mirrors import Mirrors
from mlscanner.acquisition.rating_kinds import Regressed
from mlscanner.acquisition.surrogate import Surrogate
from mlscanner.cli.main import main
from mlscanner.models.saved_model import load_model
from mlscanner.store.checkpoint import unpack
from mlscanner.store.settings_file import load_settings
from mlscanner.store.state_file import State
from mlscanner.version import installed
from runner import rows, run

OLD = Path(__file__).parent / "data" / "run_1.0.0"


@pytest.fixture
def old(tmp_path):
    """A copy of it: scan_input.py, RFR/, and the points that 1.0.0 made with one iteration more."""
    return shutil.copytree(OLD, tmp_path / "old")


def test_old_names_are_in_the_files_and_not_what_is_read():
    """Settings, kinds of points and arrays of the state have the names of today."""
    text = (OLD / "RFR" / "scan_input_used.json").read_text()
    assert all(f'"{name}"' in text for name in aliases.SETTINGS)
    settings = load_settings(OLD / "RFR")["settings"]
    assert not set(settings) & set(aliases.SETTINGS)
    assert settings["Max_clusters"] == 6 and settings["Walk_optimism"] == 0.9
    assert load_model(OLD / "RFR").settings["Share_misclassified"] == 0.2
    arrays = State.load(OLD / "RFR").arrays
    assert set(aliases.ARRAYS) <= set(arrays)
    assert not set(aliases.current_arrays(arrays)) & set(aliases.ARRAYS)
    state = State.load(OLD / "RFR")
    assert all("judged" in h and "judge" in h["seconds"] for h in state.meta["history"])
    history = unpack(state, np.random.default_rng())[0]
    assert [h.evaluated for h in history] == [h["judged"] for h in state.meta["history"]]
    assert all("evaluate" in h.seconds and "judge" not in h.seconds for h in history)


@pytest.mark.slow
def test_it_can_be_extended(old, monkeypatch):
    """`--more` with the old input file and its defaults adds the points that 1.0.0 would have
    added, but for what it did not know: descents, images with other signs, the limit of draws from
    the prior, local processes, ridges by model and surrogate; steps of walks, prospects,
    clusters and batches have the numbers of 1.0.0."""
    monkeypatch.setattr(Descents, "wanted", lambda *_: 0)
    monkeypatch.setattr(Mirrors, "propose", lambda _, state, n: (state.points.u[:0], None))
    monkeypatch.setattr(slots, "draws_allowed", lambda points: len(points) + 10_000)
    monkeypatch.setattr(slots, "MANY", 500)
    monkeypatch.setattr(slots, "EVEN", 0.5)
    monkeypatch.setattr(slots, "GROWING", 2)
    monkeypatch.setattr(Surrogate, "_pieces", lambda *_: ())
    monkeypatch.setattr(Regressed, "height", lambda rater, u: rater.scale.outside(
        rater.scale.best(rater.model.predict(u)[0], u)))
    monkeypatch.setattr(generators, "aside",
                        lambda rng, shape: 1e-3 * rng.standard_normal(shape))
    with (old / "scan_input.py").open("a") as file:
        file.write("".join(f"{name} = {value}\n" for name, value in aliases.DEFAULTS.items()))
    before = (old / "RFR" / "points.csv").read_bytes()
    made_with = json.loads((old / "RFR" / "scan_input_used.json").read_text())["versions"]
    assert main(["RFR", "--input", str(old / "scan_input.py"), "--output", str(old),
                 "--more", "1"]) == 0
    assert (old / "RFR" / "points.csv").read_bytes().startswith(before)
    new, expected = rows(old / "RFR")[210:], rows(old / "one_more")
    assert [row["id"] for row in new] == [row["id"] for row in expected]
    packages = ("numpy", "scipy", "scikit-learn")
    if installed(packages) == {name: made_with.get(name) for name in packages}:
        for name in ("x1", "x2", "predicted", "value"):
            mine, his = ([float(row[name]) for row in table] for table in (new, expected))
            assert np.allclose(mine, his, rtol=1e-9, equal_nan=True), name
        assert [row["origin"] for row in new] == [aliases.current_origin(row["origin"])
                                                  for row in expected]


@pytest.mark.slow
def test_it_predicts_and_is_drawn(old, tmp_path):
    """`predict` and `plot` open it."""
    code, output = run(["predict", old / "RFR", old / "RFR" / "points.csv", "--output",
                        old / "answer.csv"], tmp_path / "log")
    assert code == 0, output
    answer = (old / "answer.csv").read_text().splitlines()
    assert len([line for line in answer if not line.startswith("#")]) == 211
    code, output = run(["plot", old / "RFR"], tmp_path / "log2")
    assert code == 0, output
    assert (old / "RFR" / "report.html").is_file()
