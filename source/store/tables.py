"""Tables of points that other programs have left: one named reader a kind.

Formats: EasyScan_HEP 1.9 (ScanResult.txt, comma-separated with a header), BSMArt 2.0.2 (in the
folder of a run Results/Results.csv: of its affine walks parameters, observables, NLL, of CMA-ES a
table with numbered rows; else the table in Spectrum_Files, SLHA_output.csv, SLHA_Output.csv where
MPI merged it, or the user's 'csv name': ID, parameters, observables, Result), xBIT (see `spectra`),
MultiNest (ROOT.txt: weight, -2 ln L, parameters; ROOTpost_equal_weights.dat: parameters, ln L;
names in ROOT.paramnames or ROOTparams.json, arXiv:0809.3437), GAMBIT (HDF5: a data set a quantity
in one group, with NAME_isvalid beside each, arXiv:1705.07959), Parquet, and any text table.
"""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import InputError
from .points_table import read_table
from .spectra import is_xbit, read_xbit

LOG_LIKELIHOOD = ("loglike", "lnl", "lnlike", "log_likelihood", "log_probability", "lnlikelihood")
MINUS = ("nll", "neglogl", "minuslnl")
CHI2 = ("chi2", "chisq", "chi_square", "chi^2", "-2lnl", "-2lnlike", "minus2lnl", "m2lnl")
TEXT = ("status", "reason", "origin")


def read_columns(path: str | Path) -> tuple[dict, str]:
    """The columns of a file or folder of points, and the kind of reader that understood it.

    Parameters
    ----------
    path : path

    Returns
    -------
    columns : dict of str to ndarray (n,)
        Numbers as float, NaN where a cell is empty; `status`, `reason`, `origin` as str. A log
        likelihood has become `chi2` = -2 ln L.
    kind : str
        'run folder', 'EasyScan_HEP', 'BSMArt', 'xBIT', 'MultiNest', 'GAMBIT', 'Parquet', 'CSV' or
        'text table'.

    Raises
    ------
    InputError
        There is no such file, it is none of these kinds, or a package that reads it is missing.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise InputError(f"{path}: no such file or folder. Give a run folder, or a table.")
    kind = next((kind for kind, (fits, _) in READERS.items() if fits(path)), None)
    if kind is None:
        raise InputError(f"{path} is a folder, but holds no points.csv, ScanResult.txt, "
                         "Results.csv, SpectrumFiles0 or table in Spectrum_Files. Give the table "
                         "itself.")
    columns = READERS[kind][1](path)
    lengths = {len(column) for column in columns.values()}
    if not lengths or 0 in lengths:
        raise InputError(f"{path} ({kind}) holds no points.")
    return _with_chi2(columns), kind


def _with_chi2(columns):
    """The same with a column chi2 where there is one by another name, or a log likelihood."""
    low = {name.lower().strip(): name for name in columns}
    if "chi2" in columns:
        return columns
    for word in CHI2:
        if word in low:
            return columns | {"chi2": columns[low[word]]}
    for word in LOG_LIKELIHOOD:
        if word in low:
            return columns | {"chi2": -2.0 * columns[low[word]]}
    for word in MINUS:
        if word in low:
            return columns | {"chi2": 2.0 * columns[low[word]]}
    return columns


# ---- text ------------------------------------------------------------------------------------
def read_text(path: Path, names: list | None = None) -> dict:
    """A table in text: commas or blanks, with a header, which may stand behind a '#'.

    `names`: of the columns of a file that has no header.
    """
    lines = _lines(path)
    comment, first = "", 0
    while first < len(lines) and lines[first].lstrip().startswith("#"):
        comment, first = lines[first].strip().lstrip("#").strip(), first + 1
    if first == len(lines):
        raise InputError(f"{path} holds no points.")
    comma = "," in lines[first]
    cells = _cells(lines[first], comma)
    if names is None and not all(map(_is_number, cells)):
        names, first = cells, first + 1
    elif names is None:
        names = _cells(comment, "," in comment)
    if len(names) != len(cells):
        raise InputError(f"{path}, line {first + 1}: {len(cells)} columns, but {len(names)} names "
                         "of columns. The first line must name each column.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: two columns are called {', '.join(twice)}. Rename one.")
    rows = [(k, _cells(line, comma)) for k, line in enumerate(lines[first:], first + 1)
            if line.strip() and not line.lstrip().startswith("#")]
    for number, row in rows:
        if len(row) != len(names):
            raise InputError(f"{path}, line {number}: {len(row)} columns, {len(names)} expected.")
    columns = zip(*(row for _, row in rows), strict=True)
    return {name or f"column_{k + 1}": _column(path, name, column) for k, (name, column) in
            enumerate(zip(names, columns, strict=False))}


def _lines(path):
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8 ({error.reason}, byte {error.start}). "
                         "Save it as CSV in UTF-8.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _cells(line, comma):
    if comma:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]
    return line.split()


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column(path, name, cells):
    """Numbers where all are; words of a column of words; NaN for an empty cell."""
    if name in TEXT:
        return np.array(cells, object)
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        bad = next(cell for cell in cells if cell and not _is_number(cell))
        if name in CHI2 + LOG_LIKELIHOOD:
            raise InputError(f"{path}: {name} = {bad!r} is not a number.") from None
        return np.array(cells, object)


# ---- other kinds -----------------------------------------------------------------------------
def _read_run(path):
    return {name: column if column.dtype == object else column.astype(float)
            for name, column in read_table(path / "points.csv").items()}


def _read_multinest(path):
    root, equal = _multinest_root(path)
    names = _multinest_names(root)
    return read_text(path, [*names, "loglike"] if equal else ["weight", "-2lnL", *names])


def _multinest_root(path):
    """Beginning of the names of a chain's files, and whether `path` has equal weights."""
    text = str(path)
    equal = text.endswith("post_equal_weights.dat")
    return text.removesuffix("post_equal_weights.dat" if equal else ".txt"), equal


def _multinest_names(root):
    for file in (Path(f"{root}.paramnames"), Path(f"{root.rstrip('_-.')}.paramnames")):
        if file.is_file():
            return [line.split()[0].rstrip("*") for line in _lines(file) if line.strip()]
    return [str(name) for name in json.loads(Path(f"{root}params.json").read_text("utf-8"))]


def _is_multinest(path):
    if path.suffix not in (".txt", ".dat") or not path.is_file():
        return False
    root, _ = _multinest_root(path)
    return any(Path(f).is_file() for f in (f"{root}.paramnames", f"{root}params.json",
                                           f"{root.rstrip('_-.')}.paramnames"))


def _read_gambit(path):
    h5py = _package("h5py", path)
    with h5py.File(path, "r") as file:
        group = _largest_group(file)
        names = [name for name in group if not name.endswith("_isvalid")
                 and getattr(group[name], "ndim", 0) == 1 and group[name].dtype.kind in "iuf"]
        columns = {}
        for name in names:
            values = np.asarray(group[name], float)
            if f"{name}_isvalid" in group:
                values[~np.asarray(group[f"{name}_isvalid"]).astype(bool)] = np.nan
            columns[gambit_name(name)] = values
    if len({len(c) for c in columns.values()}) > 1:
        longest = max(map(len, columns.values()))
        columns = {name: c for name, c in columns.items() if len(c) == longest}
    return columns


def gambit_name(label: str) -> str:
    """'#Model_parameters @Model::primary_parameters::mu' -> 'mu'; 'LogLike' stays."""
    return label.rsplit("::", 1)[-1].strip()


def _largest_group(group):
    """The group with most data sets of numbers, at any depth."""
    inside = [_largest_group(part) for part in group.values() if hasattr(part, "values")]
    return max([group, *inside], key=lambda g: sum(not hasattr(part, "values")
                                                   for part in g.values()))


def _read_parquet(path):
    table = _package("pyarrow.parquet", path).read_table(path)
    return {name: _plain(table[name]) for name in table.column_names}


def _plain(column):
    values = column.to_numpy()
    return values.astype(float) if values.dtype.kind in "iufb" else values.astype(object)


def _package(name, path):
    import importlib
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise InputError(f"{path}: reading it needs the package {package}, which is not "
                         f"installed. Install it (pip install {package}), or give a CSV file."
                         ) from None


def _read_easyscan(path):
    # a Markov chain has points that it did not accept in a table of their own
    whole = path / "All_ScanResult.txt"
    return read_text(whole if whole.is_file() else path / "ScanResult.txt")


BSMART = ("Results.csv", "Results/Results.csv")


def _bsmart(folder):
    """The table of a folder of BSMArt, or None. Raises InputError where there are several."""
    tables = [folder / name for name in BSMART if (folder / name).is_file()][:1] or sorted(
        path for path in folder.glob("Spectrum_Files/**/*") if _beside_spectra(path))
    if len(tables) > 1:
        raise InputError(f"{folder} (BSMArt) has several tables: "
                         f"{', '.join(str(path.relative_to(folder)) for path in tables)}. "
                         "Name the files instead of the folder.")
    return next(iter(tables), None)


def _beside_spectra(path):
    """Whether it is a table of BSMArt: of its spectra, of other programs and of points that it
    calls invalid there are files beside it, and its name is the user's."""
    if not path.is_file() or path.name.startswith("invalid_"):
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".csv" or file.read(3) == b"ID,"


def _file_in(name):
    return lambda path: path.is_dir() and (path / name).is_file()


READERS: dict[str, tuple[Callable, Callable]] = {
    "run folder": (_file_in("points.csv"), _read_run),
    "EasyScan_HEP": (_file_in("ScanResult.txt"), _read_easyscan),
    "BSMArt": (_bsmart, lambda path: read_text(_bsmart(path))),
    "xBIT": (is_xbit, read_xbit),
    "MultiNest": (_is_multinest, _read_multinest),
    "GAMBIT": (lambda path: path.suffix.lower() in (".hdf5", ".h5", ".hdf"), _read_gambit),
    "Parquet": (lambda path: path.suffix.lower() in (".parquet", ".pq"), _read_parquet),
    "CSV": (lambda path: path.is_file() and path.suffix.lower() == ".csv", read_text),
    "text table": (Path.is_file, read_text),
}


def column_map(text: str) -> dict:
    """'tanb=TanBeta mH=m_H0' -> {'tanb': 'TanBeta', 'mH': 'm_H0'}: parameter -> column of the file.

    Raises InputError for words that are not of this form.
    """
    found = {}
    for word in re.split(r"[\s,]+", text.strip()):
        name, equals, column = word.partition("=")
        if word and not (equals and name and column):
            raise InputError(f"--columns: {word!r} is not NAME=COLUMN; write "
                             "--columns 'tanb=TanBeta mH=m_H0'.")
        if word:
            found[name] = column
    return found
