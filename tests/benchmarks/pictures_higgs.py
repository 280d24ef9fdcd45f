"""The pictures of the singlet and of the inert doublet in docs/thdm.md, from random points.

    python tests/benchmarks/pictures_higgs.py

Prints what the page says of them: the largest mixing by mass, and the share of good points.
"""

import itertools
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".package"))

import matplotlib as mpl  # noqa: E402 - the path first

mpl.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from mlscanner.auxiliary import make_calculator  # noqa: E402
from mlscanner.calculators.thdm import sm  # noqa: E402
from mlscanner.config.scan_config import load_config  # noqa: E402
from mlscanner.space.parameters import Box  # noqa: E402

PICTURES, EXAMPLES = ROOT / "docs" / "pictures", ROOT / "docs" / "examples"


def points(name, count, **ranges):
    """Table of random points of an example: its parameters, status, chi2, observables."""
    config = load_config(EXAMPLES / name)
    box, calculator = Box.from_config(config), make_calculator(config, config.VarLabel)
    x = box.to_physical(np.random.default_rng(1).random((count, box.dim)))
    if box.precut is not None:
        x = x[box.precut(box.to_unit(x))]
    for column, (low, high) in ranges.items():
        j = config.VarLabel.index(column)
        x[:, j] = low + (x[:, j] - x[:, j].min()) / np.ptp(x[:, j]) * (high - low)
    found = [e for k in range(0, len(x), 2000) for e in calculator.evaluate(x[k:k + 2000], None)]
    table = dict(zip(config.VarLabel, x.T, strict=True))
    numbers = np.array([e.observables for e in found]).T
    return table | dict(zip(calculator.observables, numbers, strict=True)) | {
        "status": np.array([e.status for e in found]), "chi2": np.array([e.value for e in found])}


def singlet(axis, ranges, limits):
    """Allowed mixing by mass; returns the largest one in each interval of `limits`."""
    t = points("singlet.py", 60_000, **ranges)
    good = t["status"] == "ok"
    good &= t["chi2"] < t["chi2"][good].min() + 6.18
    for chosen, colour, label in ((t["status"] == "ok", "#c6dbef", "theory and searches"),
                                  (good, "#08519c", r"and $\Delta\chi^2 < 6.18$")):
        axis.scatter(t["mS"][chosen], t["sin_theta"][chosen], s=2, color=colour, label=label)
    axis.set(xlabel=r"$m_S$ (GeV)", ylabel=r"$\sin\theta$")
    axis.legend(fontsize=8, loc="upper right")
    for low, high in itertools.pairwise(limits):
        there = good & (t["mS"] >= low) & (t["mS"] < high)
        if there.any():
            print(f"mS {low:g} to {high:g}: |sin theta| < {np.abs(t['sin_theta'][there]).max():.2f}"
                  f", BR(S -> h h) < {t['BR_S_hh'][there].max():.2f}")


def inert(axes):
    """Relic density by mass, and the coupling that is allowed."""
    t = points("inert.py", 60_000)
    theory = np.isin(t["status"], ("ok", "excluded"))
    good = t["status"] == "ok"
    good &= t["chi2"] < t["chi2"][good].min() + 6.18
    print(f"inert: {good.mean():.4f} of the points are good; from {t['mH'][good].min():.1f} GeV")
    for low, high in ((45, 55), (55, 62.5), (62.5, 70), (70, 80), (80, 120)):
        there = good & (t["mH"] >= low) & (t["mH"] < high)
        if there.any():
            print(f"mH {low:g} to {high:g}: {there.sum()} points, |lambda_L| < "
                  f"{np.abs(t['lambdaL'][there]).max():.4f}")
    axes[0].scatter(t["mH"][theory], t["omega_h2"][theory], s=1, color="#c6dbef")
    axes[0].scatter(t["mH"][good], t["omega_h2"][good], s=2, color="#08519c")
    axes[0].axhline(0.120, color="k", lw=0.6)
    axes[0].set(yscale="log", xlabel=r"$m_H$ (GeV)", ylabel=r"$\Omega h^2$", ylim=(1e-5, 1e2))
    axes[1].scatter(t["mH"][good], t["lambdaL"][good], s=2, color="#08519c")
    axes[1].set(xlabel=r"$m_H$ (GeV)", ylabel=r"$\lambda_L$")
    axes[1].axvline(sm.M_W, color="k", lw=0.6, ls=":")


def main():
    """Draw both."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    singlet(axes[0], {}, (130, 200, 300, 400, 600, 800, 1000))
    singlet(axes[1], {"mS": (10, 120), "sin_theta": (-0.3, 0.3)}, (10, 40, 62, 90, 120))
    figure.savefig(PICTURES / "singlet.png", dpi=110)
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    inert(axes)
    figure.savefig(PICTURES / "inert.png", dpi=110)


if __name__ == "__main__":
    main()
