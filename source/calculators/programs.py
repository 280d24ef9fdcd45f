"""Programs of the chain: where they are, how one fails, and SPheno itself."""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from ..errors import ProgramError
from ..parallel.processes import run_program
from .slha import Slha, SlhaError, finite, number
from .verdicts import Failure, check_valid, meaning, with_end

_REACHED = re.compile(r"reached precision:\s+(\S+)")    # SARAH's SPheno, after each iteration

INPUT, SPECTRUM = "LesHouches.in", "SPheno.spc"


def find_program(folder, names, setting, remedy):
    """The executable `folder/name` for the first name that exists, as an absolute path.

    Parameters
    ----------
    folder : path
    names : sequence of str
        Relative to it.
    setting, remedy : str
        For the message: whose program is missing, and what to do about it.

    Raises
    ------
    ProgramError
        Not found or not executable; says where it was looked for and what to do.
    """
    folder = Path(folder).expanduser()
    candidates = [folder / name for name in names]
    for path in candidates:
        if path.is_file():
            if not os.access(path, os.X_OK):
                raise ProgramError(f"{setting}: {path} is not executable (chmod +x).")
            return path.resolve()
    places = " or ".join(str(path) for path in candidates)
    raise ProgramError(f"{setting}: no program at {places}. {remedy}")


def check_end(outcome):
    """Raise Failure when a program did not end by itself."""
    if outcome.trouble:
        raise Failure(outcome.trouble, outcome.reason)


def last_words(output):
    """What a program said about its failure: a run-time error, a STOP, or its last line."""
    lines = [line.strip() for line in output.splitlines()]
    lines = [line for line in lines if line and not line.startswith("Note: The following float")
             and line != "STOP Subroutine TerminateProgram"]
    for mark in ("Fortran runtime error", "STOP ", "ERROR STOP"):
        for line in lines:
            if mark in line:
                return line[:200]
    return lines[-1][:200] if lines else "no output"


class Spectrum(NamedTuple):
    """What SPheno left for one point.

    Attributes
    ----------
    text : str
        The SLHA file.
    slha : Slha
    tables : dict of str to str
        The HiggsBounds files by name without '.dat', only those that exist.
    """

    text: str
    slha: Slha
    tables: dict


class SPheno:
    """SPheno, the base (MSSM) build or one made by SARAH.

    Parameters
    ----------
    program : Path
        Absolute path of the executable.
    sarah : bool
        Made by SARAH: it then says 'Finished!' when it has finished; the base build never does.
    limit : float
        Seconds for one point.
    tables : tuple of str
        Names, without '.dat', of the HiggsBounds files to keep.
    precision : float, optional
        SPhenoInput 34, the precision of masses that is asked for. A SARAH build writes spectra
        that have not reached it too, without a word.
    wanted : tuple of str
        Names and patterns of more files that it writes and that are asked for.
    """

    name, failed = "SPheno", "spheno_error"
    seconds = 0.0       # wall time in the program so far
    citations = (
        "SPheno: W. Porod, Comput. Phys. Commun. 153 (2003) 275, arXiv:hep-ph/0301101",
        "SPheno: W. Porod and F. Staub, Comput. Phys. Commun. 183 (2012) 2458, arXiv:1104.1573",
    )
    sarah_citations = (
        "SARAH: F. Staub, Comput. Phys. Commun. 185 (2014) 1773, arXiv:1309.7223",
    )

    def __init__(self, program, sarah, limit, tables=(), precision=None, wanted=()):
        self.program, self.sarah, self.limit, self.tables = program, sarah, limit, tables
        self.precision, self.wanted = precision, wanted

    def with_(self, **words):
        """The same program with other `tables`, `precision` or `wanted`."""
        now = {name: getattr(self, name) for name in ("tables", "precision", "wanted")}
        return type(self)(self.program, self.sarah, self.limit, **(now | words))

    @classmethod
    def find(cls, folder, model, limit, tables=()):
        """`folder`/bin/SPheno<model>; an empty model is the base build.

        Parameters
        ----------
        folder : path
        model : str
        limit : float
            Seconds for one point.
        tables : tuple of str

        Raises
        ------
        ProgramError
            It is not there.
        """
        build = f'Build it with "make Model={model}" in {folder}' if model else \
            f'Build it with "make" in {folder}'
        program = find_program(folder, [f"bin/SPheno{model}"], "SPheno",
                               f"{build}, or correct pathS / SPHENOMODEL.")
        return cls(program, bool(model), limit, tables)

    def run(self, text, folder):
        """The spectrum of one point.

        Parameters
        ----------
        text : str
            The filled Les Houches file.
        folder : Path
            Empty; short relative names are used in it, because SPheno cuts long ones silently.

        Raises
        ------
        Failure
        """
        (folder / INPUT).write_text(text, "utf-8", "surrogateescape", newline="")
        outcome = run_program([self.program, INPUT, SPECTRUM], folder, self.limit)
        self.seconds += outcome.seconds
        check_end(outcome)
        path = folder / SPECTRUM
        messages = _read(folder / "Messages.out")
        if not path.is_file() or (self.sarah and "Finished!" not in outcome.output):
            raise _no_spectrum(outcome.output, messages)
        text = _read(path)
        slha = self._parse(text, outcome.output, messages)
        tables = {name: _read(folder / f"{name}.dat") for name in self.tables
                  if (folder / f"{name}.dat").is_file()}
        return Spectrum(text, slha, tables)

    def files(self, folder):
        """Name -> bytes of the files in `folder` (Path) that are asked for."""
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())
                if path.is_file() and any(fnmatchcase(path.name, p) for p in self.wanted)}

    def _parse(self, text, output, messages):
        try:
            slha = Slha(text)
        except SlhaError as error:
            raise Failure("bad_output", f"{SPECTRUM}: {error}") from None
        check_valid(slha, "", self.failed, messages)
        self._check_precision(output)
        masses = slha.entries("MASS")
        if not masses:
            raise Failure("no_spectrum", f"{SPECTRUM} has no MASS block: "
                          + last_words(output or messages))
        if slha.torn:
            raise Failure("bad_output", f"{SPECTRUM} ends in the middle of line {slha.torn}")
        negative = "negative mass squared" in output
        for line, words in masses:
            try:
                mass = finite(words[1]) if len(words) == 2 else finite(" ".join(words))
            except SlhaError as error:
                raise Failure("bad_output", f"{SPECTRUM}, line {line}, MASS: {error}") from None
            # with SPhenoInput 52 = 1 tachyons are written with a mass of exactly 1 GeV
            if negative and mass == 1.0:
                raise Failure("tachyon", f"{_tachyon(output)} (MASS {words[0]} written as 1)")
        if "|mu|^2 < 0 in the 1-loop calculation" in messages:
            # SPheno goes on with the sign reversed, and says so nowhere else
            raise Failure("no_ewsb", "Messages.out: |mu|^2 < 0 in the 1-loop calculation")
        return slha

    def _check_precision(self, output):
        reached = _REACHED.findall(output)
        if self.precision and reached and not _precise(reached[-1], self.precision):
            raise Failure("no_convergence", f"the masses reached a precision of {reached[-1]}, "
                          f"SPhenoInput 34 asks for {self.precision:g}")

    def version(self, slha):
        """'SPheno 4.0.5 (SARAH 4.14.3)' from the spectrum."""
        words = "".join(slha.texts("SPINFO", 2)[:1]).removeprefix("v") or "of unknown version"
        sarah = "".join(slha.texts("SPINFO", 9)[:1])
        return f"SPheno {words}" + (f" (SARAH {sarah})" if sarah else "")


def _precise(reached, wanted):
    """Whether the precision that a program says is the one that is wanted; not for NaN, ****."""
    try:
        return number(reached) <= wanted
    except SlhaError:
        return False


def _no_spectrum(output, messages):
    if "negative |mu|^2" in output:
        return Failure("no_ewsb", last_words(output))
    if "negative mass squared" in output or "negative mass squared" in messages:
        return Failure("tachyon", _tachyon(output + messages))
    if "has not converged" in output:
        return Failure("no_convergence", last_words(output))
    words = with_end(last_words(output), messages)
    return Failure(meaning(words, "no_spectrum"), words)


def _tachyon(output):
    """The sentence and the first routine that saw it."""
    sentence = "negative mass squared"
    for line in output.splitlines():
        if "Stopping calculation" in line or "Still a negative" in line:
            sentence = line.strip()
    for line in output.splitlines():
        if "routine Calculate" in line:
            return f"{sentence} ({line.split()[-1]})"
    return sentence


def _read(path):
    """Text of a file that may be missing or hold anything."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
