"""Scratch folders are fresh, removed, and a full place is not taken for a bad point."""

import errno
import os
import socket
import subprocess

import numpy as np
import pytest

from mlscanner.errors import StorageError
from mlscanner.evaluation import Evaluation
from mlscanner.parallel import scratch


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


class Writer:
    """Leaves a file; evaluates by what it found before."""

    def __init__(self, status="ok", error=None):
        self.status, self.error = status, error

    def evaluate(self, x, folder):
        found = len(names_in(folder))
        (folder / "left").write_text("x")
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        return [Evaluation(self.status, float(found))] * len(x)


def test_each_call_has_an_empty_folder_that_is_gone_afterwards(tmp_path):
    """What one point leaves cannot be found by the next."""
    for _ in range(3):
        assert scratch.evaluated_in_scratch(Writer(), np.zeros((1, 2)), tmp_path)[0].value == 0.0
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_place_stops_the_scan_in_words(tmp_path, number):
    """It says nothing about the point, so no point may be marked by it."""
    with pytest.raises(StorageError, match="place for scratch files.*TMPDIR"):
        scratch.evaluated_in_scratch(Writer(error=number), np.zeros((1, 2)), tmp_path)


def test_other_errors_are_not_hidden(tmp_path):
    """A mistake in a calculator stays one."""
    with pytest.raises(FileNotFoundError):
        scratch.evaluated_in_scratch(Writer(error=errno.ENOENT), np.zeros((1, 2)), tmp_path)


def test_a_failure_in_a_full_place_is_not_the_points(tmp_path, monkeypatch):
    """A program that failed where nothing can be written is not believed."""
    monkeypatch.setattr(scratch, "ROOM", 1 << 62)
    with pytest.raises(StorageError, match="it is full"):
        scratch.evaluated_in_scratch(Writer("crashed"), np.zeros((1, 2)), tmp_path)
    assert scratch.evaluated_in_scratch(Writer("ok"), np.zeros((1, 2)), tmp_path)[0].status == "ok"


def test_folders_of_killed_runs_are_removed_and_no_others(tmp_path, monkeypatch):
    """Only those of our own dead processes on this machine."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(scratch.tempfile, "tempdir", None)
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    host = socket.gethostname()
    names = [f"mlscan-{host}-{dead.pid}-x", f"mlscan-{host}-{os.getpid()}-x", "mlscan-else-1-x",
             f"mlscan-{host}-y", "other"]
    for name in names:
        (tmp_path / name).mkdir()
    root = scratch.make_root()
    assert root.parent == tmp_path
    assert names_in(tmp_path) == sorted([*names[1:], root.name])
    monkeypatch.undo()
    scratch.tempfile.tempdir = None


def test_no_place_at_all(tmp_path, monkeypatch):
    """Without any folder to write to, the error says what to set."""
    def nowhere():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(scratch.tempfile, "gettempdir", nowhere)
    with pytest.raises(StorageError, match="set TMPDIR"):
        scratch.make_root()
