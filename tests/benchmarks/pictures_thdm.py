"""The pictures of docs/thdm.md.

    python tests/benchmarks/pictures_thdm.py [--scan points.csv] [--chain thdm_higgssignals.csv]

1. Delta chi2 of the signal strengths in the plane of cos(beta - alpha) and tan beta, four types.
2. The target of docs/examples/thdm_paper.py: a run of it, and two million random points of its box.
3. With a table of HiggsSignals results (lambda1 ... tanb, HSchi2): built-in chi2 beside it.
"""

import argparse
import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".package"))

import matplotlib as mpl  # noqa: E402 - the path first

mpl.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from mlscanner.calculators.thdm import signals  # noqa: E402
from mlscanner.calculators.thdm.columns import COLUMNS  # noqa: E402
from mlscanner.calculators.thdm.inputs import to_potential  # noqa: E402
from mlscanner.calculators.thdm.options import Options  # noqa: E402
from mlscanner.calculators.thdm.point import TWO_DOUBLETS  # noqa: E402
from mlscanner.calculators.thdm.spectrum import Potential  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
LOW = np.array([0, 0.12, 4, -10, -10, -3000, 10.0])
HIGH = np.array([10, 0.136, 10, 5, 1.5, -1000, 40.0])
LEVELS = (2.30, 6.18, 11.83)    # 68.3, 95.4, 99.7% for two parameters


def evaluated(pot, **options):
    """Status, chi2 and columns of a potential."""
    status, _, chi2, table = TWO_DOUBLETS.evaluate(pot, Options(**options))
    return status, chi2, dict(zip(COLUMNS, table, strict=True))


def planes(keys=("run1", "run2_full"), name="thdm_types.png"):
    """Picture 1, and the allowed cos(beta - alpha) around 0 of some tan beta."""
    cos_ba, log_tanb = np.meshgrid(np.linspace(-0.6, 0.6, 401), np.linspace(-0.5, 1.6, 301))
    cba, tanb = cos_ba.ravel(), 10 ** log_tanb.ravel()
    heavy = np.full_like(cba, 800.0)
    m12sq = heavy**2 * tanb / (1 + tanb**2)
    figure, axes = plt.subplots(2, 2, figsize=(8, 7), sharex=True, sharey=True)
    for axis, kind in zip(axes.ravel(), ("I", "II", "X", "Y"), strict=True):
        pot = to_potential("physical", [np.full_like(cba, 125.09), heavy, heavy, heavy, cba, tanb,
                                        m12sq])
        _, _, c = evaluated(pot, type=kind)
        chi2 = sum(c[f"chi2_{key}"] for key in keys).reshape(cos_ba.shape)
        print(kind, *allowed(cos_ba[0], 10**log_tanb[:, 0], chi2 - np.nanmin(chi2)))
        axis.contourf(cos_ba, 10**log_tanb, chi2 - np.nanmin(chi2), levels=(0, *LEVELS),
                      colors=("#08519c", "#6baed6", "#c6dbef"))
        axis.axvline(0, color="k", lw=0.5, ls=":")
        axis.set(yscale="log", title=f"type {kind}", xlim=(-0.6, 0.6))
    for axis in axes[1]:
        axis.set_xlabel(r"$\cos(\beta-\alpha)$")
    for axis in axes[:, 0]:
        axis.set_ylabel(r"$\tan\beta$")
    count = sum(len(table.channels) for table in signals.load() if table.key in keys)
    figure.suptitle(rf"$\Delta\chi^2 < 2.30,\ 6.18,\ 11.83$ of {count} signal strengths")
    save(figure, name)


def allowed(cos_ba, tanb, delta):
    """Texts: the interval of cos(beta - alpha) with delta chi2 < 6.18 that holds 0, by tan beta."""
    for wanted in (0.5, 1.0, 3.0, 10.0, 30.0):
        row = delta[np.abs(np.log(tanb / wanted)).argmin()] < 6.18
        zero = np.abs(cos_ba).argmin()
        if not row[zero]:
            yield f"{wanted:g}: none"
            continue
        low, high = (np.flatnonzero(~row[:zero]), np.flatnonzero(~row[zero:]) + zero)
        yield (f"{wanted:g}: {cos_ba[low[-1] + 1 if len(low) else 0]:.3f} to "
               f"{cos_ba[high[0] - 1 if len(high) else -1]:.3f};")


def box(scan=None, count=2_000_000, threshold=64.0):
    """Picture 2; prints the share of the target in the box.

    `scan`: points.csv of a run of that example; drawn over the points found by brute force.
    """
    rng = np.random.default_rng(11)
    kept, number = [], 0
    for _ in range(count // 20000):
        x = LOW + rng.random((20000, 7)) * (HIGH - LOW)
        status, chi2, c = evaluated(to_potential("lambda", list(x.T)))
        good = (status == "ok") & (chi2 < threshold)
        number += int(good.sum())
        kept.append(np.stack([x[good, 6], chi2[good], c["cos_ba"][good], c["kappa_d"][good],
                              c["mA"][good], c["mHp"][good]]))
    print(f"share of the box with chi2 < {threshold:g}: {number / count:.2e} ({number} points)")
    random = np.concatenate(kept, axis=1)
    found = read_scan(scan) if scan else random
    print(f"drawn: {found.shape[1]} points, wrong sign {(found[3] < 0).sum()}")
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    order = np.argsort(-found[1])
    dots = axes[0].scatter(found[2][order], found[0][order], c=found[1][order], s=7,
                           cmap="viridis_r")
    line = np.linspace(10, 40, 100)
    axes[0].plot(np.sin(2 * np.arctan(line)), line, "r--", lw=1,
                 label=r"$\sin(\beta+\alpha)=1$: wrong sign")
    axes[0].axvline(0, color="k", lw=0.6, ls=":", label="alignment")
    axes[0].set(xlabel=r"$\cos(\beta-\alpha)$", ylabel=r"$\tan\beta$",
                xticks=(0, 0.05, 0.1, 0.15, 0.2))
    figure.colorbar(dots, ax=axes[0], label=r"$\chi^2$")
    for sign, name, colour in ((1, "alignment", "tab:blue"), (-1, "wrong sign", "tab:red")):
        chosen = np.sign(found[3]) == sign
        axes[1].scatter(found[4][chosen], found[5][chosen], s=7, color=colour, label=name)
    if scan:
        for axis, i, j in ((axes[0], 2, 0), (axes[1], 4, 5)):
            axis.scatter(random[i], random[j], s=10, facecolors="none", edgecolors="k", lw=0.3,
                         label="2 million random points")
    axes[1].axhline(590, color="k", lw=0.6, ls=":")
    axes[1].text(axes[1].get_xlim()[0], 595, r" allowed by $b\to s\gamma$ above", fontsize=8)
    axes[1].set(xlabel=r"$m_A$ (GeV)", ylabel=r"$m_{H^\pm}$ (GeV)")
    axes[0].legend(fontsize=8)
    axes[1].legend(fontsize=8, loc="lower right")
    save(figure, "thdm_paper_scan.png")


def read_scan(path):
    """tan beta, chi2, cos(beta - alpha), kappa_d, m_A, m_H+ of the points in the target."""
    with Path(path).open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["in_target"] == "1"]
    return np.array([[float(r[k]) for r in rows] for k in
                     ("TanBeta", "chi2", "cos_ba", "kappa_d", "mA", "mHp")])


def beside_higgssignals(path):
    """Picture 3; prints rank correlation and agreement."""
    with Path(path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pot = Potential(*(np.array([float(r[k]) for r in rows]) for k in
                      ("lambda1", "lambda2", "lambda3", "lambda4", "lambda5", "m12sq", "tanb")))
    chain = np.array([float(r["HSchi2"]) for r in rows])
    _, _, c = evaluated(pot)
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharex=True, layout="constrained")
    for axis, factor in zip(axes, (1.0, 1.25), strict=True):
        chi2 = c["chi2_mh"] + rates_chi2(c, factor)
        inside = [x < x.min() + 6.2 for x in (chain, chi2)]
        rho, agree = spearman(chain, chi2), (inside[0] == inside[1]).mean()
        print(f"rates x {factor}: Spearman {rho:.3f}, 'within 6.2 of the best' agrees on "
              f"{agree:.3f} ({inside[0].sum()} and {inside[1].sum()} inside, "
              f"{(inside[0] & inside[1]).sum()} both)")
        dots = axis.scatter(chain, chi2, c=np.clip(c["kappa_d"], 0.6, 1.4), s=10, cmap="coolwarm")
        axis.set(xscale="log", yscale="log", xlabel=r"$\chi^2$ of HiggsSignals-2.6.2",
                 ylabel=r"built-in $\chi^2$ ($m_h$ and rates)",
                 title=f"as is: Spearman {rho:.2f}" if factor == 1.0 else
                 f"all rates x {factor}: Spearman {rho:.2f}")
        axis.axvline(chain.min() + 6.2, color="k", lw=0.6, ls=":")
        axis.axhline(chi2.min() + 6.2, color="k", lw=0.6, ls=":")
    figure.colorbar(dots, ax=axes, label=r"$\kappa_d$")
    save(figure, "thdm_higgssignals.png")


def rates_chi2(c, factor):
    """chi2 of the signal strengths when every rate is `factor` times the prediction."""
    kappa = {name: c[f"kappa_{name}"] for name in ("V", "u", "d", "l", "gam", "Zgam")}
    new = (c["width_h_over_SM"] - signals.decays(kappa)[1]) * signals.WIDTH_SM
    br, _ = signals.decays(kappa, new)
    return sum(t.chi2(kappa, {d: factor * b for d, b in br.items()}) for t in signals.load())


def spearman(x, y):
    """Rank correlation of two arrays."""
    ranks = [np.argsort(np.argsort(v)) for v in (x, y)]
    return float(np.corrcoef(*ranks)[0, 1])


def save(figure, name):
    """Write a picture of docs/."""
    PICTURES.mkdir(exist_ok=True)
    figure.savefig(PICTURES / name, dpi=110, bbox_inches="tight")
    plt.close(figure)
    print(PICTURES / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--scan", help="points.csv of a run of docs/examples/thdm_paper.py")
    parser.add_argument("--chain", help="table of HiggsSignals results")
    args = parser.parse_args()
    planes()
    box(args.scan)
    if args.chain:
        beside_higgssignals(args.chain)
