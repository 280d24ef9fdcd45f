"""Higgs signal strengths: prediction from coupling factors, chi2 with published correlations.

A signal strength is sigma(production) x BR(decay) over its SM value. All rates are taken at the
mass at which they were measured, m_H = 125.09 GeV, whatever tree-level m_h is: the mass has its own
term in the chi2. SM rates: Yellow Report 4, arXiv:1610.07922, tables of appendices A-D and its
update of the cross sections at 125.09 GeV. Dependence on the couplings: COUPLINGS.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

DATA_FILE = Path(__file__).parent / "data" / "higgs_signal_strengths.json"
M_H = 125.09
M_H_MEASURED, M_H_ERROR = 125.20, 0.11   # PDG 2024, doi:10.1103/PhysRevD.110.030001
KEYS = ("run1", "atlas", "cms", "run2_full")   # short names, in the order of the data file
DECAYS = ("bb", "tautau", "mumu", "cc", "gg", "gamgam", "Zgam", "WW", "ZZ")
BR_SM = dict(zip(DECAYS, (0.5809, 0.06256, 2.171e-4, 0.02884, 0.0818, 2.270e-3, 1.541e-3,
                          0.2152, 0.02641), strict=True))
WIDTH_SM = 4.100e-3   # GeV
# Cross sections in pb at 8 and 13 TeV; ZH without gg -> ZH.
CROSS_SECTIONS = {
    8: {"ggF": 21.39, "bbH": 0.2015, "WH": 0.7009, "qqZH": 0.3805, "ggZH": 0.0394,
        "ttH": 0.1326, "tHq": 0.01987, "tHW": 0.00351},
    13: {"ggF": 48.52, "bbH": 0.4863, "WH": 1.369, "qqZH": 0.7597, "ggZH": 0.1227,
         "ttH": 0.5065, "tHq": 0.07426, "tHW": 0.01517},
}
# Coefficients of products of couplings (t: up type, with charm; b: down type; V: W, Z), 125.09 GeV,
# of LHC Higgs cross section working group 2, as the program combine (arXiv:2404.06614) has them in
# data/lhc-hxswg/couplings/{ggH,ggZH}_{8,13}TeV.txt and, for tH, in python/SMHiggsBuilder.py.
COUPLINGS = {
    8: {"ggF": {"tt": 1.042 - 0.005 + 0.00002, "bb": 0.002, "tb": -0.040 + 0.0005},
        "ggZH": {"VV": 2.303, "tt": 0.372, "tV": -1.665, "bb": 0.0004, "tb": 0.003, "bV": -0.014},
        "tHq": {"tt": 2.984, "VV": 3.886, "tV": -5.870},
        "tHW": {"tt": 2.426, "VV": 1.818, "tV": -3.244}},
    13: {"ggF": {"tt": 1.040 - 0.005 + 0.00002, "bb": 0.002, "tb": -0.038 + 0.0004},
         "ggZH": {"VV": 2.456, "tt": 0.456, "tV": -1.903, "bb": 0.0004, "tb": 0.003, "bV": -0.011},
         "tHq": {"tt": 2.633, "VV": 3.578, "tV": -5.211},
         "tHW": {"tt": 2.909, "VV": 2.310, "tV": -4.220}},
}


def coupling_factor(kappa, energy, process):
    """A cross section over its SM value, (n,): the COUPLINGS of ggF, ggZH, tHq or tHW.

    `kappa`: V, u, d, arrays (n,). Divided by the sum of the coefficients, which the rounding of
    the published ones leaves a difference of up to 0.2% from 1.
    """
    of = {"t": kappa["u"], "b": kappa["d"], "V": kappa["V"]}
    terms = COUPLINGS[energy][process]
    return sum(c * of[pair[0]] * of[pair[1]] for pair, c in terms.items()) / sum(terms.values())


def production(kappa, energy):
    """Factors on the SM cross sections: dict of (n,) for ggF, VBF, WH, ZH, VH, ttH, tH.

    ggF contains bbH, ttH contains tH, ttH_alone does not.

    Parameters
    ----------
    kappa : dict
        V, u, d; arrays (n,).
    energy : int
        8 or 13 (TeV).
    """
    xs = CROSS_SECTIONS[energy]
    k_v2, k_t2 = kappa["V"] ** 2, kappa["u"] ** 2
    ggf, gg_zh, thq, thw = (coupling_factor(kappa, energy, process)
                            for process in ("ggF", "ggZH", "tHq", "tHW"))
    ggf = _mean((xs["ggF"], ggf), (xs["bbH"], kappa["d"] ** 2))
    zh = _mean((xs["qqZH"], k_v2), (xs["ggZH"], gg_zh))
    vh = _mean((xs["WH"], k_v2), (xs["qqZH"] + xs["ggZH"], zh))
    single_top = (xs["tHq"], thq), (xs["tHW"], thw)
    return {"ggF": ggf, "VBF": k_v2, "WH": k_v2, "ZH": zh, "VH": vh, "ttH_alone": k_t2,
            "ttH": _mean((xs["ttH"], k_t2), *single_top), "tH": _mean(*single_top)}


def _mean(*weighted):
    return sum(w * x for w, x in weighted) / sum(w for w, _ in weighted)


def decays(kappa, extra_width=0.0):
    """Factors BR/BR_SM, dict of (n,), and the total width over its SM value, (n,).

    `kappa`: V, u, d, l, gam, Zgam. `extra_width`: of decays that the SM does not have, GeV.
    """
    up, down = kappa["u"], kappa["d"]
    gg = 1.11 * up**2 + 0.01 * down**2 - 0.12 * up * down   # arXiv:1606.02266, table 4
    factor = {"bb": kappa["d"] ** 2, "tautau": kappa["l"] ** 2, "mumu": kappa["l"] ** 2,
              "cc": kappa["u"] ** 2, "gg": gg, "gamgam": kappa["gam"] ** 2,
              "Zgam": kappa["Zgam"] ** 2, "WW": kappa["V"] ** 2, "ZZ": kappa["V"] ** 2}
    total = sum(BR_SM[d] * factor[d] for d in DECAYS) / sum(BR_SM.values())
    total = total + extra_width / WIDTH_SM
    br = {d: factor[d] / total for d in DECAYS}
    br["VV"] = br["WW"]
    return br, total


class SignalStrengths:
    """One published table of signal strengths.

    Attributes
    ----------
    key, name, source : str
    channels : tuple of (production, decay)
    value, upper, lower : ndarray (m,)
        Best fit and 68% errors.
    correlation : ndarray (m, m)
    """

    def __init__(self, key, entry):
        self.key = key
        self.name, self.source = entry["name"], entry["source"]
        self.energy = 8 if "Run 1" in self.name else 13
        parts = entry.get("parts", [entry])
        channels = [c for part in parts for c in part["channels"]]
        self.channels = tuple((p, d) for p, d, *_ in channels)
        self.value, self.upper, self.lower = np.array([c[2:5] for c in channels]).T
        self._mixtures = dict(m for part in parts for m in part.get("mixtures", {}).items())
        self.correlation = _blocks([_full(part["correlation"]) for part in parts])
        if len(parts) > 1:
            self._share_theory([c[5] if len(c) > 5 else np.nan for c in channels])
        self._inverse = np.linalg.inv(self.correlation)

    def _share_theory(self, theory):
        """Theory errors of the SM rates, relative to them, are the same in all parts.

        Those given are added to the errors of their channel. Channels of one production mode share
        them: also those of a part whose published errors contain them already, with the mean of
        the mode. Theory errors of the branching ratios, a third of these or less, are not told
        apart; those of different modes are taken to be independent.
        """
        theory, modes = np.array(theory), np.array([p for p, _ in self.channels])
        given = np.isfinite(theory)
        mean = {m: np.mean(theory[given & (modes == m)]) for m in set(modes[given])}
        theory = np.where(given, theory, [mean.get(m, 0.0) for m in modes])
        errors = (self.upper + self.lower) / 2.0
        same = modes[:, None] == modes[None, :]
        covariance = self.correlation * np.outer(errors, errors)
        covariance += np.outer(theory, theory) * same * (given[:, None] | given[None, :])
        self.upper, self.lower = (np.hypot(e, np.where(given, theory, 0.0))
                                  for e in (self.upper, self.lower))
        errors = np.sqrt(np.diag(covariance))
        self.correlation = covariance / np.outer(errors, errors)

    def pulls(self, kappa, br, made=None):
        """Prediction minus measurement over the error on the side of the prediction, (m, n).

        `kappa`, `br`: factors of couplings and of branching ratios, as from `decays`. `made`:
        those of `production` at the energy of this table, where they are known.
        """
        prod = dict(production(kappa, self.energy) if made is None else made)
        for name, shares in self._mixtures.items():
            prod[name] = _mean(*((share, prod[p]) for p, share in shares.items()))
        diff = np.empty((len(self.channels), len(kappa["V"])))
        for row, (p, d) in zip(diff, self.channels, strict=True):
            np.multiply(prod[p], br[d], out=row)
        diff -= self.value[:, None]
        diff /= np.where(diff > 0.0, self.upper[:, None], self.lower[:, None])
        return diff

    def chi2(self, kappa, br, made=None):
        """chi2 (n,) of the pulls, which are correlated as published; arguments as of `pulls`."""
        pulls = self.pulls(kappa, br, made)
        return np.einsum("in,in->n", pulls, self._inverse @ pulls)


def chi2_columns(kappa, br):
    """chi2 (n,) of each table, `chi2_run1` and so on, by factors as from `decays`."""
    made = {energy: production(kappa, energy) for energy in CROSS_SECTIONS}
    return {f"chi2_{t.key}": t.chi2(kappa, br, made[t.energy]) for t in load()}


def counted_twice(keys):
    """Problems, a list of str, of tables in `keys` that share data."""
    shared = [key for key in ("atlas", "cms") if key in keys and "run2_full" in keys]
    return [f"THDM_signals: the data of {key!r} are part of those of 'run2_full' and would count "
            f"twice; leave one of the two out." for key in shared]


@cache
def load():
    """The published tables, in the order of the data file."""
    with DATA_FILE.open(encoding="utf-8") as file:
        sets = json.load(file)["sets"]
    return tuple(SignalStrengths(key, entry) for key, entry in zip(KEYS, sets, strict=True))


def chi2_mass(mh, theory_error):
    """chi2 (n,) of the mass `mh` in GeV with a Gaussian theory uncertainty in GeV."""
    return (mh - M_H_MEASURED) ** 2 / (M_H_ERROR**2 + theory_error**2)


def _full(triangle):
    out = np.zeros((len(triangle), len(triangle)))
    for i, row in enumerate(triangle):
        out[i, : i + 1] = out[: i + 1, i] = row
    return out


def _blocks(matrices):
    """One matrix with `matrices` on its diagonal."""
    out = np.zeros((sum(map(len, matrices)),) * 2)
    start = 0
    for matrix in matrices:
        end = start + len(matrix)
        out[start:end, start:end] = matrix
        start = end
    return out
