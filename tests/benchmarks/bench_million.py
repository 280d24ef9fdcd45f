"""Seconds and memory of the next batch with a million evaluated points in the run folder.

    python tests/benchmarks/bench_million.py [--models RFR,DNNR] [--points 1000000] [--out FOLDER]

A short scan of P3 (7-D) of each model, into whose folder the store itself then writes so many
points: most in the target, others around it and all over, as many iterations as they would have
taken. The same command then goes on for one iteration with --more 1, in a process of its own:
reading, training from scratch (as it is after such growth), proposing, evaluating, and at the end
another training, the results and the summary. Peak: largest memory of any of its processes.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / ".package"
sys.path[:0] = [str(PACKAGE), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from measures import reference  # noqa: E402
from problems import PROBLEMS  # noqa: E402

from mlscanner.evaluation import Evaluation  # noqa: E402
from mlscanner.models.registry import MODELS  # noqa: E402
from mlscanner.store.points_file import PointsFile  # noqa: E402
from mlscanner.store.state_file import State  # noqa: E402

PROBLEM = PROBLEMS["P3"]
FUNCTION = f"""
import sys
sys.path[:0] = [{str(PACKAGE)!r}, {str(HERE)!r}]
def f(x):
    from problems import PROBLEMS
    return float(PROBLEMS['P3'].value(x[None])[0])
"""
INPUT = """
Calculator = 'f.py:f'
VarLabel = [f'x{k}' for k in range(7)]
VarMin, VarMax = [0] * 7, [1] * 7
Chi_square_threshold = 1
N_iteration = 1
Live_plots = -1
"""
AROUND = 0.02   # of the box: width of the normal steps from the target to the points around it
BATCH = 200     # points of an iteration
AT_ONCE = 20_000


def fill(folder, n, rng):
    """Have n points in a run folder, written by the store, and the state that goes with them."""
    target = reference(PROBLEM, [folder.parent])[0]
    state = State.load(folder)
    history = state.meta["history"]
    there = history[-1]["evaluated"]
    file = PointsFile(folder, [f"x{k}" for k in range(PROBLEM.dim)], "chi2")
    for first in range(there, n, AT_ONCE):
        ids = np.arange(first, min(first + AT_ONCE, n))
        u = target[rng.integers(len(target), size=len(ids))]
        step = np.where(ids % 5 == 0, AROUND, 1e-3)[:, None]
        u = np.clip(u + step * rng.normal(size=u.shape), 0, 1)
        u[::20] = rng.uniform(size=u[::20].shape)
        file.append_all([(int(i), len(history) + int(i - there) // BATCH, "walk", x, np.nan,
                          Evaluation("ok", value, {}, ""), good) for i, x, value, good
                         in zip(ids, u, PROBLEM.value(u), PROBLEM.inside(PROBLEM.value(u)),
                                strict=True)])
    file.close()
    state.meta["history"] += [
        history[-1] | {"iteration": len(history) + k, "evaluated": min(there + (k + 1) * BATCH, n)}
        for k in range(-(-(n - there) // BATCH))]
    state.save(folder)


def run(folder, model, *words):
    """The command line in a process of its own; its seconds."""
    started = time.perf_counter()
    subprocess.run([sys.executable, __file__, "--command", model, "--input",
                    folder / "scan.py", "--output", folder, *words],
                   check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def command(words):
    """This process is the command line; the processor time of its last proposal into cpu.txt."""
    from mlscanner.acquisition.proposer import Proposer
    from mlscanner.cli.main import main as command_line
    folder, propose = Path(words[words.index("--output") + 1]), Proposer.propose

    def timed(*args):
        started = time.process_time()
        batch = propose(*args)
        (folder / "cpu.txt").write_text(str(time.process_time() - started))
        return batch
    Proposer.propose = timed
    return command_line(words)


def measure(model, n, folder):
    """A row of figures."""
    (folder / "f.py").write_text(FUNCTION)
    (folder / "scan.py").write_text(INPUT)
    run(folder, model)
    fill(folder / model, n, np.random.default_rng(0))
    taken = run(folder, model, "--more", "1")
    with (folder / model / "iterations.csv").open() as file:
        last = [row for row in csv.DictReader(file) if float(row["seconds_propose"])][-1]
    cpu = float((folder / "cpu.txt").read_text())
    seconds = [float(last[f"seconds_{k}"]) for k in ("train", "propose", "choose")]
    return {"model": model, "points": n, "batch": sum(seconds), "cpu": cpu, "train": seconds[0],
            "propose": seconds[1], "choose": seconds[2], "good": float(last["efficiency"]),
            "command": taken,
            "peak_gb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20}


def main():
    """Command line."""
    if sys.argv[1:2] == ["--command"]:
        sys.exit(command(sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="keep the run folders here")
    args = parser.parse_args()
    if len(args.models.split(",")) > 1:     # one a process: the peak is that of all children
        print("| model | points | next batch, s (CPU) | training, proposing, choosing | good | "
              "whole command, s | peak, GB |\n" + "|---" * 7 + "|", flush=True)
        for model in args.models.split(","):
            subprocess.run([sys.executable, __file__, "--models", model, "--points",
                            str(args.points), *(["--out", args.out] if args.out else [])],
                           check=True)
        return
    folder = args.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    row = measure(args.models, args.points, folder)
    if args.out:
        (folder / f"{args.models}.json").write_text(json.dumps(row))
    else:
        shutil.rmtree(folder)
    print(f"| {row['model']} | {row['points']} | {row['batch']:.0f} ({row['cpu']:.0f}) | "
          f"{row['train']:.1f}, {row['propose']:.1f}, {row['choose']:.1f} | {row['good']:.2f} | "
          f"{row['command']:.0f} | {row['peak_gb']:.1f} |", flush=True)


if __name__ == "__main__":
    main()
