"""Five problems of the kind that scans fail on; a target of several parts, each to be found.

Simplified physics (hard_physics.py). The reference of each part (hard_reference.npz: a thousand
points spread evenly over it, and 100 cells of it) comes from walks inside the target from many
starts; that of S2 may lack parts, so that its cells compare methods only. Of S5 all points were
enumerated: 6,567 of the 9^9 are in the target.
"""

from dataclasses import dataclass, field
from pathlib import Path

import hard_physics as physics
import numpy as np
from scipy.spatial import cKDTree

from mlscanner.space.parameters import Box, Parameter
from mlscanner.space.priors import make_prior

REFERENCE = Path(__file__).resolve().parent / "hard_reference.npz"


def _one(x):
    return np.zeros(len(x), int)


@dataclass(frozen=True)
class Hard:
    """One problem.

    Attributes
    ----------
    name, doc : str
    function : callable
        Physical parameters (n, d) -> chi2 (n,).
    ranges : dict
        Name of a parameter -> (low, high) in its physical unit.
    high : float
        The target is chi2 < high.
    priors : dict
        Name of a parameter -> its prior, where that is not linear.
    part : callable
        Physical parameters (n, d) -> number of the part of the target (n,).
    """

    name: str
    doc: str
    function: callable
    ranges: dict
    high: float
    priors: dict = field(default_factory=dict)
    part: callable = _one
    low: float = -np.inf

    @property
    def dim(self):
        return len(self.ranges)

    @property
    def box(self):
        return Box([Parameter(n, low, high, self.priors.get(n, "linear"),
                              make_prior(self.priors.get(n, "linear"), low, high))
                    for n, (low, high) in self.ranges.items()])

    def value(self, u):
        return self.function(self.box.to_physical(u))

    def inside(self, value):
        return value < self.high

    @property
    def is_whole(self):
        return "integer" in self.priors.values()


def _linear(names, low, high):
    return {n: pair for n, *pair in zip(names.split(), low, high, strict=True)}


def _all(prior, names):
    return dict.fromkeys(names.split(), prior)


CHARGES = "q1 q2 q3 u1 u2 u3 d1 d2 d3"
HARD = {p.name: p for p in [
    Hard("S1", "scalar singlet: a wide heavy part and a narrow Higgs resonance", physics.singlet,
         _linear("mS lambda fN rho mh width", [45, 1e-5, 0.27, 0.2, 124.8, 3.5e-3],
                 [5000, 10, 0.33, 0.6, 125.4, 4.7e-3]), 6.0, _all("log", "mS lambda"),
         lambda x: (x[:, 0] < 70).astype(int)),
    Hard("S2", "scotogenic model: eleven parameters, decades, rotations", physics.scotogenic,
         _linear("M1 M2 M3 meta lambda5 mnu1 re1 re2 re3 im1 im2",
                 [100, 100, 100, 200, 1e-11, 1e-4] + [-np.pi] * 3 + [-2] * 2,
                 [5000, 5000, 5000, 5000, 1e-7, 0.05] + [np.pi] * 3 + [2] * 2), 4.0,
         _all("log", "M1 M2 M3 meta lambda5 mnu1")),
    Hard("S3", "Higgs bosons at 95 and 125 GeV: flat valleys above the target", physics.nmssm95,
         _linear("lambda kappa tanb mu Alambda Akappa mstop Xt",
                 [0.01, -0.5, 1.5, 100, -1000, -1000, 500, -2.4],
                 [0.7, 0.5, 20, 500, 3000, 1000, 3000, 2.4]), 9.0, _all("log", "mstop"),
         lambda x: (x[:, 1] > 0).astype(int)),
    Hard("S4", "two thin shells in ten dimensions", physics.shells10,
         {f"x{k}": (-6, 6) for k in range(10)}, 1.0, part=lambda x: (x[:, 0] > 0).astype(int)),
    Hard("S5", "charges of the quarks: nine whole numbers", physics.charges,
         dict.fromkeys(CHARGES.split(), (0, 8)), 12.0, _all("integer", CHARGES)),
]}


def measured(problem, u, value):
    """Dict of in (count), first, first100 and judged distinct; and in, cells, fill95 of each part.

    Parameters
    ----------
    problem : Hard
    u : float array (n, d)
        Unit box, in the order of evaluation.
    value : float array (n,)

    Of whole numbers: distinct points in the target instead of parts.
    """
    good = problem.inside(value)
    hits, x = np.flatnonzero(good), problem.box.to_physical(u)
    out = {"in": len(hits), "first": int(hits[0]) + 1 if len(hits) else None,
           "first100": int(hits[99]) + 1 if len(hits) > 99 else None,
           "evaluated_distinct": len(np.unique(x, axis=0))}
    if problem.is_whole:
        return out | {"distinct": len(np.unique(x[good], axis=0))}
    with np.load(REFERENCE) as z:
        points, part, centres = (z[f"{problem.name}_{k}"] for k in ("points", "part", "centres"))
    mine = problem.part(x[good])
    for k in np.unique(part).tolist():
        found, cells, fill95 = u[good][mine == k], 0.0, None
        if len(found):
            here = cKDTree(centres[100 * k:100 * k + 100]).query(found)[1]
            cells = len(np.unique(here)) / 100
            fill95 = float(np.percentile(cKDTree(found).query(points[part == k])[0], 95))
        out[f"part {k}"] = {"in": len(found), "cells": cells, "fill95": fill95}
    return out
