"""What is installed by `pip install .`: packages, data, requirements, the command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlscanner.cli.main import main
from mlscanner.files import program
from mlscanner.version import __version__

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def declared():
    """pyproject.toml."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 cannot read TOML")
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def test_each_room_is_a_package(declared):
    """Every folder with an __init__.py is listed, and nothing else."""
    source = PROJECT / "source"
    there = {".".join(("mlscanner", *path.parent.relative_to(source).parts))
             for path in source.rglob("__init__.py")}
    assert set(declared["tool"]["setuptools"]["packages"]) == there


def test_each_file_that_is_not_python_is_data_of_its_package(declared):
    """A wheel has all that the code reads."""
    data = declared["tool"]["setuptools"]["package-data"]
    listed = {path for package, patterns in data.items() for pattern in patterns
              for path in Path(PROJECT, "source", *package.split(".")[1:]).glob(pattern)}
    there = {path for path in (PROJECT / "source").rglob("*") if path.is_file()
             and path.suffix != ".py" and "__pycache__" not in path.parts}
    assert listed == there


def test_requirements_stand_in_one_place(declared):
    """pyproject.toml reads the requirements files; none of them has a line setuptools cannot."""
    dynamic = declared["tool"]["setuptools"]["dynamic"]
    extras = dynamic["optional-dependencies"]
    files = [file for entry in (dynamic["dependencies"], *extras.values())
             for file in entry["file"]]
    assert set(files) == {"docs/site/requirements.txt",
                          *(path.name for path in PROJECT.glob("requirements*.txt"))}
    lines = [line for file in files for line in (PROJECT / file).read_text().splitlines()]
    assert not [line for line in lines if line.startswith("-")]
    assert set(declared["project"]["dynamic"]) == {"version", "dependencies",
                                                   "optional-dependencies"}


def test_init_writes_the_shipped_input_file(tmp_path, monkeypatch, capsys):
    """`mlscanner init` writes scan_input.py here, or under the name given, and says what next."""
    monkeypatch.chdir(tmp_path)
    shipped = (PROJECT / "scan_input.py").read_bytes()
    assert main(["init"]) == 0
    assert main(["init", "mine.py"]) == 0
    assert (tmp_path / "scan_input.py").read_bytes() == shipped
    assert (tmp_path / "mine.py").read_bytes() == shipped
    assert "check --input mine.py" in capsys.readouterr().out


def test_init_writes_over_nothing(tmp_path, monkeypatch, capsys):
    """A file that is there stays; so does a link to nowhere; the message names another way."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan_input.py").write_text("mine")
    (tmp_path / "link.py").symlink_to("nowhere.py")
    assert main(["init"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["init", "link.py"]) == 2
    assert "File exists" in capsys.readouterr().err
    assert (tmp_path / "scan_input.py").read_text() == "mine"
    assert main(["init", "no/such/folder.py"]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(("home", "started", "typed"), [
    ("/somewhere", "x/mlscanner_start.py", "./run.sh"), ("", "/bin/mlscanner", "mlscanner"),
    ("", "site-packages/mlscanner/__main__.py", "python -m mlscanner")])
def test_messages_name_the_command_that_was_typed(monkeypatch, home, started, typed):
    """run.sh, the installed command, or `python -m`."""
    monkeypatch.setenv("MLSCANNER_HOME", home)
    monkeypatch.setattr(sys, "argv", [started])
    assert program() == typed


def test_without_an_input_file_init_is_named(tmp_path, monkeypatch, capsys):
    """The first thing that goes wrong in a new folder says how to begin."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLSCANNER_HOME", str(tmp_path))
    assert main(["check"]) == 2
    assert "./run.sh init" in capsys.readouterr().err


def test_importing_the_package_loads_nothing():
    """`import mlscanner` is instant: no numpy, no scan; workers need little of it."""
    code = "import json, sys, mlscanner; print(json.dumps([mlscanner.__version__, *sys.modules]))"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env=environment | {"PYTHONPATH": str(PROJECT / ".package")}, check=True)
    version, *modules = json.loads(done.stdout)
    assert version == __version__
    assert not {"numpy", "mlscanner.MLs_HEP", "mlscanner.api", "tqdm"} & set(modules)
