"""How right the 95.4 % contour of two parameters is: wrong area as a share of the true region.

    python tests/benchmarks/bench_profile.py                     all methods, all problems
    python tests/benchmarks/bench_profile.py --methods walk,ours --problems gauss7

Problems whose profile is known: a Gaussian with correlations in seven dimensions, a curved valley
in five, and the built-in 2HDM of type II (cos(beta - alpha) and tan beta; m_A and m_H+ profiled
over), by brute force. Methods: 'walk', points with chi2 < 20 as a scan leaves them (a walk inside
the target); 'ours', 4,500 of these and 500 that `profile --refine` proposes; 'random', 'emcee'
(Goodman and Weare's moves, 50 walkers from the middle of the box) and 'de' (SciPy's differential
evolution, all points that it evaluates). Every evaluated point counts.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / ".package"), str(HERE)]

import numpy as np  # noqa: E402 - the number of threads is read when it is imported
from scipy.interpolate import RegularGridInterpolator  # noqa: E402
from scipy.optimize import differential_evolution  # noqa: E402

from mlscanner.calculators.thdm import THDM  # noqa: E402
from mlscanner.calculators.thdm.inputs import Inputs  # noqa: E402
from mlscanner.calculators.thdm.options import Options  # noqa: E402
from mlscanner.scanning.contours import Contours  # noqa: E402
from mlscanner.space.parameters import Box, Parameter  # noqa: E402
from mlscanner.statistics.profiles import CONFIDENCE, level, make_profile  # noqa: E402
from mlscanner.store.points import Points  # noqa: E402

REFINED = 500
DEEP = 20.0


def gauss7():
    """chi2 (n,) of u (n, 7), and its profile of the first two."""
    a = np.random.default_rng(3).standard_normal((7, 7))
    cov = a @ a.T + 0.3 * np.eye(7)
    cov *= np.outer(*[0.08 / np.sqrt(np.diag(cov))] * 2)
    inner, pair = np.linalg.inv(cov), np.linalg.inv(cov[:2, :2])

    def profile(x, y):
        d = np.stack([x - 0.5, y - 0.5], axis=-1)
        return np.einsum("...i,ij,...j->...", d, pair, d)
    return 7, lambda u: np.einsum("ni,ij,nj->n", u - 0.5, inner, u - 0.5), profile


def valley5():
    """A curved valley of the first two; the other three follow the first."""
    def profile(x, y):
        return ((x - 0.5) / 0.1) ** 2 + ((y - 0.3 - 4 * (x - 0.5) ** 2) / 0.03) ** 2
    return 5, lambda u: profile(u[:, 0], u[:, 1]) + (
        ((u[:, 2:] - 0.2 - 0.6 * u[:, :1]) / 0.05) ** 2).sum(axis=1), profile


LOW, HIGH = np.array([-0.1, np.log(0.5), 500, 500]), np.array([0.1, np.log(10), 800, 800])
NODES = 201, 101    # of cos(beta - alpha) and of log(tan beta)
MASSES = 12, 7, 7   # tried along each side at a node, and then around the best ones, twice


def thdm4():
    """The built-in 2HDM, type II, rates and S, T, U: m_H = M = 650 GeV, m_A and m_H+ 500 to 800."""
    names = ("cos_ba", "TanBeta", "mA", "mHp")
    model = THDM(Inputs("mass", {name: i for i, name in enumerate(names)},
                        {"mh": 125.2, "mH": 650, "M": 650}),
                 Options(signals=("run1", "run2_full"), oblique_fit="pdg2024"))

    def chi2(u):
        x = LOW + np.clip(u, 0, 1) * (HIGH - LOW)
        x[:, 1] = np.exp(x[:, 1])
        found = np.concatenate([[e.value if e.status == "ok" else np.nan for e in
                                 model.evaluate(x[i:i + model.share])]
                                for i in range(0, len(x), model.share)])
        return np.where(np.isfinite(found), found, 1e3)
    sides = [np.linspace(0, 1, n) for n in NODES]
    plane = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 2)
    best, centre, half = np.full(len(plane), np.inf), np.full((len(plane), 2), 0.5), 0.5
    for n in MASSES:
        steps = np.linspace(-half, half, n)
        here = centre.copy()
        for a in steps:
            for b in steps:
                masses = np.clip(here + np.array([a, b]), 0, 1)
                found = chi2(np.concatenate([plane, masses], axis=1))
                better = found < best
                best[better], centre[better] = found[better], masses[better]
        half *= 2 / (n - 1)
    least = best.min()
    root = RegularGridInterpolator(sides, np.sqrt(best - least).reshape(NODES))
    return 4, lambda u: chi2(u) - least, lambda x, y: root(np.stack([x, y], axis=-1)) ** 2


def region_on(grid, profile, nodes):
    """Bool (n, n): places (n, n, 2) in the 95.4 % region of a profile with these nodes."""
    at = [np.clip(np.searchsorted(a, grid[..., k]), 0, len(a) - 1) for k, a in enumerate(nodes)]
    shown = np.all([(grid[..., k] >= a[0]) & (grid[..., k] <= a[-1])
                    for k, a in enumerate(nodes)], axis=0)
    return shown & profile.region(CONFIDENCE[1])[tuple(at)]


def wrong(u, chi2, truth):
    """Area between the contour of points u (n, d) and the true one, as a share of the true one."""
    profile, n = make_profile(u[:, :2], chi2, [0, 0], [1, 1]), 1000
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, n)] * 2, indexing="ij"), axis=-1)
    region = region_on(grid, profile, profile.nodes)
    true = truth(grid[..., 0], grid[..., 1]) < level(CONFIDENCE[1], 2)
    return (region != true).sum() / true.sum()


def walk(function, dim, n, rng):
    """Points spread over chi2 < DEEP."""
    here = 0.5 + 0.02 * rng.standard_normal((200, dim))
    found = []
    while sum(map(len, found)) < n:
        for _ in range(60):
            i, j = rng.integers(200, size=(2, 200))
            there = here + 2.38 / np.sqrt(2 * dim) * rng.random((200, 1)) * (here[i] - here[j]) \
                + 1e-3 * rng.standard_normal(here.shape)
            value = function(there)
            fits = (value < np.maximum(DEEP, function(here))) & np.all(
                (there > 0) & (there < 1), axis=1)
            here = np.where(fits[:, None], there, here)
        found.append(here[function(here) < DEEP])
    return np.concatenate(found)[-n:]


def ours(function, dim, n, rng):
    """A walk, and what Contours proposes."""
    box, points = Box([Parameter(f"x{i}", 0.0, 1.0) for i in range(dim)]), Points(dim)

    def add(u):
        chi2 = function(u)
        points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), u=u,
                      x=u, value=chi2, inside=chi2 < DEEP, origin=["known"] * len(u),
                      status=np.full(len(u), "ok", object))
    add(walk(function, dim, n - REFINED, rng))
    asker = Contours(points, box, REFINED, ["x0", "x1"], None, 1)
    while len(u := asker.ask(points)):
        add(u)
    return points.u


def emcee(function, dim, n, rng):
    """All points that 50 walkers evaluate."""
    import emcee as package
    seen = []

    def log_probability(u):
        seen.append(u.copy())
        inside = np.all((u >= 0) & (u <= 1), axis=1)
        return np.where(inside, -0.5 * function(u), -np.inf)
    sampler = package.EnsembleSampler(50, dim, log_probability, vectorize=True)
    sampler.random_state = np.random.RandomState(1).get_state()
    sampler.run_mcmc(0.5 + 0.01 * rng.standard_normal((50, dim)), n // 50)
    return np.concatenate(seen)[:n]


def de(function, dim, n, rng):
    """All points of differential evolution, started anew where it has converged."""
    seen = []

    def value(columns):
        seen.append(columns.T.copy())
        return function(columns.T)
    while sum(map(len, seen)) < n:
        differential_evolution(value, [(0, 1)] * dim, vectorized=True, updating="deferred",
                               polish=False, rng=rng, maxiter=n // (15 * dim))
    return np.concatenate(seen)[:n]


METHODS = {"walk": walk, "ours": ours, "emcee": emcee, "de": de,
           "random": lambda function, dim, n, rng: rng.random((n, dim))}


def main():
    """Print a line for each problem, method and number of points."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", default="gauss7,valley5,thdm4")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--points", default="5000,50000")
    args = parser.parse_args()
    for name in args.problems.split(","):
        dim, function, truth = globals()[name]()
        for method in args.methods.split(","):
            for n in map(int, args.points.split(",")):
                if method == "ours" and n > 5000:
                    continue
                started = time.process_time()
                u = METHODS[method](function, dim, n, np.random.default_rng(1))
                share = wrong(u, function(u), truth)
                print(f"| {name} | {method} | {len(u)} | {100 * share:.3g} % | "
                      f"{time.process_time() - started:.0f} |", flush=True)


if __name__ == "__main__":
    main()
