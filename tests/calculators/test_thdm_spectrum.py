"""Masses, mixing and conversions of the two-Higgs-doublet model."""

import numpy as np
import pytest

from mlscanner.calculators.thdm.inputs import from_potential, to_potential
from mlscanner.calculators.thdm.sm import V
from mlscanner.calculators.thdm.spectrum import Potential, potential_from_physical, spectrum

# Points 1-12 of a table of 1,500 that SPheno (general 2HDM build, loop masses off) wrote:
# lambda1..5, m12sq, tan beta | m_h, m_H, m_A, m_H+, |ZH11|; None = it stopped for a tachyon.
SPHENO = [
    (1.384519683, 0.5817837668, 5.393684672, -1.274799439, -0.9372698155, 9299.552962, 1.124228662,
     None),
    (5.11908639, 0.162988272, 8.757861235, -8.588148157, -6.51088548, 1181.341075, 34.28933603,
     74.5186981, 212.427023, 659.743493, 705.852714, 0.331707055),
    (2.095643524, 0.08978631955, 5.857547366, 2.718062249, 0.2313802683, 10937.2153, 0.9982487631,
     None),
    (0.1500073695, 0.1528381266, 4.357306631, -7.146876058, -7.217655343, 1060.165178, 23.91803384,
     None),
    (1.349566794, 0.8503057721, 2.152992918, 0.1223336633, -1.001814782, 14325.96315, 3.706182278,
     221.761571, 247.760555, 343.066529, 289.169735, 0.473633534),
    (2.781628997, 0.1997656201, 9.97414985, 2.603233242, -1.860189353, 1630.554434, 16.88997705,
     None),
    (0.9026678446, 0.1167123246, 4.130303091, -1.796801561, 1.772668975, 2926.064056, 33.13450815,
     None),
    (8.473097733, 0.1000544937, 5.258304488, 3.654078922, -4.595146326, 2960.717882, 21.92273164,
     69.8297762, 259.394752, 586.191811, 305.888834, 0.144992373),
    (0.2654631143, 0.6479821666, 4.228086869, -2.841795305, -4.302846413, 2145.181602, 34.02082269,
     194.379953, 272.990755, 577.84263, 538.158256, 0.204015259),
    (7.58040517, 0.1117991679, 5.478327693, -8.484305366, -9.311225866, 2594.043024, 15.33034385,
     None),
    (1.699920668, 0.4750536336, -0.4745246777, 0.8551537257, -3.95226333, 12861.38709, 0.8343824802,
     None),
    (4.207556173, 0.1212865673, 5.618769863, 4.563935843, -0.7607677146, 1608.2903, 36.54595338,
     None),
]


def potential(rows):
    """`Potential` of rows of SPHENO."""
    return Potential(*(np.array(c) for c in zip(*(row[:7] for row in rows), strict=True)))


def test_masses_and_mixing_agree_with_spheno_to_1e_minus_6():
    """Tree-level masses and the h share of H1 are SPheno's; limit set by the digits it prints."""
    rows = [r for r in SPHENO if r[7] is not None]
    spec = spectrum(potential(rows))
    for mine, column in zip((*spec.masses(), np.abs(spec.sin_a)), range(7, 12), strict=True):
        np.testing.assert_allclose(mine, [r[column] for r in rows], rtol=1e-6)


def test_the_same_points_are_tachyonic_as_in_spheno():
    """A negative squared mass is found exactly where SPheno finds one."""
    expected = [r[7] is None for r in SPHENO]
    assert 0 < sum(expected) < len(expected)
    assert spectrum(potential(SPHENO)).tachyonic.tolist() == expected


def test_worked_point_of_the_sarah_convention():
    """SARAH's input values (Lambda1 |H1|^4, M12 = -m12sq) give the spectrum SPheno 4.0.4 wrote."""
    args = [np.array([v]) for v in (0.16693, 0.304411, 0.13175, -0.30437, -0.0763187, -16982.4,
                                    2.07321)]
    spec = spectrum(to_potential("lambda", args))
    np.testing.assert_allclose(np.ravel(spec.masses()),
                               [125.256241, 247.938770, 219.148865, 234.390659], rtol=1e-7)
    assert abs(spec.sin_a[0]) == pytest.approx(0.700170896, rel=1e-6)
    assert spec.sin_ba[0] == pytest.approx(0.947262490, rel=1e-6)


def random_physical(n=300, seed=2):
    """Random masses, mixing and m12sq, in the order of `potential_from_physical`."""
    rng = np.random.default_rng(seed)
    mh, mH = np.sort(rng.uniform(50, 900, (2, n)), axis=0)
    return (mh, mH, rng.uniform(20, 900, n), rng.uniform(20, 900, n), rng.uniform(-0.95, 0.95, n),
            rng.uniform(0.3, 40, n), rng.uniform(-1e4, 1e5, n))


def test_physical_parameters_survive_the_way_there_and_back():
    """physical -> potential -> spectrum returns masses, cos(beta - alpha), and m12sq."""
    mh, mH, mA, mHp, cba, tanb, m12sq = random_physical()
    pot = potential_from_physical(mh, mH, mA, mHp, cba, tanb, m12sq)
    spec = spectrum(pot)
    for mine, given in zip(spec.masses(), (mh, mH, mA, mHp), strict=True):
        np.testing.assert_allclose(mine, given, rtol=1e-6)
    np.testing.assert_allclose(spec.cos_ba, cba, atol=1e-6)
    assert (spec.sin_ba >= 0).all()


def test_sarah_input_survives_the_way_there_and_back():
    """SARAH values -> potential -> SARAH values."""
    rng = np.random.default_rng(3)
    args = [rng.uniform(0.1, 5, 20) for _ in range(7)]
    back = from_potential(to_potential("lambda", args))
    for mine, given in zip(back.values(), args, strict=True):
        np.testing.assert_allclose(mine, given, rtol=1e-14)


def test_the_spectrum_is_at_a_stationary_point():
    """m11sq and m22sq make the gradient of the potential vanish at (v1, v2)."""
    pot = potential_from_physical(*random_physical())
    sinb, cosb = pot.sin_cos_beta
    m11, m22 = pot.mass_terms()
    v1, v2 = V * cosb, V * sinb
    grad1 = m11 * v1 - pot.m12sq * v2 + pot.lam1 * v1**3 / 2 + pot.lam345 * v1 * v2**2 / 2
    grad2 = m22 * v2 - pot.m12sq * v1 + pot.lam2 * v2**3 / 2 + pot.lam345 * v2 * v1**2 / 2
    scale = np.abs(pot.lam1 * V**3) + np.abs(pot.m12sq * V)
    assert (np.abs(grad1) / scale).max() < 1e-9
    assert (np.abs(grad2) / scale).max() < 1e-9
