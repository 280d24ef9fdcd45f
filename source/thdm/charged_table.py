"""Mass functions of the charged Higgs boson's widths into fermions.

Djouadi, hep-ph/0503173, eqs. 2.19-2.21: pole masses in the kinematics, running masses in the
couplings, one-loop QCD; t b below threshold with one virtual top.
"""

from functools import cache

import numpy as np

from thdm import offshell, sm
from thdm.mass_table import MassTable, grid
from thdm.running import running

_YUKAWA = sm.G_FERMI / (4.0 * np.sqrt(2.0) * np.pi)
V_CS, V_CB = 0.9735, 0.0408    # PDG 2022, doi:10.1093/ptep/ptac097, section 12


def _top_bottom(mass):
    """Coefficients of u^2, d^2 and u d in Gamma(H+ -> t b)."""
    q, w = offshell.virtual_top(np.maximum(mass - sm.M_B_POLE, 1.0))
    m = mass[:, None]
    mu_b = (sm.M_B_POLE / m) ** 2

    def kinematics(top):
        mu_t = (top / m) ** 2
        root = np.sqrt(offshell.kallen(mu_t, mu_b))
        return root * (1 - mu_t - mu_b), -4 * root * np.sqrt(mu_t * mu_b)

    pole = np.full((1, 1), sm.M_T)
    on = [k[:, 0] for k in kinematics(pole)]
    off = [(w * k).sum(axis=1) for k in kinematics(q)]
    open_ = mass > sm.M_W + 2 * sm.M_B_POLE
    above = mass > sm.M_T + sm.M_B_POLE
    direct, mixed = (np.where(above, np.maximum(np.abs(x), np.abs(y) * (mass < 200)) * np.sign(y),
                              np.where(open_, y, 0.0)) for x, y in zip(on, off, strict=True))
    k = 3 * _YUKAWA * mass * (1 + 5.67 * running("alpha_s", mass) / np.pi)
    mt, mb = running("t", mass), running("b", mass)
    return k * direct * mt**2, k * direct * mb**2, k * mixed * mt * mb


@cache
def charged_table():
    """`MassTable` of H+: tb_uu, tb_dd, tb_ud, cs_uu, cs_dd, cb_uu, cb_dd, taunu, munu."""
    mass = grid()
    k = 3 * _YUKAWA * mass * (1 + 5.67 * running("alpha_s", mass) / np.pi)
    with np.errstate(all="ignore"):
        columns = dict(zip(("tb_uu", "tb_dd", "tb_ud"), _top_bottom(mass), strict=True))
    mc2, ms2, mb2 = (running(q, mass) ** 2 for q in "csb")
    columns.update(cs_uu=V_CS**2 * k * mc2, cs_dd=V_CS**2 * k * ms2,
                   cb_uu=V_CB**2 * k * mc2, cb_dd=V_CB**2 * k * mb2)
    for name, m in (("taunu", sm.M_TAU), ("munu", sm.M_MU)):
        columns[name] = _YUKAWA * mass * m**2 * np.maximum(1 - m**2 / mass**2, 0.0) ** 2
    return MassTable(columns)
