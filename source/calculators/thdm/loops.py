"""Loop functions and amplitudes of phi -> g g, gamma gamma, Z gamma at leading order.

Notation of Djouadi, hep-ph/0503172 (section 2.3) and hep-ph/0503173 (section 2.1):
tau = M_phi^2 / (4 m_loop^2). All functions of tau take and give arrays (n,), dimensionless.
"""

import numpy as np

from . import sm


def f_tau(tau):
    """f(tau), complex: arcsin^2(sqrt(tau)) up to 1, its continuation above."""
    tau = np.asarray(tau, float)
    out = np.empty(tau.shape, complex)
    low = tau <= 1.0
    out[low] = np.arcsin(np.sqrt(tau[low])) ** 2
    root = np.sqrt(1.0 - 1.0 / tau[~low])
    # (1 + r)/(1 - r) = (1 + r)^2 tau
    out[~low] = -0.25 * (2.0 * np.log1p(root) + np.log(tau[~low]) - 1j * np.pi) ** 2
    return out


def a_half(tau):
    """Scalar, fermion loop; -> 4/3 for a heavy fermion."""
    return 2.0 * (tau + (tau - 1.0) * f_tau(tau)) / tau**2


def a_half_odd(tau):
    """Pseudoscalar, fermion loop; -> 2 for a heavy fermion."""
    return 2.0 * f_tau(tau) / tau


def a_one(tau):
    """Scalar, W loop; -> -7 for a heavy W."""
    return -(2.0 * tau**2 + 3.0 * tau + 3.0 * (2.0 * tau - 1.0) * f_tau(tau)) / tau**2


def a_zero(tau):
    """Scalar, charged scalar loop; -> 1/3 for a heavy scalar.

    Below tau = 1e-3 by its series: the closed form loses all digits there.
    """
    tau = np.asarray(tau, float)
    small = tau < 1e-3
    safe = np.where(small, 1.0, tau)
    exact = -(safe - f_tau(safe)) / safe**2
    return np.where(small, 1.0 / 3.0 + 8.0 * tau / 45.0, exact)


def g_tau(tau):
    """g of the Z gamma integrals (hep-ph/0503172, section 2.3), complex; tau as for `f_tau`."""
    tau = np.asarray(tau, float)
    out = np.empty(tau.shape, complex)
    low = tau <= 1.0
    small = tau[low]
    out[low] = np.sqrt(1.0 / small - 1.0) * np.arcsin(np.sqrt(small))
    large = tau[~low]
    root = np.sqrt(1.0 - 1.0 / large)
    out[~low] = 0.5 * root * (2.0 * np.log1p(root) + np.log(large) - 1j * np.pi)
    return out


def zgamma_integrals(tau, lam):
    """(I1, I2) of phi -> Z gamma (hep-ph/0503172, section 2.3).

    tau = M_phi^2/(4 m^2), lam = M_Z^2/(4 m^2) (inverse to that reference); they must differ.
    """
    f_diff = f_tau(tau) - f_tau(lam)
    g_diff = g_tau(tau) - g_tau(lam)
    a, b = 1.0 / np.asarray(tau, float), 1.0 / np.asarray(lam, float)
    ratio = a * b / (a - b)
    i1 = 0.5 * ratio + 0.5 * ratio**2 * f_diff + ratio * a / (a - b) * g_diff
    return i1, -0.5 * ratio * f_diff


def zgamma_w(mass):
    """W loop of phi -> Z gamma for a scalar of `mass` (n,) in GeV (hep-ph/0503172)."""
    tan2 = sm.SIN2_W / sm.COS2_W
    tau = (mass / (2.0 * sm.M_W)) ** 2
    i1, i2 = zgamma_integrals(tau, np.full_like(tau, (sm.M_Z / (2.0 * sm.M_W)) ** 2))
    return np.sqrt(sm.COS2_W) * (4.0 * (3.0 - tan2) * i2
                                 + ((1.0 + 2.0 * tau) * tan2 - (5.0 + 2.0 * tau)) * i1)


def charged_loop(mass, g_charged, mHp):
    """H+ loop of phi -> gamma gamma and Z gamma (hep-ph/0503173, section 2.1): {'gam', 'Zgam'}.

    Parameters
    ----------
    mass : float or ndarray (n,)
        Of phi, in GeV.
    g_charged : ndarray (n,)
        phi H+ H- coupling in L = -v g phi H+ H-.
    mHp : ndarray (n,)
        Charged Higgs mass in GeV.
    """
    strength = g_charged * sm.V**2 / (2.0 * mHp**2)
    tau = (mass / (2.0 * mHp)) ** 2
    i1, _ = zgamma_integrals(tau, (sm.M_Z / (2.0 * mHp)) ** 2)
    z_charge = (2.0 * sm.COS2_W - 1.0) / np.sqrt(sm.COS2_W)
    return {"gam": strength * a_zero(tau), "Zgam": -z_charge * strength * i1}


def loop_fermions():
    """(pole mass in GeV, coupling, colours, charge, vector coupling to the Z) of t, b, c, tau."""
    for mass, coupling, colours, charge, isospin in (
            (sm.M_T, "u", 3, 2 / 3, 0.5), (sm.M_B_POLE, "d", 3, -1 / 3, -0.5),
            (sm.M_C_POLE, "u", 3, 2 / 3, 0.5), (sm.M_TAU, "l", 1, -1.0, -0.5)):
        vector = (2 * isospin - 4 * charge * sm.SIN2_W) / np.sqrt(sm.COS2_W)
        yield mass, coupling, colours, charge, vector
