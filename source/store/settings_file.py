"""scan_input_used.json: the settings that a run was begun with, and what differs from them."""

import json
import platform
from dataclasses import MISSING, fields
from pathlib import Path

from ..aliases import current_settings
from ..config.settings import settings
from ..errors import StorageError
from ..files import write_atomic
from ..likelihood.observables import Observable
from ..shown import escaped
from ..space.parameters import Box
from ..version import __version__, installed
from .state_file import DAMAGE, FORMAT

SETTINGS = "scan_input_used.json"
PACKAGES = ("numpy", "scipy", "tensorflow", "scikit-learn", "imbalanced-learn")


def save_settings(folder, content):
    """Write scan_input_used.json into a run folder.

    Parameters
    ----------
    folder : path
    content : dict
        Fit for JSON: every effective setting, versions, parameters.

    Raises
    ------
    StorageError
        It can not be written.
    """
    text = json.dumps({"format": FORMAT, **content}, indent=1, ensure_ascii=False)
    write_atomic(Path(folder, SETTINGS), escaped(text) + "\n")


def load_settings(folder: str | Path) -> dict:
    """The content of scan_input_used.json.

    Raises StorageError when it is missing, damaged or of a newer version.
    """
    path = Path(folder, SETTINGS)
    try:
        content = json.loads(path.read_bytes().decode(errors="surrogateescape"))
        newer = int(content["format"]) > FORMAT
        whole = newer or isinstance(content["settings"], dict)
        content["settings"] = current_settings(content["settings"]) if whole else {}
    except DAMAGE as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    if not whole:
        raise _unreadable(path, "its settings are missing")
    if newer:
        raise StorageError(f"{path} was written by a newer version of this program. "
                           "Use that version, or start a new run with --new.")
    return content


def _unreadable(path, why):
    return StorageError(f"{path} can not be read ({why}): {path.parent} is not a run folder, or is "
                        "damaged. Start a new run with --new.")


def changed_settings(old, new):
    """Name -> 'name = new (was old)' for each setting that differs between two dicts of them.

    A setting that the old dict does not have, as the program that wrote it did not know it, was
    at its default.
    """
    old, plain = _with_all_words(old), _with_all_words(json.loads(json.dumps(new)))
    defaults = json.loads(json.dumps({name: field.default for name, field in settings().items()},
                                     default=str))
    before = {**{name: defaults[name] for name in plain if name in defaults}, **old}
    return {name: f"{name} = {plain[name]!r} (was {before[name]!r})" for name in plain
            if name in before and before[name] != plain[name]}


def _with_all_words(settings):
    """The settings with every word in each of `Observables`: an older program knew fewer."""
    words = json.loads(json.dumps({f.name: f.default for f in fields(Observable)
                                   if f.default is not MISSING}))
    entries = settings.get("Observables", [])
    return {**settings, "Observables": [words | entry for entry in entries]}


def other_versions(old):
    """What to say when other packages are installed than when the run began; a list of notes."""
    old = old if isinstance(old, dict) else {}
    other = [f"{name} {now} (was {old[name]})" for name, now in _versions().items()
             if name in old and old[name] != now]
    return [f"other versions than when the run began, so that it may go on differently: "
            f"{', '.join(other)}"] if other else []


def described(config, model):
    """The content of scan_input_used.json: model, every effective setting, versions."""
    return {"version": __version__, "model": model, "settings": config.as_dict(),
            "parameters": Box.from_config(config).described(),
            "versions": _versions()}


def _versions():
    return {"scanner": __version__, "python": platform.python_version(), **package_versions()}


def package_versions():
    """Name -> version of the packages that decide the numbers of a scan."""
    return installed(PACKAGES)
