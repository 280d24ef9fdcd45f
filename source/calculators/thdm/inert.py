"""The inert doublet: a second doublet that nothing mixes with, and whose lightest boson is dark.

    V = m1^2 |H1|^2 + m2^2 |H2|^2 + lam1/2 |H1|^4 + lam2/2 |H2|^4 + lam3 |H1|^2 |H2|^2
        + lam4 |H1+ H2|^2 + lam5/2 [(H1+ H2)^2 + h.c.]

H1 holds h, the boson at 125 GeV; H, A and H+ are of H2, and H is the lightest of them (exchange the
names of H and A where A is). lambdaL = (lam3 + lam4 + lam5)/2 is half the coupling of H H to h.
Barbieri, Hall, Rychkov, hep-ph/0603188; Kalinowski et al., arXiv:1809.07712 (its conventions).
"""

import numpy as np

from . import decays, oblique, relic, signals, sm, theory
from .columns import LISTED
from .kappas import effective
from .model import SMALL, Model, over, quartic_tests
from .sm import V
from .spectrum import Potential, Spectrum

UNPHYSICAL = "H is not the lightest, or a mass is not above 0"
INVISIBLE = 0.107       # BR(h -> invisible) at 95% CL: ATLAS, arXiv:2301.10731
OMEGA, OMEGA_ERROR = 0.120, 0.0012      # Planck, arXiv:1807.06209
ACCURACY = 0.05     # of the relic density here, see docs/thdm.md
OMEGA_LIMIT = OMEGA + 2 * np.hypot(OMEGA_ERROR, ACCURACY * OMEGA)
FORM_FACTOR = 0.30      # of h and a nucleon: J. M. Cline et al., arXiv:1306.4710, section 4
NUCLEON = 0.939         # GeV
CM2 = 0.3893794e-27     # GeV^-2
LEP_CHARGED = 70.0      # GeV: A. Pierce, J. Thaler, hep-ph/0703056
LIGHT, LIGHT_A, SPLIT = 80.0, 100.0, 8.0    # GeV, LEP 2: Lundstrom et al., arXiv:0810.3924

# LZ, arXiv:2207.03764 version 1, observed limit at 90% CL in 1e-48 cm^2 by mass in GeV; the final
# version is up to 13% weaker around 36 GeV (9.2 there).
LZ_MASS = (9, 11, 13, 16, 17, 19, 21, 23, 26, 29, 30, 32, 36, 40, 43, 46, 55, 65, 78, 91, 110, 129,
           155, 182, 219, 256, 308, 361, 434, 508, 612, 716, 862, 1008, 1214, 1420, 1710, 2000,
           5000, 10000)
LZ_LIMIT = (388.141, 105.545, 41.9377, 15.2720, 12.8035, 9.50528, 7.66097, 6.94547, 6.68266,
            6.61324, 6.53944, 6.91931, 8.17366, 9.49545, 10.2165, 11.3143, 14.3786, 17.6318,
            21.9292, 25.3863, 30.3790, 36.4334, 44.7954, 51.5116, 63.4341, 73.6760, 88.5464,
            101.762, 124.217, 146.316, 177.592, 200.948, 242.561, 289.452, 348.215, 409.394,
            486.699, 575.993, 1451.72, 2798.82)

MEANING = {
    "kappa_gam": "h gamma gamma over SM", "kappa_Zgam": "h Z gamma over SM",
    "width_h_over_SM": "total width of h over SM, rates at 125.09 GeV",
    "BR_h_invisible": "h -> H H, A A", "lambda3": "coupling of h H+ H-",
    "lambda4": "of |H1+ H2|^2", "lambda5": "of (H1+ H2)^2 / 2 + h.c.",
    "m22sq": "GeV^2, m2^2", "omega_h2": "relic density of H",
    "sigma_SI": "cm^2, H on a nucleon",
    "lim_SI": "sigma_SI over observed limit, times the share of H in dark matter",
    **{name: text for name, text in LISTED.items()
       if not name.startswith("lim_") and name != "best_search"},
}


def _spectrum(p):
    known = ((p["mh"] > 0) & (p["mH"] > 0) & (p["mA"] >= p["mH"]) & (p["mHp"] >= p["mH"])
             & np.isfinite(p["mA"] + p["mHp"] + p["mh"] + p["lambdaL"] + p["lambda2"]))
    words = np.full(len(known), "unphysical", object), np.full(len(known), UNPHYSICAL, object)
    return known, words


def potential(p):
    """`Potential` with the doublets in the order of thdm.spectrum, where H2 has the vacuum."""
    m2 = {name: p[name] ** 2 for name in ("mh", "mH", "mA", "mHp")}
    square = m2["mH"] - p["lambdaL"] * V**2     # m2^2
    zero = np.zeros_like(square)
    return Potential(p["lambda2"], m2["mh"] / V**2, 2 * (m2["mHp"] - square) / V**2,
                     (m2["mH"] + m2["mA"] - 2 * m2["mHp"]) / V**2, (m2["mH"] - m2["mA"]) / V**2,
                     zero, zero + np.inf)


def direct_limit(mass):
    """Observed limit (n,) in cm^2 on the cross section on a nucleon, for mass (n,) in GeV."""
    return 1e-48 * np.exp(np.interp(np.log(mass), np.log(LZ_MASS), np.log(LZ_LIMIT)))


def observables(p, options):
    """Dict of every column but `excess`, (n,) each."""
    pot, one = potential(p), np.ones_like(p["mh"])
    mh, mH, mA, mHp = (p[name] for name in ("mh", "mH", "mA", "mHp"))
    like = dict.fromkeys("Vudl", one)
    kappa = {**like, **effective(like, pot.lam3, mHp)}
    dark, dark_a = pot.lam345, pot.lam3 + pot.lam4 - pot.lam5
    pairs = (decays.pair(mh, mH, dark, 0.5) + decays.pair(mh, mA, dark_a, 0.5)
             + decays.pair(mh, mHp, pot.lam3, 1.0))
    br, width = signals.decays(kappa, pairs)
    total = width * signals.WIDTH_SM
    s, t, u = oblique.oblique(Spectrum(mh**2, mH**2, mA**2, mHp**2, 0 * one, one, one, 0 * one))
    omega = relic.density(mh, mH, mA, mHp, dark, dark_a, total)
    sigma = (CM2 * (dark * FORM_FACTOR * NUCLEON**2 / (mh**2 * (mH + NUCLEON))) ** 2
             / (4 * np.pi))
    return {
        "kappa_gam": kappa["gam"], "kappa_Zgam": kappa["Zgam"], "width_h_over_SM": width,
        "BR_h_invisible": pairs / total, "lambda3": pot.lam3, "lambda4": pot.lam4,
        "lambda5": pot.lam5, "m22sq": mH**2 - p["lambdaL"] * V**2, "omega_h2": omega,
        "sigma_SI": sigma, "lim_SI": sigma / direct_limit(mH) * np.minimum(
            omega / OMEGA, 1.0),
        "max_quartic": theory.largest_quartic(pot),
        "unitarity": np.max(np.abs(theory.unitarity_eigenvalues(pot)), axis=0),
        "S": s, "T": t, "U": u, "chi2_stu": oblique.chi2(s, t, u, options.oblique_fit),
        "chi2_mh": signals.chi2_mass(mh, options.mh_theory_uncertainty),
        **signals.chi2_columns(kappa, br)}


def _tests(p, columns, options):
    pot = potential(p)
    yield (np.log1p(theory.below_bounded(pot)), "unbounded",
           "the potential is not bounded from below")
    yield from quartic_tests(columns, options)
    if options.vacuum:      # I. Ginzburg et al., arXiv:1009.4593
        lacks = (-pot.lam2 * V**2 / 2 / np.sqrt(pot.lam2)
                 - columns["m22sq"] / np.sqrt(np.maximum(pot.lam1, SMALL))) / V**2
        yield (np.log1p(np.maximum(lacks, 0.0)), "false_vacuum", "the inert vacuum is not the "
               "deepest")
    mH, mA, mHp = p["mH"], p["mA"], p["mHp"]
    yield over(sm.M_Z, mH + mA), "excluded", "width of the Z"
    yield over(sm.M_W, mH + mHp), "excluded", "width of the W"
    yield over(LEP_CHARGED, mHp), "excluded", "H+ at LEP"
    light = (mH < LIGHT) & (mA < LIGHT_A) & (mA - mH > SPLIT)
    yield (np.where(light, np.log1p(np.minimum(LIGHT - mH, LIGHT_A - mA) / LIGHT), 0.0),
           "excluded", "H A at LEP")
    yield over(columns["BR_h_invisible"], INVISIBLE), "excluded", "h -> invisible"
    if options.dark_matter:
        yield over(columns["omega_h2"], OMEGA_LIMIT), "excluded", "relic density"
        yield over(columns["lim_SI"], 1.0), "excluded", "direct detection"


INERT = Model("Inert doublet", MEANING, _spectrum,
              lambda p, mask: {name: column[mask] for name, column in p.items()}, observables,
              _tests)
