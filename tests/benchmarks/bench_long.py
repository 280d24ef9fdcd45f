"""Processor seconds of an iteration early and late in a scan of many small iterations.

    python tests/benchmarks/bench_long.py [--iterations 500] [--model RFR] [--first 40]

A scan of F_2d with batches of 10 points, through the store, in this process; the settings of the
model and of the candidates are small, so that what grows with iterations or points would be seen.
What grows with the points ends at the settings that bound it: --first 30000 begins beyond them,
and shows what iterations alone cost.
Each line: so many iterations, points after them, and the processor time of one, by phase where the
scan measures it (wall seconds).
"""

import argparse
import tempfile
import time

import numpy as np
from bench_scan import HERE  # noqa: F401 - sets the number of threads, and the path to the package

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import make_config
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box

SMALL = {"Size_batch_K": 10, "Size_batch_search": 10,
         "Size_batch_L": 200, "Walkers": 20, "Surrogate_points": 50, "RF_trees": 5,
         "GBR_trees": 5, "DNN_layers": 1, "DNN_nodes": 8, "DNN_epochs": 2, "Live_plots": -1,
         "Refine_evaluations": 0}


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=500)
    parser.add_argument("--model", default="RFR")
    parser.add_argument("--first", type=int, default=40, help="points of the first design")
    args = parser.parse_args()
    config = make_config(Calculator="F_2d", N_iteration=args.iterations,
                         Size_initial_batch=args.first, **SMALL)
    box, used = Box.from_config(config), []
    each = max(1, args.iterations // 10)
    with tempfile.TemporaryDirectory() as folder, \
            Pool(make_calculator(config, box.names), 0) as pool:
        task = scan(make_model(args.model, config.models, box.dim), config, folder, pool,
                    show=False)
        before = time.process_time()
        for k, state in enumerate(task):
            now = time.process_time()
            used.append((now - before, state.history[-1].seconds))
            before = now
            if k and k % each == 0:
                told(k, len(state.points), used[-each:])


def told(k, n, part):
    """One line on the iterations before the k-th, after which there are n points."""
    phases = {name: np.mean([seconds.get(name, 0.0) for _, seconds in part])
              for name in part[-1][1]}
    print(f"iterations {k - len(part) + 1} to {k}, {n} points: "
          f"{1000 * np.mean([cpu for cpu, _ in part]):.0f} ms; "
          + ", ".join(f"{name} {1000 * s:.0f}" for name, s in phases.items()), flush=True)


if __name__ == "__main__":
    main()
