"""Run folders made up for the tests of pictures: points around a centre, some of them failed."""

import json
from pathlib import Path

import numpy as np

from mlscanner.store.points_file import PointsFile

NAMES = ("Lambda1Input", "M12input", "a_long_parameter_name", "TanBeta", "mu", "x6", "MSUSY_scale",
         "alpha", "x9", "gamma_2")
RANGES = ((0, 10), (-3e5, -1e3), (1e-5, 2e-5), (10, 40), (-1, 1), (0, 1), (1e3, 1e6), (-1, 1),
          (0, 5), (0, 1))


def make_run(folder, dim=3, n=300, iterations=4, model="DNNR", offset=0.0, settings=True,
             prior="linear", names=NAMES, ranges=RANGES, reason="a <b>reason</b> & more"):
    """Write a run with points in the ranges; the target is chi2 < 2 dim, and `offset` puts it
    out of reach."""
    folder, rng = Path(folder), np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    names, ranges = names[:dim], np.array(ranges[:dim], float)
    iteration = np.sort(np.arange(n) % iterations)
    near = rng.random(n) < np.where(iteration, 0.2 + 0.6 * iteration / iterations, 0)
    u = np.where(near[:, None], np.clip(0.6 + rng.normal(0, 0.08, (n, dim)), 0, 1),
                 rng.random((n, dim)))
    x = ranges[:, 0] + u * np.ptp(ranges, axis=1)
    chi2 = ((u - 0.6) ** 2).sum(1) / 0.01 + offset
    failed = rng.random(n) < 0.2
    predicted = chi2 * np.exp(rng.normal(0, 0.2, n))
    if model.endswith("C"):
        predicted = 1 / (1 + np.exp((chi2 - 2 * dim) / 5 + rng.normal(0, 0.5, n)))
    origin = np.where(iteration == 0, "design", np.where(near, "walk", "random"))
    file = PointsFile(folder, names, "chi2", ("mass", "rate"))
    file.close()
    lines = [",".join(map(str, (
        i, iteration[i], origin[i], *x[i], predicted[i] if iteration[i] else "nan",
        "nan" if failed[i] else chi2[i], rng.normal(), rng.random(),
        int(not failed[i] and chi2[i] < 2 * dim), "tachyon" if failed[i] else "ok",
        reason if failed[i] else ""))) for i in rng.permutation(n)]
    with (folder / "points.csv").open("a", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    if settings:
        (folder / "scan_input_used.json").write_text(json.dumps({
            "format": 1, "version": "0", "model": model, "versions": {"numpy": "2"},
            "parameters": [{"name": a, "low": low, "high": high, "prior": prior}
                           for a, (low, high) in zip(names, ranges.tolist(), strict=True)],
            "settings": {"Calculator": "THDM", "Chi_square_threshold": 2.0 * dim,
                         "VarTeX": [r"$\Lambda_{\rm one}$"], "input_file": "my input.py"}}))
    return folder
