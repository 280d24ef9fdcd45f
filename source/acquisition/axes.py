"""The directions in which points spread, and how far; steps that go as they do."""

import numpy as np

ROUNDS = (20, 10, 5)    # nearest points a parameter, of which an eighth, the lowest, give
FEWEST = 3              # coordinates, but so many a parameter at least; then once more
THIN = 1e-13        # least variance of a coordinate, in the unit box
TERMS = 300         # of a quadratic form, at most: 23 parameters; it is learned from
AROUND, LEARNED = 5, 3  # so many nearest points for each of them, of which the lowest,
TWICE = 2           # so many times;
EDGE = 1.5          # those that rise no more are low
WIDE = 4.0          # times the way to the farthest of them: no coordinate goes on for longer
DIRECT = 0.3        # of all steps go as two of the lowest points differ, others as values vary,
STEP = 0.6          # by so many times its lengths, divided by the root of the parameters,
SIZES = (-1.0, 0.2)  # times ten to the power of a number between these


def principal_axes(u, least):
    """Axes (d, d), as columns, and the spreads (d,) of points u (n, d) along them.

    Parameters
    ----------
    u : float array (n, d)
        Two points at least.
    least : float
        Of a variance: what is smaller counts as so much.
    """
    return axes_of(np.atleast_2d(np.cov(u.T)), least)


def axes_of(covariance, least):
    """Axes (d, d), as columns, and the spreads (d,) along them, of a covariance (d, d); least: as
    for `principal_axes`."""
    variance, axes = np.linalg.eigh(covariance)
    return axes, np.sqrt(np.maximum(variance, least))


def of_lowest(u, height, base):
    """Coordinates (d, d) in which the lowest points around a base have unit spread, and their rows.

    Parameters
    ----------
    u : float array (n, d)
        Two points at least.
    height : float array (n,)
        How far they are from the target.
    base : float array (d,)
    """
    white, dim = np.eye(len(base)), len(base)
    for n in ROUNDS:
        far = (((u - base) @ white) ** 2).sum(axis=1)
        near = np.argsort(far, kind="stable")[:n * dim]
        low = near[np.argsort(height[near], kind="stable")[:max(FEWEST * dim, n * dim // 8)]]
        axes, spread = principal_axes(u[low], THIN)
        white = axes / spread
    return white, low


def of_curvature(u, height, square, base):
    """Coordinates (d, d) in which a quantity rises alike in all directions around a base, and the
    rows of the lowest points; None where too few are known.

    The lowest points lie in a clump where a part was just found. How the quantity rises around
    them tells the way along it before any of them is there.

    Parameters
    ----------
    u, height, base
        See `of_lowest`.
    square : float array (n,)
        The quantity: 1 at the edge of the target; nearly of second order in its surroundings.
    """
    dim = len(base)
    terms = (dim + 1) * (dim + 2) // 2
    if terms > TERMS or len(u) < LEARNED * terms:
        return None
    white, _ = of_lowest(u, height, base)
    for _ in range(TWICE):
        z = (u - base) @ white
        near = np.argsort((z ** 2).sum(axis=1), kind="stable")[:AROUND * terms]
        near = near[np.argsort(square[near], kind="stable")[:LEARNED * terms]]
        white = white @ _flattened(z[near], square[near])
    return white, near[:max(FEWEST * dim, (square[near] < EDGE).sum())]


def _flattened(z, square):
    """Coordinates (d, d) of points z (n, d), which rise alike in all directions: at most WIDE times
    as far as any of them."""
    dim, size = z.shape[1], np.sqrt((z ** 2).mean(axis=0))
    size[size == 0] = 1.0
    i, j = np.triu_indices(dim)
    x = z / size
    design = np.column_stack([np.ones(len(x)), x, x[:, i] * x[:, j]])
    weight = 1 / (1 + square)       # as well for all that is far above as for what is near
    rises = np.linalg.lstsq(design * weight[:, None], weight * square, rcond=None)[0][1 + dim:]
    curved = np.zeros((dim, dim))
    curved[i, j] = rises / (size[i] * size[j])
    value, axes = np.linalg.eigh((curved + curved.T) / 2)
    reach = np.abs(z @ axes).max(axis=0)
    return axes * np.sqrt(np.maximum(value, 1 / (WIDE * np.maximum(reach, THIN)) ** 2))


def steps(rng, starts, low, lengths, n, each=(0.0, 0.0), reach=1.0):
    """Steps (n, d) of all sizes from `starts` (m, d), some as two of the points `low` (k, d)
    differ (two at least), others by the lengths (d,) of a Gaussian process; times ten to the power
    of a number between those of `each`, another one in each coordinate. The longest are `reach`
    times as long as usual."""
    dim = len(lengths)
    size = 10 ** rng.uniform(SIZES[0], SIZES[1] + np.log10(reach), (n, 1))
    a, b = rng.integers(len(low), size=(2, n))
    b = np.where(a == b, b - 1, b)      # two different ones: no step is 0
    step = STEP / np.sqrt(dim) * lengths * rng.standard_normal((n, dim))
    if any(each):
        step *= 10 ** rng.uniform(*each, (n, dim))
    direct = rng.random((n, 1)) < DIRECT
    start = starts[rng.integers(len(starts), size=n)]
    return start + size * np.where(direct, (low[a] - low[b]) / 2, step)
