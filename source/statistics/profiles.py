"""Profile likelihoods of evaluated points along one or two columns: delta chi2 on a grid."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import binary_erosion, distance_transform_edt, median_filter
from scipy.spatial import QhullError, cKDTree
from scipy.special import chdtri, erf

CONFIDENCE = (float(erf(1 / 2**0.5)), float(erf(2 / 2**0.5)))   # one and two sigma: 68.3, 95.4 %
CAP = 100.0     # larger delta chi2 count so
FAILED = 25.0   # delta chi2 of a point that failed or is outside a hard limit, and where none is
NEAR = 12.0     # delta chi2 of the points that the window of a profile holds
CELLS = {1: (8, 12, 18, 27, 40, 60, 100, 160), 2: (8, 12, 18, 27, 40, 60)}   # along each side
EQUAL, SAME = 1.15, 0.05    # finer cells are taken where the halves differ hardly more, or by so
# little in sqrt(delta chi2)
GRID = {1: 801, 2: 201}     # nodes along each side
ABRUPT = 0.12   # of the half-width of a region, up to which its edge is one with the inner region's
MARGIN = 0.1    # of the window, on each side


def level(confidence, dimensions):
    """delta chi2 of a region: 1 and 4 in one dimension, 2.30 and 6.18 in two (Wilks; PDG review
    Statistics, table 40.2)."""
    return float(chdtri(dimensions, 1.0 - confidence))


@dataclass(frozen=True)
class Profile:
    """delta chi2 along one or two columns.

    Attributes
    ----------
    nodes : tuple of float arrays
        Of the grid, one for each column.
    delta : float array
        chi2 above the best on the grid, at most CAP; FAILED where no point is near.
    halves : tuple of two such arrays
        Of every second point alone: where they say something else it is not settled.
    best : float array (k,)
        The place of the best point.
    whole : tuple of (bool, bool)
        For each column whether the window ends where the range of the column does.
    points : tuple of (n, k) and (n,) arrays
        What was evaluated: places, and delta chi2.
    """

    nodes: tuple
    delta: np.ndarray
    halves: tuple
    best: np.ndarray
    whole: tuple
    points: tuple

    @property
    def dimensions(self):
        """One or two."""
        return len(self.nodes)

    def region(self, confidence):
        """Bool on the grid: in the region of this confidence."""
        return self.delta < level(confidence, self.dimensions)

    def unsettled(self, confidence):
        """Bool on the grid: a half of the points says otherwise than all of them."""
        inside, limit = self.region(confidence), level(confidence, self.dimensions)
        return np.any([(half < limit) != inside for half in self.halves], axis=0)

    def places(self, part):
        """Columns (m, k) of the nodes in a part of the grid, bool on it."""
        return np.stack(np.meshgrid(*self.nodes, indexing="ij"), axis=-1)[part]

    def abrupt(self):
        """Bool on the grid: on the edge of the outer region, and chi2 does not rise to it.

        There the edge of the inner region is beside it; of a parabola they are 0.39 half-widths
        apart, at least. A hard limit or a wall makes such an edge, and so does a lack of points.
        The ends of the window are no edge.
        """
        edge, inner = self.edge(), self.region(CONFIDENCE[0])
        gap, depth = distance_transform_edt(~inner), distance_transform_edt(
            self.region(CONFIDENCE[1]))
        return edge & (gap <= ABRUPT * depth.max())

    def share_abrupt(self):
        """Share of the edge of the outer region to which chi2 does not rise."""
        edge = self.edge()
        return float(self.abrupt()[edge].mean()) if edge.any() else 0.0

    def edge(self):
        """Bool on the grid: the last nodes of the outer region, but for the ends of the window."""
        outer = self.region(CONFIDENCE[1])
        return outer & ~binary_erosion(outer, border_value=1)

    def share_unsettled(self, confidence):
        """Area that is not settled as a share of the region's."""
        return float(self.unsettled(confidence).sum() / max(1, self.region(confidence).sum()))


def make_profile(at, chi2, low, high):
    """The profile of evaluated points.

    The best point of each cell counts, at its own place; between them the square root of delta
    chi2, which is linear for a parabola, is interpolated linearly. So the profile is never below
    what was evaluated nearby, and comes down as points are added.

    Parameters
    ----------
    at : (n, k) array, k = 1 or 2
        The columns; rows that are not finite are left out.
    chi2 : (n,) array
        NaN: the point is not allowed, and keeps the region out.
    low, high : (k,) arrays
        Ranges of the columns.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        No point with a chi2.
    """
    at, chi2 = np.asarray(at, float), np.asarray(chi2, float)
    placed = np.isfinite(at).all(axis=1)
    at, chi2 = at[placed], chi2[placed]
    if not np.isfinite(chi2).any():
        raise ValueError("no point has a chi2")
    low, high = np.asarray(low, float), np.asarray(high, float)
    row = int(np.nanargmin(chi2))
    delta = np.nan_to_num(np.minimum(chi2 - chi2[row], CAP), nan=FAILED)
    known = at, delta
    start, end = _window(at[delta < NEAR], low, high)
    nodes = tuple(np.linspace(a, b, GRID[len(low)]) for a, b in zip(start, end, strict=True))
    u = (at - start) / (end - start)
    shown = ((u > -0.5) & (u < 1.5)).all(axis=1)     # neighbours beyond the edge help, too
    u, delta = u[shown], delta[shown]
    grids = _surfaces(u, delta)
    whole = tuple((bool(a <= least), bool(b >= most))
                  for a, b, least, most in zip(start, end, low, high, strict=True))
    return Profile(nodes, grids[0], tuple(grids[1:]), at[row], whole, known)


def _window(near, low, high):
    """Start and end (k,) of the grid: the points near the best one, and a margin."""
    start, end = near.min(axis=0), near.max(axis=0)
    width = np.where(end > start, end - start, 0.1 * (high - low))
    start, end = start - MARGIN * width, end + MARGIN * width
    # within the range, and to its end where the points reach it
    start = np.where(start < low + MARGIN * width, low, start)
    end = np.where(end > high - MARGIN * width, high, end)
    flat = ~(end > start)
    return np.where(flat, start - 0.5, start), np.where(flat, end + 0.5, end)


def _surfaces(u, delta):
    """delta chi2 on the grid of the unit box of points (n, k) in it and around it: of all of
    them, and of the two halves.

    The cells are as small as the points allow: with too small ones the best point of each is far
    from the profile, and the two halves say different things. Where smaller ones give less, that
    counts: many points may lie on the profile in one place, as along a contour, and few elsewhere.
    """
    parts = (slice(None), slice(0, None, 2), slice(1, None, 2))
    axes = [np.linspace(0, 1, GRID[u.shape[1]])] * u.shape[1]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    tried, limit = [], np.sqrt(level(CONFIDENCE[1], u.shape[1]))
    for cells in CELLS[u.shape[1]]:
        roots = [_roots(u[part], delta[part], grid, cells) for part in parts]
        there = np.minimum(roots[1], roots[2]) < limit
        noise = np.abs(roots[1] - roots[2])[there].mean() if there.any() else np.inf
        tried.append((noise, roots))
    least = min(noise for noise, _ in tried)
    first = max(k for k, (noise, _) in enumerate(tried) if noise <= max(EQUAL * least, SAME))
    return [np.min(same, axis=0)**2 for same in zip(*(roots for _, roots in tried[first:]),
                                                    strict=True)]


def _roots(u, delta, grid, cells):
    """Square roots of delta chi2 on the grid, from the best point of each cell."""
    if not len(u):
        return np.full(grid.shape[:-1], np.sqrt(FAILED))
    order = np.argsort(delta, kind="stable")
    first = _first_of_each(np.floor(u[order] * cells).astype(int))
    kept, at = order[first], grid.reshape(-1, grid.shape[-1])
    if u.shape[1] == 1:
        kept = np.concatenate([kept, _farther_out(u[:, 0], delta, u[kept, 0])])
    root = np.sqrt(delta[kept])
    distance, nearest = cKDTree(u[kept]).query(at, distance_upper_bound=1.6 / cells)
    near = distance * cells <= 1.5
    found = np.full(len(at), np.sqrt(FAILED))   # elsewhere nobody knows: not in the region
    found[near] = _interpolated(u[kept], root, at[near], nearest[near])
    root = found.reshape(grid.shape[:-1])
    # what is thinner than a cell is an accident of the triangles, not a part of a region
    return median_filter(root, size=round(0.5 * len(root) / cells), mode="nearest") \
        if root.ndim == 2 else root


def _farther_out(u, delta, kept):
    """Rows (m,) of the points at u (n,) beyond the outermost of those kept (k,) that are lower than
    all still farther out: a large cell may end far beyond its best point, and the last height
    would go on to the end of it."""
    found = []
    for side in (1, -1):
        beyond = np.flatnonzero(side * u > (side * kept).max())
        beyond = beyond[np.argsort(-side * u[beyond], kind="stable")]
        least = np.minimum.accumulate(np.append(np.inf, delta[beyond]))[:-1]
        found.append(beyond[delta[beyond] < least])
    return np.concatenate(found)


def _first_of_each(cell):
    """Rows (m,) of the first of each different row of whole numbers (n, k), in their order."""
    number = np.zeros(len(cell), int)
    for column in cell.T:   # one number for each cell: many times as fast as by rows
        number = number * (np.ptp(column) + 1) + column - column.min()
    return np.unique(number, return_index=True)[1]


def _interpolated(at, height, grid, nearest):
    """Heights (m,) on `grid` (m, k): linear between points, outside that of the nearest (m,)."""
    if at.shape[1] == 1:
        order = np.argsort(at[:, 0])
        return np.interp(grid[:, 0], at[order, 0], height[order])
    try:
        inner = LinearNDInterpolator(at, height)(grid)
    except QhullError:      # fewer than three, or all on one line
        return height[nearest]
    return np.where(np.isfinite(inner), inner, height[nearest])
