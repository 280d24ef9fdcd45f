"""HiggsTools, the successor of HiggsBounds and HiggsSignals, in this process.

Written after the documented Python interface (H. Bahl et al., arXiv:2210.09332); tested against a
stand-in of that interface only, not against the library itself.
"""

import importlib

from ...errors import ProgramError
from ...parallel.scratch import working_folder
from ..programs import Failure
from . import off_shell
from .higgs_files import Bounds, Signals
from .higgs_steps import (
    CHARGED,
    NEUTRAL,
    HiggsTests,
    mass_names,
    prepare_slha,
    read_masses,
    take_bounds,
    take_signals,
)

MODULES = ("Higgs.predictions", "Higgs.bounds", "Higgs.signals", "Higgs.tools.Input")


def is_data_set(folder):
    """True for a data set of HiggsTools: a folder with JSON files and no program in it."""
    return folder.is_dir() and any(folder.rglob("*.json")) \
        and not any((folder / name).exists() for name in
                    ("HiggsBounds", "HiggsSignals", "build/HiggsBounds", "build/HiggsSignals"))


class _DataSet:
    """What the chain wants to know of a program: name, version, path, citations, time."""

    citations = ("HiggsTools: H. Bahl et al., Comput. Phys. Commun. 291 (2023) 108803, "
                 "arXiv:2210.09332",)
    version, limit, seconds = "(HiggsTools)", 0.0, 0.0

    def __init__(self, name, folder):
        self.name, self.program = name, folder


class HiggsToolsTests(HiggsTests):
    """HiggsBounds and HiggsSignals of HiggsTools, from the SLHA spectrum.

    Parameters
    ----------
    bounds, signals : _DataSet or None
    n, p : int
        Neutral and charged Higgs bosons.
    uncertainties : list of float, optional
        Mass uncertainties in GeV, neutral, then charged.

    The data sets are read once in each process, when first needed; pickling leaves them out.
    """

    def __init__(self, bounds, signals, n, p, uncertainties=None):
        super().__init__(bounds, signals, n, p)
        self.neutral, self.charged = NEUTRAL[n], (CHARGED,) * p
        self.uncertainties = uncertainties
        self._loaded = None

    @classmethod
    def from_folders(cls, bounds, signals, n, p, uncertainties=None):
        """Check that the module is there and reads the data sets.

        Parameters
        ----------
        bounds, signals : Path or None
            Folders of data sets; the rest as for the class.

        Raises
        ------
        ProgramError
        """
        if n > max(NEUTRAL) or p > 1:
            raise ProgramError("NH, NCH: HiggsTools is given points by SLHA: at most 5 neutral "
                               "and 1 charged Higgs bosons.")
        tests = cls(bounds and _DataSet("HiggsBounds", bounds),
                    signals and _DataSet("HiggsSignals", signals), n, p, uncertainties)
        tests.load()
        return tests

    def __getstate__(self):
        return {**self.__dict__, "_loaded": None}

    def load(self):
        """The modules and the data sets (bounds, signals), read at the first call."""
        if self._loaded is None:
            try:
                modules = [importlib.import_module(name) for name in MODULES]
            except ImportError as error:
                raise ProgramError(
                    "HBPath / HSPath name data sets of HiggsTools, but its Python module is not "
                    f"installed here ({error}). Install HiggsTools into this environment, or name "
                    "the folders of HiggsBounds and HiggsSignals.") from None
            try:
                self._loaded = (modules, self.bounds and modules[1].Bounds(
                    str(self.bounds.program)), self.signals and modules[2].Signals(
                    str(self.signals.program)))
            except (RuntimeError, OSError, ValueError) as error:
                raise ProgramError(f"HiggsTools cannot read its data sets: {error}") from None
        return self._loaded

    def evaluate(self, points, scratch):
        for point in points:
            try:
                self._evaluate_point(point, scratch)
            except Failure as failure:
                point.fail(failure)

    def _evaluate_point(self, point, scratch):
        modules, bounds, signals = self.load()
        masses = read_masses(point.spectrum.slha, self.neutral + self.charged)
        point.numbers.update(zip(mass_names(self.n, self.p), masses, strict=True))
        point.warn(off_shell.missing(point.spectrum.slha, self.neutral))
        try:
            predictions = self._predict(modules[3], point.spectrum.text, scratch)
        except (RuntimeError, ValueError, LookupError) as error:
            raise Failure("bad_output", f"HiggsTools cannot read the spectrum: {error}") from None
        if self.bounds:
            take_bounds(point, _ask("hb_failed", self._bounds, bounds, predictions))
        if self.signals:
            take_signals(point, _ask("hs_failed", self._signals, signals, predictions))

    def _predict(self, reader, text, scratch):
        with working_folder(scratch, "HiggsTools") as folder:
            path = folder / "point.slha"
            path.write_text(prepare_slha(text, self.neutral + self.charged), "utf-8", "replace")
            data = reader.readHB5SLHA(str(path), list(self.neutral), list(self.charged))
        predictions = reader.predictionsFromDict(
            data, [str(c) for c in self.neutral], [str(c) for c in self.charged], [])
        for code, value in zip(self.neutral, self.uncertainties or (), strict=False):
            predictions.particle(str(code)).setMassUnc(value)
        return predictions

    @staticmethod
    def _bounds(bounds, predictions):
        """The ratio is the largest of those selected for the particles."""
        result = bounds(predictions)
        limits = list(result.selectedLimits.values())
        if not limits:
            return Bounds(float(result.allowed), 0.0, 0.0)
        worst = max(limits, key=lambda limit: limit.obsRatio())
        return Bounds(float(result.allowed), float(worst.obsRatio()), float(worst.limit().id()))

    @staticmethod
    def _signals(signals, predictions):
        from scipy.stats import chi2 as distribution
        chi2, count = float(signals(predictions)), signals.observableCount()
        return Signals(float("nan"), float("nan"), chi2,
                       float(distribution.sf(chi2, count)), float(count))


def _ask(status, function, data, predictions):
    """The answer, a Failure with that status where the library raises one of its errors."""
    try:
        return function(data, predictions)
    except (RuntimeError, ValueError, LookupError) as error:
        return Failure(status, f"HiggsTools: {error}")
