"""Prediction: points a second and core against keras.predict and scikit-learn, and the cold start.

    python tests/benchmarks/bench_predict.py [MODEL ...]

Every model is trained on the same small problem in seven dimensions and saved; then it is asked
through the files only. One core: BLAS and OpenMP get one thread.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SOURCE = Path(__file__).resolve().parents[2] / ".package"
sys.path.insert(0, str(SOURCE))

import numpy as np  # noqa: E402 - threads are set before

from mlscanner.config.settings import ScanConfig  # noqa: E402
from mlscanner.likelihood.observables import Target  # noqa: E402
from mlscanner.models import networks as nets  # noqa: E402
from mlscanner.models import training  # noqa: E402
from mlscanner.models.registry import MODELS, make_model  # noqa: E402
from mlscanner.models.saved_model import load_model  # noqa: E402
from mlscanner.models.value_scale import ValueScale  # noqa: E402

DIM, TRAINED, ROUNDS = 7, 3000, 5


def chi2(u):
    """A valley in the unit box: chi2 (n,)."""
    return ((u[:, 0] - u[:, 1] ** 2) / 0.1) ** 2 + ((u[:, 2:] - 0.5) ** 2).sum(1) * 20


def trained(name, folder):
    """Train, save, and return the model."""
    config = replace(ScanConfig(), N_Cores=1, DNN_epochs=10)
    u = np.random.default_rng(1).random((TRAINED, DIM))
    target = Target(-np.inf, 10.0)
    scale = ValueScale(target, chi2(u))
    model = make_model(name, config, DIM)
    model.fit(u, scale.forward(chi2(u)) if model.kind == "regressor" else chi2(u) < 10, seed=1)
    model.save(folder / "model", {
        "parameters": [{"name": f"x{i}", "low": 0.0, "high": 1.0, "prior": "linear"}
                       for i in range(DIM)],
        "value": "chi2", "target": [target.low, target.high], "settings": {"Precut": []},
        "scale": scale.as_dict()})
    return model


def best(task):
    """Smallest processor seconds of a few rounds."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        task()
        seconds.append(time.process_time() - started)
    return min(seconds)


def cold_start(folder, points):
    """Smallest wall seconds of `predict` as a process of its own, for 1,000 points."""
    command = [sys.executable, SOURCE / "mlscanner_start.py", "predict", folder, points, "--output",
               folder / "answers.csv"]
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def rival(name, model, folder, u):
    """(name, points a second and core) of the same model in Keras or scikit-learn."""
    if name.startswith("DNN"):
        keras = training.warm_up().keras
        model.write_keras(folder / "network.keras")
        network = keras.models.load_model(folder / "network.keras")
        network.predict(u[:100], verbose=0)
        return "keras.predict", len(u) / best(lambda: network.predict(u, verbose=0))
    if name.startswith("SVR"):
        machines, x = [group[0] for group in model.fitted], model._inputs(u)
        return "SVR.predict", len(u) / best(lambda: [m.predict(x) for m in machines])
    return "scikit-learn", len(u) / best(lambda: model.predict(u))


def main():
    """One line a model."""
    print(f"{'model':9} {'cold start, 1,000 points':>25} {'points/s/core':>14}   rival")
    for name in sys.argv[1:] or MODELS:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            model = trained(name, folder)
            saved = load_model(folder)
            n = 100_000 if name.startswith("DNN") else 50_000
            u = np.random.default_rng(2).random((n, DIM))
            np.savetxt(folder / "points.txt", u[:1000])
            speed = n / best(lambda: saved.model.predict(u))  # noqa: B023 - used at once
            other, its = rival(name, model, folder, u)
            print(f"{name:9} {cold_start(folder, folder / 'points.txt'):23.2f} s {speed:14,.0f}   "
                  f"{other} {its:,.0f} (ratio {speed / its:.1f})", flush=True)
            if name.startswith("DNN"):
                alone, act = saved.model.members[:1], saved.model.config.DNN_activation
                one = n / best(lambda: nets.forward(alone, u, act))  # noqa: B023
                print(f"{'':9} {'one network of three':>25} {one:14,.0f}")


if __name__ == "__main__":
    main()
