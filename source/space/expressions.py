"""Formulas in text, evaluated on arrays: a small safe language, without Python's eval.

Numbers, names, + - * / ** %, comparisons (chains like 0 < x < 1 too), and / or / not,
`a if condition else b`, the constants and the functions below. All numbers are 64-bit floats, so
that no power can grow beyond them; the length, the number of parts and the depth are bounded.
"""

import ast
import operator
import re
import sys
import unicodedata
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any

import numpy as np

LOGIC = "and", "or", "not", "if", "else"
MAX_LENGTH, MAX_NODES, MAX_DEPTH = 1000, 300, 40
CONSTANTS = {"pi": np.pi}
FUNCTIONS = {  # name -> (function, fewest arguments, most arguments)
    "sqrt": (np.sqrt, 1, 1), "exp": (np.exp, 1, 1), "log": (np.log, 1, 1),
    "log10": (np.log10, 1, 1), "sin": (np.sin, 1, 1), "cos": (np.cos, 1, 1),
    "tan": (np.tan, 1, 1), "asin": (np.arcsin, 1, 1), "acos": (np.arccos, 1, 1),
    "atan": (np.arctan, 1, 1), "atan2": (np.arctan2, 2, 2), "sinh": (np.sinh, 1, 1),
    "cosh": (np.cosh, 1, 1), "tanh": (np.tanh, 1, 1), "abs": (np.abs, 1, 1),
    "sign": (np.sign, 1, 1), "min": (np.minimum, 2, 20), "max": (np.maximum, 2, 20),
}
_BINARY: dict[type, Any] = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
           ast.Div: np.divide, ast.Pow: np.power, ast.Mod: np.mod}
_COMPARE = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
            ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne}
_UNARY: dict[type, Any] = {ast.USub: operator.neg, ast.UAdd: operator.pos}


class ExpressionError(ValueError):
    """A formula that cannot be understood; the message says what and where."""


class Expression:
    """One formula.

    Parameters
    ----------
    text : str

    Attributes
    ----------
    names : tuple of str
        The names it needs, in order of appearance, constants and functions left out.

    Raises
    ------
    ExpressionError
        Anything but the language above.
    """

    def __init__(self, text):
        self.text = str(text).strip()
        if not self.text:
            raise ExpressionError("the formula is empty")
        if len(self.text) > MAX_LENGTH:
            raise ExpressionError(f"the formula has more than {MAX_LENGTH} characters")
        try:
            tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            words = _word_of_python(self.text) or getattr(error, "msg", None) or "nested too deeply"
            raise ExpressionError(f"{self.text!r} is not a formula: {words}") from None
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            raise ExpressionError(f"the formula has more than {MAX_NODES} parts")
        names: list[str] = []
        self._tree = _checked(tree, names, 0)
        self.names = tuple(dict.fromkeys(names))

    def __reduce__(self):
        return Expression, (self.text,)

    def __repr__(self):
        return f"Expression({self.text!r})"

    def __call__(self, table):
        """Value for each point.

        Parameters
        ----------
        table : mapping of str to float or array (n,)
            Must have all `names`.

        Returns
        -------
        float or array (n,); NaN or infinite where the formula is not defined.
        """
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self._tree, table), float)

    def holds(self, table):
        """Bool, or bool array (n,): the formula, a condition, is true; not where it is undefined.
        """
        value = self(table)
        return np.isfinite(value) & (value != 0)


def _word_of_python(text):
    """What is to be said of a name that Python has for itself; None where there is none."""
    own = [word for word in re.findall(r"\w+", text) if iskeyword(word) and word not in LOGIC]
    return f"{own[0]} is a word of Python. Rename it, to {own[0]}_ for example" if own else None


def identifier(name):
    """How a formula writes the name of a parameter: '_' for all but letters and digits.

    Python, which reads the formulas, has one letter for those that mean the same (two kinds of mu).
    """
    word = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name))
    return word if not word[:1].isdigit() else "_" + word


def sorted_by_need(items, needs):
    """The items (hashable), each after those that it needs; None where some need each other.

    Parameters
    ----------
    items : sequence
    needs : dict of item to set of items
    """
    done, left = [], list(items)
    while left:
        ready = [item for item in left if needs[item] <= set(done)]
        if not ready:
            return None
        done += ready
        left = [item for item in left if item not in ready]
    return done


def unknown_names(expression, known):
    """One clause for each name of the formula that is not in `known`; with 'did you mean'."""
    return [not_known(name, known) for name in expression.names if name not in known]


def not_known(name, known):
    """'mh is not known (did you mean mH?); known are mA, mH'."""
    close = [k for k in known if k.lower() == name.lower()] or \
        get_close_matches(name, list(known), 1)
    there = f"known are {', '.join(known) or 'no names'}"
    return f"{name} is not known " + (f"(did you mean {close[0]}?); {there}" if close else
                                      f"({there})")


def _checked(node, names, depth):
    """The node when it and all below are allowed; collects the names."""
    if depth > MAX_DEPTH:
        raise ExpressionError("the formula is nested too deeply")
    for child in _children(node):
        _checked(child, names, depth + 1)
    if isinstance(node, ast.Name) and node.id not in CONSTANTS:
        if node.id in FUNCTIONS:
            raise ExpressionError(f"{node.id} is a function and needs its (...)")
        names.append(node.id)
    return node


def _children(node):
    """The parts to look at, after the kind of the node is found to be allowed."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value: Any = node.value
        if abs(value) > sys.float_info.max:    # a whole number has no such end in Python
            raise ExpressionError("a number in it is larger than 1.8e308, the largest that a "
                                  "computer can hold")
        return ()
    if isinstance(node, ast.Name):
        return ()
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return node.left, node.right
    if isinstance(node, ast.UnaryOp) and type(node.op) in (*_UNARY, ast.Not):
        return (node.operand,)
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        return node.left, *node.comparators
    if isinstance(node, ast.IfExp):
        return node.test, node.body, node.orelse
    if isinstance(node, ast.Call):
        return _arguments(node)
    raise ExpressionError(f"{ast.unparse(node)[:60]!r} is not allowed in a formula; allowed are "
                          "numbers, names, + - * / ** %, comparisons, and, or, not and "
                          + ", ".join(FUNCTIONS))


def _arguments(node):
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)[:40]
    if name not in FUNCTIONS:
        close = get_close_matches(name, FUNCTIONS, 1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(FUNCTIONS)}"
        raise ExpressionError(f"there is no function {name}; {meant}")
    _, least, most = FUNCTIONS[name]
    if node.keywords or not least <= len(node.args) <= most:
        count = f"{least}" if least == most else f"{least} or more"
        raise ExpressionError(f"{name} takes {count} argument{'s' * (most > 1)}")
    return node.args


def _evaluate(node, table):
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return np.asarray(table[node.id], float) if node.id not in CONSTANTS \
            else CONSTANTS[node.id]
    parts = [np.asarray(_evaluate(child, table), float) for child in _children(node)]
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](*parts)
    if isinstance(node, ast.UnaryOp):
        return parts[0] == 0 if isinstance(node.op, ast.Not) else _UNARY[type(node.op)](parts[0])
    if isinstance(node, ast.BoolOp):
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return join.reduce(np.broadcast_arrays(*parts))
    if isinstance(node, ast.Compare):
        pairs = [_COMPARE[type(op)](a, b)
                 for op, a, b in zip(node.ops, parts, parts[1:], strict=False)]
        return np.logical_and.reduce(np.broadcast_arrays(*pairs))
    if isinstance(node, ast.IfExp):
        return np.where(parts[0] != 0, parts[1], parts[2])
    function: Any = FUNCTIONS[node.func.id][0]
    result = parts[0] if len(parts) > 1 else function(parts[0])
    for part in parts[1:]:
        result = function(result, part)
    return result
