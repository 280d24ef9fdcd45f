"""Two-body widths smeared with the Breit-Wigner shape of unstable products.

    Gamma = Int dq2/pi  M G / ((q2 - M^2)^2 + M^2 G^2)  Gamma(q2)

(Djouadi, hep-ph/0503172, section 2.2, with constant widths), by Gauss-Legendre quadrature in the
angle that flattens the peak.
"""

from functools import cache

import numpy as np

from . import sm


@cache
def _legendre(nodes):
    return np.polynomial.legendre.leggauss(nodes)


def breit_wigner(q_max, mass, width, nodes=40, q_min=0.0):
    """Nodes q^2 (n, nodes) in GeV^2 between q_min^2 and q_max^2, and their weights (n, nodes).

    Parameters
    ----------
    q_max, q_min : ndarray (n,) or float
        Limits of q in GeV.
    mass, width : float
        Of the unstable particle, in GeV.
    nodes : int
    """
    x, w = _legendre(nodes)
    low, high = (np.atleast_1d(np.arctan((np.square(q) - mass**2) / (mass * width)))[:, None]
                 for q in (q_min, q_max))
    angle = low + 0.5 * (high - low) * (x + 1.0)
    return mass**2 + mass * width * np.tan(angle), 0.5 * (high - low) * w / np.pi


def kallen(a, b):
    """(1 - a - b)^2 - 4 a b, not below 0, of ratios of squared masses (any shape)."""
    return np.maximum((1.0 - a - b) ** 2 - 4.0 * a * b, 0.0)


def to_vector_pair(mass, m_v, width, symmetry):
    """Gamma(phi -> V V) in GeV, (n,), of a SM-like scalar of `mass` (n,), on and off shell.

    `m_v`, `width` of V, and `mass` in GeV; `symmetry`: 2 for W, 1 for Z.
    """
    out = np.empty_like(mass)
    for i, m in enumerate(mass):     # one mass at a time keeps the double grid small
        edges = np.array([0.0, m - m_v - 8 * width, m - m_v + 8 * width, m_v - 8 * width,
                          m_v + 8 * width, m])
        edges = np.unique(np.clip(edges, 0.0, m))   # pieces with at most one peak each
        q1, w1 = (a.ravel() for a in breit_wigner(edges[1:], m_v, width, 24, edges[:-1]))
        q2, w2 = breit_wigner(np.maximum(m - np.sqrt(q1), 0.0), m_v, width)
        lam = kallen(q1[:, None] / m**2, q2 / m**2)
        inner = np.sqrt(lam) * (lam + 12.0 * q1[:, None] * q2 / m**4)
        out[i] = (w1[:, None] * w2 * inner).sum()
    return symmetry * sm.G_FERMI * mass**3 / (16.0 * np.sqrt(2.0) * np.pi) * out


def top_width(mass):
    """Gamma(t -> b W) in GeV at leading order for a top of (virtual) `mass`, m_b = 0."""
    w = (sm.M_W / np.maximum(mass, sm.M_W)) ** 2
    return sm.G_FERMI * mass**3 / (8 * np.sqrt(2) * np.pi) * (1 - w) ** 2 * (1 + 2 * w)


def virtual_top(q_max, nodes=60):
    """Nodes q (n, nodes) and weights of a virtual top with running width, up to `q_max` (n,)."""
    gamma = float(top_width(np.array(sm.M_T)))
    q2, w = breit_wigner(np.maximum(q_max, 1.0), sm.M_T, gamma, nodes)
    q = np.sqrt(np.maximum(q2, 0.0))
    return q, w * np.where(q > sm.M_W, top_width(q) * q / (gamma * sm.M_T), 0.0)


def _power(x):
    """x^(3/2), much faster than the power."""
    return x * np.sqrt(x)


def scalar_to_vector(heavy, light, m_v, width):
    """Gamma(phi1 -> phi2 V) in GeV for coupling 1, V on or off shell; masses in GeV, of one shape.

    c^2 G_F/(8 sqrt2 pi) M^3 lambda^(3/2) (hep-ph/0503173, section 2.1); zero where heavy <= light.
    """
    gap = heavy - light
    ratio2 = (light / heavy) ** 2
    out = np.where(gap > m_v, _power(kallen(ratio2, (m_v / heavy) ** 2)), 0.0)
    near = (gap > 0.0) & (gap < m_v + 8.0 * width)
    if near.any():
        q2, w = breit_wigner(gap[near], m_v, width, nodes=12)
        lam = kallen(ratio2[near, None], q2 / heavy[near, None] ** 2)
        out[near] = (w * _power(lam)).sum(axis=1)
    return sm.G_FERMI * heavy * heavy**2 / (8.0 * np.sqrt(2.0) * np.pi) * out
