"""One writer at a time."""

import errno
import fcntl
import json
import os
import socket
import subprocess
import sys

import pytest

from mlscanner.errors import StorageError
from mlscanner.store.lock import RunLock
from runner import PACKAGE


def was_stale(folder):
    """Take the lock and give it back; whether it was stale."""
    lock = RunLock(folder)
    lock.release()
    return lock.was_stale


HOLD = ("import sys; from mlscanner.store.lock import RunLock; lock = RunLock(sys.argv[1]); "
        "print('held', flush=True); input()")


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_a_second_process_is_refused_with_the_first_ones_pid_and_host(holder, tmp_path):
    """While one process holds the folder, another hears who."""
    with pytest.raises(StorageError) as caught:
        RunLock(tmp_path)
    assert f"in use by process {holder.pid} on {socket.gethostname()}" in str(caught.value)


def test_the_lock_of_a_killed_process_is_stale(holder, tmp_path):
    """SIGKILL leaves the lock file; the next process recognises it and goes on."""
    holder.kill()
    holder.wait()
    assert (tmp_path / "lock").exists()
    lock = RunLock(tmp_path)
    assert lock.was_stale
    assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    lock.release()
    assert not (tmp_path / "lock").exists()
    assert not was_stale(tmp_path)


def test_a_number_that_another_process_has_now_is_stale_too(tmp_path):
    """After a reboot the pid in the lock may belong to anybody; the system's lock decides."""
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "host": socket.gethostname()}))
    assert was_stale(tmp_path)


def test_the_lock_of_another_host_is_respected(tmp_path):
    """It cannot be seen from here whether that process lives: refused, with the way out."""
    (tmp_path / "lock").write_text(json.dumps({"pid": 17, "host": "elsewhere"}))
    with pytest.raises(StorageError, match="process 17 on elsewhere.*delete"):
        RunLock(tmp_path)
    (tmp_path / "lock").unlink()
    RunLock(tmp_path).release()


@pytest.mark.parametrize("content", ["", "x", "[]", '{"pid": null, "host": 3}', "[" * 100_000])
def test_a_damaged_lock_that_nobody_holds(tmp_path, content):
    """It does not keep anybody out."""
    (tmp_path / "lock").write_text(content)
    RunLock(tmp_path).release()


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    """There the pid decides: a live one keeps out, a dead one does not."""
    def none(file, what):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    process = subprocess.Popen(["/bin/sleep", "60"])
    (tmp_path / "lock").write_text(json.dumps({"pid": process.pid, "host": socket.gethostname()}))
    with pytest.raises(StorageError, match=f"in use by process {process.pid}"):
        RunLock(tmp_path)
    process.kill()
    process.wait()
    assert was_stale(tmp_path)


RACE = """
import sys, time
from pathlib import Path
from mlscanner.errors import StorageError
from mlscanner.store.lock import RunLock
got = 0
end = time.monotonic() + 0.7
while time.monotonic() < end:
    try:
        lock = RunLock(sys.argv[1])
    except StorageError:
        continue
    with open(sys.argv[1] + '/inside', 'x'):
        got += 1
    Path(sys.argv[1], 'inside').unlink()
    lock.release()
print(got)
"""


def test_two_processes_never_hold_it_together(tmp_path):
    """Taken and released in a loop by two processes, nothing exclusive ever clashes."""
    env = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    racers = [subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path)], env=env, text=True,
                               stdout=subprocess.PIPE) for _ in range(2)]
    counts = [int(r.communicate()[0]) for r in racers]
    assert all(r.returncode == 0 for r in racers)
    assert sum(counts) > 20
