"""Oblique parameters S, T, U and their chi2.

Formulas: Grimus, Lavoura, Ogreid, Osland, arXiv:0802.4353 (functions F, f, G, G-hat of eqs. 29, B7,
C2, C5, and the sums of S, T, U for doublets and singlets). Fits: Gfitter, arXiv:1803.01853,
section 2.4, and PDG.
"""

from functools import cache

import numpy as np

from . import sm

M_REFERENCE = 125.0
FIT = np.array([0.04, 0.09, -0.02])
ERRORS = np.array([0.11, 0.14, 0.11])
CORRELATION = np.array([[1.0, 0.92, -0.68], [0.92, 1.0, -0.87], [-0.68, -0.87, 1.0]])
# Values, errors and correlations of S, T, U. PDG 2024, doi:10.1103/PhysRevD.110.030001, review of
# the electroweak model, eq. 10.98; its fit with U = 0 (eq. 10.99: S = -0.05(7), T = 0.00(6))
# follows from these.
FITS = {"gfitter2018": (FIT, ERRORS, CORRELATION),
        "pdg2024": (np.array([-0.04, 0.01, -0.01]), np.array([0.10, 0.12, 0.09]),
                    np.array([[1.0, 0.93, -0.70], [0.93, 1.0, -0.87], [-0.70, -0.87, 1.0]]))}
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
    d, both = u - w, u + w
    u2, w2, d2 = u**2, w**2, d**2
    bracket = u2 + w2 - (u2 - w2) * d + d2**2 / 3
    r = 1 - 2 * both + d2
    return -16 / 3 + 5 * both - 2 * d2 + 3 * bracket * log + r * _f_root(both - 1, r)


def g_hat(x, q):
    """G-hat(x, q) = G(x, q, q) + 12 G-tilde(x, q, q) of squared masses (n,) in GeV^2 (eq. C5)."""
    u = x / q
    tilde = -2 + ((u - 1) ** 2 - (u + 1)) * _ratio_log(u, np.ones_like(u)) \
        + _f_root(u, u**2 - 4 * u)
    return g_fcn(x, q, q) + 12 * tilde


def oblique(spec):
    """(S, T, U), each (n,), of two doublets, relative to the SM with a Higgs of 125 GeV."""
    h, H, A, C = spec.mh2, spec.mH2, spec.mA2, spec.mHp2
    cos2 = spec.cos_ba**2
    sin2 = 1.0 - cos2
    z, w = sm.M_Z**2, sm.M_W**2
    ca, ch, ah, c0, a0 = f_fcn(np.stack([C, C, A, C, A]), np.stack([A, H, H, h, h]))
    t = ca + sin2 * (ch - ah) + cos2 * (c0 - a0)
    of_z, of_w = (g_fcn(np.stack(x), np.stack(y), q) for x, y, q in (
        ([C, H, h], [C, A, A], z), ([C, C, C], [h, H, A], w)))
    charged = (2 * sm.SIN2_W - 1) ** 2 * of_z[0]
    neutral = sin2 * of_z[1] + cos2 * of_z[2]
    logs = np.log(h * H * A / (C**2 * M_REFERENCE**2))
    u = cos2 * of_w[0] + sin2 * of_w[1] + of_w[2] - charged - neutral
    return _in_units(charged + neutral + logs, t, u, ((sin2, h), (cos2, H)))


def oblique_singlet(mh2, ms2, sin2):
    """(S, T, U), each (n,), of a doublet and a singlet with squared masses in GeV^2.

    sin2: share of the doublet in the second boson; the first has the rest.
    """
    bosons = ((1.0 - sin2, mh2), (sin2, ms2))
    logs = sum(share * np.log(m2 / M_REFERENCE**2) for share, m2 in bosons)
    return _in_units(logs, 0.0, 0.0, bosons)


def _in_units(s, t, u, bosons):
    """S, T, U from their sums without the loops of a vector and a neutral boson.

    bosons: pairs of |coupling to V V over SM|^2 and squared mass in GeV^2, (n,) each.
    """
    z, w = sm.M_Z**2, sm.M_W**2
    g2 = 4 * w / sm.V**2
    share, m2 = map(np.stack, zip(*bosons, strict=True))
    f, hat_z, hat_w = (sum(share * of) - sm_value for of, sm_value in zip(
        _vector_and_neutral(m2, z, w), _of_sm(z, w), strict=True))
    t = t + 3 * f
    unit = g2 / (384 * np.pi**2) * 4 * sm.SIN2_W / ALPHA_MZ
    return (unit * (s + hat_z), g2 / (64 * np.pi**2 * w * ALPHA_MZ) * t,
            unit * (u + hat_w - hat_z))


def _vector_and_neutral(m2, z, w):
    """What Z and W of squared masses z, w and a neutral boson of m2 (any shape) add to T, S, U."""
    return f_fcn(z, m2) - f_fcn(w, m2), g_hat(m2, z), g_hat(m2, w)


@cache
def _of_sm(z, w):
    return _vector_and_neutral(np.array([M_REFERENCE**2]), z, w)


def chi2(s, t, u, fit="gfitter2018"):
    """chi2 (n,) of S, T, U with the correlations of one of FITS."""
    value, error, correlation = FITS[fit]
    pulls = (np.stack([s, t, u]) - value[:, None]) / error[:, None]
    return np.einsum("in,in->n", pulls, np.linalg.inv(correlation) @ pulls)
