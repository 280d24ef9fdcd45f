"""How near the best fit comes to the smallest chi2, with how many points; one command.

    python tests/benchmarks/bench_fit.py                    P3, P4, S2, S3 and the built-in 2HDM
    python tests/benchmarks/bench_fit.py --run RESULTS/DNNR  a scan of the 2HDM instead of draws

It starts from what is known: for P3 and P4 100,000 random points, for S2 and S3 the reference
points of the target, for the 2HDM a run of thdm_paper.py (without its own best fit), or a part
of its points (--share 0.4).
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package"), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from bench_thdm import HIGH, LOW  # noqa: E402
from hard import HARD, REFERENCE  # noqa: E402
from problems import PROBLEMS  # noqa: E402

from mlscanner.acquisition.best_fit import BestFit  # noqa: E402
from mlscanner.calculators.thdm import THDM  # noqa: E402
from mlscanner.calculators.thdm.inputs import LAMBDA_BASIS, Inputs  # noqa: E402
from mlscanner.calculators.thdm.options import Options  # noqa: E402
from mlscanner.plotting.plot_data import load_run  # noqa: E402
from mlscanner.space.parameters import Box, Parameter  # noqa: E402
from mlscanner.store.points import Points  # noqa: E402

LEAST = {"2HDM": 51.69656, "S3": 4.865}


def unit_box(dim):
    """A box whose parameters go from 0 to 1."""
    return Box([Parameter(f"x{i}", 0.0, 1.0) for i in range(dim)])


def thdm(u):
    """chi2 (n,) of the 2HDM of docs/examples/thdm_paper.py, unit box; NaN where it fails."""
    calculator = THDM(Inputs("lambda", {n: i for i, n in enumerate(LAMBDA_BASIS)}, {}), Options())
    return np.array([e.value if e.status == "ok" else np.nan
                     for e in calculator.evaluate(LOW + u * (HIGH - LOW))])


def fitted(function, box, u, chi2, budget):
    """The smallest chi2 (budget + 1,) after so many points of a best fit."""
    points = Points(box.dim)

    def add(u, chi2):
        points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), u=u,
                      x=box.to_physical(u), value=chi2, inside=np.isfinite(chi2),
                      origin=["known"] * len(u),
                      status=np.where(np.isfinite(chi2), "ok", "failed").astype(object))

    add(u, chi2)
    asker = BestFit(points, box, budget)
    while len(new := asker.ask(points)):
        new = box.to_unit(box.to_physical(new))
        add(new, function(new))
    after = np.minimum.accumulate(np.nan_to_num(points.chi2, nan=np.inf))[len(u) - 1:]
    return np.concatenate([after, np.full(budget + 1 - len(after), after[-1])])


def problems(args):
    """(name, what it starts from, function, box, u, chi2) of each."""
    rng = np.random.default_rng(args.seed)
    for name in ("P3", "P4"):
        u = rng.random((100_000, 7))
        yield (name, "100,000 random points", PROBLEMS[name].value, unit_box(7), u,
               PROBLEMS[name].value(u))
    with np.load(REFERENCE) as stored:
        known = {name: stored[f"{name}_points"] for name in ("S2", "S3")}
    for name, u in known.items():
        yield (name, f"{len(u)} points of the target", HARD[name].value, HARD[name].box, u,
               HARD[name].value(u))
    if args.run:
        run = load_run(args.run)
        rows = (run.table["origin"] != BestFit.origin) & (rng.random(len(run)) < args.share)
        yield ("2HDM", f"{rows.sum()} points of a scan", thdm, unit_box(7), run.unit()[rows],
               np.where(run.allowed, run.value, np.nan)[rows])


def main():
    """Print a line of the table for each problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", help="a run folder of docs/examples/thdm_paper.py")
    parser.add_argument("--share", type=float, default=1.0, help="of its points")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name, start, function, box, u, chi2 in problems(args):
        after = fitted(function, box, u, chi2, 300) - LEAST.get(name, 0.0)
        print(f"| {name} | {start} | "
              + " | ".join(f"{after[n]:.2g}" for n in (0, 100, 200, 300)) + " |", flush=True)


if __name__ == "__main__":
    main()
