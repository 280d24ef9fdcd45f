"""A committee of networks as a Keras model, for users of Keras."""

import functools

import numpy as np

from .networks import one_each
from .training import warm_up


def write_keras(path, networks, activation, width, scale=None, middle=None):
    """Save networks as one model: unit box (n, d) -> the committee's mean (n, m).

    Built of Keras' own layers only, so that keras.models.load_model needs no custom code; each
    network is a branch, its layers are called network_<i>_layer_<j>.

    Parameters
    ----------
    path : path
        Ends with .keras.
    networks : sequence of networks.Network
    activation : str or sequence of str
        Keras' name; of several, the networks take them in turn.
    width : float
        The networks' inputs are (u - 1/2) * width.
    scale, middle : ndarray (m,) or None
        Answers are output * scale + middle; None: sigmoid(output), a probability.
    """
    warm_up()
    shapes = tuple(w.shape for w in networks[0].weights[::2])
    as_tuple = (None, None) if scale is None else (tuple(scale.tolist()), tuple(middle.tolist()))
    activations = tuple(one_each(activation, len(networks)))
    model = _built(shapes, activations, float(width), *as_tuple)
    for i, network in enumerate(networks):
        for j in range(len(shapes)):
            model.get_layer(f"network_{i}_layer_{j}").set_weights(
                [np.asarray(w) for w in network.weights[2 * j:2 * j + 2]])
    model.save(path)


@functools.lru_cache(maxsize=2)
def _built(shapes, activations, width, scale, middle):
    """The model without its weights; kept, as a scan saves the same one again and again."""
    import keras
    layers = keras.layers
    inputs = keras.Input((shapes[0][0],), name="unit_box")
    scaled = layers.Rescaling(width, -width / 2, name="scaled")(inputs)
    answers = []
    for i, activation in enumerate(activations):
        h = scaled
        for j, shape in enumerate(shapes):
            last = j == len(shapes) - 1
            final = "linear" if scale is not None else "sigmoid"
            h = layers.Dense(shape[1], final if last else activation,
                             name=f"network_{i}_layer_{j}")(h)
        answers.append(h)
    mean = layers.Average(name="mean")(answers) if len(answers) > 1 else answers[0]
    if scale is not None:
        mean = layers.Rescaling(list(scale), list(middle), name="value")(mean)
    return keras.Model(inputs, mean)
