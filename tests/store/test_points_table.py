"""Reading points.csv: exact, strict about damage, small and quick with a million rows."""

import os
import subprocess
import sys

import numpy as np
import pytest

from mlscanner.errors import StorageError
from mlscanner.evaluation import Evaluation
from mlscanner.likelihood.observables import Target
from mlscanner.store.points import Points
from mlscanner.store.points_file import PointsFile
from mlscanner.store.points_table import check_complete, read_points, read_table
from runner import PACKAGE


class Box:
    """Two parameters between 0 and 2."""

    names, dim = ("a", "b"), 2

    def to_unit(self, x):
        return x / 2


@pytest.fixture
def folder(tmp_path):
    file = PointsFile(tmp_path, Box.names, "chi2", ("mh",))
    for identity in (3, 0, 2, 1):
        evaluated = Evaluation("ok" if identity else "tachyon", identity / 3, (125.0,), "")
        file.append(identity, identity // 2, "design", (identity / 7, 1.0), np.nan, evaluated,
                    False)
    file.close()
    return tmp_path


def edit(folder, change):
    path = folder / "points.csv"
    path.write_text(change(path.read_text()))


def test_rows_come_sorted_and_exact(folder):
    """Sorted by id whatever the order of finishing; every number is the one that was evaluated."""
    points = read_points(folder / "points.csv", Box(), "chi2", Target(-np.inf, 0.5))
    assert list(points.id) == [0, 1, 2, 3]
    assert list(points.x[:, 0]) == [i / 7 for i in range(4)]
    assert list(points.value) == [i / 3 for i in range(4)]
    assert list(points.inside) == [False, True, False, False]  # the first one failed
    assert list(points.iteration) == [0, 0, 1, 1]


def test_a_line_that_is_being_written_is_left_out(folder):
    """A reader beside a running scan sees whole rows only."""
    edit(folder, lambda text: text + "4,2,wal")
    assert len(read_table(folder / "points.csv")["id"]) == 4


def test_only_the_columns_asked_for(folder):
    """Others are not kept, but their number is still checked."""
    assert set(read_table(folder / "points.csv", {"chi2"})) == {"id", "chi2"}
    edit(folder, lambda text: text.replace("125.0,", "", 1))
    with pytest.raises(StorageError, match="damaged"):
        read_table(folder / "points.csv", {"chi2"})


@pytest.mark.parametrize(("old", "new", "words"), [
    ("0.14285714285714285", "0.14x", "on line 5"), ("\n2,", "\n2,2,", "on line 4"),
    ("\n0,", "\n3,", "two rows with id 3"), ("\n0,", "\n0.5,", "on line 3"),
    ("\n1,", "\n\xff,", "damaged"), ("\n1,0", "\n99999999999999999999,0", "damaged"),
    ("design,", '"design,', "damaged")])
def test_damage_is_found_and_placed(folder, old, new, words):
    """A row that does not fit is an error that names the file, the place and what to do."""
    edit(folder, lambda text: text.replace(old, new, 1))
    with pytest.raises(StorageError, match=f"points.csv is damaged.*{words}|{words}.*--new"):
        read_points(folder / "points.csv", Box(), "chi2", Target(-np.inf, 0.5))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_parameter_that_is_no_number_is_refused_in_words(folder, number):
    """In an early row: the id and the column are named; it ended in a traceback of a tree."""
    edit(folder, lambda text: text.replace(repr(1 / 7), number))
    with pytest.raises(StorageError, match=f"id 1 has a = {number}; a finite number"):
        read_points(folder / "points.csv", Box(), "chi2", Target(-np.inf, 1.0))


def test_a_missing_or_foreign_file(tmp_path):
    """Neither is taken for an empty run."""
    with pytest.raises(StorageError, match="cannot be read"):
        read_table(tmp_path / "points.csv")
    (tmp_path / "points.csv").write_text("x,y\n1,2\n")
    with pytest.raises(StorageError, match="not a table of evaluated points.*'x,y'"):
        read_table(tmp_path / "points.csv")


def points_of(ids):
    ids = np.array(ids, int)
    n = len(ids)
    x = np.column_stack([ids / 7, np.ones(n)])
    return Points(2, id=ids, iteration=np.zeros(n), origin=["design"] * n, u=x / 2, x=x,
                  value=np.ones(n), status=["ok"] * n, inside=np.zeros(n, bool))


@pytest.mark.parametrize(("ids", "before", "batch", "words"), [
    ([0, 1], 0, [0, 1, 2], None), ([0, 1, 2], 3, [], None), ([0, 1, 3], 2, [2, 3], None),
    ([], 0, [], None),
    ([0, 2], 3, [], "lacks 1 of the 3 points"), ([], 5, [5], "lacks 5 of the 5"),
    ([0, 1, 4], 2, [2, 3], "do not belong together"),
    ([0, 1, 2], 2, [9, 9], "do not belong together")])
def test_points_and_state_must_belong_together(ids, before, batch, words):
    """Points that the state knows must be there, and those of the batch must be its own."""
    batch_x = np.column_stack([np.array(batch, float) / 7, np.ones(len(batch))])
    if words is None:
        check_complete("points.csv", points_of(ids), before, batch_x)
    else:
        with pytest.raises(StorageError, match=words):
            check_complete("points.csv", points_of(ids), before, batch_x)


MILLION = """
import csv, itertools, resource, sys, time
import numpy as np
from mlscanner.likelihood.observables import Target
from mlscanner.store.points_table import read_points

class Box:
    names, dim = tuple("abcdefg"), 7
    def to_unit(self, x):
        return x / 2

started = time.perf_counter()
with open(sys.argv[1], newline="") as file:
    rows = sum(float(row[4]) > 2 for row in itertools.islice(csv.reader(file), 1, None))
plain = time.perf_counter() - started
started = time.perf_counter()
points = read_points(sys.argv[1], Box(), "chi2", Target(-np.inf, 0.5))
seconds = time.perf_counter() - started
try:  # getrusage knows the largest size of the process that started this one, too
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(points) == 1_000_000
print(f"{seconds / plain:.2f} times as long as without numbers, peak {peak / 1e6:.0f} MB")
sys.exit(not (seconds < 4 * plain and peak < 1e9))
"""


@pytest.mark.slow
def test_a_million_points_load_in_a_gigabyte(tmp_path):
    """Thirteen numbers a row, in a process of its own: bounded memory, and no longer than some
    times what Python's own reader takes to split the lines."""
    rng = np.random.default_rng(1)
    names = list("abcdefg")
    header = ["id", "iteration", "origin", *names, "predicted", "chi2",
              *(f"o{i}" for i in range(6)), "in_target", "status", "reason"]
    lines = [",".join(map(repr, row)) for row in rng.random((1000, 15)).tolist()]
    with (tmp_path / "points.csv").open("w") as file:
        file.write(",".join(header) + "\n")
        for block in range(1000):
            file.writelines(f"{1000 * block + i},{block},walk,{line},0,ok,\n"
                            for i, line in enumerate(lines))
    done = subprocess.run([sys.executable, "-c", MILLION, str(tmp_path / "points.csv")],
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)},
                          capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
