"""One point in full: as a table, and as an SLHA spectrum (hep-ph/0311123, arXiv:0801.0045)."""

from dataclasses import replace

import numpy as np

from ...errors import InputError
from ...evaluation import OK
from . import fit, flavour, point, searches, sm, theory
from .columns import MEANING
from .couplings import couplings
from .decays import branching_ratios, widths
from .inputs import BASES, OTHER_NAMES, PHYSICAL_BASIS, from_potential, to_potential, unknown_name
from .model import chi2_parts
from .options import Options
from .slha_text import slha_text
from .spectrum import spectrum


def describe_point(switches, values):
    """A point of the model, complete.

    Parameters
    ----------
    switches : ScanConfig or dict
        THDM_basis, THDM_type and the other THDM_ settings; what is missing keeps its default.
    values : dict
        Name -> number of every parameter of the basis.

    Returns
    -------
    table, slha : str
        `slha` has no masses but an error entry where there is no spectrum.

    Raises
    ------
    InputError
        For unknown or missing parameters.
    """
    options, basis = _options(switches)
    pot = to_potential(basis, _arrays(basis, values))
    with np.errstate(all="ignore"):
        status, reason, chi2, table = point.TWO_DOUBLETS.evaluate(pot, options)
        spec = spectrum(pot)
        columns = dict(zip(MEANING, table[:, 0].tolist(), strict=True))
        text = [_head(pot, options, status[0], reason[0])]
        br = total = None
        if np.isfinite(chi2[0]):
            coup = couplings(spec, options.type)
            partial = widths(pot, spec, coup)
            br, total = branching_ratios(partial)
            text += [_chi2(columns, options, chi2[0]),
                     _pulls(fit.pulls(pot, spec, coup, partial, columns, options)),
                     _tests(pot, columns, options),
                     _columns(columns), _decays(br, total)]
    return "\n".join(text), slha_text(pot, options, columns, br, total, reason[0])


def _options(switches):
    if not isinstance(switches, dict):
        return Options.from_config(switches), switches.THDM_basis
    known = {f"THDM_{name}": value for name, value in Options().__dict__.items()}
    names = [name for name in switches if name not in known and name != "THDM_basis"]
    if names:
        raise InputError([f"{name} is not a setting of the THDM." for name in names])
    given = {name[5:]: value for name, value in switches.items() if name != "THDM_basis"}
    return replace(Options(), **given), switches.get("THDM_basis", "lambda")


def _arrays(basis, values):
    values = {OTHER_NAMES.get(name, name): value for name, value in values.items()}
    problems = [unknown_name(name, basis) for name in values if name not in BASES[basis]]
    missing = [name for name in BASES[basis] if name not in values]
    if missing:
        problems.append("THDM: no value for " + ", ".join(missing) + ".")
    if not problems and not values["TanBeta"] > 0.0:
        problems.append(f"THDM: TanBeta = {values['TanBeta']:g} is not above 0.")
    if problems:
        raise InputError(problems)
    return [np.array([float(values[name])]) for name in BASES[basis]]


def _lines(title, rows):
    """Title and rows of (name, number, remark), aligned."""
    width = max(len(name) for name, *_ in rows)
    out = [title]
    for name, number, remark in rows:
        shown = f"{number:14.7g}" if isinstance(number, float) else f"{number:>14}"
        out.append(f"  {name:{width}} {shown}  {remark}".rstrip())
    return "\n".join(out) + "\n"


def _head(pot, options, status, reason):
    rows = [(name, float(v[0]), "") for name, v in from_potential(pot).items()]
    spec = spectrum(pot)
    masses = dict(zip(PHYSICAL_BASIS[:4], spec.masses(), strict=True))
    physical = {**masses, "cos_ba": spec.cos_ba, "m12sq": pot.m12sq}
    rows += [(name, float(v[0]), _UNITS.get(name, "")) for name, v in physical.items()]
    title = f"Two-Higgs-doublet model of type {options.type}: {status}"
    return _lines(title + (f" ({reason})" if reason and status != OK else ""), rows)


_UNITS = {"mh": "GeV", "mH": "GeV", "mA": "GeV", "mHp": "GeV", "cos_ba": "cos(beta - alpha)",
          "m12sq": "GeV^2"}


def _chi2(columns, options, total):
    parts = [(n, v, MEANING[n]) for n, v in columns.items() if n.startswith("chi2_")]
    used = ", ".join(chi2_parts(options))
    best = fit.standard_model(options)
    return _lines("chi2", [
        *parts, ("total", float(total), "of " + used),
        ("measurements", fit.measurements(options), "in the total"),
        ("p-value", fit.p_value(total, options), "if no parameter was fitted"),
        ("above the SM", float(total) - best, f"the Standard Model has {best:.4g}")])


def _pulls(found):
    """The strongest of (name, pull)."""
    return _lines("Strongest pulls (prediction - measurement, in errors)",
                  [(name, float(pull), "") for name, pull in found[:fit.SHOWN]])


def _tests(pot, c, options):
    """Every test with its number, whether it is switched on or not."""
    rows = [("bounded from below", theory.bounded_from_below(pot)[0], ""),
            ("perturbativity", c["max_quartic"] <= options.perturbativity,
             f"largest |lambda| = {c['max_quartic']:.4g}, limit {options.perturbativity:.4g}"),
            ("unitarity", c["unitarity"] <= options.unitarity,
             f"largest |eigenvalue| = {c['unitarity']:.4g}, limit {options.unitarity:.4g}"),
            ("global minimum", c["vacuum_D"] > 0.0, f"D = {c['vacuum_D']:.4g} GeV^4"),
            ("b -> s gamma", c["mHp"] >= c["mHp_min_bsgamma"],
             f"m_H+ > {c['mHp_min_bsgamma']:.4g} GeV"),
            ("B -> mu mu", c["tanb_min_bmumu"] <= pot.tanb[0] <= c["tanb_max_bmumu"],
             f"{c['tanb_min_bmumu']:.4g} < tan beta < {c['tanb_max_bmumu']:.4g}"),
            ("LEP, m_H+", c["mHp"] >= flavour.LEP[options.type],
             f"m_H+ > {flavour.LEP[options.type]:g} GeV")]
    rows += [(f"search {name}", c[f"lim_{name}"] <= 1.0,
              f"{c[f'lim_{name}']:.4g} of the limit") for name in searches.SEARCHES]
    best = ("none", *searches.SEARCHES)[int(c["best_search"])]
    rows.append(("most sensitive search", c["lim_best"] <= 1.0,
                 f"{best}: {c['lim_best']:.4g} of its observed limit"))
    off = {name for name, used in (("global minimum", options.vacuum),
                                   ("b -> s gamma", options.flavour),
                                   ("B -> mu mu", options.flavour),
                                   ("most sensitive search", options.searches
                                    and options.search_rule != "each")) if not used}
    off |= {"LEP, m_H+"} | {f"search {n}" for n in searches.SEARCHES if n not in options.searches}
    if options.search_rule != "each":
        off |= {f"search {n}" for n in searches.SEARCHES if n != best}
    return _lines("Tests (off: not switched on, without effect on the status)",
                  [(n, "passed" if ok else "FAILED", f"{r}, off" if n in off else r)
                   for n, ok, r in rows])


def _columns(columns):
    hidden = ("BR_", "width_H", "width_A", "lim_", "chi2_", "best_")
    rows = [(n, v, MEANING[n]) for n, v in columns.items()
            if not n.startswith(hidden) and n not in _UNITS]
    return _lines("Observables", rows)


def _decays(br, total):
    out = []
    for boson, channels in br.items():
        rows = [(c, float(x[0]), "") for c, x in channels.items() if x[0] > 0.0]
        rows.sort(key=lambda row: -row[1])
        title = f"Branching ratios of {boson}, total width {total[boson][0]:.6g} GeV"
        out.append(_lines(title, rows))
    return "\n".join(out) + f"\nv = {sm.V:.6g} GeV"
