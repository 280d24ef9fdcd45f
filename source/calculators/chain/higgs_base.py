"""What HiggsBounds and HiggsSignals have in common: calls, batches, finding the version.

Both read large tables when they start, so they are called for many points at a time where their
input allows it (`evaluate_tables`); the SLHA form takes one point a call (`evaluate_slha`). Every
call has a working folder of its own: two HiggsSignals in one folder corrupt its installation.
"""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from ...errors import ProgramError
from ...parallel.processes import run_program
from ...parallel.scratch import working_folder
from ..programs import Failure, check_end, find_program, last_words
from ..slha import SlhaError
from . import higgs_files

ROWS_PER_LIMIT = 20     # a call with this many points more may take one time limit longer
SLHA_FILE = "point.slha"


def halve(evaluate, points):
    """Evaluate points in one call; when the call fails, in two halves, until the bad one is alone.

    Parameters
    ----------
    evaluate : callable
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
        return evaluate(points)
    except Failure as failure:
        if len(points) == 1:
            return [failure]
    middle = len(points) // 2
    return halve(evaluate, points[:middle]) + halve(evaluate, points[middle:])


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

    name = failed = block = ""      # of the program; status of a point for which it fails
    arguments: Any          # what a program adds: see HiggsBounds and HiggsSignals
    read_row: Any
    read_slha: Any
    forms: Any              # goes through the forms of its tables: sets `format`, then yields
    versions: ClassVar[dict[int, int]] = {}     # major version -> format of its tables (4 or 5)
    version, format = "", 0
    seconds = 0.0           # wall time in the program so far
    start_seconds = 0.0     # processor time of a call without points (docs/chain.md, what it costs)

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
        """Run the program in `folder`.

        Parameters
        ----------
        form : str
            How points are given: 'effC' (tables) or 'SLHA'.
        prefix : str
            Of the tables, or the SLHA file; relative to `folder`.
        folder : Path
        rows : int
            Points of the call; with many it has more time.

        Returns
        -------
        str
            What it printed.

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

    def evaluate_tables(self, points, scratch, first=()):
        """Evaluate points by their tables, all in one call where that works.

        Parameters
        ----------
        points : list of dict
            Rows as `higgs_files.check_point` gives them.
        scratch : Path
        first : list of dict
            Rows in front of them in each call, whose answers are not wanted.

        Returns
        -------
        list of Bounds or Signals or Failure
        """
        def evaluate(some):
            with working_folder(scratch, self.name) as folder:
                return self._evaluate_in([*first, *some], folder)[len(first):]
        return halve(evaluate, points)

    def _evaluate_in(self, points, folder):
        higgs_files.write_tables(folder, points)
        text = self._results("effC", folder, len(points))
        masses = [higgs_files.masses_of(rows, self.n, self.p) for rows in points]
        try:
            rows = higgs_files.read_results(text, self.name, len(points), masses)
        except Failure as failure:
            raise Failure(self.failed, failure.reason) from None
        return [self._answer(self.read_row, words) for words in rows]

    def evaluate_slha(self, text, scratch):
        """Evaluate one point by its SLHA spectrum, which the program gets a copy of.

        Parameters
        ----------
        text : str
        scratch : Path

        Returns
        -------
        Bounds or Signals or Failure
        """
        with working_folder(scratch, self.name) as folder:
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

    def note(self, folder):
        """What else a trial run tells: `folder` (Path) has the files that it wrote."""

    def check(self, answer):
        """The answer, when nothing in it tells of a mistake; else raises Failure."""
        return answer

    def probe(self):
        """Evaluate a made-up point: finds the version, and the forms that this version takes.

        Also lets HiggsBounds write its binary tables, which it does when first called and which
        two first calls at once might spoil.

        Raises
        ------
        ProgramError
            It fails, or its version is not known.
        """
        troubles = []
        with tempfile.TemporaryDirectory(prefix="mlscan-probe-") as scratch:
            for _ in self.forms():
                try:
                    answer = self._try(Path(scratch))
                except Failure as failure:
                    troubles.append(failure.reason)
                    continue
                if isinstance(answer, Failure):
                    troubles.append(answer.reason)
                    continue
                return answer
        raise ProgramError(f"{self.name} at {self.program} fails on a simple point: "
                           f"{'; '.join(dict.fromkeys(troubles)) or 'no known form'}.")

    def _try(self, scratch):
        folder = scratch / "probe"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        rows = higgs_files.sm_like(self.format, self.n, self.p)
        answer = self._evaluate_in([rows], folder)[0]
        text = (folder / f"{self.name}_results.dat").read_text("utf-8", "replace")
        self.version = self._version_of(text)
        self.note(folder)
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
