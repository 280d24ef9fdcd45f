"""Scan problems of the benchmark: a value over the unit box, and a target interval of the value.

P1 to P4 are the yardstick the rivals' figures were taken on; the others are of kinds that a
scanner meets in practice and that the defaults were not made for: hundreds of islands, no slope
outside the target, half of the box failing, a ring with a far needle, a curved valley in twelve
dimensions.
"""

from dataclasses import dataclass

import numpy as np
import thdm_tree

from mlscanner.calculators.functions import f_2d, f_3d

TEN_PI = 10 * np.pi
P3_BOUNDS = np.array([[0, 1], [-5, 5], [100, 1000], [0, 0.01], [-2000, -1000], [1, 60],
                      [-3.14, 3.14]])
P3_CENTRES = np.array([[.25] * 7, [.7, .3, .7, .3, .7, .3, .7], [.5, .8, .2, .6, .4, .75, .5]])
P4_BOUNDS = thdm_tree.BOUNDS


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes
    ----------
    value : callable
        u (n, d) in the unit box -> value (n,); NaN where the point fails.
    low, high : float
        The target: low < value < high.
    island : callable or None
        u (n, d) -> number of the island of each point (of those in the target).
    n_islands : int
    boxes : list of (low, high) or None
        Boxes (in the unit box, not overlapping) that hold all of the target: for the reference
        sample. None: draw from the whole box, or, if `valley`, walk.
    """

    name: str
    dim: int
    value: callable
    low: float
    high: float
    doc: str
    island: callable = None
    n_islands: int = 1
    boxes: list = None
    valley: bool = False

    def inside(self, value):
        return (value > self.low) & (value < self.high)


def _cube(function):
    return lambda u: function(TEN_PI * (2 * u - 1))


def shells(u):
    """P3: three thin curved shells; the smallest of ((r - 0.18) / 0.02)^2."""
    return np.min(_shells(u), axis=0)


def _shells(u):
    out = []
    for centre in P3_CENTRES:
        z = u - centre
        z[:, 1] -= 2 * z[:, 0] ** 2
        out.append(((np.sqrt((z ** 2).sum(axis=1)) - 0.18) / 0.02) ** 2)
    return np.array(out)


def egg_box(u):
    """108 maxima of [2 + cos cos cos]^5, each a ball of radius 0.4 in an angle of 5 pi."""
    return (2 + np.cos(5 * np.pi * u).prod(axis=1)) ** 5


def _egg(u):
    return np.rint(5 * u).astype(int) @ np.array([1, 6, 36])


def waves(u):
    """128 minima of 40 (1 - cos cos cos cos), each a ball of radius 0.22 in an angle of 3 pi."""
    return 40 * (1 - np.cos(3 * np.pi * u).prod(axis=1))


def _wave(u):
    return np.rint(3 * u).astype(int) @ np.array([1, 4, 16, 64])


SEPARATE = np.random.default_rng(5).uniform(.05, .95, (40, 4))


def separate(u):
    """40 balls of radius 0.04 anywhere in four dimensions: islands without a pattern."""
    return ((np.linalg.norm(u[:, None] - SEPARATE, axis=2) / 0.04) ** 2).min(axis=1)


PLATEAU = np.array([[.25, .3, .7, .6], [.8, .75, .3, .35]])
PLATEAU_SIZE = np.array([0.16, 0.12])


def plateau(u):
    """0 in two balls, 1 everywhere else: nothing to follow."""
    far = np.linalg.norm(u[:, None] - PLATEAU, axis=2) - PLATEAU_SIZE
    return np.where(far.min(axis=1) < 0, 0.0, 1.0)


def decades(u):
    """x1 in [1, 1e4] with the target at 10 to 100, that is 0.9% of it; half of the box fails."""
    x1 = 1 + u[:, 0] * 9999
    chi2 = ((np.log10(x1) - 1.5) / 0.25) ** 2 + (((u[:, 1:] - 0.4) / 0.12) ** 2).sum(axis=1)
    return np.where(u[:, 2] + u[:, 3] > 0.9, np.nan, chi2)


def ring_and_needle(u):
    """A ring of radius 0.25, 0.01 thick, in a plane of four dimensions, and a far needle."""
    radius = np.linalg.norm(u[:, :2] - 0.35, axis=1)
    ring = ((radius - 0.25) / 0.01) ** 2 + (((u[:, 2:] - 0.4) / 0.05) ** 2).sum(axis=1)
    needle = (((u - 0.9) / 0.02) ** 2).sum(axis=1)
    return np.minimum(ring, needle)


def valley(u):
    """Rosenbrock's valley, ten times softer, in twelve dimensions, [-2, 2] each."""
    x = 4 * u - 2
    return (10 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(axis=1)


def _around(centre, size):
    centre, size = np.asarray(centre, float), np.asarray(size, float)
    return np.clip(centre - size, 0, 1), np.clip(centre + size, 0, 1)


def _boxes(dim, n):
    """Boxes around every other place of a grid of n + 1 places a parameter."""
    grid = np.stack(np.meshgrid(*[np.arange(n + 1)] * dim, indexing="ij"), axis=-1)
    grid = grid.reshape(-1, dim)
    return [_around(g / n, [0.03] * dim) for g in grid[grid.sum(axis=1) % 2 == 0]]


ALL = [
    Problem("P1", 2, _cube(f_2d), 80, 120, "F_2d on [-10 pi, 10 pi]^2, 100 +- 20"),
    Problem("P2", 3, _cube(f_3d), 80, 120, "F_3d on [-10 pi, 10 pi]^3, 100 +- 20"),
    Problem("P3", 7, shells, -np.inf, 1, "three thin curved shells in 7-D",
            lambda u: _shells(u).argmin(axis=0), 3),
    Problem("P4", 7, thdm_tree.chi2, -np.inf, 0.3, "tree-level 2HDM in 7-D"),
    Problem("eggs", 3, egg_box, 213, 273, "108 islands in 3-D", _egg, 108, _boxes(3, 5)),
    Problem("waves", 4, waves, -np.inf, 1, "128 islands in 4-D", _wave, 128, _boxes(4, 3)),
    Problem("separate", 4, separate, -np.inf, 1, "40 islands in 4-D without a pattern",
            lambda u: np.linalg.norm(u[:, None] - SEPARATE, axis=2).argmin(axis=1), 40,
            [_around(c, [0.04] * 4) for c in SEPARATE]),
    Problem("plateau", 4, plateau, -np.inf, 0.5, "two balls, no slope outside",
            lambda u: np.linalg.norm(u[:, None] - PLATEAU, axis=2).argmin(axis=1), 2,
            [_around(c, [s] * 4) for c, s in zip(PLATEAU, PLATEAU_SIZE, strict=True)]),
    Problem("decades", 6, decades, -np.inf, 1, "a parameter over decades, half of the box fails",
            boxes=[(np.array([0, .28, .28, .28, .28, .28]),
                    np.array([.01, .52, .52, .52, .52, .52]))]),
    Problem("ring", 4, ring_and_needle, -np.inf, 1, "a thin ring and a far needle",
            lambda u: (u[:, 0] > 0.8).astype(int), 2,
            [(np.array([.08, .08, .34, .34]), np.array([.62, .62, .46, .46])),
             _around([.9] * 4, [.021] * 4)]),
    Problem("valley", 12, valley, -np.inf, 6, "a curved valley in 12-D", valley=True),
]
PROBLEMS = {p.name: p for p in ALL}
