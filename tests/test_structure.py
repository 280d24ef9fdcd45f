"""The shape of the code: imports run downward, files stay small, dangerous calls are absent."""

import ast
import functools
import re
from pathlib import Path

import pytest

from conftest import LONGEST

SOURCE = Path(__file__).resolve().parents[1] / "source"
FILES = sorted(SOURCE.rglob("*.py"))
MAX_LINES = 300
MAX_FUNCTION = 40
# Top to bottom: a room may use those of lower rows, also through others that are not listed.
ROWS = (
    {"__main__"},
    {"api"},
    {"cli"},
    {"MLs_HEP"},
    {"scanning"},
    {"prediction", "plotting"},
    {"auxiliary"},
    {"store"},
    {"acquisition"},
    {"models"},
    {"config"},
    {"calculators"},
    {"likelihood", "parallel", "statistics"},
    {"space", "user_code"},
    {"errors", "files", "version", "extensions", "shown", "check_environment"},
)


def module_name(path):
    """'thdm.decays' for source/thdm/decays.py, 'thdm' for its __init__.py."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def parse(path):
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path, names):
    """Modules among `names` that the file at `path` imports, at any depth of it."""
    me = module_name(path)
    package = me if path.name == "__init__.py" else me.rpartition(".")[0]
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[:len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            parts = [f"{base}.{alias.name}" for alias in node.names]
            found = [part if part in names else base for part in parts]
        else:
            continue
        yield from (name for name in found if name in names and name != me)


@functools.cache
def graph():
    """Module -> set of our modules it imports; a package and its parts are separate nodes."""
    names = {module_name(path) for path in FILES}
    return {module_name(path): set(imported(path, names)) for path in FILES}


def reachable(edges, start):
    """Everything `start` imports, directly or through others."""
    seen, todo = set(), [start]
    while todo:
        for name in edges[todo.pop()] - seen:
            seen.add(name)
            todo.append(name)
    return seen


@pytest.mark.slow
def test_no_circles_of_imports():
    """No module imports itself through others, not even inside a function."""
    edges = graph()
    circles = [name for name in edges if name in reachable(edges, name)]
    assert not circles


@pytest.mark.slow
def test_packages_do_not_use_each_other():
    """Between the packages of source/, too, imports run one way: each can be read by itself."""
    edges = graph()
    packages = {name.partition(".")[0] for name in edges if "." in name}
    used = {package: {name.partition(".")[0] for start in edges if start.startswith(package + ".")
                      for name in reachable(edges, start)} & packages - {package}
            for package in packages}
    both = {(one, other) for one in used for other in used[one] if one in used[other]}
    assert not both


def upward(edges):
    """(module, room of a higher row that it reaches), of all modules in the rooms of the rows."""
    for depth, row in enumerate(ROWS):
        above = set().union(*ROWS[:depth])
        for name in edges:
            if name.partition(".")[0] in row:
                yield from ((name, room) for room in sorted(
                    {other.partition(".")[0] for other in reachable(edges, name)} & above))


def test_imports_run_downward():
    """No module of a room reaches one in a room of a higher row."""
    assert not list(upward(graph()))


def test_upward_imports_are_found():
    """The search above looks into the rooms, not only at what their __init__ imports."""
    edges = graph() | {"likelihood.kinds": {"store.lock"}}
    assert ("likelihood.kinds", "store") in set(upward(edges))


def test_the_rows_exist():
    """The picture in this file is that of the code: each module named is there."""
    assert not set().union(*ROWS) - {"plots"} - graph().keys()


def test_the_drawing_of_the_rooms_is_true(project):
    """CONTRIBUTING.md shows the rows of this file, in their order."""
    drawing = (project / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```text\n")[1]
    drawn = [re.split(r" {3,}", line.strip())[0].split(" | ")
             for line in drawing.split("```")[0].splitlines() if line.strip() != "|"]
    assert [set(row) for row in drawn] == list(ROWS)


def test_what_proposes_is_whole_once_it_is_made():
    """Objects of the room of proposals change themselves only: nothing sets what is theirs, neither
    there nor above."""
    changed = {f"{module_name(path)}, line {node.lineno}: {ast.unparse(node)}" for path in FILES
               for node in ast.walk(parse(path))
               if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
               and ast.unparse(node.value) != "self"
               and (path.parent.name == "acquisition"
                    or ast.unparse(node.value).rpartition(".")[2] in {"proposer", "searches"})}
    assert not changed


def test_files_are_small():
    """A file is at most 300 lines, so that one sitting is enough to read it."""
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines())
             for path in [*FILES, SOURCE.parent / "run.sh"]}
    assert not {name: n for name, n in lines.items() if n > MAX_LINES}


def body_lines(function):
    """Lines of a function without decorators and docstring."""
    first = function.body[0]
    has_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    doc = first.end_lineno - first.lineno + 1 if has_doc else 0
    return function.end_lineno - function.lineno + 1 - doc


def test_functions_are_short():
    """A function is at most 40 lines, its docstring not counted."""
    long = {f"{module_name(path)}.{node.name}": body_lines(node) for path in FILES
            for node in ast.walk(parse(path))
            if isinstance(node, ast.FunctionDef) and body_lines(node) > MAX_FUNCTION}
    assert not long


def test_nothing_dangerous():
    """No eval, exec, shell, pickle, bare except, import *."""
    assert not {module_name(path): found for path in FILES
                if (found := list(dangers(path.read_text(encoding="utf-8"))))}


def dangers(text):
    """What is dangerous in a Python text."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in {"eval", "exec", "__import__", "os.system", "os.popen"}:
                yield f"line {node.lineno}: {name}"
            if any(k.arg == "shell" and not is_false(k.value) for k in node.keywords):
                yield f"line {node.lineno}: shell"
            if any(k.arg == "allow_pickle" and not is_false(k.value) for k in node.keywords):
                yield f"line {node.lineno}: allow_pickle"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] + [getattr(node, "module", None) or ""]
            if "*" in names or {"pickle", "dill", "joblib", "cloudpickle"} & set(names):
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            why = "#" in lines[node.lineno - 1] or isinstance(node.body[-1], ast.Raise)
            if node.type is None or (caught in ("Exception", "BaseException") and not why):
                yield f"line {node.lineno}: except {caught} without a reason"


def is_false(node):
    """True for the constant False."""
    return isinstance(node, ast.Constant) and node.value is False


@pytest.mark.parametrize("text", [
    "eval('1')", "exec('1')", "import os\nos.system('ls')", "run('ls', shell=True)",
    "import pickle", "from pickle import load", "from os import *", "load(f, allow_pickle=True)",
    "try:\n    pass\nexcept:\n    pass", "try:\n    pass\nexcept Exception:\n    pass"])
def test_dangers_are_found(text):
    """The search above finds each of them."""
    assert list(dangers(text))


def test_each_test_says_what_it_proves():
    """The first line of a test's docstring does; no test is without one."""
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        silent = [node.name for node in ast.walk(parse(path))
                  if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
                  and not ast.get_docstring(node)]
        assert not silent, path.name


def test_the_files_that_are_begun_first_exist():
    """A file of tests that is renamed keeps its place in the order in which xdist takes them."""
    assert set(LONGEST) <= {path.stem for path in Path(__file__).parent.rglob("test_*.py")}


def test_nothing_at_import(project):
    """Modules only define: no loops, calls of their own or prints at the top level."""
    for path in FILES:
        for node in parse(path).body:
            call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not call, f"{path.relative_to(project)}, line {node.lineno}"


def test_only_one_place_prints(project):
    """What a user reads goes through shown.py, which lets no control character pass."""
    found = {str(path.relative_to(project / "source")) for path in FILES
             for node in ast.walk(parse(path))
             if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"}
    assert found == {"shown.py", "check_environment.py"}    # the latter runs alone, on names


def test_no_machine_paths(project):
    """No path of one machine and no registry host stands in a file of the project."""
    own = re.compile(r"(?<![\w.])/(work|root|tmp/[a-z])/|pypi\.org/simple|files\.pythonhosted")
    for path in [*FILES, project / "run.sh", project / "scan_input.py", project / "README.md",
                 *(project / "docs").rglob("*.md")]:
        if path.exists():
            assert not own.search(path.read_text(encoding="utf-8")), path.name
