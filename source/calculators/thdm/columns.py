"""Names, units and meanings of the observables, in the order of the columns of points.csv."""

from .decays import CHANNELS
from .searches import SEARCHES

# In the totals, and shown for a single point, but always too small to deserve a column.
_UNLISTED = {f"BR_{p}_{c}" for p in CHANNELS for c in ("ss", "munu", "cb")} | {
    "BR_h_tt", "BR_h_HpHm", "BR_H_mumu", "BR_A_mumu", "BR_H_cc", "BR_A_cc"}
_NAMES = {"h": "h", "H": "H", "A": "A", "Hp": "H+"}

_SPECTRUM = {
    "mh": "GeV, tree level", "mH": "GeV", "mA": "GeV", "mHp": "GeV, charged Higgs",
    "alpha": "mixing angle, sin(beta - alpha) >= 0", "cos_ba": "cos(beta - alpha)",
    "kappa_V": "h V V over SM", "kappa_u": "h t t over SM", "kappa_d": "h b b over SM",
    "kappa_l": "h tau tau over SM", "kappa_g": "sqrt of sigma(gg -> h) over SM",
    "kappa_gam": "h gamma gamma over SM", "kappa_Zgam": "h Z gamma over SM",
    "kappa_lam": "h h h coupling over SM", "H_u": "H t t over SM", "H_d": "H b b over SM",
    "H_l": "H tau tau over SM", "A_u": "A t t, gamma5", "A_d": "A b b, gamma5",
    "A_l": "A tau tau, gamma5", "width_h_over_SM": "total width of h over SM, rates at 125.09 GeV",
}
_THEORY = {
    "max_quartic": "largest |lambda_i|", "unitarity": "largest |eigenvalue| of 2 -> 2 scattering",
    "vacuum_D": "GeV^4; positive: global minimum",
    "excess": "0: passes every test; else 1 for each that fails, and the logarithm of how far",
    "S": "oblique parameter",
    "T": "oblique parameter", "U": "oblique parameter",
}
_FLAVOUR = {
    "mHp_min_bsgamma": "GeV, limit from b -> s gamma; 0: none",
    "tanb_min_bmumu": "limit from B_d -> mu mu; 0: none",
    "tanb_max_bmumu": "limit from B_s -> mu mu; 1e9: none",
}
_CHI2 = {
    "chi2_mh": "mass of h", "chi2_run1": "ATLAS+CMS Run 1 signal strengths",
    "chi2_atlas": "ATLAS Run 2 signal strengths", "chi2_cms": "CMS Run 2 signal strengths",
    "chi2_run2_full": "ATLAS+CMS full Run 2 signal strengths",
    "chi2_stu": "S, T, U",
}
_WIDTHS = {f"width_{p}": "GeV, total" for p in CHANNELS}
_BR = {f"BR_{p}_{c}": f"{_NAMES[p]} -> {c}" for p, channels in CHANNELS.items()
       for c in channels if f"BR_{p}_{c}" not in _UNLISTED}
_CROSS_SECTIONS = {f"xs_{mode}_{p}": f"pb, 13 TeV, {mode} -> {p}" for p in "HA"
                   for mode in ("gg", "bb")}
_CROSS_SECTIONS["xs_tbHp"] = "pb, 13 TeV, pp -> t b H+-, both charges"
_SEARCHES = {
    **{f"lim_{s}": "predicted rate over observed limit" for s in SEARCHES},
    "lim_best": "predicted rate over observed limit of the most sensitive search",
    "best_search": "number of that search in the table of docs/thdm.md; 0: none",
}

MEANING = {**_SPECTRUM, **_THEORY, **_FLAVOUR, **_CHI2, **_WIDTHS, **_BR, **_CROSS_SECTIONS,
           **_SEARCHES}
# What other models have, too.
LISTED = {**{name: text for name, text in _THEORY.items() if name != "vacuum_D"}, **_CHI2,
          **_SEARCHES}
COLUMNS = tuple(MEANING)
