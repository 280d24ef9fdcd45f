"""Files are replaced whole or not at all, and an unwritable place is said in words."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlscanner import files
from mlscanner.errors import StorageError


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_where_a_file_of_the_user_is(monkeypatch, tmp_path):
    """A tilde is the home folder, wherever relative paths count from, if there is such a home."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert files.located("~/f.py", tmp_path / "run") == tmp_path / "home" / "f.py"
    assert files.located("data/f.csv", tmp_path) == tmp_path / "data" / "f.csv"
    assert files.located("/data/f.csv", tmp_path) == Path("/data/f.csv")
    assert files.located("~no_such_user_here/f", tmp_path) == tmp_path / "~no_such_user_here" / "f"


def test_content_is_replaced_whole(tmp_path):
    """Text, bytes and an iterable of bytes are written; nothing else is left in the folder."""
    path = tmp_path / "a file"
    for content, expected in (("é\n", "é\n".encode()), (b"\x00\xff", b"\x00\xff"),
                              (iter([b"a", b"b"]), b"ab")):
        files.write_atomic(path, content)
        assert path.read_bytes() == expected
    assert names_in(tmp_path) == ["a file"]


def test_a_failed_write_leaves_the_old_file(tmp_path):
    """An error in the middle of writing keeps the old content and removes the temporary file."""
    path = tmp_path / "state"
    files.write_atomic(path, b"old")

    def broken():
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(path, broken())
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["state"]


def test_permissions_follow_the_umask(tmp_path):
    """The file has the mode any new file of the user has."""
    before = os.umask(0o027)
    try:
        files.write_atomic(tmp_path / "x", "1")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_data_and_name_are_forced_onto_the_disk(tmp_path, monkeypatch):
    """The file is synced before it gets its name, the folder after it."""
    events = []
    monkeypatch.setattr(files, "sync", lambda handle: events.append("data"))
    monkeypatch.setattr(files, "sync_folder", lambda folder: events.append("name"))
    replace = files.Path.replace
    monkeypatch.setattr(files.Path, "replace",
                        lambda self, to: (events.append("rename"), replace(self, to))[1])
    files.write_atomic(tmp_path / "x", "1")
    assert events == ["data", "rename", "name"]


@pytest.mark.parametrize(("number", "words"), [
    (errno.ENOSPC, "the disk is full. Make room"), (errno.EDQUOT, "quota"),
    (errno.EROFS, "read-only. Choose another place"), (errno.EACCES, "--output DIR"),
    (errno.EIO, "disk reports an error"), (errno.EMFILE, "Too many open files")])
def test_what_the_system_says_comes_with_a_remedy(number, words):
    """Every usual reason is explained, and names the path."""
    with pytest.raises(StorageError, match=words) as caught, files.explained("/some where/x"):
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith("/some where/x cannot be written: ")


def test_a_file_that_may_not_grow(tmp_path):
    """At a limit on file size the old content stays and the error names the remedy."""
    path = tmp_path / "x"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(StorageError, match="ulimit -f"):
            files.write_atomic(path, b"n" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["x"]


def test_leftovers_are_removed_and_nothing_else(tmp_path):
    """Only temporary files of an interrupted replacement go."""
    for name in (".state.npz.123.tmp", ".hidden", "points.csv", "notes.tmp"):
        (tmp_path / name).touch()
    files.remove_leftovers(tmp_path)
    assert names_in(tmp_path) == [".hidden", "notes.tmp", "points.csv"]


@pytest.mark.slow
def test_killed_while_writing(tmp_path):
    """SIGKILL at ten moments of a stream of replacements never leaves a torn file."""
    code = ("import sys; from mlscanner import files; n = 0\n"
            "while True:\n"
            "    n += 1; files.write_atomic(sys.argv[1], (str(n % 10) * 300_000).encode())\n")
    path = tmp_path / "state"
    env = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[1])}
    for turn in range(10):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], env=env)
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.02 + 0.013 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        content = path.read_bytes()
        assert len(content) == 300_000
        assert len(set(content)) == 1
        path.unlink()
        files.remove_leftovers(tmp_path)


def put(path, text):
    with files.writing(path) as file:
        file.write(text)


def test_a_named_output_that_is_a_link(tmp_path):
    """The link stays, what it leads to is replaced with the permissions it had; a new one is made
    where the link leads; a link in a circle is said to be one."""
    (tmp_path / "target").write_text("old")
    (tmp_path / "target").chmod(0o600)
    old = (tmp_path / "target").stat().st_ino
    (tmp_path / "one").symlink_to("target")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "open").symlink_to("not there yet")
    (tmp_path / "round").symlink_to("round")
    put(tmp_path / "two", "new")
    put(tmp_path / "open", "x")
    assert (tmp_path / "two").is_symlink() and (tmp_path / "one").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    assert (tmp_path / "target").stat().st_ino != old
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "not there yet").read_text() == "x"
    with pytest.raises(StorageError, match="round cannot be written"):
        put(tmp_path / "round", "x")
    with pytest.raises(StorageError, match="it is a folder"):
        put(tmp_path, "x")
    assert not list(tmp_path.glob(".*"))


def test_a_named_output_that_is_a_pipe(tmp_path):
    """What reads the pipe gets the text, and the pipe stays one."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    put(tmp_path / "pipe", "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1", "link"])
def test_standard_output_by_its_name(tmp_path, name):
    """It is written into, also where the shell has led it to a file, which keeps what it holds."""
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = ("import sys; from mlscanner import files\n"
            "print('before', flush=True)\n"
            "with files.writing(sys.argv[1]) as file: file.write('text\\n')\n")
    env = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[1])}
    with (tmp_path / "out").open("a") as out:
        subprocess.run([sys.executable, "-c", code, name], env=env, stdout=out, check=True,
                       cwd=tmp_path, timeout=60)
    assert (tmp_path / "out").read_text() == "before\ntext\n"


def test_a_named_output_that_fails_leaves_the_old_file(tmp_path):
    """An error in the middle keeps what was there, and leaves nothing beside it."""
    (tmp_path / "x").write_text("old")
    with pytest.raises(KeyError), files.writing(tmp_path / "x") as file:
        file.write("half")
        raise KeyError
    assert (tmp_path / "x").read_text() == "old"
    assert names_in(tmp_path) == ["x"]


def test_files_of_a_run_never_replace_a_pipe(tmp_path):
    """A pipe where a file of a run belongs is refused at once; a link keeps leading there."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="it is a pipe or a device"):
        files.write_atomic(tmp_path / "pipe", "x")
    (tmp_path / "link").symlink_to("file")
    files.write_atomic(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "file").read_text() == "x"
