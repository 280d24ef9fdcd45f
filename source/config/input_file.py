"""The user's input file: read it, run it, and know on which line each value was written."""

import ast
import io
import runpy
import tokenize
import warnings
from difflib import get_close_matches
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from ..aliases import SETTINGS, current_settings
from ..calculators.steps.user_programs import python_step, user_program
from ..errors import InputError
from ..files import program
from ..likelihood.correlated import correlated
from ..likelihood.observables import observable
from ..user_code import called
from .settings import settings

MAX_BYTES = 5_000_000

OFFERED: dict[str, Any] = {"observable": observable, "correlated": correlated,
                           "UserProgram": user_program,
                           "python_step": python_step}


def read(path):
    """Run the file at `path`.

    Returns
    -------
    values : dict
        Name -> value of the settings, and of all else the file gives a value to by '=', except
        names with a leading underscore, modules, functions and classes.
    lines : Lines

    Raises
    ------
    InputError
        No such file, not a text file, a syntax error, or an exception while it runs.
    """
    path = Path(path)
    source = _text(path)
    tree = _parse(source, path)
    lines = Lines(tree)
    namespace = _run(path)
    values = {name: value for name, value in namespace.items() if name in settings()
              or (name in lines.assigned and not name.startswith("_")
                  and not isinstance(value, ModuleType | FunctionType | type))}
    for old, name in SETTINGS.items():
        if old in values and name in values:
            raise InputError(f"{path.name}, line {lines.of(name)}: {old} is the former name of "
                             f"{name}, and both are set. Delete one of them.")
    return current_settings(values), lines


def _text(path):
    """The text of the file."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder. Give the input file itself.")
        if not path.exists():
            raise InputError(f"{path}: no such file.{_similar_file(path)} Correct the path; it "
                             "counts from the folder you are in. A new input file: "
                             f"{program()} init")
        if not path.is_file():
            raise InputError(f"{path} is not an ordinary file. Give an input file, like "
                             "scan_input.py.")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is too large for an input file "
                             f"({path.stat().st_size / 1e6:.0f} MB). Give the input file, like "
                             "scan_input.py.")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read: {words}. "
                         "Check its name and its permissions.") from error
    return _decode(data, path)


def _decode(data, path):
    if b"\0" in data:
        raise InputError(f"{path} is a binary file, not a text file. Give the input file, "
                         "like scan_input.py.")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (UnicodeDecodeError, SyntaxError, LookupError):
        start = next((i for i, line in enumerate(data.splitlines(), 1) if not _is_utf8(line)), 1)
        raise InputError(f"{path.name}, line {start}: the text is not UTF-8. Save the file as "
                         "UTF-8.") from None


def _is_utf8(line):
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _similar_file(path):
    try:
        names = [p.name for p in path.parent.glob("*.py")]
    except OSError:
        return ""
    close = get_close_matches(path.name, names, 1)
    return f" Did you mean {close[0]}?" if close else ""


def _parse(source, path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # '\S' in a path: not our business
            return ast.parse(source)
    except SyntaxError as error:
        text = (error.text or "").strip()
        found = f" in {shown(text)}" if text else ""
        raise InputError(f"{path.name}, line {error.lineno or 1}: the file is not valid Python: "
                         f"{error.msg}{found}. Correct that line; the mistake may be at the end of "
                         "the one before.") from None
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise InputError(f"{path.name}: the file is not valid Python: "
                         f"{str(error) or 'nested too deeply'}. Compare it with scan_input.py.") \
            from None


def _run(path):
    """The namespace after the file has run; nothing is written beside it, not even bytecode."""
    empty = [name for name, field in settings().items() if field.default == ()]
    seed: dict[str, Any] = {name: [] for name in empty} | OFFERED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace, error = called(runpy.run_path, str(path), seed, "scan_input")
    if isinstance(error, SystemExit):
        raise InputError(f"{path.name}: the file calls exit(). Remove that: the file is only read "
                         "for its settings.")
    if error is not None:   # whatever the user's file raises is the user's to correct
        raise InputError(f"{path.name}, line {_line_of(error, path)}: {type(error).__name__}: "
                         f"{message(error)}.{_remedy(error)}")
    return namespace


def _line_of(error, path):
    """Last line of the file itself that was running."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _remedy(error):
    if isinstance(error, NameError):
        close = get_close_matches(str(getattr(error, "name", "") or ""), list(settings()), 1)
        if close:
            return f" Did you mean {close[0]}?"
    if isinstance(error, ImportError):
        return " Install it in the environment of the scanner, or remove that import."
    return " Correct that line."


def message(error):
    """First line of the text of an exception, without a closing full stop."""
    text, broken = called(str, error)   # one of the user's own may have a broken __str__
    text = text if broken is None else ""
    return text.split("\n")[0][:200].rstrip(". ") or "no message"


def shown(value):
    """`value` as a user would write it, shortened to 60 characters."""
    try:
        text = repr(value)
    except Exception:  # numbers of a million digits and objects of the user's own
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 60 else text[:57] + "..."


class Lines:
    """Where names got their values.

    Parameters
    ----------
    tree : ast.Module

    Attributes
    ----------
    assigned : set of str
        Names given a value by '=' (not by import, def, class or for).
    """

    def __init__(self, tree):
        self.assigned = set()
        self._last = {}
        self._items = {}  # name -> line of each list item; absent where it cannot be told
        self._walk(tree.body, plain=True)
        self._last, self._items = current_settings(self._last), current_settings(self._items)

    def of(self, name, index=None, length=None):
        """Line of item `index` of the list `name` (of `length` items), else the last line that
        touches it; None where it stands nowhere."""
        items = self._items.get(name)
        if index is not None and items and len(items) == length:
            return items[index]
        return self._last.get(name)

    def _walk(self, body, plain):
        for node in body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value, plain)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._assign(node.target, node.value, plain)
            elif isinstance(node, ast.AugAssign):
                self._extend(node.target, node.value, node.lineno, plain)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                self._call(node.value, plain)
            elif not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                self._walk_inside(node)

    def _walk_inside(self, node):
        for part in ("body", "orelse", "finalbody"):
            self._walk(getattr(node, part, ()), plain=False)
        for handler in getattr(node, "handlers", ()):
            self._walk(handler.body, plain=False)

    def _assign(self, target, value, plain):
        if isinstance(target, ast.Name):
            self.assigned.add(target.id)
            self._last[target.id] = target.lineno
            self._items[target.id] = _item_lines(value) if plain else None
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._assign(part, ast.Constant(None), plain)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._set_item(target, plain)

    def _set_item(self, target, plain):
        name = target.value.id
        self._last[name] = target.lineno
        items, place = self._items.get(name), target.slice
        index = place.value if isinstance(place, ast.Constant) else None
        if plain and items and isinstance(index, int) and 0 <= index < len(items):
            items[index] = target.lineno

    def _call(self, call, plain):
        function = call.func
        if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
            return
        if function.attr == "append" and len(call.args) == 1:
            self._extend(function.value, ast.List([call.args[0]]), call.lineno, plain)
        elif function.attr == "extend" and len(call.args) == 1:
            self._extend(function.value, call.args[0], call.lineno, plain)
        else:
            self._extend(function.value, ast.Constant(None), call.lineno, plain)

    def _extend(self, target, value, line, plain):
        if not isinstance(target, ast.Name):
            return
        self._last[target.id] = line
        items, new = self._items.get(target.id, []), _item_lines(value)
        known = plain and items is not None and new is not None
        self._items[target.id] = items + new if known else None


def _item_lines(value):
    if isinstance(value, ast.List | ast.Tuple):
        if any(isinstance(item, ast.Starred) for item in value.elts):
            return None
        return [item.lineno for item in value.elts]
    if isinstance(value, ast.Dict) and all(value.keys):
        return [key.lineno for key in value.keys if key]
    return None
