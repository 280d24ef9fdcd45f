"""Files that a user names, and files of a run that others touch: nothing is replaced or lost."""

import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.functions import TestFunction
from mlscanner.config.scan_config import make_config
from mlscanner.errors import StorageError
from mlscanner.files import write_atomic, writing
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.store.repair import CUT, repair
from runner import RUN, rows, run, write_input


def write(path, text="new\n"):
    """Write through `writing`."""
    with writing(path) as file:
        file.write(text)


def test_a_device_is_written_into(tmp_path):
    """A node like /dev/null stays the device it is; as root a rename would replace it."""
    node = tmp_path / "null"
    try:
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        node.write_text("")
    except OSError as error:
        pytest.skip(f"device nodes cannot be made or used here: {error}")
    write(node)
    assert stat.S_ISCHR(node.lstat().st_mode)
    with pytest.raises(StorageError, match="a pipe or a device"):
        write_atomic(node, "x")
    assert stat.S_ISCHR(node.lstat().st_mode)


def test_a_device_that_is_full_is_said_in_words(tmp_path):
    """As of a file; it was a traceback. So is a full disk behind /dev/stdout."""
    node = tmp_path / "full"
    try:
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        node.open("w").close()
    except OSError as error:
        pytest.skip(f"device nodes cannot be made or used here: {error}")
    for text in ("new\n", "new\n" * 10_000):
        with pytest.raises(StorageError, match="full cannot be written: the disk is full"):
            write(node, text)
    assert stat.S_ISCHR(node.lstat().st_mode)


def test_a_reader_that_has_seen_enough_is_for_the_caller(tmp_path):
    """`| head` is no disk that fails."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(BrokenPipeError), writing(pipe) as file:
        os.close(reader)
        file.write("new\n" * 10_000)


def test_a_pipe_is_written_into(tmp_path):
    """The reader of a named pipe gets the text, and the pipe stays."""
    pipe, seen = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: seen.append(pipe.read_text()))
    reader.start()
    write(pipe)
    reader.join(10)
    assert seen == ["new\n"] and stat.S_ISFIFO(pipe.lstat().st_mode)


@pytest.mark.parametrize("way", ["writing", "write_atomic"])
def test_a_link_stays_a_link(tmp_path, way):
    """Its target, in another folder, is replaced as a whole; a dangling one gets a target."""
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "t", tmp_path / "link"
    link.symlink_to(target)
    for _ in range(2):
        if way == "writing":
            write(link)
        else:
            write_atomic(link, "new\n")
        assert link.is_symlink() and target.read_text() == "new\n"
        assert [p.name for p in (tmp_path / "far").iterdir()] == ["t"]


def test_an_ordinary_file_is_whole_or_as_it_was(tmp_path):
    """An error halfway leaves the old content and nothing beside it."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), writing(path) as file:
        file.write("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(StorageError, match="cannot be written"):
        write(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("words", [
    ["point", "THDM", "--set", "mh=125", "mH=300", "mA=300", "mHp=300", "cos_ba=0", "TanBeta=3",
     "m12sq=27000", "--slha", "/dev/stdout"]])
def test_dev_stdout_of_a_command(words):
    """What is sent to /dev/stdout stands in the output, and the command succeeds."""
    done = subprocess.run([sys.executable, RUN, *words], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert "Block MASS" in done.stdout


HEAD = b"id,iteration,origin,a,predicted,chi2,in_target,status,reason\n"
ROW = b"0,0,design,0.5,nan,1.0,1,ok,\n"


@pytest.mark.parametrize(("content", "words"), [
    ((HEAD + ROW).replace(b"\n", b"\r"), "line ends of an old Macintosh"),
    ((HEAD + ROW).decode().encode("utf-16"), "is in UTF-16"),
    ((HEAD + ROW).decode().encode("utf-16-le"), "is in UTF-16"),
    (b"a;b;c\n1;2;3", "does not begin with id,iteration,origin")])
def test_what_another_program_saved_is_left_alone(tmp_path, content, words):
    """Refused by its first bytes, and not a byte of it is cut."""
    path = tmp_path / "points.csv"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=words):
        repair(path)
    assert path.read_bytes() == content and [p.name for p in tmp_path.iterdir()] == ["points.csv"]


def test_what_is_cut_is_kept(tmp_path):
    """A torn last row goes to a file beside; the rows before it stay."""
    path = tmp_path / "points.csv"
    path.write_bytes(HEAD + ROW + b"1,0,design,0.2")
    assert repair(path) == "1,0,design,0.2"
    assert path.read_bytes() == HEAD + ROW
    assert Path(f"{path}{CUT}").read_bytes() == b"1,0,design,0.2\n"


@pytest.mark.slow
def test_the_same_command_on_a_finished_run_repeats_nothing(tmp_path):
    """It says that the run is finished and what can be done; exit code 0; another seed goes on."""
    file = write_input(tmp_path, more="N_iteration = 1\n")
    words = ["RFR", "--input", file, "--output", tmp_path / "o"]
    assert run(words, tmp_path / "log")[0] == 0
    before = rows(tmp_path / "o" / "RFR")
    code, output = run(words, tmp_path / "log2")
    assert code == 0 and "is finished" in output
    assert "--more 10" in output and "--new" in output and "Seed" in output
    assert [p.name for p in (tmp_path / "o").iterdir()] == ["RFR"]
    assert rows(tmp_path / "o" / "RFR") == before
    file.write_text(file.read_text() + "Seed = 7\n")
    assert run(words, tmp_path / "log3")[0] == 0
    assert sorted(p.name for p in (tmp_path / "o").iterdir()) == ["RFR", "RFR_2"]
    assert run([*words, "--more", "1"], tmp_path / "log4")[0] == 0


def small(**settings):
    """A config of a short scan."""
    return replace(make_config(**{
        "Calculator": "F_2d", "Size_initial_batch": 40, "Size_batch_K": 20, "Size_batch_search": 20,
        "Size_batch_L": 400, "Walkers": 20, "Surrogate_points": 40, "RF_trees": 5,
        "N_iteration": 3} | settings))


def scanned(config, folder, more=0, steps=99):
    """Run a scan, or `steps` iterations of it; returns it."""
    folder.mkdir(exist_ok=True)
    with Pool(TestFunction("F_2d"), 0) as pool:
        task = scan(make_model("RFR", config, 2), config, folder, pool, more, show=False)
        for step, _ in enumerate(task, 1):
            if step == steps:
                break
        else:
            task.finish()
    return task


@pytest.mark.slow
def test_more_of_a_stopped_run_comes_on_top(tmp_path):
    """Stopped at iteration 1 of 3, `--more 2` ends at 5; of a finished run at done + 2."""
    assert len(scanned(small(), tmp_path / "a", steps=2).history) == 2
    task = scanned(small(), tmp_path / "a", more=2)
    assert len(task.history) == 1 + 3 + 2 and task.reason is not None
    assert len(scanned(small(), tmp_path / "a", more=2).history) == 8


def test_nothing_is_predicted_for_points_that_are_not_sent(tmp_path):
    """Max_evaluations trims a batch before its predictions are kept: ids are not used twice."""
    task = scanned(small(Max_evaluations=50), tmp_path / "a")
    assert len(task.points) == 50
    ids = task.proposer.memory.rows[:, 0]
    assert ids.max() < 50 and len(np.unique(ids)) == len(ids)
    more = scanned(small(Max_evaluations=50), tmp_path / "a", more=1)
    ids = more.proposer.memory.rows[:, 0]
    assert len(np.unique(ids)) == len(ids) and ids.max() < len(more.points)
