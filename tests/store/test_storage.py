"""State and settings survive damage in words; one writer at a time."""

import errno
import io
import json
import os
import socket
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from mlscanner.errors import StorageError
from mlscanner.store import storage
from mlscanner.store.storage import (
    RunLock,
    State,
    find_run,
    load_settings,
    new_run_folder,
    run_folders,
    save_settings,
)
from runner import PACKAGE


@pytest.fixture
def state(tmp_path):
    rng = np.random.default_rng(3)
    saved = State({"rng": rng.bit_generator.state, "reason": None, "history": [], "info": {}},
                  {"u": rng.random((20, 3)), "origin": np.array(["walk", "prior"])})
    saved.save(tmp_path)
    return saved


def test_state_comes_back_exactly(state, tmp_path):
    """Arrays bit for bit, and a random generator that goes on with the same numbers."""
    loaded = State.load(tmp_path)
    assert loaded.meta == state.meta
    assert set(loaded.arrays) == {"u", "origin"}
    assert all(np.array_equal(loaded.arrays[k], state.arrays[k]) for k in state.arrays)
    a, b = np.random.default_rng(0), np.random.default_rng(1)
    a.bit_generator.state, b.bit_generator.state = state.meta["rng"], loaded.meta["rng"]
    assert np.array_equal(a.random(9), b.random(9))


def test_no_state_is_none(tmp_path):
    """A folder in which nothing was stored yet is not an error."""
    assert State.load(tmp_path) is None


def test_any_damage_to_the_state_is_one_clear_error(state, tmp_path):
    """Truncated at 60 places, or with bytes changed at 300: refused in words, or unharmed."""
    path = tmp_path / "state.npz"
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    damaged = [whole[:n] for n in np.linspace(0, len(whole) - 1, 60).astype(int)]
    for position in rng.integers(0, len(whole), 300):
        bytes_ = bytearray(whole)
        bytes_[position:position + 4] = rng.bytes(4)
        damaged.append(bytes(bytes_))
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            loaded = State.load(tmp_path)
        except StorageError as error:
            refused += 1
            assert "is damaged" in str(error) or "newer version" in str(error)
            assert "--new" in str(error)
        else:  # bytes of no meaning, such as the date of a member of the archive
            assert loaded.meta == state.meta
            assert np.array_equal(loaded.arrays["u"], state.arrays["u"])
    assert refused > 200


def test_a_pickle_in_the_state_is_not_loaded(tmp_path):
    """An object array, which only pickle could read, is refused and nothing in it runs."""
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "trapped"),))

    np.savez(tmp_path / "state.npz", meta=np.array(json.dumps({"format": 1, "arrays": ["u"]})),
             **{"a:u": np.array([Trap()], object)})
    with pytest.raises(StorageError, match="damaged .ValueError"):
        State.load(tmp_path)
    assert not (tmp_path / "trapped").exists()


def test_a_state_that_claims_to_be_huge(tmp_path):
    """An array header that asks for more memory than there is does not end in a traceback."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False,
                                                  "shape": (10 ** 15,)})
    meta = io.BytesIO()
    np.save(meta, np.array(json.dumps({"format": 1, "arrays": ["u"]})))
    with zipfile.ZipFile(tmp_path / "state.npz", "w") as file:
        file.writestr("meta.npy", meta.getvalue())
        file.writestr("a:u.npy", header.getvalue())
    with pytest.raises(StorageError, match="damaged"):
        State.load(tmp_path)


def test_files_of_a_newer_version_are_refused_in_words(tmp_path, monkeypatch):
    """State and settings of a later format say so and what to do."""
    monkeypatch.setattr(storage, "FORMAT", storage.FORMAT + 1)
    State({}, {}).save(tmp_path)
    save_settings(tmp_path, {"settings": {}})
    monkeypatch.undo()
    for load in (State.load, load_settings):
        with pytest.raises(StorageError, match="newer version of this program. Use that version"):
            load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b'{"format": 1}',
                                     b"\xff\xfe", b'{"format": "x"}',
                                     b'{"format": 1, "settings": 3}',
                                     b"[" * 100_000])
def test_damaged_settings(tmp_path, content):
    """Whatever stands in scan_input_used.json, the error names the file and the way out."""
    (tmp_path / "scan_input_used.json").write_bytes(content)
    with pytest.raises(StorageError, match="scan_input_used.json can not be read.*--new"):
        load_settings(tmp_path)


def test_settings_come_back(tmp_path):
    """Odd characters too: a path may hold bytes that are no text."""
    content = {"settings": {"Seed": 1, "pathS": "a'\"\n;$(x)é\udcff"}}
    save_settings(tmp_path, content)
    assert load_settings(tmp_path)["settings"] == content["settings"]


# ---- folders ---------------------------------------------------------------------------------
def test_each_new_run_gets_its_own_folder(tmp_path):
    """RFR, RFR_2, RFR_3 ... in order of number; names that only look alike do not count."""
    for name in ("RFR_extra", "RFR_2x", "RFRX", "DNNR"):
        (tmp_path / name).mkdir()
    (tmp_path / "RFR_7").touch()
    made = [new_run_folder(tmp_path, "RFR").name for _ in range(11)]
    assert made == ["RFR", *(f"RFR_{i}" for i in range(2, 7)), *(f"RFR_{i}" for i in range(8, 13))]
    assert [f.name for f in run_folders(tmp_path, "RFR")] == made


def test_the_run_that_a_name_means(tmp_path):
    """A folder; or the newest of that name in the output that has what is asked for."""
    for name in ("RFR", "RFR_2", "RFR_3", "mine"):
        (tmp_path / name).mkdir()
        if name != "RFR_3":
            (tmp_path / name / "model").mkdir()

    def found(name):
        return find_run(name, tmp_path, lambda folder: (folder / "model").is_dir())

    assert found("RFR") == tmp_path / "RFR_2"
    assert found("RFR_2") == tmp_path / "RFR_2"
    assert found("mine") == tmp_path / "mine"
    assert found(str(tmp_path / "RFR")) == tmp_path / "RFR"
    assert found("RFR_3") is found("GBR") is None


def test_a_folder_that_was_removed_is_not_made_again_before_later_ones(tmp_path):
    """The newest run has the highest number, also when an old one was deleted."""
    for _ in range(3):
        new_run_folder(tmp_path, "RFR")
    (tmp_path / "RFR_2").rmdir()
    assert new_run_folder(tmp_path, "RFR").name == "RFR_4"


def test_an_output_that_is_a_file(tmp_path):
    """It is said, with another way."""
    (tmp_path / "x").touch()
    for output in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(StorageError, match="can not be written"):
            new_run_folder(output, "RFR")


# ---- the lock --------------------------------------------------------------------------------
def was_stale(folder):
    """Take the lock and give it back; whether it was stale."""
    lock = RunLock(folder)
    lock.release()
    return lock.was_stale


HOLD = ("import sys; from mlscanner.store import storage; storage.RunLock(sys.argv[1]); "
        "print('held', flush=True); input()")


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.replace("storage.RunLock", "lock = storage.RunLock"),
         str(tmp_path)],
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
    """It can not be seen from here whether that process lives: refused, with the way out."""
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

    monkeypatch.setattr(storage.fcntl, "flock", none)
    process = subprocess.Popen(["/bin/sleep", "60"])
    (tmp_path / "lock").write_text(json.dumps({"pid": process.pid, "host": socket.gethostname()}))
    with pytest.raises(StorageError, match=f"in use by process {process.pid}"):
        RunLock(tmp_path)
    process.kill()
    process.wait()
    assert was_stale(tmp_path)


RACE = """
import sys, time
from mlscanner.store import storage
from mlscanner.errors import StorageError
got = 0
end = time.monotonic() + 0.7
while time.monotonic() < end:
    try:
        lock = storage.RunLock(sys.argv[1])
    except StorageError:
        continue
    with open(sys.argv[1] + '/inside', 'x'):
        got += 1
    storage.Path(sys.argv[1], 'inside').unlink()
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
