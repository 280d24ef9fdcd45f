"""How busy a scan keeps its workers, and what a point costs beside its evaluating.

    python tests/benchmarks/bench_scaling.py run --workers 32 --asynchronous [--dask] --seconds 90
    python tests/benchmarks/bench_scaling.py overhead
    python tests/benchmarks/bench_scaling.py picture FILE.png       from what was run

The calculator sleeps instead of calculating, so that two cores are enough for 128 workers: a
log-normal time of 1 s on average (sigma 0.8), and 30 s for one point in 200. The model is a real
one and is trained as ever. Utilisation is the time slept by all workers between the start of the
first and the end of the last point, over that time and the number of workers; a point that is
given up at the end counts up to there. Every run is a line of scaling.jsonl in --out.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package"), str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from sleeper import Sleeper, slept  # noqa: E402

from mlscanner.auxiliary import Pool  # noqa: E402
from mlscanner.config.scan_config import make_config  # noqa: E402

BOX = {"VarMin": [0] * 4, "VarMax": [1] * 4, "VarLabel": ["a", "b", "c", "d"],
       "Calculator": "none.py:f"}


class Line:
    """The pools, each with all its workers started."""

    def __init__(self, args, folder):
        self.args, self.folder, self.hosts = args, folder, None

    def __enter__(self):
        args, sleeper = self.args, Sleeper(self.folder)
        if args.dask:
            from dask_hosts import Hosts
            from mlscanner.parallel.dask_cluster import Cluster
            from mlscanner.parallel.dask_pool import DaskPool
            self.hosts = Hosts(self.folder)
            self.hosts.__enter__()
            # threads that sleep stand for workers; 32 in each process
            for n in [32] * (args.workers // 32) or [args.workers]:
                self.hosts.add(nthreads=n)
            self.pool = DaskPool(sleeper, Cluster(args.workers, str(self.hosts.file)))
        else:
            self.pool = Pool(sleeper, args.workers)
        self.pool.__enter__()
        self._warm_up()
        return self.pool

    def _warm_up(self):
        nothing = np.full((2 * self.args.workers, 4), -1.0)
        while True:
            list(self.pool.map(nothing))
            if self.args.dask:
                ready = sum(self.pool.client.nthreads().values())
            else:
                ready = sum(w.ready for w in self.pool._workers)
            if ready == self.args.workers:
                return
            time.sleep(0.5)

    def __exit__(self, *exception):
        self.pool.__exit__()
        if self.hosts:
            self.hosts.__exit__()


def scan(args):
    """One scan; a dict of figures."""
    from mlscanner import MLs_HEP
    from mlscanner.models.registry import make_model
    config = make_config(**BOX, Chi_square_threshold=1.0, Max_time=args.seconds, N_iteration=10**6,
                         Asynchronous=args.asynchronous, Size_initial_batch=args.first)
    folder = Path(tempfile.mkdtemp(dir=args.out))
    (folder / "run").mkdir()
    with Line(args, folder) as pool:
        task = MLs_HEP.scan(make_model(args.model, config, 4), config, folder / "run", pool,
                            show=False)
        started = time.time()
        for _ in task:
            pass
    busy, wall, n = slept(folder, started)
    learn = [sum(v for k, v in h.seconds.items() if k != "evaluate") for h in task.history[1:]]
    out = {"workers": args.workers, "asynchronous": args.asynchronous, "dask": args.dask,
           "model": args.model, "utilisation": busy / (args.workers * wall), "wall": wall,
           "points": n, "good": int(task.points.inside.sum()), "batches": len(task.history),
           "learning_s": float(np.median(learn)) if learn else None, "load": os.getloadavg()[0]}
    shutil.rmtree(folder)
    return out


def overhead(args):
    """Seconds a point beside its evaluating, with a calculator that does nothing."""
    for args.dask in (False, True):
        for args.workers in (2, 8):
            folder = Path(tempfile.mkdtemp(dir=args.out))
            with Line(args, folder) as pool:
                x = np.full((1000, 4), -1.0)
                started = time.perf_counter()
                assert len(list(pool.map(x))) == len(x)
                seconds = time.perf_counter() - started
            shutil.rmtree(folder)
            yield {"overhead": seconds / len(x), "workers": args.workers, "dask": args.dask,
                   "load": os.getloadavg()[0]}


def picture(args):
    """Utilisation over the number of workers."""
    import matplotlib as mpl
    mpl.use("Agg")
    import matplotlib.pyplot as plt
    rows = [json.loads(line) for line in (args.out / "scaling.jsonl").read_text().splitlines()]
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for ahead in (True, False):
        for dask in (False, True):
            found = {r["workers"]: r["utilisation"] for r in rows if "utilisation" in r
                     and (r["asynchronous"], r["dask"]) == (ahead, dask)}
            if found:
                n = sorted(found)
                ax.plot(n, [100 * found[k] for k in n], marker="s" if dask else "o",
                        ls="-" if ahead else "--", color="C1" if dask else "C0",
                        label=f"{'Dask' if dask else 'pool'}, "
                              f"{'asynchronous' if ahead else 'synchronous'}")
    ax.set(xscale="log", xticks=[2, 8, 32, 128], xlabel="workers", ylim=(0, 105),
           ylabel="time that workers are busy (%)")
    ax.xaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    fig.savefig(args.file, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("scaling_runs"))
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--workers", type=int, default=32)
    run.add_argument("--seconds", type=float, default=90)
    run.add_argument("--first", type=int, default=500)
    run.add_argument("--model", default="RFR")
    run.add_argument("--asynchronous", action="store_true")
    run.add_argument("--dask", action="store_true")
    commands.add_parser("overhead")
    commands.add_parser("picture").add_argument("file", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.command == "picture":
        return picture(args)
    with (args.out / "scaling.jsonl").open("a") as file:
        for row in overhead(args) if args.command == "overhead" else [scan(args)]:
            print(row)
            file.write(json.dumps(row) + "\n")
    return None


if __name__ == "__main__":
    main()
