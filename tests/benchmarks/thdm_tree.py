"""P4: a tree-level type-II 2HDM whose chi2 asks for mh = 125.09, small cos(b-a) and Delta T.

It is kept apart from source/thdm.py so that the yardstick never changes with the calculator.
"""

import numpy as np

V2, MZ2, MW2 = 246.22 ** 2, 91.1876 ** 2, 80.379 ** 2
BOUNDS = np.array([
    [0, 10], [0.12, 0.136], [4, 10], [-10, 5], [-10, 1.5], [-3000, -1000], [10, 40]])


def _loop(x, y):
    """The function F of the oblique parameters, with its limit for equal masses."""
    near = np.abs(x - y) < 1e-6 * (x + y)
    d = np.where(near, 1e-6 * (x + y), x - y)
    return 0.5 * (x + y) - x * y / d * np.log(x / np.where(near, y, x - d))


def _masses(l1, l2, l3, l4, l5, m12, tb):
    """mh2, mH2, mA2, mC2 and cos(b-a) of couplings in the normalisation V = lambda/2 (..)^2."""
    b = np.arctan(tb)
    s, c = np.sin(b), np.cos(b)
    m2 = m12 / (s * c)
    a11, a22 = m2 * s * s + l1 * V2 * c * c, m2 * c * c + l2 * V2 * s * s
    a12 = ((l3 + l4 + l5) * V2 - m2) * s * c
    trace, root = a11 + a22, np.sqrt((a11 - a22) ** 2 + 4 * a12 ** 2)
    alpha = 0.5 * np.arctan2(2 * a12, a11 - a22)
    return (0.5 * (trace - root), 0.5 * (trace + root), m2 - l5 * V2, m2 - 0.5 * (l4 + l5) * V2,
            np.cos(b - alpha))


def _violation(l1, l2, l3, l4, l5, *squared):
    """By how much tachyons, the vacuum and 4 pi are violated."""
    r = np.sqrt(l1 * l2)
    out = sum(np.maximum(0, -m) / 1e4 for m in squared)
    out = out + np.maximum(0, -(l3 + r)) + np.maximum(0, -(l3 + l4 - np.abs(l5) + r))
    return out + sum(np.maximum(0, np.abs(x) - 4 * np.pi) for x in (l1, l2, l3, l4, l5))


def chi2(u):
    """chi2 (n,) of unit-box points u (n, 7)."""
    l1, l2, l3, l4, l5, m12, tb = (BOUNDS[:, 0] + u * (BOUNDS[:, 1] - BOUNDS[:, 0])).T
    l1, l2, m12 = 2 * l1, 2 * l2, -m12
    mh, mH, mA, mC, cba = _masses(l1, l2, l3, l4, l5, m12, tb)
    violation = _violation(l1, l2, l3, l4, l5, mh, mA, mC)
    h, H, A, C = (np.maximum(np.abs(m), 1.0) for m in (mh, mH, mA, mC))
    c2, s2 = cba ** 2, 1 - cba ** 2
    gauge = (_loop(MZ2 + 0 * H, H) - _loop(MW2 + 0 * H, H) - _loop(MZ2 + 0 * h, h)
             + _loop(MW2 + 0 * h, h))
    dT = (_loop(C, A) + s2 * (_loop(C, H) - _loop(A, H)) + c2 * (_loop(C, h) - _loop(A, h))
          + 3 * c2 * gauge) / (16 * np.pi ** 2 / 127.9 * V2)
    value = ((np.sqrt(h) - 125.09) / 3) ** 2 + (cba / 0.1) ** 2 + ((dT - 0.05) / 0.06) ** 2
    return np.minimum(value, 1e4) + np.where(violation > 0, 100 * (1 + violation), 0)
