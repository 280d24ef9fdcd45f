"""As far out from a point as a model of what is around it allows."""

import numpy as np

from .local_model import searched

SLOPE = 100         # points that tell how the way out goes with a point
MEMBERS = 60        # of each search


def outward(model, slope, reach, top, margin, rng):
    """Points (m, dim), one for each reach.

    Parameters
    ----------
    model : LocalModel
    slope : float array (dim,)
        What `slope_of` gave.
    reach : float array (m, 1)
        How far they go at most, in spreads of the good points around.
    top : float, or float array (m, 1)
        Delta chi2 that they should have at most.
    margin : float, or float array (m, 1)
        Log odds with which they should keep all limits.
    rng : numpy.random.Generator
    """
    def cost(u):
        out = np.minimum((u - model.base) @ slope, reach)
        return (-out + 3 * np.maximum(margin - model.margin(u), 0.0)
                + 2 * np.maximum(model.delta(u) - top, 0.0))

    def put(u):
        z = model.to_local(u)
        less = np.minimum(1.0, reach / np.maximum(np.linalg.norm(z, axis=-1), 1e-12))
        return np.clip(model.base + (z * less[..., None]) @ model.back, 0.0, 1.0)
    shape = (len(reach), MEMBERS, len(model.base))
    z = reach[..., None] * rng.random((*shape[:2], 1)) * rng.normal(size=shape)
    z[:, 0] = 0.0
    return searched(model.base + z @ model.back, cost, put, rng)


def slope_of(model, u, place, out):
    """How the way out goes with a point, in spreads of the good ones around.

    Parameters
    ----------
    model : LocalModel
    u : float array (n, dim)
        The points that the model knows; it is learned from those around it.
    place : float array (n, k)
        Where they are.
    out : float array (k,)
        The way out there.

    Returns
    -------
    slope : float array (dim,)
    """
    near = model.near[:SLOPE]
    near = near[np.isfinite(place[near]).all(axis=1)]
    ahead = (place[near] - place[near[0]]) @ out
    slope = np.linalg.lstsq(model.to_local(u[near]), ahead, rcond=None)[0]
    return model.white @ slope / max(np.linalg.norm(slope), 1e-12)
