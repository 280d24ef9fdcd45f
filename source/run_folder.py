"""Which run folder a scan works in: a new one, an unfinished one, or one to be extended."""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from errors import StorageError
from parameters import Box
from points_file import NAME
from storage import RunLock, State, load_settings, new_run_folder, run_folders, save_settings
from version import __version__

PACKAGES = ("numpy", "scipy", "tensorflow", "scikit-learn", "imbalanced-learn", "pebble")
# settings that may differ when a run is gone on with: they do not change what is proposed
FREE = ("N_Cores", "N_iteration", "Target_points", "Max_evaluations", "Max_time", "MAE_tolerance",
        "Live_plots", "input_file")


@dataclass
class Run:
    """An opened, locked run folder.

    Attributes
    ----------
    folder : Path
    resumed : bool
        It held a run to go on from.
    lock : RunLock
    notes : list of str
        What the user should know about how it was opened.
    """

    folder: Path
    resumed: bool
    lock: RunLock
    notes: list


def open_run(config, model, output, new=False, more=0):
    """Open the run folder for a scan with `model` under `output`.

    The newest folder of the model is gone on from when its run is unfinished, or is to be
    extended (`more`); otherwise, or with `new`, a fresh folder is made.

    Raises
    ------
    StorageError
        When the folder is in use, was made with other settings, or can not be written.
    """
    folders = [] if new else run_folders(output, model)
    folders = [f for f in folders if (f / "scan_input_used.json").exists()]
    if more and not folders:
        raise StorageError(f"--more {more}: there is no run of {model} in {output} to extend. "
                           f"Start one with ./run.sh {model}.")
    if folders:
        lock = RunLock(folders[-1])
        try:
            state = State.load(folders[-1])
            if more or state is None or state.meta["reason"] is None:
                return _resume(config, folders[-1], lock, state)
        except StorageError:
            lock.release()
            raise
        lock.release()
    folder = new_run_folder(output, model)
    lock = RunLock(folder)
    save_settings(folder, described(config, model))
    return Run(folder, False, lock, [])


def _resume(config, folder, lock, state):
    if state is None and (folder / NAME).exists() and _has_points(folder / NAME):
        raise StorageError(f"{folder} has judged points but no state.npz, so the run can not be "
                           "gone on with. Start a new one with --new.")
    notes, changed = [], changed_settings(load_settings(folder)["settings"], config.as_dict())
    fixed = [c for c in changed if not _free(c.split(" = ")[0])]
    if fixed:
        raise StorageError(
            f"{folder} was begun with other settings: {'; '.join(fixed)}. Set them back to go on "
            "with that run, or start a fresh one with --new.")
    if changed:
        notes.append("changed since the run began: " + "; ".join(changed))
    if lock.was_stale:
        notes.append("the last process on this run ended without saying so")
    return Run(folder, True, lock, notes)


def _has_points(path):
    with path.open() as file:
        return sum(1 for _ in zip(file, range(2), strict=False)) > 1


def _free(name):
    return name in FREE or name.startswith("Timeout")


def changed_settings(old, new):
    """'name = new (was old)' for each setting that differs between two dicts of settings.

    A setting that only one of them has counts only when it is not at its default.
    """
    plain = json.loads(json.dumps(new))
    return [f"{key} = {plain[key]!r} (was {old[key]!r})" for key in plain
            if key in old and old[key] != plain[key]]


def described(config, model):
    """The content of scan_input_used.json: model, every effective setting, versions."""
    return {"version": __version__, "model": model, "settings": config.as_dict(),
            "parameters": Box.from_config(config).described(),
            "versions": {"python": platform.python_version(), **package_versions()}}


def package_versions():
    """Name -> version of the packages that decide the numbers of a scan."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

