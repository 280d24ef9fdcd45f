"""Committees of fully connected networks: a compiled training loop, a forward pass in NumPy.

TensorFlow is imported by the first training only (or by `warm_up`); predicting needs NumPy alone.
The networks are those of Keras' Dense layers: same weights, same numbers.
"""

import contextlib
import functools
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

_ROWS = 512         # rows of one block of the forward pass: its layers stay in the cache
_BLOCKS = 16        # blocks that a thread takes at a time
_LANES = 8          # float32 numbers that the processor handles at once
_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-7  # Adam's, as in Keras
_CHATTER = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} |WARNING:tensorflow:\s*$")
_FLOOR = 0.01       # the learning rate ends at this share of its start


class Network(NamedTuple):
    """Weights of one network, and what Adam remembers of them.

    Attributes
    ----------
    weights : list of ndarray float32
        Kernel (in, out) and bias (out,) of each layer in turn.
    first, second : list of ndarray float32
        Adam's moments, shaped as the weights.
    steps : int
        Steps of Adam so far.
    """

    weights: list
    first: list
    second: list
    steps: int


class Job(NamedTuple):
    """Data of one training, rows in any order: x (n, d), y (n, m), weight (n,), seed.

    The first `trained` rows are learnt; the others are held out.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    trained: int
    seed: int


class Training(NamedTuple):
    """How to train: loss 'mse' or 'logistic', activation, learning rate, epochs, patience, batch"""

    loss: str
    activation: str
    learning_rate: float
    epochs: int
    patience: int
    batch: int


def new_network(sizes, seed):
    """A network with Keras' default start (Glorot uniform kernels, no bias).

    Parameters
    ----------
    sizes : sequence of int
        Inputs, nodes of each hidden layer, outputs.
    """
    rng = np.random.default_rng(seed)
    weights = []
    for a, b in zip(sizes, sizes[1:], strict=False):
        limit = np.sqrt(6 / (a + b))
        weights += [rng.uniform(-limit, limit, (a, b)).astype(np.float32), np.zeros(b, np.float32)]
    return Network(weights, [np.zeros_like(w) for w in weights],
                   [np.zeros_like(w) for w in weights], 0)


def check_shapes(network, dim):
    """Raise ValueError unless the layers fit to each other and to `dim` inputs."""
    width = dim
    for kernel, bias in zip(network.weights[::2], network.weights[1::2], strict=True):
        if kernel.ndim != 2 or kernel.shape[0] != width or bias.shape != kernel.shape[1:]:
            raise ValueError("layers of a network do not fit to each other")
        width = len(bias)


# ---- forward pass ----------------------------------------------------------------------------
def forward(networks, x, activation, threads=1):
    """Outputs of every network of a committee.

    Parameters
    ----------
    networks : sequence of Network
    x : ndarray (n, d)
        Inputs as the networks were trained on.
    activation : str
        Keras' name.
    threads : int
        Blocks of points computed at the same time; no influence on the result.

    Returns
    -------
    ndarray (members, n, outputs) of float32; logits for networks trained with the logistic loss.
    """
    x = np.ascontiguousarray(x, np.float32)
    act = _ACTIVATIONS[activation]
    padded = [_padded(network.weights) for network in networks]
    result = np.empty((len(networks), len(x), networks[0].weights[-1].size), np.float32)
    starts = range(0, len(x), _ROWS * _BLOCKS)

    def run(start):
        shape = (_ROWS, max(w.shape[-1] for w in padded[0][:-1]))
        room = [np.empty(shape, np.float32) for _ in range(2)]
        for at in range(start, min(start + _ROWS * _BLOCKS, len(x)), _ROWS):
            for member, weights in enumerate(padded):
                result[member, at:at + _ROWS] = _pass(x[at:at + _ROWS], weights, act, room)
    with _one_blas_thread():
        if threads > 1 and len(starts) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(run, starts))
        else:
            for start in starts:
                run(start)
    return result


def _pass(h, weights, act, room):
    """One block through one network; `room` are two scratch arrays as wide as the widest layer."""
    rows = len(h)
    for layer in range(0, len(weights) - 2, 2):
        kernel, bias = weights[layer], weights[layer + 1]
        out = room[layer // 2 % 2][:rows, :len(bias)]
        np.matmul(h, kernel, out=out)
        out += bias
        h = act(out)
    return h @ weights[-2] + weights[-1]


def _padded(weights):
    """The same network with its hidden layers as wide as the processor likes; 10-20% faster."""
    wide, result, inputs = 0, [], weights[0].shape[0]
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        wide = -(-len(bias) // _LANES) * _LANES
        new = np.zeros((inputs, wide), np.float32)
        new[:kernel.shape[0], :kernel.shape[1]] = kernel
        result += [new, np.pad(bias, (0, wide - len(bias)))]
        inputs = wide
    last = np.zeros((inputs, weights[-1].size), np.float32)  # rows of padding nodes stay zero
    last[:weights[-2].shape[0]] = weights[-2]
    return [*result, last, weights[-1]]


@functools.cache
def _blas():
    from threadpoolctl import ThreadpoolController
    return ThreadpoolController()


def _one_blas_thread():
    """Context: BLAS computes in the calling thread; for matrices this small its own only wait."""
    return _blas().limit(limits=1, user_api="blas")


def sigmoid(z):
    """1 / (1 + exp(-z)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def _relu(h):
    return np.maximum(h, 0, out=h)


def _elu(h):
    return np.where(h > 0, h, np.expm1(np.minimum(h, 0)))


def _selu(h):
    return np.float32(1.0507009873554805) * np.where(
        h > 0, h, np.float32(1.6732632423543772) * np.expm1(np.minimum(h, 0)))


def _gelu(h):
    from scipy.special import erf  # a slow import that only this activation needs
    return 0.5 * h * (1 + erf(h * np.float32(np.sqrt(0.5))))


_ACTIVATIONS = {
    "relu": _relu, "elu": _elu, "selu": _selu, "gelu": _gelu, "tanh": np.tanh,
    "silu": lambda h: h * sigmoid(h), "sigmoid": sigmoid,
    "softplus": lambda h: np.logaddexp(h, np.float32(0)),
}


# ---- training --------------------------------------------------------------------------------
@functools.cache
def warm_up(threads=2):
    """Import TensorFlow; a few seconds, best spent in a thread while points are judged.

    One thread for each operation: the matrices are small, and sums keep their order, so that a
    seed gives the same network on any number of cores. `threads` networks train side by side.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _without_chatter():
        import tensorflow as tf
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(max(2, threads))
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)
    except RuntimeError:
        pass  # somebody started TensorFlow before us, and chose
    return tf


@contextlib.contextmanager
def _without_chatter():
    """Hold back what goes to standard error, then pass on what is not TensorFlow's small talk.

    Its C++ parts write some lines before they can be told not to.
    """
    with tempfile.TemporaryFile() as held:
        real = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            held.seek(0)
            for line in held:
                if not _CHATTER.match(line):
                    os.write(real, line)
            os.close(real)


def train(networks, jobs, how, threads=1):
    """Train every network on its job, side by side.

    Parameters
    ----------
    networks : sequence of Network
        Where to start; not changed.
    jobs : sequence of Job, one for each
    how : Training
    threads : int
        Networks that train at the same time; no influence on the result.

    Returns
    -------
    list of Network
        The weights with the smallest held-out loss, or the last where nothing is held out.
    """
    warm_up()
    with ThreadPoolExecutor(max(1, min(threads, len(jobs)))) as pool:
        return list(pool.map(lambda pair: _train_one(*pair, how), zip(networks, jobs, strict=True)))


def _train_one(network, job, how):
    tf = warm_up()
    variables = [[tf.Variable(a) for a in group]
                 for group in (network.weights, network.first, network.second, network.weights)]
    loop = _compiled_loop(how.loss, how.activation)
    steps = loop(
        *variables, *(tf.constant(np.ascontiguousarray(a, np.float32))
                      for a in (job.x, job.y, job.weight)),
        tf.constant(job.trained), tf.constant(network.steps), tf.constant(how.epochs),
        tf.constant(how.patience), tf.constant(how.batch),
        tf.constant(how.learning_rate, tf.float32), tf.constant(job.seed))
    weights, first, second, best = ([v.numpy() for v in group] for group in variables)
    return Network(best, first, second, int(steps))


@functools.cache
def _compiled_loop(loss, activation):
    """The tf.function that runs a whole training; traced once for each shape of network."""
    tf = warm_up()
    act = getattr(tf.nn, activation)

    def losses(weights, x, y):
        h = x
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            h = act(tf.nn.bias_add(tf.matmul(h, kernel), bias))
        z = tf.nn.bias_add(tf.matmul(h, weights[-2]), weights[-1])
        each = ((z - y)**2 if loss == "mse"
                else tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))
        return tf.reduce_mean(each, 1)

    def adam(weights, first, second, x, y, weight, step, rate):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(losses(weights, x, y) * weight)
        power = tf.cast(step + 1, tf.float32)
        for w, m, v, g in zip(weights, first, second, tape.gradient(value, weights), strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=w.handle, m=m.handle, v=v.handle, grad=g, lr=rate, epsilon=_EPSILON,
                beta1=_BETA1, beta2=_BETA2, beta1_power=_BETA1**power, beta2_power=_BETA2**power)

    return tf.function(functools.partial(_run, tf, losses, adam), autograph=False,
                       reduce_retracing=True)


def _run(tf, losses, adam, weights, first, second, best, x, y, weight, trained, step, epochs,
         patience, batch, rate, seed):
    """All epochs of one training, as TensorFlow operations; returns the number of Adam's steps."""
    a_pass = (trained + batch - 1) // batch
    total = tf.cast(epochs * a_pass, tf.float32)
    held = tf.shape(x)[0] - trained
    start = step

    def one_step(k, order, step):
        rows = order[k * batch:(k + 1) * batch]
        phase = tf.cast(step - start, tf.float32) / total
        now = rate * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + tf.cos(np.pi * phase)))
        adam(weights, first, second, tf.gather(x, rows), tf.gather(y, rows),
             tf.gather(weight, rows), step, now)
        return k + 1, order, step + 1

    def one_epoch(epoch, step, smallest, at):
        order = tf.argsort(tf.random.stateless_uniform([trained], tf.stack([seed, epoch])))
        # full batches only, so that every step weighs the same: the last one takes from the first
        order = tf.gather(order, tf.range(a_pass * batch) % trained)
        _, _, step = tf.while_loop(lambda k, *_: k < a_pass, one_step,
                                   (tf.constant(0), order, step), parallel_iterations=1)
        off = losses(weights, x[trained:], y[trained:]) * weight[trained:]
        loss = tf.reduce_sum(off) / tf.cast(tf.maximum(held, 1), tf.float32)
        loss = tf.where(held > 0, loss, -tf.cast(epoch, tf.float32))  # none held out: the last wins
        better = loss < smallest

        def keep():
            for b, w in zip(best, weights, strict=True):
                b.assign(w)
            return tf.constant(0)
        tf.cond(better, keep, lambda: tf.constant(0))
        return epoch + 1, step, tf.minimum(loss, smallest), tf.where(better, epoch, at)

    _, step, _, _ = tf.while_loop(
        lambda epoch, _step, _loss, at: (epoch < epochs) & (epoch - at <= patience), one_epoch,
        (tf.constant(0), step, tf.constant(np.inf, tf.float32), tf.constant(0)),
        parallel_iterations=1)
    return step
