"""The box: unit box to physical points and back, formulas, pre-cuts, and what is refused."""

import json

import numpy as np
import pytest

from mlscanner.config.scan_config import load_config, make_config
from mlscanner.errors import InputError
from mlscanner.space.parameters import Box

INPUT = """
Calculator = 'THDM'
VarLabel = ['# mA', '# mH', '# n', '# tan b', '# x', '# fx']
VarMin = [1e-3, 1, 1, None, None, None]
VarMax = [1e3, 2, 9, None, None, None]
VarPrior = ['log', 'normal(1.5, 0.3)', 'integer', 'choice [1, 2.5, 7]', '(mA + 0.1)/tan_b',
            'fixed 3.2']
Precut = 'mA > mH'
"""


def box(folder, text=INPUT):
    """Box of an input file."""
    path = folder / "in.py"
    path.write_text(text)
    return Box.from_config(load_config(path))


def problems(folder, line):
    """What is said about INPUT with one more line."""
    with pytest.raises(InputError) as caught:
        box(folder, INPUT + line)
    return "\n".join(caught.value.problems)


def test_all_parameters_are_columns_and_some_are_dimensions(tmp_path):
    """Fixed values and formulas are in every point, but not in the unit box."""
    b = box(tmp_path)
    u = np.random.default_rng(1).random((50, b.dim))
    x = b.to_physical(u)
    assert b.dim == 4
    assert b.names == ("mA", "mH", "n", "tan b", "x", "fx")
    assert x[:, 4] == pytest.approx((x[:, 0] + 0.1) / x[:, 3])
    assert (x[:, 5] == 3.2).all()


def test_what_is_stored_can_be_read_back_exactly(tmp_path):
    """to_unit of a stored point is the same number whenever it is computed, cells included."""
    b = box(tmp_path)
    u = np.random.default_rng(2).random((200, b.dim))
    x = b.to_physical(u)
    stored = b.to_unit(x)
    assert np.array_equal(stored, b.snapped(u))
    assert np.array_equal(stored[7], b.to_unit(np.array([float(repr(v)) for v in x[7].tolist()])))
    assert np.array_equal(b.to_physical(stored)[:, 2:4], x[:, 2:4])  # whole numbers and choices
    assert stored[:, :2] == pytest.approx(u[:, :2], abs=1e-9)


def test_a_plain_box_is_what_it_was():
    """Without priors nothing is cut or snapped, and u is linear."""
    b = Box.from_config(make_config(Calculator="F_2d"))
    assert b.precut is None
    assert b.snap is None
    assert b.to_physical(np.array([[0.5, 1.0]])) == pytest.approx(np.array([[0, 10 * np.pi]]))


def test_pre_cuts_and_undefined_formulas(tmp_path):
    """A point is allowed where every pre-cut holds and every formula is a number."""
    b = box(tmp_path, INPUT.replace("(mA + 0.1)/tan_b", "sqrt(mA - 1)").replace(
        "Precut = 'mA > mH'", "Precut = ['mA > mH', 'mA < 100 and n != 3']"))
    u = np.random.default_rng(3).random((2000, b.dim))
    x = b.to_physical(u)
    expected = (x[:, 0] > x[:, 1]) & (x[:, 0] < 100) & (x[:, 2] != 3) & (x[:, 0] >= 1)
    assert np.array_equal(b.precut(u), expected)
    assert expected.any() and not expected.all()


def test_formulas_may_need_formulas_in_any_order(tmp_path):
    """A formula is evaluated after those it needs, wherever they stand."""
    b = box(tmp_path, """
Calculator = 'THDM'
VarLabel = ['a', 'b', 'c', 'Lambda2Input']
VarMin, VarMax = [None, None, 0, None], [None, None, 1, None]
VarPrior = {'a': 'b + 1', 'b': '2*c', 'Lambda2Input': '(a + 0.1)/2'}
""")
    assert b.to_physical(np.array([[0.25]]))[0] == pytest.approx([1.5, 0.5, 0.25, 0.8])


def test_priors_by_name_in_the_form_of_the_manual(tmp_path):
    """'name = prior' entries mean that parameter; the others stay linear; append works."""
    b = box(tmp_path, """
Calculator = 'THDM'
for name in ('# Lambda1Input', '# Lambda2Input', '# M'):
    VarLabel.append(name)
    VarMin.append(1)
    VarMax.append(10)
VarPrior.append('Lambda2Input = (Lambda1Input + 0.1)/2')
VarPrior.append('M = log')
""")
    x = b.to_physical(np.array([[0.5, 0.5]]))[0]
    assert x == pytest.approx([5.5, 2.8, np.sqrt(10)])


@pytest.mark.parametrize(("line", "words"), [
    ("VarPrior[0] = 'lgo'", ["line 9", "mA = lgo: lgo is not known", "priors are linear, log"]),
    ("VarPrior[4] = 'ma + 1'", ["line 9", "ma is not known (did you mean mA?)"]),
    ("VarPrior[4] = 'x + 1'", ["line 9", "need each other: x = x + 1"]),
    ("VarPrior = {'mA': 'log', 'tb': 'log'}", ["line 9", "tb is not a parameter"]),
    ("VarPrior = ['log']", ["line 9", "1 entry for 6 parameters"]),
    ("VarPrior = 3", ["line 9", "expected a list of texts"]),
    ("VarPrior[0] = 'log(mH'", ["line 9", "not a formula"]),
    ("VarMin[0] = 0", ["cannot reach zero", "symlog"]),
    ("VarMin[0] = None", ["line 9", "VarMin[0] = None, but '# mA' is scanned"]),
    ("Precut = 'mA >'", ["line 9", "not a formula"]),
    ("Precut = ['mA > mh']", ["line 9", "did you mean mH?"]),
    ("Precut = 'mA > 1e9'", ["line 9", "not one of 1000000 random points"]),
    ("Precut = 'abs(mA - mH) < 3e-5'", ["line 9", "of 1000000 random points", "10 are needed"]),
    ("VarPrior = ['fixed 1']*6", ["nothing is scanned"]),
])
def test_what_is_wrong_is_said_with_its_line(tmp_path, line, words):
    """Each mistake gives a message that names line, entry and remedy."""
    found = problems(tmp_path, line)
    assert all(word in found for word in words), found


def test_several_problems_at_once(tmp_path):
    """All bad priors are reported together."""
    found = problems(tmp_path, "VarPrior[0] = 'normal(1)'\nVarPrior[2] = 'choice [1]'\n")
    assert "line 9" in found and "line 10" in found


def test_the_description_is_plain_json(tmp_path):
    """scan_input_used.json can hold it."""
    described = json.loads(json.dumps(box(tmp_path).described()))
    assert described[0] == {"name": "mA", "low": 1e-3, "high": 1e3, "prior": "log"}
    assert described[4]["prior"] == "(mA + 0.1)/tan_b"
