"""How right the 95.4 % region of the shipped scan is: wrong area as a share of the true region.

    ./run.sh DNNR --output RESULTS
    ./run.sh profile RESULTS/DNNR --x cos_ba --y TanBeta --refine 1000 --trust
    python tests/benchmarks/bench_region.py RESULTS/DNNR --truth truth.npz

The truth is the smallest chi2 at each place of the plane, by differential evolution of the four
masses at all places side by side, which also try the masses of their neighbours: some minutes,
and nine million evaluations. It is kept in the file of --truth. Told are the share for the whole
plane, and for tan(beta) above 2.5, where the target is a thin sheet.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / ".package"), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from bench_fit import LEAST as LEAST_KNOWN  # noqa: E402
from bench_fit import chi2_allowed  # noqa: E402
from bench_profile import region_on  # noqa: E402
from scipy.interpolate import RegularGridInterpolator  # noqa: E402

from mlscanner.calculators.thdm import THDM  # noqa: E402
from mlscanner.config.scan_config import load_config  # noqa: E402
from mlscanner.plotting.plot_data import load_run  # noqa: E402
from mlscanner.plotting.profile import allowed_chi2, profile_of  # noqa: E402
from mlscanner.space.parameters import Box  # noqa: E402
from mlscanner.statistics.profiles import CONFIDENCE, level  # noqa: E402

LEAST = LEAST_KNOWN["shipped 2HDM"]
NODES = 44, 52      # of cos(beta - alpha), and of log(tan(beta))
COS, TAN = (-0.032, 0.054), (0.5, 30.0)
THIN = 2.5          # tan(beta) where the tail begins
MEMBERS, GENERATIONS = 40, 100
WORST = 1e4         # counts as chi2 of a point without one
MASSES, PLANE = ["mH", "mA", "mHp", "M"], ["cos_ba", "TanBeta"]


def smallest(chi2, plane, rng):
    """The smallest chi2 (n,) at places (n, 2), of z (n, 4): m_H, and the others relative to it.

    Differential evolution (best/1, rand/1 in turn), whose masses may come from a neighbour.
    """
    n, m = len(plane), MEMBERS
    z = np.concatenate([rng.random((n, m, 1)), rng.normal(0, 0.3, (n, m, 3)) ** 3], axis=2)
    height = chi2(plane, z)
    rows = np.arange(n)[:, None]
    for generation in range(GENERATIONS):
        a, b, c = (rng.integers(m, size=(n, m)) for _ in range(3))
        base = np.where(rng.random((n, m, 1)) < 0.5, z[rows, height.argmin(axis=1)[:, None]],
                        z[rows, a])
        new = base + rng.uniform(0.3, 0.9, (n, m, 1)) * (z[rows, b] - z[rows, c])
        new = np.where(rng.random((n, m, 4)) < 0.9, new, z)
        if generation % 10 == 9:        # the best masses of the places around
            leaders = z[rows[:, 0], height.argmin(axis=1)]
            for k, step in enumerate((1, -1, NODES[1], -NODES[1])):
                new[:, k] = np.roll(leaders, step, axis=0)
        found = chi2(plane, new)
        better = found < height
        z[better], height[better] = new[better], found[better]
        if generation % 50 == 49:
            inside = (height.min(axis=1) < LEAST + level(CONFIDENCE[1], 2)).sum()
            print(f"generation {generation + 1}: {inside} places in the region, best "
                  f"{height.min():.4f}", file=sys.stderr, flush=True)
    return height.min(axis=1)


def true_region():
    """The nodes of the plane, and the smallest chi2 there."""
    config = load_config(ROOT / "scan_input.py")
    calculator, box = THDM.from_config(config), Box.from_config(config)
    at = {name: box.names.index(name) for name in (*MASSES, *PLANE)}
    low, high = (np.array([getattr(p, end) for p in box.parameters]) for end in ("low", "high"))

    def chi2(plane, z):
        x = np.empty((*z.shape[:2], len(at)))
        x[..., [at[name] for name in PLANE]] = plane[:, None]
        heavy = low[at["mH"]] + z[..., :1] * (high[at["mH"]] - low[at["mH"]])
        x[..., [at["mH"]]] = heavy
        x[..., [at[name] for name in MASSES[1:]]] = heavy + 1000 * z[..., 1:]
        x = x.reshape(-1, len(at))
        inside = ((x >= low) & (x <= high)).all(axis=1)
        found = np.full(len(x), WORST)
        found[inside] = np.nan_to_num(chi2_allowed(calculator, x[inside]), nan=WORST)
        return found.reshape(z.shape[:2])
    sides = np.linspace(*COS, NODES[0]), np.linspace(*np.log(TAN), NODES[1])
    plane = np.stack(np.meshgrid(sides[0], np.exp(sides[1]), indexing="ij"), axis=-1)
    return sides, smallest(chi2, plane.reshape(-1, 2), np.random.default_rng(1)).reshape(NODES)


def wrong(run, sides, truth, n=800):
    """Wrong area over true area, of the whole plane and of the thin tail, and how far tan(beta)
    goes in both regions."""
    profile = profile_of(run, allowed_chi2(run), PLANE)
    nodes = [run.axis(name).value(side) for name, side in zip(PLANE, profile.nodes, strict=True)]
    nodes[1] = np.log(nodes[1])
    fine = [np.linspace(side[0], side[-1], n) for side in sides]
    grid = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1)
    root = RegularGridInterpolator(sides, np.sqrt(np.maximum(truth - LEAST, 0)))
    true = root(grid) ** 2 < level(CONFIDENCE[1], 2)
    region = region_on(grid, profile, nodes)
    ends = [np.exp(fine[1][area.any(axis=0)].max()) for area in (region, true)]
    parts = [(region != true)[:, part].sum() / true[:, part].sum()
             for part in (slice(None), fine[1] > np.log(THIN))]
    return *parts, *ends


def main():
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--truth", type=Path, default=Path("truth.npz"))
    args = parser.parse_args()
    if not args.truth.exists():
        sides, truth = true_region()
        np.savez(args.truth, x=sides[0], y=sides[1], chi2=truth)
    with np.load(args.truth) as kept:
        sides, truth = (kept["x"], kept["y"]), kept["chi2"]
    print(f"smallest chi2 of the plane: {truth.min():.4f}")
    for folder in args.runs:
        run = load_run(folder)
        whole, tail, ends, end = wrong(run, sides, truth)
        print(f"{folder}: {len(run)} points, best {np.min(run.value[run.allowed]):.4f}: "
              f"{whole:.1%} wrong, of the tail {tail:.1%}; tan beta to {ends:.1f} of {end:.1f}")


if __name__ == "__main__":
    main()
