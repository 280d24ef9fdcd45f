"""Direct searches for H, A and H+: predicted rate over published limit, one number a search.

A ratio above 1 is excluded at 95% CL by that search alone. 0 means no limit at that mass. Several
such searches are not one 95% exclusion: `most_sensitive` takes the one that was expected to be the
most sensitive, as HiggsBounds does (arXiv:2006.06007), before what it observed is looked at.
Limits, observed and expected: data/searches.json, each with its paper.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from . import sm

DATA_FILE = Path(__file__).parent / "data" / "searches.json"
SEARCHES = ("tautau", "bbphi_bb", "ggH_VV", "ggH_ZZ", "H_hh", "ggA_Zh_Zbb", "bbA_Zh_Zbb",
            "ggA_ZH_llbb", "bbA_ZH_llbb", "tbHp_taunu", "tbHp_tb", "top_Hp_taunu", "lep_Hp",
            "top_Hp_cs", "A_tt", "H_tt")
TAU_MASS_WINDOW = 0.2   # H and A closer than this share of the mass are one signal
KINDS = ("limit", "expected")   # keys of the data file: the two rows of each ratio here


@cache
def _limits():
    with DATA_FILE.open(encoding="utf-8") as file:
        data = json.load(file)
    one = {e["name"]: (np.array(e["mass_GeV"]), *(np.array(e[kind]) for kind in KINDS))
           for e in data["by_mass"]}
    by_width = {e["name"]: (np.array(e["mass_GeV"]), np.array(e["width_percent"]) / 100.0,
                            np.array([e[kind] for kind in KINDS])) for e in data["by_width"]}
    return (one, {e["name"]: _grid(e) for e in data["by_two_masses"]}, _tau(data["tautau"]),
            by_width)


def _grid(entry):
    """Regular grids (heavy, light) in steps of 10 GeV, infinite where there is no limit.

    Of each square the weakest limit of its four corners: cautious where the grid is noisy.
    """
    heavy, light = entry["heavy_GeV"], entry["light_GeV"]
    limits = np.full((len(KINDS), len(heavy), len(light)), np.inf)
    for limit, kind in zip(limits, KINDS, strict=True):
        for row, values in zip(limit, entry[kind], strict=True):
            row[: len(values)] = values
    return heavy[0], light[0], np.maximum.reduce([
        limits[:, :-1, :-1], limits[:, 1:, :-1], limits[:, :-1, 1:], limits[:, 1:, 1:]])


def _tau(entry):
    return (np.array(entry["mass_GeV"], float),
            np.log(np.array([entry[kind] for kind in KINDS])))


def _by_mass(name, mass, rate):
    grid, *limits = _limits()[0][name]
    return np.stack([rate / np.interp(mass, grid, limit, np.inf, np.inf) for limit in limits])


def _by_two_masses(name, heavy, light, rate):
    low_heavy, low_light, limit = _limits()[1][name]
    i, j = ((np.nan_to_num(m) - low) / 10.0 for m, low in ((heavy, low_heavy), (light, low_light)))
    inside = (i >= 0) & (j >= 0) & (i < limit.shape[1]) & (j < limit.shape[2])
    i, j = (np.where(inside, k, 0.0).astype(np.intp) for k in (i, j))
    return np.where(inside, rate / _at(limit, i, j), 0.0)


def _at(table, i, j):
    """Numbers (2, n) of a table (2, a, b) at rows i and columns j, (n,) each."""
    return table.reshape(len(table), -1).take(i * table.shape[2] + j, axis=1)


def _bilinear(table, i, s, j, t):
    """Between nodes (i, j) and (i + 1, j + 1) of a table (2, a, b), at parts s, t of the way."""
    low, high = ((1 - t) * _at(table, k, j) + t * _at(table, k, j + 1) for k in (i, i + 1))
    return (1 - s) * low + s * high


def _by_width(name, mass, width, coupling):
    """Coupling over its limit, which is bilinear in mass and relative width."""
    masses, widths, limit = _limits()[3][name]
    share = width / mass
    (i, s), (j, t) = _between(masses, mass), _between(widths, share)
    inside = ((mass >= masses[0]) & (mass <= masses[-1])
              & (share >= widths[0]) & (share <= widths[-1]))
    return np.where(inside, np.abs(coupling) / _bilinear(limit, i, s, j, t), 0.0)


def _between(nodes, value):
    """Index of the node below each `value` (n,), and its distance from it in units of the gap."""
    i = np.clip(np.searchsorted(nodes, value) - 1, 0, len(nodes) - 2)
    return i, (value - nodes[i]) / (nodes[i + 1] - nodes[i])


def _tautau(mass, gg, bb):
    """gg, bb: sigma x BR in pb. Limit by the share of bb, linear in it, ln-linear in the mass."""
    grid, log_limit = _limits()[2]
    total = gg + bb
    share = np.where(total > 0.0, bb / np.where(total > 0.0, total, 1.0), 0.0)
    k = np.clip(share * (log_limit.shape[2] - 1), 0.0, log_limit.shape[2] - 1.000001)
    i, s = _between(grid, mass)
    j = k.astype(np.intp)
    limit = np.exp(_bilinear(log_limit, i, s, j, k - j))
    return np.where((mass >= grid[0]) & (mass <= grid[-1]), total / limit, 0.0)


def tests(columns, br, coup, lep_limit):
    """Each test of each boson: pairs of its search and the ratios (2, n) to `KINDS` of limits.

    The limit of LEP is one on the mass: what was expected is taken to be what was observed.

    Parameters
    ----------
    columns : dict
        mH, mA, mHp, width_H, width_A in GeV, cross sections xs_gg_H ... xs_tbHp in pb, (n,) each.
    br : dict
        Branching ratios of `decays.branching_ratios`.
    coup : Couplings
    lep_limit : float
        Lower limit on m_H+ in GeV.
    """
    mH, mA, mHp = (columns[m] for m in ("mH", "mA", "mHp"))
    xs = {name: columns[f"xs_{name}"] for name in ("gg_H", "bb_H", "gg_A", "bb_A", "tbHp")}
    H, A = br["H"], br["A"]
    for found in _both(mH, mA, *(xs[x] * H["tautau"] for x in ("gg_H", "bb_H")),
                       *(xs[x] * A["tautau"] for x in ("gg_A", "bb_A"))):
        yield "tautau", found
    for name, mass, rate in _rates(columns, br, xs, top_to_charged(mHp, coup.A)):
        yield name, _by_mass(name, mass, rate)
    for name, mass, factors in (("A_tt", mA, coup.A), ("H_tt", mH, coup.H)):
        yield name, _by_width(name, mass, columns[f"width_{name[0]}"], factors["u"])
    for mode in ("gg", "bb"):
        name, sigma_H, sigma_A = f"{mode}A_ZH_llbb", xs[f"{mode}_H"], xs[f"{mode}_A"]
        yield name, _by_two_masses(name, mA, mH, sigma_A * A["ZH"] * H["bb"])
        yield name, _by_two_masses(name, mH, mA, sigma_H * H["ZA"] * A["bb"])
    lep = np.where(mHp < lep_limit, lep_limit / np.maximum(mHp, 1.0), 0.0)
    yield "lep_Hp", np.stack([lep, lep])


def _rates(columns, br, xs, from_top):
    """(search, mass, rate) of those whose limit depends on one mass; `from_top`: BR(t -> b H+)."""
    mA, mHp, A, Hp = columns["mA"], columns["mHp"], br["A"], br["Hp"]
    return (*_scalar_rates(columns["mH"], xs["gg_H"], xs["bb_H"], br["H"]),
            ("bbphi_bb", mA, xs["bb_A"] * A["bb"]),
            ("ggA_Zh_Zbb", mA, xs["gg_A"] * A["Zh"] * br["h"]["bb"]),
            ("bbA_Zh_Zbb", mA, xs["bb_A"] * A["Zh"] * br["h"]["bb"]),
            ("tbHp_taunu", mHp, xs["tbHp"] * Hp["taunu"]), ("tbHp_tb", mHp, xs["tbHp"] * Hp["tb"]),
            ("top_Hp_taunu", mHp, from_top * Hp["taunu"]), ("top_Hp_cs", mHp, from_top * Hp["cs"]))


def _scalar_rates(mass, gg, bb, br):
    """The same of a CP-even scalar with cross sections gg, bb (n,) in pb."""
    return (("bbphi_bb", mass, bb * br["bb"]), ("ggH_VV", mass, gg * (br["WW"] + br["ZZ"])),
            ("ggH_ZZ", mass, gg * br["ZZ"]), ("H_hh", mass, (gg + bb) * br["hh"]))


def one_scalar(mass, gg, bb, br, width, coupling):
    """The tests of a CP-even scalar alone, as `tests`.

    Parameters
    ----------
    mass, width : ndarray (n,)
        GeV.
    gg, bb : ndarray (n,)
        Cross sections in pb.
    br : dict
        Branching ratios by channel.
    coupling : ndarray (n,)
        To t t over SM.
    """
    yield "tautau", _tautau(mass, gg * br["tautau"], bb * br["tautau"])
    for name, _, rate in _scalar_rates(mass, gg, bb, br):
        yield name, _by_mass(name, mass, rate)
    yield "H_tt", _by_width("H_tt", mass, width, coupling)


def ratios(found):
    """Rate over observed limit of each of SEARCHES, for the boson that it limits most: (n,) each.

    `found`: list of the pairs of `tests`.
    """
    out = {}
    for name, (observed, _) in found:
        out[name] = np.maximum(out[name], observed) if name in out else observed
    return out


def most_sensitive(found, chosen):
    """Observed ratio (n,) of the test with the largest expected one, and its search (n,).

    `chosen`: names of the searches that take part; none: all. The search is its place in SEARCHES,
    from 1; 0 where no test has a limit.
    """
    some = [(name, pair) for name, pair in found if name in (chosen or SEARCHES)]
    best, ratio, which = (np.zeros_like(some[0][1][0]) for _ in range(3))
    for name, (observed, expected) in some:
        better = expected > best
        for row, value in ((best, expected), (ratio, observed),
                           (which, SEARCHES.index(name) + 1.0)):
            np.copyto(row, value, where=better)
    return ratio, which


def _both(m1, m2, gg1, bb1, gg2, bb2):
    """tau tau of two bosons, added up where the detector cannot separate them: one test each."""
    close = np.abs(m1 - m2) < TAU_MASS_WINDOW * np.maximum(m1, m2)
    yield _tautau(m1, gg1 + close * gg2, bb1 + close * bb2)
    yield _tautau(m2, gg2 + close * gg1, bb2 + close * bb1)


def top_to_charged(mHp, coup):
    """BR(t -> b H+), (n,), at leading order (hep-ph/0503173, section 3)."""
    from_w = 1.0 - (sm.M_W / sm.M_T) ** 2
    gamma_w = sm.M_T**2 * from_w**2 * (1.0 + 2.0 * (sm.M_W / sm.M_T) ** 2)
    m_b = 2.72    # MSbar at the top mass (thdm.running)
    coupling = sm.M_T**2 * coup["u"] ** 2 + m_b**2 * coup["d"] ** 2
    gamma_h = coupling * np.maximum(1.0 - (mHp / sm.M_T) ** 2, 0.0) ** 2
    return gamma_h / (gamma_h + gamma_w)
