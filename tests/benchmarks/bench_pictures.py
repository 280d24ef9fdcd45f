"""Seconds that all pictures and the report of a run take, by the number of its points.

    python tests/benchmarks/bench_pictures.py [POINTS ...]

The aim is 20 s of processor time for 100,000 points in seven dimensions.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / ".package"), str(HERE.parents[1])]

from mlscanner.plotting import command as plots  # noqa: E402 - the path is set before
from plot_runs import make_run  # noqa: E402

ROUNDS = 3


def seconds(folder, n):
    """Processor time of the pictures of a made-up run of n points in 50 iterations."""
    run = make_run(Path(folder, str(n), "DNNR"), dim=7, n=n, iterations=50)
    started = time.process_time()
    problems = plots.draw_all(run)
    if problems:
        raise RuntimeError("\n".join(problems))
    return time.process_time() - started


def main():
    """Print the least and the most of some rounds."""
    for n in [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        with tempfile.TemporaryDirectory() as folder:
            times = sorted(seconds(Path(folder, str(k)), n) for k in range(ROUNDS))
        print(f"{n:9,} points: {times[0]:5.1f} to {times[-1]:5.1f} s")


if __name__ == "__main__":
    main()
