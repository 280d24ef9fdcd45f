"""What a scan leaves beside points.csv."""

import numpy as np

from mlscanner.store.history import Progression
from mlscanner.store.points import Points
from mlscanner.store.results import write_failed, write_results


def points(status, inside):
    n = len(status)
    x = np.arange(2.0 * n).reshape(n, 2) / 3
    return Points(2, id=np.arange(n), iteration=np.zeros(n, int), origin=["design"] * n, u=x, x=x,
                  value=np.arange(n) / 7, status=status, inside=inside)


def test_the_two_files_read_back_exactly(tmp_path):
    """Every digit of the in-target points survives; with none the files have a header only."""
    some = points(["ok", "ok", "tachyon"], [True, True, False])
    write_results(tmp_path, some, ("a", "b"), "chi2", [Progression(0, 3, 2, 1, 0.6, 0.1)])
    assert np.array_equal(np.loadtxt(tmp_path / "Accumulated_points.txt"), some.x[:2])
    assert np.array_equal(np.loadtxt(tmp_path / "chi2.txt"), some.value[:2])
    write_results(tmp_path, points(["ok"], [False]), ("a", "b"), "chi2", [])
    assert (tmp_path / "Accumulated_points.txt").read_text() == "# a b\n"


def test_one_input_file_a_status(tmp_path):
    """The first failed point of each status has its input file; it is never written again."""
    some = points(["ok", "tachyon", "timeout", "tachyon"], [False] * 4)
    write_failed(tmp_path, some, lambda x: f"{x[0]!r}")
    kept = sorted(p.relative_to(tmp_path / "failed").as_posix()
                  for p in tmp_path.rglob("LesHouches*"))
    assert kept == ["tachyon/LesHouches.in.id1", "timeout/LesHouches.in.id2"]
    write_failed(tmp_path, some, lambda x: "something else")
    text = (tmp_path / "failed/tachyon/LesHouches.in.id1").read_text()
    assert text == f"{some.x[1, 0]!r}"
