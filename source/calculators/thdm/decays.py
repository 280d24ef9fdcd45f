"""Partial widths and branching ratios of h, H, A and H+.

Channels and formulas: Djouadi, hep-ph/0503172 and hep-ph/0503173, sections 2.1-2.2; leading order
with running masses and the QCD corrections of `thdm.neutral_tables`.
"""

import numpy as np

from . import sm
from .charged_table import charged_table
from .couplings import charged_triple, pseudoscalar_triple, scalar_triples
from .loops import charged_loop
from .neutral_tables import neutral_table
from .offshell import scalar_to_vector

CHANNELS = {
    "h": ("bb", "tautau", "mumu", "cc", "ss", "tt", "gg", "gamgam", "Zgam", "WW", "ZZ", "AA",
          "HpHm", "ZA", "WHp"),
    "H": ("bb", "tautau", "mumu", "cc", "ss", "tt", "gg", "gamgam", "Zgam", "WW", "ZZ", "hh", "AA",
          "HpHm", "ZA", "WHp"),
    "A": ("bb", "tautau", "mumu", "cc", "ss", "tt", "gg", "gamgam", "Zgam", "Zh", "ZH", "WHp"),
    "Hp": ("tb", "cs", "cb", "taunu", "munu", "Wh", "WH", "WA"),
}


def widths(pot, spec, coup):
    """Partial widths in GeV: {'h': {channel: (n,)}, 'H': ..., 'A': ..., 'Hp': ...}."""
    mh, mH, mA, mHp = spec.masses()
    g_h, g_H = charged_triple(pot, spec)
    both = even(np.stack([mh, mH]), {c: np.stack([coup.h[c], coup.H[c]]) for c in "Vudl"},
                np.stack([g_h, g_H]), mHp)
    out = {"h": {c: width[0] for c, width in both.items()},
           "H": {c: width[1] for c, width in both.items()},
           "A": _odd(mA, coup.A), "Hp": _charged(mHp, coup.A)}
    a_h, a_H = pseudoscalar_triple(pot, spec)
    out["h"].update(AA=pair(mh, mA, a_h, 0.5), HpHm=pair(mh, mHp, g_h, 1.0))
    out["H"].update(AA=pair(mH, mA, a_H, 0.5), HpHm=pair(mH, mHp, g_H, 1.0),
                    hh=pair(mH, mh, scalar_triples(pot, spec)[1], 0.5))
    _add_vector_scalar(out, spec)
    return out


def branching_ratios(partial):
    """(BRs in the same form as `partial`, total widths {'h': (n,), ...} in GeV)."""
    total = {name: sum(channels.values()) for name, channels in partial.items()}
    return {name: {c: g / total[name] for c, g in channels.items()}
            for name, channels in partial.items()}, total


def _fermions(f, coup):
    up, down, lepton = coup["u"], coup["d"], coup["l"]
    bb, ss = (down * (down * f[q] + up * f[q + "_top"]) for q in ("bb", "ss"))
    return {"bb": np.maximum(bb, 0.0), "ss": np.maximum(ss, 0.0), "cc": up**2 * f["cc"],
            "tt": up**2 * f["tt"], "tautau": lepton**2 * f["tautau"],
            "mumu": lepton**2 * f["mumu"]}


def _abs2(z):
    return z.real**2 + z.imag**2


def even(mass, coup, g_charged, mHp):
    """Partial widths in GeV, by channel, of CP-even scalars into fermions and vectors.

    Parameters
    ----------
    mass : ndarray (n,), or (k, n) of k scalars
        GeV.
    coup : dict
        V, u, d, l: couplings over those of a SM Higgs of that mass, each shaped as `mass`.
    g_charged, mHp : ndarray, as `mass`; mHp (n,)
        Of the loop of charged scalars: see `loops.charged_loop`.
    """
    f = neutral_table(False)(mass)
    out = _fermions(f, coup)
    loops = charged_loop(mass, g_charged, mHp)
    for loop, charged in loops.items():
        loops[loop] = charged + sum(coup[c] * f[f"{loop}_{c}"] for c in "Vudl")
    out["gg"] = f["gg"] * _abs2(coup["u"] * f["gg_u"] + coup["d"] * f["gg_d"])
    out["gamgam"] = f["gamgam"] * _abs2(loops["gam"])
    # At M_Z itself the integrals are 0/0; the width is 0 there and below.
    out["Zgam"] = np.where(mass > sm.M_Z, f["Zgam"] * _abs2(loops["Zgam"]), 0.0)
    out["WW"], out["ZZ"] = coup["V"] ** 2 * f["WW"], coup["V"] ** 2 * f["ZZ"]
    return out


def _odd(mass, coup):
    f = neutral_table(True)(mass)
    out = _fermions(f, coup)
    out["gg"] = f["gg"] * _abs2(coup["u"] * f["gg_u"] + coup["d"] * f["gg_d"])
    for loop, name in (("gam", "gamgam"), ("Zgam", "Zgam")):
        out[name] = f[name] * _abs2(sum(coup[c] * f[f"{loop}_{c}"] for c in "udl"))
    return out


def _charged(mass, coup):
    f = charged_table()(mass)
    up2, down2, lepton2 = coup["u"] ** 2, coup["d"] ** 2, coup["l"] ** 2
    tb = up2 * f["tb_uu"] + down2 * f["tb_dd"] + coup["u"] * coup["d"] * f["tb_ud"]
    return {"tb": np.maximum(tb, 0.0), "cs": up2 * f["cs_uu"] + down2 * f["cs_dd"],
            "cb": up2 * f["cb_uu"] + down2 * f["cb_dd"], "taunu": lepton2 * f["taunu"],
            "munu": lepton2 * f["munu"]}


def pair(mass, product, coupling, symmetry):
    """Gamma(phi -> s s) in GeV for L = -v g phi s s (times 1/2, and symmetry 0.5, for equal ones).
    """
    beta = np.sqrt(np.maximum(1.0 - 4.0 * product**2 / mass**2, 0.0))
    return symmetry * (coupling * sm.V) ** 2 * beta / (16.0 * np.pi * mass)


def _add_vector_scalar(out, spec):
    """phi1 -> phi2 V, each pair in the direction that is open; W sums both charges."""
    mh, mH, mA, mHp = spec.masses()
    cos2 = spec.cos_ba**2
    w, z = (sm.M_W, sm.GAMMA_W), (sm.M_Z, sm.GAMMA_Z)
    pairs = (("A", "Zh", mA, "h", "ZA", mh, cos2, z), ("A", "ZH", mA, "H", "ZA", mH, 1 - cos2, z),
             ("Hp", "Wh", mHp, "h", "WHp", mh, cos2, w),
             ("Hp", "WH", mHp, "H", "WHp", mH, 1 - cos2, w),
             ("Hp", "WA", mHp, "A", "WHp", mA, 1.0, w))
    for vector, charges in ((z, 1.0), (w, 2.0)):
        some = [pair for pair in pairs if pair[-1] is vector]
        one, two = (np.stack([pair[k] for pair in some]) for k in (2, 5))
        found = scalar_to_vector(np.maximum(one, two), np.minimum(one, two), *vector)
        for (first, to_second, m1, second, to_first, m2, factor, _), width in zip(
                some, found, strict=True):
            gamma = factor * width
            out[first][to_second] = np.where(m1 > m2, gamma, 0.0)
            out[second][to_first] = np.where(m2 > m1, charges * gamma, 0.0)
