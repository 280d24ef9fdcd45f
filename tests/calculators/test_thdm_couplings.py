"""Couplings of the neutral Higgs bosons: alignment, types, sum rules, SPheno."""

import numpy as np
import pytest

from mlscanner.calculators.thdm.couplings import charged_triple, couplings, scalar_triples
from mlscanner.calculators.thdm.inputs import to_potential
from mlscanner.calculators.thdm.kappas import effective
from mlscanner.calculators.thdm.sm import V
from mlscanner.calculators.thdm.spectrum import potential_from_physical, spectrum

TYPES = ("I", "II", "X", "Y")


def physical(**changes):
    """(Potential, Spectrum) of one point given by masses and mixing."""
    given = {"mh": 125.09, "mH": 400.0, "mA": 420.0, "mHp": 450.0, "cos_ba": 0.0, "tanb": 3.0,
             "m12sq": 3e4, **changes}
    pot = potential_from_physical(*(np.array([v], float) for v in given.values()))
    return pot, spectrum(pot)


@pytest.mark.parametrize("kind", TYPES)
def test_alignment_limit_is_exactly_the_standard_model(kind):
    """cos(beta - alpha) = 0: every tree-level coupling of h, also h h h, is the SM's."""
    pot, spec = physical()
    coup = couplings(spec, kind)
    for name in ("V", "u", "d", "l"):
        assert coup.h[name][0] == pytest.approx(1.0, abs=1e-12)
    assert coup.H["V"][0] == pytest.approx(0.0, abs=1e-12)
    ghhh, gHhh = scalar_triples(pot, spec)
    assert ghhh[0] * V**2 / (3 * spec.mh2[0]) == pytest.approx(1.0, rel=1e-9)
    assert gHhh[0] == pytest.approx(0.0, abs=1e-9)


def test_loop_couplings_decouple():
    """All heavy masses equal to M -> infinity: gamma gamma and Z gamma become the SM's."""
    distance = []
    for heavy in (300.0, 1000.0, 3000.0, 10000.0):
        m12sq = heavy**2 * 3 / 10       # M^2 sin beta cos beta at tan beta = 3
        pot, spec = physical(mH=heavy, mA=heavy, mHp=heavy, m12sq=m12sq)
        found = effective(couplings(spec).h, charged_triple(pot, spec)[0], spec.masses()[3])
        distance.append([abs(found[k][0] - 1) for k in ("gam", "Zgam")])
    distance = np.array(distance)
    assert (distance[1:] < distance[:-1] / 5).all()
    assert (distance[-1] < 1e-5).all()


def test_wrong_sign_arm():
    """Type II at sin(beta + alpha) = 1: the d coupling of h is -1, the u coupling +1."""
    tanb = 10.0
    cos_ba = np.sin(2 * np.arctan(tanb))      # alpha = pi/2 - beta
    _, spec = physical(tanb=tanb, cos_ba=cos_ba)
    coup = couplings(spec, "II")
    assert coup.h["d"][0] == pytest.approx(-1.0, abs=1e-9)
    assert coup.h["u"][0] == pytest.approx(1.0, abs=1e-9)
    assert np.sign(coup.h["d"][0]) == -np.sign(coup.h["V"][0])


@pytest.mark.parametrize(("kind", "down", "lepton"), [
    ("I", "u", "u"), ("II", "d", "d"), ("X", "u", "d"), ("Y", "d", "u")])
def test_types_differ_in_what_couples_to_the_first_doublet(kind, down, lepton):
    """Table 2 of arXiv:1106.0034, for h, H and A."""
    _, spec = physical(cos_ba=0.3)
    two, this = couplings(spec, "II"), couplings(spec, kind)
    for boson in ("h", "H", "A"):
        reference, found = getattr(two, boson), getattr(this, boson)
        sign = -1.0 if boson == "A" else 1.0
        for fermion, source in (("d", down), ("l", lepton)):
            expected = reference["d"] if source == "d" else sign * reference["u"]
            assert found[fermion][0] == pytest.approx(expected[0])


def test_sum_rules():
    """kappa_V^2 of h and H add up to 1; so does unitarity of f fbar -> V V, k_V k_f + K_V K_f."""
    rng = np.random.default_rng(1)
    for cos_ba, tanb in zip(rng.uniform(-0.9, 0.9, 20), rng.uniform(0.5, 30, 20), strict=True):
        _, spec = physical(cos_ba=cos_ba, tanb=tanb)
        for kind in TYPES:
            c = couplings(spec, kind)
            assert c.h["V"][0] ** 2 + c.H["V"][0] ** 2 == pytest.approx(1.0)
            for f in "udl":
                assert (c.h["V"] * c.h[f] + c.H["V"] * c.H[f])[0] == pytest.approx(1.0)


def test_couplings_are_those_that_spheno_writes():
    """The effective couplings SPheno 4.0.4 wrote for SARAH's THDM-II example."""
    args = [np.array([v]) for v in (0.16693, 0.304411, 0.13175, -0.30437, -0.0763187, -16982.4,
                                    2.07321)]
    coup = couplings(spectrum(to_potential("lambda", args)), "II")
    expected = {"h": {"V": 0.947262490, "u": 0.792691223, "d": 1.61164066, "l": 1.61164066},
                "H": {"V": 0.320458696, "u": 0.777364889, "d": 1.64341537},
                "A": {"u": 0.482343805, "d": 2.07321}}
    for boson, values in expected.items():
        for name, value in values.items():
            assert abs(getattr(coup, boson)[name][0]) == pytest.approx(value, rel=1e-6)
