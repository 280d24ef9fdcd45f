"""What a user or another package adds: models, priors, constraints, calculators."""

import types

import numpy as np
import pytest

import mlscanner as ml
from mlscanner import extensions
from mlscanner.calculators.registry import CALCULATORS
from mlscanner.cli.main import main
from mlscanner.likelihood.constraints import FUNCTIONS
from mlscanner.models.registry import MODELS, make_model
from mlscanner.space.priors import PRIORS
from python_scans import SMALL

TABLES = {"models": MODELS, "priors": PRIORS, "constraints": FUNCTIONS, "calculators": CALCULATORS}


@pytest.fixture(autouse=True)
def kept():
    """The tables are put back afterwards."""
    before = {name: dict(table) for name, table in TABLES.items()}
    yield
    for name, table in TABLES.items():
        table.clear()
        table.update(before[name])


class Mean(ml.Model):
    """The mean of all points, wherever."""

    def _fit(self, x, y, seed, fresh):
        self.mean, self.width = y.mean(0), y.std(0) + 0.1

    def _predict(self, x):
        return tuple(np.tile(row, (len(x), 1)) for row in (self.mean, self.width))

    def frozen(self):
        return {"mean": self.mean, "width": self.width}

    def thaw(self, arrays):
        self.mean, self.width = arrays["mean"], arrays["width"]


class Root(ml.Prior):
    """'root': more points near the upper end."""

    def forward(self, x):
        return x ** 2

    def backward(self, t):
        return np.sqrt(t)


def far(value):
    """chi2 of a value that should be 3."""
    return 10 * (value - 3) ** 2


def parabola(p):
    """An observable."""
    return {"y": 4 * p["x"]}


def try_all(tmp_path):
    """A scan that uses one of each."""
    result = ml.scan("Parabola", {"x": (0, 1, "root")}, n_points=40, pool=0,
                     observables=[ml.observable("y", chi2="far")], output=tmp_path / "run",
                     **SMALL | {"model": "MEAN"})
    t = result.points
    assert np.allclose(t["chi2"], 10 * (4 * np.asarray(t["x"]) - 3) ** 2)
    first = np.asarray(t["x"])[np.asarray(t["origin"]) == "design"]
    assert first.mean() == pytest.approx(2 / 3, abs=0.1)      # 1/2 for a flat prior
    assert isinstance(result.model.model, Mean)
    assert len(ml.load(tmp_path / "run", pool=0).continue_(10)) == 50
    assert main(["predict", str(tmp_path / "run"), str(tmp_path / "run" / "points.csv")]) == 0


def test_decorators(tmp_path):
    """Each makes a name that a scan, its stored run and `predict` know."""
    assert ml.register_model("MEAN")(Mean) is Mean
    ml.register_prior("root")(Root)
    ml.register_constraint("far")(far)
    ml.register_calculator("Parabola")(parabola)
    ml.register_model("MEAN")(Mean)     # the cell of a notebook, once more
    try_all(tmp_path)


def entry(name, load):
    """An entry point of another package."""
    return types.SimpleNamespace(name=name, value=f"other:{name}", load=load)


@pytest.fixture
def packages(monkeypatch):
    """A function that makes entry points: {group: [entry, ...]}."""
    def offer(points):
        monkeypatch.setattr(extensions, "entry_points",
                            lambda group: points.get(group.partition(".")[2], []))
        extensions.offered.cache_clear()
    yield offer
    extensions.offered.cache_clear()


def test_entry_points(tmp_path, packages):
    """Packages that are installed add the same, and are loaded only when they are asked for."""
    def never():
        raise AssertionError("nobody asked for it")
    packages({"models": [entry("MEAN", lambda: Mean), entry("OTHER", never)],
              "priors": [entry("root", lambda: Root)],
              "constraints": [entry("far", lambda: far)],
              "calculators": [entry("Parabola", lambda: parabola)]})
    try_all(tmp_path)


def test_a_package_that_can_not_be_loaded_is_named(packages):
    """An InputError, where it is asked for; the others work."""
    def broken():
        raise ImportError("no torch here")
    packages({"models": [entry("TORCH", broken)]})
    with pytest.raises(ml.InputError, match=r"TORCH of other:TORCH .*no torch here"):
        make_model("TORCH", None, 2)
    with pytest.raises(ml.InputError, match="KNN is not a model.*TORCH"):
        make_model("KNN", None, 2)


@pytest.mark.parametrize(("register", "name"), [
    (ml.register_model, "DNNR"), (ml.register_model, "SVMRBF"), (ml.register_prior, "log"),
    (ml.register_calculator, "THDM"), (ml.register_model, "my model"), (ml.register_prior, 5)])
def test_names_that_can_not_be_registered(register, name):
    """Ours stay ours, and a name is a word."""
    with pytest.raises(ml.InputError, match="Register yours|cannot be registered"):
        register(name)(Mean)


def test_a_calculator_class_gets_the_settings(tmp_path):
    """A class is called with (config, names), as ours are made."""
    @ml.register_calculator("Mine")
    class Mine:
        share, observables, citations = 10, (), ("me",)

        def __init__(self, config, names):
            self.seed, self.names = config.Seed, names

        def evaluate(self, x, scratch):
            return [ml.Evaluation("ok", float(self.seed + row[0])) for row in x]
    result = ml.scan("Mine", {"x": (0, 1)}, seed=7, n_points=20, pool=2, output=tmp_path / "run",
                     **SMALL)
    assert np.allclose(result.points["chi2"], 7 + np.asarray(result.points["x"]))
