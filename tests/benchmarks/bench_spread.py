"""Cells of the plane (mH, omega) that a scan hits with and without Spread_in; one command.

    python tests/benchmarks/bench_spread.py [--models RFR,DNNR] [--points 2000] [--seeds 2]

The inert doublet model, simplified (for tests of methods only): five parameters, omega at most
0.12, a limit on direct detection, and the oblique parameter T. Cells are 40 x 40, of mH up to
1,000 GeV and omega from 1e-5 to 0.2.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package")]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported

from mlscanner.acquisition.proposer import Proposer  # noqa: E402
from mlscanner.config.settings import ScanConfig  # noqa: E402
from mlscanner.likelihood.target import Target  # noqa: E402
from mlscanner.models.outputs import Value  # noqa: E402
from mlscanner.models.registry import make_model  # noqa: E402
from mlscanner.space.parameters import Box, Parameter  # noqa: E402
from mlscanner.store.points import Points  # noqa: E402

V2, NAMES, CELLS = 246.22 ** 2, ("mH", "log_omega"), 40
LOW, HIGH = np.array([1.0, -5.0]), np.array([1000.0, np.log10(0.2)])
BOX = (("mu2", 0, 1e6), ("l3", -1, 8), ("l4", -6, 3), ("l5", -6, 0), ("l2", 0, 4))


def inert(x):
    """chi2 (n,), NaN for tachyons, and mH in GeV and log10 of omega (n, 2) of points (n, 5)."""
    mu2, l3, l4, l5, _ = x.T
    light, axial, charged = (mu2 + V2 * part / 2 for part in (l3 + l4 + l5, l3 + l4 - l5, l3))
    good = np.minimum(np.minimum(light, axial), charged) > 1
    light, axial, charged = (np.where(good, m, 1.0) for m in (light, axial, charged))
    coupling, mass = (l3 + l4 + l5) / 2, np.sqrt(light)
    strength = (0.3 + 4 * coupling ** 2
                + 2 * ((axial - light) ** 2 + (charged - light) ** 2) / V2 ** 2)
    omega = np.log10(0.1 * light / 540 ** 2 / strength)
    direct = omega + np.log10(coupling ** 2 / light ** 2 * 1e9 + 1e-12)
    oblique = (np.sqrt(charged) - np.sqrt(axial)) * (np.sqrt(charged) - mass) / 5000
    chi2 = (np.maximum(omega - np.log10(0.12), 0) / 0.05) ** 2 + oblique ** 2 \
        + (np.maximum(direct, 0) / 0.1) ** 2
    return np.where(good, chi2, np.nan), np.column_stack([mass, omega])


def scanned(model, n, seed, spread):
    """The points of a scan of n points."""
    config = ScanConfig(Size_batch_search=50, Spread_in=NAMES if spread else ())
    box = Box([Parameter(*part) for part in BOX])
    outputs = Value(NAMES)
    proposer = Proposer(config.loop, config.acquisition, box, Target(-np.inf, 4.0),
                        make_model(model, config.models, box.dim), outputs)
    rng, points = np.random.default_rng(seed), None
    while points is None or len(points) < n:
        batch = proposer.propose(points, rng) if points else proposer.first(rng)
        u = batch.u[:n - len(points or ())]
        x = box.to_physical(u)
        chi2, numbers = inert(x)
        first = len(points or ())
        rows = {"id": first + np.arange(len(u)), "u": u, "x": x, "value": chi2,
                "iteration": np.full(len(u), points.iteration.max() + 1 if points else 0),
                "origin": batch.origin[:len(u)], "inside": chi2 < 4, "observables": numbers,
                "status": np.where(np.isnan(chi2), "tachyon", "ok").astype(object)}
        if points is None:
            points = Points(box.dim, **rows)
        else:
            points.append(**rows)
    return points


def cells(numbers):
    """Cells (k,) of the plane that hold these points (n, 2)."""
    place = np.floor((numbers - LOW) / (HIGH - LOW) * CELLS).astype(int)
    place = place[((place >= 0) & (place < CELLS)).all(axis=1)]
    return np.unique(place @ [CELLS, 1])


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default="RFR,DNNR")
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    x = Box([Parameter(*part) for part in BOX]).to_physical(
        np.random.default_rng(1).random((2_000_000, len(BOX))))
    chi2, numbers = inert(x)
    print(f"2,000,000 random points: {(chi2 < 4).mean():.4f} in the target, "
          f"{len(cells(numbers[chi2 < 4]))} cells; {args.points} random ones: "
          f"{len(cells(numbers[:args.points][chi2[:args.points] < 4]))}")
    for model in args.models.split(","):
        for seed in range(args.seeds):
            for spread in (False, True):
                points = scanned(model, args.points, seed, spread)
                print(f"{model}, seed {seed}, {'with' if spread else 'without'} Spread_in: "
                      f"{points.inside.sum()} in the target, "
                      f"{len(cells(points.observables[points.inside]))} cells", flush=True)


if __name__ == "__main__":
    main()
