"""Jobs of a batch system that end are replaced; those that die at once end the scan in words."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from dask_hosts import wait_until
from mlscanner.errors import ProgramError
from mlscanner.parallel import dask_jobs
from mlscanner.parallel.dask_jobs import Jobs
from mlscanner.parallel.scratch import own_folder
from runner import Run, evaluated, run, write_input

# A batch system of this machine: sbatch starts the script, squeue lists what runs, scancel ends it.
SBATCH = """#!/bin/sh
[ -z "$REFUSED" ] || { echo "sbatch: error: invalid account" >&2; exit 1; }
cp "$1" "$QUEUE/script$$"
setsid sh "$QUEUE/script$$" >> "$QUEUE/output" 2>&1 < /dev/null &
echo $! > "$QUEUE/$!"
echo "Submitted batch job $!"
"""
SQUEUE = """#!/bin/sh
for n in $(ls "$QUEUE" | grep '^[0-9]'); do kill -0 $n 2>/dev/null && echo $n; done
exit 0
"""
SCANCEL = """#!/bin/sh
kill -9 -- -$1
"""
FUNCTION = """
import time
def f(p):
    time.sleep({})
    return {{"chi2": 100 * (p[0] - 0.3) ** 2 + 40 * (p[1] - 0.5) ** 2}}
"""
# A job that ends with its 60th point. By a count and not by a time: on a busy machine a job could
# else end before it has begun.
ENDS = """
evaluated, chi2 = [], f
def f(p):
    evaluated.append(p)
    if len(evaluated) == 60:
        {}
    return chi2(p)
"""
LIFETIME = ("import distributed; worker = distributed.get_worker(); "
            "worker.loop.add_callback(worker.close_gracefully)")     # as --lifetime does
WALLTIME = "import os; os.killpg(0, 9)"
USER = "\nVarMin = [0, 0]\nVarMax = [1, 1]\nVarLabel = ['a', 'b']\nChi_square_threshold = 2\n"
JOBS = """
import os as _os
from mlscanner.parallel import dask_jobs as _jobs
_jobs.ASK = 0.5
_os.environ.update({environment!r})
_os.chdir({folder!r})
Executor = 'dask'
Dask_failed_jobs = 30
Dask_jobqueue = {{'system': 'SLURM', 'cores': 1, 'memory': '1GB', 'python': {python!r},
                 'scheduler_options': {{'host': '127.0.0.1'}}}}
"""


@pytest.fixture
def batch(tmp_path, monkeypatch):
    """A folder that is the current one, with the commands of SLURM in PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in ("sbatch", SBATCH), ("squeue", SQUEUE), ("scancel", SCANCEL):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (tmp_path / "queue").mkdir()
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for file in (tmp_path / "queue").glob("[0-9]*"):
        for process in psutil.process_iter(["pid"]):
            if process.pid == int(file.name):
                os.killpg(process.pid, signal.SIGKILL)


def scan_of(folder, ends="", more="", **environment):
    """The words that run a scan of 180 points with jobs that end so."""
    environment |= {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
                    "QUEUE": str(folder / "queue")}
    (folder / "user.py").write_text(FUNCTION.format(0.0) + (ends and ENDS.format(ends)))
    file = write_input(folder, "user.py:f", 2, more=USER + JOBS.format(
        python=sys.executable, environment=environment, folder=str(folder))
        + "N_iteration = 3\n" + more)
    return ["RFR", "--input", file, "--output"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The points of the same scan on this machine."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "user.py").write_text(FUNCTION.format(0.0))
    file = write_input(folder, "user.py:f", more=USER + "N_iteration = 3\n")
    assert run(["RFR", "--input", file, "--output", folder / "out"], folder / "log")[0] == 0
    return evaluated(folder / "out" / "RFR")


@pytest.mark.slow
@pytest.mark.parametrize("ends", [LIFETIME, WALLTIME], ids=["lifetime", "walltime"])
def test_jobs_that_end_are_replaced(batch, alone, ends):
    """By --lifetime, or killed in the middle of points: the scan ends, with the points of one that
    was left alone, each once; it is said, nothing is left."""
    words = scan_of(batch, ends)
    code, output = run([*words, batch / "out"], batch / "log2")
    assert code == 0, output
    assert "are replaced by new ones" in output
    assert "crashed" not in output and "timeout" not in output
    found = evaluated(batch / "out" / "RFR")
    assert len(found) == 180 and found == alone
    assert not list(batch.glob(".mlscan-dask*"))


@pytest.mark.slow
def test_jobs_that_die_at_once_end_the_scan(batch):
    """Exit code 2 and one sentence, after as many as the input file says."""
    words = scan_of(batch)
    path = Path(words[2])
    path.write_text(path.read_text() + "Dask_jobqueue['job_script_prologue'] = ['exit 3']\n"
                    "Dask_failed_jobs = 2\n")
    code, output = run([*words, batch / "out"], batch / "log")
    assert code == 2
    assert "2 jobs in a row ended before they evaluated a point" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_a_job_that_is_refused_is_told_with_the_words_of_the_batch_system(batch):
    """Before any point: it was waited for, without a word."""
    words = scan_of(batch, REFUSED="1")
    code, output = run([*words, batch / "out"], batch / "log")
    assert code == 2
    assert "a job could not be submitted" in output and "invalid account" in output
    assert "Traceback" not in output
    assert not list(batch.glob(".mlscan-dask*"))


# ---- which jobs have ended -------------------------------------------------------------------
class Worker:
    def __init__(self, name):
        self.name = name


class Cluster:
    """As much of a cluster of dask-jobqueue as `Jobs` uses; `alive` are the jobs with workers."""

    def __init__(self):
        self.worker_spec, self.new_spec, self.workers, self.made = {}, {}, {}, 0
        self.scheduler, self.alive, self.refuse = self, set(), False
        self._workers = self.workers

    def sync(self, function, cluster):
        for name in sorted(set(self.worker_spec) - set(self._workers)):
            self.made += 1
            self._workers[name] = JobOfCluster(None if self.refuse else str(self.made))
        if self.refuse:
            raise RuntimeError("no\n  account.")


class Status:
    failed = "failed"


class JobOfCluster:
    def __init__(self, number):
        self.job_id, self.status = number, Status()


class Asked(Jobs):
    """With a list of jobs that a test writes."""

    listed = None

    def _listed(self):
        return self.listed


def jobs_of(monkeypatch, n=2, most=3):
    """Two jobs, asked at each look; the workers that a test says are there."""
    monkeypatch.setattr(dask_jobs, "ASK", -1.0)
    cluster = Cluster()
    there = {}
    cluster.scheduler = type("Scheduler", (), {"workers": there})()
    jobs = Asked(cluster, "SLURM", n, most, ".")
    jobs.start()
    return jobs, cluster, there


def test_a_job_that_waits_in_the_queue_is_not_replaced(monkeypatch):
    """However long: it is in the list. What has ended without a worker is, once it is not."""
    jobs, cluster, _ = jobs_of(monkeypatch)
    jobs.listed = {"1", "2"}
    for _ in range(50):
        jobs.look()
    assert cluster.made == 2 and not jobs.failed
    jobs.listed = {"2"}
    jobs.look()
    assert cluster.made == 2    # a list may be older than the job
    jobs.look()
    assert cluster.made == 3 and jobs.failed == 1
    assert sorted(cluster.worker_spec) == ["mlscan-2", "mlscan-3"]


def test_a_job_that_has_worked_is_replaced_without_end(monkeypatch):
    """It is no failure, and makes good those before."""
    jobs, cluster, there = jobs_of(monkeypatch, n=1)
    for turn in range(1, 11):
        there["tcp://a"] = Worker(f"mlscan-{turn}-0")     # the first of several in this job
        jobs.listed = {str(turn)}
        jobs.look()
        jobs.worked("tcp://a")
        del there["tcp://a"]
        jobs.listed = set()
        jobs.look()
        jobs.look()
        assert cluster.made == turn + 1
    assert jobs.replaced == 10 and not jobs.failed


def test_so_many_that_die_at_once_end_the_scan(monkeypatch):
    """With workers or without; the message says how many, and where their words are."""
    jobs, cluster, there = jobs_of(monkeypatch, n=1, most=3)
    jobs.listed = set()
    there["tcp://a"] = Worker("mlscan-1")
    jobs.look()
    there.clear()
    with pytest.raises(ProgramError, match="3 jobs in a row .*dask-jobs.*Dask_failed_jobs"):
        for _ in range(10):
            jobs.look()
    assert cluster.made == 3


def test_without_a_list_only_silence_tells(monkeypatch):
    """A job that had workers and has none for long; one without any may still wait."""
    jobs, cluster, there = jobs_of(monkeypatch)
    there["tcp://a"] = Worker("mlscan-1")
    jobs.look()
    there.clear()
    for _ in range(5):
        jobs.look()
    assert cluster.made == 2
    monkeypatch.setattr(dask_jobs, "SILENT", -1.0)
    jobs.look()
    assert cluster.made == 3
    assert "mlscan-2" in cluster.worker_spec and "mlscan-1" not in cluster.worker_spec


def test_a_job_that_can_not_be_submitted_later_is_tried_again(monkeypatch, caplog):
    """With the words of the batch system, as often as is set."""
    jobs, cluster, _ = jobs_of(monkeypatch, n=1, most=4)
    jobs.listed, cluster.refuse = set(), True
    with pytest.raises(ProgramError, match="4 jobs in a row .*no account"):
        for _ in range(10):
            jobs.look()
    assert "could not be submitted: no account." in caplog.text
    assert not cluster.worker_spec


@pytest.mark.parametrize(("system", "text", "code", "numbers"), [
    ("SLURM", "17\n18\n", 0, {"17", "18"}), ("SLURM", "", 0, set()),
    ("SLURM", "slurm_load_jobs error\n", 1, None),
    ("PBS", "Job ID  Username\n--- ---\n17.host me q name 1 1 R 0:1\n18.host me q n 1 1 C --\n", 0,
     {"17"}),
    ("SGE", "job-ID prior\n---\n   17 0.5 name me r\n", 0, {"17"}),
    ("LSF", "No unfinished job found\n", 255, set()), ("HTCondor", "17\n17\n", 0, {"17"})])
def test_lists_of_batch_systems(tmp_path, monkeypatch, system, text, code, numbers):
    """What each system prints becomes numbers; None where it has nothing to say."""
    program = tmp_path / dask_jobs.LISTS[system][0]
    program.write_text(f"#!/bin/sh\ncat <<END\n{text}END\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert Jobs(Cluster(), system, 1, 1, tmp_path)._listed() == numbers


def test_folders_of_dead_runs_are_removed(tmp_path):
    """Those of a process that is gone; not of one that runs, and not those of others."""
    mine = own_folder(tmp_path, "mlscan-dask")
    number = int(mine.name.split("-")[-2])
    dead = mine.with_name(mine.name.replace(f"-{number}-", "-999999999-"))
    other = tmp_path / "mlscan-dask-elsewhere-999999999-x"
    for folder in dead, other:
        (folder / "deep").mkdir(parents=True)
    assert own_folder(tmp_path, "mlscan-dask") != mine
    assert mine.is_dir() and other.is_dir() and not dead.exists()


# ---- in a terminal ---------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("rows", [0, 5])
def test_ctrl_c_in_a_terminal_prints_no_tracebacks(tmp_path, rows):
    """While Dask's processes start, and in the middle of points: all of them get the signal."""
    (tmp_path / "user.py").write_text(FUNCTION.format(0.2))
    file = write_input(tmp_path, "user.py:f", 2, more=USER + "\nExecutor = 'dask'\n")
    words = ["RFR", "--input", file, "--output", tmp_path / "out"]
    process = Run(words, tmp_path / "log")
    table = tmp_path / "out" / "RFR" / "points.csv"
    me = psutil.Process(process.process.pid)
    wait_until(lambda: len(me.children(recursive=True)) >= 2)
    if rows:
        wait_until(lambda: table.exists() and table.read_bytes().count(b"\n") > rows, 60)
    else:
        time.sleep(0.5)
    os.killpg(me.pid, signal.SIGINT)    # as a terminal does
    assert process.wait() == 130
    assert "Traceback" not in process.output and "KeyboardInterrupt" not in process.output
    assert not list(Path(tempfile.gettempdir()).glob(f"mlscan-dask-*-{me.pid}-*")) or \
        not rows
