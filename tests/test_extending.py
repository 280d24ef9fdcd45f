"""The examples of docs/extending.md work as they stand, and each is short."""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import load_config
from mlscanner.evaluation import OK
from mlscanner.models.registry import MODELS
from mlscanner.space.parameters import Box
from mlscanner.space.priors import PRIORS
from test_conformance import check_model, check_prior, check_protocol

MANUAL = Path(__file__).resolve().parents[1] / "docs" / "extending.md"
BLOCKS = re.findall(r"```python\n(# (\S+)[^\n]*\n.*?)```", MANUAL.read_text(), re.DOTALL)
BY_FILE = {name: text for text, name in BLOCKS}
PROGRAM = 'echo "total = $(echo "$1 $2" | awk \'{print $1 + $2}\')" > answer.txt\necho done\n'


@pytest.fixture
def tables():
    """The tables of priors and models, put back afterwards."""
    kept = dict(PRIORS), dict(MODELS)
    yield
    for table, before in zip((PRIORS, MODELS), kept, strict=True):
        table.clear()
        table.update(before)


def added(monkeypatch, name):
    """Run an example as a module of its own, so that its classes can be sent to workers."""
    module = types.ModuleType("added")
    monkeypatch.setitem(sys.modules, "added", module)
    exec(BY_FILE[name], module.__dict__)  # a text of our own manual


def test_each_example_is_short():
    """Every kind has an example of under twenty lines of code."""
    assert len(BLOCKS) == MANUAL.read_text().count("```python") == len(BY_FILE)
    for text, name in BLOCKS:
        code = [line for line in text.splitlines()[1:] if line.strip()]
        assert len(code) < 20, name


@pytest.mark.parametrize("name", [name for name in BY_FILE if name.endswith("_input.py")])
def test_each_input_file_runs(tmp_path, name):
    """The input files load and evaluate points, with the files that stand beside them."""
    for file, text in BY_FILE.items():
        if "/" not in file:
            (tmp_path / file).write_text(text)
    (tmp_path / "my_program.sh").write_text(PROGRAM)
    config = load_config(tmp_path / name)
    box = Box.from_config(config)
    x = box.to_physical(np.random.default_rng(3).random((6, 2)))
    with Pool(make_calculator(config, box.names), 0) as pool:
        evaluated = [j for _, j in pool.map(x)]
    assert {j.status for j in evaluated} == {OK}
    assert len({j.value for j in evaluated}) > 1
    assert set(evaluated[0].observables) >= {entry.name for entry in config.Observables}
    if name == "my_program_input.py":
        total = [j.observables["total"] for j in evaluated]
        assert total == pytest.approx(x.sum(axis=1), rel=1e-4)


def test_a_prior_is_added_in_a_few_lines(tables, monkeypatch):
    """The example is a prior like the others."""
    added(monkeypatch, "source/space/priors.py")
    check_prior("power", "(2)")


def test_a_model_is_added_in_a_few_lines(tables, monkeypatch, tmp_path):
    """The example is a model like the others, and can be saved."""
    added(monkeypatch, "source/models/registry.py")
    check_model("KNN", tmp_path)


def test_a_calculator_object_goes_to_a_pool(monkeypatch):
    """The example has what the protocol asks for, and evaluates points."""
    added(monkeypatch, "my_calculator.py")
    sphere = sys.modules["added"].Sphere()
    check_protocol(sphere)
    with Pool(sphere, 0) as pool:
        values = {row: j.value for row, j in pool.map(np.array([[1.0, 2.0], [0.0, 3.0]]))}
    assert values == {0: 5.0, 1: 9.0}
