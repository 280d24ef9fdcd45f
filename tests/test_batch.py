"""The templates for batch systems: a whole scan in one job, with a stand-in for srun."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runner import crowded, rows, write_input

BATCH = Path(__file__).resolve().parents[1] / "docs" / "batch"
SRUN = """#!/usr/bin/env bash
# the tasks of a job, as srun starts them; the first one that ends, ends them all
while [ "${1#--}" != "$1" ]; do shift; done
for n in 0 1 2; do SLURM_PROCID=$n setsid "$@" & pids+=($!); done
wait "${pids[0]}"; code=$?
for pid in "${pids[@]:1}"; do kill -- -"$pid" 2> /dev/null; done
exit $code
"""
INPUT = """
import os as _os
Executor = 'dask'
Dask_scheduler = _os.environ['MLSCAN_SCHEDULER']
Max_time = 600
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of the scanner, with a scan of seconds."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "batch").symlink_to(BATCH)
    write_input(tmp_path, more=INPUT + "N_iteration = 1\n")
    source = Path(__file__).resolve().parents[1] / ".package/mlscanner_start.py"
    for name, text in (("srun", SRUN), ("run.sh", f'#!/bin/sh\nexec "{sys.executable}" "{source}" '
                                        '"$@" --input scan_input.py --output out\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def environment(folder):
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "MLSCAN_PYTHON": sys.executable,
            "MLSCAN_ADDRESS": "127.0.0.1", "SLURM_SUBMIT_DIR": str(folder), "SLURM_JOB_ID": "17"}


@pytest.mark.slow
def test_a_scan_in_one_slurm_job(folder):
    """Scheduler, scan and workers in one job, encrypted; nothing is left of it but the results."""
    done = subprocess.run(["bash", str(BATCH / "slurm.sh"), "RFR"], cwd=folder, text=True,
                          env=environment(folder), capture_output=True, timeout=60 * crowded())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Finished." in done.stdout
    assert len(rows(folder / "out" / "RFR")) == 100
    assert not list(folder.glob("dask-job*"))


def test_the_htcondor_file_starts_the_same_tasks():
    """It hands cluster and number of the job to the script, which is there."""
    text = (BATCH / "htcondor.sub").read_text()
    words = dict(re.findall(r"^(\w+)\s*=\s*(.*)$", text, re.MULTILINE))
    assert (BATCH.parents[1] / words["executable"]).is_file()
    assert words["arguments"].split()[:2] == ["$(ClusterId)", "$(ProcId)"]
    assert re.search(r"^queue \d+$", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["scan_task.sh", "slurm.sh"])
def test_the_scripts_are_good_shell(name):
    """bash reads them, and they can be started."""
    assert subprocess.run(["bash", "-n", str(BATCH / name)]).returncode == 0
    assert os.access(BATCH / name, os.X_OK)
