"""points.csv replaced, removed or rewritten while rows are appended: no row and no file is lost."""

import os
import shutil

import psutil
import pytest
from test_points_file import add, new, rows

from mlscanner.errors import StorageError
from mlscanner.store.opening import refuse_no_files

OTHERS = "another program wrote this\n"


def ids(folder):
    return [row[0] for row in rows(folder)[1:]]


@pytest.mark.parametrize("way", ["replaced", "removed", "folder", "link", "copied"])
def test_the_complete_file_is_put_back(tmp_path, way, caplog):
    """At the next row or sync all rows are there again, and what was put there stands beside."""
    path = real = tmp_path / "points.csv"
    file = new(tmp_path)
    if way == "link":
        file.close()
        (tmp_path / "disk").mkdir()
        real = path.rename(tmp_path / "disk" / "points.csv")
        path.symlink_to(real)
    add(file, 0)
    if way == "removed":
        path.unlink()
    elif way == "folder":
        path.unlink()
        path.mkdir()
    elif way == "copied":
        shutil.copy(path, tmp_path / "copy")
        (tmp_path / "copy").replace(path)
    else:
        (real.parent / "x").write_text(OTHERS)
        (real.parent / "x").replace(real)
    if way == "removed":
        file.sync()
        assert ids(tmp_path) == ["0"]
    add(file, 1)
    file.close()
    assert ids(tmp_path) == ["0", "1"]
    aside = real.with_name("points.csv.other")
    assert aside.exists() == (way in ("replaced", "link", "folder"))
    if way in ("replaced", "link"):
        assert aside.read_text() == OTHERS
    assert path.is_symlink() == (way == "link")
    assert bool(caplog.records) == (way != "copied")
    again = new(tmp_path)
    add(again, 2)
    again.close()
    assert ids(tmp_path) == ["0", "1", "2"]


def test_every_file_of_others_is_kept(tmp_path):
    """Replaced three times: three files stand beside, each as it was."""
    file = new(tmp_path)
    for turn in range(3):
        add(file, turn)
        (tmp_path / "x").write_text(str(turn))
        (tmp_path / "x").replace(tmp_path / "points.csv")
    file.sync()
    file.close()
    assert ids(tmp_path) == ["0", "1", "2"]
    assert [(tmp_path / f"points.csv.other{end}").read_text() for end in ("", "_2", "_3")] == \
        ["0", "1", "2"]


def test_a_file_that_is_rewritten_in_place_ends_the_scan(tmp_path):
    """Whoever writes into the file itself has taken rows: said in words, nothing is added."""
    file = new(tmp_path)
    add(file, 0)
    (tmp_path / "points.csv").write_text(OTHERS)
    with pytest.raises(StorageError, match="was changed by another program while the scan ran"):
        add(file, 1)
    file.close()
    assert (tmp_path / "points.csv").read_text() == OTHERS


def test_rows_that_are_rewritten_in_their_length_end_the_scan(tmp_path):
    """A number changed in place, before and after another row: noticed at the next sync."""
    for later in (False, True):
        folder = tmp_path / str(later)
        folder.mkdir()
        path, file = folder / "points.csv", new(folder)
        add(file, 0)
        file.sync()
        text = path.read_text()
        changed = text.replace("design", "dosign")
        with path.open("r+") as other:
            other.write(changed)
        if later:
            add(file, 1)
        with pytest.raises(StorageError, match="changed by another program .* not those that"):
            file.sync()
        with pytest.raises(StorageError, match="changed by another program"):
            add(file, 2)
        file.close()
        assert path.read_text().startswith(changed)


@pytest.mark.parametrize("way", ["replaced", "removed", "shortened", "rewritten"])
def test_from_the_moment_it_is_read_nobody_may_change_it(tmp_path, way):
    """Changed after a run was opened and before its next point: rows in memory had no file."""
    path = tmp_path / "points.csv"
    file = new(tmp_path)
    add(file, 0)
    add(file, 1)
    file.close()
    text = path.read_text()
    again = new(tmp_path)
    if way == "removed":
        path.unlink()
    elif way == "replaced":
        (tmp_path / "x").write_text(OTHERS)
        (tmp_path / "x").replace(path)
    else:
        path.write_text(text[:len(text) // 2] if way == "shortened" else text.replace("0", "1"))
    if way in ("shortened", "rewritten"):
        with pytest.raises(StorageError, match="was changed by another program"):
            add(again, 2)
            again.sync()
        again.close()
        return
    add(again, 2)
    again.close()
    assert ids(tmp_path) == ["0", "1", "2"]


def test_a_file_that_nobody_closes_is_closed_with_its_object(tmp_path):
    """A scan that is made and never run leaves no open file."""
    before = psutil.Process().num_fds()
    for _ in range(20):
        new(tmp_path)
    assert psutil.Process().num_fds() <= before + 1


def test_a_file_that_is_only_touched_is_gone_on_with(tmp_path):
    """A new time of the file, as network disks give it later, says nothing about its rows."""
    file = new(tmp_path)
    add(file, 0)
    os.utime(tmp_path / "points.csv", (1, 1))
    file.sync()
    add(file, 1)
    os.utime(tmp_path / "points.csv", (2, 2))
    add(file, 2)
    file.sync()
    file.close()
    assert ids(tmp_path) == ["0", "1", "2"]
    again = new(tmp_path)
    add(again, 3)
    os.utime(tmp_path / "points.csv", (1, 1))
    again.close()
    assert ids(tmp_path) == ["0", "1", "2", "3"]


def test_a_folder_that_is_renamed_ends_the_scan(tmp_path):
    """All rows are in the renamed folder, and the message says so."""
    (tmp_path / "DNNR").mkdir()
    file = new(tmp_path / "DNNR")
    add(file, 0)
    (tmp_path / "DNNR").rename(tmp_path / "mine")
    with pytest.raises(StorageError, match="was renamed while the scan ran. All points are"):
        add(file, 1)
    file.close()
    assert ids(tmp_path / "mine") == ["0"]
    (tmp_path / "mine").rename(tmp_path / "DNNR")
    add(file, 1)
    file.close()
    assert ids(tmp_path / "DNNR") == ["0", "1"]


def test_a_folder_that_is_deleted_ends_the_scan(tmp_path):
    """All rows are saved beside it under a name that nothing had."""
    (tmp_path / "DNNR").mkdir()
    (tmp_path / "DNNR_points.csv").write_text(OTHERS)
    file = new(tmp_path / "DNNR")
    add(file, 0)
    shutil.rmtree(tmp_path / "DNNR")
    with pytest.raises(StorageError, match="was deleted .* --from .*DNNR_points.csv_2"):
        add(file, 1)
    with pytest.raises(StorageError, match="was deleted"):
        add(file, 2)
    file.close()
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / "DNNR_points.csv").read_text() == OTHERS
    assert (tmp_path / "DNNR_points.csv_2").read_text().splitlines()[1].startswith("0,0,design")


@pytest.mark.parametrize("name", ["points.csv", "state.npz", "scan_input_used.json", "log.txt",
                                  "Accumulated_points.txt", "iterations.csv", "chi2.txt", "lock",
                                  "points.csv.cut", "model/model.json", "model/predict.npz"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_before_the_scan(tmp_path, name, make):
    """A pipe would be waited for; a folder was noticed when the results were written."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    make(tmp_path / name)
    with pytest.raises(StorageError, match=f"{name} cannot be written: it is a"):
        refuse_no_files(tmp_path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mknod])
def test_a_model_that_is_no_folder_is_refused_before_the_scan(tmp_path, make):
    """A pipe was waited for when the second model was saved, a file moved away by the first."""
    make(tmp_path / "model")
    with pytest.raises(StorageError, match="model cannot be written: it is not a folder"):
        refuse_no_files(tmp_path)
