"""Measurements as they are published: each kind against a number worked out by hand."""

import json

import numpy as np
import pytest
import scipy
from scipy.optimize import minimize, minimize_scalar

from mlscanner.calculators.steps.constrained import Constrained
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.errors import InputError
from mlscanner.evaluation import Evaluation
from mlscanner.likelihood.correlated import correlated
from mlscanner.likelihood.curves import Curve
from mlscanner.likelihood.kinds import make_constraint
from mlscanner.likelihood.likelihood import Likelihood
from mlscanner.likelihood.observables import Observable, observable
from mlscanner.models.outputs import Outputs
from mlscanner.space.parameters import Box
from mlscanner.store.settings_file import changed_settings


def chi2(entry, folder=".", **columns):
    """chi2 (n,) of an entry at these numbers."""
    assert not entry.problems
    table = {name: np.atleast_1d(np.asarray(column, float)) for name, column in columns.items()}
    return make_constraint(entry, folder).soft(table)


def test_asymmetric_errors():
    """Barlow, physics/0406120: V = s- s+ + (s+ - s-) d. With 1.0 -0.2 +0.3: 1 at 0.8 and 1.3;
    at 1.6, V = 0.06 + 0.1 * 0.6 = 0.12 and 0.36/0.12 = 3; at 0.4, beyond the smaller error,
    (0.6/0.2)^2 = 9."""
    entry = observable("x", value=1.0, sigma=(0.2, 0.3))
    assert chi2(entry, x=[1.0, 0.8, 1.3, 1.6, 0.4]) == pytest.approx([0, 1, 1, 3, 9])
    mirrored = observable("x", value=-1.0, sigma=(0.3, 0.2))
    assert chi2(mirrored, x=[-0.8, -1.3, -1.6, -0.4]) == pytest.approx([1, 1, 3, 9])
    assert (np.diff(chi2(entry, x=np.linspace(1, 50, 100))) > 0).all()
    assert (np.diff(chi2(entry, x=np.linspace(-50, 1, 100))) < 0).all()


def test_asymmetric_errors_with_theory():
    """Theory in quadrature on both sides: 0.3 and 0.4 become 0.5 and sqrt(0.32)."""
    entry = observable("x", value=0.0, sigma=(0.3, 0.4), theory=0.4)
    assert chi2(entry, x=[-0.5, np.sqrt(0.32)]) == pytest.approx([1, 1])


def test_equal_errors_are_one_error():
    """sigma=(s, s) is sigma=s."""
    x = np.linspace(-3, 3, 11)
    two, one = observable("x", value=1, sigma=(0.5, 0.5)), observable("x", value=1, sigma=0.5)
    assert chi2(two, x=x) == pytest.approx(chi2(one, x=x))


def test_counts_without_uncertainty():
    """n = 3, b = 1: 2 (m - 3 + 3 ln(3/m)) is 0 at s = 2, 2 (2 + 3 ln(1/2)) = -2 ln of the
    ratio of Poisson probabilities at s = 4; n = 0 is 2 (s + b)."""
    entry = observable("s", counts=3, background=1)
    assert chi2(entry, s=[2, 5]) == pytest.approx([0, 2 * (3 + 3 * np.log(0.5))])
    ratio = -2 * np.log(scipy.stats.poisson.pmf(3, 6) / scipy.stats.poisson.pmf(3, 3))
    assert chi2(entry, s=5)[0] == pytest.approx(ratio)
    assert chi2(observable("s", counts=0, background=1.5), s=[0, 2]) == pytest.approx([3, 7])


@pytest.mark.parametrize(("n", "b", "width", "s"), [
    (12, 10.0, 2.0, 5.0), (3, 1.0, 0.5, 4.0), (0, 1.0, 1.5, 3.0), (0, 4.0, 0.5, 0.0),
    (1, 0.5, 2.0, 9.0)])
def test_counts_with_an_uncertain_background(n, b, width, s):
    """The closed form is the smallest chi2 over all backgrounds that are not negative."""
    def at(background):
        m = background + s
        shape = n * np.log(n / m) if n else 0.0
        return 2 * (m - n + shape) + ((background - b) / width) ** 2
    searched = minimize_scalar(at, bounds=(1e-9, b + 10 * width), method="bounded",
                               options={"xatol": 1e-10}).fun
    entry = observable("s", counts=n, background=(b, width))
    assert chi2(entry, s=s)[0] == pytest.approx(searched, abs=1e-7)


def test_an_uncertain_background_by_hand():
    """n = 4, s = 0, b = 2 +- 1: m^2 - m - 4 = 0, so m = (1 + sqrt 17)/2."""
    m = (1 + np.sqrt(17)) / 2
    entry = observable("s", counts=4, background=(2, 1))
    assert chi2(entry, s=0)[0] == pytest.approx(2 * (m - 4 + 4 * np.log(4 / m)) + (m - 2) ** 2)


def test_a_limit_as_expected():
    """Observed = expected: the middle is 0 and the limit 1.96 sigma (1202.3415: expected/1.96),
    so chi2 at the limit is 1.96^2 = 3.84, at half of it a quarter, and 0 below 0."""
    entry = observable("x", upper=3.0, expected=3.0)
    assert chi2(entry, x=[3.0, 1.5, 0.0, -1]) == pytest.approx([3.8415, 0.9604, 0, 0], abs=1e-4)


def test_a_limit_with_an_excess_and_one_that_is_stronger():
    """CLs of the Gaussian is 5 % at the observed limit; with an excess chi2 is 0 below the middle,
    and with a stronger limit it is q of arXiv:1007.1727, eq. 16."""
    for observed in (3.0, 1.2):
        entry = observable("x", upper=observed, expected=2.0)
        sigma = 2.0 / scipy.stats.norm.isf(0.025)
        grid = np.linspace(-20, 20, 400_001)
        cls = scipy.stats.norm.sf((observed - grid) / sigma) / scipy.stats.norm.cdf(grid / sigma)
        middle = grid[np.argmin(np.abs(cls - 0.05))]
        q = ((observed - middle) / sigma) ** 2 - (min(middle, 0.0) / sigma) ** 2
        assert chi2(entry, x=observed)[0] == pytest.approx(q, rel=1e-3)
        if middle > 0:
            assert chi2(entry, x=[0.9 * middle, 1.1 * middle])[0] == 0
            assert chi2(entry, x=1.1 * middle)[0] > 0
        else:
            assert chi2(entry, x=[0, 0.1])[0] == 0 and chi2(entry, x=0.1)[0] > 0


def test_a_limit_along_a_curve(tmp_path):
    """Both limits may be curves; outside of the file there is no limit."""
    (tmp_path / "obs.csv").write_text("m,limit\n1,3\n3,3\n")
    (tmp_path / "exp.csv").write_text("m,limit\n1,3\n3,3\n")
    entry = observable("x", upper="obs.csv", expected="exp.csv", along="m")
    assert chi2(entry, tmp_path, x=[3.0, 3.0], m=[2.0, 4.0]) == pytest.approx([3.8415, 0], abs=1e-4)


def test_a_table_in_one_dimension(tmp_path):
    """The table's numbers at its points, monotone between them, and outside the parabola with the
    table's minimum: at 4 twice as far as at 2, so 4 * 4 = 16."""
    (tmp_path / "t.csv").write_text("# x, delta chi2\n-1 1\n0 0\n1 1\n2 4\n")
    entry = observable("x", table="t.csv")
    assert chi2(entry, tmp_path, x=[-1, 0, 1, 2, 4, -3]) == pytest.approx([1, 0, 1, 4, 16, 9])
    between = chi2(entry, tmp_path, x=np.linspace(0, 2, 50))
    assert (np.diff(between) >= 0).all() and abs(between[25] - (25 * 2 / 49) ** 2) < 0.05


def test_a_table_of_ln_l(tmp_path):
    """lnL is counted from its largest: -2 (lnL - max)."""
    (tmp_path / "t.csv").write_text("x,lnL\n0,-10.5\n1,-10\n2,-12\n")
    entry = observable("x", table="t.csv", holds="lnL")
    assert chi2(entry, tmp_path, x=[0, 1, 2]) == pytest.approx([1, 0, 4])


def test_a_table_in_two_dimensions(tmp_path):
    """Linear on the grid, its rows in any order; outside the parabola from the minimum."""
    rows = [(x, y, x**2 + 4 * y**2) for x in (-2, -1, 0, 1, 2) for y in (-1, 0, 1)]
    np.random.default_rng(1).shuffle(rows)
    (tmp_path / "t.csv").write_text("x,y,chi2\n" + "\n".join(f"{a},{b},{c}" for a, b, c in rows))
    entry = observable("x", table="t.csv", along="y")
    found = chi2(entry, tmp_path, x=[1, 0.5, 4, 4, np.nan], y=[1, 0.5, 0, 2, 0])
    assert found[:4] == pytest.approx([5, 0.5 + 2, 16, 32])
    assert np.isnan(found[4])


def test_outside_of_a_table_whose_minimum_is_on_that_edge(tmp_path):
    """There it goes on with the value at the edge."""
    (tmp_path / "t.csv").write_text("0,0\n1,1\n2,4\n")
    assert chi2(observable("x", table="t.csv"), tmp_path, x=[-5, 0])[0] == 0


def test_a_correlated_set():
    """Two values, sigmas 1 and 2, rho 0.5: (r1^2 - 2 rho r1 r2 + r2^2)/(1 - rho^2) of the pulls
    (1, 1): (1 - 1 + 1)/0.75 = 4/3; of (1, -1): 3/0.75 = 4."""
    entry = correlated(["a", "b"], values=[0, 10], sigmas=[1, 2], matrix=[[1, 0.5], [0.5, 1]])
    assert entry.name == "a_b" and entry.soft
    assert chi2(entry, a=[1, 1], b=[12, 8]) == pytest.approx([4 / 3, 4])


def test_s_t_u_of_the_particle_data_group():
    """Three numbers with a published matrix (S, T, U = -0.04 0.10, 0.01 0.12, -0.01 0.09; 0.93,
    -0.70, -0.87; PDG 2024, electroweak review, eq. 10.72): at 0 against the plain inverse."""
    sigmas = np.array([0.10, 0.12, 0.09])
    matrix = np.array([[1, 0.93, -0.70], [0.93, 1, -0.87], [-0.70, -0.87, 1]])
    values = np.array([-0.04, 0.01, -0.01])
    entry = correlated(["S", "T", "U"], values=values, sigmas=sigmas, matrix=matrix)
    by_hand = values @ np.linalg.solve(matrix * np.outer(sigmas, sigmas), values)
    assert chi2(entry, S=0, T=0, U=0)[0] == pytest.approx(by_hand)
    alone = ((values / sigmas) ** 2).sum()
    assert by_hand != pytest.approx(alone)


def test_a_matrix_in_a_file(tmp_path):
    """The same from a CSV file; its first row is numbers, not a heading."""
    (tmp_path / "m.csv").write_text("1, 0.5\n0.5, 1\n")
    entry = correlated(["a", "b"], values=[0, 10], sigmas=[1, 2], matrix="m.csv")
    assert chi2(entry, tmp_path, a=1, b=12)[0] == pytest.approx(4 / 3)


def test_a_shared_theory_uncertainty():
    """C + t t^T is what minimising over a common shift gives; by hand, sigmas 1, t = (1, 1),
    r = (1, 1): eta = 2/3 and 2 (1/3)^2 + 4/9 = 2/3."""
    entry = correlated(["a", "b"], values=[0, 0], sigmas=[1, 1], shared=[1, 1])
    assert chi2(entry, a=1, b=1)[0] == pytest.approx(2 / 3)
    rho, t = np.array([[1, 0.3], [0.3, 1]]), np.array([[0.5, -1.0], [2.0, 0.2]])
    entry = correlated(["a", "b"], values=[1, 2], sigmas=[0.4, 0.8], matrix=rho.tolist(),
                       theory=[0.3, 0.0], shared=t.tolist())
    c = rho * np.outer([0.4, 0.8], [0.4, 0.8]) + np.diag([0.09, 0.0])

    def at(eta):
        r = np.array([2.0, 0.5]) + eta @ t - np.array([1, 2])
        return r @ np.linalg.solve(c, r) + eta @ eta
    assert chi2(entry, a=2, b=0.5)[0] == pytest.approx(minimize(at, [0, 0]).fun, abs=1e-6)


@pytest.mark.parametrize(("words", "message"), [
    ({"value": 1, "sigma": (0.1, 0)}, "two above 0"),
    ({"value": 1, "sigma": (0.1, 0.2, 0.3)}, "two above 0"),
    ({"upper": 1, "sigma": (0.1, 0.2)}, "need a measured value"),
    ({"counts": 2.5}, "whole number of events"),
    ({"counts": -1}, "whole number of events"),
    ({"background": 3}, "no counts"),
    ({"counts": 1, "background": (1, -2)}, "its uncertainty"),
    ({"counts": 1, "value": 1, "sigma": 1}, "one constraint"),
    ({"expected": 1}, "expected needs upper"),
    ({"upper": 1, "expected": 1, "sigma": 1}, "expected needs upper"),
    ({"upper": 1, "confidence": 0.9}, "expected is not given"),
    ({"upper": 1, "expected": 1, "confidence": 95}, "between 0 and 1"),
    ({"table": "t.csv", "along": ("a", "b")}, "one or two dimensions"),
    ({"table": "t.csv", "holds": "L"}, "'lnL'"),
    ({"holds": "lnL"}, "no table"),
    ({"table": "t.csv", "theory": 1}, "theory needs"),
])
def test_what_is_wrong_with_an_entry(words, message):
    """Each mistake is a sentence of its own, kept and not raised."""
    assert message in "; ".join(observable("it", **words).problems)


@pytest.mark.parametrize(("words", "message"), [
    ({"names": ["a"]}, "two or more"),
    ({"names": ["a", "a"]}, "different names"),
    ({"values": [1]}, "values has 1 numbers; expected 2"),
    ({"sigmas": [1, 0]}, "a number above 0"),
    ({"sigmas": ["x", 1]}, "a number above 0"),
    ({"theory": [1]}, "theory has 1"),
    ({"shared": [[1, 2], [1]]}, "shared has 1"),
    ({"matrix": [[1, 2], [0.5, 1]]}, "not symmetric"),
    ({"matrix": [[1, 2], [2, 1]]}, "no correlation matrix"),
    ({"matrix": [[4, 1], [1, 4]]}, "diagonal must be 1"),
    ({"matrix": [[1]]}, "1 x 1 numbers; expected 2 x 2"),
    ({"matrix": [["a", "b"]]}, "rows of numbers"),
    ({"name": "a b"}, "letters, digits"),
])
def test_what_is_wrong_with_a_set(words, message):
    """The same for correlated sets."""
    entry = correlated(**{"names": ["a", "b"], "values": [1, 2], "sigmas": [1, 1], **words})
    assert message in "; ".join(entry.problems)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    """Entries with their lines, and all files that are not there or wrong together."""
    path = tmp_path / "in.py"
    path.write_text("Calculator = 'F_2d'\nChi_square_threshold = 4.0\nObservables = [\n"
                    "    correlated(['x1', 'x2'], values=[1], sigmas=[1, 1]),\n"
                    "    observable('n', expression='x1', counts=-1),\n]\n")
    with pytest.raises(InputError) as caught:
        load_config(path)
    first, second = caught.value.problems
    assert "line 4" in first and "line 5" in second
    (tmp_path / "t.csv").write_text("1,2,3\n")
    entries = [observable("a", table="t.csv"), observable("b", upper="no.csv", along="x"),
               correlated(["a", "b"], values=[1, 2], sigmas=[1, 1], matrix="t.csv")]
    with pytest.raises(InputError) as caught:
        Likelihood(entries, ["x"], 4.0, tmp_path)
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 3
    assert "2 columns" in text and "no.csv" in text and "1 x 3" in text


class Two:
    """A calculator with two numbers, the second one unknown where x2 is negative."""

    observables, value_is_chi2 = ("a", "b"), False

    def evaluate(self, x, scratch):
        """a = x1, b = x2."""
        return [Evaluation("ok", 0.0, {"a": r[0], "b": r[1] if r[1] >= 0 else np.nan}, "")
                for r in x]


def test_a_set_with_a_number_that_is_missing():
    """The point fails, and its reason names the number; the set is no column, its chi2 is."""
    entries = [correlated(["a", "b"], values=[1, 2], sigmas=[1, 1], name="both")]
    calculator = Constrained(Two(), entries, ["x1", "x2"], 4.0)
    assert calculator.observables == ("a", "b", "chi2_both")
    good, bad = calculator.evaluate([[2, 2], [1, -1]], None)
    assert (good.status, good.value, good.observables["chi2_both"]) == ("ok", 1.0, 1.0)
    assert bad.status == "bad_value" and "b is not known" in bad.reason


def test_names_of_a_set_are_checked(tmp_path):
    """A number that nobody provides is told before a scan starts."""
    (tmp_path / "f.py").write_text("def f(p):\n    return {'a': p[0]}\n")
    config = make_config(Calculator="F_2d", Chi_square_threshold=4.0, Observables=[
        correlated(["x1", "nix"], values=[1, 2], sigmas=[1, 1])])
    calculator = Two()
    with pytest.raises(InputError, match=r"its number nix is not known \(known are x1, x2, a, b\)"):
        Constrained.from_config(calculator, config, ["x1", "x2"])


def test_each_kind_is_learned_and_saved(tmp_path):
    """chi2 of learned numbers (Learn = 'observables') is that of the scan, also without files."""
    (tmp_path / "t.csv").write_text("0,0\n1,1\n2,4\n")
    (tmp_path / "m.csv").write_text("1,0.5\n0.5,1\n")
    (tmp_path / "l.csv").write_text("0,2\n1,3\n")
    entries = [observable("a", value=0.5, sigma=(0.1, 0.2)), observable("b", table="t.csv"),
               correlated(["a", "b"], values=[1, 2], sigmas=[1, 1], matrix="m.csv"),
               observable("n", expression="10*a", counts=3, background=(1, 0.5)),
               observable("c", expression="b", upper="l.csv", expected=2.5, along="x1")]
    box = Box.from_config(make_config(Calculator="F_2d", VarMin=[0, 0], VarMax=[1, 1]))
    names = ["x1", "x2"]
    x = np.random.default_rng(2).random((20, 2))
    evaluated = Constrained(Two(), entries, names, 4.0, tmp_path).evaluate(x, None)
    outputs = Outputs(entries, box, 4.0, tmp_path)
    assert set(outputs.columns) == {"a", "b"} == set(outputs.names)
    saved = json.loads(json.dumps({name: [c.points.tolist(), c.limit.tolist(), c.log]
                                   for name, c in outputs.curves().items()}))
    assert set(saved) == {"t.csv", "m.csv", "l.csv"}
    curves = {name: Curve(np.array(p), np.array(v), log) for name, (p, v, log) in saved.items()}
    for made in (outputs, Outputs(entries, box, 4.0, "/nowhere", curves)):
        learned = {"a": x[:, 0], "b": x[:, 1]}
        assert made.chi2(learned, x) == pytest.approx([e.value for e in evaluated])


def test_a_run_of_an_older_program_is_gone_on_with():
    """Entries that were stored without the newer words are the same entries."""
    config = make_config(Calculator="F_2d", Chi_square_threshold=4.0,
                         Observables=[observable("a", expression="x1", value=1, sigma=2)])
    old = json.loads(json.dumps(config.as_dict()))
    for word in ("counts", "table", "members", "expected"):
        del old["Observables"][0][word]
    assert not changed_settings(old, config.as_dict())
    old["Observables"][0]["sigma"] = 3.0
    assert "Observables" in changed_settings(old, config.as_dict())
    assert Observable("x").counts is None
