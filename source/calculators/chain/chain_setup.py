"""From the settings to a chain that works: find and try the programs, check the Les Houches file.

All that can be known before the first point is checked here, and reported at once.
"""

from pathlib import Path

from ...errors import InputError, ProgramError
from ...files import located
from ..programs import SPheno
from ..slha import SlhaError, finite
from ..template import Template
from . import higgs_steps
from .higgs_programs import HiggsBounds, HiggsSignals
from .higgstools import HiggsToolsTests, is_data_set

TABLES = 2      # value of HiggsSignal; HiggsBounds follows it


def set_up(config):
    """Template, SPheno, Higgs tests (or None) and `exclude` for `chain.Chain`.

    Raises
    ------
    InputError, ProgramError
    """
    problems: list[str] = []
    spheno = _attempt(problems, find_spheno, config)
    template = _attempt(problems, Template.from_config, config)
    higgs = None
    if config.HiggsBounds or config.HiggsSignal:
        numbers = _check_numbers(config)
        problems += numbers
        if not numbers:
            higgs = _attempt(problems, _find_higgs, config)
    if template and higgs:
        problems += _check_flags(template, higgs, bool(config.SPHENOMODEL))
    if problems:
        raise InputError(problems)
    spheno = spheno.with_(precision=template.flag("SPHENOINPUT", 34),
                          tables=higgs.tables if higgs else ())
    return template, spheno, higgs, bool(config.ExcludeHB)


def _attempt(problems, function, config):
    """`function(config)`; on a user's error its problems are noted and None is returned."""
    try:
        return function(config)
    except InputError as error:
        problems += error.problems
    except ProgramError as error:
        problems.append(str(error))
    return None


def _path(config, path):
    return located(path, Path(config.input_file).parent).absolute()


def find_spheno(config):
    """SPheno of the settings; raises ProgramError."""
    return SPheno.find(_path(config, config.pathS), config.SPHENOMODEL, config.Timeout_SPheno)


def _check_numbers(config):
    """Problems with NH and NCH, and with what base SPheno and the SLHA form allow."""
    problems = []
    if config.NH < 1:
        problems.append("NH: HiggsBounds and HiggsSignals need at least one neutral Higgs boson.")
    if config.HiggsSignal == TABLES and not config.SPHENOMODEL:
        problems.append("HiggsSignal = 2 reads files that only SARAH's SPheno<model> writes; with "
                        "the SPheno of the MSSM (SPHENOMODEL = '') use HiggsSignal = 1.")
    if not by_tables(config) and (config.NH > 5 or config.NCH > 1):
        problems.append("NH, NCH: by SLHA (HiggsSignal = 1) at most 5 neutral and 1 charged Higgs "
                        "bosons can be given; use HiggsSignal = 2.")
    return problems


def by_tables(config):
    """Tables, unless SLHA is asked for or SPheno writes nothing else."""
    return config.HiggsSignal == TABLES or (config.HiggsSignal == 0 and bool(config.SPHENOMODEL))


def _find_higgs(config):
    """The Higgs tests with their programs, each tried on a simple point."""
    folders = (config.HiggsBounds, config.HBPath), (config.HiggsSignal, config.HSPath)
    paths = [_path(config, path) if on else None for on, path in folders]
    uncertainties = _uncertainties(config)
    if any(path and is_data_set(path) for path in paths):
        first, second = paths
        return HiggsToolsTests.from_folders(first, second, config.NH, config.NCH, uncertainties)
    problems: list[str] = []
    bounds, signals = (_attempt(problems, lambda path, cls=cls: _find(cls, path, config), path)
                       if path else None for cls, path in
                       zip((HiggsBounds, HiggsSignals), paths, strict=True))
    if problems:
        raise InputError(problems)
    if not by_tables(config):
        return higgs_steps.BySlha(bounds, signals, config.NH, config.NCH, uncertainties)
    formats = {program.format for program in (bounds, signals) if program}
    if bounds and signals and len(formats) > 1:
        raise InputError(f"HiggsBounds {bounds.version} and HiggsSignals {signals.version} read "
                         "tables of different formats; use versions 5 and 2, or 4 and 1, or "
                         "HiggsSignal = 1.")
    return higgs_steps.ByTables(bounds, signals, config.NH, config.NCH, formats.pop(),
                                uncertainties)


def _find(cls, path, config):
    if cls is HiggsBounds:
        program = cls(cls.find(path, "HBPath"), config.NH, config.NCH, config.Timeout_HiggsBounds)
    else:
        program = cls(cls.find(path, "HSPath"), config.NH, config.NCH, config.Timeout_HiggsSignals,
                      config.LHC_run)
        program.check_data()
    program.probe()
    return program


def _uncertainties(config):
    """Mass uncertainties in GeV, neutral then charged; None where nothing is set."""
    if not config.PATHMHUNCERTINITY:
        if config.MH_uncertainty is None:
            return None
        return [float(config.MH_uncertainty)] * config.NH + [0.0] * config.NCH
    path = _path(config, config.PATHMHUNCERTINITY)
    try:
        lines = [line.split() for line in path.read_text("utf-8", "replace").splitlines()
                 if line.strip() and not line.lstrip().startswith("#")]
        values = [finite(word) for word in lines[0][1:]] if len(lines) == 1 else []
    except (OSError, SlhaError) as error:
        raise InputError(f"PATHMHUNCERTINITY: {path}: {error}.") from None
    n = config.NH + config.NCH
    if len(values) != n or min(values) < 0:
        raise InputError(f"PATHMHUNCERTINITY: {path} must have one row: a line number and {n} "
                         "uncertainties in GeV, first of the neutral, then of the charged Higgs "
                         "bosons.")
    return values


def _check_flags(template, higgs, sarah):
    """Problems with what SPheno is told to write."""
    wanted = {11: (1, "branching ratios, which HiggsBounds and HiggsSignals need")}
    if sarah and higgs.tables:
        flag = 2 if higgs.version >= 5 else 1
        wanted[76] = (flag, f"the files of HiggsBounds {higgs.version}")
    elif sarah:
        wanted[520] = (1, "the Higgs couplings that HiggsBounds and HiggsSignals read")
    problems = []
    for entry, (value, meaning) in wanted.items():
        found = template.flag("SPHENOINPUT", entry)
        if found != value and (sarah or found is not None):
            problems.append(
                f"{template.name}: block SPhenoInput must have '{entry} {value}', which makes "
                f"SPheno write {meaning}; "
                + ("it has no such entry." if found is None else f"it has {found:g}."))
    return problems

