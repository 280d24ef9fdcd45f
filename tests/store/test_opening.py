"""Which folder a run works in: resumed, extended, refused or new, and why."""

import json
import shutil
import socket

import numpy as np
import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.errors import StorageError
from mlscanner.store import opening, settings_file
from mlscanner.store.opening import open_run
from mlscanner.store.settings_file import load_settings, save_settings
from mlscanner.store.state_file import State

CONFIG = make_config(Calculator="F_2d")


def opened(config, output, **how):
    """Open and give back; returns the Run."""
    run = open_run(config, "RFR", output, **how)
    run.lock.release()
    return run


def end(folder, reason="N_iteration: done"):
    State({"reason": reason}, {"u": np.zeros(2)}).save(folder)


def test_an_unfinished_run_is_gone_on_with_and_a_finished_one_not(tmp_path):
    """The same command resumes, until the run has ended; then it starts RFR_2."""
    first = opened(CONFIG, tmp_path)
    assert (first.folder.name, first.resumed) == ("RFR", False)
    assert (opened(CONFIG, tmp_path).folder.name, opened(CONFIG, tmp_path).resumed) == ("RFR", True)
    end(first.folder, None)
    assert opened(CONFIG, tmp_path).resumed
    end(first.folder)
    assert (opened(CONFIG, tmp_path).folder.name, opened(CONFIG, tmp_path).resumed) == \
        ("RFR_2", True)  # the second look finds the RFR_2 that the first one began


def test_new_and_more(tmp_path):
    """--new never touches what is there; --more opens the newest run, finished or not."""
    with pytest.raises(StorageError, match="--more 3: there is no run of RFR in"):
        opened(CONFIG, tmp_path, more=3)
    folder = opened(CONFIG, tmp_path).folder
    assert opened(CONFIG, tmp_path, new=True).folder.name == "RFR_2"
    end(tmp_path / "RFR_2")
    run = opened(CONFIG, tmp_path, more=3)
    assert (run.folder.name, run.resumed) == ("RFR_2", True)
    assert folder.exists()


def test_changed_settings_are_named(tmp_path):
    """What would change the points is refused, with old and new value and both ways out."""
    opened(CONFIG, tmp_path)
    other = make_config(Calculator="F_2d", Seed=7, Size_batch_K=10, N_Cores=1)
    with pytest.raises(StorageError) as caught:
        opened(other, tmp_path)
    text = str(caught.value)
    assert "Seed = 7 (was 1)" in text
    assert "Size_batch_K = 10 (was 200)" in text
    assert "N_Cores" not in text
    assert "--new" in text
    assert "Set them back" in text
    assert opened(other, tmp_path, new=True).folder.name == "RFR_2"


def test_a_default_of_an_earlier_version_is_no_change(tmp_path):
    """A run that was begun with it goes on with today's; another value of then does not."""
    opened(make_config(Calculator="F_2d", Probability_power=0.5, Frac_random_points=0.05), tmp_path)
    assert opened(CONFIG, tmp_path).resumed
    with pytest.raises(StorageError, match=r"Probability_power = 0.7 \(was 0.5\)"):
        opened(make_config(Calculator="F_2d", Probability_power=0.7), tmp_path)
    opened(make_config(Calculator="F_2d", Probability_power=0.7), tmp_path, new=True)
    with pytest.raises(StorageError, match=r"Probability_power = None \(was 0.7\)"):
        opened(CONFIG, tmp_path)


@pytest.mark.parametrize("setting", [{"N_Cores": 7}, {"N_iteration": 9}, {"Target_points": 3},
                                     {"Max_evaluations": 9}, {"Max_time": 5.0},
                                     {"MAE_tolerance": 0.1}, {"Timeout_point": 1.0}])
def test_settings_that_may_change(tmp_path, setting):
    """Cores, stop rules and time limits: gone on with, and said."""
    opened(CONFIG, tmp_path)
    run = opened(make_config(Calculator="F_2d", **setting), tmp_path)
    assert run.resumed
    (name, value), = setting.items()
    assert f"{name} = {value!r} (was " in " ".join(run.notes)


def test_other_versions_of_packages_are_said(tmp_path, monkeypatch):
    """Numbers may depend on them, so the resumed run says what is different."""
    opened(CONFIG, tmp_path)
    monkeypatch.setattr(settings_file, "package_versions", lambda: {"numpy": "99.0"})
    assert any("numpy 99.0 (was " in note for note in opened(CONFIG, tmp_path).notes)


def test_leftovers_of_a_killed_run_go(tmp_path):
    """Temporary files of an interrupted replacement do not pile up."""
    folder = opened(CONFIG, tmp_path).folder
    (folder / ".state.npz.99.tmp").write_text("half")
    opened(CONFIG, tmp_path)
    assert not (folder / ".state.npz.99.tmp").exists()


def test_the_second_of_two_is_refused(tmp_path):
    """While a run holds its folder, the same command says so; --new is possible."""
    first = open_run(CONFIG, "RFR", tmp_path)
    with pytest.raises(StorageError, match="in use by process"):
        opened(CONFIG, tmp_path)
    assert opened(CONFIG, tmp_path, new=True).folder.name == "RFR_2"
    first.lock.release()


@pytest.mark.parametrize(("name", "content"), [
    ("state.npz", b""), ("state.npz", b"PK\x03\x04"), ("scan_input_used.json", b"{"),
    ("scan_input_used.json", None)])
def test_damage_is_refused_and_new_goes_on(tmp_path, name, content):
    """A damaged or missing file is one error, the lock is given back, --new works."""
    folder = opened(CONFIG, tmp_path).folder
    end(folder, None)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    for _ in range(2):
        with pytest.raises(StorageError, match=f"{name}.*--new"):
            opened(CONFIG, tmp_path)
    assert opened(CONFIG, tmp_path, new=True).folder.name == "RFR_2"


def test_points_without_state_are_not_overwritten(tmp_path):
    """Without its state a run cannot be gone on with exactly; its points are left alone."""
    folder = opened(CONFIG, tmp_path).folder
    (folder / "points.csv").write_text("id,iteration,origin\n0,0,design\n")
    with pytest.raises(StorageError, match="has evaluated points but no state.npz.*--new"):
        opened(CONFIG, tmp_path)
    assert (folder / "points.csv").read_text().endswith("0,0,design\n")


def test_a_folder_that_can_not_be_filled_is_not_left(tmp_path, monkeypatch):
    """When even the settings do not fit on the disk, no empty run folder stays."""
    def full(folder, content):
        raise StorageError("the disk is full")

    monkeypatch.setattr(opening, "save_settings", full)
    with pytest.raises(StorageError):
        opened(CONFIG, tmp_path)
    assert not (tmp_path / "RFR").exists()


def test_an_old_finished_run_may_be_read_only(tmp_path, monkeypatch):
    """A new run needs no lock in a finished one."""
    folder = opened(CONFIG, tmp_path).folder
    end(folder)
    locked = []
    lock = opening.RunLock
    monkeypatch.setattr(opening, "RunLock", lambda f: (locked.append(f.name), lock(f))[1])
    assert opened(CONFIG, tmp_path).folder.name == "RFR_2"
    assert locked == ["RFR_2"]


def test_every_setting_is_recorded(tmp_path):
    """scan_input_used.json has all effective settings, versions, model and parameters."""
    content = load_settings(opened(CONFIG, tmp_path).folder)
    assert content["settings"] == json.loads(json.dumps(CONFIG.as_dict()))
    assert content["model"] == "RFR"
    assert "numpy" in content["versions"]
    assert len(content["parameters"]) == 2


def test_a_copied_run_folder_is_a_run_folder(tmp_path):
    """Moved or copied elsewhere, a run is gone on with."""
    folder = opened(CONFIG, tmp_path / "a").folder
    (tmp_path / "b").mkdir()
    shutil.copytree(folder, tmp_path / "b" / "RFR")
    assert opened(CONFIG, tmp_path / "b").resumed
    save_settings(folder, {"settings": {}})  # the original is not the copy
    assert opened(CONFIG, tmp_path / "b").resumed


def test_a_start_killed_in_its_first_moments_leaves_no_gap(tmp_path):
    """An empty folder with a stale lock is used by the next run; one with a file is not."""
    config = make_config(Calculator="F_2d")
    (tmp_path / "RFR").mkdir()
    (tmp_path / "RFR" / "lock").write_text(
        json.dumps({"pid": 999999, "host": socket.gethostname()}))
    run = open_run(config, "RFR", tmp_path)
    assert run.folder == tmp_path / "RFR"
    run.lock.release()
    (tmp_path / "GBR").mkdir()
    (tmp_path / "GBR" / "notes.txt").write_text("mine")
    run = open_run(config, "GBR", tmp_path)
    assert run.folder == tmp_path / "GBR_2"
    assert (tmp_path / "GBR" / "notes.txt").read_text() == "mine"
    run.lock.release()
