"""Oblique parameters S, T, U and their chi2.

Formulas: Grimus, Lavoura, Ogreid, Osland, arXiv:0802.4353 (functions F, f, G, G-hat of eqs. 29, B7,
C2, C5, and the sums of S, T, U for two doublets). Fit: Gfitter, arXiv:1803.01853, section 2.4.
"""

import numpy as np

from . import sm

M_REFERENCE = 125.0
FIT = np.array([0.04, 0.09, -0.02])
ERRORS = np.array([0.11, 0.14, 0.11])
CORRELATION = np.array([[1.0, 0.92, -0.68], [0.92, 1.0, -0.87], [-0.68, -0.87, 1.0]])
ALPHA_MZ = 1.0 / 127.95      # PDG 2022, doi:10.1093/ptep/ptac097, section 10


def _log_over_difference(x, y):
    """ln(x/y) (x + y)/(x - y), smooth at x = y; 2 there."""
    d = (x - y) / (x + y)
    small = np.abs(d) < 1e-3
    return np.where(small, 2 + (2 / 3) * d**2, np.log(x / y) / np.where(small, 1.0, d))


def f_fcn(x, y):
    """F(x, y) = (x + y)/2 - x y/(x - y) ln(x/y), x and y (n,) in GeV^2; 0 where equal."""
    d2 = ((x - y) / (x + y)) ** 2
    exact = 0.5 - 0.25 * (1 - d2) * _log_over_difference(x, y)
    return (x + y) * np.where(d2 < 1e-6, d2 / 3, exact)


def _ratio_log(x, y):
    """ln(x/y)/(x - y), smooth at x = y."""
    return _log_over_difference(x, y) / (x + y)


def _f_root(t, r):
    """f(t, r) of eq. B7."""
    root = np.sqrt(np.abs(r))
    out = np.empty_like(root)
    above = r > 0
    ratio = np.abs((t[above] - root[above]) / (t[above] + root[above]))
    out[above] = root[above] * np.log(np.maximum(ratio, 1e-300))
    out[~above] = 2 * root[~above] * np.arctan(root[~above] / t[~above])
    return out


def g_fcn(x, y, q):
    """G(x, y, q) of squared masses (n,) in GeV^2, dimensionless (eq. C2)."""
    u, w = x / q, y / q
    log = _ratio_log(u, w)
    d = u - w
    bracket = u**2 + w**2 - (u**2 - w**2) * d + d**4 / 3
    r = 1 - 2 * (u + w) + d**2
    return -16 / 3 + 5 * (u + w) - 2 * d**2 + 3 * bracket * log + r * _f_root(u + w - 1, r)


def g_hat(x, q):
    """G-hat(x, q) = G(x, q, q) + 12 G-tilde(x, q, q) of squared masses (n,) in GeV^2 (eq. C5)."""
    u = x / q
    tilde = -2 + ((u - 1) ** 2 - (u + 1)) * _ratio_log(u, np.ones_like(u)) \
        + _f_root(u, u**2 - 4 * u)
    return g_fcn(x, q, q) + 12 * tilde


def oblique(spec):
    """(S, T, U), each (n,), relative to the SM with a Higgs of 125 GeV."""
    h, H, A, C = spec.mh2, spec.mH2, spec.mA2, spec.mHp2
    cos2 = spec.cos_ba**2
    sin2 = 1.0 - cos2
    ref, z, w = M_REFERENCE**2, sm.M_Z**2, sm.M_W**2
    g2 = 4 * w / sm.V**2

    def vectors(x):
        return f_fcn(z, x) - f_fcn(w, x)

    t = (f_fcn(C, A) + sin2 * (f_fcn(C, H) - f_fcn(A, H)) + cos2 * (f_fcn(C, h) - f_fcn(A, h))
         + 3 * (cos2 * vectors(H) + sin2 * vectors(h) - vectors(np.array([ref]))))
    charged = (2 * sm.SIN2_W - 1) ** 2 * g_fcn(C, C, z)
    neutral = sin2 * g_fcn(H, A, z) + cos2 * g_fcn(h, A, z)
    reference = np.array([ref])
    hat_z = cos2 * g_hat(H, z) + sin2 * g_hat(h, z) - g_hat(reference, z)
    hat_w = cos2 * g_hat(H, w) + sin2 * g_hat(h, w) - g_hat(reference, w)
    logs = np.log(h * H * A / (C**2 * ref))
    s = charged + neutral + logs + hat_z
    u = (cos2 * g_fcn(C, h, w) + sin2 * g_fcn(C, H, w) + g_fcn(C, A, w) - charged - neutral
         + hat_w - hat_z)
    unit = g2 / (384 * np.pi**2) * 4 * sm.SIN2_W / ALPHA_MZ
    return unit * s, g2 / (64 * np.pi**2 * w * ALPHA_MZ) * t, unit * u


def chi2(s, t, u):
    """chi2 (n,) of S, T, U with the published correlations."""
    pulls = (np.stack([s, t, u]) - FIT[:, None]) / ERRORS[:, None]
    return np.einsum("in,in->n", pulls, np.linalg.inv(CORRELATION) @ pulls)
