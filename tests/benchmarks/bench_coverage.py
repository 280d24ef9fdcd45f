"""How honest models are: share of new points within one and two of their spreads.

    python tests/benchmarks/bench_coverage.py [--models DNNR,RFR] [--seeds 3] [--first-seed 0]

Each model is trained on n points as a scan leaves them, of which one in twenty is anywhere and a
fifth of the others around the target. New points are of the same kind, but none anywhere. Of a
regressor 68 and 95 % of the true values should be within one and two spreads; of a classifier the
share of good ones should be the probability, on average over ten equal groups of points.
"""

import argparse
import time

import numpy as np
from bench_iteration import left_by_a_scan
from bench_scan import HERE, SHARED, YARDSTICK, make_proposer
from measures import reference
from problems import PROBLEMS

from mlscanner.models.calibration import believed
from mlscanner.models.registry import MODELS

NEW = 4000
GROUPS = 10
AROUND = 0.02


def new_points(problem, folder, rng):
    """Points (NEW, d) in the target and around it, in the unit box."""
    target = reference(problem, [SHARED, folder])[0]
    target = target[rng.integers(len(target), size=NEW)]
    step = np.where(np.arange(NEW) % 5 == 0, AROUND, 1e-3)[:, None]
    return np.clip(target + step * rng.normal(size=target.shape), 0, 1)


def coverage(model, problem, n, seed, folder):
    """Shares within one and two spreads (regressor), or (classifier) the mean gap, and NaN."""
    rng = np.random.default_rng(seed)
    points = left_by_a_scan(problem, n, folder, rng)
    proposer = make_proposer(model, problem, Surrogate_points=0)
    proposer.learn(points, rng)
    u = new_points(problem, folder, rng)
    value, (mean, spread) = problem.value(u), proposer.model.predict(u)
    known, held_out = np.isfinite(value), proposer.model.held_out
    if proposer.model.kind == "classifier":
        order = np.argsort(believed(mean, held_out), kind="stable")
        gaps = [believed(mean[rows], held_out).mean() - problem.inside(value[rows]).mean()
                for rows in np.array_split(order[known[order]], GROUPS)]
        return float(np.abs(gaps).mean()), np.nan
    mean, spread = proposer.scale.read(mean, proposer.model.honest(u, mean, spread), u)
    error = np.abs(mean - proposer.scale.forward(value))[known]
    return tuple(float((error < k * spread[known]).mean()) for k in (1, 2))


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--problems", default=",".join(YARDSTICK))
    parser.add_argument("--n", type=int, default=1500)
    parser.add_argument("--seeds", type=int, default=3, help="one alone is off by some points")
    parser.add_argument("--first-seed", type=int, default=0)
    args = parser.parse_args()
    folder = HERE.parents[1] / "result" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    print("| model | problem | within one, or gap | within two | seconds |\n" + "|---" * 5 + "|")
    for model in args.models.split(","):
        for name in args.problems.split(","):
            start = time.perf_counter()
            found = np.mean([coverage(model, PROBLEMS[name], args.n, seed, folder)
                             for seed in range(args.first_seed, args.first_seed + args.seeds)],
                            axis=0)
            print(f"| {model} | {name} | {100 * found[0]:.1f} % | {100 * found[1]:.1f} % | "
                  f"{time.perf_counter() - start:.1f} |", flush=True)


if __name__ == "__main__":
    main()
