"""Put the stand-in programs where a user would have the real ones, and configure a scan of them."""

import os
import shutil
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "standin.py"

TEMPLATE = """Block MODSEL      #
 1 1               # 1/0: High/low scale input
Block MINPAR      # Input parameters
 1   1.0000000E-01    # Lambda1Input
 2   0.13             # Lambda2Input
 3   1.1              # Lambda3Input
\t4   -0.5 # Lambda4Input   (tabs, and a comment that stays)
 5   -0.2             # Lambda5Input
 9   -4.0E+04         # M12inputt
 10  10.0             # TanBeta
 90  0                # Trouble
Block SPhenoInput   # SPheno specific input
 11 1               # calculate branching ratios
 34 1.000E-04       # Precision of mass calculation
 52 0               # Write spectrum in case of tachyonic states
 76 2               # Write HiggsBounds file
 520 1.             # Write effective Higgs couplings
"""

# a good point of the template: (Lambda1, Lambda2, Lambda3, Lambda4, Lambda5, M12, TanBeta)
GOOD = (0.1, 0.13, 1.1, -0.5, -0.2, -4.0e4, 10.0)
TACHYON = (0.1, 0.13, 1.1, -0.5, -0.2, 4.0e4, 10.0)
LABELS = ("# Lambda1Input", "# Lambda2Input", "# Lambda3Input", "# Lambda4Input",
          "# Lambda5Input", "# M12input", "# TanBeta", "# Trouble")
NUMBERS = ("1", "2", "3", "4", "5", "9", "10", "90")


def install(folder, template=TEMPLATE, model="THDMII"):
    """A tree like the user's; returns the settings that name it."""
    os.environ["STANDIN_PYTHON"] = sys.executable
    places = {"spheno/bin": "SPheno" + model, "hb/build": "HiggsBounds", "hs/build": "HiggsSignals"}
    for place, name in places.items():
        (folder / place).mkdir(parents=True)
        shutil.copy(PROGRAM, folder / place / name)
        (folder / place / name).chmod(0o755)
    for data in ("latestresults", "LHC7+8"):
        (folder / "hs/data/Expt_tables" / data).mkdir(parents=True)
    (folder / "spheno" / "LesHouches.in").write_text(template)
    return {"Calculator": "SPheno", "pathS": str(folder / "spheno"), "Lesh": "LesHouches.in",
            "SPHENOMODEL": model, "HBPath": str(folder / "hb"), "HSPath": str(folder / "hs"),
            "HiggsBounds": 1, "HiggsSignal": 2, "NH": 3, "NCH": 1, "VarLabel": LABELS,
            "VarNum": NUMBERS, "VarMin": (0.0, 0.0, 0.0, -5.0, -5.0, -1e5, 1.0, 0.0),
            "VarMax": (5.0, 1.0, 5.0, 5.0, 5.0, 1e5, 50.0, 50.0), "TotVarScanned": 8,
            "Timeout_SPheno": 20.0, "Timeout_HiggsBounds": 20.0, "Timeout_HiggsSignals": 20.0}


def rows(*troubles, point=GOOD):
    """(n, 8) points: `point`, each with its trouble, and slightly different so that a mix-up
    of rows is seen."""
    return [[point[0], point[1] * (1 + 0.001 * k), *point[2:], trouble]
            for k, trouble in enumerate(troubles)]
