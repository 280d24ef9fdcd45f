"""`./run.sh judge FILE...`: existing SLHA files under the observables of an input file, as a table.

The files take the place of what SPheno would write; all that follows it in a scan is run.
"""

import argparse
import csv
import io
import tempfile
from pathlib import Path

import numpy as np

from ..auxiliary import make_calculator
from ..calculators.chain.own_file import TABLES
from ..calculators.programs import Spectrum, SPheno
from ..calculators.slha import Slha
from ..calculators.slha_numbers import SlhaError
from ..calculators.steps.constrained import named
from ..config.scan_config import load_config
from ..errors import InputError
from ..files import explained, program
from ..likelihood.observables import Target
from ..shown import counted, escaped, one_line, say
from ..space.parameters import Box
from .arguments import default_input


class _Made(SPheno):
    """A SPheno whose spectrum exists already, with the tables for HiggsBounds beside it."""

    path = Path()

    def run(self, text, folder):
        """The spectrum in `path`."""
        text = _text(self.path)
        tables = {name: _text(self.path.with_name(f"{name}.dat")) for name in TABLES
                  if self.path.with_name(f"{name}.dat").is_file()}
        return Spectrum(text, self._parse(text, "", ""), tables)


def judge_command(words):
    """`./run.sh judge FILE...`; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=f"{program()} judge", allow_abbrev=False,
        description="Evaluates existing SLHA files as a scan would, but without SPheno. Writes a "
                    "table from which a scan can start (--from).",
        epilog=f"Example: {program()} judge spectra/*.slha --input my_scan.py")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE",
                        help="SLHA files, or folders with *.slha, *.spc and *.spc.* in them")
    parser.add_argument("--input", default=default_input(), type=Path, metavar="FILE",
                        help="the settings of the scan (scan_input.py)")
    parser.add_argument("--to", default=Path("judged.csv"), type=Path, metavar="FILE",
                        help="the table, a new file (judged.csv)")
    args = parser.parse_args(words)
    if args.to.exists():
        raise InputError(f"{args.to} exists already and was not changed. Give another name with "
                         "--to.")
    config, files = load_config(args.input), _files(args.files)
    if config.Calculator != "SPheno":
        raise InputError(f"Calculator = '{config.Calculator}' in {args.input}: judge takes SLHA "
                         "files in place of SPheno, so it needs Calculator = 'SPheno'.")
    rows = _rows(config, files)
    text = io.StringIO()
    table = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)),
                           lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    with explained(args.to), args.to.open("x", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    say(f"{counted(len(rows), 'file')}, {sum(row['in_target'] for row in rows)} in the target. "
        f"The table is {args.to}. To start a scan from it: {program()} RFR --input {args.input} "
        f"--from {args.to}")
    return 0


def _files(paths):
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted({p for kind in ("*.slha", "*.spc", "*.spc.*") for p in path.glob(kind)})
        else:
            found.append(path)
    lacking = [f"{path}: no such file." for path in found if not path.is_file()]
    if lacking or not found:
        raise InputError(lacking or "These folders hold no SLHA file (*.slha, *.spc, *.spc.*).")
    return found


def _rows(config, files):
    """One dict a file, for the table."""
    box, target = Box.from_config(config), Target.from_config(config)
    calculator = make_calculator(config, box.names)
    chain = getattr(calculator, "calculator", calculator)   # without the constraints over it
    old = chain.spheno
    made = chain.spheno = _Made(old.program, False, old.limit)
    rows = []
    with tempfile.TemporaryDirectory(prefix="mlscan-judge-") as scratch:
        for made.path in files:
            x, lacking = _parameters(made.path, chain.template)
            evaluated, = calculator.evaluate(x[None], Path(scratch))
            numbers = named(evaluated.observables, calculator.observables)
            rows.append({"file": escaped(made.path), **dict(zip(box.names, x, strict=True)),
                         "value" if target.is_band else "chi2": evaluated.value, **numbers,
                         "in_target": int(target.has([evaluated])[0]), "status": evaluated.status,
                         "reason": one_line(evaluated.reason)})
            words = f"{evaluated.value:.6g}" if np.isfinite(evaluated.value) else ""
            note = f"; no entry for {', '.join(lacking)}" if lacking else ""
            say(f"{made.path}: {evaluated.status} {words} {one_line(evaluated.reason)}{note}")
    return rows


def _parameters(path, template):
    """Values (D,) of the scanned parameters in a spectrum, NaN where missing, and those labels."""
    values, lacking = [], []
    try:
        slha = Slha(_text(path))
    except SlhaError:   # told with the evaluation
        return np.full(len(template.addresses), np.nan), []
    for address in template.addresses:
        try:
            if address is None:
                raise SlhaError("it is in no block")
            values.append(slha.value(address.block, *address.numbers))
        except SlhaError:
            values.append(np.nan)
            lacking.append(address.label if address else "a parameter without entry")
    return np.array(values), lacking


def _text(path):
    with explained(path):
        return path.read_text("utf-8", "replace")
