"""Training of networks in a compiled loop of TensorFlow that runs whole epochs.

TensorFlow is imported by the first training only, or by `warm_up`.
"""

import contextlib
import functools
import os
import re
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .networks import Network, one_each
from .threads import side_by_side

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-7  # Adam's, as in Keras
_STARTING = threading.Lock()
_LOADED: list = []
_FLOOR = 0.01       # the learning rate ends at this share of its start
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
    tf = import_tensorflow()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(max(2, threads))
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)
    except RuntimeError:
        pass  # somebody started TensorFlow before us, and chose
    return tf


def import_tensorflow():
    """TensorFlow, in half the time of `import tensorflow`: without Keras, until someone uses it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _without_chatter(), _without_keras():
        import tensorflow as tf
    return tf


class _NoKeras:
    """Finder of modules: none of Keras' own in the thread that has made it."""

    def __init__(self):
        self.thread = threading.get_ident()

    def find_spec(self, name, path=None, target=None):
        """Nothing to say of other modules, and to other threads."""
        if name == "keras.src" and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(name)


@contextlib.contextmanager
def _without_keras():
    """TensorFlow ends its import with that of Keras, if it can, though `tf.keras` is imported by
    its first use; Keras brings matplotlib's pyplot and more. Training here needs none of it."""
    finder = _NoKeras()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


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
    return side_by_side(lambda k: _train_one(networks[k], jobs[k], names[k], how),
                        range(len(jobs)), threads)


def _train_one(network, job, activation, how):
    tf = warm_up()
    variables = [[tf.Variable(a) for a in group]
                 for group in (network.weights, network.first, network.second, network.weights)]
    loop = _compiled_loop(how.loss, activation)
    steps = loop(
        *variables, *(tf.constant(np.ascontiguousarray(a, np.float32))
                      for a in (job.x, job.y, job.weight)),
        tf.constant(job.trained), tf.constant(network.steps), tf.constant(how.epochs),
        tf.constant(how.patience), tf.constant(how.batch),
        tf.constant(how.learning_rate, tf.float32), tf.constant(job.seed))
    _weights, first, second, best = ([v.numpy() for v in group] for group in variables)
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


def learning_rate(start, phase, cos=np.cos):
    """The rate at a part `phase` of the training: a half cosine down to a hundredth of `start`.

    I. Loshchilov, F. Hutter, arXiv:1608.03983, without restarts. `cos` for tensors: tf.cos.
    """
    return start * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + cos(np.pi * phase)))


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
        adam(weights, first, second, tf.gather(x, rows), tf.gather(y, rows),
             tf.gather(weight, rows), step, learning_rate(rate, phase, tf.cos))
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
