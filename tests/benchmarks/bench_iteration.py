"""Seconds that one iteration (train, propose, choose) of the default settings takes.

    python tests/benchmarks/bench_iteration.py [--models DNNR,RFR] [--points 5000,10000,20000]

On P3 (7-D), with points as a scan leaves them: most in the target, the rest around it, and some
all over the box. "Resumed" is the first iteration, which also loads libraries and looks at every
point for the first time. Growth is the ratio to the row before. Nothing else should run meanwhile.
"""

import argparse
import time

import numpy as np
from bench_scan import HERE, SHARED, evaluate, make_proposer  # first: it sets the number of threads
from measures import reference
from problems import PROBLEMS

from mlscanner.acquisition.proposer import Batch
from mlscanner.store.points import Points

AROUND = 0.02  # of the box: width of the normal steps from the target to the points around it
EACH = 3  # iterations that refine, and that train from scratch; their median counts


def left_by_a_scan(problem, n, folder, rng):
    """n evaluated points; Points."""
    target = reference(problem, [SHARED, folder])[0]
    target = target[rng.integers(len(target), size=n - n // 20)]
    step = np.where(np.arange(len(target)) % 5 == 0, AROUND, 1e-3)[:, None]
    u = np.clip(target + step * rng.normal(size=target.shape), 0, 1)
    u = rng.permutation(np.concatenate([u, rng.uniform(size=(n // 20, problem.dim))]))
    points = Points(problem.dim)
    for drawn in np.array_split(u, max(1, n // 200)):
        batch = Batch(drawn, ["prior"] * len(drawn), np.full(len(drawn), np.nan))
        evaluate(problem, points, batch, n)
    return points


def seconds(model, problem, points, rng):
    """Of an iteration: resumed, refined, from scratch."""
    proposer = make_proposer(model, problem)
    taken = []
    for k in range(1 + 2 * EACH):
        if k > EACH:
            proposer.trained_on = 0  # as if the points had grown by much
        start = time.perf_counter()
        batch = proposer.propose(points, rng)
        taken.append(time.perf_counter() - start)
        evaluate(problem, points, batch, len(points) + len(batch.u))
    return taken[0], np.median(taken[1:1 + EACH]), np.median(taken[1 + EACH:])


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default="DNNR,RFR,DNNC")
    parser.add_argument("--points", default="5000,10000,20000")
    args = parser.parse_args()
    problem, folder = PROBLEMS["P3"], HERE.parents[1] / "result" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    print("| model | points | resumed, s | refined, s | from scratch, s | growth of both |")
    print("|---" * 6 + "|")
    for model in args.models.split(","):
        before = ()
        for n in map(int, args.points.split(",")):
            rng = np.random.default_rng(0)
            points = left_by_a_scan(problem, n, folder, rng)
            resumed, *usual = seconds(model, problem, points, rng)
            growth = ", ".join(f"{now / then:.2f}"  # nothing to compare the first with
                               for now, then in zip(usual, before, strict=False))
            print(f"| {model} | {n} | {resumed:.1f} | {usual[0]:.1f} | {usual[1]:.1f} | {growth} |",
                  flush=True)
            before = usual


if __name__ == "__main__":
    main()
