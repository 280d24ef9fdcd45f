"""Numbers and pictures of the shipped scan: a run of scan_input.py beside random points.

    ./run.sh DNNR --output RESULTS
    python tests/benchmarks/shipped_scan.py RESULTS/DNNR [--random 1e8]

Writes docs/shipped_scan.json, the lines of docs/thdm.md that are made of it, and the picture. The
test tests/test_shipped_scan.py compares the three with each other and with the input file.
"""

import argparse
import json
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".package"))

import numpy as np  # noqa: E402 - after the limits of the thread pools
from scipy.spatial import cKDTree  # noqa: E402

from mlscanner.acquisition.best_fit import BestFit  # noqa: E402
from mlscanner.calculators.thdm import THDM, theory  # noqa: E402
from mlscanner.config.scan_config import load_config  # noqa: E402
from mlscanner.config.settings import settings as every_setting  # noqa: E402
from mlscanner.space.parameters import Box  # noqa: E402
from mlscanner.store.points_table import read_table  # noqa: E402

SHIPPED = ROOT / "scan_input.py"
NUMBERS, PAGE = ROOT / "docs" / "shipped_scan.json", ROOT / "docs" / "thdm.md"
PICTURE = ROOT / "docs" / "pictures" / "thdm_default_scan.png"
BEGIN, END = "<!-- made by tests/benchmarks/shipped_scan.py -->", "<!-- end of what is made -->"
OF_THE_SCAN = ("VarLabel", "VarMin", "VarMax", "VarPrior", "THDM_type", "THDM_basis", "THDM_fixed",
               "THDM_signals", "THDM_oblique", "THDM_oblique_fit", "THDM_flavour", "THDM_searches",
               "THDM_search_rule", "THDM_vacuum", "Chi_square_above_best",
               "Size_initial_batch", "Size_batch_K", "Size_batch_search", "Size_batch_L",
               "Spread_in", "Refine_evaluations", "Seed")


def settings(config):
    """What the numbers belong to: name -> value as in JSON."""
    return json.loads(json.dumps({name: getattr(config, name) for name in OF_THE_SCAN}))


def of_run(folder, names):
    """Numbers of the run in `folder`, and its points in the target as columns."""
    table = read_table(folder / "points.csv")
    good = table["in_target"] == 1
    used = json.loads((folder / "scan_input_used.json").read_text(encoding="utf-8"))["settings"]
    columns = {name: table[name][good] for name in (*names, "chi2", "origin")}
    used = {name: used.get(name, setting.default) for name, setting in every_setting().items()}
    return {"settings": {name: used[name] for name in OF_THE_SCAN},
            "iterations": int(table["iteration"][table["origin"] != BestFit.origin].max()),
            "evaluated": len(good),
            "in_target": int(good.sum()), "best": round(float(columns["chi2"].min()), 2)}, columns


def of_box(config, count):
    """Points (n, d) among `count` random ones of the box that pass every test, and chi2 (n,).

    What theory forbids is left out first: 99% of them.
    """
    calculator, box = THDM.from_config(config), Box.from_config(config)
    options, rng, found = calculator.options, np.random.default_rng(1), []
    for _ in range(count // 100_000):
        x = box.to_physical(rng.random((100_000, box.dim)))
        with np.errstate(all="ignore"):
            pot = calculator.inputs.state(x)
            x = x[theory.bounded_from_below(pot)
                  & (theory.largest_quartic(pot) <= options.perturbativity)]
            pot = calculator.inputs.state(x)
            x = x[np.abs(theory.unitarity_eigenvalues(pot)).max(axis=0) <= options.unitarity]
        found += [(row, e.value) for row, e in zip(x, calculator.evaluate(x), strict=True)
                  if e.status == "ok"]
    return np.array([row for row, _ in found]), np.array([value for _, value in found])


def beside(box, scan, random):
    """How far random points of the target are from the nearest one of the scan, unit box, and the
    farthest of them."""
    far = cKDTree(box.to_unit(scan)).query(box.to_unit(random))[0]
    return ([round(float(q), 3) for q in np.quantile(far, (0.5, 0.95, 1.0))],
            [float(f"{value:.4g}") for value in random[np.argmax(far)]])


def lines(n):
    """The part of docs/thdm.md that says what `n`, the numbers, are."""
    half, most, last = n["distance"]
    return (f"One run of {n['iterations']} iterations: {n['evaluated']:,} points evaluated, "
            f"{n['in_target']:,} of them in the target, best chi2 {n['best']:.2f}.\n"
            f"Of {n['random']:,} random points of the box "
            f"{n['random_in_target']} are in that target, best chi2 {n['random_best']:.2f}; half "
            f"of them\nare within {half} of a point of the scan (unit box), 95% within {most}, all "
            f"within {last}.\nThe farthest: {', '.join(n['farthest'])}.\n")


def updated(page, numbers):
    """The text `page` with its made lines made anew."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n{lines(numbers)}{END}{rest.partition(END)[2]}"


def draw(columns, random):
    """The picture of the points in the target, and of random ones (columns by name).

    Without the points of the best fit: they mark the way of an optimiser and fill nothing.
    """
    import matplotlib as mpl
    mpl.use("Agg")
    import matplotlib.pyplot as plt
    order = np.argsort(-columns["chi2"])
    order = order[columns["origin"][order] != BestFit.origin]
    c = {name: column[order] for name, column in columns.items()}
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for axis, x, y in ((axes[0], "cos_ba", "TanBeta"), (axes[1], "mA", "mHp")):
        dots = axis.scatter(c[x], c[y], c=c["chi2"], s=7, cmap="viridis_r")
        axis.scatter(random[x], random[y], s=12, facecolors="none", edgecolors="k", lw=0.4,
                     label="random points")
    axes[0].axvline(0, color="k", lw=0.6, ls=":")
    axes[0].set(xlabel=r"$\cos(\beta-\alpha)$", ylabel=r"$\tan\beta$", yscale="log")
    axes[1].set(xlabel=r"$m_A$ (GeV)", ylabel=r"$m_{H^\pm}$ (GeV)")
    axes[1].legend(fontsize=8)
    figure.colorbar(dots, ax=axes[1], label=r"$\chi^2$")
    figure.savefig(PICTURE, dpi=110)


def main():
    """Make numbers, lines and picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--random", type=float, default=1e8)
    words = parser.parse_args()
    config = load_config(SHIPPED)
    names = config.VarLabel
    numbers, columns = of_run(words.run, names)
    x, chi2 = of_box(config, int(words.random))
    good = chi2 < numbers["best"] + config.Chi_square_above_best
    scan = np.column_stack([columns[name] for name in names])
    distance, farthest = beside(Box.from_config(config), scan, x[good])
    numbers |= {"random": int(words.random), "random_in_target": int(good.sum()),
                "random_best": round(float(chi2.min()), 2),
                "distance": distance, "farthest": [f"{name} = {value:g}" for name, value in zip(
                    names, farthest, strict=True)]}
    NUMBERS.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), numbers), encoding="utf-8")
    draw(columns, dict(zip(names, x[good].T, strict=True)))
    print(lines(numbers), end="")


if __name__ == "__main__":
    main()
