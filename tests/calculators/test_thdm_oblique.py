"""Oblique parameters and their fit (the comparison with 2HDMC is in test_thdm_2hdmc.py)."""

import numpy as np
import pytest

from mlscanner.calculators.thdm import oblique
from mlscanner.calculators.thdm.spectrum import potential_from_physical, spectrum


def stu(**changes):
    """S, T, U of one point given by masses and mixing."""
    given = {"mh": 125.0, "mH": 400.0, "mA": 420.0, "mHp": 450.0, "cos_ba": 0.0, "tanb": 3.0,
             "m12sq": 3e4, **changes}
    pot = potential_from_physical(*(np.array([v], float) for v in given.values()))
    return np.ravel(oblique.oblique(spectrum(pot)))


def test_decoupling():
    """Aligned and heavy, all masses alike: no trace is left."""
    s, t, u = (abs(x) for x in stu(mH=3000.0, mA=3000.0, mHp=3000.0))
    assert s < 1e-4 and t < 1e-6 and u < 1e-5


def test_custodial_symmetry():
    """T vanishes for m_H+ = m_A, and for m_H+ = m_H when aligned; not otherwise."""
    assert abs(stu(mHp=420.0)[1]) < 1e-8
    assert abs(stu(mHp=400.0)[1]) < 1e-8
    assert stu(mHp=600.0)[1] > 0.2


def test_functions_at_equal_arguments():
    """The series used for nearly equal masses joins the closed form."""
    x, q = np.array([1e4]), 91.19**2
    for eps in (1e-2, 2.1e-3, 1.9e-3, 1e-4, 1e-9):
        y = x * (1 + eps)
        assert oblique.f_fcn(x, y)[0] == pytest.approx(x[0] * eps**2 / 6, rel=0.01, abs=1e-10)
        assert oblique.g_fcn(x, y, q)[0] == pytest.approx(oblique.g_fcn(x, x, q)[0], rel=2 * eps
                                                          + 1e-7)
    assert oblique.f_fcn(x, 2 * x)[0] == oblique.f_fcn(2 * x, x)[0]


def test_fit_of_the_pdg():
    """With U = 0 it is what the PDG gives for that, eq. 10.99: S = -0.05(7), T = 0.00(6)."""
    value, error, correlation = oblique.FITS["pdg2024"]
    covariance = correlation * np.outer(error, error)
    given = covariance[:2, 2] / covariance[2, 2]
    s, t = value[:2] - given * value[2]
    errors = np.sqrt(np.diag(covariance[:2, :2] - np.outer(given, covariance[2, :2])))
    assert np.round([s, t, *errors], 2) == pytest.approx([-0.05, 0.0, 0.07, 0.06])
    zero = np.zeros(1)
    assert oblique.chi2(zero, zero, zero, "pdg2024")[0] < oblique.chi2(zero, zero, zero)[0]


def test_fit_of_gfitter():
    """chi2 is 0 at the published best fit, about 1 one error away along U with S, T refitted."""
    best = [np.array([v]) for v in (0.04, 0.09, -0.02)]
    assert oblique.chi2(*best)[0] == pytest.approx(0.0, abs=1e-12)
    covariance = oblique.CORRELATION * np.outer(oblique.ERRORS, oblique.ERRORS)
    assert np.linalg.eigvalsh(covariance)[0] > 0
    shift = covariance[:, 2] / oblique.ERRORS[2]    # S and T follow their correlation with U
    moved = [b + s for b, s in zip(best, shift, strict=True)]
    assert oblique.chi2(*moved)[0] == pytest.approx(1.0)
    zero = [np.zeros(1)] * 3
    assert oblique.chi2(*zero)[0] == pytest.approx(2.83, abs=0.01)     # the SM
