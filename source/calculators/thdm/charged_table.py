"""Mass functions of the charged Higgs boson's widths into fermions.

Djouadi, hep-ph/0503173, section 2.1: t b near its threshold with pole masses and the full
one-loop QCD correction, far above it with running masses, below it with one virtual top; the other
quarks with running masses.
"""

from functools import cache

import numpy as np
from scipy.special import spence

from . import offshell, sm
from .mass_table import MassTable, grid
from .running import running

_YUKAWA = sm.G_FERMI / (4.0 * np.sqrt(2.0) * np.pi)
V_CS, V_CB = 0.9735, 0.0408    # PDG 2022, doi:10.1093/ptep/ptac097, section 12


def _top_bottom(mass):
    """Coefficients of u^2, d^2 and u d in Gamma(H+ -> t b).

    The u coupling makes a right-handed top, which reaches the W through its mass term: m_t^2/q^2.
    """
    q, w = offshell.virtual_top(np.maximum(mass - sm.M_B_POLE, 1.0))
    flip = sm.M_T / np.maximum(q, 1.0)
    direct, mixed = _kinematics(mass[:, None], q)
    off = ((w * direct * flip**2).sum(axis=1), (w * direct).sum(axis=1),
           (w * mixed * flip).sum(axis=1))
    on = _on_shell(mass)
    threshold = sm.M_T + sm.M_B_POLE
    below = mass < threshold
    last = max(int(below.sum()) - 1, 0)    # just above, the rate stays at what it had reached
    mt, mb = running("t", mass), running("b", mass)
    k = 3 * _YUKAWA * mass * (1 + 5.67 * running("alpha_s", mass) / np.pi)
    open_ = mass > sm.M_W + 2 * sm.M_B_POLE
    out = []
    for couplings, real, shape in zip((mt**2, mb**2, mt * mb), on, off, strict=True):
        virtual = np.where(open_, k * couplings * shape, 0.0)
        floor = np.minimum(np.abs(virtual), np.abs(virtual[last]))
        out.append(np.where(below, virtual, np.sign(real) * np.maximum(np.abs(real), floor)))
    return out


def _on_shell(mass):
    """u^2, d^2, u d terms above threshold: pole masses and full QCD joined to running masses."""
    direct, mixed = (x[:, 0] for x in _kinematics(mass[:, None], np.full((1, 1), sm.M_T)))
    a = running("alpha_s", mass) / np.pi
    x = np.minimum((sm.M_T + sm.M_B_POLE) / mass, 1.0)
    mu_t, mu_b = (sm.M_T / mass) ** 2, (sm.M_B_POLE / mass) ** 2
    mt, mb = running("t", mass), running("b", mass)
    far = 1 + 5.67 * a
    out = []
    for phase, pole, run, delta in (
            (direct, sm.M_T**2, mt**2, _delta_plus(mu_t, mu_b)),
            (direct, sm.M_B_POLE**2, mb**2, _delta_plus(mu_b, mu_t)),
            (mixed, sm.M_T * sm.M_B_POLE, mt * mb, _delta_minus(mu_t, mu_b))):
        near = pole * (1 + 4 / 3 * a * delta)
        out.append(3 * _YUKAWA * mass * phase * (x**2 * near + (1 - x**2) * run * far))
    return out


def _common(mu_i, mu_j):
    """lambda^(1/2), x_i, x_j and the function B_ij of the QCD corrections."""
    q = 1 - mu_i - mu_j
    root = np.sqrt(np.maximum(q**2 - 4 * mu_i * mu_j, 1e-8))
    x_i, x_j = 2 * mu_i / (q + root), 2 * mu_j / (q + root)
    both = x_i * x_j
    log_i, log_j, log = np.log(x_i), np.log(x_j), np.log(both)
    b = q / root * (4 * spence(1 - both) - 2 * spence(1 + x_i) - 2 * spence(1 + x_j)
                    + 2 * log * np.log(1 - both) - log_i * np.log(1 + x_i)
                    - log_j * np.log(1 + x_j))
    b = b - 4 * (np.log(1 - both) + both / (1 - both) * log)
    b = b + (root + mu_i - mu_j) / root * (np.log(1 + x_i) - x_i / (1 + x_i) * log_i)
    b = b + (root - mu_i + mu_j) / root * (np.log(1 + x_j) - x_j / (1 + x_j) * log_j)
    return q, root, log, b


def _delta_plus(mu_i, mu_j):
    q, root, log, b = _common(mu_i, mu_j)
    return (9 / 4 + (3 - 2 * mu_i + 2 * mu_j) / 4 * np.log(mu_i / mu_j)
            + ((1.5 - mu_i - mu_j) * root**2 + 5 * mu_i * mu_j) / (2 * root * q) * log + b)


def _delta_minus(mu_i, mu_j):
    q, root, log, b = _common(mu_i, mu_j)
    return 3 + (mu_j - mu_i) / 2 * np.log(mu_i / mu_j) + (root**2 + 2 * q) / (2 * root) * log + b


def _kinematics(mass, top):
    """Phase space of the direct and of the mixed term of H+ -> t b; pole mass of b."""
    mu_t, mu_b = (top / mass) ** 2, (sm.M_B_POLE / mass) ** 2
    root = np.sqrt(offshell.kallen(mu_t, mu_b))
    return root * (1 - mu_t - mu_b), -4 * root * np.sqrt(mu_t * mu_b)


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
