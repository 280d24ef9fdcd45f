"""The directions in which points spread, and how far."""

import numpy as np


def principal_axes(u, least):
    """Axes (d, d), as columns, and the spreads (d,) of points u (n, d) along them.

    Parameters
    ----------
    u : float array (n, d)
        Two points at least.
    least : float
        Of a variance: what is smaller counts as so much.
    """
    variance, axes = np.linalg.eigh(np.atleast_2d(np.cov(u.T)))
    return axes, np.sqrt(np.maximum(variance, least))
