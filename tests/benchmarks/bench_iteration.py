"""Seconds that one iteration (train, propose, choose) of the default settings takes.

    python tests/benchmarks/bench_iteration.py [--models DNNR,RFR] [--points 5000,10000,20000]

On P3 (7-D), with points as a scan leaves them: most in the target, the rest around it, and some
all over the box. The first iteration trains from scratch, the next ones refine. Growth
is the ratio to the row before. Nothing else should run meanwhile.
"""

import argparse
import time

import numpy as np
from bench_scan import HERE, SHARED, judge  # first: it sets the number of threads
from measures import reference
from problems import PROBLEMS

from inputs.settings import ScanConfig
from models import make_model
from observables import Target
from runfiles.points import Points
from selection import Proposer

AROUND = 0.02  # of the box: width of the normal steps from the target to the points around it
REFINED = 4  # iterations after the first; their median counts


def left_by_a_scan(problem, n, folder, rng):
    """n judged points; Points."""
    target = reference(problem, [SHARED, folder])[0]
    target = target[rng.integers(len(target), size=n - n // 20)]
    step = np.where(np.arange(len(target)) % 5 == 0, AROUND, 1e-3)[:, None]
    u = np.clip(target + step * rng.normal(size=target.shape), 0, 1)
    u = rng.permutation(np.concatenate([u, rng.uniform(size=(n // 20, problem.dim))]))
    points = Points(problem.dim)
    batches = np.array_split(u, max(1, n // 200))
    for batch in batches:
        judge(problem, points, Drawn(batch), n)
    return points


class Drawn:
    """A batch that nobody proposed."""

    def __init__(self, u):
        self.u, self.origin = u, np.full(len(u), "prior", dtype=object)


def seconds(model, problem, points, rng):
    """Of the first iteration on these points, and of the median of the next."""
    config = ScanConfig(Size_initial_batch=None)
    proposer = Proposer(config, Target(problem.low, problem.high), problem.dim,
                        make_model(model, config, problem.dim))
    taken = []
    for _ in range(1 + REFINED):
        start = time.perf_counter()
        batch = proposer.propose(points, rng)
        taken.append(time.perf_counter() - start)
        judge(problem, points, batch, len(points) + len(batch.u))
    return taken[0], float(np.median(taken[1:]))


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default="DNNR,RFR,DNNC")
    parser.add_argument("--points", default="5000,10000,20000")
    args = parser.parse_args()
    problem, folder = PROBLEMS["P3"], HERE.parents[1] / "result" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    print("| model | points | in target | from scratch, s | refined, s | growth |")
    print("|---" * 6 + "|")
    for model in args.models.split(","):
        before = None
        for n in map(int, args.points.split(",")):
            rng = np.random.default_rng(0)
            points = left_by_a_scan(problem, n, folder, rng)
            good = int(points.inside.sum())
            first, refined = seconds(model, problem, points, rng)
            growth = f"{first / before[0]:.2f}, {refined / before[1]:.2f}" if before else "-"
            print(f"| {model} | {n} | {good} | {first:.1f} | {refined:.1f} | {growth} |",
                  flush=True)
            before = first, refined


if __name__ == "__main__":
    main()
