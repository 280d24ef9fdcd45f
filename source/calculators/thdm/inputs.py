"""From the scanned columns to the potential: names, conventions, values that are not scanned."""

import difflib
from dataclasses import dataclass

import numpy as np

from ...space.parameters import clean_label
from .spectrum import Potential, potential_from_physical

# SARAH's THDM-II: V contains Lambda1 |H1|^4 + Lambda2 |H2|^4 and + M12 (H1+ H2 + h.c.), so
# lam1 = 2 Lambda1, lam2 = 2 Lambda2, m12sq = -M12.
LAMBDA_BASIS = ("Lambda1Input", "Lambda2Input", "Lambda3Input", "Lambda4Input", "Lambda5Input",
                "M12input", "TanBeta")
PHYSICAL_BASIS = ("mh", "mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq")
# M^2 = m12sq / (sin beta cos beta), as in S. Kanemura et al., hep-ph/0408364
BASES = {"lambda": LAMBDA_BASIS, "physical": PHYSICAL_BASIS, "mass": (*PHYSICAL_BASIS[:6], "M")}
OTHER_MODELS = {"Singlet": ("mh", "mS", "sin_theta", "vS"),
                "Inert": ("mh", "mH", "mA", "mHp", "lambdaL", "lambda2")}
NAMES = BASES | OTHER_MODELS
OTHER_NAMES = {"M12inputt": "M12input"}    # as spelt in LesHouches.in.THDMII_low


@dataclass(frozen=True)
class Inputs:
    """Where each parameter of the basis comes from.

    Attributes
    ----------
    basis : str
        'lambda', 'physical' or 'mass', or the name of another model.
    columns : dict
        Name -> column of the scanned point.
    fixed : dict
        Name -> value of a parameter that is not scanned.
    """

    basis: str
    columns: dict
    fixed: dict

    def state(self, x):
        """What a model starts from at the points `x` (n, d): a `Potential`, or a dict of (n,)."""
        args = [x[:, self.columns[name]] if name in self.columns
                else np.full(len(x), float(self.fixed[name])) for name in NAMES[self.basis]]
        if self.basis in BASES:
            return to_potential(self.basis, args)
        return dict(zip(NAMES[self.basis], args, strict=True))


def to_potential(basis, args):
    """`Potential` from arrays (n,) in the order of `BASES[basis]`."""
    if basis == "mass":
        *args, tanb, scale = args
        args = [*args, tanb, scale**2 * tanb / (1.0 + tanb**2)]
    if basis in ("physical", "mass"):
        return potential_from_physical(*args)
    lam1, lam2, lam3, lam4, lam5, m12, tanb = args
    return Potential(2.0 * lam1, 2.0 * lam2, lam3, lam4, lam5, -m12, tanb)


def from_potential(pot):
    """Dict of SARAH's input values (arrays) of a `Potential`."""
    values = (0.5 * pot.lam1, 0.5 * pot.lam2, pot.lam3, pot.lam4, pot.lam5, -pot.m12sq, pot.tanb)
    return dict(zip(LAMBDA_BASIS, values, strict=True))


def read_inputs(config):
    """(Inputs or None, problems) from Calculator, VarLabel, THDM_basis and THDM_fixed."""
    model = config.Calculator
    basis = model if model in OTHER_MODELS else config.THDM_basis
    who = basis if basis in OTHER_MODELS else "THDM"
    count = config.TotVarScanned
    scanned = [clean_label(label) for label in config.VarLabel[:count]]
    fixed, problems = _read_fixed(config.THDM_fixed)
    names = [OTHER_NAMES.get(name, name) for name in scanned]
    for name in [*names, *fixed]:
        if name not in NAMES[basis]:
            problems.append(unknown_name(name, basis))
    for name in sorted({n for n in [*names, *fixed] if [*names, *fixed].count(n) > 1}):
        problems.append(f"{who}: {name} is given twice (VarLabel, THDM_fixed). Delete one.")
    for name in NAMES[basis]:
        if name not in names and name not in fixed:
            problems.append(f"{who}: {name} is neither scanned nor fixed. Add it to VarLabel, or "
                            f"fix it: THDM_fixed = [\"{name} = ...\"].")
    problems.extend(_bad_tanb(config, names, fixed))
    if problems:
        return None, problems
    return Inputs(basis, {name: i for i, name in enumerate(names)}, fixed), []


def _read_fixed(entries):
    fixed, problems = {}, []
    for entry in entries:
        name, _, value = entry.partition("=")
        name = OTHER_NAMES.get(clean_label(name), clean_label(name))
        number = finite_number(value)
        if number is None:
            problems.append(f"THDM_fixed: {entry[:60]!r} is not of the form 'Name = number', with "
                            "a finite number.")
        else:
            fixed[name] = number
    return fixed, problems


def finite_number(text):
    """The number that a text is; None where it is none, nan, or beyond all floats."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def unknown_name(name, basis):
    """What is wrong with `name`, what may be meant, what is known."""
    close = difflib.get_close_matches(name, NAMES[basis], n=1, cutoff=0.5)
    if close:
        hint = f"Did you mean {close[0]}?"
    else:
        other = [b for b in BASES if name in BASES[b] and basis in BASES]
        hint = f"It belongs to THDM_basis = '{other[0]}'." if other else ""
    known = "Known: " + ", ".join(NAMES[basis]) + "."
    who = "THDM" if basis in BASES else basis
    return " ".join(p for p in (f"{who}: {name} is not a parameter.", hint, known) if p)


def _bad_tanb(config, names, fixed):
    low = fixed.get("TanBeta")
    if "TanBeta" in names and len(config.VarMin) > names.index("TanBeta"):
        low = config.VarMin[names.index("TanBeta")]
    if low is None or low > 0.0:
        return []
    return [f"THDM: TanBeta = {low:g} is not above 0; it is v2/v1, usually 0.5 to 60."]
