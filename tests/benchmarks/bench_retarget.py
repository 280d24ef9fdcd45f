"""What points of another run are worth; two measurements.

    python tests/benchmarks/bench_retarget.py [--points 100000]
    python tests/benchmarks/bench_retarget.py --start DNNR,RFR,DNNC [--seed 1] [--out DIR]

The first prints the seconds to take in so many points with ten observables under another target,
and how many of the new values differ from evaluating anew. The second scans the 2HDM
of docs/examples/thdm_paper.py up to 4,000 points, starts another scan from the first 2,000 of them,
and prints what each knows at 4,000. Runs that are in DIR are not run again.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package")]

import numpy as np  # noqa: E402
from scipy.spatial import cKDTree  # noqa: E402

from mlscanner.auxiliary import Pool, make_calculator  # noqa: E402
from mlscanner.cli.main import main as command_line  # noqa: E402
from mlscanner.config.scan_config import load_config  # noqa: E402
from mlscanner.space.parameters import Box  # noqa: E402
from mlscanner.store.imported import gather  # noqa: E402
from mlscanner.store.points_table import read_table  # noqa: E402

HALF = 2000

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


def retarget(n):
    """Seconds of `retarget` of n points, and what differs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "f.py").write_text(FUNCTION)
        for file, sigma in (("old.py", 0.2), ("new.py", 0.3)):
            (folder / file).write_text(INPUT % (n, sigma))
        random, names = np.random.default_rng(1), ["a", "b", *(f"o{k}" for k in range(10))]
        a, b = random.random((2, n))
        values = [a, b, *(a ** (1 + k % 3) + 0.1 * k * b for k in range(10))]
        (folder / "points.csv").write_text(",".join(names) + "\n" + "".join(
            ",".join(map(repr, row)) + "\n" for row in np.column_stack(values).tolist()))
        command_line(["merge", str(folder / "points.csv"), "--input", str(folder / "old.py"),
                      "--model", "RFR", "--output", str(folder)])
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


def scanned(model, folder, seed, n, start=()):
    """The points of a scan of thdm_paper.py up to n evaluations; of a folder that has it."""
    if not (folder / "report.html").exists():
        text = (HERE.parents[1] / "docs" / "examples" / "thdm_paper.py").read_text(encoding="utf-8")
        file = folder.with_suffix(".py")
        folder.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + f"\nSeed, N_iteration, Max_evaluations = {seed}, 1000, {n}\n",
                        encoding="utf-8")
        words = [model, "--input", file, "--output", folder.parent, "--from", *start]
        command_line([str(word) for word in words[:None if start else -1]])
        (folder.parent / model).rename(folder)
    return read_table(folder / "points.csv")


def from_half(model, seed, folder):
    """One line: in the target, and how evenly, of a scan and of one that starts from its half."""
    whole = scanned(model, folder / f"{model}_{seed}_whole", seed, 2 * HALF)
    half = folder / f"{model}_{seed}_half.csv"
    lines = (folder / f"{model}_{seed}_whole" / "points.csv").read_text().splitlines()
    early = [line for line in lines[1:] if int(line.partition(",")[0]) < HALF]
    half.write_text("\n".join([lines[0], *early]) + "\n")
    later = scanned(model, folder / f"{model}_{seed}_later", seed + 100, HALF, [half])
    first = {name: column[whole["id"] < HALF] for name, column in whole.items()}
    scale = np.ptp(positions(whole), axis=0)
    words = [f"{name} {int(t['in_target'].sum())}" for name, t in (
        ("half", first), ("whole", whole), ("later", later))]
    a, b = (positions(t)[t["in_target"] == 1] / scale for t in (whole, later))
    far = [np.percentile(cKDTree(known).query(others)[0], 95) for known, others in
           ((a, b), (b, a))]
    print(f"{model}, seed {seed}, in the target: {', '.join(words)}; 95th percentile of the way "
          f"to the nearest good point of the other: {far[1]:.3f} whole, {far[0]:.3f} later")


def positions(table):
    """Parameters (n, d) of a points.csv."""
    names = list(table)
    return np.column_stack([table[n] for n in names[3:names.index("predicted")]])


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--start", default="", help="models")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("bench_start"))
    args = parser.parse_args()
    for model in filter(None, args.start.split(",")):
        from_half(model, args.seed, args.out)
    if not args.start:
        retarget(args.points)


if __name__ == "__main__":
    main()
