"""What the server of processes loads: all that a run may need, once for all runs."""

import gc
import importlib
import os
import sys

from runner import PACKAGE, QUICK

OTHERS = ["sklearn.ensemble", "sklearn.svm", "distributed"]
# in the quick lane these would not pay
MORE = ["matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf",
        "fontTools.subset", "scipy.stats", "imblearn.over_sampling"]


def modules():
    """The names of all modules of the scanner but the one that starts it."""
    for path in sorted((PACKAGE / "mlscanner").rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[-1] != "__main__":
            yield ".".join(parts).removesuffix(".__init__")


def load():
    """Import it all, and have no run look through it for rubbish: each would copy it for that."""
    many = not os.environ.get(QUICK)
    for name in [*modules(), *OTHERS, *MORE * many]:
        importlib.import_module(name)
    if many and sys.platform == "linux":
        importlib.import_module("mlscanner.models.training").import_tensorflow()
        # as in conftest.py
        importlib.import_module("mlscanner.plotting.style").SETTINGS["pdf.fonttype"] = 3
    ask()
    gc.collect()
    gc.freeze()


def ask():
    """What each run asks once: which packages there are, numbers of Sobol, checks of a training."""
    from scipy.stats import qmc
    from sklearn.ensemble import ExtraTreesRegressor

    from mlscanner.extensions import offered
    from mlscanner.store.settings_file import package_versions
    for group in ("models", "priors", "constraints", "calculators"):
        offered(group)
    package_versions()
    qmc.Sobol(1).random(1)
    ExtraTreesRegressor(1).fit([[0.0], [1.0]], [0.0, 1.0])
