"""The user's own Les Houches file, run as it is: does it work, what model is it, what costs time.

Entries of SPhenoInput: the comments of the Les Houches files that SARAH writes, measured on an
N2HDM (SARAH 4.14.3) with SPheno 4.0.5.
"""

import re
import tempfile
from pathlib import Path

from ..programs import Failure
from ..template import Template
from .chain_setup import by_tables, find_spheno
from .higgs_columns import OPTIONAL, columns

COSTLY = {13: "three-body decays of fermions", 57: "flavour and other low-energy observables",
          75: "files for WHIZARD", 79: "WCXF files of Wilson coefficients"}
WORTH = 0.1     # share of the time of SPheno from which an entry is named
TABLES = tuple(columns(5, 1, 1)) + OPTIONAL
THIRDS = {**dict.fromkeys((1, 3, 5), -1), **dict.fromkeys((2, 4, 6), 2),
          **dict.fromkeys((11, 13, 15), -3), **dict.fromkeys((12, 14, 16, 21, 22, 23, 25), 0),
          24: 3}    # electric charges in thirds, by PDG code


class OwnFile:
    """SPheno on the Les Houches file of the settings, none of its entries replaced.

    Parameters
    ----------
    config : ScanConfig
        With Calculator = 'SPheno'.

    Attributes
    ----------
    lines : list of str
        What the user is told.
    problems : list of str
        What must be corrected: numbers of Higgs bosons that are not those of the model.
    worked : bool
        It has a spectrum.

    Raises
    ------
    InputError, ProgramError
        SPheno or the file is not there.
    """

    def __init__(self, config):
        self.config, self.problems = config, []
        spheno, self.template = find_spheno(config), Template.read(config)
        self.spheno = spheno.with_(tables=TABLES,
                                   precision=self.template.flag("SPHENOINPUT", 34))
        text = "".join(self.template.lines)
        spectrum, _, failure = self._run(text)
        self.worked = spectrum is not None
        if not self.worked:
            self.lines = [f"{self.template.name} as it is: {failure.status}: {failure.reason}"]
            return
        spectrum, seconds, _ = self._run(text)  # again: the program is in memory now
        self.lines = [f"{self.template.name} as it is: ok, {seconds:.2f} s"]
        if spectrum is not None:
            self.lines[0] += f", {self.spheno.version(spectrum.slha)}"
            self._model(spectrum)
            if self.spheno.sarah:
                self._costs(spectrum, seconds)

    def _run(self, text):
        """(spectrum, seconds, None), or (None, seconds, failure)."""
        before = self.spheno.seconds
        with tempfile.TemporaryDirectory(prefix="mlscan-check-") as folder:
            try:
                spectrum, failure = self.spheno.run(text, Path(folder)), None
            except Failure as caught:
                spectrum, failure = None, caught
        return spectrum, self.spheno.seconds - before, failure

    def _model(self, spectrum):
        name, config = self.template.name, self.config
        n, p = (bosons(spectrum.tables.get(table, ""))
                for table in ("MH_GammaTot", "MHplus_GammaTot"))
        if n is not None:
            self.lines.append(f"  Higgs bosons, from the columns of its tables: NH = {n}, "
                              f"NCH = {p or 0}")
            found = (n, p or 0)
            if (config.HiggsBounds or config.HiggsSignal) and found != (config.NH, config.NCH) \
                    and by_tables(config):
                self.problems.append(
                    f"NH = {config.NH}, NCH = {config.NCH}, but SPheno{config.SPHENOMODEL} writes "
                    f"tables for {n} neutral and {p or 0} charged Higgs bosons. Set NH = {n} and "
                    f"NCH = {p or 0}.")
        elif self.spheno.sarah and not self.template.flag("SPHENOINPUT", 76):
            self.lines.append(f"  no tables for HiggsBounds and HiggsSignals: entry 76 of block "
                              f"SPhenoInput in {name} is 0 or missing; 76 2 (versions 5 and 2) "
                              "or 76 1 (4 and 1) makes SPheno write them")
        double = doubly_charged(spectrum.slha)
        if double:
            self.lines.append(f"  doubly charged scalars (PDG {', '.join(map(str, double))}): "
                              "HiggsBounds and HiggsSignals ignore them and their limits")

    def _costs(self, spectrum, seconds):
        """A line for each entry of SPhenoInput that takes time and can be switched off."""
        off = []
        for entry, what in COSTLY.items():
            if self.template.flag("SPHENOINPUT", entry) == 0:
                continue
            other, taken, _ = self._run(with_entries(self.template.lines, {entry: 0}))
            if other is not None and taken < (1 - WORTH) * seconds:
                off.append(entry)
                same = "unchanged" if other.tables == spectrum.tables else "DIFFERENT"
                tables = f"; the Higgs tables are {same}" if spectrum.tables else ""
                self.lines.append(f"  '{entry} 0' in block SPhenoInput (no {what}): "
                                  f"{taken:.2f} s instead of {seconds:.2f} s{tables}")
        if len(off) > 1:
            other, taken, _ = self._run(with_entries(self.template.lines, dict.fromkeys(off, 0)))
            if other is not None:
                self.lines.append(f"  all of these together: {taken:.2f} s")


def bosons(table):
    """Higgs bosons of a MH_GammaTot.dat or MHplus_GammaTot.dat, given as text; None if empty.

    Its columns are a line id, the masses, and the widths.
    """
    words = table.split("\n", 1)[0].split()
    return (len(words) - 1) // 2 if words else None


def doubly_charged(slha):
    """PDG codes (list of int) of particles with a decay into known ones of total charge +-2."""
    found = set()
    for (_, code), blocks in slha.decays.items():
        for _, line in (pair for block in blocks for pair in block.lines):
            words = line.partition("#")[0].split()[2:]
            daughters = [int(w) for w in words if re.fullmatch(r"[+-]?\d+", w)]
            if all(abs(d) in THIRDS for d in daughters) and abs(sum(
                    THIRDS[abs(d)] * (1 if d > 0 else -1) for d in daughters)) == 6:
                found.add(abs(code))
    return sorted(found)


def with_entries(lines, values):
    """The text of a Les Houches file with other entries of block SPhenoInput.

    Parameters
    ----------
    lines : sequence of str
    values : dict of int to int
        Entries that are missing are put at its head.
    """
    done: list[str] = []
    inside, head = False, 0
    missing = dict(values)
    for line in lines:
        words = line.partition("#")[0].split()
        if words and words[0].lower() == "block":
            inside = len(words) > 1 and words[1].lower() == "sphenoinput"
            head = len(done) + 1 if inside else head
        elif inside and len(words) > 1 and words[0].isdigit() and int(words[0]) in values:
            entry = int(words[0])
            missing.pop(entry, None)
            done.append(f" {entry} {values[entry]}\n")
            continue
        done.append(line)
    if not head:
        done.append("Block SPhenoInput\n")
        head = len(done)
    done[head:head] = [f" {entry} {value}\n" for entry, value in missing.items()]
    return "".join(done)
