"""Keep_files: archives of good, all or the best points; bounded, and gone on with."""

import numpy as np
import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.evaluation import Evaluation
from mlscanner.likelihood.observables import Target
from mlscanner.store.kept import Kept
from mlscanner.store.points import Points

VALUES = (50.0, 3.0, 8.0, 1.0, 20.0)


def points(values):
    n = len(values)
    x = np.zeros((n, 1))
    return Points(1, id=np.arange(n), iteration=np.zeros(n), origin=["design"] * n, u=x, x=x,
                  value=values, status=["ok"] * n, inside=np.zeros(n, bool))


def keeper(folder, wanted, known=(), **settings):
    config = make_config(Calculator="F_2d", Target_value=None, Chi_square_threshold=10.0,
                         Keep_files=wanted, **settings)
    return Kept(folder, config, Target(-np.inf, 10.0), points(known))


def there(folder):
    return sorted(int(path.stem) for path in (folder / "kept").glob("*"))


@pytest.mark.parametrize(("wanted", "expected"), [
    ("good", [1, 2, 3]), ("all", [0, 1, 2, 3, 4, 5]), (2, [1, 3]), (1, [3])])
def test_what_is_kept(tmp_path, wanted, expected):
    """Those in the target, all, or the best: the worse ones make room."""
    kept = keeper(tmp_path, wanted)
    for identity, value in enumerate(VALUES):
        assert kept.take(identity, Evaluation("ok", value, files=b"zip")) == ""
    kept.take(5, Evaluation("excluded", 0.5, files=b"zip"))
    assert there(tmp_path) == expected
    assert (tmp_path / "kept" / "3.zip").read_bytes() == b"zip"


def test_a_run_that_goes_on_keeps_the_best_of_both_parts(tmp_path):
    """What is there counts; a point that is evaluated again after a crash is there once."""
    for identity, value in enumerate(VALUES[:3]):
        keeper(tmp_path, 2, VALUES[:identity]).take(identity, Evaluation("ok", value, files=b"a"))
    kept = keeper(tmp_path, 2, VALUES[:2])      # the row of point 2 was lost
    for identity, value in enumerate(VALUES[2:], 2):
        kept.take(identity, Evaluation("ok", value, files=b"b"))
    assert there(tmp_path) == [1, 3]


@pytest.mark.parametrize(("wanted", "expected"), [("good", [1]), (1, [1])])
def test_a_point_that_breaks_a_hard_limit_is_not_good(tmp_path, wanted, expected):
    """However small its chi2: it is not in the target, and takes no place of one that is."""
    kept = keeper(tmp_path, wanted)
    kept.take(0, Evaluation("ok", 1.0, files=b"zip", objective=30.0))
    kept.take(1, Evaluation("ok", 3.0, files=b"zip", objective=3.0))
    kept.take(2, Evaluation("ok", 0.5, files=b"zip", objective=40.0))
    assert there(tmp_path) == expected


def test_it_is_bounded_and_says_so_once(tmp_path):
    """When Keep_limit is reached no more comes, and what is there stays."""
    kept = keeper(tmp_path, "all", Keep_limit=1e-3)
    told = [kept.take(i, Evaluation("ok", 1.0, files=bytes(400))) for i in range(5)]
    assert there(tmp_path) == [0, 1]
    assert [bool(text) for text in told] == [False, False, True, False, False]
    assert "raise Keep_limit" in told[2]
