"""Committees of fully connected networks: their weights, and the forward pass in NumPy.

Predicting needs NumPy alone; training.py trains. The networks are those of Keras' Dense layers:
same weights, same numbers.
"""

import itertools
from typing import NamedTuple

import numpy as np

from .calibration import sigmoid
from .threads import one_thread, side_by_side

_ROWS = 512         # rows of one block of the forward pass: its layers stay in the cache
_BLOCKS = 16        # blocks that a thread takes at a time
_LANES = 8          # float32 numbers that the processor handles at once


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


def new_network(sizes, seed):
    """A network with Keras' default start (Glorot uniform kernels, no bias).

    Parameters
    ----------
    sizes : sequence of int
        Inputs, nodes of each hidden layer, outputs.
    seed : int

    Returns
    -------
    Network
    """
    rng = np.random.default_rng(seed)
    weights = []
    for a, b in itertools.pairwise(sizes):
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


def one_each(activation, n):
    """The activations of n networks: one name for all, or a sequence of names, in turn."""
    names = [activation] if isinstance(activation, str) else activation
    return [names[k % len(names)] for k in range(n)]


# ---- forward pass ----------------------------------------------------------------------------
def forward(networks, x, activation, threads=1):
    """Outputs of every network of a committee.

    Parameters
    ----------
    networks : sequence of Network
    x : ndarray (n, d)
        Inputs as the networks were trained on.
    activation : str or sequence of str
        Keras' name; of several, the networks take them in turn.
    threads : int
        Blocks of points computed at the same time; no influence on the result.

    Returns
    -------
    ndarray (members, n, outputs) of float32; logits for networks trained with the logistic loss.
    """
    x = np.ascontiguousarray(x, np.float32)
    acts = [_ACTIVATIONS[name] for name in one_each(activation, len(networks))]
    padded = [_padded(network.weights) for network in networks]
    result = np.empty((len(networks), len(x), networks[0].weights[-1].size), np.float32)
    starts = range(0, len(x), _ROWS * _BLOCKS)

    def run(start):
        shape = (_ROWS, max(w.shape[-1] for w in padded[0][:-1]))
        room = [np.empty(shape, np.float32) for _ in range(2)]
        for at in range(start, min(start + _ROWS * _BLOCKS, len(x)), _ROWS):
            for member, (weights, act) in enumerate(zip(padded, acts, strict=True)):
                result[member, at:at + _ROWS] = _pass(x[at:at + _ROWS], weights, act, room)
    with one_thread():     # for matrices this small its own only wait
        side_by_side(run, starts, threads)
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
        shift = np.zeros(wide, np.float32)
        shift[:len(bias)] = bias
        result += [new, shift]
        inputs = wide
    last = np.zeros((inputs, weights[-1].size), np.float32)  # rows of padding nodes stay zero
    last[:weights[-2].shape[0]] = weights[-2]
    return [*result, last, weights[-1]]


def _relu(h):
    return np.maximum(h, 0, out=h)


def _elu(h):
    return np.where(h > 0, h, np.expm1(np.minimum(h, 0)))


def _selu(h):
    return np.float32(1.0507009873554805) * np.where(
        h > 0, h, np.float32(1.6732632423543772) * np.expm1(np.minimum(h, 0)))


def _gelu(h):
    """x (1 + erf(x / sqrt 2)) / 2 to 3e-6, as x / (1 + exp(-2 x P(x^2))).

    P is a least-squares fit to atanh(erf(x / sqrt 2)) / x up to x = 4.6, and constant beyond, where
    erf differs from 1 by 4e-6 at most. NumPy's exp is vectorised, SciPy's erf is not: seven times
    as fast.
    """
    square = np.minimum(np.abs(h), np.float32(_GELU_END)) ** 2     # larger ones would overflow
    slope = _GELU[-1] * square
    for a in _GELU[-2:0:-1]:
        slope += a
        slope *= square
    slope += _GELU[0]
    slope *= h
    np.exp(np.minimum(slope, _LARGEST, out=slope), out=slope)
    slope += 1
    return np.divide(h, slope, out=slope)


_GELU_END = 4.6
_LARGEST = np.float32(80)   # its exponential is a float32
_GELU = -2 * np.array([0.7978851205593788, 0.03633208951545754, -3.149135348570413e-05,
                  -5.575983465766803e-05, 4.046273432576165e-06, -1.38687436761342e-07,
                  1.9356345542853523e-09], np.float32)

_ACTIVATIONS = {
    "relu": _relu, "elu": _elu, "selu": _selu, "gelu": _gelu, "tanh": np.tanh,
    "silu": lambda h: h * sigmoid(h), "sigmoid": sigmoid,
    "softplus": lambda h: np.logaddexp(h, np.float32(0)),
}
