"""The tables by which SPheno, HiggsBounds and HiggsSignals exchange points: one row a point."""

from typing import NamedTuple

from ..programs import Failure
from ..slha_numbers import SlhaError, finite
from .higgs_columns import MAY_LACK, columns, order, stable


def row_of(name, text, width=None, empty=(), places=None):
    """The one row of a table, as text without its line id.

    Parameters
    ----------
    name : str
        For messages.
    text : str
        The file.
    width : int, optional
        Columns it must have, line id included.
    empty : set of int
        Columns of the row that is returned, from 0, in which NaN means that there is nothing: 0.
    places : list of int, optional
        Where the file has each column of the row that is returned, from 0 behind the line id.

    Raises
    ------
    Failure
        'bad_output': not exactly one row, another width, or a word that is not a finite number.
        Such a row would stop the programs for all other points of the call, or be taken for a
        number that it is not.
    """
    rows = [line.split() for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith("#")]
    if len(rows) != 1 or not text.endswith("\n"):
        found = "an incomplete row" if len(rows) == 1 else f"{len(rows)} rows"
        raise Failure("bad_output", f"{name}.dat has {found}, expected one")
    if width is not None and len(rows[0]) != width:
        raise Failure("bad_output", f"{name}.dat has {len(rows[0])} columns, expected {width} "
                      "(check NH, NCH and SPhenoInput 76)")
    first, *words = rows[0]
    words = [words[k] for k in places] if places else words
    words = ["0.0" if k in empty and word.lower().lstrip("+-") == "nan" else word
             for k, word in enumerate(words)]
    try:
        for word in (first, *words):
            finite(word)
    except SlhaError as error:
        raise Failure("bad_output", f"{name}.dat: {error}") from None
    return " ".join(words)


def check_point(tables, version, n, p):
    """The rows of one point, ready to be joined, in the order that HiggsBounds reads.

    Parameters
    ----------
    tables : dict of str to str
        Files by name; those of `columns` must be there, but for MAY_LACK.

    Returns
    -------
    dict of str to str

    Raises
    ------
    Failure
        'no_higgs_files' or 'bad_output'.
    """
    widths = columns(version, n, p)
    missing = [name for name in widths if name not in tables and name not in MAY_LACK]
    if missing:
        raise Failure("no_higgs_files", "SPheno did not write " +
                      ", ".join(f"{name}.dat" for name in missing))
    still, places = stable(tables, version, n, p), order(version, n, p)
    rows = {name: row_of(name, text, widths.get(name), still.get(name, ()), places.get(name))
            for name, text in tables.items()}
    masses = rows["MH_GammaTot"].split()[:n]
    masses += rows["MHplus_GammaTot"].split()[:p] if p else []
    if min(map(finite, masses)) <= 0:
        raise Failure("bad_output", f"a Higgs mass is not positive: {' '.join(masses)}")
    return rows


def masses_of(rows, n, p):
    """The masses in GeV, neutral then charged: list of n + p floats."""
    words = rows["MH_GammaTot"].split()[:n] + (rows["MHplus_GammaTot"].split()[:p] if p else [])
    return [finite(word) for word in words]


def write_tables(folder, points):
    """Join points: row k (from 1) of each table is points[k - 1].

    Tables that not all points have are left out (only optional ones can differ).
    """
    for name in set.intersection(*(set(rows) for rows in points)):
        lines = [f"{k} {rows[name]}\n" for k, rows in enumerate(points, 1)]
        (folder / f"{name}.dat").write_text("".join(lines), "ascii", newline="")


def sm_like(version, n, p):
    """Rows of a made-up point: h1 like the standard one at 125.09 GeV, the rest heavy and inert."""
    widths = columns(version, n, p)
    unit, nothing = ["1.0"] + ["0.0"] * (n - 1), ["0.0"] * n
    fermions = (unit + nothing) * 6
    bosons = unit * (5 if version >= 5 else 6)
    rows = {"MH_GammaTot": ["125.09"] + [f"{500 + 50 * i}.0" for i in range(n - 1)]
            + ["0.00407"] + ["1.0"] * (n - 1),
            "effC": fermions + bosons + ["0.0"] * (n * (n + 1) // 2)}
    if p:
        rows["MHplus_GammaTot"] = [f"{600 + 50 * i}.0" for i in range(p)] + ["1.0"] * p
        rows["BR_t"] = ["1.0"] + ["0.0"] * p
    return {name: " ".join(rows.get(name, ["0.0"] * (width - 1)))
            for name, width in widths.items()}


# ---- what HiggsBounds and HiggsSignals write ---------------------------------------------------
class Bounds(NamedTuple):
    """Verdict of HiggsBounds on a point.

    Attributes
    ----------
    result : float
        1 allowed, 0 excluded at 95% C.L., -1 unphysical.
    ratio : float
        Predicted over excluded rate in the most sensitive channel; above 1 is excluded.
    channel : float
        Number of that channel in this version of HiggsBounds (see its Key.dat).
    """

    result: float
    ratio: float
    channel: float


class Signals(NamedTuple):
    """Verdict of HiggsSignals: chi2 of rates, of masses, in all, p-value, number of observables."""

    mu: float
    mass: float
    chi2: float
    p_value: float
    count: float  # type: ignore[assignment]


def read_results(text, program, n_rows, masses):
    """Rows of <program>_results.dat, checked to be complete, in order and of the right points.

    Parameters
    ----------
    text : str
    program : str
        For messages.
    n_rows : int
        Rows expected.
    masses : (n_rows, m) sequence
        The masses that went in, in GeV; the program echoes them with six digits.

    Returns
    -------
    list of list of str
        The words after the masses, counted from the left: further columns follow them when an
        `additional.dat` is there.
    """
    rows = [line.split() for line in text.splitlines()
            if line.strip() and not line.lstrip().startswith("#")]
    if len(rows) != n_rows:
        raise Failure("bad_output", f"{program} gave {len(rows)} rows for {n_rows} points")
    for k, (words, expected) in enumerate(zip(rows, masses, strict=True), 1):
        try:
            echo = [finite(word) for word in words[:1 + len(expected)]]
        except SlhaError as error:
            raise Failure("bad_output", f"{program}, row {k}: {error}") from None
        same = len(echo) == 1 + len(expected) and echo[0] == k and all(
            abs(a - b) <= 2e-5 * abs(b) for a, b in zip(echo[1:], expected, strict=True))
        if not same:
            raise Failure("bad_output", f"{program}, row {k} is of another point: "
                          + " ".join(words[:1 + len(expected)]))
    return [words[1 + len(expected):] for words, expected in zip(rows, masses, strict=True)]


def bounds_of(words):
    """Bounds from the words 'HBresult chan obsratio ncomb'."""
    return Bounds(finite(words[0]), finite(words[2]), finite(words[1]))


def signals_of(words):
    """Signals from the words 'csq(mu) csq(mh) csq(tot) nobs(mu) nobs(mh) nobs(tot) Pvalue'."""
    numbers = [finite(word) for word in words[:7]]
    return Signals(numbers[0], numbers[1], numbers[2], probability(numbers[6]), numbers[5])


def probability(value):
    """A p-value; HiggsSignals writes -1 where it has not calculated one: NaN."""
    return value if value >= 0 else float("nan")
