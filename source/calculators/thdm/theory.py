"""Theory tests: vacuum stability, global minimum, tree-level unitarity, perturbativity."""

import numpy as np

SMALLEST = 1e-9   # a coupling that is 0 in every respect


def below_bounded(pot):
    """How much the quartic couplings lack to a potential bounded from below, (n,); 0 where it is.

    Deshpande and Ma, Phys. Rev. D 18 (1978) 2574; arXiv:1106.0034. Where an inequality is met
    exactly it is not bounded: what is lacking is then the smallest float.
    """
    root = np.sqrt(np.maximum(pot.lam1 * pot.lam2, 0.0))
    least = np.minimum.reduce([pot.lam1, pot.lam2, pot.lam3 + root,
                               pot.lam3 + pot.lam4 - np.abs(pot.lam5) + root])
    return np.where(least > 0.0, 0.0, np.maximum(-least, SMALLEST))


def bounded_from_below(pot):
    """True where the potential is bounded from below, (n,)."""
    return below_bounded(pot) == 0.0


def vacuum_discriminant(pot):
    """Discriminant D in GeV^4 (its sign matters), (n,): D > 0 where this is the global minimum.

    Barroso, Ferreira, Ivanov, Santos, arXiv:1303.5098. 0 where lam1 or lam2 is not positive.
    """
    defined = (pot.lam1 > 0.0) & (pot.lam2 > 0.0)
    ratio = pot.lam1 / np.where(defined, pot.lam2, 1.0)
    k = np.sqrt(np.sqrt(np.where(defined, ratio, 1.0)))
    m11sq, m22sq = pot.mass_terms()
    return np.where(defined, pot.m12sq * (m11sq - k**2 * m22sq) * (pot.tanb - k), 0.0)


def unitarity_eigenvalues(pot):
    """The twelve eigenvalues of the 2 -> 2 scattering matrix at high energy, shape (12, n).

    Ginzburg and Ivanov, hep-ph/0508020; Akeroyd, Arhrib, Naimi, hep-ph/0006035. In units in
    which unitarity, |Re a_0| < 1/2, means |eigenvalue| < 8 pi.
    """
    l1, l2, l3, l4, l5 = pot.lam1, pot.lam2, pot.lam3, pot.lam4, pot.lam5
    mean, half = 0.5 * (l1 + l2), 0.5 * (l1 - l2)
    a = np.sqrt(9.0 * half**2 + (2.0 * l3 + l4) ** 2)
    b = np.hypot(half, l4)
    c = np.hypot(half, l5)
    return np.stack([3.0 * mean + a, 3.0 * mean - a, mean + b, mean - b, mean + c, mean - c,
                     l3 + 2.0 * l4 + 3.0 * l5, l3 + 2.0 * l4 - 3.0 * l5,
                     l3 + l5, l3 - l5, l3 + l4, l3 - l4])


def largest_quartic(pot):
    """Largest |lambda_i|, shape (n,)."""
    return np.max(np.abs([pot.lam1, pot.lam2, pot.lam3, pot.lam4, pot.lam5]), axis=0)
