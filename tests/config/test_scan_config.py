"""The input file: what is right loads, what is wrong is named with its line and a remedy."""

import math
import re
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscanner.config.scan_config import load_config, make_config
from mlscanner.config.settings import ScanConfig
from mlscanner.config.settings import settings as all_settings
from mlscanner.errors import InputError

ONE = "VarMin.append(0)\nVarMax.append(1)\nVarLabel.append('# x')\nVarNum.append('1')\n"  # 4 lines


def problems(path):
    """What load_config says about a file that must not load."""
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert caught.value.exit_code == 2
    return caught.value.problems


# ---- what must load

def test_shipped_file(project):
    """The shipped file scans the masses and mixing of the built-in model, with all of its data."""
    config = load_config(project / "scan_input.py")
    assert config.Calculator == "THDM"
    assert config.VarLabel == ("mH", "mA", "mHp", "cos_ba", "TanBeta", "M")
    assert config.VarMin == (130, 80, 80, -0.4, 0.5, 80)
    assert config.VarMax == (1500, 1500, 1500, 0.4, 50, 1500)
    assert config.TotVarScanned == 6
    assert (config.THDM_type, config.THDM_fixed) == ("II", ("mh = 125.2",))
    assert config.THDM_flavour and config.THDM_oblique and len(config.THDM_searches) == 16
    assert config.Chi_square_above_best == 6.18


def test_old_style_file(input_file, old_style):
    """A file of the first release loads unchanged and means SPheno."""
    config = load_config(input_file(old_style))
    assert config.Calculator == "SPheno"
    assert (config.NH, config.NCH, config.HiggsSignal, config.ExcludeHB) == (3, 1, 2, 1)
    assert config.VarNum == ("1", "9")
    assert config.VarMin == (0.0, -3000.0)
    assert config.Chi_square_threshold == 105
    assert config.Size_initial_batch == 5000
    assert config.input_file.endswith("scan_input.py")


def test_old_style_file_with_a_calculator(input_file, old_style):
    """Calculator, where it is set, wins over pathS."""
    assert load_config(input_file(old_style + "Calculator = 'THDM'\n")).Calculator == "THDM"


def test_windows_line_ends_and_byte_order_mark(input_file, old_style):
    """A file written on Windows loads."""
    content = b"\xef\xbb\xbf" + old_style.replace("\n", "\r\n").encode()
    assert load_config(input_file(content)).N_Cores == 4


def test_python_that_a_physicist_writes(input_file):
    """Imports, helpers with an underscore, functions, loops and NumPy values are fine."""
    config = load_config(input_file("""
import numpy as np
from math import pi
_half = 10 * pi
def box(n):
    return n
class Helper: pass
for name, low in [('a', -_half), ('b', np.float32(2))]:
    VarLabel.append(name); VarMin.append(low); VarMax.append(np.int64(40))
with open(__file__) as text:
    _lines = text.readlines()
Size_batch_L = 1e5
Size_batch_K = np.int32(50)
Max_time: float = 3
HiggsBounds = False
"""))
    assert config.VarMin == (-10 * math.pi, 2.0)
    assert config.Size_batch_L == 100000
    assert isinstance(config.Size_batch_L, int)
    assert type(config.Size_batch_K) is int
    assert type(config.VarMax[0]) is float
    assert config.HiggsBounds == 0
    assert config.Max_time == 3.0


def test_arrays_as_lists(input_file):
    """NumPy arrays and tuples do for lists."""
    config = load_config(input_file(
        "import numpy\nVarMin = numpy.zeros(3)\nVarMax = (1, 2, 3)\nVarLabel = ['a', 'b', 'c']"))
    assert config.VarMin == (0.0, 0.0, 0.0)
    assert config.TotVarScanned == 3
    assert config.VarNum == ("", "", "")


def test_fewer_scanned_than_listed(input_file):
    """Entries after TotVarScanned are not looked at."""
    text = ONE + "VarMin.append(5)\nVarMax.append(4)\nVarLabel.append('y')\nVarNum.append(2)\n"
    assert load_config(input_file(text + "TotVarScanned = 1")).TotVarScanned == 1
    assert len(problems(input_file(text))) == 1


@pytest.mark.parametrize(("name", "dim"), [("F_2d", 2), ("F_3d", 3)])
def test_test_functions_need_one_line(input_file, name, dim):
    """Calculator = 'F_2d' alone is a whole input file: box and target of the paper."""
    config = load_config(input_file(f"Calculator = '{name}'"))
    assert config.VarMin == (-10 * math.pi,) * dim
    assert config.VarLabel == ("x1", "x2", "x3")[:dim]
    assert (config.Target_value, config.Target_width) == (100, 20)
    own = load_config(input_file(f"Calculator = '{name}'\nChi_square_threshold = 5"))
    assert own.Target_value is None


def test_nothing_is_written_beside_the_file(tmp_path, input_file):
    """Neither a copy nor bytecode appears, and no module is left behind."""
    path = input_file("Calculator = 'F_2d'")
    modules = set(sys.modules)
    load_config(path)
    assert [p.name for p in tmp_path.iterdir()] == ["scan_input.py"]
    assert set(sys.modules) == modules


def test_every_default_is_acceptable():
    """Each setting's default passes its own check, so deleting a line is always right."""
    for name, field in all_settings().items():
        assert field.metadata["check"](field.default) is None, name


def test_make_config_equals_load_config(input_file):
    """Keywords and file give the same settings."""
    loaded = load_config(input_file("Calculator = 'F_3d'\nSeed = 5\nDNN_nodes = 7"))
    made = make_config(Calculator="F_3d", Seed=5, DNN_nodes=7)
    assert made.as_dict() | {"input_file": loaded.input_file} == loaded.as_dict()
    with pytest.raises(InputError, match="^N_Core is not a setting. Did you mean N_Cores"):
        make_config(Calculator="F_3d", N_Core=3)


def test_settings_survive_json(input_file):
    """as_dict is what a run folder stores: JSON gives the same settings back."""
    import json

    made = make_config(Calculator="F_2d")
    stored = json.loads(json.dumps(made.as_dict()))
    again = ScanConfig(**{k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()})
    assert again == made


# ---- what must not: each a file (four good lines first) and parts of its message

BROKEN = {
    "misspelt name": ("N_Core = 3", "line 5: N_Core is not a setting. Did you mean N_Cores?"),
    "wrong case": ("seed = 3", "line 5: seed is not a setting. Did you mean Seed?"),
    "unknown name": ("home = '/x'", "line 5: home is not a setting. ", "begin its name with '_'"),
    "misspelt list": ("VarMinn.append(3)", "line 5: NameError", "Did you mean VarMin?"),
    "text for a number": ("N_Cores = 'four'", "line 5: N_Cores = 'four'; expected a whole number "
                          "from 1", "without quotes"),
    "number in quotes": ("Seed = '3'", "line 5: Seed = '3'", "Remove the quotes"),
    "fraction above one": ("Frac_random_points = 20", "line 5: Frac_random_points = 20; expected "
                           "a finite number from 0 to 1", "default (0.02)"),
    "fraction below zero": ("Frac_random_points = -0.1", "line 5", "= -0.1;"),
    "not a number": ("Chi_square_threshold = float('nan')", "line 5: Chi_square_threshold = nan",
                     "NaN and infinity"),
    "infinity": ("VarMax[0] = float('inf')", "line 5: VarMax[0] = inf", "finite number"),
    "too large an exponent": ("VarMax[0] = 1e999", "line 5: VarMax[0] = inf"),
    "huge integer": ("VarMax[0] = 10**5000", "line 5: VarMax[0] = <int>", "finite number"),
    "bool for a number": ("N_iteration = True", "line 5: N_iteration = True", "Write a number"),
    "half an iteration": ("N_iteration = 2.5", "line 5: N_iteration = 2.5; expected a whole"),
    "no workers": ("N_Cores = 0", "line 5: N_Cores = 0; expected a whole number from 1"),
    "negative size": ("Size_initial_batch = -5", "line 5", "at least 1"),
    "None": ("Seed = None", "line 5: Seed = None; expected a whole number"),
    "K larger than L": ("\nSize_batch_K = 30\nSize_batch_L = 20", "line 6: Size_batch_K = 30 is "
                        "larger than Size_batch_L = 20", "Make K smaller"),
    "min above max": ("VarMin[0] = 7", "line 5: VarMin[0] = 7 is not below VarMax[0] = 1 ('# x')",
                      "Swap them"),
    "min equal to max": ("VarMax[0] = 0", "line 1: VarMin[0] = 0 is not below VarMax[0] = 0",
                         "needs a range"),
    "lists of different lengths": ("VarMin.append(3)", "line 5: the lists have different lengths: "
                                   "VarMin has 2, VarMax has 1", "one entry for every parameter"),
    "TotVarScanned too large": ("TotVarScanned = 2", "line 5: TotVarScanned = 2, but only 1",
                                "set it to 1"),
    "TotVarScanned zero": ("TotVarScanned = 0", "line 5: TotVarScanned = 0", "at least 1"),
    "same parameter twice": (ONE, "line 7: VarLabel[1] = '# x' is the same parameter"),
    "number for a text": ("pathS = 5", "line 5: pathS = 5; expected text in quotes"),
    "label is no text": ("VarLabel[0] = 5", "line 5: VarLabel[0] = 5; expected text"),
    "list is no list": ("VarMin = 0", "line 5: VarMin = 0; expected a list", "with [ and ]"),
    "number in quotes is no list": ("VarMin = '0'", "line 5: VarMin = '0'; expected a list",
                                    "Write a list"),
    "bool is no list": ("Precut = True", "line 5: Precut = True; expected a list", "Write a list"),
    "bool for a text": ("THDM_type = True", "line 5: THDM_type = True; expected one of",
                        "Correct it, or delete the line"),
    "text in a list": ("VarMin[0] = 'a'", "line 5: VarMin[0] = 'a'; expected a finite number"),
    "bad switch": ("HiggsSignal = 3", "line 5: HiggsSignal = 3; expected 0 or 1 or 2"),
    "unknown word": ("DNN_activation = 'rely'", "line 5: DNN_activation", "Did you mean 'relu'?"),
    "unknown word in a list": ("DNN_activation = ['gelu', 'rely']", "line 5: DNN_activation",
                               "or a list of some"),
    "empty list of words": ("DNN_activation = []", "line 5: DNN_activation = []; expected one of"),
    "unknown calculator": ("Calculator = 'thdm'", "line 5: Calculator = 'thdm' is not known. Did "
                           "you mean 'THDM'?"),
    "calculator without function": ("Calculator = 'my.py:'", "line 5", "'file.py:function'"),
    "width without value": ("Target_width = 3", "line 5: Target_width is set, but Target_value"),
    "value without width": ("Target_value = 3", "line 5: Target_value is set, but Target_width"),
    "negative width": ("Target_value = 3; Target_width = -1", "line 5: Target_width = -1; "
                       "expected a finite number above 0"),
    "SPheno without folder": ("Calculator = 'SPheno'", "pathS is not set, but Calculator = "
                              "'SPheno' needs it", "Set it"),
    "HiggsBounds without folder": ("pathS = '/x'; HiggsBounds = 1", "HBPath is not set"),
    "syntax error": ("N_iteration = = 3", "line 5: the file is not valid Python"),
    "open bracket": ("Seed = (3", "line 5: the file is not valid Python", "never closed"),
    "bad indent": ("  Seed = 3", "line 5: the file is not valid Python: unexpected indent"),
    "division by zero": ("Seed = 1 / 0", "line 5: ZeroDivisionError: division by zero. Correct"),
    "missing module": ("import no_such_module_at_all", "line 5: ModuleNotFoundError", "Install"),
    "exit": ("raise SystemExit(1)", "the file calls exit()"),
    "error in a function": ("def f():\n    return {}['a']\nf()", "line 6: KeyError"),
    "bad method": ("VarMin.apend(3)", "line 5: AttributeError", "apend"),
    "list inside itself": ("VarMin = []; VarMin.append(VarMin)", "line 5: VarMin[0] = [[...]]"),
    "a class": ("N_Cores = int", "line 5: N_Cores = <class 'int'>; expected a whole number"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file(input_file, name):
    """One mistake gives one clear message: file, line, value, expectation, remedy."""
    text, *parts = BROKEN[name]
    found = problems(input_file(ONE + text + "\n"))
    assert len(found) >= 1
    message = "\n".join(found)
    assert found[0].startswith("scan_input.py")
    for part in parts:
        assert part in message
    assert "Traceback" not in message
    if not parts[0].startswith(("pathS", "HBPath", "the file")):
        assert len(found) == 1, message


def test_every_problem_at_once_in_order(input_file):
    """Many mistakes are listed together, in the order of their lines."""
    found = problems(input_file("""
Frac_random_points = 2
N_Core = 4
VarMin.append(1.5)
VarMax.append(-10)
VarLabel.append('# Lambda5Input')
Size_batch_L = 10
Size_batch_K = 30
Seed = 'a'
"""))
    assert [text.split(":")[0] for text in found] == [
        f"scan_input.py, line {n}" for n in (2, 3, 4, 8, 9)]
    assert found[2] == ("scan_input.py, line 4: VarMin[0] = 1.5 is not below VarMax[0] = -10 "
                        "('# Lambda5Input'). Swap them, or correct one.")


@pytest.mark.parametrize(("text", "line"), [
    ("VarMin = [0,\n  1,\n  'a']", 3),
    ("VarMin = [0, 1]\nVarMin += ['a']", 2),
    ("VarMin = [0]\nVarMin.extend([1,\n'a'])", 3),
    ("VarMin = [0, 1, 2]\nVarMin[2] = 'a'", 2),
    ("for v in (0, 1, 'a'):\n    VarMin.append(v)", 2),
    ("VarMin = [7]\n\nVarMin = []\nVarMin.append(0); VarMin.append(1)\nVarMin.append(\n'a')", 6),
    ("VarMin = [0, 1] + ['a']", 1),
    ("if True:\n    VarMin = [0, 1, 'a']", 2),
    ("try:\n    pass\nfinally:\n    VarMin = list((0, 1, 'a'))", 4),
])
def test_line_of_a_list_entry(input_file, text, line):
    """The line is that of the entry where it can be told, else of the last change of the list."""
    found = problems(input_file(text + "\nVarMax = [3, 3, 3]\n"))
    assert found[0].startswith(f"scan_input.py, line {line}: VarMin[2] = 'a'")


def test_last_assignment_counts(input_file):
    """The line named is that of the assignment that took effect."""
    found = problems(input_file(ONE + "Seed = 1\nSeed = 'b'\n"))
    assert found[0].startswith("scan_input.py, line 6: Seed = 'b'")


def test_empty_file(input_file):
    """An empty file is told what a scan needs at least."""
    assert "no parameter is scanned" in problems(input_file(""))[0]


# ---- files that cannot be read

def test_missing_file_with_a_similar_one(input_file):
    """A misspelt file name finds the one that was meant."""
    path = input_file("")
    found = problems(path.with_name("scan_imput.py"))
    assert "no such file. Did you mean scan_input.py?" in found[0]


def test_folder(tmp_path):
    """A folder in place of a file."""
    assert "is a folder" in problems(tmp_path)[0]


@pytest.mark.parametrize("content", [b"\x7fELF\0\0\1", b"N_Cores = 1\0"])
def test_binary_file(input_file, content):
    """A program or another binary file."""
    assert "binary file" in problems(input_file(content))[0]


def test_latin_1(input_file):
    """Text in another encoding names its line."""
    found = problems(input_file("Seed = 1\n# Universität\n".encode("latin-1")))
    assert "scan_input.py, line 2: the text is not UTF-8" in found[0]


def test_declared_encoding_is_honoured(input_file):
    """A file that declares Latin-1, as old editors write it, loads."""
    text = "# -*- coding: latin-1 -*-\n# Universität\nCalculator = 'F_2d'\n"
    assert load_config(input_file(text.encode("latin-1"))).Calculator == "F_2d"


def test_strange_paths(tmp_path):
    """Name too long, a NUL, a device: a message each."""
    for path in ("x" * 300 + ".py", tmp_path / "a\0b", "/dev/null", ""):
        assert len(problems(path)) == 1


def test_file_that_can_not_be_read(input_file, monkeypatch):
    """An error of the file system is told in its own words."""
    path = input_file("")

    def refuse(self):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert "cannot be read: Permission denied" in problems(path)[0]


def test_too_large_file(input_file):
    """A data file given by mistake is not run."""
    assert "too large" in problems(input_file("0\n" * 3_000_000))[0]


# ---- anything at all

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.binary(max_size=3),
    st.lists(st.one_of(st.floats(), st.text(max_size=3), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)).map(repr)
EXPRESSIONS = st.one_of(VALUES, st.sampled_from([
    "float('nan')", "float('inf')", "1e400", "10**400", "object()", "range(10**20)", "lambda: 0",
    "{1, 2}", "(i for i in [1])", "type('A', (), {'__repr__': lambda s: 1/0})()", "1j", "...",
    "__import__('numpy').array([[1, 2]])", "__import__('numpy').array(3)", "[[0]]", "int",
    "type('L', (list,), {'__len__': lambda s: 1/0})()", "'\\ud800'", "(", "10**-400", "-0.0"]))
LINES = st.one_of(
    st.builds("{} = {}".format, st.sampled_from([*all_settings(), "N_Core", "_x"]), EXPRESSIONS),
    st.builds("{}.{}({})".format, st.sampled_from(["VarMin", "VarMax", "VarLabel", "VarNum"]),
              st.sampled_from(["append", "extend", "insert", "pop"]), EXPRESSIONS),
    st.builds("if True: {} += {}".format, st.sampled_from(["VarMin", "Seed"]), EXPRESSIONS),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=20))


@pytest.mark.slow
@settings(max_examples=200, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=6), st.booleans())
def test_nothing_but_input_errors(input_file, lines, complete):
    """Whatever stands in the file, the only exception is InputError, with words in it."""
    path = input_file((ONE if complete else "") + "\n".join(lines) + "\n")
    try:
        config = load_config(path)
    except InputError as error:
        assert all(len(text) > 20 and "\n" not in text for text in error.problems)
    else:
        assert np.all(np.isfinite([v for v in config.VarMin + config.VarMax if v is not None]))


@settings(max_examples=80, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes(input_file, content):
    """The same for a file of any bytes."""
    with pytest.raises(InputError):
        load_config(input_file(content))


def test_every_list_can_be_appended_to(input_file):
    """Settings that are lists, and empty where nothing is said, are there when the file starts."""
    config = load_config(input_file(
        ONE + "VarTeX.append(r'$x$')\nPrecut.append('x > 0.1')\nVarPrior.append('linear')\n"
        "Calculator = 'shown.py:f'\nObservables.append(observable('y', expression='2*x'))\n"))
    assert config.VarTeX == ("$x$",)
    assert config.Precut == ("x > 0.1",)


@pytest.mark.parametrize(("settings", "words"), [
    ({"Dask_scheduler": "tcp://a:1"}, "Dask_scheduler is set, but Executor = 'multiprocessing'"),
    ({"Executor": "dask", "Dask_scheduler": "http://a"}, "expected 'tcp://host:port'"),
    ({"Executor": "dask", "Dask_scheduler": "tcp://a:1", "Dask_jobqueue": {
        "system": "PBS", "cores": 1, "memory": "1GB"}}, "Delete one of them"),
    ({"Executor": "Dask"}, "Did you mean 'dask'"), ({"Dask_jobqueue": 3}, "Dask_jobqueue = 3")])
def test_machines_are_checked(settings, words):
    """What contradicts itself among the settings of other machines is said at load."""
    with pytest.raises(InputError, match=re.escape(words)):
        make_config(Calculator="F_2d", **settings)
