"""Seconds to take in 100,000 points with ten observables under another target; one command.

    python tests/benchmarks/bench_retarget.py [--points 100000]

Prints the seconds of `retarget`, and how many of the new values differ from evaluating anew.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package")]

import numpy as np  # noqa: E402

from mlscanner.auxiliary import Pool, make_calculator  # noqa: E402
from mlscanner.cli.main import main as command_line  # noqa: E402
from mlscanner.config.scan_config import load_config  # noqa: E402
from mlscanner.space.parameters import Box  # noqa: E402
from mlscanner.store.imported import gather  # noqa: E402

FUNCTION = """
def f(p):
    return {f'o{k}': p[0] ** (1 + k % 3) + 0.1 * k * p[1] for k in range(10)}
"""
INPUT = """
Calculator = 'f.py:f'
VarLabel, VarMin, VarMax = ['a', 'b'], [0, 0], [1, 1]
Chi_square_threshold = 10
Size_initial_batch = %d
N_iteration = 0
Live_plots = -1
RF_trees = 5
Observables = [observable(f'o{k}', value=0.5, sigma=%s) for k in range(10)]
"""


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--points", type=int, default=100_000)
    n = parser.parse_args().points
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "f.py").write_text(FUNCTION)
        for file, sigma in (("old.py", 0.2), ("new.py", 0.3)):
            (folder / file).write_text(INPUT % (n, sigma))
        command_line(["RFR", "--input", str(folder / "old.py"), "--output", str(folder)])
        started = time.perf_counter()
        command_line(["retarget", str(folder / "RFR"), "--input", str(folder / "new.py"),
                      "--output", str(folder / "new")])
        seconds = time.perf_counter() - started
        config = load_config(folder / "new.py")
        box = Box.from_config(config)
        start = gather([folder / "RFR"], box, config)
        with Pool(make_calculator(config, box.names), 0) as pool:
            fresh = np.array([e.value for _, e in sorted(pool.map(start.x))])
        stored = np.array([e.value for e in start.evaluations])
        print(f"{n} points: {seconds:.1f} s; values that differ: "
              f"{int((~np.isclose(stored, fresh, rtol=1e-12)).sum())}")


if __name__ == "__main__":
    main()
