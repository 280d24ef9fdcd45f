"""Cross sections of H, A and H+ at the LHC with 13 TeV, from tables and coupling factors."""

import json
from functools import cache
from pathlib import Path

import numpy as np

DATA_FILE = Path(__file__).parent / "data" / "production_13TeV.json"


@cache
def _tables():
    with DATA_FILE.open(encoding="utf-8") as file:
        data = json.load(file)
    return {kind: {name: np.array(column) for name, column in data[kind].items()
                   if name != "source"} for kind in ("neutral", "charged")}


def neutral(mass, coup, odd):
    """(sigma(gg -> phi), sigma(bb -> phi)) in pb, each (n,).

    `mass` in GeV, `coup` with u and d. Outside 50 GeV to 2 TeV both are 0.
    """
    table = _tables()["neutral"]
    parity = "o" if odd else "e"
    tt, bb, tb, bbh = (np.interp(mass, table["mass_GeV"], table[f"{name}{parity}"], 0.0, 0.0)
                       for name in ("ggh_tt", "ggh_bb", "ggh_tb", "bbh_bb"))
    up, down = coup["u"], coup["d"]
    return np.maximum(up**2 * tt + down**2 * bb + up * down * tb, 0.0), down**2 * bbh


def charged(mass, coup):
    """sigma(pp -> t b H+-), both charges, in pb, (n,); 0 outside 145 GeV to 2 TeV.

    `coup` as of A: u and d.
    """
    table = _tables()["charged"]
    tt, tb, bb = (np.interp(mass, table["mass_GeV"], table[name], 0.0, 0.0)
                  for name in ("tt", "tb", "bb"))
    up, down = coup["u"], coup["d"]
    return 2.0 * (up**2 * tt + up * down * tb + down**2 * bb)
