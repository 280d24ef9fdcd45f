"""Ask and tell: points for a loop of the user's own."""

import numpy as np
import pytest

import mlscanner as ml
from python_scans import SMALL

WORDS = {k: v for k, v in SMALL.items() if k not in ("progress", "Size_batch_K",
                                                     "Size_batch_search")}
BOX = {"a": (0, 1), "b": (1, 100, "log")}


def chi2(x):
    """A valley; lowest along a line."""
    return (x[:, 0] - np.log10(x[:, 1]) / 2) ** 2 * 1000


def loop(rounds=4, n=30, **words):
    """A Scan that was asked and told a few times."""
    s = ml.Scan(BOX, **WORDS | words)
    for _ in range(rounds):
        x = s.ask(n)
        s.tell(x, chi2(x))
    return s


@pytest.mark.slow
def test_it_learns(tmp_path):
    """Asked for again and again, far more points are good than of random ones; then a result."""
    s = loop(output=tmp_path / "run")
    points = s.points
    late = np.asarray(points["iteration"]) == 3
    assert np.asarray(points["in_target"])[late].mean() > 0.4     # 0.2 of random points
    result = s.result()
    assert len(result) == len(s) == 120
    assert result.model.predict([[0.5, 10.0]]).probability[0] > 0.5
    assert result.plot("corner") is not None
    with pytest.raises(ml.StorageError, match="holds points that were told"):
        result.continue_(5)


@pytest.mark.slow
def test_the_same_seed_asks_for_the_same_points():
    """And another for others."""
    one, same, other = (loop(3, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.ask(9), same.ask(9))
    assert not np.array_equal(one.ask(9), other.ask(9))


def test_any_number_is_asked_for_at_any_time():
    """Before anything is told, in between, and more than a batch has."""
    s = ml.Scan(BOX, **WORDS)
    first = [s.ask(n) for n in (1, 7, 100)]
    assert [len(x) for x in first] == [1, 7, 100]
    x = np.concatenate(first)
    assert len(np.unique(x, axis=0)) == 108
    s.tell(x[::-1], chi2(x[::-1]))      # in any order
    assert len(s.ask(3)) == 3
    assert len(s.ask(150)) == 150
    assert "108 known points" in repr(s)
    assert "153 asked for" in repr(s)
    assert (np.asarray(s.points["origin"]) != "told").all()


def test_points_that_were_not_asked_for_can_be_told():
    """Of the user's own: learned from like others, and called so."""
    s = ml.Scan(BOX, **WORDS)
    x = np.column_stack([np.linspace(0, 1, 30), np.geomspace(1, 100, 30)])
    s.tell(x, chi2(x))
    s.tell([0.5, 10.0], 0.0)
    assert set(np.asarray(s.points["origin"])) == {"told"}
    assert len(s) == 31
    asked = s.ask(20)
    s.tell(asked[:5], chi2(asked[:5]))
    assert "15 asked for" in repr(s)


def test_failures_are_points_too():
    """NaN, None and exceptions keep their reason, and are not asked for around."""
    s = ml.Scan(BOX, **WORDS)
    x = s.ask(4)
    s.tell(x, [1.0, np.nan, None, ValueError("no spectrum")])
    points = s.points
    assert list(points["status"]) == ["ok", "bad_value", "raised", "raised"]
    assert points["reason"][3] == "ValueError: no spectrum"


def test_observables_make_chi2():
    """Dicts of numbers, one for each point or one of arrays, are judged by what is known."""
    known = [ml.observable("omega", value=0.12, sigma=0.01), ml.observable("rate", upper=5)]
    s = ml.Scan(BOX, observables=known, **WORDS)
    x = s.ask(4)
    s.tell(x[:2], {"omega": np.array([0.12, 0.14]), "rate": np.array([1, 1])})
    s.tell(x[2:], [{"omega": 0.12, "rate": 9.0}, ValueError("no")])
    points = s.points
    assert np.allclose(points["chi2"][:2], [0, 4])
    assert list(points["in_target"]) == [1, 1, 0, 0]
    assert list(points["status"]) == ["ok", "ok", "ok", "raised"]


def test_a_later_scan_goes_on(tmp_path):
    """Told points are on disk at once; the next Scan of the folder knows them."""
    loop(2, output=tmp_path / "run")
    again = ml.Scan(BOX, output=tmp_path / "run", **WORDS)
    assert len(again) == 60
    first = again.ask(5)
    again.tell(first, chi2(first))
    assert len(np.unique(again.points["id"])) == 65


def test_two_at_the_same_folder(tmp_path):
    """What another one has told in the meantime is neither lost nor mixed up."""
    one = loop(1, output=tmp_path / "run")
    other = ml.Scan(BOX, output=tmp_path / "run", **WORDS)
    x = one.ask(5)
    other.tell(x, chi2(x))
    with pytest.raises(ml.StorageError, match="changed by another program"):
        one.tell(x, chi2(x))
    assert len(ml.Scan(BOX, output=tmp_path / "run", **WORDS)) == 35


@pytest.mark.parametrize(("x", "values", "text"), [
    ([[2, 2]], [1], "outside the ranges"), ([[np.nan, 2]], [1], "outside the ranges"),
    ([[0.5, 2]], [1, 2], "points: 1, values: 2;"), ([0.1, 2, 3], [1], r"shape \(3,\)"),
    ({"a": [1]}, [1], "not an array of numbers"), ([[0.5, 2]], {"chi2": [1, 2]}, ", values: "),
])
def test_what_can_not_be_told(x, values, text):
    """An InputError, and nothing is kept."""
    s = ml.Scan(BOX, **WORDS)
    with pytest.raises(ml.InputError, match=text):
        s.tell(x, values)
    assert len(s) == 0


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "5"])
def test_what_can_not_be_asked(n):
    """A number of points, 1 or more."""
    with pytest.raises(ml.InputError, match="1 or more"):
        ml.Scan(BOX, **WORDS).ask(n)


def test_results_need_a_folder_and_points(tmp_path):
    """Both are said; and the folder of a scan is not one for told points."""
    with pytest.raises(ml.InputError, match="output="):
        loop(1).result()
    with pytest.raises(ml.InputError, match="no points yet"):
        ml.Scan(BOX, output=tmp_path / "run", **WORDS).result()
    with pytest.raises(ml.StorageError, match="other settings: Seed"):
        ml.Scan(BOX, output=tmp_path / "run", seed=5, **WORDS)
    ml.scan(lambda p: float(p[0]), BOX, output=tmp_path / "scan", n_points=20, pool=0, **SMALL)
    with pytest.raises(ml.StorageError, match="holds a scan that evaluates its own points"):
        ml.Scan(BOX, output=tmp_path / "scan", **WORDS)


def test_one_whole_number_and_classifiers():
    """One parameter of whole numbers; a classifier."""
    s = ml.Scan({"n": (1, 40, "integer")}, **WORDS | {"model": "RFC"})
    for _ in range(3):
        x = s.ask(12)
        s.tell(x, np.abs(x[:, 0] - 20))
    assert (np.asarray(s.points["n"]) % 1 == 0).all()


@pytest.mark.slow
def test_it_proposes_what_a_scan_proposes(tmp_path):
    """The same proposer: told at once, the points are those of a scan with the same seed."""
    own = {**SMALL, "Size_initial_batch": 30, "Size_batch_K": 30, "Size_batch_search": 30}
    result = ml.scan(lambda p: float(chi2(np.array([p]))[0]), BOX, n_points=120, pool=0,
                     output=tmp_path / "run", **own)
    asked = loop(Size_initial_batch=30).points
    for name in ("a", "b", "origin"):
        assert np.array_equal(np.asarray(asked[name]), np.asarray(result.points[name]))
