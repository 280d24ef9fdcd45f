"""Speed of the THDM calculator: seconds for a million points, all observables, on one core.

    python tests/benchmarks/bench_thdm.py [number of points]

Points of the box of thdm_paper.py; the calculator is called as a worker calls it, 4,000 at a
time. The first call, which fills the tables of widths, is timed apart.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".package"))

import numpy as np  # noqa: E402 - after the limits of the thread pools

from mlscanner.calculators.thdm import THDM  # noqa: E402
from mlscanner.calculators.thdm.inputs import LAMBDA_BASIS, Inputs  # noqa: E402
from mlscanner.calculators.thdm.options import Options  # noqa: E402

LOW = np.array([0, 0.12, 4, -10, -10, -3000, 10.0])
HIGH = np.array([10, 0.136, 10, 5, 1.5, -1000, 40.0])


def main(count):
    """Print the seconds, and the share of each status."""
    inputs = Inputs("lambda", {name: i for i, name in enumerate(LAMBDA_BASIS)}, {})
    calculator = THDM(inputs, Options())
    rng = np.random.default_rng(1)
    start = time.process_time()
    calculator.evaluate(LOW + rng.random((10, 7)) * (HIGH - LOW))
    print(f"first call (tables): {time.process_time() - start:.2f} s")
    shares, times = Counter(), []
    for _ in range(count // calculator.share):
        x = LOW + rng.random((calculator.share, 7)) * (HIGH - LOW)
        start = time.process_time()
        evaluated = calculator.evaluate(x)
        times.append(time.process_time() - start)
        shares.update(j.status for j in evaluated)
    million = 1e6 / calculator.share
    print(f"{np.mean(times) * million:.2f} s CPU for a million points "
          f"(quickest tenth of the calls: {np.percentile(times, 10) * million:.2f} s), "
          f"{len(calculator.observables)} observables each")
    for status, number in shares.most_common():
        print(f"  {status:16s} {number / count:.4f}")


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000)
