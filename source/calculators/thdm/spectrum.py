"""Tree-level masses and mixing of the CP-conserving two-Higgs-doublet model with soft Z2 breaking.

    V = m11sq |H1|^2 + m22sq |H2|^2 - m12sq (H1+ H2 + h.c.)
        + lam1/2 |H1|^4 + lam2/2 |H2|^4 + lam3 |H1|^2 |H2|^2 + lam4 |H1+ H2|^2
        + lam5/2 [(H1+ H2)^2 + h.c.]

as in Gunion and Haber, hep-ph/0207010, and Branco et al., arXiv:1106.0034; H2 couples to up
quarks, tan beta = v2/v1, h = -sin(alpha) rho1 + cos(alpha) rho2.
"""

from dataclasses import dataclass, fields

import numpy as np

from .sm import V


@dataclass(frozen=True)
class Potential:
    """Parameters of the potential; arrays of one shape (n,).

    lam1 ... lam5 dimensionless, m12sq in GeV^2, tanb = v2/v1 > 0.
    """

    lam1: np.ndarray
    lam2: np.ndarray
    lam3: np.ndarray
    lam4: np.ndarray
    lam5: np.ndarray
    m12sq: np.ndarray
    tanb: np.ndarray

    def take(self, mask):
        """The points selected by a boolean or index array."""
        return Potential(*(getattr(self, f.name)[mask] for f in fields(self)))

    @property
    def lam345(self):
        """lambda_3 + lambda_4 + lambda_5, (n,)."""
        return self.lam3 + self.lam4 + self.lam5

    @property
    def sin_cos_beta(self):
        """(sin beta, cos beta)."""
        cosb = 1.0 / np.sqrt(1.0 + self.tanb**2)
        return self.tanb * cosb, cosb

    def mass_terms(self):
        """(m11sq, m22sq) in GeV^2 from the minimum conditions (hep-ph/0207010)."""
        sinb, cosb = self.sin_cos_beta
        half = 0.5 * V**2
        m11sq = self.m12sq * self.tanb - half * (self.lam1 * cosb**2 + self.lam345 * sinb**2)
        m22sq = self.m12sq / self.tanb - half * (self.lam2 * sinb**2 + self.lam345 * cosb**2)
        return m11sq, m22sq


@dataclass(frozen=True)
class Spectrum:
    """Squared masses in GeV^2 and mixing of the points, each of shape (n,).

    Attributes
    ----------
    mh2, mH2, mA2, mHp2 : ndarray
        Squared masses of h, H, A, H+; negative for a tachyon.
    sin_a, cos_a : ndarray
        Mixing angle, its sign fixed so that sin(beta - alpha) >= 0.
    sin_b, cos_b : ndarray
    """

    mh2: np.ndarray
    mH2: np.ndarray
    mA2: np.ndarray
    mHp2: np.ndarray
    sin_a: np.ndarray
    cos_a: np.ndarray
    sin_b: np.ndarray
    cos_b: np.ndarray

    @property
    def sin_ba(self):
        """sin(beta - alpha), (n,)."""
        return self.sin_b * self.cos_a - self.cos_b * self.sin_a

    @property
    def cos_ba(self):
        """cos(beta - alpha), (n,)."""
        return self.cos_b * self.cos_a + self.sin_b * self.sin_a

    @property
    def alpha(self):
        """alpha in (beta - pi, beta]; radians."""
        return np.arctan2(self.sin_a, self.cos_a)

    @property
    def tachyonic(self):
        """True where a squared mass is not positive (or not a number): no spectrum there."""
        lowest = np.minimum(np.minimum(self.mh2, self.mA2), self.mHp2)
        return ~(lowest > 0.0)

    def masses(self):
        """(mh, mH, mA, mHp) in GeV; NaN where the square is negative."""
        squares = (self.mh2, self.mH2, self.mA2, self.mHp2)
        return tuple(np.sqrt(np.where(m2 >= 0.0, m2, np.nan)) for m2 in squares)


def spectrum(pot):
    """Spectrum of a `Potential` (hep-ph/0207010)."""
    sinb, cosb = pot.sin_cos_beta
    v2 = V**2
    m11 = pot.m12sq * pot.tanb + pot.lam1 * v2 * cosb**2
    m22 = pot.m12sq / pot.tanb + pot.lam2 * v2 * sinb**2
    m12 = -pot.m12sq + pot.lam345 * v2 * sinb * cosb
    mA2 = pot.m12sq / (sinb * cosb) - pot.lam5 * v2
    mHp2 = mA2 + 0.5 * (pot.lam5 - pot.lam4) * v2
    mean, half = 0.5 * (m11 + m22), 0.5 * (m11 - m22)
    radius = np.hypot(half, m12)
    mH2 = mean + radius
    # The small root as determinant / large root: no cancellation where m_h << m_H.
    with np.errstate(divide="ignore", invalid="ignore"):
        mh2 = np.where(mH2 > 0.0, (m11 * m22 - m12**2) / mH2, mean - radius)
    alpha = 0.5 * np.arctan2(m12, half)
    sina, cosa = np.sin(alpha), np.cos(alpha)
    flip = np.where(sinb * cosa - cosb * sina < 0.0, -1.0, 1.0)
    return Spectrum(mh2, mH2, mA2, mHp2, flip * sina, flip * cosa, sinb, cosb)


def potential_from_physical(mh, mH, mA, mHp, cos_ba, tanb, m12sq):
    """`Potential` with these masses (GeV), cos(beta - alpha), tan beta and m12sq (GeV^2).

    sin(beta - alpha) is taken >= 0; |cos_ba| > 1 and mH < mh give NaN. Inverse of `spectrum`
    (hep-ph/0207010, arXiv:0902.0851). Arrays of shape (n,).
    """
    beta = np.arctan(tanb)
    possible = (np.abs(cos_ba) <= 1.0) & (mH >= mh)
    alpha = beta - np.arccos(np.where(possible, cos_ba, np.nan))
    sinb, cosb, sina, cosa = np.sin(beta), np.cos(beta), np.sin(alpha), np.cos(alpha)
    v2 = V**2
    mh2, mH2, mA2, mHp2 = mh**2, mH**2, mA**2, mHp**2
    big_m2 = m12sq / (sinb * cosb)
    lam1 = (mH2 * cosa**2 + mh2 * sina**2 - m12sq * tanb) / (v2 * cosb**2)
    lam2 = (mH2 * sina**2 + mh2 * cosa**2 - m12sq / tanb) / (v2 * sinb**2)
    lam3 = (2.0 * mHp2 - big_m2 + (mH2 - mh2) * sina * cosa / (sinb * cosb)) / v2
    lam4 = (mA2 - 2.0 * mHp2 + big_m2) / v2
    lam5 = (big_m2 - mA2) / v2
    return Potential(lam1, lam2, lam3, lam4, lam5, np.asarray(m12sq, float),
                     np.asarray(tanb, float))
