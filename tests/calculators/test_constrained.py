"""Constraints over any calculator: chi2 is the sum, hard limits cut, each is counted."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.auxiliary import make_calculator
from mlscanner.calculators.steps.constrained import Constrained, killed_by
from mlscanner.calculators.steps.user_programs import python_step
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError
from mlscanner.evaluation import OK, Evaluation
from mlscanner.likelihood.curves import Curve
from mlscanner.likelihood.kinds import make_constraint
from mlscanner.likelihood.observables import Target, observable

NAMES = ("a", "b")


class Stub:
    """A calculator of two numbers, s = a + b and p = a * b."""

    observables, citations, share = ("s", "p"), ("somebody",), 7

    def __init__(self, chi2=0.0, status=OK):
        self.chi2, self.status = chi2, status

    def evaluate(self, x, scratch):
        return [Evaluation(self.status, self.chi2, (row.sum(), row.prod())) for row in x]


def evaluate(entries, x, calculator=None, threshold=4.0, folder="."):
    """Evaluation rows of `x` under some entries."""
    return Constrained(calculator or Stub(), entries, NAMES, threshold, folder).evaluate(
        np.array(x, float), folder)


def test_chi2_is_the_sum():
    """The calculator's own chi2, a Gaussian with theory uncertainty, and a soft limit add up."""
    entries = [observable("s", value=3.0, sigma=3.0, theory=4.0),
               observable("diff", expression="a - b", upper=1.0, sigma=0.5)]
    inside, outside = evaluate(entries, [[1, 7], [7, 1]], Stub(chi2=2.0))
    assert inside.value == pytest.approx(2.0 + 1.0)
    assert outside.value == pytest.approx(2.0 + 1.0 + 100.0)
    assert outside.observables == pytest.approx({"s": 8, "p": 7, "diff": 6, "chi2_s": 1,
                                                 "chi2_diff": 100})
    assert outside.status == OK


class Far(Stub):
    """One whose points fail, 3 above chi2."""

    observables = ("objective", "s", "p")

    def evaluate(self, x, scratch):
        return [Evaluation("unbounded", 2.0, (5.0, row.sum(), row.prod()), "far", b"", 5.0)
                for row in x]


@pytest.mark.parametrize("upper", [9.0, 3.0])
def test_how_far_a_failed_point_is_stays_known(upper):
    """What the calculator adds for a failure comes on top of chi2 and of broken hard limits."""
    entries = [observable("s", upper=upper), observable("p", value=1.0, sigma=1.0)]
    c = Constrained(Far(), entries, NAMES, 4.0)
    assert c.observables == ("objective", "s", "p", "chi2_p")
    point, = c.evaluate(np.array([[2.0, 2.0]]), None)
    assert (point.status, point.value, point.reason) == ("unbounded", 11.0, "far")
    assert "objective" not in point.observables
    assert point.objective == 14.0 if upper == 9.0 else point.objective > 18.0


def test_columns_are_known_beforehand():
    """What `observables` announces is what a point has."""
    entries = [observable("s", upper=3.0), observable("d", expression="a/b", value=1, sigma=1)]
    c = Constrained(Stub(), entries, NAMES, 4.0)
    assert c.observables == ("objective", "s", "p", "d", "chi2_d")
    given = c.evaluate(np.ones((1, 2)), None)[0]
    assert {"objective", *given.observables} == set(c.observables)
    assert given.objective is not None


@pytest.mark.parametrize("chi2", [0.0, 3.9, -50.0])
def test_a_hard_limit_is_never_passed(chi2):
    """Outside, chi2 is as it was, the objective at or above the threshold; the limit is named."""
    entries = [observable("s", upper=3.0), observable("p", lower=0.0)]
    good, high, both = evaluate(entries, [[1, 1], [2, 1.0001], [50, -2]], Stub(chi2))
    target = Target(-np.inf, 4.0)
    assert good.value == high.value == both.value == good.learned == good.objective == chi2
    assert target.inside(good.learned) and not target.inside(high.learned)
    assert not target.inside(both.learned)
    assert high.reason == "outside: s (3 > 3)"
    assert both.reason == "outside: s (48 > 3), p (-100 < 0)"


def test_the_way_back_slopes_over_decades():
    """The objective outside of a hard limit grows with every decade, on both sides of zero."""
    for entry, values in ((observable("p", upper=0.1), np.geomspace(0.11, 1e8, 30)),
                          (observable("p", lower=0.1), 0.09 / np.geomspace(1, 1e6, 20)),
                          (observable("p", lower=0.1), -np.geomspace(1e-3, 1e3, 20)),
                          (observable("p", upper=0.0), np.geomspace(1e-3, 1e3, 20))):
        objective = [j.objective for j in evaluate([entry], [[1, v] for v in values])]
        assert (np.diff(objective) > 0).all()
        assert min(objective) >= 4.0


def test_a_band_has_the_status_excluded():
    """With a target band the value is left alone; a hard limit makes the status 'excluded'."""
    bad, good = evaluate([observable("s", upper=3.0)], [[5, 5], [1, 1]], Stub(100.0),
                         threshold=None)
    assert (bad.status, bad.value, bad.reason) == ("excluded", 100.0, "outside: s (10 > 3)")
    assert (good.status, good.value) == (OK, 100.0)


def test_missing_and_unphysical_numbers_fail_the_point():
    """NaN is an error of the point, never 0; a negative density is unphysical; unless optional."""
    root = observable("r", expression="sqrt(a)", value=1, sigma=1)
    optional = observable("r", expression="sqrt(a)", value=1, sigma=1, optional=True)
    negative = observable("p", physical=(0, None))
    assert evaluate([root], [[-1, 1]])[0][::3] == ("bad_value", "r is not known")
    assert evaluate([optional], [[-1, 1]])[0][:2] == (OK, 0.0)
    assert evaluate([negative], [[-1, 1]])[0][::3] == ("unphysical", "p = -1")
    assert evaluate([negative], [[1, 1]])[0].status == OK


def test_a_failed_point_keeps_its_reason():
    """What the calculator calls a failure stays one, with its status."""
    evaluated, = evaluate([observable("s", upper=0.0)], [[1, 1]], Stub(np.nan, "tachyon"))
    assert evaluated.status == "tachyon"
    assert evaluated.reason == ""


def test_a_value_that_is_no_chi2_is_not_counted():
    """A calculator can say that its value is not a chi2."""
    stub = Stub(50.0)
    stub.value_is_chi2 = False
    assert evaluate([observable("s", value=2, sigma=1)], [[1, 1]], stub)[0].value == 0.0


def test_a_curve_in_one_dimension(tmp_path):
    """A limit from a CSV file is interpolated; outside of the file there is no limit."""
    (tmp_path / "c.csv").write_text("# a comment\nmass, limit\n1, 10\n3, 30\n2, 20  # unsorted\n")
    entry = observable("p", upper="c.csv", along="a")
    rows = evaluate([entry], [[1.5, 9], [1.5, 11], [4, 100], [3, 9.9]], folder=tmp_path)
    assert [bool(j.reason) for j in rows] == [False, True, False, False]
    assert rows[1].reason == "outside: p (16.5 > 15)"


def test_curves_in_logarithms_and_two_dimensions(tmp_path):
    """'log' interpolates power laws exactly; a surface is followed between its points."""
    (tmp_path / "c.csv").write_text("1 1e-40\n100 1e-44\n")
    entry = observable("p", upper="c.csv", along="a", interpolation="log")
    limit = Curve.read("c.csv", entry, tmp_path)
    assert limit(np.array([10.0, 1e3])) == pytest.approx([1e-42, np.nan], nan_ok=True)
    (tmp_path / "s.csv").write_text("x,y,z\n0,0,0\n0,1,1\n1,0,2\n1,1,3\n")
    surface = Curve.read("s.csv", observable("p", upper="s.csv", along=("a", "b")), tmp_path)
    surface = pickle.loads(pickle.dumps(surface))
    assert surface(np.array([0.5, 2, np.nan]), np.array([0.25, 0, 0])) == pytest.approx(
        [1.25, np.nan, np.nan], nan_ok=True)


def test_a_surface_as_a_limit(tmp_path):
    """A limit in the plane of two names cuts, or, smoothed, adds to chi2; none outside of it."""
    (tmp_path / "s.csv").write_text("x,y,z\n0,0,1\n0,1,2\n1,0,3\n1,1,4\n")
    hard = observable("r", expression="5 * p", upper="s.csv", along=("a", "b"))
    soft = observable("q", expression="a + b", lower="s.csv", along=("a", "b"), sigma=0.5)
    rows = evaluate([hard, soft], [[0.5, 0.5], [1.0, 1.0], [3.0, 9.0]], folder=tmp_path)
    assert [r.observables["chi2_q"] for r in rows] == pytest.approx([9.0, 16.0, 0.0])
    assert [r.reason for r in rows] == ["", "outside: r (5 > 4)", ""]


@pytest.mark.parametrize(("content", "words"), [
    (None, "cannot be read"), ("a,b\n", "no rows"), ("1,2\n3\n", "different numbers"),
    ("1,x\n2,3\n", "cannot be read as numbers"), ("1,2,3\n4,5,6\n", "has 3 columns"),
    ("1\n2\n", "must have 2"),
    ("1,nan\n2,3\n", "finite"),
])
def test_bad_curves_are_refused(tmp_path, content, words):
    """A file that is no curve is an input error that names it."""
    if content is not None:
        (tmp_path / "c.csv").write_text(content)
    with pytest.raises(InputError, match=words):
        make_constraint(observable("p", upper="c.csv", along="a"), tmp_path)


def test_a_chi2_of_the_users_own(tmp_path):
    """A function in a file gives the chi2 of an observable; where it raises, the point fails."""
    (tmp_path / "like.py").write_text("def chi2(s):\n    return {2.0: 7.5}[s]\n")
    entry = observable("s", chi2="like.py:chi2")
    assert Constrained(Stub(), [entry], NAMES, 4.0, tmp_path).files == (str(tmp_path / "like.py"),)
    good, bad = evaluate([entry], [[1, 1], [1, 2]], folder=tmp_path)
    assert good.value == 7.5
    assert (bad.status, bad.reason) == (
        "bad_value", "not a number: chi2 of s (KeyError: 3.0 (like.py, line 2))")


@pytest.mark.parametrize(("entry", "words"), [
    (observable("q"), "say where it comes from"),
    (observable("p", expression="a"), "has an observable of that name"),
    (observable("q", expression="s + P"), r"did you mean p\?"),
    (observable("p", upper="c.csv", along="mass"), "along = mass is not known"),
])
def test_names_that_nobody_has_are_refused(entry, words):
    """A name is looked up before the scan, when the calculator says what it has."""
    class Config:
        Observables, Target_value, Chi_square_threshold, input_file = (entry,), None, 4.0, ""
    with pytest.raises(InputError, match=words):
        Constrained.from_config(Stub(), Config, NAMES)


def test_which_constraint_kills_how_many():
    """Hard limits are counted from the reasons, soft ones where they alone pass the threshold."""
    entries = [observable("s", upper=3.0), observable("p", lower=0.0),
               observable("d", expression="a - b", value=0.0, sigma=1.0)]
    rows = evaluate(entries, [[1, 1], [2, 2], [50, -2], [4, 1], [1, -1.5]])
    table = {"reason": [j.reason for j in rows], "status": [j.status for j in rows]}
    table |= {name: np.array([j.observables[name] for j in rows]) for name in rows[0].observables}
    assert killed_by(table, 4.0) == {"s": 3, "d": 3, "p": 2}
    assert killed_by(table) == {"s": 3, "p": 2}


def test_what_the_pool_asks_is_passed_on():
    """Share and citations are the calculator's, also after it was sent to a worker."""
    c = pickle.loads(pickle.dumps(Constrained(Stub(), [observable("s", upper=1)], NAMES, 4.0)))
    assert (c.share, c.citations) == (7, ("somebody",))
    assert not hasattr(c, "describe")


@pytest.mark.parametrize("vectorised", [False, True])
def test_a_band_needs_a_value(tmp_path, vectorised):
    """Numbers without a value are no value 0 to a Target_value; the remedy is told."""
    (tmp_path / "f.py").write_text("def f(p):\n    return {'s': p['a'], 't': p['b']}\n"
                                   "def g(p):\n    return {'s': p['a'], 'value': p['b']}\n")
    entries = [observable("s", upper=3.0)]
    for function, status, value in (("f", "bad_output", np.nan), ("g", OK, 2.0)):
        config = replace(make_config(
            Calculator=f"f.py:{function}", VarLabel=["a", "b"], VarMin=[0, 0], VarMax=[4, 4],
            Target_value=2.0, Target_width=1.0, Observables=entries, Vectorised=vectorised),
            input_file=str(tmp_path / "in.py"))
        evaluated, = make_calculator(config, ["a", "b"]).evaluate(np.array([[1.0, 2.0]]), None)
        assert evaluated.status == status, evaluated
        np.testing.assert_equal(evaluated.value, value)
        assert status == OK or "range=(low, high)" in evaluated.reason


def test_a_band_is_refused_where_nothing_has_a_value(tmp_path):
    """Programs alone give numbers by name, and no value."""
    config = replace(make_config(
        Calculator="Programs", VarLabel=["a"], VarMin=[0], VarMax=[4], Target_value=2.0,
        Target_width=1.0, Programs=[python_step("f.py:f")]), input_file=str(tmp_path / "in.py"))
    with pytest.raises(InputError, match=r"no value, so Target_value .* range=\(low, high\)"):
        make_calculator(config, ["a"])
