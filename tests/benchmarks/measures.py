"""Figures of one run: points in the target, and how well they cover it.

A reference sample (points drawn uniformly in the target, unit box) and 200 cells of it are made
once and kept; a run is measured by the cells it hits and by the distance from the reference to
the nearest point found.
"""

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

N_REFERENCE, N_CELLS = 20000, 200


def reference(problem, folders):
    """(points (n, d), cell centres (200, d), volume fraction): read from the first of `folders`
    that has it, else drawn and written to the last.
    """
    for folder in folders:
        path = Path(folder) / f"ref_{problem.name}.npz"
        if path.exists():
            with np.load(path) as z:
                return z["pts"], z["centres"], float(z["frac"])
    points, fraction = _draw(problem, np.random.default_rng(12345))
    from sklearn.cluster import MiniBatchKMeans  # slow to import, seldom needed
    cells = MiniBatchKMeans(N_CELLS, n_init=3, random_state=0).fit(points).cluster_centers_
    Path(folders[-1]).mkdir(parents=True, exist_ok=True)
    np.savez(Path(folders[-1]) / f"ref_{problem.name}.npz", pts=points, centres=cells,
             frac=fraction)
    return points, cells, fraction


def _draw(problem, rng):
    if problem.valley:
        return _walk(problem, rng), np.nan
    boxes = problem.boxes or [(np.zeros(problem.dim), np.ones(problem.dim))]
    volume = np.array([np.prod(high - low) for low, high in boxes])
    found, tried = [], 0
    while sum(map(len, found)) < N_REFERENCE:
        for (low, high), n in zip(boxes, rng.multinomial(200000, volume / volume.sum()),
                                  strict=True):
            u = low + rng.random((n, problem.dim)) * (high - low)
            found.append(u[problem.inside(problem.value(u))])
        tried += 200000
    points = np.concatenate(found)
    return (points[rng.permutation(len(points))[:N_REFERENCE]],
            len(points) / tried * volume.sum())


def _walk(problem, rng, walkers=400, steps=6000):
    """Differential evolution from the bottom of the valley, uniform inside the target."""
    here = 0.75 + 1e-3 * rng.standard_normal((walkers, problem.dim))
    kept = []
    for step in range(steps):
        i, j = rng.integers(walkers, size=(2, walkers))
        scale = 2.38 / np.sqrt(2 * problem.dim) * rng.random((walkers, 1))
        there = here + scale * (here[i] - here[j]) + 1e-4 * rng.standard_normal(here.shape)
        good = problem.inside(problem.value(there)) & np.all((there > 0) & (there < 1), axis=1)
        here = np.where(good[:, None], there, here)
        if step >= steps // 2 and step % 60 == 0:
            kept.append(here)
    return np.concatenate(kept)


def measure(problem, u, value, ref):
    """Dict of in (count), cells (share), fill50, fill95, islands (share found), first100."""
    points, centres, _ = ref
    inside = problem.inside(value)
    found = u[inside]
    out = {"in": int(inside.sum()), "cells": 0.0, "fill50": np.inf, "fill95": np.inf,
           "islands": 0.0, "first100": int(np.flatnonzero(inside)[99]) + 1 if inside.sum() > 99
           else None}
    if len(found):
        out["cells"] = len(np.unique(cKDTree(centres).query(found)[1])) / len(centres)
        gap = cKDTree(found).query(points)[0]
        out["fill50"], out["fill95"] = float(np.median(gap)), float(np.percentile(gap, 95))
        if problem.island is not None:
            out["islands"] = len(np.unique(problem.island(found))) / problem.n_islands
    return out
