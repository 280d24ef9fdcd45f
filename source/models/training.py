"""Training of networks in a loop of TensorFlow that XLA compiles and that runs whole epochs.

TensorFlow is imported by the first training only, or by `warm_up`.
"""

import contextlib
import functools
import math
import os
import re
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from .networks import Network, one_each

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-7  # Adam's, as in Keras
_STARTING = threading.Lock()
_LOADED: list = []
_FLOOR = 0.01       # the learning rate ends at this share of its start
_ROOM = 4096        # rows that a compiled loop is made for, at least
_WORTH_XLA = 1500   # steps: it takes half the time for each, but a second before the first
_CHATTER = re.compile(
    rb"(?s)(WARNING: All log messages before absl|[IW]\d{4} \d\d:\d\d:|WARNING:tensorflow:\s*$).*")


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
    """How to train: loss 'mse' or 'logistic', learning rate, epochs, patience, batch.

    activation: Keras' name; of several, the networks take them in turn.
    """

    loss: str
    activation: str | Sequence[str]
    learning_rate: float
    epochs: int
    patience: int
    batch: int


def warm_up(threads=2):
    """Import TensorFlow; a few seconds, best spent in a thread while points are evaluated.

    One thread for each operation: the matrices are small, and sums keep their order, so that a
    seed gives the same network on any number of cores. `threads` networks train side by side.
    """
    with _STARTING:  # who comes while another thread imports it, waits
        if not _LOADED:
            _LOADED.append(_tensorflow(threads))
        return _LOADED[0]


def _tensorflow(threads):
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

    Its C++ parts write some lines before they can be told not to; a progress bar may stand before
    one of them.
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
                os.write(real, _CHATTER.sub(b"", line))
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
    names = one_each(how.activation, len(jobs))
    with ThreadPoolExecutor(max(1, min(threads, len(jobs)))) as pool:
        return list(pool.map(lambda network, job, name: _train_one(network, job, name, how),
                             networks, jobs, names))


def _train_one(network, job, activation, how):
    """One network trained on its job; between the epochs, which are compiled, NumPy decides."""
    tf = warm_up()
    shapes = tuple(w.shape for w in network.weights)
    a_pass = -(-job.trained // how.batch)
    # as many rows as few compiled loops need, at least one batch more than there are points
    room = max(_ROOM, 1 << (max(len(job.x), a_pass * how.batch) + how.batch - 1).bit_length())
    data = [tf.constant(_padded(a, room)) for a in (job.x, job.y, job.weight)]
    loop = _compiled_epoch(how.loss, activation, shapes, how.batch,
                           how.epochs * a_pass >= _WORTH_XLA)
    state = [tf.constant(_flat(group))
             for group in (network.weights, network.first, network.second)]
    held, total = len(job.x) - job.trained, how.epochs * a_pass
    sizes = tf.constant([a_pass, job.trained, -(-held // how.batch)])
    best, smallest, at, rng = state, np.inf, 0, np.random.default_rng(job.seed)
    for epoch in range(how.epochs):
        # full batches only, so that every step weighs the same: the last one takes from the first
        order = np.resize(rng.permutation(job.trained).astype(np.int32), a_pass * how.batch)
        when = tf.constant([network.steps + epoch * a_pass, epoch * a_pass, total], tf.float32)
        *state, off = loop(*state, *data, tf.constant(_padded(order, room, np.int32)), sizes, when,
                           tf.constant(how.learning_rate, tf.float32))
        loss = float(off) / held if held else -epoch      # none held out: the last wins
        if loss < smallest:
            best, smallest, at = state, loss, epoch
        if epoch + 1 - at > how.patience:
            break
    return Network(_groups(best[0], shapes), _groups(state[1], shapes), _groups(state[2], shapes),
                   network.steps + (epoch + 1) * a_pass)


def _padded(a, room, kind=np.float32):
    """`a` (n, ...) with zeros up to `room` rows."""
    out = np.zeros((room, *a.shape[1:]), kind)
    out[:len(a)] = a
    return out


def _flat(group):
    return np.concatenate([np.ravel(a) for a in group]).astype(np.float32)


def _groups(flat, shapes):
    """The inverse of `_flat`."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape).copy()
            for part, shape in zip(np.split(flat.numpy(), ends), shapes, strict=True)]


@functools.cache
def _compiled_epoch(loss, activation, shapes, batch, xla):
    """The tf.function that runs an epoch, made once for each number of padded rows, by XLA or not.
    """
    tf = warm_up()
    act = getattr(tf.nn, activation)

    def losses(flat, x, y):
        parts = tf.split(flat, [math.prod(shape) for shape in shapes])
        weights = [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        h = x
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            h = act(tf.matmul(h, kernel) + bias)
        z = tf.matmul(h, weights[-2]) + weights[-1]
        each = ((z - y)**2 if loss == "mse"
                else tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))
        return tf.reduce_mean(each, 1)

    return tf.function(functools.partial(_epoch, tf, losses, batch), autograph=False,
                       jit_compile=xla)


def learning_rate(start, phase, cos=np.cos):
    """The rate at a part `phase` of the training: a half cosine down to a hundredth of `start`.

    I. Loshchilov, F. Hutter, arXiv:1608.03983, without restarts. `cos` for tensors: tf.cos.
    """
    return start * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + cos(np.pi * phase)))


def _epoch(tf, losses, batch, weights, first, second, x, y, weight, order, sizes, when, rate):
    """One epoch, as TensorFlow operations: weights and moments after it, and the loss held out.

    Parameters
    ----------
    weights, first, second : tensor (parameters,)
    x, y, weight : tensors (room, ...)
        Rows that are learnt, those that are held out, and zeros.
    order : int tensor (room,)
        Rows of each batch in turn, then zeros.
    sizes : int tensor (3,)
        Batches that are learnt, rows that are, batches that are held out.
    when : tensor (3,)
        Steps of Adam so far, those of this training, those that it shall have.
    """
    def rows(a, start):
        return tf.slice(a, [start] + [0] * (a.shape.rank - 1), [batch] + [-1] * (a.shape.rank - 1))

    def one_step(k, weights, first, second):
        some = rows(order, k * batch)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            value = tf.reduce_mean(losses(weights, tf.gather(x, some), tf.gather(y, some))
                                   * tf.gather(weight, some))
        slope = tape.gradient(value, weights)
        step = tf.cast(k, tf.float32) + when[0] + 1
        first = _BETA1 * first + (1 - _BETA1) * slope
        second = _BETA2 * second + (1 - _BETA2) * slope**2
        now = learning_rate(rate, (step - 1 - when[0] + when[1]) / when[2], tf.cos)
        now *= tf.sqrt(1 - _BETA2**step) / (1 - _BETA1**step)
        return k + 1, weights - now * first / (tf.sqrt(second) + _EPSILON), first, second

    _, weights, first, second = tf.while_loop(
        lambda k, *_: k < sizes[0], one_step, (tf.constant(0), weights, first, second))

    def one_test(k, total):
        start = sizes[1] + k * batch
        off = losses(weights, rows(x, start), rows(y, start)) * rows(weight, start)
        return k + 1, total + tf.reduce_sum(off)

    _, off = tf.while_loop(lambda k, _: k < sizes[2], one_test,
                           (tf.constant(0), tf.constant(0.0)))
    return weights, first, second, off
