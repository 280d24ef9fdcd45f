"""Run the programs and Python functions of the user's own for one point."""

import contextlib
import os
import re
import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError, ProgramError
from ...files import located
from ...parallel.processes import run_program
from ...user_code import UserCode, attempt, described, real_number
from ..programs import Failure, check_end, last_words
from ..slha import Slha, SlhaError, finite
from ..verdicts import check_valid
from .limits import Late, running_time
from .patterns import found

SPECTRUM = "spectrum.slha"  # the spectrum in the folder of a step
_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")


class ProgramRunner:
    """Runs a `UserProgram`; the main process has found its files.

    Parameters
    ----------
    spec : UserProgram
    folder : Path
        Where relative paths start.
    """

    def __init__(self, spec, folder):
        self.spec, self.seconds = spec, 0.0
        self.name, self.limit, self.after = spec.name, spec.timeout, spec.after
        self.observables, self.open = tuple(spec.observables or ()), False
        self.command = [self._path(word, folder) for word in spec.command]
        self.command[0] = self._program(self.command[0], folder)
        self.files = (self.command[0],)
        self.inputs = {}
        for file in spec.input:
            path = located(file, folder)
            try:
                self.inputs[path.name] = path.read_text("utf-8", "surrogateescape")
            except OSError as error:
                raise InputError(f"program {self.name!r}: input {path} cannot be read: "
                                 f"{error.strerror}.") from None

    @staticmethod
    def _path(word, folder):
        if word.startswith(("./", "../", "~/")):
            return str(located(word, folder).absolute())
        return word

    def _program(self, word, folder):
        found = word if "/" in word else shutil.which(word)
        found = found and str(Path(folder, found).absolute())
        if not found or not Path(found).is_file():
            raise ProgramError(f"program {self.name!r}: there is no program {word}. Give its path "
                               "(./program is beside the input file), or install it.")
        return found

    def run(self, point, numbers, folder):
        """Run it for one point: its observables go into `point.numbers`.

        Parameters
        ----------
        point : work.Point
        numbers : dict of str to float
            Everything known so far, parameters included.
        folder : Path
            Fresh.

        Raises
        ------
        Failure
        """
        _write_files(point, folder, self.spec.spectrum_name, self.spec.files)
        for name, text in self.inputs.items():
            (folder / name).write_text(_filled(text, numbers), "utf-8", "surrogateescape")
        words = {**numbers, "spectrum": self.spec.spectrum_name}
        outcome = run_program([self.command[0], *(_filled(w, words) for w in self.command[1:])],
                              folder, self.limit, stdin=self._stdin(words, folder))
        check_end(outcome)
        text = self._answer(outcome, folder)
        point.keep(f"{self.name}/{self.spec.output or 'output.txt'}", text)
        slha = self._slha(text)
        if slha:
            check_valid(slha, self.name, "failed")
        for name, where in (self.spec.observables or {}).items():
            point.numbers[name] = self._number(name, where, text, slha)
        if self.spec.spectrum:
            point.set_spectrum(text, slha)

    def _stdin(self, words, folder):
        if not self.spec.stdin:
            return os.devnull
        path = folder / _filled(self.spec.stdin, words)
        if not path.is_file():
            raise Failure("not_started", f"{self.name}: there is no {path.name} that it could read "
                          "as its standard input")
        return path

    def _answer(self, outcome, folder):
        text, spec = outcome.output, self.spec
        if spec.output:
            try:
                text = (folder / spec.output).read_text("utf-8", "replace")
            except OSError:
                raise Failure("no_output", f"{self.name} wrote no {spec.output}: "
                              + last_words(outcome.output)) from None
        if spec.failure and (spec.failure in text or spec.failure in outcome.output):
            raise Failure("failed", f"{self.name} says {spec.failure!r}: "
                          + _line_with(spec.failure, text + "\n" + outcome.output))
        trouble = "" if outcome.code == 0 else f"ended with exit code {outcome.code}"
        if spec.success:
            said = spec.success in text or spec.success in outcome.output
            trouble = "" if said else f"does not say {spec.success!r}"
        if trouble:
            self._explain(text)
            raise Failure("failed", f"{self.name} {trouble}: " + last_words(outcome.output))
        if spec.output and not text.strip():
            raise Failure("no_output", f"{self.name}: {spec.output} is empty")
        return text

    def _explain(self, text):
        """Raise the Failure that a spectrum tells of; its exit code says less."""
        with contextlib.suppress(SlhaError):
            check_valid(Slha(text), self.name, "failed")

    def _slha(self, text):
        blocks = [w for w in (self.spec.observables or {}).values() if not isinstance(w, str)]
        if not blocks and not self.spec.spectrum:
            return None
        try:
            return Slha(text)
        except SlhaError as error:
            raise Failure("bad_output", f"{self.name}: {error}") from None

    def _number(self, name, where, text, slha):
        try:
            if not isinstance(where, str):
                return slha.value(*where)
            numbers = found(where, text, self.limit)
            if len(numbers) != 1:
                raise SlhaError(f"{where!r} is found {len(numbers)} times, with different values"
                                if numbers else f"there is no {where!r} in the output")
            return finite(numbers.pop())
        except Late:
            raise Failure("timeout", f"{self.name}: {name}: the search for {where!r} gave no "
                          f"answer within {self.limit:g} s; use a simpler expression") from None
        except SlhaError as error:
            raise Failure("bad_output", f"{self.name}: {name}: {error}") from None


class PointData(dict):
    """All numbers of a point so far, by name; `folder` is a scratch folder.

    With a spectrum, it is in `folder` under the name `spectrum_file`.
    """

    spectrum_file = SPECTRUM

    def __init__(self, numbers, folder):
        super().__init__(numbers)
        self.folder = folder


class PythonRunner:
    """Runs a `PythonStep`."""

    def __init__(self, spec, folder):
        self.spec, self.seconds, self.limit, self.after = spec, 0.0, spec.timeout, spec.after
        self.code = UserCode.find(spec.code, folder, "python_step")
        self.name, self.files = spec.name or self.code.function, (self.code.path,)
        self.observables = tuple(spec.observables)
        self.open = not self.observables

    def run(self, point, numbers, folder):
        """As for `ProgramRunner`; what the function raises is the point's failure."""
        function = self.code.load()
        _write_files(point, folder, SPECTRUM, self.spec.files)
        answer: Any = None
        error: BaseException | None = None
        try:
            with running_time(self.limit):
                answer, error = attempt(function, point.spectrum and point.spectrum.slha,
                                        PointData(numbers, folder))
        except Late as late:
            error = late
        if isinstance(error, Late):
            raise Failure("timeout", f"{self.name} gave no answer within {self.limit:g} s")
        if isinstance(error, Failure):
            raise error
        if error is None:
            answer, error = attempt(self._numbers, answer)
        if error is not None:
            raise Failure("raised", f"{self.name}: {described(error)}"[:300])
        bad = [name for name, number in answer.items() if not np.isfinite(number)]
        if bad:
            raise Failure("bad_value", f"{self.name}: {bad[0]} = {answer[bad[0]]}")
        point.numbers.update(answer)

    def _numbers(self, answer):
        """By name; objects of the user's own may raise anything here."""
        if not isinstance(answer, dict):
            answer = {(self.observables or (self.name,))[0]: answer}
        return {str(name): real_number(number) for name, number in answer.items()}


def _line_with(words, text):
    """The first line that holds these words."""
    return next((line.strip() for line in text.splitlines() if words in line), words)[:200]


def _write_files(point, folder, name, patterns):
    """The spectrum, and what SPheno wrote beside it and this step wants."""
    if point.spectrum:
        (folder / name).write_text(point.spectrum.text, "utf-8", "surrogateescape")
    for file, content in point.files.items():
        if any(fnmatchcase(file, pattern) for pattern in patterns):
            (folder / file).write_bytes(content)


def _filled(text, words):
    """`text` with '{name}' replaced where the name is known; all digits of numbers."""
    def value(match):
        found = words.get(match[1])
        return match[0] if found is None else found if isinstance(found, str) else \
            repr(float(found))
    return _PLACE.sub(value, text)
