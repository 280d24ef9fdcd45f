"""How near the best fit comes to the smallest chi2, with how many points; one command.

    python tests/benchmarks/bench_fit.py                          P3, P4, S2, S3
    python tests/benchmarks/bench_fit.py --run RUN [RUN ...]       and scans of the built-in 2HDM

It starts from what is known: for P3 and P4 100,000 random points, for S2 and S3 the reference
points of the target, for the 2HDM a run of thdm_paper.py or of the shipped scan_input.py (without
its own best fit), or a part of its points (--share 0.4).
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package"), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from hard import HARD, REFERENCE  # noqa: E402
from problems import PROBLEMS  # noqa: E402

from mlscanner.acquisition.best_fit import BestFit  # noqa: E402
from mlscanner.calculators.thdm import THDM  # noqa: E402
from mlscanner.plotting.plot_data import load_run  # noqa: E402
from mlscanner.prediction.validate import allowed_config  # noqa: E402
from mlscanner.space.parameters import Box, Parameter  # noqa: E402
from mlscanner.store.points import Points  # noqa: E402
from mlscanner.store.settings_file import load_settings  # noqa: E402

LEAST = {"2HDM of the paper": 51.69656, "shipped 2HDM": 82.7720, "S3": 4.865}


def unit_box(dim):
    """A box whose parameters go from 0 to 1."""
    return Box([Parameter(f"x{i}", 0.0, 1.0) for i in range(dim)])


def chi2_allowed(calculator, x):
    """chi2 (n,) of points x (n, d); NaN of those that fail or break a hard limit."""
    return np.array([e.value if e.status == "ok" and e.learned == e.value else np.nan
                     for e in calculator.evaluate(x)])


def thdm(folder):
    """Name, `chi2_allowed` of the unit box, and box of a scan of the built-in 2HDM."""
    stored = load_settings(folder)
    names = tuple(parameter["name"] for parameter in stored["parameters"])
    config = allowed_config(stored["settings"], names, None, True, None)
    calculator, box = THDM.from_config(config), Box.from_config(config)
    name = "2HDM of the paper" if config.THDM_basis == "lambda" else "shipped 2HDM"
    return name, lambda u: chi2_allowed(calculator, box.to_physical(u)), box


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
        new = box.snap(new) if box.snap else new
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
    for folder in args.run:
        (name, function, box), run = thdm(folder), load_run(folder)
        rows = (run.table["origin"] != BestFit.origin) & (rng.random(len(run)) < args.share)
        yield (name, f"{rows.sum()} points of a scan", function, box, run.unit()[rows],
               np.where(run.allowed, run.value, np.nan)[rows])


def main():
    """Print a line of the table for each problem."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", nargs="+", default=[], help="run folders of the 2HDM")
    parser.add_argument("--share", type=float, default=1.0, help="of its points")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=300)
    args = parser.parse_args()
    for name, start, function, box, u, chi2 in problems(args):
        after = fitted(function, box, u, chi2, args.budget) - LEAST.get(name, 0.0)
        print(f"| {name} | {start} | " + " | ".join(
            f"{after[n]:.2g}" for n in range(0, args.budget + 1, 100)) + " |", flush=True)


if __name__ == "__main__":
    main()
