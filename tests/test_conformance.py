"""One test for each kind of plug-in, run over every member of it."""

import inspect
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.acquisition.proposer import Proposer
from mlscanner.auxiliary import make_calculator
from mlscanner.calculators.protocol import Calculator, MayHave
from mlscanner.calculators.steps.user_programs import python_step, user_program
from mlscanner.config.scan_config import make_config
from mlscanner.config.settings import ScanConfig
from mlscanner.evaluation import OBJECTIVE, Evaluation
from mlscanner.likelihood.correlated import correlated
from mlscanner.likelihood.kinds import CONSTRAINTS, make_constraint
from mlscanner.likelihood.observables import Target, observable
from mlscanner.models.model_files import read_model
from mlscanner.models.registry import MODELS, make_model
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.space.priors import PRIORS, make_prior
from mlscanner.store.points import Points
from standins import GOOD, TACHYON, install

ARGUMENTS = {"normal": "(1.5, 0.4)", "choice": " [1, 1.5, 2]", "fixed": " 1.7"}
ENTRIES = {"value": {"value": 0.0, "sigma": 2.0}, "lower": {"lower": -1.0},
           "upper": {"upper": 1.0, "sigma": 0.5}, "chi2": {"chi2": "like.py:chi2"},
           "expected": {"upper": 2.0, "expected": 1.5}, "table": {"table": "table.csv"},
           "counts": {"counts": 3, "background": (2, 1)}}
SMALL = {"DNN_networks": 2, "DNN_layers": 1, "DNN_nodes": 8, "DNN_epochs": 3,
         "DNN_least_points": 0, "DNN_activation": ("relu",), "RF_trees": 10,
         "GBR_trees": 10, "GBR_members": 2, "SVR_members": 2, "N_Cores": 1}


# ---- priors ----------------------------------------------------------------------------------
def check_prior(name, arguments=""):
    """What every prior promises."""
    kind = PRIORS[name]
    assert inspect.getdoc(kind).startswith(f"'{name}"), "the manual is made of this line"
    prior = pickle.loads(pickle.dumps(make_prior(name + arguments, 1.0, 2.0)))
    assert prior.low <= prior.high
    if not prior.free:
        assert np.isfinite(prior.value)
        return
    u = np.concatenate([np.linspace(0, 1, 101), np.random.default_rng(1).random(200)])
    before = u.copy()
    x = prior.to_physical(u)
    assert x.shape == u.shape and np.array_equal(u, before)
    assert (x >= prior.low).all() and (x <= prior.high).all()
    assert (np.diff(x[:101]) >= 0).all()
    stored = prior.to_unit(x)
    assert (stored >= 0).all() and (stored <= 1).all()
    assert np.array_equal(stored, prior.to_unit(x))
    assert prior.to_physical(stored) == pytest.approx(x, rel=1e-9)
    assert np.array_equal(prior.to_physical(u[:1]), x[:1])
    if not prior.discrete:
        assert stored == pytest.approx(u, abs=1e-7)


@pytest.mark.parametrize("name", PRIORS)
def test_priors(name):
    """Range, order, round trip, no side effect, one by one as together, can be sent."""
    check_prior(name, ARGUMENTS.get(name, ""))


# ---- constraints -----------------------------------------------------------------------------
@pytest.mark.parametrize("word", CONSTRAINTS)
def test_constraints(word, tmp_path):
    """chi2 and distance are finite, not negative and row by row; the reason is a short text."""
    (tmp_path / "like.py").write_text("def chi2(value):\n    return value ** 2\n")
    (tmp_path / "table.csv").write_text("it,chi2\n-3,9\n0,0\n2,4\n")
    entry = correlated(["it", "other"], values=[1, 2], sigmas=[1, 2], name="set") \
        if word == "members" else observable("it", **ENTRIES[word])
    assert not entry.problems
    constraint = pickle.loads(pickle.dumps(make_constraint(entry, tmp_path)))
    assert isinstance(constraint, CONSTRAINTS[word]) and inspect.getdoc(CONSTRAINTS[word])
    assert entry.soft or entry.hard
    table = {"it": np.linspace(-10, 10, 41), "set": np.full(41, np.nan)}
    table["other"] = 2 * table["it"]
    for numbers in (constraint.soft(table), constraint.excess(table)):
        assert numbers.shape == (41,)
        assert np.isfinite(numbers).all() and (numbers >= 0).all()
    total = constraint.soft(table) + constraint.excess(table)
    assert (total > 0).any() and (total == 0).any()
    alone = {name: column[5:6] for name, column in table.items()}
    assert constraint.soft(alone)[0] == constraint.soft(table)[5]
    assert 0 < len(constraint.words(table, 0)) < 60


# ---- calculators and programs ----------------------------------------------------------------
def calculators(folder):
    """Name -> (configuration, two good points and an odd one)."""
    (folder / "f.py").write_text("def f(p):\n    return {'s': p[0] + p[1], 'chi2': p[0] ** 2}\n\n"
                                 "def g(p):\n    return p.sum(axis=-1)\n\n"
                                 "def step(spectrum, point):\n    return point['x1'] * 2\n")
    program = user_program("echo", ["/bin/sh", "-c", 'echo "v=$1"', "-", "{x1}"],
                           observables={"v": r"v=(.*)"})
    box = {"VarLabel": ["x1", "x2"], "VarMin": [-5, -5], "VarMax": [5, 5]}
    odd = [[1.0, 2.0], [2.0, 3.0], [np.nan, 1e300]]
    chain = install(folder / "programs")
    good = [*GOOD[:7], 0]
    points = [good, [good[0], good[1] * 1.01, *good[2:]], [*TACHYON[:7], 0]]
    return {
        "F_2d": (make_config(Calculator="F_2d"), odd),
        "F_3d": (make_config(Calculator="F_3d"), [[*row, 1.0] for row in odd]),
        "THDM": (make_config(Calculator="THDM", VarLabel=chain["VarLabel"][:7],
                             VarMin=chain["VarMin"][:7], VarMax=chain["VarMax"][:7]),
                 [row[:7] for row in points]),
        "function": (make_config(Calculator="f.py:f", **box), odd),
        "vectorised": (make_config(Calculator="f.py:g", Vectorised=True, **box), odd),
        "Programs": (make_config(Calculator="Programs", Programs=[
            program, python_step("f.py:step", name="w")], **box), odd),
        "Observables": (make_config(Calculator="f.py:f", Observables=[
            observable("s", upper=4), observable("d", expression="x1 - x2", value=0, sigma=1)],
            **box), odd),
        "SPheno": (make_config(**chain), points),
    }


def numbers(evaluated):
    """Value and observables of an outcome."""
    more = evaluated.observables
    return [evaluated.value, *(more.values() if isinstance(more, dict) else more)]


def check_protocol(calculator):
    """It has all of Calculator, and whatever it has of MayHave takes the same arguments."""
    assert isinstance(calculator, Calculator)
    promised = [*inspect.getmembers(Calculator, inspect.isfunction),
                *inspect.getmembers(MayHave, inspect.isfunction)]
    for name, method in promised:
        if not name.startswith("_") and hasattr(calculator, name):
            mine = inspect.signature(getattr(calculator, name)).parameters
            assert list(mine) == list(inspect.signature(method).parameters)[1:], name
    assert all(isinstance(file, str) for file in getattr(calculator, "files", ()))
    assert getattr(calculator, "point_limit", 1.0) > 0


def test_what_is_asked_of_a_calculator_is_in_the_protocol(project):
    """No part of the program asks a calculator for something that is not listed there."""
    listed = {*Calculator.__annotations__, *vars(Calculator), *MayHave.__annotations__,
              *vars(MayHave)}
    for path in (project / "source").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r'(?:get|has)attr\((?:\w+\.)*calculator, "(\w+)"', text)
        asked += re.findall(r"\bpool\.calculator\.(\w+)", text)
        assert set(asked) <= listed, path.name
    assert {"share_for", "point_limit", "files", "input_text"} <= listed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["F_2d", "F_3d", "THDM", "function", "vectorised", "Programs",
                                  "Observables", "SPheno"])
def test_calculators(name, tmp_path):
    """One outcome for each row, alone as together, in any order; nothing raises; can be sent."""
    config, x = calculators(tmp_path)[name]
    config, x = replace(config, input_file=str(tmp_path / "in.py")), np.array(x, float)
    made = make_calculator(config, Box.from_config(config).names)
    calculator = pickle.loads(pickle.dumps(made))
    check_protocol(calculator)
    assert calculator.share >= 1
    assert all(isinstance(text, str) for text in (*calculator.citations, *calculator.observables))
    scratch = [tmp_path / f"scratch{i}" for i in range(5)]
    for folder in scratch:
        folder.mkdir()
    together = calculator.evaluate(x.copy(), scratch[0])
    assert [j.status for j in together[:2]] == ["ok", "ok"]
    backwards = calculator.evaluate(x[::-1].copy(), scratch[1])[::-1]
    alone = [calculator.evaluate(x[i:i + 1], scratch[2 + i])[0] for i in range(3)]
    for one, two, three in zip(together, backwards, alone, strict=True):
        assert isinstance(one, Evaluation)
        assert isinstance(one.status, str) and isinstance(one.reason, str)
        for other in (two, three):
            assert (one.status, one.reason) == (other.status, other.reason)
            assert numbers(one) == pytest.approx(numbers(other), rel=1e-9, nan_ok=True)
        promised = set(calculator.observables) - {OBJECTIVE}    # which has a place of its own
        assert len(one.observables) >= len(promised) or one.status != "ok"


# ---- models ----------------------------------------------------------------------------------
def check_model(name, folder):
    """What every model promises."""
    config, rng = make_config(Calculator="F_2d", **SMALL), np.random.default_rng(2)
    x, new = rng.random((120, 3)), rng.random((15, 3))
    y = x.sum(1) - 1.5
    model = make_model(name, config, 3)
    y = (y > 0).astype(float) if model.kind == "classifier" else y
    assert model.kind in ("regressor", "classifier") and inspect.getdoc(type(model))
    kept = x.copy()
    mean, spread = model.fit(x, y, 5).predict(new)
    assert np.array_equal(x, kept)
    assert mean.shape == spread.shape == (15,)
    assert np.isfinite(mean).all() and (spread >= 0).all()
    again = make_model(name, config, 3).fit(x, y, 5)
    assert again.predict(new)[0] == pytest.approx(mean, abs=1e-6)
    model.save(folder / name)
    assert read_model(folder / name)[0].predict(new)[0] == pytest.approx(mean, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_models(name, tmp_path):
    """Shapes, no side effect, the same with the same seed, the same when read back."""
    check_model(name, tmp_path)


SPACES = {"one": [(1, 5, "integer")], "choice": [(None, None, "choice [0, 1]")],
          "two": [(1, 3, "integer")] * 2, "four": [(1, 3, "integer")] * 4,
          "mixed": [(1, 5, "integer"), (None, None, "choice [1, 2]"), (0.0, 4.0, "linear")]}
SETTINGS = ScanConfig(Size_initial_batch=20, Size_batch_K=60, Size_batch_search=60, Walkers=40,
                      Walk_steps=6, Size_batch_L=500, **SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", MODELS)
def test_whole_numbers_and_choices(name, space):
    """No point is proposed twice, and where all values are discrete each one once."""
    box = Box([make_parameter(f"x{k}", *p) for k, p in enumerate(SPACES[space])])
    proposer = Proposer(SETTINGS.loop, SETTINGS.acquisition, box, Target(-np.inf, 1.0),
                        make_model(name, SETTINGS, box.dim))
    rng, points = np.random.default_rng(0), Points(box.dim)
    batch = proposer.first(rng)
    while len(batch) and len(points) < 180:
        x = box.to_physical(batch.u)
        value = ((x - 2.2) ** 2).sum(1)
        points.append(id=len(points) + np.arange(len(x)), u=box.to_unit(x), x=x, value=value,
                      iteration=np.full(len(x), len(points)), origin=batch.origin,
                      inside=value < 1, status=np.full(len(x), "ok", object))
        batch = proposer.propose(points, rng)
    assert len(np.unique(points.x, axis=0)) == len(points)
    if all(box.counts):
        assert len(points) == np.prod(box.counts)
    else:
        assert len(points) >= 180
