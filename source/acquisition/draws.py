"""Random points of the unit box: a first design, the prior, and steps of all sizes."""

import numpy as np

DESIGN = 20         # first points for each parameter, where the user gives no number
TRIES = 2_000_000   # draws, after which fewer points must do where a pre-cut lets few pass
LOOKED = 20_000     # evaluated points that a part of an iteration looks at, at most
BLOCK = 2 ** 17     # draws at a time, at most: bounds the memory


def design_size(loop, dim):
    """Points of the first design: what the user says, else 20 a parameter, 60 at least.

    Parameters
    ----------
    loop : settings.Loop, or all settings
    dim : int
        Number of scanned parameters.
    """
    return loop.Size_initial_batch or max(DESIGN * dim, 3 * DESIGN)


def design(rng, n, dim, allowed=None):
    """Scrambled Sobol points (n, d) that `allowed` (callable u -> bool (n,), or None) lets pass.

    Fewer where that lets hardly any pass.
    """
    from scipy.stats import qmc  # a second that most commands do without
    block = 2 ** int(np.ceil(np.log2(max(n, 2))))
    return _passing(qmc.Sobol(dim, seed=rng).random, n, dim, allowed, block)


def prior_draws(rng, n, dim, allowed=None):
    """Up to n uniform points of the unit box that are allowed (fewer where hardly any is)."""
    return _passing(lambda m: rng.random((m, dim)), n, dim, allowed, n)


def _passing(draw, n, dim, allowed, block):
    """Up to n points of draw(m) (m, d) that are allowed; larger blocks where few are."""
    found, tried = np.empty((0, dim)), 0
    while len(found) < n and tried < TRIES:
        u = draw(block)
        tried += block
        block = min(2 * block, max(block, BLOCK))
        found = np.concatenate([found, u if allowed is None else u[np.asarray(allowed(u), bool)]])
    return found[:n]


def some(rng, rows, most=LOOKED):
    """At most `most` of these rows, in their order: bounds the cost whatever was evaluated."""
    return rows if len(rows) <= most else rows[np.sort(rng.permutation(len(rows))[:most])]


def reflect(u):
    """Mirror points (n, d) back into the unit box at its walls."""
    u = np.mod(u, 2.0)
    return np.where(u > 1, 2.0 - u, u)


def scattered(rng, group, n):
    """n points around those of a group (m, d), near and far, as evolution strategies mutate.

    The size of a step is drawn anew each time between 1e-3.5 and 0.3 of the box, and half of them
    move one parameter only: a way down where the model knows none, at whatever scale it lies.
    """
    here = group[rng.integers(len(group), size=n)]
    size = 10 ** rng.uniform(-3.5, -0.5, (n, 1))
    step = size * rng.standard_normal(here.shape)
    single = rng.random(n) < 0.5
    keep = np.arange(here.shape[1]) == rng.integers(here.shape[1], size=n)[:, None]
    return reflect(here + np.where(single[:, None] & ~keep, 0.0, step))


def differences(rng, group, n):
    """n differences (n, d) of two distinct points of a group (m, d)."""
    i = rng.integers(len(group), size=n)
    j = (i + rng.integers(1, len(group), size=n)) % len(group)
    return group[i] - group[j]
