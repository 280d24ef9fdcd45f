"""Seconds (and those of CPU) and memory of a batch after a million evaluated points.

    python tests/benchmarks/bench_million.py [--models RFR,DNNR] [--points 1000000]

On P3, points as bench_iteration.py makes them. The first batch also looks at every point anew.
"""

import argparse
import resource
import time

import numpy as np
from bench_iteration import AROUND
from bench_scan import HERE, SHARED, make_proposer
from measures import reference
from problems import PROBLEMS

from mlscanner.store.points import Points


def many(problem, n, folder, rng):
    """n evaluated points, most in the target, others around it and all over; Points."""
    target = reference(problem, [SHARED, folder])[0]
    step = np.where(np.arange(n) % 5 == 0, AROUND, 1e-3)[:, None]
    u = target[rng.integers(len(target), size=n)]
    u = np.clip(u + step * rng.normal(size=u.shape), 0, 1)
    u[::20] = rng.uniform(size=u[::20].shape)
    points = Points(problem.dim)
    value = problem.value(u)
    points.append(id=np.arange(n), iteration=np.arange(n) // 200, origin=["walk"] * n, u=u, x=u,
                  value=value, inside=problem.inside(value),
                  status=np.where(np.isnan(value), "failed", "ok").astype(object))
    return points


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default="RFR,DNNR")
    parser.add_argument("--points", type=int, default=1_000_000)
    args = parser.parse_args()
    problem, folder = PROBLEMS["P3"], HERE.parents[1] / "result" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    print("| model | points | first batch, s (CPU) | second, s (CPU) | peak, GB |\n"
          + "|---" * 5 + "|")
    for model in args.models.split(","):
        rng = np.random.default_rng(0)
        points, proposer, taken = many(problem, args.points, folder, rng), None, []
        proposer = make_proposer(model, problem)
        for _ in range(2):
            start, cpu = time.perf_counter(), time.process_time()
            proposer.propose(points, rng)
            taken += [time.perf_counter() - start, time.process_time() - cpu]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 20
        print(f"| {model} | {args.points} | {taken[0]:.0f} ({taken[1]:.0f}) | "
              f"{taken[2]:.0f} ({taken[3]:.0f}) | {peak:.1f} |", flush=True)


if __name__ == "__main__":
    main()
