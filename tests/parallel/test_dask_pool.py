"""Points evaluated by Dask workers: every one comes back once, whatever happens to workers."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from actors import Actor
from dask_hosts import Hosts, kill, wait_until
from mlscanner import MLs_HEP
from mlscanner.auxiliary import Pool, make_calculator, make_pool
from mlscanner.config.scan_config import make_config
from mlscanner.errors import ProgramError, ScannerError
from mlscanner.models.registry import make_model
from runner import Run, crowded, evaluated, rows, run, slow, write_input

pytestmark = [pytest.mark.filterwarnings(text) for text in (
    "ignore:.*unclosed.*:ResourceWarning",
    "ignore:.*Scheduler already contains a plugin.*:UserWarning")]


EXTRA = "mlscanner.parallel.dask_pool.EXTRA"
IMPATIENT = "distributed.comm.timeouts.connect"     # how long a lost scheduler is waited for


def points(*whats):
    return np.array([[what, i] for i, what in enumerate(whats)], float)


@pytest.fixture
def hosts(tmp_path):
    with Hosts(tmp_path) as some:
        yield some


def dask_pool(actor, *cluster):
    """A pool on the cluster of these words. Dask is imported by the tests, not to collect them."""
    from mlscanner.parallel.dask_cluster import Cluster
    from mlscanner.parallel.dask_pool import DaskPool
    return DaskPool(actor, Cluster(*cluster), actor.point_limit)


def pool_of(hosts, actor, n=2):
    return dask_pool(actor, n, str(hosts.file))


def job_cluster(**words):
    from mlscanner.parallel import dask_cluster
    return dask_cluster.job_cluster(words)


@pytest.mark.slow
def test_kill_two_of_four_workers_in_mid_batch(hosts, tmp_path):
    """Every point comes back once, evaluated; a worker that comes later takes its part."""
    victims = hosts.add(4)[:2]
    actor = Actor(tmp_path)
    outcomes = []
    with pool_of(hosts, actor) as pool:
        for row, evaluated in pool.map(points(*[7] * 40)):
            outcomes.append((row, evaluated.status))
            if len(outcomes) == 8:
                for victim in victims:
                    os.kill(victim.pid, signal.SIGKILL)
            if len(outcomes) == 12:
                late, = hosts.add()
    assert sorted(outcomes) == [(i, "ok") for i in range(40)]
    pids = {line.split()[0] for i in range(40) for line in actor.lines(i)}
    assert {str(worker.pid) for worker in hosts.workers} == pids
    assert str(late.pid) in pids
    again = sum(len(actor.lines(i)) - 1 for i in range(40))
    assert again <= 4  # what the two had at that moment, and what was on its way to them


@pytest.mark.slow
def test_each_worker_has_scratch_folders_of_its_own(hosts, tmp_path):
    """Made on the worker, and gone when the pool is left."""
    hosts.add(2)
    actor = Actor(tmp_path)
    with pool_of(hosts, actor) as pool:
        assert len(dict(pool.map(points(*[7] * 6)))) == 6
        lines = [actor.lines(i)[0].split() for i in range(6)]
        parents = {pid: str(Path(folder).parent) for pid, folder in lines}
        assert len(set(parents.values())) == len(parents) == 2
        assert all(Path(folder).is_dir() for folder in parents.values())
    wait_until(lambda: not any(Path(folder).exists() for folder in parents.values()))


@pytest.mark.slow
def test_a_worker_without_the_programs_gets_no_points(hosts, tmp_path, caplog):
    """It is named with what it lacks; when no other is left the scan ends with that."""
    missing = str(tmp_path / "no_program")
    bad, = hosts.add(PROGRAM=missing)
    hosts.add()
    actor = Actor(tmp_path)
    with pool_of(hosts, actor) as pool:
        wait_until(lambda: len(pool.client.nthreads()) == 2)
        with caplog.at_level("WARNING", "mlscan"):
            assert len(dict(pool.map(points(*[7] * 8)))) == 8
        assert caplog.text.count(f"gets no points: there is no {missing}") == 1
        assert str(bad.pid) not in {line.split()[0] for i in range(8) for line in actor.lines(i)}
        kill(hosts.workers[1])
        with pytest.raises(ProgramError, match="No Dask worker can evaluate points.*no_program"):
            list(pool.map(points(0, 0, 0)))


@pytest.mark.slow
def test_a_point_that_kills_its_workers_is_marked(hosts, tmp_path, monkeypatch):
    """And one that hangs: the others of their tasks are evaluated."""
    monkeypatch.setattr(EXTRA, 1.0)
    hosts.add(10)   # three for the task and three for the point; one, and one more, that hang
    with pool_of(hosts, Actor(tmp_path, share=3, point_limit=1.0)) as pool:
        outcomes = dict(pool.map(points(0, 1, 0, 0, 2, 0)))
    assert {row: evaluated.status for row, evaluated in outcomes.items()} == {
        0: "ok", 1: "crashed", 2: "ok", 3: "ok", 4: "timeout", 5: "ok"}
    assert outcomes[4].reason == "no answer within 1 s"


@pytest.mark.slow
def test_a_point_that_is_moved_has_its_whole_time(hosts, tmp_path, monkeypatch):
    """Its worker ends when the limit is nearly over, the next one begins it anew: no time-out.
    Nor is it one when it waits for a worker that comes late."""
    monkeypatch.setattr(EXTRA, crowded())
    first, = hosts.add()
    actor = Actor(tmp_path, point_limit=3.0)
    with pool_of(hosts, actor) as pool:
        outcomes = pool.map(points(8))
        threading.Timer(0.1, lambda: wait_until(lambda: actor.lines(0)) and (
            time.sleep(2.0), kill(first), time.sleep(2.0), hosts.add())).start()
        (_, outcome), = outcomes
        assert outcome.status == "ok"
        second, = hosts.workers[1:]
        hosts.add()
        outcomes = pool.map(points(8, 8))
        threading.Timer(0.1, lambda: wait_until(lambda: actor.lines(1)) and (
            time.sleep(2.0), kill(second))).start()
        assert [outcome.status for _, outcome in outcomes] == ["ok", "ok"]
    assert len(actor.lines(0)) + len(actor.lines(1)) >= 4


@pytest.mark.slow
def test_time_in_which_all_stood_still_does_not_count(tmp_path):
    """Scan, scheduler and workers suspended for longer than a point may take: no time-out."""
    (tmp_path / "user.py").write_text(FUNCTION.replace("0.02", "0.5"))
    file = write_input(tmp_path, "user.py:f", 2, more=USER + f"""
import dask as _dask
from mlscanner.parallel import dask_pool as _pool
_pool.EXTRA = {1.0 * crowded()}
Timeout_point = 1.0
Size_initial_batch = 16
N_iteration = 0
Executor = 'dask'
""")
    process = Run(["RFR", "--input", file, "--output", tmp_path / "out"], tmp_path / "log")
    table = tmp_path / "out" / "RFR" / "points.csv"
    wait_until(lambda: table.exists() and table.read_bytes().count(b"\n") > 4, 60)
    os.killpg(process.process.pid, signal.SIGSTOP)
    time.sleep(3.0 * crowded())
    os.killpg(process.process.pid, signal.SIGCONT)
    assert process.wait() == 0, process.output
    assert {row["status"] for row in rows(tmp_path / "out" / "RFR")} == {"ok"}


def listening():
    """Addresses at which this process and its children wait for connections."""
    me = psutil.Process()
    return {f"{c.laddr.ip}:{c.laddr.port}" for process in [me, *me.children(recursive=True)]
            for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}


@pytest.mark.slow
def test_a_cluster_of_its_own(tmp_path, monkeypatch):
    """Encrypted and only on the loopback; a worker that hangs is restarted; mistakes are shown."""
    monkeypatch.setattr(EXTRA, 3.0 * slow())   # a new worker loads what it needs
    with dask_pool(Actor(tmp_path, point_limit=0.5), 1) as pool:
        assert pool.client.scheduler.address.startswith("tls://127.0.0.1:")
        assert {address.rpartition(":")[0] for address in listening()} == {"127.0.0.1"}
        outcomes = dict(pool.map(points(0, 2, 0)))
        assert [outcomes[i].status for i in range(3)] == ["ok", "timeout", "ok"]
        with pytest.raises(RuntimeError, match="(?s)on a Dask worker.*a mistake"):
            list(pool.map(points(5)))


@pytest.mark.slow
def test_a_request_to_stop_keeps_what_is_evaluated(hosts, tmp_path):
    """No new points are handed out, and the workers can be used again."""
    hosts.add(2)
    with pool_of(hosts, Actor(tmp_path)) as pool:
        found = []
        for row, _ in pool.map(points(*[7] * 20)):
            found.append(row)
            pool.stop_requested.set()
        assert 1 <= len(found) <= 4
        pool.stop_requested.clear()
        assert len(list(pool.map(points(0, 0)))) == 2


@pytest.mark.slow
def test_the_scheduler_is_lost(hosts, tmp_path):
    """A clear error within seconds, which says how to go on."""
    hosts.add(2)
    import dask
    with dask.config.set({IMPATIENT: "2s"}), pool_of(hosts, Actor(tmp_path)) as pool:
        threading.Timer(0.5, kill, [hosts.scheduler]).start()
        with pytest.raises(ScannerError, match="scheduler is lost.*the same command continues"):
            list(pool.map(points(*[7] * 400)))


@pytest.mark.slow
def test_no_scheduler_there(tmp_path):
    """An address that nobody answers, and a scheduler file that is not there."""
    with pytest.raises(ProgramError, match="Dask_scheduler: there is no file"), \
            dask_pool(Actor(tmp_path), 1, str(tmp_path / "none.json")):
        pass


def test_dask_is_not_installed(monkeypatch):
    """One sentence with the command that installs it."""
    for name in ("pool", "cluster", "worker"):
        monkeypatch.delitem(sys.modules, f"mlscanner.parallel.dask_{name}", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    config = make_config(Calculator="F_2d", Executor="dask")
    with pytest.raises(ProgramError, match="pip install -r requirements-dask.txt"):
        make_pool(make_calculator(config, ("x1", "x2")), config)


# ---- whole scans -----------------------------------------------------------------------------
SMALL = {"Size_initial_batch": 60, "Size_batch_K": 40, "Size_batch_L": 2000, "N_iteration": 2,
         "RF_trees": 20, "Walkers": 40, "Walk_steps": 4, "Surrogate_points": 60,
         "Calculator": "F_2d"}


def scanned(folder, pool, config):
    folder.mkdir()
    task = MLs_HEP.scan(make_model("RFR", config, 2), config, folder, pool, show=False)
    for _ in task:
        pass
    return rows(folder)


@pytest.mark.slow
def test_same_points_as_the_pool(hosts, tmp_path):
    """In the synchronous mode it makes no difference who evaluates."""
    hosts.add(2)
    here, there = make_config(**SMALL), make_config(
        **SMALL, Executor="dask", Dask_scheduler=str(hosts.file))
    calculator = make_calculator(here, ("x1", "x2"))
    with Pool(calculator, 0) as pool:
        alone = scanned(tmp_path / "alone", pool, here)
    with make_pool(calculator, there) as pool:
        assert scanned(tmp_path / "dask", pool, there) == alone


FUNCTION = """
import time
def f(p):
    time.sleep(0.02)
    return {"chi2": 100 * (p[0] - 0.3) ** 2 + 40 * (p[1] - 0.5) ** 2, "sum": p[0] + p[1]}
"""
USER = "\nVarMin = [0, 0]\nVarMax = [1, 1]\nVarLabel = ['a', 'b']\nChi_square_threshold = 2\n"


@pytest.mark.slow
def test_the_scheduler_is_killed_and_the_scan_resumed(tmp_path):
    """Exit code 2 and one sentence; with another cluster the same command goes on, to the points
    of a scan that was left alone."""
    (tmp_path / "user.py").write_text(FUNCTION)
    file = write_input(tmp_path, "user.py:f", 2, more=USER + "N_iteration = 2\n")
    words = ["RFR", "--input", file, "--output"]
    assert run([*words, tmp_path / "alone"], tmp_path / "log")[0] == 0
    write_input(tmp_path, "user.py:f", 2, more=f"""{USER}N_iteration = 2
import dask as _dask
_dask.config.set({{{IMPATIENT!r}: "2s"}})
Executor = 'dask'
Dask_scheduler = 'scheduler.json'
""")
    (tmp_path / "user.py").write_text(FUNCTION.replace("0.02", "0.1"))
    table = tmp_path / "out" / "RFR" / "points.csv"
    with Hosts(tmp_path) as hosts:
        hosts.add(2)
        process = Run([*words, tmp_path / "out"], tmp_path / "log1")
        wait_until(lambda: table.exists() and table.read_bytes().count(b"\n") > 75)
        kill(hosts.scheduler)
        assert process.wait() == 2, process.output
    assert "The Dask scheduler is lost" in process.output
    assert "Traceback" not in process.output
    hosts.file.unlink()
    (tmp_path / "user.py").write_text(FUNCTION)
    with Hosts(tmp_path) as hosts:
        hosts.add(1)
        code, output = run([*words, tmp_path / "out"], tmp_path / "log2")
    assert code == 0, output
    assert "none is evaluated again" in output
    assert evaluated(tmp_path / "out" / "RFR") == evaluated(tmp_path / "alone" / "RFR")


@pytest.mark.slow
def test_killing_the_main_process_leaves_no_workers(tmp_path):
    """SIGKILL of a scan that made its own cluster: scheduler and workers are gone soon after."""
    (tmp_path / "user.py").write_text(FUNCTION)
    file = write_input(tmp_path, "user.py:f", 2, more=USER + "\nExecutor = 'dask'\n")
    process = Run(["RFR", "--input", file, "--output", tmp_path / "out"], tmp_path / "log")
    table = tmp_path / "out" / "RFR" / "points.csv"
    wait_until(lambda: table.exists() and table.read_bytes().count(b"\n") > 5, 60)
    children = psutil.Process(process.process.pid).children(recursive=True)
    assert len(children) >= 2
    process.send(signal.SIGKILL)
    psutil.wait_procs(children, timeout=20 * crowded())
    assert not [child for child in children if child.is_running()]


# ---- jobs of batch systems -------------------------------------------------------------------
JOB = {"cores": 4, "memory": "8GB", "walltime": "01:30:00", "queue": "long"}
MARKS = {
    "SLURM": ("#SBATCH -p long", "#SBATCH --cpus-per-task=4", "#SBATCH -t 01:30:00",
              "#SBATCH --mem=8G"),
    "PBS": ("#PBS -q long", "#PBS -l select=1:ncpus=4", "#PBS -l walltime=01:30:00"),
    "SGE": ("#$ -q long", "#$ -l h_rt=01:30:00"),
    "LSF": ("#BSUB -q long", "#BSUB -n 4", "#BSUB -W 01:30"),
    "HTCondor": ("RequestCpus = MY.DaskWorkerCores", "MY.DaskWorkerCores = 4",
                 "Queue")}


@pytest.mark.parametrize("system", MARKS)
def test_job_scripts(tmp_path, monkeypatch, system):
    """What would be submitted asks for what the user asked for, and is encrypted; the scheduler
    listens on one address, never on all."""
    monkeypatch.chdir(tmp_path)
    words = {"system": system, **JOB}
    if system == "HTCondor":
        del words["walltime"], words["queue"]
    if system == "LSF":
        words.update(walltime="01:30", lsf_units="mb")
    from mlscanner.parallel.dask_cluster import own_address
    own, cluster = own_address(), job_cluster(**words)
    try:
        script, address = cluster.job_script(), cluster.scheduler.address
        assert {at.rpartition(":")[0] for at in listening()} <= {own, "127.0.0.1"}
    finally:
        cluster.close()
    for mark in MARKS[system]:
        assert mark in script, script
    assert "distributed.cli.dask_worker" in script
    assert "--nthreads 1 " in script
    assert "--nworkers 4" in script
    assert "--tls-key" in script
    assert address.startswith(f"tls://{own}:")


@pytest.mark.parametrize(("words", "said"), [
    ({"cores": 2, "memory": "1GB"}, "'system'"), ({"system": "SLURM", "memory": "1GB"}, "'cores'"),
    ({"system": "slurm", "cores": 2, "memory": "1GB"}, "'SLURM'"),
    ({"system": "SLURM", "cores": 2}, "'memory'")])
def test_jobs_are_checked_at_load(words, said):
    """What every job needs is asked for before anything starts."""
    with pytest.raises(ScannerError, match=said):
        make_config(Calculator="F_2d", Executor="dask", Dask_jobqueue=words)


def test_blanks_in_paths_of_a_job(tmp_path, monkeypatch):
    """That of Python is quoted in the script; a folder that dask-jobqueue would not is refused."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b").mkdir()
    python = tmp_path / "a b" / "python"
    python.touch()
    cluster = job_cluster(system="SLURM", **JOB, python=str(python))
    try:
        assert f"\n'{python}' -m distributed" in cluster.job_script()
    finally:
        cluster.close()
    monkeypatch.chdir(tmp_path / "a b")
    with pytest.raises(ProgramError, match="'shared_temp_directory'"):
        job_cluster(system="SLURM", **JOB)


def test_unknown_words_of_a_job(tmp_path, monkeypatch):
    """dask-jobqueue's own complaint, as one sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProgramError, match="Dask_jobqueue: .*wall_time"):
        job_cluster(system="SLURM", **JOB, wall_time="1")
