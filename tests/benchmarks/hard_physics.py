"""Simplified physics of the hard problems: chi2 (n,) of physical parameters (n, d).

For tests of methods only.
"""

import numpy as np

V = 246.22  # GeV


def hinge(z):
    return np.maximum(0.0, z) ** 2


# ---- S1: scalar singlet, annihilation through the Higgs ------------------------------------------
NODES, WEIGHTS = np.polynomial.laguerre.laggauss(40)


def higgs_width(m):
    """Width in GeV of a Standard-Model-like Higgs of mass m, roughly; smooth below thresholds."""
    m = np.maximum(m, 1.0)
    width = 3 * m * 2.8**2 / (8 * np.pi * V**2) * 1.35 + m * 1.777**2 / (8 * np.pi * V**2)
    for mass, states, tail in ((80.38, 2, 0.5), (91.19, 1, 0.1)):
        r = np.minimum(4 * mass**2 / m**2, 1.0)
        on = states * m**3 / (32 * np.pi * V**2) * np.sqrt(1 - r) * (1 - r + 0.75 * r**2)
        off = np.minimum(states * 9.1e-4 * (m / 125.0) ** 7 * tail, 0.05)
        width = width + np.where(m > 2 * mass, on, off)
    top = 3 * m * 163.0**2 / (8 * np.pi * V**2) * np.maximum(1 - 346.0**2 / m**2, 0) ** 1.5
    return width + np.where(m > 346, top, 0.0)


def singlet(x):
    mass, coupling, f_n, density, m_h, width = x.T
    temperature = mass / 20
    s = (2 * mass[:, None]) ** 2 + 4 * mass[:, None] * temperature[:, None] * NODES
    root = np.sqrt(s)
    pole = 1 / ((s - m_h[:, None] ** 2) ** 2 + m_h[:, None] ** 2 * width[:, None] ** 2)
    sigma_v = 2 * coupling[:, None] ** 2 * V**2 / root * pole * higgs_width(root)
    weight = np.sqrt(NODES) * WEIGHTS
    mean = (sigma_v * weight).sum(1) / weight.sum() * 1.17e-17  # cm^3/s
    omega = 0.12 * 2.2e-26 / mean
    nucleon = 0.939
    reduced = mass * nucleon / (mass + nucleon)
    direct = (
        coupling**2 * f_n**2 * reduced**2 * nucleon**2 / (4 * np.pi * m_h**4 * mass**2) * 3.894e-28
    )
    limit = 9.75e-48 * np.maximum(mass / 36, (36 / mass) ** 2)
    share = np.minimum(omega / 0.12, 1.0) * density / 0.4
    return (
        (np.log(omega / 0.12) / 0.1) ** 2
        + hinge(np.log10(share * direct / limit) / 0.1)
        + ((f_n - 0.30) / 0.015) ** 2
        + ((density - 0.4) / 0.08) ** 2
        + ((m_h - 125.1) / 0.11) ** 2
        + ((width - 4.1e-3) / 2e-4) ** 2
    )


# ---- S2: scotogenic model, Casas-Ibarra ----------------------------------------------------------
def _mixing():
    s12, s13, s23 = np.sqrt([0.304, 0.0222, 0.573])
    c12, c13, c23 = np.sqrt(1 - np.array([0.304, 0.0222, 0.573]))
    phase = np.exp(-3.4j)
    return np.array(
        [
            [c12 * c13, s12 * c13, s13 * phase],
            [-s12 * c23 - c12 * s23 * s13 / phase, c12 * c23 - s12 * s23 * s13 / phase, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 / phase, -c12 * s23 - s12 * c23 * s13 / phase, c23 * c13],
        ]
    )


MIXING = _mixing()


def _rotation(angles):
    (a, b, c), (p, q, r) = np.cos(angles).T, np.sin(angles).T
    rows = [
        [a * b, -p * c - a * q * r, p * r - a * q * c],
        [p * b, a * c - p * q * r, -a * r - p * q * c],
        [q, b * r, b * c],
    ]
    return np.stack([np.stack(row, 1) for row in rows], 1)


def scotogenic(x):
    heavy, eta, lambda5, lightest = x[:, :3], x[:, 3], x[:, 4], x[:, 5]
    angles = x[:, 6:9] + 1j * np.column_stack([x[:, 9:11], np.zeros(len(x))])
    r = (eta[:, None] / heavy) ** 2
    with np.errstate(all="ignore"):
        loop = np.abs(
            lambda5[:, None] * V**2 / (32 * np.pi**2 * heavy) * (r - 1 - np.log(r)) / (r - 1) ** 2
        )
        light = (
            np.stack([lightest, np.sqrt(lightest**2 + 7.42e-5), np.sqrt(lightest**2 + 2.51e-3)], 1)
            * 1e-9
        )
        y = np.einsum(
            "ni,nij,nj,kj->nik", 1 / np.sqrt(loop), _rotation(angles), np.sqrt(light), MIXING.conj()
        )
        z = (heavy / eta[:, None]) ** 2
        z = np.where(np.abs(z - 1) < 1e-2, 1.01, z)
        form = (1 - 6 * z + 3 * z**2 + 2 * z**3 - 6 * z**2 * np.log(z)) / (6 * (1 - z) ** 4)

        def ratio(a, b, weight):
            amplitude = np.abs((y[:, :, a].conj() * y[:, :, b] * form).sum(1)) ** 2
            return weight * 3 / 137.0 / (64 * np.pi * 1.166e-5**2 * eta**4) * amplitude

        r1 = heavy[:, 0] ** 2 / (eta**2 + heavy[:, 0] ** 2)
        y4 = (np.abs(y[:, 0]) ** 2).sum(1) ** 2
        b = y4 * r1**2 * (1 - 2 * r1 + 2 * r1**2) / (24 * np.pi * heavy[:, 0] ** 2)
        omega = 1.07e9 * 25.0**2 / (np.sqrt(106.75) * 1.22e19 * 3 * b)
        chi2 = (
            hinge(np.log10(ratio(0, 1, 1.0) / 3.1e-13) / 0.2)
            + hinge(np.log10(ratio(1, 2, 0.1739) / 4.2e-8) / 0.2)
            + hinge(np.log10(ratio(0, 2, 0.1782) / 3.3e-8) / 0.2)
            + (np.log10(omega / 0.12) / 0.04) ** 2
            + hinge((np.abs(y).max((1, 2)) - np.sqrt(4 * np.pi)) / 0.2)
            + hinge(
                (1.05 * heavy[:, 0] - np.minimum(eta, heavy[:, 1:].min(1))) / heavy[:, 0] / 0.05
            )
        )
    return np.minimum(np.nan_to_num(chi2, nan=1e6), 1e6)


# ---- S3: NMSSM Higgs sector, tree level with the leading top loop --------------------------------
def nmssm95(x):
    lam, kap, tanb, mu, a_lam, a_kap, m_stop, mixing = x.T
    v, beta = 174.0, np.arctan(tanb)
    vu, vd, s = v * np.sin(beta), v * np.cos(beta), mu / lam
    g, b_eff = 91.19**2 / v**2, a_lam + kap * mu / lam
    loop = (
        3
        * 163.0**4
        / (4 * np.pi**2 * v**2 * np.sin(beta) ** 2)
        * (np.log(m_stop**2 / 163.0**2) + mixing**2 * (1 - mixing**2 / 12))
    )
    m2 = np.zeros((len(x), 3, 3))
    m2[:, 0, 0] = g * vd**2 + mu * b_eff * tanb
    m2[:, 1, 1] = g * vu**2 + mu * b_eff / tanb + loop
    m2[:, 2, 2] = lam * a_lam * vu * vd / s + kap * s * (a_kap + 4 * kap * s)
    m2[:, 0, 1] = m2[:, 1, 0] = (2 * lam**2 - g) * vu * vd - mu * b_eff
    m2[:, 0, 2] = m2[:, 2, 0] = lam * (2 * mu * vd - (b_eff + kap * s) * vu)
    m2[:, 1, 2] = m2[:, 2, 1] = lam * (2 * mu * vu - (b_eff + kap * s) * vd)
    squares, states = np.linalg.eigh(m2)
    p11 = 2 * mu * b_eff / np.sin(2 * beta)
    p22 = lam * (b_eff + 3 * kap * s) * vu * vd / s - 3 * kap * a_kap * s
    p12 = lam * (a_lam - 2 * kap * s) * v
    pseudo = 0.5 * (p11 + p22) - np.sqrt(0.25 * (p11 - p22) ** 2 + p12**2)
    worst = np.minimum(np.minimum(squares[:, 0], pseudo), p11 + 80.4**2 - lam**2 * v**2)
    h = np.sqrt(np.maximum(squares, 1.0))
    c_v = states[:, 0] * np.cos(beta)[:, None] + states[:, 1] * np.sin(beta)[:, None]
    c_d, c_u = states[:, 0] / np.cos(beta)[:, None], states[:, 1] / np.sin(beta)[:, None]
    v1, u1, d1, v2, u2, d2 = (c[:, k] ** 2 for k in (0, 1) for c in (c_v, c_u, c_d))
    w1 = 0.89 * d1 + 0.11 * u1 + 0.005 * v1
    w2 = 0.643 * d2 + 0.112 * u2 + 0.24 * v2
    gg1, gg2 = ((1.27 * c_v[:, k] - 0.27 * c_u[:, k]) ** 2 for k in (0, 1))
    with np.errstate(all="ignore"):
        chi2 = (
            ((h[:, 0] - 95.4) / 1.5) ** 2
            + ((h[:, 1] - 125.1) / 2) ** 2
            + ((v1 * d1 / w1 - 0.117) / 0.057) ** 2
            + ((u1 * gg1 / w1 - 0.24) / 0.085) ** 2
            + ((u2 * gg2 / w2 - 1) / 0.08) ** 2
            + ((u2 * v2 / w2 - 1) / 0.08) ** 2
            + ((v2 * d2 / w2 - 1) / 0.15) ** 2
            + ((u2 * d2 / w2 - 1) / 0.12) ** 2
            + hinge((lam**2 + kap**2 - 0.5) / 0.02)
        )
    chi2 = chi2 + np.where(worst < 0, 100 + np.abs(worst) / 1e4, 0.0)
    return np.minimum(np.nan_to_num(chi2, nan=1e6), 1e6)


# ---- S4: two thin shells in ten dimensions -------------------------------------------------------
def shells10(x):
    centre = np.zeros(x.shape[1])
    centre[0] = 3.5
    return np.minimum(
        *(((np.linalg.norm(x - c, axis=1) - 2.0) / 0.1) ** 2 for c in (centre, -centre))
    )


# ---- S5: Froggatt-Nielsen charges of the quarks --------------------------------------------------
RNG = np.random.default_rng(2026)
UP, DOWN = [
    RNG.uniform(0.5, 2, (3, 3)) * np.exp(1j * RNG.uniform(0, 2 * np.pi, (3, 3))) for _ in "ud"
]
GOALS = np.log10([1.0, 3.6e-3, 7.4e-6, 1.65e-2, 1.9e-2, 1e-3, 0.225, 0.041, 0.0037])


def charges(x):
    q, u, d = np.round(x[:, :3]), np.round(x[:, 3:6]), np.round(x[:, 6:9])
    left_u, up, _ = np.linalg.svd(UP * 0.22 ** (q[:, :, None] + u[:, None, :]))
    left_d, down, _ = np.linalg.svd(DOWN * 0.22 ** (q[:, :, None] + d[:, None, :]))
    ckm = np.abs(np.einsum("nji,njk->nik", left_u.conj()[:, :, ::-1], left_d[:, :, ::-1]))
    seen = np.log10(
        [
            up[:, 0],
            up[:, 1] / up[:, 0],
            up[:, 2] / up[:, 0],
            down[:, 0] / up[:, 0],
            down[:, 1] / down[:, 0],
            down[:, 2] / down[:, 0],
            ckm[:, 0, 1],
            ckm[:, 1, 2],
            ckm[:, 0, 2],
        ]
    )
    return (((seen - GOALS[:, None]) / 0.3) ** 2).sum(0)
