"""Points that xBIT has left: spectra one behind the other, or rows without a header.

xBIT 1 (arXiv:1906.03277) writes Output/NAME/SpectrumFiles0, SpectrumFiles1, ... (one for each
core). Each point is its SLHA spectrum, or the Les Houches input where there was none, and a line
ENDOFPARAMETERPOINT; with "Short" a line of its variables and observables.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ..calculators.slha import Slha
from ..calculators.slha_numbers import SlhaError, number
from ..errors import InputError
from ..space.expressions import identifier

BEGINNING, END = "SpectrumFiles", "ENDOFPARAMETERPOINT"
SIGNS = ("MASS", "SPINFO")      # one of them is in each spectrum, and in no input
FAILED = "no_spectrum"


def is_xbit(path: Path) -> bool:
    """Whether it is a folder with such files, or one of them."""
    return bool(_files(path))


def _files(path):
    if path.is_dir():
        return sorted(p for p in path.glob(f"{BEGINNING}*") if p.is_file())
    return [path] if path.name.startswith(BEGINNING) and path.is_file() else []


def read_xbit(path: Path) -> dict:
    """The columns of such a folder or file.

    Every number of a block is a column BLOCK_1 (MINPAR_1, MASS_25, NMIX_1_2), and one of the name
    in its comment, where there is one that no other number of the point has. Rows of "Short" have
    the columns column_1, column_2, ...

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to ndarray (n,)
        NaN for a number that a point lacks; `status` no_spectrum for a point without a spectrum.

    Raises
    ------
    InputError
        A file cannot be read, or a point in it: with the number of the point.
    """
    points: list[dict] = []
    for file in _files(path):
        try:
            text = file.read_text("utf-8", "replace")
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}.") from error
        points += _spectra(file, text) if END in text else _short(file, text)
    names = dict.fromkeys(name for point in points for name in point)
    columns = {name: np.array([point.get(name, np.nan) for point in points], float)
               for name in names if name != "status"}
    if "status" in names:
        columns["status"] = np.array([point["status"] for point in points], object)
    return columns


def _spectra(file, text):
    parts = text.split(END)     # behind the last one is a point that was being written
    for k, part in enumerate(parts[:-1], 1):
        try:
            yield _numbers(Slha(part.strip("\n") + "\n"))
        except SlhaError as error:
            raise InputError(f"{file}, point {k}: {error}. Delete that point (up to the line "
                             f"{END}), or correct it.") from error


def _numbers(slha):
    found: dict[str, Any] = {}
    comments: dict[str, set] = {}
    for name, blocks in slha.blocks.items():
        for line in (line for block in blocks[:1] for _, line in block.lines):
            data, _, comment = line.partition("#")
            *index, last = data.split() or [""]
            try:
                value = number(last)
            except SlhaError:
                continue
            if not all(word.lstrip("+-").isdigit() for word in index):
                continue
            found.setdefault(identifier("_".join([name, *index])), value)
            comments.setdefault(identifier(comment.strip()), set()).add(value)
    for word, values in comments.items():
        if word and len(values) == 1 and word not in found:
            found[word] = values.pop()
    found["status"] = "ok" if any(sign in slha for sign in SIGNS) else FAILED
    return found


def _short(file, text):
    rows = [line.split() for line in text.splitlines() if line.strip()]
    for k, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(f"{file}, line {k}: {len(row)} columns, {len(rows[0])} expected.")
        try:
            yield {f"column_{i}": number(word) for i, word in enumerate(row, 1)}
        except SlhaError as error:
            raise InputError(f"{file}, line {k}: {error}.") from error
