"""What the input file adds to a calculator: own programs, Python steps, numbers from spectra."""

import contextlib
from pathlib import Path
from time import perf_counter

import numpy as np

from ...errors import InputError, ProgramError
from ...evaluation import OBJECTIVE, OK, Evaluation
from ...parallel.scratch import working_folder
from ...space.expressions import identifier, not_known
from ..programs import Failure
from ..slha import Slha
from ..slha_decays import NearChannel
from ..slha_numbers import SlhaError
from ..template import Template
from .constrained import EARLY, Constrained, EarlyEnd, named
from .runners import SPECTRUM, ProgramRunner, PythonRunner
from .user_programs import AFTER, UserProgram
from .work import Point

LAST = AFTER[-1]


class Extras:
    """The steps of `Programs` and the entries of `Observables` that are read from the spectrum.

    Parameters
    ----------
    steps : list of ProgramRunner and PythonRunner
    entries : list of observables.Observable
    names : sequence of str
        All parameters of a point.
    early_end : EarlyEnd, optional
        Where End_early asks for it.
    stored : completed.Stored, optional
        Of points that some numbers are known of.
    """

    def __init__(self, steps, entries, names, early_end=None, stored=None):
        self.steps, self.entries = steps, [e for e in entries if e.from_slha]
        self.names = [identifier(name) for name in names]
        self.observables = tuple(dict.fromkeys(name for s in steps for name in s.observables))
        self.open = any(step.open for step in steps)    # more names than these may come
        self.limit = sum(step.limit for step in steps)  # seconds a point takes at most
        self.citations = tuple(s.spec.cite for s in steps if s.spec.cite)
        self.files = tuple(file for s in steps for file in s.files)
        self.early_end, self.stored = early_end, stored
        self.wanted = tuple(pattern for s in steps for pattern in s.spec.files)

    @classmethod
    def from_config(cls, config, names, stored=None):
        """Raises InputError for all programs and files that are not there."""
        folder = Path(config.input_file).parent
        steps: list = []
        problems: list[str] = []
        for spec in config.Programs:
            kind = ProgramRunner if isinstance(spec, UserProgram) else PythonRunner
            try:
                steps.append(kind(spec, folder))
            except InputError as error:
                problems += error.problems
            except ProgramError as error:
                problems.append(str(error))
        if problems:
            raise InputError(problems)
        return cls(steps, config.Observables, names, EarlyEnd.from_config(config, names), stored)

    def run(self, point, x, scratch, after=""):
        """Run the steps that come after this program (all, if none); a failure ends it.

        Parameters
        ----------
        point : work.Point
        x : (D,) array
        scratch : Path
        after : str
        """
        numbers = dict(zip(self.names, np.asarray(x, float).tolist(), strict=True))
        known = self.stored and self.stored(x)
        numbers |= known[1] if known else {}
        for step in self.steps:
            if after in ("", step.after) and self.goes_on(point, x, step):
                started = perf_counter()
                try:
                    with working_folder(scratch, step.name) as folder:
                        step.run(point, {**numbers, **point.numbers}, folder)
                except Failure as failure:
                    point.fail(failure)
                finally:
                    step.seconds += perf_counter() - started

    def goes_on(self, point, x, step=None):
        """Whether a point, with parameters x (D,), gets the next program.

        Parameters
        ----------
        step : object, optional
            That program, where it is one of `steps`: it or a later one may change the spectrum.
        """
        if point.status != OK or point.ended or not self.early_end:
            return point.status == OK and not point.ended
        later = self.steps[self.steps.index(step):] if step else \
            [s for s in self.steps if s.after == LAST]
        numbers = dict(point.numbers)
        if point.spectrum and not any(getattr(s.spec, "spectrum", False) for s in later):
            for entry in self.entries:
                with contextlib.suppress(SlhaError):
                    numbers[entry.name] = entry.read(point.spectrum.slha)
        point.ended = self.early_end(x, numbers)
        if point.ended:
            point.warn(EARLY + point.ended)
        return not point.ended

    def read(self, point):
        """Read the entries of `Observables` from the spectrum of a point."""
        for entry in self.entries if point.spectrum else ():
            try:
                point.numbers[entry.name] = entry.read(point.spectrum.slha)
            except SlhaError as error:
                # a misspelt name is missing in every point: the user's to correct
                if not entry.optional or isinstance(error, NearChannel):
                    point.fail(Failure("bad_output", f"{entry.name}: {error}"))


class Extended:
    """A calculator without a spectrum of its own, and then the steps of `Programs`.

    Parameters
    ----------
    calculator : object
    extras : Extras
    limit : float
        Seconds for a point without the steps.
    keep : bool
        The files of points are wanted.
    """

    share = 1   # programs and Python libraries are slow; a task is one point

    def __init__(self, calculator, extras, limit, keep=False):
        self.calculator, self.extras, self.keep = calculator, extras, keep
        own = tuple(calculator.observables)
        self.open_names = extras.open or getattr(calculator, "open_names", not own)
        self.observables = own + extras.observables
        self.citations = tuple(calculator.citations) + extras.citations
        self.files = tuple(getattr(calculator, "files", ())) + extras.files
        self.point_limit = limit + extras.limit

    @property
    def value_is_chi2(self):
        """Whether the number of the calculator below is a chi2."""
        return getattr(self.calculator, "value_is_chi2", True)

    def evaluate(self, x, scratch):
        """One `Evaluation` for each row of `x` (n, D)."""
        outcomes = self.calculator.evaluate(x, scratch)
        return [self._one(row, outcome, Path(scratch))
                for row, outcome in zip(np.asarray(x, float), outcomes, strict=True)]

    def _one(self, row, outcome, scratch):
        point = Point(self.keep)
        point.status, point.reason = outcome.status, outcome.reason
        point.numbers = named(outcome.observables, self.calculator.observables)
        if outcome.objective is not None:
            point.numbers.pop(OBJECTIVE, None)  # the calculator's own; it stands for the point
        if point.status == OK:
            prepare = getattr(self.calculator, "prepare", None)
            if prepare:
                prepare(point, row)
            self.extras.run(point, row, scratch)
            self.extras.read(point)
        point.keep(SPECTRUM, point.spectrum.text if point.spectrum else "")
        objective = outcome.objective if point.status == outcome.status else None
        return Evaluation(point.status, outcome.value, point.numbers, point.reason,
                          point.archive(), objective)


class Blank:
    """`Calculator = 'Programs'`: nothing but the steps; chi2 comes from the constraints.

    Parameters
    ----------
    template : Template or None
        The filled Les Houches file is the spectrum that the first step finds.
    """

    observables = citations = ()
    value_is_chi2 = open_names = False
    share = 1

    def __init__(self, template=None):
        self.template = template

    @classmethod
    def from_config(cls, config):
        """With the file `Lesh`, when that is set."""
        if not config.Programs:
            raise InputError("Calculator = 'Programs', but the list Programs is empty. Put a "
                             "UserProgram(...) or python_step(...) into it.")
        if config.Target_value is not None:
            raise InputError("Calculator = 'Programs' gives no value, so Target_value cannot "
                             "be used. Give an observable its range=(low, high), and delete "
                             "Target_value and Target_width.")
        if not config.Lesh:
            return cls()
        return cls(Template.from_config(config))

    def evaluate(self, x, scratch):
        """Every point, a row of `x` (n, D), is fine so far."""
        return [Evaluation(OK, 0.0)] * len(x)

    def prepare(self, point, row):
        """Give a point its filled Les Houches file."""
        if self.template:
            text = self.template.fill(row)
            point.set_spectrum(text, Slha(text))


def with_steps(calculator, config, names, stored=None):
    """A calculator with the `Programs` and with what is read from spectra."""
    if getattr(calculator, "extras", None) is None and (
            config.Programs or any(e.from_slha for e in config.Observables)):
        extras = Extras.from_config(config, names, stored)
        calculator = Extended(calculator, extras, config.Timeout_point,
                              config.Keep_files != "none")
        _need_spectrum(calculator)
    return calculator


def with_extras(calculator, config, names):
    """A calculator with the `Programs` and the `Observables` of the input file."""
    calculator = with_steps(calculator, config, names)
    if config.Observables:
        calculator = Constrained.from_config(calculator, config, names)
    _need_spread(calculator, config, names)
    return calculator


def _need_spread(calculator, config, names):
    """Raise InputError when `Spread_in` has a name that nobody gives."""
    own = calculator.observables
    known = [*map(identifier, names), *own]
    if own and not getattr(calculator, "open_names", False):
        problems = [f"Spread_in: {not_known(name, known)}." for name in config.Spread_in
                    if identifier(name) not in known]
        if problems:
            raise InputError(problems)


def _need_spectrum(calculator):
    """Raise InputError when numbers are to be read from a spectrum that nobody makes."""
    made = any(getattr(step.spec, "spectrum", False) for step in calculator.extras.steps)
    entries = calculator.extras.entries
    if entries and not made and not getattr(calculator.calculator, "template", None):
        raise InputError([f"observable {e.name!r}: there is no spectrum to read it from; use "
                          "Calculator = 'SPheno', or a UserProgram with spectrum=True."
                          for e in entries])
