"""Vacuum stability, global minimum and unitarity of the two-Higgs-doublet model."""

import numpy as np
import pytest
from scipy.optimize import minimize

from mlscanner.calculators.thdm import theory
from mlscanner.calculators.thdm.sm import V
from mlscanner.calculators.thdm.spectrum import Potential, spectrum


def random_potentials(n, seed, scale=4.0):
    """Random potentials without tachyons."""
    rng = np.random.default_rng(seed)
    lam = rng.uniform(-scale, scale, (5, 20 * n))
    lam[:2] = np.abs(lam[:2])
    pot = Potential(*lam, rng.uniform(-3e4, 3e4, 20 * n), rng.uniform(0.5, 20, 20 * n))
    return pot.take(np.flatnonzero(~spectrum(pot).tachyonic)[:n])


def quartic(pot, i, r1, r2, rho, angle):
    """Quartic part for |H1| = r1, |H2| = r2, H1+ H2 = r1 r2 rho exp(i angle)."""
    inner = r1 * r2 * rho
    return (pot.lam1[i] / 2 * r1**4 + pot.lam2[i] / 2 * r2**4 + pot.lam3[i] * r1**2 * r2**2
            + pot.lam4[i] * inner**2 + pot.lam5[i] * inner**2 * np.cos(2 * angle))


def test_bounded_from_below_is_what_random_directions_show():
    """The quartic potential is positive in 40,000 directions exactly where the test passes."""
    rng = np.random.default_rng(1)
    t = rng.uniform(0, np.pi / 2, 40000)
    rho, angle = rng.choice([0.0, 1.0], 40000), rng.choice([0.0, np.pi / 2], 40000)
    pot = random_potentials(60, 2)
    bounded = theory.bounded_from_below(pot)
    assert 5 < bounded.sum() < 55
    for i in range(60):
        lowest = quartic(pot, i, np.cos(t), np.sin(t), rho, angle).min()
        assert bounded[i] == (lowest > 0), i


def depth(pot, i, v1, v2):
    """Neutral CP-conserving potential in units of V^4."""
    m11, m22 = (m[i] / V**2 for m in pot.mass_terms())
    return (m11 * v1**2 / 2 + m22 * v2**2 / 2 - pot.m12sq[i] / V**2 * v1 * v2
            + pot.lam1[i] / 8 * v1**4 + pot.lam2[i] / 8 * v2**4
            + pot.lam345[i] / 4 * v1**2 * v2**2)


@pytest.mark.slow
def test_the_discriminant_finds_the_deeper_minimum():
    """Minimising from many starts finds something deeper exactly where D <= 0."""
    pot = random_potentials(600, 3)
    pot = pot.take(theory.bounded_from_below(pot))
    positive = theory.vacuum_discriminant(pot) > 0
    chosen = np.concatenate([np.flatnonzero(positive)[:12], np.flatnonzero(~positive)[:12]])
    assert len(chosen) == 24
    for i in chosen:
        here = depth(pot, i, *(c[i] for c in pot.sin_cos_beta[::-1]))
        starts = [(r * np.cos(a), r * np.sin(a)) for r in (0.5, 2.0)
                  for a in np.linspace(-np.pi / 2, np.pi / 2, 9)]
        found = min(minimize(lambda v, i=i: depth(pot, i, *v), s).fun for s in starts)
        assert positive[i] == (found > here - 1e-7), i


def test_unitarity_eigenvalues_of_the_decoupled_higgs_sector():
    """With lam1 alone the largest eigenvalue is 3 lam1, as in the SM."""
    zero = np.zeros(1)
    pot = Potential(np.ones(1), zero, zero, zero, zero, zero, np.ones(1))
    values = np.sort(np.abs(theory.unitarity_eigenvalues(pot)[:, 0]))
    np.testing.assert_allclose(values[-3:], [1, 1, 3])


def test_unitarity_does_not_care_which_doublet_is_called_first():
    """Exchanging lam1 and lam2 leaves the eigenvalues; so does the sign of lam5 for |.|."""
    pot = random_potentials(50, 5)
    swapped = Potential(pot.lam2, pot.lam1, pot.lam3, pot.lam4, -pot.lam5, pot.m12sq, pot.tanb)
    sizes = [np.sort(np.abs(theory.unitarity_eigenvalues(p)), axis=0) for p in (pot, swapped)]
    np.testing.assert_allclose(*sizes, rtol=1e-12)
