"""Formulas in text: right numbers, and nothing else can be run by them."""

import math
import pickle

import numpy as np
import pytest

from mlscanner.space.expressions import (
    FUNCTIONS,
    Expression,
    ExpressionError,
    identifier,
    unknown_names,
)

TABLE = {"a": np.array([1.0, 2.0, -3.0]), "b": np.array([4.0, 0.5, 2.0])}


@pytest.mark.parametrize("text", [
    "a + 2*b - 1/b", "-a**2", "a**-b if a > 0 else 0.0", "(a + 0.1)/2", "a % 2", "pi*abs(a)",
    "sqrt(b) + exp(a) - log(b)", "min(a, b, 1) + max(a, b)", "atan2(a, b)", "+a",
    "(a > 1) * 3 + (b < 1)", "0 < a < b", "a > 0 and b > 1 or not a < 5", "a == 1", "a != 1",
])
def test_a_formula_is_what_python_says(text):
    """Each formula agrees with Python on plain numbers, row by row."""
    names = {name: getattr(math, name) for name in ("sqrt", "exp", "log", "atan2", "pi")}
    names |= {"abs": abs, "min": min, "max": max, "__builtins__": {}}
    found = Expression(text)(TABLE)
    for i in range(3):
        row = {key: float(column[i]) for key, column in TABLE.items()}
        assert found[i] == pytest.approx(float(eval(text, names, row)))  # own texts


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_works_on_arrays(name):
    """All functions take arrays and keep their shape."""
    function, least, _ = FUNCTIONS[name]
    x = np.array([0.2, 0.7])
    text = f"{name}({', '.join('xy'[:least])})"
    assert Expression(text)({"x": x, "y": x / 2}).shape == (2,)
    assert callable(function)


@pytest.mark.parametrize("text", [
    "", "  ", "a +", "import os", "__import__('os')", "a.real", "a[0]", "[a]", "{}", "'text'",
    "lambda: 1", "f'{a}'", "a := 1", "(a for a in b)", "True", "1j", "a @ b", "a // b", "a & b",
    "a is b", "a in b", "sqrt", "sqrt()", "sqrt(a, b)", "max(a)", "sqrt(x=1)", "eval('1')",
    "sqrt(*a)", "getattr(a, 'b')", "~a", "a, b", "a\nb", "1" * 5000,
    "-" * 100 + "a", "+".join(["a"] * 400), "x\0y",
])
def test_everything_else_is_refused(text):
    """What is not in the language is an ExpressionError, whatever it is."""
    with pytest.raises(ExpressionError):
        Expression(text)


def test_huge_powers_cost_nothing():
    """Numbers are 64-bit floats: a tower of powers is infinite, not endless."""
    assert np.isinf(Expression("9**9**9**9")({}))


def test_undefined_is_nan_without_a_warning():
    """The root of a negative number and 0/0 are NaN; warnings are errors here."""
    assert np.isnan(Expression("sqrt(0 - 1)")({}))
    assert np.isnan(Expression("x/x")({"x": np.zeros(1)})).all()


def test_names_and_suggestions():
    """Names come in order, without constants; an unknown one gets a suggestion."""
    formula = Expression("lam2*sin(alpha) + pi + lam2")
    assert formula.names == ("lam2", "alpha")
    clause, = unknown_names(formula, ["lam1", "alpha"])
    assert "did you mean lam1?" in clause
    assert identifier("tan(beta) 2") == "tan_beta__2"
    assert identifier("2x") == "_2x"


def test_it_can_be_sent_to_workers():
    """A pickled formula is the same formula."""
    copy = pickle.loads(pickle.dumps(Expression("a + b")))
    assert np.array_equal(copy(TABLE), TABLE["a"] + TABLE["b"])


@pytest.mark.parametrize("text", ["x + 1" + "0" * 310, "1" + "0" * 310, "x > 9" + "9" * 400])
def test_a_whole_number_beyond_all_floats_is_refused(text):
    """In words, before the formula is used: it ended in an OverflowError."""
    with pytest.raises(ExpressionError, match="larger than 1.8e308"):
        Expression(text)


@pytest.mark.parametrize("text", ["lambda**2 < 1", "2 * lambda", "tanb + in"])
def test_a_name_that_python_has_for_itself_is_told(text):
    """A coupling called lambda is refused in words that help, not as invalid syntax."""
    word = "in" if text.endswith("in") else "lambda"
    with pytest.raises(ExpressionError, match=f"{word} is a word of Python. Rename it, to {word}_"):
        Expression(text)
