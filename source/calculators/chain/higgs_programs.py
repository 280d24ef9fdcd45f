"""HiggsBounds 4 and 5, HiggsSignals 1 and 2: how they are called and what they answer."""

from typing import Any, ClassVar

from ...errors import ProgramError
from ..programs import Failure
from ..slha import Slha, SlhaError
from . import first_row, higgs_files
from .higgs_base import HiggsProgram

FEW = 21    # observables that HiggsSignals 2 has without any data set


class HiggsBounds(HiggsProgram):
    """HiggsBounds 4 or 5."""

    name, failed, block = "HiggsBounds", "hb_failed", "HIGGSBOUNDSRESULTS"
    start_seconds = 0.27
    versions: ClassVar = {4: 4, 5: 5}
    citations = (
        "HiggsBounds: P. Bechtle et al., Comput. Phys. Commun. 181 (2010) 138, arXiv:0811.4169",
        "HiggsBounds-4: P. Bechtle et al., Eur. Phys. J. C 74 (2014) 2693, arXiv:1311.0055",
        "HiggsBounds-5: P. Bechtle et al., Eur. Phys. J. C 80 (2020) 1211, arXiv:2006.06007",
    )

    first_row: Any = None   # how to evaluate where a search reads the first row for all rows

    def note(self, folder):
        key = folder / "Key.dat"
        if key.is_file() and first_row.CHANNELS in key.read_text("utf-8", "replace"):
            self.first_row = first_row.FirstRow(self.n, self.p)

    def evaluate_tables(self, points, scratch, first=()):
        """As for all programs; each answer is that of a call with this point alone."""
        together = super().evaluate_tables
        if first or not self.first_row:
            return together(points, scratch, first)
        return self.first_row.evaluate(
            points, lambda some: [together([rows], scratch)[0] for rows in some],
            lambda some, row: together(some, scratch, [row]))

    def forms(self):
        """Try the newest format of the tables first."""
        for self.format in (5, 4):
            yield

    def arguments(self, form):
        """Command line before the prefix."""
        return ["LandH", form, str(self.n), str(self.p)]

    def read_row(self, words):
        """Bounds, from the words of a row of its results."""
        return higgs_files.bounds_of(words)

    def read_slha(self, text):
        """Rank 0 of the block is the verdict; the ranks after it are single channels."""
        slha = Slha(text)
        return higgs_files.Bounds(*(slha.value(self.block, 0, entry) for entry in (2, 3, 1)))

    def check(self, answer):
        if answer.result not in (-1, 0, 1):
            raise Failure(self.failed, f"HiggsBounds: HBresult is {answer.result:g}")
        if answer.result < 0:
            raise Failure("unphysical", "HiggsBounds calls the point unphysical (HBresult -1)")
        return answer


class HiggsSignals(HiggsProgram):
    """HiggsSignals 1 or 2.

    Parameters
    ----------
    data : str
        Data set, a folder in data/Expt_tables of the package or 'latestresults'.
    """

    name, failed, block = "HiggsSignals", "hs_failed", "HIGGSSIGNALSRESULTS"
    start_seconds = 0.2
    versions: ClassVar = {1: 4, 2: 5}
    citations = (
        "HiggsSignals: P. Bechtle et al., Eur. Phys. J. C 74 (2014) 2711, arXiv:1305.1933",
        "HiggsSignals-2: P. Bechtle et al., Eur. Phys. J. C 81 (2021) 145, arXiv:2012.09197",
    )
    # entries of the SLHA block: chi2 of rates, of masses, in all, p-value, number of observables
    entries: ClassVar[dict] = {1: (None, None, 12, 13, 7), 2: (15, 16, 17, 21, 8)}
    mode: tuple = ()    # ('peak',) for the versions that want it
    count = None        # number of observables, known after the probe

    def __init__(self, program, n, p, limit, data="latestresults"):
        super().__init__(program, n, p, limit)
        self.data = data

    def check_data(self):
        """Raise ProgramError for a data set that is not there: HiggsSignals itself would go on
        with the few observables that do not depend on it, and exit with 0."""
        for root in (self.program.parent, self.program.parent.parent):
            tables = root / "data" / "Expt_tables"
            folders = tables if tables.is_dir() else root / "Expt_tables"
            if folders.is_dir():
                sets = sorted(path.name for path in folders.iterdir() if path.is_dir())
                if self.data not in sets:
                    raise ProgramError(f"LHC_run: HiggsSignals has no data set {self.data!r}; "
                                       f"it has {', '.join(sets)}.")
                return

    def forms(self):
        """HiggsSignals 2.3 dropped the word 'peak' from its command line."""
        for self.format, self.mode in ((5, ()), (5, ("peak",)), (4, ("peak",))):
            yield

    def probe(self):
        answer = super().probe()
        if answer.count <= FEW:
            raise ProgramError(f"LHC_run: with the data set {self.data!r} HiggsSignals "
                               f"{self.version} uses {answer.count:g} observables only; is that "
                               "set there?")
        self.count = answer.count
        return answer

    def arguments(self, form):
        """Command line before the prefix; 2 is the Gaussian shape of mass uncertainties."""
        return [self.data, *self.mode, "2", form, str(self.n), str(self.p)]

    def read_row(self, words):
        """Signals, from the words of a row of its results."""
        return higgs_files.signals_of(words)

    def read_slha(self, text):
        """Signals, from the block it appends to the spectrum."""
        slha = Slha(text)
        entries = self.entries[int(self.version.split(".")[0])]
        comment = slha.comment(self.block, entries[2])
        if comment != "chi^2 (total)":
            raise SlhaError(f"entry {entries[2]} of its block is {comment!r}, not chi^2 (total)")
        mu, mass, chi2, p_value, count = (
            float("nan") if entry is None else slha.value(self.block, entry) for entry in entries)
        return higgs_files.Signals(mu, mass, chi2, higgs_files.probability(p_value), count)

    def check(self, answer):
        if self.count is not None and answer.count < self.count:
            raise Failure(self.failed, f"HiggsSignals used {answer.count:g} observables, "
                          f"{self.count:g} expected")
        if answer.chi2 < 0:
            raise Failure(self.failed, f"HiggsSignals: chi2 is {answer.chi2:g}")
        return answer
