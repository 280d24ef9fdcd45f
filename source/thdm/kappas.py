"""Effective gamma gamma and Z gamma couplings of h at 125.09 GeV, relative to the SM.

Leading order: QCD corrections nearly cancel in the ratio. Amplitudes:
Djouadi, hep-ph/0503172, eqs. 2.47, 2.57, 2.63-2.66 and hep-ph/0503173, eqs. 2.22-2.27.
"""

from functools import cache

import numpy as np

from thdm import sm
from thdm.loops import a_half, a_one, a_zero, zgamma_integrals
from thdm.signals import M_H

_QUARKS_AND_TAU = {  # name: mass, coupling, colours, charge, weak isospin
    "t": (sm.M_T, "u", 3, 2 / 3, 0.5), "b": (sm.M_B_POLE, "d", 3, -1 / 3, -0.5),
    "c": (sm.M_C_POLE, "u", 3, 2 / 3, 0.5), "tau": (sm.M_TAU, "l", 1, -1.0, -0.5)}


@cache
def sm_amplitudes(mass=M_H):
    """Contributions to the amplitudes of a SM Higgs: {'gam': {...}, 'Zgam': {...}}.

    Keys V, u, d, l: what multiplies the coupling of that name; complex numbers.
    """
    tau_w = (mass / (2.0 * sm.M_W)) ** 2
    amp = {"gam": {"V": complex(a_one(tau_w)), "u": 0, "d": 0, "l": 0},
           "Zgam": {"V": _zgamma_w(mass), "u": 0, "d": 0, "l": 0}}
    for m, coupling, colours, charge, isospin in _QUARKS_AND_TAU.values():
        tau, lam = (mass / (2 * m)) ** 2, (sm.M_Z / (2 * m)) ** 2
        half = complex(a_half(tau))
        amp["gam"][coupling] += colours * charge**2 * half
        i1, i2 = zgamma_integrals(tau, lam)
        vector = (2 * isospin - 4 * charge * sm.SIN2_W) / np.sqrt(sm.COS2_W)
        amp["Zgam"][coupling] += colours * charge * vector * complex(i1 - i2)
    return amp


def _zgamma_w(mass):
    tan2 = sm.SIN2_W / sm.COS2_W
    tau_w, lam_w = (mass / (2 * sm.M_W)) ** 2, (sm.M_Z / (2 * sm.M_W)) ** 2
    i1, i2 = zgamma_integrals(tau_w, lam_w)
    return np.sqrt(sm.COS2_W) * complex(
        4 * (3 - tan2) * i2 + ((1 + 2 * tau_w) * tan2 - (5 + 2 * tau_w)) * i1)


def effective(coup, g_charged, mHp):
    """Factors gam and Zgam of h: dict of (n,), all >= 0.

    Parameters
    ----------
    coup : dict
        V, u, d, l of h, arrays (n,).
    g_charged : ndarray (n,)
        h H+ H- coupling in L = -v g h H+ H-.
    mHp : ndarray (n,)
        Charged Higgs mass in GeV.
    """
    amp = sm_amplitudes()
    strength = g_charged * sm.V**2 / (2.0 * mHp**2)
    tau = (M_H / (2.0 * mHp)) ** 2
    i1, _ = zgamma_integrals(tau, (sm.M_Z / (2.0 * mHp)) ** 2)
    z_charge = (2.0 * sm.COS2_W - 1.0) / np.sqrt(sm.COS2_W)
    charged = {"gam": strength * a_zero(tau), "Zgam": -z_charge * strength * i1}
    return {name: np.abs(charged[name] + sum(a * coup[c] for c, a in amp[name].items()))
            / abs(sum(amp[name].values())) for name in amp}
