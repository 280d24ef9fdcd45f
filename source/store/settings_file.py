"""scan_input_used.json: the settings that a run was begun with, and what differs from them."""

import json
import platform
from dataclasses import MISSING, fields
from pathlib import Path

from ..aliases import DEFAULTS, current_settings
from ..config.settings import settings
from ..errors import StorageError
from ..files import write_atomic
from ..likelihood.observables import Observable
from ..shown import escaped
from ..space.parameters import Box
from ..version import __version__, installed
from .readme import write_readme
from .state_file import DAMAGE, FORMAT

SETTINGS = "scan_input_used.json"
ENTRIES = ("Observables", "Programs")   # lists of entries with a name
SHOWN = ("label", "unit")               # of observables: how they are called, not what they are
LONGEST = 60                            # characters of a value in a message
PACKAGES = ("numpy", "scipy", "tensorflow", "scikit-learn", "imbalanced-learn")


def save_settings(folder, content):
    """Write scan_input_used.json into a run folder, and README.txt beside it.

    Parameters
    ----------
    folder : path
    content : dict
        Fit for JSON: every effective setting, versions, parameters.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    text = json.dumps({"format": FORMAT, **content}, indent=1, ensure_ascii=False)
    write_atomic(Path(folder, SETTINGS), escaped(text) + "\n")
    write_readme(folder, content)


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
    return StorageError(f"{path} cannot be read ({why}): {path.parent} is not a run folder, or is "
                        "damaged. Start a new run with --new.")


def changed_settings(old, new):
    """Name -> 'name = new (was old)' for each setting that differs between two dicts of them;
    of observables and programs, each word: 'mass: sigma 0.2 -> 0.3'.

    A setting that the old dict does not have, as the program that wrote it did not know it, was
    at its default; a default of then that means the same as that of today is no other value.
    """
    old, plain = _with_all_words(old), _with_all_words(json.loads(json.dumps(new)))
    defaults = json.loads(json.dumps({name: field.default for name, field in settings().items()},
                                     default=str))
    before = {**{name: defaults[name] for name in plain if name in defaults}, **old}
    same = {name for name, value in DEFAULTS.items()
            if before.get(name) == value and plain.get(name) == defaults[name]}
    return {name: _entries_changed(name, before[name], plain[name]) if name in ENTRIES else
            f"{name} = {plain[name]!r} (was {before[name]!r})" for name in plain
            if name in before and before[name] != plain[name] and name not in same}


def _entries_changed(setting, old, new):
    """What differs between two lists of entries, which are dicts with a name."""
    before, after = ({_called(entry): entry for entry in entries} for entries in (old, new))
    texts = [f"{name} is new" for name in after if name not in before]
    texts += [f"{name} is removed" for name in before if name not in after]
    for name in after:
        words = [f"{word} {_short(before[name].get(word))} -> {_short(value)}"
                 for word, value in after[name].items() if before.get(name, after[name]).get(word)
                 != value]
        texts += [f"{name}: {', '.join(words)}"] if words else []
    return "; ".join(texts) or f"{setting} in another order"


def _called(entry):
    return entry.get("name") or entry.get("code") or str(entry)


def _short(value):
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _with_all_words(settings):
    """The settings with every word in each of `Observables`: an older program knew fewer.

    What only pictures and tables show is left out.
    """
    words = json.loads(json.dumps({f.name: f.default for f in fields(Observable)
                                   if f.default is not MISSING}))
    words = {name: value for name, value in words.items() if name not in SHOWN}
    entries = settings.get("Observables", [])
    return {**settings, "Observables": [
        words | {name: value for name, value in entry.items() if name not in SHOWN}
        for entry in entries]}


def other_versions(old):
    """What to say when other packages are installed than when the run began; a list of notes."""
    old = old if isinstance(old, dict) else {}
    other = [f"{name} {now} (was {old[name]})" for name, now in _versions().items()
             if name in old and old[name] != now]
    return ["other versions than when the run began, so further points may differ from those of "
            f"an uninterrupted scan: {', '.join(other)}"] if other else []


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
