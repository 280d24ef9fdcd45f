"""Which columns the tables for HiggsBounds and HiggsSignals have, and in what order.

Formats: HiggsBounds-5 manual (arXiv:2006.06007) and HiggsBounds-4 manual (arXiv:1311.0055);
numbers of columns checked against files that SPheno wrote for both. Everywhere `version` (int) is
4 or 5, the HiggsBounds whose format it is (SPhenoInput 76 = 1 or 2), and `n`, `p` (int) are the
numbers of neutral and charged Higgs bosons.
"""

from ..slha_numbers import SlhaError, number

UNCERTAINTIES = "MHall_uncertainties"
# read when they are there, by versions of SPheno or HiggsBounds that know them
OPTIONAL = (UNCERTAINTIES, "BR_H_OP", "LHC8_Hplus_hadCS", "LHC13_Hplus_hadCS")
# not written by SARAH 4.14.5 and newer: HiggsBounds 5.10.1 then warns, and takes 0
MAY_LACK = ("LEP_HpHm_CS_ratios",)


def columns(version, n, p):
    """Number of columns, line id included, of each table; but for MAY_LACK they must be there."""
    pairs = n * (n - 1)
    table = {"MH_GammaTot": 2 * n}
    if version >= 5:
        table["effC"] = 17 * n + n * (n + 1) // 2
        table["BR_H_NP"] = 4 * n + pairs + n * pairs // 2 + n * p
    else:
        table["effC"] = 18 * n + n * (n + 1) // 2
        table["BR_H_NP"] = n + pairs
    if p:
        table["MHplus_GammaTot"] = 2 * p
        table["BR_Hplus"] = (5 + n) * p if version >= 5 else 3 * p
        table["BR_t"] = 1 + p
        table["LEP_HpHm_CS_ratios"] = p
    return {name: width + 1 for name, width in table.items()}


def parents(version, n, p):
    """Who decays in each column behind the line id, by name of the table of branching ratios.

    A list of indices of neutral bosons, in BR_Hplus of charged ones, in the order in which
    HiggsBounds reads them (input.F90 of 5.10.1), see `order`.
    """
    neutral, charged = list(range(n)), list(range(p))
    each = [j for j in neutral for _ in range(n - 1)]       # h_j -> h_i Z, or h_i h_i
    if version < 5:
        return {"BR_H_NP": neutral + each, "BR_Hplus": charged * 3}
    triple = [k for k in neutral for _ in range(n * (n - 1) // 2)]      # h_k -> h_j h_i
    with_w = [j for j in neutral for _ in charged]
    return {"BR_H_NP": neutral + triple + each + neutral * 3 + with_w,
            "BR_Hplus": charged * 5 + [j for j in charged for _ in neutral]}


def order(version, n, p):
    """Where SARAH's SPheno writes what HiggsBounds reads in each column behind the line id.

    HiggsBounds 5 reads the pairs (i, j) of h_k -> h_i h_j row by row of i <= j, SARAH writes them
    row by row of i >= j: with four neutral bosons h1 -> h3 h3 would be taken for h1 -> h2 h4. Of
    several charged bosons HiggsBounds reads all of a channel, then the next channel; SARAH writes
    all of a boson, then the next (input.F90 of HiggsBounds 5.10.1 and of 4; InputOutput of models
    by SARAH 4.13 to 4.15.4). Lists of columns, by name of the two tables that need it.
    """
    before, per, found = n, n * (n - 1) // 2, {}
    if version >= 5:
        rows = [(i, j) for i in range(n - 1) for j in range(i + 1)]     # as SARAH: i >= j
        read = [rows.index((j, i)) for i in range(n - 1) for j in range(i, n - 1)]
        width = columns(version, n, p)["BR_H_NP"] - 1
        triple = [before + k * per + place for k in range(n) for place in read]
        found["BR_H_NP"] = [*range(before), *triple, *range(before + n * per, width)]
    channels = 5 if version >= 5 else 3
    if p:
        width = columns(version, n, p)["BR_Hplus"] - 1
        found["BR_Hplus"] = [boson * channels + channel for channel in range(channels)
                             for boson in range(p)] + list(range(channels * p, width))
    return found


def stable(tables, version, n, p):
    """Columns of the ratios of bosons of zero width, by table: sets of int, from 0 behind the id.

    A decoupled or inert scalar does not decay, and SARAH's SPheno writes 0/0 as its ratios.
    """
    found = {}
    for table, masses, count in (("BR_H_NP", "MH_GammaTot", n), ("BR_Hplus", "MHplus_GammaTot", p)):
        widths = tables.get(masses, "").split()[1 + count:1 + 2 * count]
        still = {i for i, word in enumerate(widths) if _zero(word)}
        found[table] = {column for column, parent in enumerate(parents(version, n, p)[table])
                        if parent in still}
    return found


def _zero(word):
    try:
        return number(word) == 0
    except SlhaError:
        return False
