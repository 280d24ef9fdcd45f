"""Run the models on the benchmark problems and print how they compare; one command.

    python tests/benchmarks/bench_scan.py                       all models, P1 to P4, one seed
    python tests/benchmarks/bench_scan.py --models DNNR,DNNC --seeds 5
    python tests/benchmarks/bench_scan.py --problems eggs,plateau,decades,ring,valley
    python tests/benchmarks/bench_scan.py --problems S1,S2,S3,S4,S5
    python tests/benchmarks/bench_scan.py --table               only the table of what was run

Every run is one line of runs.jsonl in --out; what stands there is not run again. All settings
are the defaults, the same for every model and problem.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package"), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from hard import HARD  # noqa: E402
from hard import measured as hard_measured  # noqa: E402
from measures import measure, reference  # noqa: E402
from problems import PROBLEMS  # noqa: E402
from rivals import RIVALS  # noqa: E402

from mlscanner.acquisition.proposer import Proposer  # noqa: E402
from mlscanner.config.settings import ScanConfig  # noqa: E402
from mlscanner.likelihood.observables import Target  # noqa: E402
from mlscanner.models.registry import MODELS, make_model  # noqa: E402
from mlscanner.space.parameters import Box, Parameter  # noqa: E402
from mlscanner.store.points import Points  # noqa: E402

YARDSTICK = ("P1", "P2", "P3", "P4")
SHARED = HERE.parents[2] / "shared" / "bench"   # the reference samples the rivals were measured on


def run(model, problem, seed, n, **settings):
    """Evaluate n points; returns Points. The loop of MLs_HEP without its files and workers."""
    rng = np.random.default_rng(seed)
    proposer = make_proposer(model, problem, **settings)
    points = Points(problem.dim)
    while len(points) < n:
        batch = proposer.propose(points, rng) if len(points) else proposer.first(rng)
        evaluate(problem, points, batch, n)
    return points


def make_proposer(model, problem, **settings):
    """With the default settings, and the first design left to the scanner."""
    config = ScanConfig(**{"Size_initial_batch": None, **settings})
    box = (problem.box if problem.name in HARD else
           Box([Parameter(f"x{i}", 0.0, 1.0) for i in range(problem.dim)]))
    return Proposer(config.loop, config.acquisition, box, Target(problem.low, problem.high),
                    make_model(model, config, problem.dim))


def evaluate(problem, points, batch, n):
    """Append the points of a batch, n in all at most."""
    u = batch.u[:n - len(points)]
    value = problem.value(u)
    iteration = points.iteration.max() + 1 if len(points) else 0
    points.append(
        id=len(points) + np.arange(len(u)), iteration=np.full(len(u), iteration),
        origin=batch.origin[:len(u)], u=u, x=u, value=value, inside=problem.inside(value),
        status=np.where(np.isnan(value), "failed", "ok").astype(object))


def measured(model, problem, seed, n, folder):
    """One run as a dict of figures."""
    wall, cpu = time.perf_counter(), time.process_time()
    points = run(model, problem, seed, n)
    out = {"model": model, "problem": problem.name, "seed": seed, "n": n,
           "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    if problem.name in HARD:
        return out | hard_measured(problem, points.u, points.value)
    out |= measure(problem, points.u, points.value, reference(problem, [SHARED, folder]))
    out["every500"] = [int(points.inside[:k].sum()) for k in range(500, n + 1, 500)]
    return out


def medians(rows):
    """(model, problem, n) -> dict of the median figures over the seeds."""
    groups = {}
    for row in rows:
        groups.setdefault((row["model"], row["problem"], row["n"]), []).append(row)
    table = {}
    for key, group in groups.items():
        table[key] = {name: statistics.median(row[name] if row[name] is not None else np.inf
                                              for row in group)
                      for name in ("in", "cells", "fill95", "islands", "first100", "cpu")}
        table[key]["seeds"] = len(group)
    return table


def print_table(rows, folder):
    """Markdown: our models, random sampling and the best rivals."""
    print("| problem | method | seeds | in target | x random | cells | fill95 | islands | "
          "first 100 | CPU s |\n" + "|---" * 10 + "|")
    for (model, name, n), row in sorted(medians(rows).items(), key=lambda item: item[0][::-1]):
        problem = PROBLEMS[name]
        fraction = reference(problem, [SHARED, folder])[2]
        chance = f"{row['in'] / (fraction * n):.3g}" if fraction > 0 else "-"
        islands = f"{row['islands']:.2f}" if problem.island else "-"
        print(f"| {name} | {model} | {row['seeds']} | {row['in']:.0f} | {chance} | "
              f"{row['cells']:.3f} | {row['fill95']:.4f} | {islands} | {row['first100']:.0f} | "
              f"{row['cpu']:.0f} |")
    done = {row["problem"] for row in rows}
    for name, method, seeds, n, found, cells, fill95 in RIVALS:
        if name in done:
            print(f"| {name} | {method} (at {n}) | {seeds} | {found} | | {cells:.3f} | "
                  f"{fill95:.4f} | | | |")


def print_parts(rows):
    """Markdown: the hard problems, every run, in the target / cells / fill95 of each part."""
    for row in sorted(rows, key=lambda row: (row["problem"], row["model"], row["n"], row["seed"])):
        parts = [f"{v['in']} / {v['cells']:.2f} / {v['fill95'] or np.inf:.3f}"
                 for k, v in row.items() if k.startswith("part ")]
        parts = parts or [f"{row['distinct']} distinct, {row['evaluated_distinct']} evaluated"]
        print(f"| {row['problem']} | {row['model']} | {row['seed']} | {row['n']} | {row['in']} | "
              f"{row['first']} | {row['first100']} | {' | '.join(parts)} | {row['cpu']:.0f} |")


def plot(rows, path):
    """Points in the target against evaluated points: one panel for each problem."""
    import matplotlib as mpl
    mpl.use("Agg")
    import matplotlib.pyplot as plt
    names = sorted({row["problem"] for row in rows})
    figure, axes = plt.subplots(1, len(names), figsize=(3.6 * len(names), 3.2), squeeze=False)
    colour = {m: f"C{k}" for k, m in enumerate(MODELS)}
    for axis, name in zip(axes[0], names, strict=True):
        for row in (r for r in rows if r["problem"] == name):
            x = 500 * np.arange(1, len(row["every500"]) + 1)
            label = row["model"] if row["seed"] == 0 else None
            axis.plot(x, row["every500"], color=colour[row["model"]], lw=1.2, label=label)
        axis.plot(x, x, "k:", lw=0.8)
        axis.set(title=name, xlabel="evaluated points", ylabel="in the target")
    axes[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--problems", default=",".join(YARDSTICK))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--n", type=int, default=5000)
    parser.add_argument("--out", default=HERE.parents[1] / "result" / "benchmark", type=Path)
    parser.add_argument("--table", action="store_true", help="run nothing, show what there is")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "runs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    problems = PROBLEMS | HARD
    done = {(r["model"], r["problem"], r["seed"], r["n"]) for r in rows}
    wanted = [(m, p, s, args.n) for s in range(args.first, args.first + args.seeds)
              for m in args.models.split(",") for p in args.problems.split(",")]
    for key in [] if args.table else [k for k in wanted if k not in done]:
        rows.append(measured(key[0], problems[key[1]], *key[2:], args.out))
        print(*(f"{k}={v}" for k, v in rows[-1].items() if k != "every500"), file=sys.stderr)
        with path.open("a") as file:
            file.write(json.dumps(rows[-1]) + "\n")
    print_parts([r for r in rows if r["problem"] in HARD])
    rows = [r for r in rows if r["problem"] not in HARD]
    if rows:
        print_table(rows, args.out)
        plot(rows, args.out / "benchmark.png")


if __name__ == "__main__":
    main()
