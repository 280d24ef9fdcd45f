"""The Higgs tests of a batch of points, in the three ways there are: tables, SLHA, HiggsTools."""

from ..programs import Failure
from ..slha import SlhaError
from . import higgs_columns, higgs_files, off_shell
from .higgs_files import Bounds, Signals

# PDG codes that HiggsBounds takes for the neutral Higgs bosons, by their number, and the charged
# one (SLHA_manip of HiggsBounds 5; more bosons cannot be given by SLHA)
NEUTRAL = {1: (25,), 2: (25, 35), 3: (25, 35, 36), 4: (25, 35, 45, 36), 5: (25, 35, 45, 36, 46)}
CHARGED = 37
BOUNDS = ("HBresult", "HBratio", "HBchannel")
SIGNALS = ("chi2_rates", "chi2_masses", "p_value", "n_observables")


def mass_names(n, p):
    """Columns for the masses of n neutral and p charged Higgs bosons."""
    return tuple([f"Mh{i + 1}" for i in range(n)]
                 + [f"Mhplus{i + 1}" if p > 1 else "Mhplus" for i in range(p)])


class HiggsTests:
    """Common part: which programs, which columns.

    Parameters
    ----------
    bounds, signals : program or None
        None where it is switched off.
    n, p : int
        Neutral and charged Higgs bosons.
    """

    tables = ()         # files of SPheno that are needed, names without '.dat'
    start_seconds = 0.0     # of a call, however many points it has

    def __init__(self, bounds, signals, n, p):
        self.bounds, self.signals, self.n, self.p = bounds, signals, n, p
        self.observables = ((BOUNDS if bounds else ()) + (SIGNALS if signals else ())
                            + mass_names(n, p))

    def evaluate(self, points, scratch):
        """Fill in `numbers` of the points, or their status.

        Parameters
        ----------
        points : list of work.Point
            With a spectrum.
        scratch : Path
        """
        raise NotImplementedError


class ByTables(HiggsTests):
    """Through the tables that SARAH's SPheno writes; one call for all points.

    Parameters
    ----------
    version : int
        Format of the tables, 4 or 5.
    uncertainties : list of float, optional
        Mass uncertainties in GeV of neutral, then charged bosons; otherwise SPheno's own, where
        it writes some.
    """

    def __init__(self, bounds, signals, n, p, version, uncertainties=None):
        super().__init__(bounds, signals, n, p)
        self.version, self.uncertainties = version, uncertainties
        self.tables = tuple(higgs_columns.columns(version, n, p)) + higgs_columns.OPTIONAL
        self.start_seconds = sum(program.start_seconds for program in (bounds, signals) if program)

    def evaluate(self, points, scratch):
        ready = []
        for point in points:
            try:
                rows = higgs_files.check_point(point.spectrum.tables, self.version, self.n, self.p)
            except Failure as failure:
                point.fail(failure)
                continue
            if self.uncertainties:
                rows[higgs_columns.UNCERTAINTIES] = " ".join(map(repr, self.uncertainties))
            masses = higgs_files.masses_of(rows, self.n, self.p)
            point.numbers.update(zip(mass_names(self.n, self.p), masses, strict=True))
            ready.append((point, rows))
        for program, take in ((self.bounds, take_bounds), (self.signals, take_signals)):
            if program:
                answers = program.evaluate_tables([rows for _, rows in ready], scratch)
                for (point, _), answer in zip(ready, answers, strict=True):
                    take(point, answer)


class BySlha(HiggsTests):
    """Through the SLHA spectrum; these programs take one point a call in this form.

    Parameters
    ----------
    uncertainties : list of float, optional
        As in `ByTables`; they become the block DMASS.
    """

    def __init__(self, bounds, signals, n, p, uncertainties=None):
        super().__init__(bounds, signals, n, p)
        self.uncertainties = uncertainties
        self.codes = NEUTRAL[n] + (CHARGED,) * p

    def evaluate(self, points, scratch):
        for point in points:
            try:
                masses = read_masses(point.spectrum.slha, self.codes)
                text = prepare_slha(point.spectrum.text, self.codes, self.uncertainties)
            except Failure as failure:
                point.fail(failure)
                continue
            point.numbers.update(zip(mass_names(self.n, self.p), masses, strict=True))
            point.warn(off_shell.missing(point.spectrum.slha, self.codes[:self.n]))
            if self.bounds:
                take_bounds(point, self.bounds.evaluate_slha(text, scratch))
            if self.signals:
                take_signals(point, self.signals.evaluate_slha(text, scratch))


def read_masses(slha, codes):
    """Absolute masses in GeV (list of float) of these particles in an Slha, by their PDG codes.

    Raises
    ------
    Failure
        'bad_output': one is missing.
    """
    try:
        return [abs(slha.value("MASS", code)) for code in codes]
    except SlhaError as error:
        raise Failure("bad_output", f"SPheno.spc: {error} (check NH and NCH)") from None


def prepare_slha(text, codes, uncertainties=None):
    """A copy of the spectrum that HiggsBounds and HiggsSignals read right.

    SARAH 4.14.3 writes 'Block HiggsCouplingsFermions, #'; with the comma both programs miss the
    block and continue without it. Decays to W W and Z Z that are written with two fermions only are
    summed. Mass uncertainties are put into DMASS, where there is none yet.

    Parameters
    ----------
    text : str
        The spectrum.
    codes : sequence of int
        PDG codes of the Higgs bosons.
    uncertainties : sequence of float, optional
        Of their masses, in GeV, one for each of `codes`.

    Raises
    ------
    Failure
        See `off_shell.completed`.
    """
    text = off_shell.completed(text, codes)
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines):
        words = line.split(None, 2)
        if len(words) > 1 and words[0].lower() == "block" and words[1].endswith(","):
            lines[i] = line.replace(words[1], words[1].rstrip(","), 1)
    text = "".join(lines)
    if uncertainties and "\nBLOCK DMASS" not in text.upper():
        text += "Block DMASS  # mass uncertainties in GeV\n"
        text += "".join(f" {code} {value!r}\n"
                        for code, value in zip(codes, uncertainties, strict=True))
    return text


def take_bounds(point, answer):
    """Note the answer of HiggsBounds in a point."""
    if isinstance(answer, Bounds):
        point.numbers.update(zip(BOUNDS, answer, strict=True))
    else:
        point.fail(answer)


def take_signals(point, answer):
    """Note the answer of HiggsSignals in a point."""
    if isinstance(answer, Signals):
        mu, mass, point.chi2, p_value, count = answer
        point.numbers.update(zip(SIGNALS, (mu, mass, p_value, count), strict=True))
    else:
        point.fail(answer)
