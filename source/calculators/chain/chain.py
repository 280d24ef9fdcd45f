"""The chain of real programs as a calculator: SPheno, then HiggsBounds and HiggsSignals.

Evaluating a point is a pure function of chain and point: every program runs in a fresh folder, and
the same point gives the same answer alone or in any batch.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from ...evaluation import OK, Evaluation
from ...parallel.scratch import working_folder
from ...space.parameters import clean_label
from ..programs import INPUT, SPECTRUM, Failure
from ..steps.extras import Extras
from ..steps.work import Point
from .chain_setup import set_up
from .off_shell import NO_WW

EXCLUDED, BY_BOUNDS = "excluded", "HiggsBounds: ratio "     # status, and how its reason begins
SHARE_MAX = 100     # more rows a call save nothing: start-up is then below 1% of the call


def excluded_by_bounds(numbers):
    """The Failure of a point whose numbers (dict) say that HiggsBounds excludes it; else None."""
    if numbers.get("HBresult") != 0:
        return None
    return Failure(EXCLUDED, f"{BY_BOUNDS}{numbers.get('HBratio', np.nan):g} in channel "
                   f"{numbers.get('HBchannel', np.nan):g}")


class Chain:
    """SPheno, and as configured HiggsBounds, HiggsSignals or HiggsTools.

    Parameters
    ----------
    template : Template
        With the addresses of the scanned parameters.
    spheno : SPheno
    higgs : HiggsTests or None
        None when neither HiggsBounds nor HiggsSignals is switched on.
    exclude : bool
        Points that HiggsBounds excludes get the status 'excluded'.
    extras : Extras
        Programs of the user's own, Python steps, and numbers read from the spectrum.

    keep : bool
        The files of points are wanted.
    outputs : sequence of str
        Those that SPheno writes and that are kept, by name or pattern.

    Attributes
    ----------
    observables : tuple of str
        HBresult (1 allowed, 0 excluded), HBratio (above 1: excluded), HBchannel; chi2_rates,
        chi2_masses, p_value, n_observables; Mh1, ..., Mhplus in GeV.
    citations : tuple of str
    files : tuple of str
        Paths of the programs and Python files that evaluating starts.
    point_limit : float
        Seconds that a point takes at most, all time limits of the programs together.
    start_seconds : float
        Of HiggsBounds and HiggsSignals in each task, where they take many points a call.
    """

    share = 10
    warnings = (NO_WW,)     # beginnings of reasons that the end of a scan counts

    def __init__(self, template, spheno, higgs, exclude, extras=None, keep=False, outputs=()):
        self.template, self.higgs, self.exclude = template, higgs, exclude
        self.extras, self.keep = extras or Extras((), (), ()), keep
        self.spheno = spheno.with_(wanted=(*outputs, *self.extras.wanted))
        self.observables = (higgs.observables if higgs else ()) + self.extras.observables
        self.open_names = self.extras.open
        programs = self._higgs_programs()
        self.citations = spheno.citations + (spheno.sarah_citations if spheno.sarah else ())
        self.citations += tuple(dict.fromkeys(c for p in programs for c in p.citations))
        self.citations += self.extras.citations
        # a failing call is repeated in halves: each point is in at most log2(share) + 1 calls
        self.point_limit = spheno.limit + 8 * sum(p.limit for p in programs) + 10
        self.point_limit += self.extras.limit
        self.start_seconds = higgs.start_seconds if higgs else 0.0
        self.files = (str(spheno.program), *(str(p.program) for p in programs
                                             if hasattr(p, "program")), *self.extras.files)

    @classmethod
    def from_config(cls, config, stored=None):
        """Find and try the programs, and find the parameters in the Les Houches file.

        Raises
        ------
        InputError
            All that is wrong with settings and Les Houches file.
        ProgramError
            A program is missing, of an unknown version, or fails on a simple point.
        """
        names = [clean_label(label) for label in config.VarLabel[:config.TotVarScanned]]
        template, spheno, higgs, exclude = set_up(config)
        return cls(template, spheno, higgs, exclude, Extras.from_config(config, names, stored),
                   config.Keep_files != "none", config.Keep_outputs)

    @property
    def value_is_chi2(self):
        """False where the value is the ratio of HiggsBounds, or nothing."""
        return bool(self.higgs and self.higgs.signals)

    @property
    def measurements(self):
        """Observables that HiggsSignals used for its trial point; None where it is not known."""
        count = getattr(self.higgs.signals, "count", None) if self.higgs else None
        return count and int(count)

    def share_for(self, n_points, n_cores):
        """Points of the next task where n_points are left: half of what each core has still to do,
        so that the programs start seldom and no core waits long for the last one; results do not
        depend on it."""
        cores = max(1, n_cores)
        half = -(-n_points // (2 * cores))
        return max(1, min(SHARE_MAX, max(half, min(4, -(-n_points // cores)))))

    def input_text(self, x):
        """The filled Les Houches file of a point, x (d,)."""
        return self.template.fill(x)

    def evaluate(self, x, scratch):
        """Evaluate points.

        Parameters
        ----------
        x : (n, d) array
            Physical values, in the order of the scanned parameters.
        scratch : Path
            Empty folder for this call only.

        Returns
        -------
        list of Evaluation
            One for each row. `value` is the total chi2 of HiggsSignals; without HiggsSignals the
            ratio of HiggsBounds; without both 0, so that every point with a spectrum is in.
        """
        scratch, x = Path(scratch), np.atleast_2d(x)
        points = [self._spectrum(row, scratch) for row in x]
        alive = [point for point, row in zip(points, x, strict=True)
                 if self.extras.goes_on(point, row)]
        if self.higgs and alive:
            self.higgs.evaluate(alive, scratch)
        return [self._evaluated(*pair, scratch) for pair in zip(points, x, strict=True)]

    def _spectrum(self, row, scratch):
        point = Point(self.keep)
        try:
            with working_folder(scratch, "SPheno") as folder:
                text = self.template.fill(row)
                point.spectrum = self.spheno.run(text, folder)
                self._note_files(point, text, folder)
            point.reason = "; ".join(f"SPINFO 3: {warning}" for warning in
                                     point.spectrum.slha.texts("SPINFO", 3))[:300]
        except Failure as failure:
            point.fail(failure)
        self.extras.run(point, row, scratch, "SPheno")
        return point

    def _note_files(self, point, text, folder):
        point.files = self.spheno.files(folder)
        for name, content in ((INPUT, text), (SPECTRUM, point.spectrum.text),
                              *point.files.items()):
            point.keep(name, content)

    def _evaluated(self, point, row, scratch):
        numbers = point.numbers
        failure = excluded_by_bounds(numbers) if point.status == OK and self.exclude else None
        if failure:
            point.fail(failure)
        self.extras.run(point, row, scratch, "HiggsSignals")
        self.extras.read(point)
        value = 0.0 if point.ended else point.chi2
        if not self.value_is_chi2 and not point.ended:
            value = numbers.get("HBratio", 0.0 if point.status == OK else np.nan)
        return Evaluation(point.status, float(value),
                      {**dict.fromkeys(self.observables, np.nan), **numbers}, point.reason,
                          point.archive())

    # ---- for `./run.sh check` --------------------------------------------------------------
    def timing(self, k, row):
        """One line: the time of each program for a point, x (d,), the k-th of the test points."""
        evaluated, seconds, version = self.time_point(row)
        times = ", ".join(f"{name} {t:.3f} s" for name, t in seconds.items())
        version = f", {version}" if version else ""
        return f"Timing of point {k} ({evaluated.status}{version}): {times}"

    def describe(self):
        """Lines of text: the programs that were found, and where each parameter stands."""
        lines = [f"SPheno: {self.spheno.program}"]
        lines += [f"{p.name} {p.version}: {p.program}" for p in self._higgs_programs()]
        lines.append(f"Les Houches file: {self.template.name}")
        for address in self.template.addresses:
            if address is not None:
                number = " ".join(map(str, address.numbers))
                text = " ".join(self.template.lines[address.line].split())
                lines.append(f"  {clean_label(address.label)}: block {address.block}, entry "
                             f"{number}, line {address.line + 1}: {text}")
        return lines

    def time_point(self, x):
        """Evaluate one point and time each program.

        Parameters
        ----------
        x : (d,) array

        Returns
        -------
        evaluated : Evaluation
        seconds : dict of str to float
            Wall time by program; 'scanner' is what the scanner itself took.
        version : str
            Of SPheno, '' when there was no spectrum.
        """
        programs = [self.spheno, *self._higgs_programs(), *self.extras.steps]
        before, start = [p.seconds for p in programs], time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mlscan-check-") as scratch:
            point = self._spectrum(x, Path(scratch))
            if self.higgs and self.extras.goes_on(point, x):
                self.higgs.evaluate([point], Path(scratch))
            evaluated = self._evaluated(point, x, Path(scratch))
        total = time.monotonic() - start
        seconds = {p.name: p.seconds - b for p, b in zip(programs, before, strict=True)}
        seconds["scanner"] = total - sum(seconds.values())
        version = self.spheno.version(point.spectrum.slha) if point.spectrum else ""
        return evaluated, seconds, version

    def _higgs_programs(self):
        return [p for p in (self.higgs.bounds, self.higgs.signals) if p] if self.higgs else []
