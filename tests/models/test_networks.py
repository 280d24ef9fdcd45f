"""The compiled training loop and the forward pass in NumPy."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.special import erfc

from mlscanner.models import networks as nets
from mlscanner.models import training
from mlscanner.models.balance import balance

RNG = np.random.default_rng(0)
HOW = training.Training("mse", "relu", 3e-3, 5, 5, 32)


def job(n=200, held=0, seed=1):
    """A small training set, the last rows held out."""
    x = RNG.uniform(-1, 1, (n, 3))
    return training.Job(x, x[:, :1] * x[:, 1:2], np.ones(n), n - held, seed)


def loss(network, data):
    """Mean squared error."""
    return float(np.mean((nets.forward([network], data.x, "relu")[0] - data.y) ** 2))


@pytest.mark.slow
@pytest.mark.parametrize("activation", sorted(nets._ACTIVATIONS))
def test_forward_is_keras(activation):
    """The NumPy pass and Keras give the same numbers to 1e-5, for every activation."""
    tf = training.warm_up()
    network = nets.new_network([3, 17, 17, 2], 1)
    keras = tf.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(17, activation),
                              keras.layers.Dense(17, activation), keras.layers.Dense(2)])
    model.set_weights(network.weights)
    x = RNG.normal(size=(1500, 3)).astype(np.float32)
    ours = nets.forward([network], x, activation, threads=2)[0]
    assert np.abs(ours - np.asarray(model(x))).max() < 1e-5


def test_gelu_is_that_of_the_error_function():
    """It is x (1 + erf(x / sqrt 2)) / 2 to 3e-6, a few roundings of float32 for |x| up to 8."""
    x = np.concatenate([np.linspace(-8, 8, 100_001), [-1e30, -100, 100, 1e30]]).astype(np.float32)
    true = 0.5 * x.astype(float) * erfc(-x.astype(float) / np.sqrt(2))
    assert np.abs(nets._ACTIVATIONS["gelu"](x) - true)[:-4].max() < 3e-6
    assert nets._ACTIVATIONS["gelu"](x)[-4:] == pytest.approx(true[-4:], abs=1e-4)


@pytest.mark.slow
def test_networks_take_activations_in_turn():
    """Three networks with two names: each is trained and asked as with its own name alone."""
    names = ["gelu", "relu", "gelu"]
    start = [nets.new_network([3, 9, 1], seed) for seed in range(3)]
    jobs = [job(seed=seed) for seed in range(3)]
    x = RNG.normal(size=(50, 3))
    trained = training.train(start, jobs, HOW._replace(activation=("gelu", "relu")))
    together = nets.forward(trained, x, names[:2])
    for k, name in enumerate(names):
        alone, = training.train(start[k:k + 1], jobs[k:k + 1], HOW._replace(activation=name))
        assert all(map(np.array_equal, alone.weights, trained[k].weights))
        assert np.array_equal(nets.forward([alone], x, name)[0], together[k])
    assert not np.array_equal(nets.forward(trained, x, "relu")[0], together[0])


@pytest.mark.slow
def test_training_lowers_the_loss_and_counts_its_steps():
    """Five epochs of seven steps, and a smaller error."""
    start, data = nets.new_network([3, 20, 1], 1), job()
    trained, = training.train([start], [data], HOW)
    assert trained.steps == 35 and loss(trained, data) < 0.7 * loss(start, data)
    assert start.steps == 0 and not start.first[0].any()  # what was given is left alone


@pytest.mark.slow
def test_one_step_is_keras_adam():
    """One step on one batch is that of Keras' own Adam."""
    tf = training.warm_up()
    keras = tf.keras
    start, data = nets.new_network([3, 8, 1], 1), job(16)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, "relu"),
                              keras.layers.Dense(1)])
    model.set_weights(start.weights)
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    model.fit(data.x, data.y, batch_size=16, epochs=1, verbose=0)
    how = training.Training("mse", "relu", 1e-2, 1, 1, 16)
    trained, = training.train([start], [data], how)
    for ours, theirs in zip(trained.weights, model.get_weights(), strict=True):
        assert np.allclose(ours, theirs, atol=1e-6)


@pytest.mark.slow
def test_the_rate_of_a_training_falls_as_a_cosine():
    """Twenty steps on all points are those of Keras' Adam with its cosine decay to a hundredth;
    at the first rate throughout they would lead elsewhere."""
    keras = training.warm_up().keras
    start, data = nets.new_network([3, 8, 1], 1), job(16)
    trained, = training.train([start], [data], training.Training("mse", "relu", 1e-2, 20, 20, 16))

    def far(rate):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, "relu"),
                                  keras.layers.Dense(1)])
        model.set_weights(start.weights)
        model.compile(keras.optimizers.Adam(rate), "mse")
        model.fit(data.x, data.y, batch_size=16, epochs=20, verbose=0)
        return max(np.abs(ours - theirs).max() for ours, theirs in
                   zip(trained.weights, model.get_weights(), strict=True))
    assert far(keras.optimizers.schedules.CosineDecay(1e-2, 20, alpha=0.01)) < 1e-4 < far(1e-2) / 10


@pytest.mark.slow
def test_best_weights_on_held_out_points_are_kept_and_it_stops_early():
    """With a held-out set that noise can only spoil, later epochs are not the result."""
    x = RNG.uniform(-1, 1, (120, 3))
    data = training.Job(x, RNG.normal(size=(120, 1)), np.ones(120), 60, 1)
    long = training.Training("mse", "relu", 1e-2, 300, 10, 8)
    start = nets.new_network([3, 40, 40, 1], 1)
    trained, = training.train([start], [data], long)
    assert trained.steps < 200 * 8  # of 300 epochs

    def held_out(network):
        return float(np.mean((nets.forward([network], x[60:], "relu")[0] - data.y[60:]) ** 2))
    spoilt, = training.train([start], [data._replace(x=x[:60], y=data.y[:60], weight=np.ones(60))],
                         long._replace(epochs=trained.steps // 8, patience=1000))
    assert held_out(trained) < held_out(spoilt)


@pytest.mark.slow
def test_threads_do_not_change_the_result():
    """Three networks one after the other, or side by side: the same bits."""
    jobs = [job(100, 10, seed) for seed in range(3)]
    start = [nets.new_network([3, 10, 1], seed) for seed in range(3)]
    alone, together = (training.train(start, jobs, HOW, threads) for threads in (1, 3))
    for one, other in zip(alone, together, strict=True):
        assert all(map(np.array_equal, one.weights, other.weights))


@pytest.mark.slow
def test_no_retracing_and_flat_memory():
    """200 trainings with ever more points: traced at most twice, memory as after the first 20."""
    network = nets.new_network([3, 6, 1], 1)
    how = training.Training("mse", "silu", 1e-3, 1, 1, 64)
    for n in range(200):
        network, = training.train([network], [job(64 + 3 * n, n % 7)], how)
        if n == 20:
            early = memory()
    assert training._compiled_loop("mse", "silu").experimental_get_tracing_count() <= 2
    assert memory() - early < 20e6


def memory():
    """Bytes of memory this process occupies now; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * 4096 if status.exists() else 0


@pytest.mark.slow
def test_predicting_does_not_import_tensorflow():
    """Nothing imports TensorFlow or scikit-learn until a model is trained: no command waits."""
    code = ("import sys; from mlscanner.cli import main; "
            "from mlscanner.prediction import predict; "
            "from mlscanner.models import saved_model; "
            "sys.exit(any(m in sys.modules for m in ('tensorflow', 'keras', 'sklearn')))")
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(
        Path(__file__).parents[2] / ".package")}).returncode == 0


@pytest.mark.slow
def test_training_imports_no_keras():
    """TensorFlow starts in half the time without it, and without matplotlib and scikit-learn, which
    come with it; `tf.keras` is still there for who uses it (test_forward_is_keras)."""
    code = ("import sys; from mlscanner.models.training import _NoKeras, warm_up; warm_up()\n"
            "print([m for m in ('keras', 'matplotlib', 'sklearn') if m in sys.modules],"
            " [f for f in sys.meta_path if isinstance(f, _NoKeras)])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={
        **os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / ".package")})
    assert (done.stdout, done.stderr) == ("[] []\n", "")


def test_other_threads_find_keras_while_tensorflow_is_imported():
    """It is hidden from the thread that imports TensorFlow, from no other, and only meanwhile."""
    finder = training._NoKeras()
    with pytest.raises(ModuleNotFoundError):
        finder.find_spec("keras.src")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(finder.find_spec, "keras.src").result() is None
    assert finder.find_spec("numpy") is None


def test_small_talk_of_tensorflow_is_held_back(capfd):
    """Its lines go, also behind a progress bar on the same line; everything else stays."""
    with training._without_chatter():
        for line in (b"\r 40/100 WARNING: All log messages before absl::InitializeLog()\n",
                     b"W0000 00:00:1732.5 12 port.cc:1] not registered\n", b"W1234 is ours\n"):
            os.write(2, line)
    assert capfd.readouterr().err == "\r 40/100 W1234 is ours\n"


@pytest.mark.parametrize("good", [1, 2, 3, 50, 97, 99])
def test_balance_gives_both_classes_the_same_weight(good):
    """With SMOTE where two good points or more are the smaller class, else by weight."""
    x, y = RNG.random((100, 3)), (np.arange(100) < good).astype(float)
    bx, by, weight = balance(x, y[:, None], 3, 1)
    assert len(bx) == (2 * (100 - good) if 1 < good < 50 else 100)
    assert np.array_equal(bx[:100], x) and np.array_equal(by[:100, 0], y)
    assert weight[by[:, 0] > 0.5].sum() == pytest.approx(weight[by[:, 0] <= 0.5].sum())
    assert (bx >= 0).all() and (bx <= 1).all()


def test_synthetic_points_have_further_labels_between_their_neighbours():
    """SMOTE carries all labels along, without minding them in its choice of neighbours."""
    x, good = RNG.random((200, 2)), np.arange(200) < 20
    ramp = np.stack([np.where(good, 0.6 + 0.4 * x[:, 1], 0), x[:, 0]], 1)   # linear in x
    bx, by, _ = balance(x, ramp, 5, 1)
    assert np.array_equal(by[:200], ramp) and len(bx) == 360
    assert np.allclose(by[200:, 1], bx[200:, 0], atol=1e-5)
    assert np.allclose(by[200:, 0], 0.6 + 0.4 * bx[200:, 1], atol=1e-5)
    assert np.allclose(bx, balance(x, ramp[:, :1], 5, 1)[0], atol=1e-5)
