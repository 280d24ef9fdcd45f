"""Couplings of h, H, A relative to the SM Higgs, and triple-scalar couplings.

Yukawa types and factors: Branco et al., arXiv:1106.0034, section 2 (type X is there called
lepton-specific, type Y flipped). Triple couplings: expansion of the potential of thdm.spectrum.
"""

from dataclasses import dataclass

_DOWN_FROM_H1 = ("II", "Y")      # types whose down quarks (leptons) get their mass from H1
_LEPTON_FROM_H1 = ("II", "X")


@dataclass(frozen=True)
class Couplings:
    """Factors relative to a SM Higgs of the same mass, each of shape (n,).

    `h`, `H`: dicts with V (W and Z), u, d, l. `A`: dict with u, d, l (coefficients of the
    gamma_5 coupling; they are also those of H+ up to the common factor).
    """

    h: dict
    H: dict
    A: dict


def couplings(spec, kind="II"):
    """`Couplings` of a `Spectrum` for Yukawa type 'I', 'II', 'X' or 'Y'."""
    tanb = spec.sin_b / spec.cos_b
    up = {"h": spec.cos_a / spec.sin_b, "H": spec.sin_a / spec.sin_b, "A": 1.0 / tanb}
    from_h1 = {"h": -spec.sin_a / spec.cos_b, "H": spec.cos_a / spec.cos_b, "A": tanb}
    from_h2 = {"h": up["h"], "H": up["H"], "A": -up["A"]}
    down = from_h1 if kind in _DOWN_FROM_H1 else from_h2
    lepton = from_h1 if kind in _LEPTON_FROM_H1 else from_h2

    def of(name):
        return {"u": up[name], "d": down[name], "l": lepton[name]}

    return Couplings(h={"V": spec.sin_ba, **of("h")}, H={"V": spec.cos_ba, **of("H")}, A=of("A"))


def _to_mass_basis(c1, c2, spec):
    """(coefficient of h, coefficient of H) of c1 rho1 + c2 rho2."""
    return -spec.sin_a * c1 + spec.cos_a * c2, spec.cos_a * c1 + spec.sin_a * c2


def charged_triple(pot, spec):
    """(g_h, g_H) with L = -v g_phi phi H+ H-; dimensionless, shape (n,)."""
    sinb, cosb = spec.sin_b, spec.cos_b
    lam45 = pot.lam4 + pot.lam5
    c1 = cosb * (pot.lam1 * sinb**2 + pot.lam3 * cosb**2 - lam45 * sinb**2)
    c2 = sinb * (pot.lam2 * cosb**2 + pot.lam3 * sinb**2 - lam45 * cosb**2)
    return _to_mass_basis(c1, c2, spec)


def pseudoscalar_triple(pot, spec):
    """(g_h, g_H) with L = -v/2 g_phi phi A A; dimensionless, shape (n,)."""
    sinb, cosb = spec.sin_b, spec.cos_b
    lam34 = pot.lam3 + pot.lam4
    c1 = cosb * (pot.lam1 * sinb**2 + lam34 * cosb**2 - pot.lam5 * (1.0 + sinb**2))
    c2 = sinb * (pot.lam2 * cosb**2 + lam34 * sinb**2 - pot.lam5 * (1.0 + cosb**2))
    return _to_mass_basis(c1, c2, spec)


def scalar_triples(pot, spec):
    """(g_hhh, g_Hhh) with L = -v/6 g_hhh h^3 - v/2 g_Hhh H h^2, dimensionless, (n,).

    In the SM g_hhh = 3 mh^2/v^2.
    """
    sa, ca, sb, cb = spec.sin_a, spec.cos_a, spec.sin_b, spec.cos_b
    ghhh = 3.0 * (-pot.lam1 * cb * sa * sa**2 + pot.lam2 * sb * ca * ca**2
                  + pot.lam345 * sa * ca * (sb * sa - cb * ca))
    gHhh = (3.0 * sa * ca * (pot.lam1 * cb * sa + pot.lam2 * sb * ca)
            + pot.lam345 * (cb * ca * (1.0 - 3.0 * sa**2) + sb * sa * (1.0 - 3.0 * ca**2)))
    return ghhh, gHhh
