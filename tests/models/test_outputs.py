"""Regressors that learn observables: chi2 is built from what they predict for them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mlscanner import MLs_HEP
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.evaluation import Evaluation
from mlscanner.likelihood.observables import Target, observable
from mlscanner.models.calibration import honest
from mlscanner.models.observable_scale import Axis
from mlscanner.models.outputs import Outputs, Value, make_outputs, saved_scale
from mlscanner.models.registry import MODELS, make_model
from mlscanner.models.saved_model import load_model
from mlscanner.models.value_scale import ValueScale
from mlscanner.prediction.predict import predict_command
from mlscanner.prediction.validate import validate
from mlscanner.space.parameters import Box
from mlscanner.store.points import Points
from mlscanner.store.points_table import read_table
from test_conformance import SMALL

CODE = """
def f(p):
    if p['x'] > 0.97:
        raise ValueError('no solution')
    few = {'late': p['x'] * 3} if p['x'] > 0.2 else {}
    return {'chi2': p['x'] ** 2, 'm': 100 + 50 * p['x'] * p['y'],
            'rate': 10 ** (6 * p['y'] - 3), 'w': p['z'] - p['x'], **few}


def own(value):
    return (value / 10 - 6.2) ** 2
"""
INPUT = """
Calculator = 'f.py:f'
VarLabel, VarMin, VarMax = ['x', 'y', 'z'], [0, 0, -1], [1, 1, 1]
Observables = [
    observable('m', value=125, sigma=2, theory=1),
    observable('rate', upper='limit.csv', along='x', interpolation='log'),
    observable('ratio', expression='w / (1 + y)', range=(-0.2, 0.5), sigma=0.1),
    observable('w', lower=-0.5),
    observable('half', expression='m / 2', chi2='f.py:own'),
    observable('late', upper=2.8, optional=True),
    observable('later', expression='late + z', value=2.8, sigma=0.5, optional=True),
    observable('spare', expression='unused * 2', optional=True),
]
Learn = 'observables'
Chi_square_threshold = 10.0
Size_initial_batch, Size_batch_K, Size_batch_search, Size_batch_L = 80, 40, 40, 2000
N_iteration, Walkers, Walk_steps, Surrogate_points = 3, 100, 10, 100
RF_trees = 20
"""


@pytest.fixture
def folder(tmp_path):
    """An input file with every kind of constraint, and what it names."""
    (tmp_path / "f.py").write_text(CODE)
    (tmp_path / "in.py").write_text(INPUT)
    (tmp_path / "limit.csv").write_text("x,limit\n0.05,10\n0.5,3\n0.9,30\n")
    return tmp_path


def evaluated_points(folder, n=400):
    """Random points of the input file, evaluated; with the outputs that are learned of them."""
    config = load_config(folder / "in.py")
    box, target = Box.from_config(config), Target.from_config(config)
    outputs = make_outputs(config, box, "regressor")
    x = box.to_physical(np.random.default_rng(1).random((n, box.dim)))
    evaluated = make_calculator(config, box.names).evaluate(x, folder)
    status, value = [j.status for j in evaluated], [j.learned for j in evaluated]
    return outputs, Points(
        box.dim, id=np.arange(n), iteration=np.zeros(n, int), origin=["design"] * n, x=x,
        u=box.to_unit(x), value=value, status=status, inside=target.holds(status, value),
        observables=outputs.rows(evaluated), chi2=[j.value for j in evaluated]), target


def test_what_is_learned(folder):
    """Each number that a constraint needs, once; no formulas, no parameters, nothing unused; a
    user's chi2 and what may be missing as chi2 or distance of the constraint."""
    outputs = evaluated_points(folder)[0]
    assert outputs.leaves == ["m", "rate", "w"]
    assert set(outputs.parts) == {"part_half", "part_late", "part_later"}
    assert set(outputs.columns) == {"m", "rate", "w", "late", "chi2_half", "chi2_later"}


def test_chi2_of_exact_predictions_is_the_chi2(folder):
    """Whatever the constraints, own chi2 and hard limits: perfect outputs give the value."""
    outputs, points, target = evaluated_points(folder)
    points = points.take(points.ok)
    scale = outputs.scale(target, points)
    assert isinstance(scale, ValueScale) and "own_chi2" in scale.axes
    labels = scale.labels(points)
    assert labels.shape == (len(points), 3 + 3 + 1 + 1)     # leaves, parts, own chi2, chi2
    assert scale.chi2(labels, points.u) == pytest.approx(points.value, rel=1e-6)
    assert scale.best(labels, points.u) == pytest.approx(scale.forward(points.value), abs=1e-6)
    broken = np.array([value >= 10 for value in points.value])
    assert 10 < broken.sum() < len(broken)


def test_mean_and_spread_of_chi2(folder):
    """Sure predictions give the chi2 and no spread; unsure ones a spread that grows."""
    outputs, points, target = evaluated_points(folder)
    points = points.take(points.ok)
    scale = outputs.scale(target, points)
    labels = scale.labels(points)
    before = None
    for width in (0.0, 0.001, 0.01, 0.1):
        mean, spread = scale.read(labels, np.full(labels.shape, width), points.u)
        if width == 0:
            assert mean == pytest.approx(scale.forward(points.value), abs=1e-6)
            assert spread == pytest.approx(0, abs=1e-6)
        else:
            assert np.median(spread) > 1.3 * before
        before = np.median(spread) + 1e-6
    assert scale.read(labels[:0], labels[:0], points.u[:0])[0].shape == (0,)


def test_a_hard_limit_counts_in_the_prediction(folder):
    """A predicted number beyond a hard limit puts the prediction out of the target."""
    outputs, points, target = evaluated_points(folder)
    rows = points.take(points.inside)
    assert len(rows) > 3
    scale = outputs.scale(target, points)
    labels = scale.labels(rows)
    assert (scale.chi2(labels, rows.u) < 10).all()
    w = list(scale.axes).index("w")
    labels[:, w] = scale.axes["w"].forward(np.full(len(rows), -0.51))
    assert (scale.chi2(labels, rows.u) >= 10).all()


@pytest.mark.parametrize(("values", "kind"), [
    (np.linspace(-1, 3, 50), "linear"), (np.geomspace(1e-9, 1e3, 50), "log"),
    (-np.geomspace(1e-9, 1e3, 50), "log"),
    (np.r_[np.linspace(-1, 1, 50), -1e8, 1e5], "asinh"), (np.full(9, 7.0), "linear"),
    (np.full(3, np.nan), "linear")])
def test_each_observable_has_a_fitting_axis(values, kind):
    """Decades are learned as logarithms, outliers do not squeeze the rest; there and back."""
    axis = Axis.of(values)
    assert axis.kind == kind
    known = values[np.isfinite(values)]
    assert axis.backward(axis.forward(known)) == pytest.approx(known, rel=1e-6, abs=1e-9)
    assert np.isfinite(axis.backward(np.array([-1e9, 1e9]))).all()
    if len(known) and np.ptp(known):
        assert axis.forward(known).std() == pytest.approx(1)


def scan(folder, run, model="RFR", finish=True, **words):
    """The scan of the input file in the folder `run`; gone on with when there is one."""
    config = replace(load_config(folder / "in.py"), **{**SMALL, "RF_trees": 20, **words})
    box = Box.from_config(config)
    (folder / run).mkdir(exist_ok=True)
    with Pool(make_calculator(config, box.names), 0) as pool:
        task = MLs_HEP.scan(make_model(model, config, box.dim), config, folder / run, pool,
                            show=False)
        for _ in task:
            pass
        if finish:
            task.finish()
    return task


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_every_model_scans(folder, model):
    """Regressors are trained on as many outputs as there are; classifiers go on as before."""
    task = scan(folder, model, model, N_iteration=1)
    assert len(task.points) == 120
    regressor = task.model.kind == "regressor"
    assert task.model.outputs == (8 if regressor else None)
    assert type(task.outputs) is (Outputs if regressor else Value)
    assert load_model(folder / model).predict(task.points.x).value.shape == (120,)


@pytest.mark.slow
def test_resumed_exactly(folder):
    """Stopped after each iteration and gone on with, a run has the points of one without pause."""
    for n in (1, 2, 3):
        scan(folder, "parts", finish=False, N_iteration=n)
    scan(folder, "whole", finish=False)
    texts = [(folder / run / "points.csv").read_text() for run in ("parts", "whole")]
    assert texts[0] == texts[1]


@pytest.mark.slow
def test_the_saved_model_knows_chi2_and_observables(folder):
    """Without the user's files: chi2, probability, each observable; by the command, too."""
    task = scan(folder, "run", N_iteration=4)
    for name in ("limit.csv", "f.py", "in.py"):
        (folder / name).unlink()
    saved, points = load_model(folder / "run"), task.points
    table = read_table(folder / "run" / "points.csv")
    answer = saved.predict(points.x)
    ok = points.ok
    mean, spread = task.model.predict(points.u)
    scale, spread = task.proposer.scale, honest(spread, task.model.held_out)
    assert answer.value == pytest.approx(scale.backward(scale.read(mean, spread, points.u)[0]),
                                         rel=1e-3, abs=1e-3)
    assert answer.probability[points.inside].mean() > 2 * answer.probability[~points.inside].mean()
    found = saved.observables(points.x)
    assert list(found) == ["m", "rate", "w", "ratio", "half"]
    for name, column in found.items():
        assert np.corrcoef(column[ok], table[name][ok])[0, 1] > 0.5, name
    assert found["half"] == pytest.approx(found["m"] / 2)
    assert len(saved.good_training()) == points.inside.sum()
    out = folder / "answers.csv"
    assert predict_command([str(folder / "run"), str(folder / "run" / "points.csv"), "--output",
                            str(out)]) == 0
    lines = out.read_text().splitlines()
    assert lines[0].endswith("near,predicted_m,predicted_rate,predicted_w,predicted_ratio,"
                             "predicted_half")
    assert len(lines) == len(points) + 1
    assert float(lines[1].split(",")[-1]) == pytest.approx(found["half"][0], rel=1e-6)


def test_the_scale_survives_json(folder):
    """Scale, axes and limit curves are plain numbers, and give the same chi2."""
    outputs, points, target = evaluated_points(folder)
    points = points.take(points.ok)
    scale = outputs.scale(target, points)
    config = load_config(folder / "in.py")
    settings, numbers = (json.loads(json.dumps(d)) for d in (config.as_dict(), scale.as_dict()))
    again = saved_scale(numbers, target, settings, outputs.box)
    labels = scale.labels(points)
    assert np.array_equal(again.chi2(labels, points.u), scale.chi2(labels, points.u))
    with pytest.raises(KeyError):
        saved_scale({k: v for k, v in numbers.items() if k != "curves"}, target, settings,
                    outputs.box)


class Truth:
    """Evaluates by the calculator in this process; stands in for the pool."""

    def __init__(self, calculator, folder):
        self.calculator, self.folder = calculator, folder

    def map(self, x):
        """(row, Evaluation) of each point."""
        return enumerate(self.calculator.evaluate(x, self.folder))


@pytest.mark.slow
def test_validation_of_a_run_with_observables(folder):
    """`predict --validate` makes the calculator from the settings of the run, its entries too."""
    from mlscanner.prediction.validate import run_config
    scan(folder, "run")
    saved = load_model(folder / "run")
    config = run_config(saved.settings)
    assert config.Observables == load_config(folder / "in.py").Observables
    report = validate(saved, 20, pool=Truth(make_calculator(config, saved.names), folder))
    assert "20 suggested points" in report and "mean absolute error of chi2" in report


def test_a_failed_point_has_no_observables():
    """What a worker lost has none, and teaches nothing."""
    config = make_config(Calculator="F_2d", VarLabel=["a", "b"], VarMin=[0, 0], VarMax=[1, 1],
                         Chi_square_threshold=1.0, Target_value=None,
                         Observables=[observable("s", value=1, sigma=1)], Learn="observables")
    outputs = make_outputs(config, Box.from_config(config), "regressor")
    rows = outputs.rows([Evaluation("crashed"), Evaluation("ok", 1.0, {"s": 2.0})])
    assert np.array_equal(rows, [[np.nan], [2.0]], equal_nan=True)


@pytest.mark.parametrize("words", [
    {"Learn": "chi2", "Observables": [observable("s", expression="a + b", value=1, sigma=1)]},
    {"Observables": []},
    {"Observables": [observable("s", expression="a + b")]},
    {"Target_value": 1.0, "Target_width": 1.0,
     "Observables": [observable("s", expression="a + b", lower=0)]}])
def test_nothing_to_learn_but_the_value(words):
    """Where no chi2 is made of observables, or chi2 is asked for, the value is learned."""
    config = make_config(Calculator="F_2d", VarLabel=["a", "b"], VarMin=[0, 0], VarMax=[1, 1],
                         **{"Chi_square_threshold": 1.0, "Learn": "observables", **words})
    outputs = make_outputs(config, Box.from_config(config), "regressor")
    assert type(outputs) is Value and outputs.columns == ()
