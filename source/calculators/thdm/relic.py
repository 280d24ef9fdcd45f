"""Relic density of the inert doublet: annihilation of H and A at freeze-out.

Freeze-out: E. Kolb, M. Turner, The Early Universe, eqs. 5.44 and 5.45, with coannihilation as in
K. Griest, D. Seckel, Phys. Rev. D 43 (1991) 3191. Thermal average of a cross section of
non-relativistic particles: P. Gondolo, G. Gelmini, Nucl. Phys. B 360 (1991) 145, section 3.

H H -> h* -> SM with the width of a SM Higgs of mass sqrt(s), as in J. M. Cline et al.,
arXiv:1306.4710, eq. 4; with the coupling of H H to W W and Z Z and the exchange of H+ and A at
threshold (R. Barbieri, L. Hall, V. Rychkov, hep-ph/0603188; one vector may be off shell, which
matters, L. Lopez Honorez, C. Yaguna, arXiv:1003.3125). H A -> Z* and H H+ -> W*, p-wave.
What is left out: H+ H- and pairs of heavier bosons into vectors. So it is good below the W, where
H+ is 10% heavier than H, and gives too little annihilation above 500 GeV.
"""

from functools import cache

import numpy as np

from . import sm
from .mass_table import MassTable, grid
from .neutral_tables import neutral_table
from .signals import WIDTH_SM

X = np.array([18.0, 21, 25, 30, 40, 60, 100, 200, 600])    # m / T
NODES = 12          # energies of a thermal average
BROAD = 1.0         # GeV: the resonance is integrated with this width, the rest is a peak
VIRTUAL = 3         # masses of a virtual vector
PLANCK = 1.220890e19    # GeV
# Effective degrees of freedom by temperature in GeV: Kolb and Turner, figure 3.5, as tabulated in
# M. Laine, M. Meyer, arXiv:1503.04935.
TEMPERATURE = (1e-3, 0.05, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10, 50, 100, 300)
FREEDOM = (10.7, 14.0, 17.6, 25.0, 50.0, 68.0, 72.3, 76.0, 83.0, 86.0, 91.5, 97.0, 106.0)


@cache
def _widths():
    """Widths of a SM Higgs into fermions and gluons, W W and Z Z by its mass."""
    f = neutral_table(False)(grid())
    fermions = sum(f[c] for c in ("bb", "bb_top", "ss", "ss_top", "cc", "tautau", "mumu", "tt"))
    gluons = f["gg"] * np.abs(f["gg_u"] + f["gg_d"]) ** 2
    return MassTable({"light": fermions + gluons, "WW": f["WW"], "ZZ": f["ZZ"]})


@cache
def _nodes(n):
    """Nodes and weights of the integral of sqrt(t) exp(-t) times 2 / sqrt(pi)."""
    t, w = np.polynomial.laguerre.laggauss(n)
    return t, w * np.sqrt(t) / (w * np.sqrt(t)).sum()


@cache
def _legendre():
    x, w = np.polynomial.legendre.leggauss(VIRTUAL)
    return 0.5 * (x + 1), 0.5 * w


def density(mh, m, other, charged, lam, lam_other, width):
    """Omega h^2 (n,) of H.

    Parameters
    ----------
    mh, m, other, charged : ndarray (n,)
        Masses of h, H, A, H+ in GeV.
    lam, lam_other : ndarray (n,)
        lambda_3 + lambda_4 +- lambda_5, the couplings of H H and A A to h.
    width : ndarray (n,)
        Of h in GeV.
    """
    rate = np.stack([_effective(x, mh, m, other, charged, lam, lam_other, width) for x in X])
    freeze = np.full(len(m), 22.0)
    for _ in range(6):
        at = _at(freeze, rate)
        freeze = np.clip(np.log(0.038 * m * PLANCK * at / np.sqrt(_freedom(m / freeze) * freeze)),
                         X[0], X[-2])
    # integral of rate / x^2 from the freeze-out on, rate linear in 1/x between the nodes
    upper = 1.0 / np.maximum(freeze, X[:-1, None])
    lower = 1.0 / np.maximum(freeze, X[1:, None])
    steps = 0.5 * (_at(1 / upper, rate) + _at(1 / lower, rate)) * (upper - lower)
    total = steps.sum(axis=0) + rate[-1] / X[-1]
    return 1.07e9 / (total * np.sqrt(_freedom(m / freeze)) * PLANCK)


def _freedom(temperature):
    return np.interp(np.log(temperature), np.log(TEMPERATURE), FREEDOM)


def _at(x, rate):
    """rate (len(X), n) at x (n,) or (k, n), linear in 1/x."""
    x = np.atleast_2d(x)
    i = np.clip(np.searchsorted(X, x, side="right") - 1, 0, len(X) - 2)
    part = (1 / X[i] - 1 / x) / (1 / X[i] - 1 / X[i + 1])
    columns = np.broadcast_to(np.arange(rate.shape[1]), x.shape)
    out = rate[i, columns] * (1 - part) + rate[i + 1, columns] * part
    return out[0] if len(out) == 1 else out


def _effective(x, mh, m, other, charged, lam, lam_other, width):
    """<sigma v> (n,) in GeV^-2 of all pairs of H, A, H+ with their weights at x = m / T."""
    share = {name: g * (mass / m) ** 1.5 * np.exp(-x * (mass / m - 1.0))
             for name, g, mass in (("H", 1, m), ("A", 1, other), ("C", 2, charged))}
    total = sum(share.values())
    pairs = (share["H"] ** 2 * _pair(x, mh, m, other, charged, lam, width)
             + share["A"] ** 2 * _pair(x, mh, other, m, charged, lam_other, width)
             + 2 * share["H"] * share["A"] * _to_vector(
                 x, m, other, sm.M_Z, sm.GAMMA_Z, sm.M_Z / sm.V)
             + 2 * share["H"] * share["C"] * _to_vector(
                 x, m, charged, sm.M_W, sm.GAMMA_W, sm.M_W / sm.V))
    return pairs / total**2


def _pair(x, mh, m, other, charged, lam, width):
    """<sigma v> (n,) of two H of mass m."""
    t, weight = _nodes(NODES)
    s = 4 * m[:, None] ** 2 * (1 + t / x)
    mh, other, charged, lam = (a[:, None] for a in (mh, other, charged, lam))
    out = _cross_section(s, mh, other, charged, lam) @ weight
    # the peak of the resonance above what has been integrated with the broad width
    mh, lam = mh[:, 0], lam[:, 0]
    at = (mh**2 / (4 * m**2) - 1) * x
    peak = np.pi / mh * (1 / np.maximum(width, WIDTH_SM) - 1 / BROAD)
    jacobian = x / (4 * m**2) * 2 / np.sqrt(np.pi) * np.sqrt(np.maximum(at, 0)) * np.exp(
        -np.maximum(at, 0))
    return out + np.where(at > 0, peak * jacobian * 2 * lam**2 * sm.V**2 / mh * WIDTH_SM, 0.0)


def _cross_section(s, mh, other, charged, lam):
    """sigma v (n, k) in GeV^-2 of H H at s (n, k)."""
    root, v2 = np.sqrt(s), sm.V**2
    width = {name: g.reshape(s.shape) for name, g in _widths()(root.ravel()).items()}
    d = 1 / ((s - mh**2) ** 2 + (mh * BROAD) ** 2)
    out = 2 * lam**2 * v2 / root * d * width["light"]
    higgs = 1 + lam * v2 * (s - mh**2) * d
    for mass, exchanged, gamma in ((sm.M_W, charged, width["WW"]), (sm.M_Z, other, width["ZZ"])):
        out += 2 / (v2 * root) * gamma * _exchange(s, mass, exchanged, higgs)
    beta = np.sqrt(np.maximum(1 - 4 * mh**2 / s, 0))
    hh = lam * (1 + 3 * mh**2 / (s - mh**2) + 2 * lam * v2 / (mh**2 - s / 2))
    return out + hh**2 * beta / (16 * np.pi * s)


def _exchange(s, mass, exchanged, higgs):
    """Rate (n, k) over that of the contact and h alone with strength 1, averaged over the mass of
    the lighter of two vectors where they are not both on shell."""
    part, weight = _legendre()
    root = np.sqrt(s)
    most = np.minimum(root - mass, mass)    # of the virtual vector
    above = root > 2 * mass
    total = norm = 0.0
    for p, w in zip(part, weight, strict=True):
        q = np.where(above, mass, most * p)
        first = np.where(root > mass + q, mass, root - q)
        k2 = np.maximum((s - (first + q) ** 2) * (s - (first - q) ** 2) / (4 * s), 0)
        a = (s - first**2 - q**2) / (2 * first * q)
        b = s * k2 / (first * q * (s / 4 + exchanged**2 - (first**2 + q**2) / 2))
        rate = w * np.sqrt(k2) * q**3 / ((q**2 - mass**2) ** 2 + (0.03 * mass**2) ** 2)
        norm = norm + rate * (2 + a**2)
        total = total + rate * (2 * higgs**2 + (higgs * a - b) ** 2)
    return total / norm


def _to_vector(x, m1, m2, mass, width, coupling):
    """<sigma v> (n,) of two bosons into fermions by a vector; coupling of (p1 - p2) to it."""
    t, weight = _nodes(NODES)
    m1, m2 = m1[:, None], m2[:, None]
    s = (m1 + m2) ** 2 * (1 + t / x)
    k2 = (s - (m1 + m2) ** 2) * (s - (m1 - m2) ** 2) / (4 * s)
    e1, e2 = np.sqrt(k2 + m1**2), np.sqrt(k2 + m2**2)
    sigma_v = (2 * coupling**2 * width / mass * s * k2 / (e1 * e2)
               / ((s - mass**2) ** 2 + (mass * width) ** 2))
    return sigma_v @ weight
