"""Saved models: the same numbers in another process, and nothing in a file is trusted."""

import hashlib
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mlscanner.errors import ModelFileError
from mlscanner.files import program
from mlscanner.models import model_writer, packed_trees
from mlscanner.models.model_writer import checksum
from mlscanner.models.registry import MODELS, make_model
from mlscanner.models.saved_model import load_model
from runner import PACKAGE
from trained import ASK, SMALL, X, fitted, known, save


class Runs(dict):
    """Saved models, made when asked for: name -> (model, run folder)."""

    def __init__(self, place):
        self.place = place

    def __missing__(self, name):
        self[name] = known(name), save(known(name), self.place / name)
        return self[name]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.mark.slow
def test_another_process_gives_the_same_numbers(runs, tmp_path):
    """Of every model, to 1e-5, without importing TensorFlow, or scikit-learn."""
    code = ("import sys, numpy as np; from mlscanner.models.saved_model import load_model\n"
            "for run in sys.argv[2:]:\n    np.save(run + '/answer.npy', "
            "load_model(run).model.predict(np.load(sys.argv[1])))\n"
            "sys.exit(any(n in sys.modules for n in ('tensorflow', 'sklearn')))")
    np.save(tmp_path / "ask.npy", ASK)
    every = {name: runs[name] for name in MODELS}
    subprocess.run([sys.executable, "-c", code, tmp_path / "ask.npy",
                    *(run for _, run in every.values())],
                   check=True, env={"PYTHONPATH": str(PACKAGE)})
    for name, (model, run) in every.items():
        assert np.abs(np.load(run / "answer.npy") - model.predict(ASK)).max() < 1e-5, name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DNNR", "DNNC"])
def test_plain_keras_opens_the_network(name, runs):
    """keras.models.load_model gives the committee's mean, to 1e-5, with no code of ours."""
    import keras
    model, run = runs[name]
    assert sorted(path.name for path in (run / "model").iterdir()) == ["model.json", "predict.npz"]
    load_model(run).model.write_keras(run / "network.keras")
    network = keras.models.load_model(run / "network.keras", safe_mode=True)
    answer = network.predict(ASK, verbose=0)[:, 0]
    assert np.abs(answer - model.predict(ASK)[0]).max() < 1e-5


@pytest.mark.parametrize("name", ["RFR", "RFC", "GBR"])
def test_many_points_go_through_scikit_learn(name, runs, monkeypatch):
    """Trees made of the saved arrays give the same numbers, of one value a point and of several."""
    loaded = load_model(runs[name][1]).model
    few = loaded.predict(ASK)
    asked = []
    made = packed_trees.PackedTrees._of_scikit_learn
    monkeypatch.setattr(packed_trees.PackedTrees, "_of_scikit_learn",
                        lambda self, width: asked.append(width) or made(self, width))
    monkeypatch.setattr(packed_trees, "_MANY", 1)
    assert np.array_equal(loaded.predict(ASK), few)
    assert asked


@pytest.mark.parametrize("file", ["model.json", "predict.npz"])
def test_any_changed_byte_is_refused(file, runs, tmp_path):
    """A flipped byte in any file of the model is found before anything is read from it."""
    run = save(runs["RFR"][0], tmp_path)
    path = run / "model" / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=file):
        load_model(run)


class Bomb:
    """An object whose unpickling writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def forge(run, name, data):
    """Replace a file of the model and make the checksums right, as an attacker would."""
    (run / "model" / name).write_bytes(data)
    path = run / "model" / "model.json"
    content = json.loads(path.read_text())
    content["files"][name] = hashlib.sha256(data).hexdigest()
    content["checksum"] = checksum(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("name", [pytest.param("DNNR", marks=pytest.mark.slow), "RFR"])
def test_a_forged_file_runs_nothing(name, runs, tmp_path):
    """Pickled objects, with all checksums right, are refused and never executed."""
    mark = tmp_path / "exploded"
    for data in (pickle.dumps(Bomb(mark)), _archive(tmp_path, Bomb(mark))):
        run = save(runs[name][0], tmp_path)
        forge(run, "predict.npz", data)
        with pytest.raises(ModelFileError, match="damaged"):
            load_model(run)
    assert not mark.exists()


def _archive(place, thing):
    """Bytes of an npz file that holds a pickled object."""
    np.savez(place / "bomb.npz", weights_0_0=np.array([thing], object))
    return (place / "bomb.npz").read_bytes()


@pytest.mark.parametrize(("name", "forged", "words"), [
    ("left", lambda a, inner: a.__setitem__(inner, 0), "out of itself"),    # walked for ever
    ("right", lambda a, inner: a.__setitem__(inner, len(a) - 1), "out of itself"),
    ("feature", lambda a, inner: a.__setitem__(inner, 1000), "more than the features"),
    ("root", lambda a, _: a.__setitem__(1, 0), "do not follow"),
    ("root", lambda a, _: a.__setitem__(-1, 10**9), "do not follow")])
def test_trees_that_leave_their_arrays_are_refused(name, forged, words, runs, tmp_path):
    """Compiled code walks them: nothing may lead it out of its memory, or for ever in a circle."""
    run = save(runs["RFR"][0], tmp_path)
    with np.load(run / "model" / "predict.npz") as file:
        arrays = {k: file[k] for k in file.files}
    inner = np.flatnonzero(arrays["tree_left"] > np.arange(len(arrays["tree_left"])))[1]
    forged(arrays[f"tree_{name}"], inner)
    np.savez(tmp_path / "f.npz", **arrays)
    forge(run, "predict.npz", (tmp_path / "f.npz").read_bytes())
    with pytest.raises(ModelFileError, match=words):
        load_model(run)


@pytest.mark.parametrize("codes", [np.ones((1, 3), int), np.ones(2, int), np.ones((3, 0), int)])
def test_codes_of_another_box_are_refused(codes, runs, tmp_path):
    """A symmetry of more signs than the box has, or that is none, is refused in words."""
    run = save(runs["RFR"][0], tmp_path)
    with np.load(run / "model" / "predict.npz") as file:
        np.savez(tmp_path / "f.npz", **file, symmetry_codes=codes)
    forge(run, "predict.npz", (tmp_path / "f.npz").read_bytes())
    with pytest.raises(ModelFileError, match="rain the model again"):
        load_model(run)


@pytest.mark.parametrize("change", [
    {"files": ["predict.npz"]}, {"files": {"predict.npz": 1}},
    {"files": {"predict.npz": "", "n" * 5000: ""}},
    {"files": {"predict.npz": "", "../up": ""}}, {"files": {"predict.npz": "", "a\x1b[2J": ""}},
    {"dim": 0}, {"dim": 10**9}, {"dim": "2"}, {"dim": None}, {"version": 1}, {"versions": []},
    {"settings": []}, {"held_out": 1}, {"name": ["RFR"]}, {"kind": []},
    {"dim": 3}, {"dim": 1}, {"outputs": 10**9}, {"outputs": -1}, {"outputs": "1"}, {"outputs": 2},
    {"constant": [0.5]}, {"constant": [[1.0, 2.0], [3.0]]}, {"constant": [float("nan"), 1.0]},
    {"constant": 7}])
def test_a_resealed_description_is_refused(change, runs, tmp_path):
    """With its checksum right, and things in it that no model has: in words, nothing is loaded."""
    run = save(runs["RFR"][0], tmp_path)
    path = run / "model" / "model.json"
    content = json.loads(path.read_text()) | change
    content["checksum"] = checksum(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match="rain the model again") as caught:
        load_model(run)
    assert "\x1b" not in str(caught.value)


def test_an_archive_that_would_unpack_to_gigabytes_is_refused(runs, tmp_path):
    """By its directory, before anything is unpacked."""
    run = save(runs["RFR"][0], tmp_path)
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(1000))
        archive.infolist()[0].file_size = 3_000_000_000
    forge(run, "predict.npz", (tmp_path / "bomb").read_bytes())
    with pytest.raises(ModelFileError, match="would unpack to 3.0 GB"):
        load_model(run)


def test_versions_are_told(runs, tmp_path):
    """A newer format is refused, another version of the program warns, both in words."""
    run = save(runs["RFR"][0], tmp_path)
    path = run / "model" / "model.json"
    content = json.loads(path.read_text()) | {"version": "99.0"}
    content["checksum"] = checksum(content)
    path.write_text(json.dumps(content))
    with pytest.warns(UserWarning, match="saved by version 99.0"):
        load_model(run)
    path.write_text(json.dumps(content | {"format": 2}))
    with pytest.raises(ModelFileError, match="Use that version"):
        load_model(run)


def test_missing_and_half_replaced_folders(runs, tmp_path):
    """No model: what to do. A crash while the folder is replaced leaves the old one readable."""
    with pytest.raises(ModelFileError, match=program()):
        load_model(tmp_path)
    run = save(runs["RFR"][0], tmp_path)
    (run / "model").rename(run / "model.old")
    assert load_model(run).kind == "regressor"
    save(runs["RFR"][0], tmp_path)
    assert not (run / "model.old").exists() and not (run / "model.new").exists()


def test_a_link_to_another_disk_stays_one(tmp_path):
    """`model` may be a link: saved three times, each replaces what it leads to; a save that was
    killed between its two renames is read from there."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "run").mkdir()
    link = tmp_path / "run" / "model"
    link.symlink_to(tmp_path / "disk" / "m")
    for _ in range(3):
        save(fitted("RFR"), tmp_path / "run")
        assert link.is_symlink() and load_model(tmp_path / "run").names == ("a", "b")
        assert [p.name for p in (tmp_path / "disk").iterdir()] == ["m"]
    (tmp_path / "disk" / "m").rename(tmp_path / "disk" / "m.old")
    assert load_model(tmp_path / "run").names == ("a", "b")


def test_every_file_of_a_model_is_forced_onto_the_disk(tmp_path, monkeypatch):
    """Each one before the folder gets its name; the names after it."""
    forced = []
    monkeypatch.setattr(model_writer, "sync", lambda handle: forced.append(
        Path(f"/proc/self/fd/{handle}").readlink().name))
    monkeypatch.setattr(model_writer, "sync_folder", lambda folder: forced.append(folder.name))
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no names of open files on this system")
    run = save(fitted("RFR"), tmp_path / "run")
    files = sorted(p.name for p in (run / "model").iterdir())
    assert sorted(forced[:-2]) == files and forced[-2:] == ["model.new", "run"]


def test_a_model_without_anything_to_learn_comes_back(tmp_path):
    """One class only: saved and loaded like any other."""
    model = make_model("RFC", SMALL, 2).fit(X, np.zeros(len(X)), 1)
    loaded = load_model(save(model, tmp_path))
    assert np.array_equal(loaded.model.predict(ASK), model.predict(ASK))
