"""Effective gamma gamma and Z gamma couplings of h at 125.09 GeV, relative to the SM.

Leading order: QCD corrections nearly cancel in the ratio. Amplitudes:
Djouadi, hep-ph/0503172, section 2.3, and hep-ph/0503173, section 2.1.
"""

from functools import cache

import numpy as np

from . import sm
from .loops import a_half, a_one, charged_loop, loop_fermions, zgamma_integrals, zgamma_w
from .signals import M_H


@cache
def sm_amplitudes():
    """Contributions to the amplitudes of a SM Higgs of 125.09 GeV: {'gam': {...}, 'Zgam': {...}}.

    Keys V, u, d, l: what multiplies the coupling of that name; complex numbers.
    """
    mass = np.array([M_H])
    amp = {"gam": {"V": complex(a_one((mass / (2.0 * sm.M_W)) ** 2)[0]), "u": 0, "d": 0, "l": 0},
           "Zgam": {"V": complex(zgamma_w(mass)[0]), "u": 0, "d": 0, "l": 0}}
    for m, coupling, colours, charge, vector in loop_fermions():
        tau, lam = (mass / (2 * m)) ** 2, np.array([(sm.M_Z / (2 * m)) ** 2])
        amp["gam"][coupling] += colours * charge**2 * complex(a_half(tau)[0])
        i1, i2 = zgamma_integrals(tau, lam)
        amp["Zgam"][coupling] += colours * charge * vector * complex((i1 - i2)[0])
    return amp


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
    charged = charged_loop(M_H, g_charged, mHp)
    return {name: np.abs(charged[name] + sum(a * coup[c] for c, a in amp[name].items()))
            / abs(sum(amp[name].values())) for name in amp}
