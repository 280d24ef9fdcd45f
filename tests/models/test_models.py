"""Every model behind the one interface."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.errors import InputError
from mlscanner.models import registry
from mlscanner.models.calibration import platt, pooled
from mlscanner.models.model_base import folds
from mlscanner.models.model_files import read_model
from mlscanner.models.registry import ALIASES, MODELS, make_model
from mlscanner.models.saved_model import load_model
from mlscanner.space.parameters import Box, Parameter
from mlscanner.space.priors import make_prior
from mlscanner.space.reflections import Reflections
from mlscanner.space.symmetry import Symmetry
from trained import ASK, RNG, SMALL, X, fitted, known, labels, save, valley

BRIEF = replace(SMALL, DNN_epochs=5, DNN_epochs_more=2)     # where nothing need be learned


def called_good(model, u):
    """Bool (n,): in the target, as the model sees it."""
    mean = model.predict(u)[0]
    return mean < 0 if model.kind == "regressor" else mean > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_learns(name):
    """Every model tells inside from outside on points it has not seen."""
    model = known(name)
    assert (called_good(model, ASK) == (valley(ASK) < 0)).mean() > 0.9
    assert model.held_out["points"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DNNR", "DNNC"])
def test_a_training_from_scratch_counts_only_if_it_errs_less(name):
    """Of new networks and those refined so far the better stays, on points neither has learned."""
    model, y = fitted(name), valley(X)
    for seed in range(4):
        model.fit(X, labels(model, y), seed)
    steps, error = model.members[0].steps, model.held_out["rms"]
    model.config = replace(SMALL, DNN_epochs=1, DNN_least_points=0)
    model.fit(X, labels(model, y), 7, fresh=True)
    assert model.members[0].steps > steps
    assert model.held_out["rms"] < 1.2 * error
    model.config = SMALL
    model.fit(X, labels(model, -y), 8, fresh=True)      # what was known is wrong now
    assert model.members[0].steps < steps
    assert (called_good(model, ASK) == (valley(ASK) > 0)).mean() > 0.9


@pytest.mark.parametrize(("least", "epochs"), [(0, 60), (150, 60), (1920, 360), (1921, 366)])
def test_few_points_are_gone_through_more_often(least, epochs):
    """300 points are 10 steps an epoch: as many steps as `DNN_least_points` would be, if more."""
    model = make_model("DNNR", replace(SMALL, DNN_least_points=least), 2)
    assert model.schedule(fresh=True, n=300).epochs == epochs
    assert model.schedule(fresh=False, n=300).epochs == epochs // 6
    assert model.schedule(fresh=True, n=300).patience == round(epochs / 60 * SMALL.DNN_patience)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_answers_have_the_promised_form(name):
    """Mean and spread are finite float arrays (n,), spread >= 0, probabilities in [0, 1]."""
    model = known(name)
    for n in (0, 1, 500):
        mean, spread = model.predict(ASK[:n])
        assert mean.shape == spread.shape == (n,) and mean.dtype == spread.dtype == float
        assert np.isfinite(mean).all() and (spread >= 0).all()
        if model.kind == "classifier":
            assert ((mean >= 0) & (mean <= 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_one_seed_one_model_on_any_number_of_cores(name):
    """The same seed gives the same numbers with one core and with three; another seed does not."""
    one, three = fitted(name, config=BRIEF), fitted(name, config=replace(BRIEF, N_Cores=3))
    assert np.array_equal(one.predict(ASK)[0], three.predict(ASK)[0])
    if not name.startswith("SVR"):  # with so few points, nothing is left to chance there
        assert not np.array_equal(one.predict(ASK)[0], fitted(
            name, seed=2, config=BRIEF).predict(ASK)[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_few_points_and_one_class_do_not_crash(name):
    """No point, one, two, five; all alike; one good point: always an answer, never a crash."""
    for n in (0, 1, 2, 5):
        model = fitted(name, x=X[:n], config=BRIEF)
        assert np.isfinite(model.predict(ASK)).all()
    model = make_model(name, BRIEF, 2)
    for y in (np.zeros(60), np.ones(60), np.arange(60) == 7):
        model.fit(X[:60], y.astype(float), 1)
        assert np.isfinite(model.predict(ASK)).all()
    assert model.fit(X[:60], np.full(60, np.nan), 1).predict(ASK)[0].shape == (500,)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_rows_that_are_not_finite_are_left_out(name):
    """NaN and inf among the values change nothing."""
    model, y = make_model(name, BRIEF, 2), valley(X)
    bad = np.concatenate([labels(model, y).astype(float), [np.nan, np.inf]])
    model.fit(np.concatenate([X, X[:2]]), bad, 1)
    assert np.array_equal(model.predict(ASK)[0], fitted(name, config=BRIEF).predict(ASK)[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DNNR", "RFR", "GBR", "SVR_RBF"])
def test_several_values_at_once(name):
    """A regressor of (n, 2) values answers with (n, 2)."""
    y = np.stack([valley(X), X[:, 0]], 1)
    mean, spread = make_model(name, SMALL, 2).fit(X, y, 1).predict(ASK)
    assert mean.shape == spread.shape == (500, 2)
    assert np.abs(mean[:, 1] - ASK[:, 0]).mean() < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DNNC", "RFC"])
def test_nested_labels_teach_and_are_not_predicted(name, tmp_path):
    """With labels of wider targets a ball in five dimensions is learned better (all seeds tried);
    what is predicted, now and after saving, is the ball alone.
    """
    x, ask = RNG.random((600, 5)), RNG.random((2000, 5))
    y, good = valley(x) - 0.475, valley(ask) < 0.475
    nested = (y[:, None] < [0.1, 0.4, 0.8]).astype(float)
    error = {}
    for seed in (1, 2):
        for given in (None, nested):
            model = make_model(name, SMALL, 5).fit(x, y < 0, seed, nested=given)
            mean, spread = model.predict(ask)
            assert mean.shape == spread.shape == (2000,) and model.training[1].shape == (600, 1)
            error.setdefault(given is None, []).append(((mean - good) ** 2).mean())
    assert np.mean(error[False]) < 0.97 * np.mean(error[True])
    model.save(tmp_path / "model")
    loaded, _ = read_model(tmp_path / "model")
    assert np.array_equal(loaded.predict(ask)[0], mean)


@pytest.mark.slow
def test_a_regressor_does_without_nested_labels():
    """Who knows the value has nothing to learn from its levels."""
    y = valley(X)
    one = make_model("RFR", SMALL, 2).fit(X, y, 1, nested=(y < 1)[:, None])
    assert np.array_equal(one.predict(ASK)[0], known("RFR").predict(ASK)[0])


@pytest.mark.slow
def test_classifier_takes_soft_labels():
    """Labels between 0 and 1 are accepted, above 0.5 is good."""
    soft = 1 / (1 + np.exp(20 * valley(X)))
    model = make_model("DNNC", SMALL, 2).fit(X, soft, 1)
    assert (called_good(model, ASK) == (valley(ASK) < 0)).mean() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DNNR", "DNNC"])
def test_resume_equals_going_on(name):
    """A network restored from its arrays trains on to the same weights, bit by bit."""
    one, two = fitted(name, config=BRIEF), make_model(name, BRIEF, 2)
    arrays = {k: np.array(v) for k, v in one.arrays().items()}
    two.restore(arrays)
    more = RNG.random((350, 2))
    for model in (one, two):
        model.fit(more, labels(model, valley(more)), 5)
    assert np.array_equal(one.predict(ASK)[0], two.predict(ASK)[0])
    assert one.arrays()["steps"][0] > arrays["steps"][0]


@pytest.mark.parametrize("name", ["RFR", "RFC", "SVR_RBF"])
def test_a_symmetry_is_learned_from_one_image(name, tmp_path):
    """A model that saw points with a > 0 knows those with a < 0; a point and its image are learned
    once, and a saved model says the same and knows which points were near."""
    box = Box([Parameter("a", -1.0, 1.0), Parameter("b", 1.0, 100.0, "log",
                                                    make_prior("log", 1.0, 100.0))])
    model, symmetry = make_model(name, SMALL, 2), Symmetry(Reflections(box), [[True]])
    right = X[X[:, 0] > 0.5]
    mirrored = np.column_stack([1 - ASK[:, 0], ASK[:, 1]])
    image = np.column_stack([1 - right[:, 0], right[:, 1]])
    both, y = np.concatenate([right, image]), labels(model, valley(right))
    model.fit(both, np.r_[y, y], 1, symmetry=symmetry)
    assert len(model.training[0]) == len(right) and (model.training[0][:, 0] > 0.5).all()
    good = called_good(model, ASK)
    assert (good == (valley(ASK) < 0)).mean() > 0.9
    assert np.array_equal(model.predict(ASK), model.predict(mirrored))
    loaded = load_model(save(model, tmp_path))
    assert np.array_equal(loaded.predict_unit(ASK), loaded.predict_unit(mirrored), equal_nan=True)
    assert loaded.model.predict(ASK)[0] == pytest.approx(model.predict(ASK)[0], abs=1e-5)
    inside = loaded.good_training()
    assert (loaded.box.to_physical(inside)[:, 0] > 0).mean() == pytest.approx(0.5, abs=0.2)
    assert (valley(inside) < 0.01).all()
    assert loaded.near(image).all() and np.array_equal(loaded.near(ASK), loaded.near(mirrored))


def test_names():
    """The seven names of the manual; old names mean the same; others are refused with the list."""
    assert list(MODELS) == ["DNNR", "GBR", "RFR", "SVR_RBF", "SVR_POLY", "DNNC", "RFC"]
    assert ALIASES == {"SVMRBF": "SVR_RBF", "SVMPOLY": "SVR_POLY"}
    assert make_model("SVMPOLY", SMALL, 2).name == "SVR_POLY"
    with pytest.raises(InputError, match="SVR_RBF"):
        make_model("DNN", SMALL, 2)


def test_folds_stay_when_points_are_added():
    """A point's fold depends on nothing but the point; each holds a tenth."""
    many = np.random.default_rng(3).random((5000, 3))
    fold = folds(many)
    assert np.array_equal(folds(many[::-1])[::-1], fold)
    assert np.abs(np.bincount(fold) - 500).max() < 100
    assert (folds(many[:39]) == -1).all()


def test_platt_finds_the_true_probability():
    """Answers balanced by SMOTE are brought back to the share of good points."""
    rng = np.random.default_rng(0)
    truth = rng.random(20000)
    slope, offset = platt(1 / (1 + np.exp(-(np.log(truth / (1 - truth)) + 1) / 0.7)),
                          rng.random(20000) < truth)
    assert slope == pytest.approx(0.7, abs=0.05) and offset == pytest.approx(-1, abs=0.1)


def test_pooled_opinions_are_the_true_probability():
    """Two that know different things count as they should; one that knows nothing does not."""
    rng = np.random.default_rng(0)
    one, two, three = rng.uniform(0.02, 0.98, (3, 20000))
    logit = [np.log(p / (1 - p)) for p in (one, two)]
    good = rng.random(20000) < 1 / (1 + np.exp(-(0.9 * logit[0] + 0.4 * logit[1] - 0.5)))
    a, b, nothing, offset = pooled([one, two, three], good)
    assert [a, b, nothing, offset] == pytest.approx([0.9, 0.4, 0.0, -0.5], abs=0.06)
    late = np.where(np.arange(20000) < 10000, 1e-9, 1.0)
    early = np.concatenate([~good[:10000], good[10000:]])
    assert pooled([one, two], early, late)[0] == pytest.approx(0.9, abs=0.08)


@pytest.mark.slow
def test_members_of_boosted_trees_compute_on_one_thread_each(project):
    """OpenMP's limit holds in the threads that train and predict, whatever the environment says."""
    script = """if True:
        import numpy as np
        from sklearn.ensemble import HistGradientBoostingRegressor as Booster
        from sklearn.utils._openmp_helpers import _openmp_effective_n_threads as threads
        from mlscanner.config.settings import ScanConfig
        from mlscanner.models.registry import make_model
        seen = []
        for name in ("fit", "predict"):
            def noting(*args, real=getattr(Booster, name), name=name):
                seen.append((name, threads()))
                return real(*args)
            setattr(Booster, name, noting)
        u = np.random.default_rng(0).random((80, 2))
        config = ScanConfig(N_Cores=2, GBR_trees=3, GBR_members=2)
        make_model("GBR", config, 2).fit(u, u[:, 0], 1).predict(u)
        print(sorted(set(seen)), threads())
    """
    environment = os.environ | {"OMP_NUM_THREADS": "3", "PYTHONPATH": str(project / ".package")}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True,
                         text=True, check=False)
    assert run.stdout.strip() == "[('fit', 1), ('predict', 1)] 3", run.stderr


def test_the_settings_of_models_hold_all_that_models_read():
    """What is written `config.NAME` in a model is a field of the section that it gets."""
    read = set()
    for path in Path(registry.__file__).parent.glob("*.py"):
        if path.name != "outputs.py":       # reads the observables, before there is a model
            read |= set(re.findall(r"\b(?:cfg|config)\.([A-Z]\w+)", path.read_text()))
    assert {"N_Cores", "DNN_layers"} <= read <= set(vars(SMALL.models))
