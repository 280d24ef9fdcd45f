"""HiggsBounds 4 and 5, HiggsSignals 1 and 2: how they are called and what they answer.

Both read large tables when they start, so they are called for many points at a time where their
input allows it (`judge_tables`); the SLHA form takes one point a call (`judge_slha`). Every call
has a working folder of its own: two HiggsSignals in one folder corrupt its installation.
"""

import re
import shutil
import tempfile
from pathlib import Path

import higgs_files
from errors import ProgramError
from processes import run_program
from programs import Failure, check_end, find_program, last_words
from slha import Slha, SlhaError

ROWS_PER_LIMIT = 20     # a call with this many points more may take one time limit longer
SLHA_FILE = "point.slha"


def halve(judge, points):
    """Judge points in one call; when the call fails, in two halves, until the bad one is alone.

    Parameters
    ----------
    judge : callable
        list of points -> list of answers; raises Failure when the call as a whole failed.
    points : list

    Returns
    -------
    list
        One for each point: its answer, or the Failure of the call that had it alone.
    """
    if not points:
        return []
    try:
        return judge(points)
    except Failure as failure:
        if len(points) == 1:
            return [failure]
    middle = len(points) // 2
    return halve(judge, points[:middle]) + halve(judge, points[middle:])


class HiggsProgram:
    """Common part of HiggsBounds and HiggsSignals.

    Parameters
    ----------
    program : Path
        Absolute path of the executable.
    n, p : int
        Neutral and charged Higgs bosons.
    limit : float
        Seconds for a call with one point.
    """

    name = failed = ""      # of the program; status of a point for which it fails
    versions = {}           # major version -> format of its tables (4 or 5)
    version, format = "", 0
    seconds = 0.0           # wall time in the program so far

    def __init__(self, program, n, p, limit):
        self.program, self.n, self.p, self.limit = program, n, p, limit

    @classmethod
    def find(cls, folder, setting):
        """The executable in `folder` (version 4 and older) or `folder`/build.

        Raises
        ------
        ProgramError
        """
        return find_program(folder, [cls.name, f"build/{cls.name}", f"bin/{cls.name}"], setting,
                            f"Build {cls.name} as its README says, or correct {setting}.")

    def call(self, form, prefix, folder, rows=1):
        """Run the program in `folder`; its output as text.

        Raises
        ------
        Failure
            It did not end by itself.
        """
        limit = self.limit * (1 + (rows - 1) / ROWS_PER_LIMIT)
        outcome = run_program([self.program, *self.arguments(form), prefix], folder, limit)
        self.seconds += outcome.seconds
        check_end(outcome)
        return outcome.output

    def _results(self, form, folder, rows):
        """Text of the results table."""
        output = self.call(form, "./", folder, rows)
        path = folder / f"{self.name}_results.dat"
        if not path.is_file():
            raise Failure(self.failed, f"{self.name}: {last_words(output)}")
        return path.read_text("utf-8", "replace")

    def judge_tables(self, points, scratch):
        """Judge points by their tables, all in one call where that works.

        Parameters
        ----------
        points : list of dict
            Rows as `higgs_files.check_point` gives them.
        scratch : Path

        Returns
        -------
        list of Bounds or Signals or Failure
        """
        def judge(some):
            with tempfile.TemporaryDirectory(dir=scratch, prefix="t") as folder:
                return self._judge_in(some, Path(folder))
        return halve(judge, points)

    def _judge_in(self, points, folder):
        higgs_files.write_tables(folder, points)
        text = self._results("effC", folder, len(points))
        masses = [higgs_files.masses_of(rows, self.n, self.p) for rows in points]
        try:
            rows = higgs_files.read_results(text, self.name, len(points), masses)
        except Failure as failure:
            raise Failure(self.failed, failure.reason) from None
        return [self._answer(self.read_row, words) for words in rows]

    def judge_slha(self, text, scratch):
        """Judge one point by its SLHA spectrum, which the program gets a copy of.

        Returns
        -------
        Bounds or Signals or Failure
        """
        with tempfile.TemporaryDirectory(dir=scratch, prefix="s") as folder:
            folder = Path(folder)
            path = folder / SLHA_FILE
            path.write_text(text, "utf-8", "replace", newline="")
            try:
                output = self.call("SLHA", SLHA_FILE, folder)
            except Failure as failure:
                return failure
            after = path.read_text("utf-8", "replace")
            if self.block not in after.upper():
                return Failure(self.failed, f"{self.name}: {last_words(output)}")
            return self._answer(self.read_slha, after)

    def _answer(self, read, source):
        """`read(source)`, checked; a Failure where a number is missing or wrong."""
        try:
            return self.check(read(source))
        except (SlhaError, IndexError) as error:
            return Failure(self.failed, f"{self.name}: {error or 'incomplete row'}")
        except Failure as failure:
            return failure

    def check(self, answer):
        """The answer, when nothing in it tells of a mistake; else raises Failure."""
        return answer

    def probe(self, known_format=None):
        """Judge a made-up point: finds the version, and the forms that this version takes.

        Also lets HiggsBounds write its binary tables, which it does when first called and which
        two first calls at once might spoil.

        Raises
        ------
        ProgramError
            It fails, or its version is not known.
        """
        troubles = []
        with tempfile.TemporaryDirectory(prefix="mlscan-probe-") as scratch:
            for form in self.forms():
                if known_format and self.format != known_format:
                    continue
                try:
                    answer = self._try(Path(scratch), form)
                except Failure as failure:
                    troubles.append(failure.reason)
                    continue
                if isinstance(answer, Failure):
                    troubles.append(answer.reason)
                    continue
                return answer
        raise ProgramError(f"{self.name} at {self.program} fails on a simple point: "
                           f"{'; '.join(dict.fromkeys(troubles)) or 'no known form'}.")

    def _try(self, scratch, form):
        folder = scratch / "probe"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        rows = higgs_files.sm_like(self.format, self.n, self.p)
        answer = self._judge_in([rows], folder)[0]
        text = (folder / f"{self.name}_results.dat").read_text("utf-8", "replace")
        self.version = self._version_of(text)
        major = int(self.version.split(".")[0])
        if major not in self.versions:
            known = " and ".join(str(v) for v in sorted(self.versions))
            raise ProgramError(f"{self.program} is {self.name} {self.version}; versions {known} "
                               "are known.")
        if self.versions[major] != self.format:
            raise Failure(self.failed, f"{self.name} {self.version} read tables of format "
                          f"{self.format}")
        return answer

    def _version_of(self, text):
        match = re.search(rf"generated with {self.name} version\s+(\d+\S*)", text)
        if not match:
            raise ProgramError(f"{self.program} does not say its version, so it is not used.")
        return match[1]


class HiggsBounds(HiggsProgram):
    """HiggsBounds 4 or 5."""

    name, failed, block = "HiggsBounds", "hb_failed", "HIGGSBOUNDSRESULTS"
    versions = {4: 4, 5: 5}
    citations = (
        "HiggsBounds: P. Bechtle et al., Comput. Phys. Commun. 181 (2010) 138, arXiv:0811.4169",
        "HiggsBounds-4: P. Bechtle et al., Eur. Phys. J. C 74 (2014) 2693, arXiv:1311.0055",
        "HiggsBounds-5: P. Bechtle et al., Eur. Phys. J. C 80 (2020) 1211, arXiv:2006.06007",
    )

    def forms(self):
        """Try the newest format of the tables first."""
        for self.format in (5, 4):
            yield self.format

    def arguments(self, form):
        """Command line before the prefix."""
        return ["LandH", form, str(self.n), str(self.p)]

    def read_row(self, words):
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
    versions = {1: 4, 2: 5}
    citations = (
        "HiggsSignals: P. Bechtle et al., Eur. Phys. J. C 74 (2014) 2711, arXiv:1305.1933",
        "HiggsSignals-2: P. Bechtle et al., Eur. Phys. J. C 81 (2021) 145, arXiv:2012.09197",
    )
    # entries of the SLHA block: chi2 of rates, of masses, in all, p-value, number of observables
    entries = {1: (None, None, 12, 13, 7), 2: (15, 16, 17, 21, 8)}
    mode = ()           # ('peak',) for the versions that want it
    rates = None        # number of rate observables, known after the probe

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
            yield self.format

    def probe(self, known_format=None):
        answer = super().probe(known_format)
        self.rates = answer.count
        return answer

    def arguments(self, form):
        """Command line before the prefix; 2 is the Gaussian shape of mass uncertainties."""
        return [self.data, *self.mode, "2", form, str(self.n), str(self.p)]

    def read_row(self, words):
        return higgs_files.signals_of(words)

    def read_slha(self, text):
        slha = Slha(text)
        entries = self.entries[int(self.version.split(".")[0])]
        comment = slha.comment(self.block, entries[2])
        if comment != "chi^2 (total)":
            raise SlhaError(f"entry {entries[2]} of its block is {comment!r}, not chi^2 (total)")
        mu, mass, chi2, p_value, count = (
            float("nan") if entry is None else slha.value(self.block, entry) for entry in entries)
        return higgs_files.Signals(mu, mass, chi2, higgs_files.probability(p_value), count)

    def check(self, answer):
        if self.rates is not None and answer.count < self.rates:
            raise Failure(self.failed, f"HiggsSignals used {answer.count:g} observables, "
                          f"{self.rates:g} expected")
        if answer.chi2 < 0:
            raise Failure(self.failed, f"HiggsSignals: chi2 is {answer.chi2:g}")
        return answer
