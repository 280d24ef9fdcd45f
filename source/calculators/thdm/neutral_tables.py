"""Mass functions of the neutral Higgs bosons' widths (CP-even: h, H; CP-odd: A).

Fermions: Djouadi, hep-ph/0503172, section 2.1, and hep-ph/0503173, section 2.1 (running
masses, QCD to third order and the top-induced part). Loops: hep-ph/0503172, section 2.3; gg with
NNLO QCD in the heavy-top limit, hep-ph/9705240 (h, H), hep-ph/9807241 (A).
"""

from functools import cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import spence

from . import offshell, sm
from .loops import a_half, a_half_odd, a_one, loop_fermions, zgamma_integrals, zgamma_w
from .mass_table import MassTable, grid
from .running import running

_YUKAWA = sm.G_FERMI / (4.0 * np.sqrt(2.0) * np.pi)


def _light_quarks(mass, odd):
    """bb, ss, cc: what multiplies (own coupling)^2, and (own coupling) (u coupling) for b and s."""
    a = running("alpha_s", mass) / np.pi
    direct = 1 + 5.67 * a + (35.94 - 1.36 * 5) * a**2 + (164.14 - 25.77 * 5 + 0.259 * 25) * a**3
    log_t = np.log(mass**2 / sm.M_T**2)
    out = {}
    for name, pole in (("b", sm.M_B_POLE), ("c", sm.M_C_POLE), ("s", sm.M_S_2GEV)):
        m = running(name, mass)
        log_q = np.log(m**2 / mass**2)
        top = (3.83 - log_t + log_q**2 / 6) if odd else (1.57 - 2 / 3 * log_t + log_q**2 / 9)
        width = np.where(mass > 2 * pole, 3 * _YUKAWA * mass * m**2, 0.0)
        out[name * 2], out[name * 2 + "_top"] = width * direct, width * top * a**2
    out["cc"] = out["cc"] + out.pop("cc_top")
    return out


def _threshold_qcd(beta, odd):
    """One-loop massive QCD factor Delta of phi -> t t (hep-ph/0503172, section 2.1)."""
    log = np.log((1 + beta) / (1 - beta))
    x = (1 - beta) / (1 + beta)
    a = ((1 + beta**2) * (4 * spence(1 - x) + 2 * spence(1 + x) - 3 * log * np.log(2 / (1 + beta))
                          - 2 * log * np.log(beta))
         - 3 * beta * np.log(4 / (1 - beta**2)) - 4 * beta * np.log(beta))
    if odd:
        return a / beta + (19 + 2 * beta**2 + 3 * beta**4) * log / (16 * beta) \
            + 3 / 8 * (7 - beta**2)
    return a / beta + (3 + 34 * beta**2 - 13 * beta**4) * log / (16 * beta**3) \
        + 3 / (8 * beta**2) * (7 * beta**2 - 1)


def _top(mass, odd):
    """tt: on shell with QCD, joined to the running-mass form; below threshold one virtual top."""
    a = running("alpha_s", mass) / np.pi
    x = np.minimum(2 * sm.M_T / mass, 1.0)
    beta = np.sqrt(np.maximum(1 - x**2, 1e-4))
    near = sm.M_T**2 * beta ** (1 if odd else 3) * (1 + 4 / 3 * a * _threshold_qcd(beta, odd))
    k = 1 + 5.67 * a + (35.94 - 1.36 * 6) * a**2
    far = running("t", mass) ** 2 * beta ** (1 if odd else 3) * k
    on = np.where(mass > 2 * sm.M_T, 3 * _YUKAWA * mass * (x**2 * near + (1 - x**2) * far), 0.0)
    q, w = offshell.virtual_top(np.maximum(mass - sm.M_T, 1.0))
    w = w * 0.5 * (1 + (sm.M_T / np.maximum(q, 1.0)) ** 2)   # chirality: q-slash and mass term
    part = offshell.kallen((sm.M_T / mass[:, None]) ** 2, (q / mass[:, None]) ** 2) ** 0.5 \
        * (1 - ((sm.M_T - q if odd else sm.M_T + q) / mass[:, None]) ** 2)
    off = np.where(mass > sm.M_T + sm.M_W + sm.M_B_POLE,
                   2 * 3 * _YUKAWA * mass * sm.M_T**2 * (w * np.maximum(part, 0)).sum(axis=1), 0.0)
    return np.where(mass < 2 * sm.M_T, off, np.maximum(on, np.minimum(off, off[_last_below(mass)])))


def _last_below(mass):
    return max(int(np.searchsorted(mass, 2 * sm.M_T)) - 1, 0)


def _leptons(mass, odd):
    out = {}
    for name, m in (("tautau", sm.M_TAU), ("mumu", sm.M_MU)):
        beta = np.sqrt(np.maximum(1 - 4 * m**2 / mass**2, 0.0))
        out[name] = _YUKAWA * mass * m**2 * beta ** (1 if odd else 3)
    return out


def _loops(mass, odd):
    """Amplitudes, complex: gg_u, gg_d, gam_V, gam_u, ..., Zgam_l, and the factors of |sum|^2."""
    half = a_half_odd if odd else a_half
    zero = np.zeros(len(mass), complex)
    out = {f"{loop}_{c}": zero for loop in ("gam", "Zgam") for c in "udl"}
    out.update(gg_u=zero, gg_d=zero)
    for m, c, colours, charge, vector in loop_fermions():
        tau, lam = (mass / (2 * m)) ** 2, np.full(len(mass), (sm.M_Z / (2 * m)) ** 2)
        amplitude = half(tau)
        if colours == 3:
            out[f"gg_{c}"] = out[f"gg_{c}"] + 0.75 * amplitude
        out[f"gam_{c}"] = out[f"gam_{c}"] + colours * charge**2 * amplitude
        i1, i2 = zgamma_integrals(tau, lam)
        # The odd amplitude is I2, with the sign that a_half_odd / a_half has in the heavy limit.
        out[f"Zgam_{c}"] = out[f"Zgam_{c}"] + colours * charge * vector * (-i2 if odd else i1 - i2)
    if not odd:
        tau_w = (mass / (2 * sm.M_W)) ** 2
        out["gam_V"], out["Zgam_V"] = a_one(tau_w) + 0j, zgamma_w(mass)
    return out


def _loop_factors(mass, odd):
    """What |amplitude|^2 is multiplied with to have a width in GeV: gg, gamgam, Zgam."""
    alpha = running("alpha_s", mass)
    a, log_t = alpha / np.pi, np.log(running("t", np.array(sm.M_T)) ** 2 / mass**2)
    k = 1 + (97 if odd else 95) / 4 * a - 35 / 6 * a \
        + ((171.544 - 5 * log_t) if odd else (156.808 - 5.708 * log_t)) * a**2
    common = sm.G_FERMI * mass**3 / (np.sqrt(2) * np.pi**3)
    phase = np.maximum(1 - (sm.M_Z / mass) ** 2, 0.0) ** 3
    zgam = sm.G_FERMI**2 * sm.M_W**2 * sm.ALPHA_0 * mass**3 * phase / (64 * np.pi**4)
    return {"gg": common * alpha**2 * k / 36, "gamgam": common * sm.ALPHA_0**2 / 128, "Zgam": zgam}


def _vectors(mass):
    """WW and ZZ widths: a spline of the logarithm through nodes dense around the thresholds."""
    nodes = np.unique(np.concatenate([np.geomspace(mass[0], mass[-1], 250),
                                      np.linspace(145.0, 200.0, 221)]))
    out = {}
    for name, m, width, symmetry in (("WW", sm.M_W, sm.GAMMA_W, 2), ("ZZ", sm.M_Z, sm.GAMMA_Z, 1)):
        exact = offshell.to_vector_pair(nodes, m, width, symmetry)
        out[name] = np.exp(CubicSpline(np.log(nodes), np.log(exact))(np.log(mass)))
    return out


@cache
def neutral_table(odd):
    """`MassTable` of the CP-even (odd = False) or CP-odd neutral Higgs bosons."""
    mass = grid()
    with np.errstate(all="ignore"):
        columns = {**_light_quarks(mass, odd), "tt": _top(mass, odd), **_leptons(mass, odd),
                   **_loop_factors(mass, odd)}
        amplitudes = _loops(mass, odd)
        if not odd:
            columns.update(_vectors(mass))
    return MassTable({**columns, **amplitudes})
