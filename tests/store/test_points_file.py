"""points.csv: complete after every crash, exact, append-only."""

import csv
import io
import logging
import math
import os
import resource
import threading
import time

import numpy as np
import pytest

from mlscanner.errors import StorageError
from mlscanner.evaluation import Evaluation
from mlscanner.shown import one_line
from mlscanner.store import points_file
from mlscanner.store.points_file import PointsFile, repair
from mlscanner.store.points_table import read_table


def new(folder, observables=("mh",)):
    return PointsFile(folder, ("a", "b"), "chi2", observables)


def add(file, identity, value=1.5, observables=(125.0,), status="ok", reason=""):
    file.append(identity, 0, "design", (0.1, -2e-300), math.nan,
                Evaluation(status, value, observables, reason), False)


def rows(folder):
    with (folder / "points.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_columns_and_digits(tmp_path):
    """The header is as documented and numbers read back as exactly the same numbers."""
    file = new(tmp_path)
    add(file, 0, value=0.1 + 0.2)
    file.close()
    header, row = rows(tmp_path)
    assert header == ["id", "iteration", "origin", "a", "b", "predicted", "chi2", "mh",
                      "in_target", "status", "reason"]
    assert row == ["0", "0", "design", "0.1", "-2e-300", "nan", "0.30000000000000004", "125.0",
                   "0", "ok", ""]


def test_every_row_is_with_the_system_at_once(tmp_path):
    """Another process could read the row as soon as `append` returns."""
    file = new(tmp_path)
    for identity in range(5):
        add(file, identity)
        assert len(rows(tmp_path)) == identity + 2
    file.close()


@pytest.mark.slow
def test_a_stored_row_reaches_the_disk_within_a_second(tmp_path, monkeypatch):
    """A row is forced onto the disk even when no other row follows it, and not again and again."""
    synced = []
    monkeypatch.setattr(points_file, "sync", lambda handle: synced.append(time.monotonic()))
    file = new(tmp_path)
    add(file, 0)
    stored = time.monotonic()
    time.sleep(2.2)
    assert len(synced) == 1
    assert synced[0] - stored < 1.0
    file.close()


@pytest.fixture
def broken_disk(tmp_path, monkeypatch):
    """A file with one row, whose background sync has failed; the disk works again on `undo`."""
    def broken(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(points_file, "SYNC_EVERY", 0.01)
    monkeypatch.setattr(points_file, "sync", broken)
    file = new(tmp_path)
    add(file, 0)
    time.sleep(0.2)
    return file


def test_a_disk_that_fails_in_the_background_is_heard(broken_disk, monkeypatch):
    """An error of the background sync is raised by the next append."""
    with pytest.raises(StorageError, match="disk reports an error"):
        add(broken_disk, 1)
    monkeypatch.undo()
    broken_disk.close()


def test_a_disk_that_fails_after_the_last_row_is_heard(broken_disk, monkeypatch):
    """An error of the background sync is raised when the file is closed, if no row comes after."""
    monkeypatch.undo()  # the system tells of it once; a second sync would succeed
    with pytest.raises(StorageError, match="disk reports an error"):
        broken_disk.close()


def test_points_are_stored_while_another_thread_syncs(tmp_path):
    """Rows of one thread, new columns among them, are never another program's to the other one."""
    file = new(tmp_path)

    def store():
        for identity in range(2000):
            more = {f"o{identity // 100}": 1.0} if identity % 100 == 0 else {}
            add(file, identity, observables={"mh": 125.0, **more})

    thread = threading.Thread(target=store)
    thread.start()
    while thread.is_alive():
        file.sync()
    thread.join()
    file.close()
    assert [row[0] for row in rows(tmp_path)[1:]] == [str(number) for number in range(2000)]


def test_nothing_is_open_before_the_first_row_and_after_closing(tmp_path):
    """A scan that is only looked at holds no file and no thread."""
    threads = threading.active_count()
    file = new(tmp_path)
    assert threading.active_count() == threads
    add(file, 0)
    file.close()
    file.close()
    assert threading.active_count() == threads
    add(file, 1)  # opens it again
    file.close()
    assert len(rows(tmp_path)) == 3


@pytest.mark.parametrize("tail", [b"1,0,design,0.1", b"1,0,design,0.1,2,nan,1,1,0,ok,",
                                  b"\0" * 5000, b"1,0,des\0\0\0\0\0\n", b"\xff\xfe\x80",
                                  b"\0\n" * 70_000 + b"2,0",
                                  b"1,0,design\n\0" * 70_000])
def test_a_torn_end_is_cut_off_and_named(tmp_path, tail, caplog, monkeypatch):
    """What a crash or a power failure left at the end goes, with a warning; whole rows stay."""
    file = new(tmp_path)
    add(file, 0)
    file.close()
    whole = (tmp_path / "points.csv").read_bytes()
    (tmp_path / "points.csv").write_bytes(whole + tail)
    monkeypatch.setattr(points_file.LOG, "propagate", True)
    with caplog.at_level(logging.WARNING):
        file = new(tmp_path)
    kept = (tmp_path / "points.csv").read_bytes()
    assert kept.startswith(whole)
    assert b"\0" not in kept
    assert kept.count(b"\n") <= whole.count(b"\n") + 1
    assert "the last line was unfinished after a crash and was removed" in caplog.text
    if tail.startswith(b"1,0,design,0.1"):
        assert "1,0,design,0.1" in caplog.text
    caplog.clear()
    assert repair(tmp_path / "points.csv") == ""
    add(file, 7)
    file.close()
    assert rows(tmp_path)[-1][0] == "7"


@pytest.mark.slow
def test_every_cut_leaves_whole_rows(tmp_path):
    """Cut at any byte after the header, the file opens with exactly the rows before the cut."""
    file = new(tmp_path)
    for identity in range(3):
        add(file, identity, reason="quote \" comma , end")
    file.close()
    whole = (tmp_path / "points.csv").read_bytes()
    for cut in range(whole.index(b"\n") + 1, len(whole)):
        (tmp_path / "points.csv").write_bytes(whole[:cut])
        repair(tmp_path / "points.csv")
        assert len(read_table(tmp_path / "points.csv")["id"]) == whole[:cut].count(b"\n") - 1


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"a,b\n1,2\n", b"id,iteration", b"\xff\n"])
def test_a_file_without_its_header_is_refused(tmp_path, content):
    """No guess is made about a file whose first line is not the expected one."""
    (tmp_path / "points.csv").write_bytes(content)
    with pytest.raises(StorageError, match="its columns are not.*--new|does not begin with id"):
        new(tmp_path)


def test_texts_that_could_break_the_table(tmp_path):
    """Newlines, quotes, commas, zero bytes and odd bytes in a reason stay one cell of one row."""
    file = new(tmp_path)
    for identity, reason in enumerate(["a\nb\r\nc", 'say "x", y', "nul\0l", "\udcff\udc80",
                                       "é\u2028x", "# no comment", "x" * 5000]):
        add(file, identity, status="crashed", reason=reason)
    file.close()
    table = read_table(tmp_path / "points.csv")
    assert list(table["id"]) == list(range(7))
    assert list(table["reason"][:3]) == ["a b c", 'say "x", y', "nul l"]
    assert table["reason"][5] == "# no comment"
    assert (tmp_path / "points.csv").read_bytes().count(b"\n") == 8


def test_observables_found_on_the_way_become_columns(tmp_path):
    """A dict with a new name adds a column, nan for earlier rows; missing ones are nan."""
    file = new(tmp_path, ())
    add(file, 0, observables={"m": 1.0})
    add(file, 1, observables={"g": 2.0, "m": 3.0})
    add(file, 2, observables={})
    file.close()
    table = read_table(tmp_path / "points.csv")
    assert list(table)[7:9] == ["m", "g"]
    assert repr([table["m"].tolist(), table["g"].tolist()]) == "[[1.0, 3.0, nan], [nan, 2.0, nan]]"


def test_observables_of_another_version_go_to_their_own_columns(tmp_path):
    """When a calculator's list of observables has changed, names decide, not positions."""
    file = new(tmp_path, ("mh", "mA"))
    add(file, 0, observables=(1.0, 2.0))
    file.close()
    file = new(tmp_path, ("mA", "mHp", "mh"))
    add(file, 1, observables=(20.0, 30.0, 10.0))
    file.close()
    table = read_table(tmp_path / "points.csv")
    assert table["mh"].tolist() == [1.0, 10.0]
    assert table["mA"].tolist() == [2.0, 20.0]
    assert table["mHp"].tolist()[1] == 30.0


@pytest.mark.parametrize("name", ["a", "chi2", "status", "id", "predicted"])
def test_an_observable_with_a_taken_name_is_refused(tmp_path, name):
    """It would shadow another column; the name is said."""
    with pytest.raises(StorageError, match=f"may not be called {name}"):
        new(tmp_path, ("mh", name))
    file = new(tmp_path)
    with pytest.raises(StorageError, match=f"may not be called {name}"):
        add(file, 0, observables={name: 1.0})


def test_a_full_disk_takes_back_the_partial_row(tmp_path):
    """When a row does not fit, the file ends with the row before; it goes on with room."""
    file = new(tmp_path)
    add(file, 0)
    whole = (tmp_path / "points.csv").read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 10, before[1]))
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            add(file, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "points.csv").read_bytes() == whole
    add(file, 2)
    file.close()
    assert [row[0] for row in rows(tmp_path)] == ["id", "0", "2"]


def test_an_interrupted_write_takes_back_the_partial_row(tmp_path, monkeypatch):
    """A signal between two halves of a row leaves no half row."""
    file = new(tmp_path)
    add(file, 0)
    whole = (tmp_path / "points.csv").read_bytes()
    write = os.write
    calls = []

    def half(handle, line):
        calls.append(line)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return write(handle, line[:5])

    monkeypatch.setattr(points_file.os, "write", half)
    with pytest.raises(KeyboardInterrupt):
        add(file, 1)
    monkeypatch.undo()
    file.close()
    assert (tmp_path / "points.csv").read_bytes() == whole


def test_rows_are_byte_for_byte_as_the_csv_module_writes_them(tmp_path):
    """Quick as it is made, each cell is that of csv with all digits; also of odd words and kinds
    of numbers."""
    words = ["", "ok", "no_spectrum", 'say "x", y', "a;b", " lead", "it's", "é", "1.5", "\ud800",
             "# x", "a\nb", "walk 2"]
    numbers = [0.1, -0.0, 1e-300, math.inf, -math.inf, math.nan, 3, True, np.float32(0.1), None,
               np.int64(2**40), 5e-324, np.float64(1) / 3]
    file = new(tmp_path, ("mh", "mA"))
    expected = [file.header]
    for k, (word, number) in enumerate(zip(words, numbers, strict=True)):
        x = np.array([k / 3, -1e17])
        file.append(np.int64(k), k, word, x, 1 / 7, Evaluation(word, 0.1 * k, {
            "mA": number} if k % 2 else {"mh": number, "mA": 2}, word), k % 2 == 0)
        first, second = (None, number) if k % 2 else (number, 2)
        cells = [*x, 1 / 7, 0.1 * k, first, second]
        expected.append([k, k, one_line(word), *("nan" if c is None else repr(float(c))
                                                 for c in cells),
                         int(k % 2 == 0), one_line(word), one_line(word)])
    file.close()
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(expected)
    assert (tmp_path / "points.csv").read_bytes() == text.getvalue().encode(errors="replace")
