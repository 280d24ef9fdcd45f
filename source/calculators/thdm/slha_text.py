"""A point as an SLHA spectrum: inputs, masses, mixing, couplings, oblique parameters, decays."""

import numpy as np

from . import sm
from .inputs import LAMBDA_BASIS, from_potential
from .spectrum import spectrum

PDG = {"h": 25, "H": 35, "A": 36, "Hp": 37}
# Entries of MINPAR in SARAH's THDM-II (LesHouches.in.THDMII_low).
MINPAR = dict(zip(LAMBDA_BASIS, (1, 2, 3, 4, 5, 9, 10), strict=True))
_PAIRS = {"bb": (5, -5), "cc": (4, -4), "ss": (3, -3), "tt": (6, -6), "tautau": (15, -15),
          "mumu": (13, -13), "gg": (21, 21), "gamgam": (22, 22), "Zgam": (22, 23),
          "WW": (24, -24), "ZZ": (23, 23), "hh": (25, 25), "AA": (36, 36), "HpHm": (37, -37),
          "ZA": (23, 36), "Zh": (23, 25), "ZH": (23, 35), "tb": (6, -5), "cs": (4, -3),
          "cb": (4, -5), "taunu": (-15, 16), "munu": (-13, 14), "Wh": (24, 25), "WH": (24, 35),
          "WA": (24, 36)}


def slha_text(pot, options, columns, br, total, reason):
    """SLHA text of the only point of `pot`; `br` and `total` None where there is no spectrum."""
    lines = ["# Tree-level spectrum of the two-Higgs-doublet model",
             *_block("SPINFO", [((1,), "built-in THDM", "spectrum calculator"),
                                ((2,), "1", "version")])]
    if br is None:
        lines.append(f"     4   {reason}")
    lines += _block("MODSEL", [((0,), 10, "two-Higgs-doublet model"),
                               ((24,), {"I": 1, "II": 2, "X": 3, "Y": 4}[options.type],
                                f"Yukawa type {options.type}")])
    lines += _block("SMINPUTS", [((2,), sm.G_FERMI, "G_F"), ((3,), sm.ALPHA_S_MZ, "alpha_s(M_Z)"),
                                 ((4,), sm.M_Z, "M_Z"), ((5,), sm.M_B_MB, "m_b(m_b)"),
                                 ((6,), sm.M_T, "m_t pole"), ((7,), sm.M_TAU, "m_tau")])
    lines += _block("MINPAR", [((MINPAR[n],), float(v[0]), n)
                               for n, v in from_potential(pot).items()])
    if br is not None:
        lines += _spectrum(pot, columns)
        for boson, channels in br.items():
            lines += _decay(boson, channels, total[boson][0])
    return "\n".join(lines) + "\n"


def _spectrum(pot, c):
    spec = spectrum(pot)
    sin_a, cos_a = float(spec.sin_a[0]), float(spec.cos_a[0])
    lines = _block("MASS", [((25,), c["mh"], "h"), ((35,), c["mH"], "H"), ((36,), c["mA"], "A"),
                            ((37,), c["mHp"], "H+"), ((23,), sm.M_Z, "Z"), ((24,), sm.M_W, "W")])
    lines += _block("ALPHA", [((), c["alpha"], "mixing angle, sin(beta - alpha) >= 0")])
    lines += _block("SCALARMIX", [((1, 1), -sin_a, "h, H1"), ((1, 2), cos_a, "h, H2"),
                                  ((2, 1), cos_a, "H, H1"), ((2, 2), sin_a, "H, H2")])
    m11sq, m22sq = pot.mass_terms()
    lines += _block("HMIX", [((3,), sm.V, "v"), ((10,), float(np.arctan(pot.tanb[0])), "beta"),
                             ((11,), c["alpha"], "alpha"), ((20,), float(m11sq[0]), "m11^2"),
                             ((21,), float(m22sq[0]), "m22^2"),
                             ((22,), -float(pot.m12sq[0]), "M12 = -m12^2")])
    lines += _block("HiggsCouplingsBosons", [
        ((), f"  {abs(c[k]):15.8E}   3   25 {a} {a}", f"h {n} over SM")
        for k, a, n in (("kappa_V", "24", "W W"), ("kappa_V", "23", "Z Z"),
                        ("kappa_g", "21", "g g"), ("kappa_gam", "22", "gamma gamma"))])
    rows = []
    for pdg, prefix, odd in ((25, "kappa", False), (35, "H", False), (36, "A", True)):
        for quark, x in ((6, "u"), (5, "d"), (15, "l")):
            pair = (0.0, c[f"{prefix}_{x}"]) if odd else (c[f"{prefix}_{x}"], 0.0)
            rows.append(((), f"  {pair[0]:15.8E}  {pair[1]:15.8E}   3   {pdg} {quark} {quark}",
                         "scalar, pseudoscalar over SM"))
    lines += _block("HiggsCouplingsFermions", rows)
    return lines + _block("SPhenoLowEnergy", [((1,), c["T"], "T"), ((2,), c["S"], "S"),
                                              ((3,), c["U"], "U")])


def _decay(boson, channels, total):
    lines = [f"DECAY {PDG[boson]:8d}  {total:15.8E}   # {boson}"]
    for channel, values in channels.items():
        x = float(values[0])
        pairs = [(0.5 * x, (24, -37)), (0.5 * x, (-24, 37))] if channel == "WHp" else [
            (x, _PAIRS[channel])]
        lines += [f"  {y:15.8E}   2  {a:6d} {b:6d}   # {channel}" for y, (a, b) in pairs if y > 0.0]
    return lines


def _block(name, rows):
    lines = [f"Block {name}"]
    for indices, value, comment in rows:
        shown = f"{value:15.8E}" if isinstance(value, float) else str(value)
        index = "".join(f"{i:6d}" for i in indices)
        lines.append(f"{index}   {shown}   # {comment}")
    return lines
