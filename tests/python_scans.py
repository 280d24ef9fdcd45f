"""A small scan from Python."""

import mlscanner as ml

BOX = {"mass": (10, 1000, "log"), "g": (0, 1)}
OMEGA = [ml.observable("omega", value=0.12, sigma=0.02)]
SMALL = {"model": "RFR", "Walkers": 30, "Size_batch_L": 500, "RF_trees": 8, "Surrogate_points": 0,
         "Size_initial_batch": 20, "Size_batch_K": 20, "Size_batch_search": 20, "progress": False}


def omega(p):
    """A relic density that is right in a valley; no solution for some points."""
    if p["mass"] > 900:
        raise ValueError("no solution")
    return {"omega": 100 * p["g"] ** 2 / p["mass"]}


def scan(tmp_path, function=omega, n=40, **words):
    """A small scan."""
    words = {"pool": 0, "output": tmp_path / "run", **words}
    return ml.scan(function, BOX, observables=OMEGA, n_points=n, seed=1, **SMALL | words)
