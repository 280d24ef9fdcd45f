"""Random faults over whole scans: every point once, right, and the run complete.

    python tests/benchmarks/soak.py [--faults 120] [--seed 1]

Scans of a function that forks are run with RFR, DNNR and `Asynchronous`, and disturbed at random
moments until so many faults have struck. A scan that ends by one is started again by the same
command. At its end each id is there once, every row has status 'ok' and the numbers that the
function gives at its point, and all iterations are done; without `Asynchronous` the points are
those of a scan left alone. As root on Linux the disk is a small one of its own, which is filled;
else the length of files is limited.
"""

import argparse
import contextlib
import itertools
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
from runner import STARTED, Run, crowded, evaluated, rows, run, write_input  # noqa: E402

FUNCTION = """
import os, time
def f(p):
    time.sleep(0.01)
    odd = int(p[0] * 1e6) % 5
    if odd == 0 and os.fork() == 0:
        try:
            os.execv('/no/such/program', ['x'])     # and comes back from here
        except OSError:
            pass
    if odd == 1 and os.fork() == 0:
        raise ValueError('a child that raises')
    return {'chi2': 100 * (p[0] - 0.3) ** 2 + 40 * (p[1] - 0.5) ** 2, 'sum': p[0] + p[1]}
"""
SETTINGS = """
VarMin = [0, 0]
VarMax = [1, 1]
VarLabel = ['a', 'b']
Chi_square_threshold = 2
N_iteration = {iterations}
Timeout_point = {limit}
Asynchronous = {asynchronous}
"""
# model, Asynchronous, iterations, faults at most (a network takes longer to start)
CASES = (("RFR", True, 6, 30), ("RFR", False, 8, 30), ("DNNR", False, 3, 10))
LIMIT = 2.0     # Timeout_point
STARTS = 3      # workers in a row that are killed before they are ready: the scan ends in words
NO_START = "worker processes do not start: the worker was killed by signal 9"
TORN = (b"9", b"999,7,design,0.1", b"17,3,walk,0.25,0.75,nan,1.5,2", b"\0" * 300)


class Scan:
    """One scan under faults.

    Parameters
    ----------
    folder : Path
        Fresh; on the disk that may be filled.
    words : list
        Of the command line.
    """

    def __init__(self, folder, words, model, rng):
        self.words, self.rng, self.log = [*words, folder / "out"], rng, folder / "log"
        self.run_folder, self.table = folder / "out" / model, folder / "out" / model / "points.csv"
        self.filler, self.struck, self.process = folder.parent / "filler", Counter(), None

    def start(self):
        self.process, self.kills = Run(self.words, self.log), 0

    @property
    def alive(self):
        return self.process.process.is_alive()

    @property
    def has_points(self):
        """It has read them, so that it can put them back; while it starts nobody can."""
        now = self.process.output.rpartition(STARTED)[2]
        return "Continuing the run" in now or "Results go to" in now

    def ended(self, codes):
        """The run ended by a fault, in one of the ways it may."""
        code = self.process.wait(300)
        if code == 2 and self.kills >= STARTS and NO_START in self.process.output:
            return code     # while they start, which takes long on a busy machine
        assert code in (0, *codes), (code, self.process.output)
        # Python itself complains when a process is killed while it starts another one
        told = self.process.output.split("Traceback")[1:]
        assert all("in spawn_main" in text for text in told), self.process.output
        return code

    # ---- the faults; each returns the exit codes that it may lead to, () for none ------------
    def killed(self):
        self.process.send(signal.SIGKILL)
        return (-9,)

    def asked_to_end(self):
        number = self.rng.choice((signal.SIGTERM, signal.SIGINT))
        self.process.send(number)
        return (-number, 128 + number)

    def suspended(self):
        """All processes of the scan, for longer than a point may take."""
        all_of_it = self._processes()
        for number, pause in (signal.SIGSTOP, 1.5 * LIMIT * crowded()), (signal.SIGCONT, 0):
            for process in all_of_it:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            time.sleep(pause)
        return ()

    def worker_killed(self):
        workers = self._processes()[1:]
        if workers:
            self.kills += 1
            with contextlib.suppress(psutil.Error):
                self.rng.choice(workers).kill()
        return ()

    def replaced(self):
        """As `sed -i` and editors do: an older copy takes the name."""
        with contextlib.suppress(FileNotFoundError):
            copy = self.table.with_name("copy")
            shutil.copy(self.table, copy)
            time.sleep(self.rng.choice((0, 0.3)))
            copy.replace(self.table)
            self._until_put_back(self.table.stat().st_ino)
        return ()

    def removed(self):
        self.table.unlink(missing_ok=True)
        self._until_put_back(None)
        return ()

    def rewritten(self):
        """In place; the user then puts the right file back."""
        self.process.send(signal.SIGSTOP)
        if not self.table.exists():
            self.process.send(signal.SIGCONT)
            return ()
        right = self.table.read_bytes()
        other = right.replace(b"0", b"1") if self.rng.random() < 0.5 else right[:len(right) // 2]
        with self.table.open("r+b") as file:
            file.write(other)
            file.truncate()
        self.process.send(signal.SIGCONT)
        code = self.ended((2,))
        if code == 2:
            self.table.write_bytes(right)
        return (2,)

    def torn(self):
        """Killed, and the last row unfinished, as a crash of the machine leaves it."""
        self.process.send(signal.SIGKILL)
        self.process.process.join()
        # without a state no row was ever written
        if self.table.exists() and (self.run_folder / "state.npz").exists():
            with self.table.open("ab") as file:
                file.write(self.rng.choice(TORN))
        return (-9,)

    def disk_full(self):
        """No byte can be written any more, until the scan has ended by that."""
        me = psutil.Process(self.process.process.pid)
        if hasattr(me, "rlimit") and not ON_DISK:
            me.rlimit(resource.RLIMIT_FSIZE, (1, 1))
        else:
            with contextlib.suppress(OSError), self.filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
        code = self.ended((2, 1))
        self.filler.unlink(missing_ok=True)
        return (code,)

    def _until_put_back(self, number):
        """Killed before that, nobody could have the rows; an equal copy is left as it is."""
        end = time.monotonic() + 5.0 * crowded()
        while self.alive and time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError):
                if self.table.stat().st_ino != number:
                    return
            time.sleep(0.02)

    def _processes(self):
        try:
            me = psutil.Process(self.process.process.pid)
            return [me, *me.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    # ---- the scan ----------------------------------------------------------------------------
    def go(self, most):
        """Run it to its end; returns the faults that struck."""
        faults = (self.killed, self.asked_to_end, self.suspended, self.worker_killed,
                  self.replaced, self.removed, self.rewritten, self.torn, self.disk_full)
        gentle = [f for f in faults if f not in (self.replaced, self.removed, self.rewritten)]
        self.start()
        while True:
            self.process.process.join(self.rng.uniform(0.1, 1.5))
            if self.alive and self.struck.total() < most and self.run_folder.exists():
                fault = self.rng.choice(faults if self.has_points else gentle)
                codes = fault()
                self.struck[fault.__name__] += 1
                if not codes:
                    continue
            elif self.alive:
                continue
            else:
                codes = ()
            if self.ended(codes) == 0:
                return self.struck
            self.start()


def checked(folder, iterations):
    """The points of a run, each once and right; the run complete."""
    found = rows(folder)
    ids = Counter(int(row["id"]) for row in found)
    assert not [i for i, n in ids.items() if n > 1], [i for i, n in ids.items() if n > 1]
    assert sorted(ids) == list(range(len(found))), set(range(max(ids))) - ids.keys()
    assert {row["status"] for row in found} == {"ok"}, Counter(row["status"] for row in found)
    for row in found:
        a, b = float(row["a"]), float(row["b"])
        assert float(row["chi2"]) == 100 * (a - 0.3) ** 2 + 40 * (b - 0.5) ** 2, row
        assert float(row["sum"]) == a + b, row
    done = (folder / "iterations.csv").read_text().splitlines()[-1].split(",")
    batches = iterations + any(row["origin"] == "refine" for row in found)  # and the best fit
    assert int(done[0]) == batches and int(done[1]) == len(found), done
    return found


def soak(home, n_faults, seed):
    """Scans in turn until so many faults have struck; returns what struck, scans and points."""
    rng, struck, scans, points = random.Random(seed), Counter(), 0, 0
    alone, cases = {}, itertools.cycle(CASES)
    while struck.total() < n_faults:
        model, asynchronous, iterations, most = next(cases)
        folder, started = home / f"scan{scans}", time.monotonic()
        file = write_input(folder, "user.py:f", more=SETTINGS.format(
            asynchronous=asynchronous, limit=LIMIT * crowded(), iterations=iterations))
        (folder / "user.py").write_text(FUNCTION)
        words = [model, "--input", file, "--output"]
        if not asynchronous and model not in alone:
            code, output = run([*words, folder / "alone"], folder / "log_alone")
            assert code == 0, output
            alone[model] = evaluated(folder / "alone" / model)
        scan = Scan(folder, words, model, rng)
        new = scan.go(min(most, n_faults - struck.total()))
        try:
            found = checked(scan.run_folder, iterations)
        except AssertionError:
            print(scan.process.output, flush=True)
            raise
        assert asynchronous or evaluated(scan.run_folder) == alone[model], "other points"
        struck, scans, points = struck + new, scans + 1, points + len(found)
        print(f"{model}{' asynchronous' * asynchronous}: {len(found)} points, each once and right; "
              f"{time.monotonic() - started:.0f} s; "
              f"{', '.join(f'{k} {n}' for k, n in sorted(new.items()))}", flush=True)
        shutil.rmtree(folder)
    return struck, scans, points


ON_DISK = os.environ.get("SOAK_DISK", "")


def main():
    """Run the soak; the exit code is 0 when all held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if os.geteuid() == 0 and shutil.which("unshare") and not ON_DISK:
            script = 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"'
            return subprocess.run(["unshare", "-m", "sh", "-c", script, place, sys.executable,
                                   *sys.argv], check=False,
                                  env={**os.environ, "SOAK_DISK": place}).returncode
        home = Path(ON_DISK or place)
        started = time.monotonic()
        struck, scans, points = soak(home, words.faults, words.seed)
    print(f"{struck.total()} faults in {scans} scans of {points} points, "
          f"{time.monotonic() - started:.0f} s: "
          f"{', '.join(f'{k} {n}' for k, n in sorted(struck.items()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
