"""Flavour limits on m_H+ and tan beta, and the LEP limit on m_H+.

95% CL exclusions of Gfitter, arXiv:1803.01853, figure 9 (b -> s gamma, B_s -> mu mu, B_d -> mu mu),
in the parametrisation of these curves by ScannerS, arXiv:2007.02985. LEP: arXiv:1301.6065,
section 6: 80 GeV for H+ -> tau nu, c s in type II, 72.5 GeV in type I.
"""

import numpy as np

LEP = {"I": 72.5, "II": 80.0, "X": 80.0, "Y": 80.0}
_B_S_GAMMA = {"II": (590.48, -5.839, 51.864), "Y": (590.275, -5.894, 56.837)}
_B_D_MU_MU = {"I": (7.64190, 1.08388e-4, -0.978166), "X": (7.84728, 1.68105e-4, -1.018923),
              "Y": (7.88241, 2.45482e-4, -1.025952)}


def lowest_charged_mass(tanb, kind, limit=None):
    """Lower limit on m_H+ in GeV from b -> s gamma, (n,), for tan beta (n,) and a Yukawa type.

    `limit`: its value in GeV at large tan beta, instead of that of the paper; the curve is moved
    as a whole. 0 where the paper has none.
    """
    if kind not in _B_S_GAMMA:
        return np.zeros_like(tanb)
    constant, cubic, square = _B_S_GAMMA[kind]
    return (constant if limit is None else limit) + cubic / (tanb * tanb**2) + square / tanb**2


def tan_beta_range(mHp, kind):
    """(lowest, highest) tan beta allowed by B -> mu mu, each (n,), for m_H+ (n,) in GeV and a type.

    The paper has no lowest one for type II, and no highest for the others.
    """
    if kind == "II":
        return np.zeros_like(mHp), 5.30528 + 0.0207728 * mHp
    constant, linear, log = _B_D_MU_MU[kind]
    return constant + linear * mHp + log * np.log(mHp), np.full_like(mHp, np.inf)
