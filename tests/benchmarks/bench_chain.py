"""Processor seconds a point of the real programs: by hand, many rows a call, and by the scanner.

    SPHENO_HOME=... HIGGSBOUNDS_HOME=... HIGGSSIGNALS_HOME=... SPHENO_MODEL=N2HDM SPHENO_NH=4 \\
    SPHENO_NCH=1 python tests/benchmarks/bench_chain.py [--points 50] [--input my_scan.py]

The variables are those of tests/test_real_programs.py: a model by SARAH, or SPHENO_MODEL='' for the
MSSM of base SPheno, which goes to the others as SLHA; points are its own Les Houches file with the
first entry of MINPAR changed by up to 1 %. With --input the programs and random points of that
input file are taken. "By hand" is one call of each program a point, or SPheno for each point and
one call of HiggsBounds and of HiggsSignals for all, which SLHA does not allow; the scanner runs
them in the shares of a batch, on --cores workers. Without programs it says what is missing.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".package"))

import numpy as np

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain import higgs_files
from mlscanner.calculators.chain.chain import Chain
from mlscanner.calculators.chain.higgs_steps import BySlha, prepare_slha
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.parallel.tasks import Work
from mlscanner.space.parameters import Box

NAMES = ("SPHENO_HOME", "HIGGSBOUNDS_HOME", "HIGGSSIGNALS_HOME", "SPHENO_MODEL")


def configured():
    """Settings from the environment: one parameter, the first of MINPAR."""
    missing = [name for name in NAMES if name not in os.environ]
    if missing:
        sys.exit(f"Not measured: {', '.join(missing)} not set, and no --input.")
    home, bounds, signals, model = (os.environ[name] for name in NAMES)
    lesh = Path(home) / f"LesHouches.in.{model}".rstrip(".")
    number, value, label = re.search(r"(?is)block minpar.*?\n\s*(\d+)\s+(\S+)\s+# (\w+)",
                                     lesh.read_text()).groups()
    low, high = sorted((0.99 * float(value), 1.01 * float(value)))
    return make_config(
        Calculator="SPheno", pathS=home, SPHENOMODEL=model, Lesh=lesh.name, HBPath=bounds,
        HSPath=signals, HiggsBounds=1, HiggsSignal=2 if model else 1, ExcludeHB=0,
        MH_uncertainty=3.0,
        NH=os.environ.get("SPHENO_NH", 3), NCH=os.environ.get("SPHENO_NCH", 1),
        VarLabel=["# " + label], VarNum=[number], VarBlock=["MINPAR"], VarMin=[low], VarMax=[high])


def used(who):
    """Processor seconds of children that have ended, or of this process."""
    numbers = resource.getrusage(who)
    return numbers.ru_utime + numbers.ru_stime


def call(program, words, folder):
    """Run a program in a folder."""
    subprocess.run([program, *words], cwd=folder, capture_output=True, check=False)


def spectra(chain, x, folder):
    """SPheno for each point, each in a folder; the folders of those with what the rest needs."""
    needed = "out" if isinstance(chain.higgs, BySlha) else "MH_GammaTot.dat"
    good = []
    for k, row in enumerate(x):
        place = folder / str(k)
        place.mkdir()
        (place / "in").write_text(chain.input_text(row))
        call(chain.spheno.program, ["in", "out"], place)
        if (place / needed).is_file():
            good.append(place)
    return good


def higgs(chain, folder):
    """HiggsBounds and HiggsSignals in a folder with tables, or with a spectrum."""
    n, p = str(chain.higgs.n), str(chain.higgs.p)
    words = ["effC", n, p, "./"]
    if isinstance(chain.higgs, BySlha):
        words = ["SLHA", n, p, "spectrum"]
        (folder / "spectrum").write_text(prepare_slha(
            (folder / "out").read_text(), chain.higgs.codes, chain.higgs.uncertainties))
    call(chain.higgs.bounds.program, ["LandH", *words], folder)
    call(chain.higgs.signals.program, ["latestresults", "2", *words], folder)


def tables(chain, folder):
    """The tables of a point for HiggsBounds 5, as SPheno has left them."""
    return higgs_files.check_point({path.stem: path.read_text() for path in folder.glob("*.dat")},
                                   5, chain.higgs.n, chain.higgs.p)


def measured(chain, x):
    """Seconds of SPheno, of the rest one row a call, and, of tables, all rows a call; points that
    count.

    Parameters
    ----------
    chain : Chain
    x : (n, d) array
    """
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        marks, folder = [used(resource.RUSAGE_CHILDREN)], Path(name)
        good = spectra(chain, x, folder)
        marks.append(used(resource.RUSAGE_CHILDREN))
        rows = []
        for place in good:
            if not isinstance(chain.higgs, BySlha):
                rows.append(tables(chain, place))
                higgs_files.write_tables(place, rows[-1:])
            higgs(chain, place)
        marks.append(used(resource.RUSAGE_CHILDREN))
        if rows:
            together = folder / "all"
            together.mkdir()
            higgs_files.write_tables(together, rows)
            higgs(chain, together)
            marks.append(used(resource.RUSAGE_CHILDREN))
    return np.diff(marks), len(good)


def by_us(chain, batches, cores):
    """Processor seconds of the workers and what they start, wall seconds, and the evaluations of
    the last batch."""
    before, started = used(resource.RUSAGE_CHILDREN), time.monotonic()
    with Pool(chain, cores) as pool:
        while not all(worker.ready for worker in pool._workers):
            list(pool._answers(Work(), 0.1))
        evaluated = [dict(pool.map(x)) for x in batches]
        wall = time.monotonic() - started
    return used(resource.RUSAGE_CHILDREN) - before, wall, evaluated[-1]


def main():
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--input")
    args = parser.parse_args()
    config = load_config(args.input) if args.input else configured()
    chain, box = Chain.from_config(config), Box.from_config(config)
    x = box.to_physical(np.random.default_rng(1).random((args.points, box.dim)))
    seconds, n = measured(chain, x)
    spheno, alone, *together = seconds / max(n, 1)
    start, _, _ = by_us(chain, [x[:0]], args.cores)
    ours, wall, evaluated = by_us(chain, [x], args.cores)
    twice, _, _ = by_us(chain, [x, x], args.cores)
    print(f"{args.points} points, {n} with a spectrum; processor seconds for each of these {n}:")
    print(f"  by hand, one call of each program a point  {spheno + alone:.3f} "
          f"(SPheno {spheno:.3f}, HiggsBounds and HiggsSignals {alone:.3f})")
    for part in together:
        print(f"  by hand, one call for all rows             {spheno + part:.3f} "
              f"(HiggsBounds and HiggsSignals {part:.3f})")
    statuses = sorted(e.status for e in evaluated.values())
    print(f"  by the scanner, a first batch              {(ours - start) / max(n, 1):.3f} "
          f"({args.cores} workers, {wall:.1f} s in all, without {start:.1f} s for starting them)")
    print(f"  by the scanner, the next such batch        {(twice - ours) / max(n, 1):.3f}")
    print("  statuses:", ", ".join(f"{s} {statuses.count(s)}" for s in dict.fromkeys(statuses)))


if __name__ == "__main__":
    main()
