"""Where run folders are: one for each run of a model, none used twice."""

import re
from pathlib import Path

from ..files import explained, home, sync_folder


def result_folder() -> Path:
    """Where run folders go if nothing is said: `result` in the home folder of the scanner."""
    return home() / "result"


def run_folders(output: str | Path, model: str) -> list[Path]:
    """The run folders of `model` in `output`, oldest first: DNNR, DNNR_2, DNNR_3, ..."""
    pattern = re.compile(re.escape(model) + r"(?:_(\d+))?")
    found = []
    if Path(output).is_dir():
        with explained(output):
            for path in Path(output).iterdir():
                match = pattern.fullmatch(path.name)
                if match and path.is_dir():
                    found.append((int(match[1] or 1), path))
    return [path for _, path in sorted(found)]


def find_run(name, output, has):
    """The folder of the run that `name` means, or None.

    Parameters
    ----------
    name : str
        A folder; or a model, or any other name of a folder in `output`: its newest run there.
    has : callable Path -> bool
        Whether a folder holds what is asked for.
    """
    folders = [Path(name).expanduser(), *reversed(run_folders(output, name))]
    return next((folder for folder in folders if has(folder)), None)


def new_run_folder(output, model):
    """Make the folder after the last one of `model` in `output`; returns its path.

    An existing one is never used again. Raises StorageError when it cannot be made.
    """
    folders = run_folders(output, model)
    with explained(output):
        Path(output).mkdir(parents=True, exist_ok=True)
        number = 1
        if folders:
            number = int(folders[-1].name[len(model) + 1:] or 1) + 1
        while True:
            path = Path(output, model if number == 1 else f"{model}_{number}")
            try:
                path.mkdir()
            except FileExistsError:
                number += 1
            else:
                sync_folder(output)
                return path
