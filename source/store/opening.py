"""Which run folder a scan works in: a new one, an unfinished one, or one to be extended."""

import contextlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from ..errors import StorageError
from ..files import explained, ordinary, program, remove_leftovers
from .folders import new_run_folder, run_folders
from .lock import LOCK, RunLock
from .points_file import NAME
from .repair import CUT
from .results import RESULTS
from .settings_file import (
    SETTINGS,
    changed_settings,
    described,
    load_settings,
    other_versions,
    save_settings,
)
from .state_file import STATE, State

# settings that may differ when a run is continued: they do not change what is proposed
FREE = ("N_Cores", "N_iteration", "Target_points", "Max_evaluations", "Max_time", "MAE_tolerance",
        "Refine_evaluations", "Live_plots", "VarTeX", "Picture_style", "input_file", "Executor",
        "Dask_scheduler", "Dask_jobqueue", "Dask_failed_jobs", "Keep_files", "Keep_outputs",
        "Keep_limit")


TARGET = ("Observables", "Chi_square_threshold", "Target_value", "Target_width")
LOG_NAME = "log.txt"


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

    The newest folder of the model is continued when its run is unfinished, or is to be extended
    (`more`); otherwise, or with `new`, a new folder is made.

    Raises
    ------
    StorageError
        When the folder is in use, was made with other settings, or cannot be written.
    """
    output = Path(output)
    folders = [] if new else _begun(output, model)
    if more and not folders:
        raise StorageError(f"--more {more}: there is no run of {model} in {output} to extend. "
                           f"Start one first: {program()} {model}")
    if folders and (more or _is_unfinished(folders[-1])):
        lock = RunLock(folders[-1])
        try:
            # it may have ended before the lock was taken
            if more or _is_unfinished(folders[-1]):
                return _resume(config, folders[-1], lock)
        except BaseException:
            lock.release()
            raise
        lock.release()
    return _begin(config, model, output)


def finished_run(config, model, output):
    """The newest run of `model` if it is finished and this scan would repeat it, else None.

    Parameters
    ----------
    config : ScanConfig
    model : str
    output : path
        The folder of run folders.
    """
    folders = _begun(output, model)
    if not folders or _is_unfinished(folders[-1]):
        return None
    _, fixed = _changes(load_settings(folders[-1]), config)
    return None if fixed else folders[-1]


def open_folder(config, model, folder):
    """Open this very folder: made if it is not there, continued if it holds a run.

    Raises
    ------
    StorageError
        When it is in use, holds another run or other files, or cannot be written.
    """
    folder, fresh = Path(folder), "give another output folder"
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not _was_begun(folder) and any(path.name != LOCK for path in folder.iterdir()):
        raise StorageError(f"{folder} holds files, but no run. Give the name of a new folder, so "
                           "that your files are not overwritten.")
    lock = RunLock(folder)
    try:
        if _was_begun(folder):
            return _resume(config, folder, lock, model, fresh)
        save_settings(folder, described(config, model))
    except BaseException:
        lock.release()
        raise
    return Run(folder, False, lock, [])


def open_told(config, model, folder):
    """Open the folder of points that are told (ask and tell), a new or an old one.

    Raises
    ------
    StorageError
        As `open_folder`, and when the folder is that of a scan of its own.
    """
    folder = Path(folder)
    if (folder / STATE).exists():
        raise StorageError(f"{folder} holds a scan that evaluates its own points, so no points can "
                           "be told to it. Give another output folder.")
    if _was_begun(folder):
        _, fixed = _changes(load_settings(folder), config)
        if fixed:
            raise StorageError(f"{folder} was begun with other settings: "
                               f"{'; '.join(fixed.values())}. Set them back, or give another "
                               "output folder.")
    else:
        open_folder(config, model, folder).lock.release()


def _begun(output, model):
    """Folders of runs of `model` that hold something, oldest first."""
    return [folder for folder in run_folders(output, model) if _was_begun(folder)]


def _changes(stored, config):
    """Texts of the settings that differ from the stored ones, by name; those that must not."""
    changed = changed_settings(stored["settings"], config.as_dict())
    return changed, {name: text for name, text in changed.items() if not _free(name)}


def _was_begun(folder):
    """False for a folder in which a run had not even stored its settings."""
    return any((folder / name).exists() for name in (SETTINGS, STATE, NAME))


def refuse_no_files(folder):
    """Raise StorageError where a pipe, a device or a folder has the name of a file of the run.

    Before anything is opened or evaluated: a pipe would be waited for, and a folder be noticed by
    what is written at the end.
    """
    model = folder / "model"
    if model.exists() and not model.is_dir():
        raise StorageError(f"{model} cannot be written: it is not a folder. Move it, or give it "
                           "another name.")
    for name in (SETTINGS, STATE, NAME, *RESULTS, LOG_NAME, LOCK, f"{NAME}{CUT}",
                 "model/model.json", "model/predict.npz"):
        ordinary(folder / name)


def _is_unfinished(folder):
    refuse_no_files(folder)
    load_settings(folder)  # a damaged folder is said to be one before anything else
    state = State.load(folder)
    return state is None or state.meta["reason"] is None


def _clear_unbegun(output, model):
    """Remove the empty folder that a start killed in its first moments has left."""
    for folder in run_folders(output, model):
        if not _was_begun(folder):
            try:
                lock = RunLock(folder)
            except StorageError:
                continue  # it is being begun just now
            remove_leftovers(folder)
            lock.release()
            with contextlib.suppress(OSError):  # whatever is in it now is somebody's
                folder.rmdir()


def _begin(config, model, output, again=True):
    _clear_unbegun(output, model)
    folder = new_run_folder(output, model)
    lock = None
    try:
        lock = RunLock(folder)
        save_settings(folder, described(config, model))
    except BaseException:
        if lock is not None:
            lock.release()
        if again and not folder.exists():  # cleared by another start in the same moment
            return _begin(config, model, output, again=False)
        with contextlib.suppress(OSError):  # nothing is lost: it can only be empty
            folder.rmdir()
        raise
    return Run(folder, False, lock, [])


def _resume(config, folder, lock, model="", fresh="start a new one with --new"):
    refuse_no_files(folder)
    remove_leftovers(folder)
    if State.load(folder) is None and _has_points(folder / NAME):
        raise StorageError(f"{folder} has evaluated points but no state.npz, so the run cannot be "
                           f"continued; {fresh}.")
    stored = load_settings(folder)
    if model and stored.get("model") != model:
        raise StorageError(f"{folder} was begun with the model {stored.get('model')}, not {model}. "
                           f"Use that model, or {fresh}.")
    notes, (changed, fixed) = [], _changes(stored, config)
    if fixed:
        words = [*program().split(), "retarget", str(folder), "--input", str(config.input_file)]
        taken = f" use its points in a new run ({shlex.join(words)})," \
            if config.input_file and not set(fixed) - set(TARGET) else ""
        raise StorageError(
            f"{folder} was begun with other settings: {'; '.join(fixed.values())}. Set them back "
            f"to continue that run,{taken} or {fresh}.")
    if changed:
        notes.append("changed since the run began: " + "; ".join(changed.values()))
    notes += other_versions(stored.get("versions"))
    if lock.was_stale:
        notes.append("the last process on this run was killed")
    return Run(folder, True, lock, notes)


def _has_points(path):
    if not path.exists():
        return False
    with explained(path), path.open("rb") as file:
        return sum(1 for _ in zip(file, range(2), strict=False)) > 1


def _free(name):
    return name in FREE or name.startswith("Timeout")
