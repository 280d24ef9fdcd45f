"""Running strong coupling and quark masses in the MSbar scheme, tabulated once and interpolated.

alpha_s: two loops, continuous at the top mass, from alpha_s(M_Z). Masses: three loops. Formulas:
Djouadi, hep-ph/0503172, section 1.1 (c functions of Chetyrkin, hep-ph/9703278).
"""

from functools import cache

import numpy as np

from . import sm
from .mass_table import place

_LOW, _HIGH, _NODES = np.log(1.0), np.log(3e4), 4000
# c(x) of the running mass for 3, 4, 5, 6 flavours: exponent, prefactor, coefficients.
_C = {3: (4 / 9, 9 / 2, 0.895, 1.371), 4: (12 / 25, 25 / 6, 1.014, 1.389),
      5: (12 / 23, 23 / 6, 1.175, 1.501), 6: (4 / 7, 7 / 2, 1.398, 1.793)}


def _alpha_s(scale, flavours, scale0, value0):
    """Two-loop alpha_s at `scale` from `value0` at `scale0` (solved by iteration)."""
    b0 = (33 - 2 * flavours) / (12 * np.pi)
    b1 = (153 - 19 * flavours) / (24 * np.pi**2)
    log = np.log(scale**2 / scale0**2)
    inverse = 1.0 / value0 + b0 * log
    ratio = b1 / b0
    for _ in range(60):
        a = 1.0 / np.maximum(inverse, 0.3)
        inverse = (1.0 / value0 + b0 * log
                   + ratio * np.log((1.0 / a + ratio) / (1.0 / value0 + ratio)))
    return 1.0 / np.maximum(inverse, 0.3)


def _exact_alpha_s(scale):
    top = _alpha_s(sm.M_T, 5, sm.M_Z, sm.ALPHA_S_MZ)
    bottom = _alpha_s(sm.M_B_POLE, 5, sm.M_Z, sm.ALPHA_S_MZ)
    out = _alpha_s(scale, 5, sm.M_Z, sm.ALPHA_S_MZ)
    out = np.where(scale > sm.M_T, _alpha_s(scale, 6, sm.M_T, top), out)
    return np.where(scale < sm.M_B_POLE, _alpha_s(scale, 4, sm.M_B_POLE, bottom), out)


def _c(alpha, flavours):
    power, slope, c1, c2 = _C[flavours]
    x = alpha / np.pi
    return (slope * x) ** power * (1 + c1 * x + c2 * x**2)


@cache
def _tables():
    """alpha_s and the masses m_t, m_b, m_c, m_s in GeV at the scales of the nodes, (_NODES,)."""
    scale = np.exp(np.linspace(_LOW, _HIGH, _NODES))
    alpha = _exact_alpha_s(scale)
    at = {m: float(_exact_alpha_s(np.array(m))) for m in (sm.M_T, sm.M_B_POLE, sm.M_B_MB, 3.0, 2.0)}
    a_t = at[sm.M_T] / np.pi
    mt_mt = sm.M_T / (1 + 4 / 3 * a_t + 10.9 * a_t**2 + 107 * a_t**3)   # hep-ph/9912391

    def run(mass, start, light):
        """`mass` at scale `start` with `light` flavours below the next threshold."""
        if light == 4:
            at_b = mass * _c(at[sm.M_B_POLE], 4) / _c(start, 4)
        else:
            at_b = mass * _c(at[sm.M_B_POLE], 5) / _c(start, 5)
        five = at_b * _c(alpha, 5) / _c(at[sm.M_B_POLE], 5)
        four = at_b * _c(alpha, 4) / _c(at[sm.M_B_POLE], 4)
        at_t = at_b * _c(at[sm.M_T], 5) / _c(at[sm.M_B_POLE], 5)
        six = at_t * _c(alpha, 6) / _c(at[sm.M_T], 6)
        return np.where(scale < sm.M_B_POLE, four, np.where(scale > sm.M_T, six, five))

    top = np.where(scale > sm.M_T, mt_mt * _c(alpha, 6) / _c(at[sm.M_T], 6),
                   mt_mt * _c(alpha, 5) / _c(at[sm.M_T], 5))
    return {"alpha_s": alpha, "t": top, "b": run(sm.M_B_MB, at[sm.M_B_MB], 5),
            "c": run(sm.M_C_3GEV, at[3.0], 4), "s": run(sm.M_S_2GEV, at[2.0], 4)}


def running(name, scale):
    """alpha_s ('alpha_s') or the MSbar mass in GeV of 't', 'b', 'c', 's' at `scale` (n,) in GeV.

    Scales outside 1 GeV to 30 TeV are taken at the border.
    """
    index, part = place(scale, _LOW, _HIGH, _NODES)
    values = _tables()[name]
    return values[index] * (1.0 - part) + values[index + 1] * part
