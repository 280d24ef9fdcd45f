"""Compiled training against keras.Model.fit: same network, batch, epochs, loss and data, one run.

    python tests/benchmarks/bench_training.py [points] [epochs]
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".package"))

import numpy as np

from mlscanner.models import networks as nets
from mlscanner.models import training

DIM, NODES, LAYERS, BATCH, RATE = 7, 100, 4, 64, 1e-3
ROUNDS = 3  # the two take turns, so that other work on the machine hits both


def problem(n, seed=0):
    """Inputs (n, 7) and a smooth value (n, 1), both of unit width; float32."""
    x = np.random.default_rng(seed).uniform(-1.7, 1.7, (n, DIM)).astype(np.float32)
    y = np.sin(2 * x[:, :3]).sum(1) + x[:, 3] * x[:, 4]
    return x, ((y - y.mean()) / y.std())[:, None].astype(np.float32)


def with_fit(tf, x, y, epochs, weights):
    """Seconds and final loss of keras' fit."""
    keras = tf.keras
    model = keras.Sequential([keras.Input((DIM,))]
                             + [keras.layers.Dense(NODES, "relu") for _ in range(LAYERS)]
                             + [keras.layers.Dense(1)])
    model.set_weights(weights)
    total = epochs * -(-len(x) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, total, alpha=0.01)
    model.compile(keras.optimizers.Adam(rate), "mse")
    model.fit(x[:BATCH], y[:BATCH], batch_size=BATCH, epochs=1, verbose=0)  # tracing is not timed
    model.set_weights(weights)
    started = time.perf_counter(), time.process_time()
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)
    spent = time.perf_counter() - started[0], time.process_time() - started[1]
    return *spent, float(np.mean((model.predict(x, verbose=0) - y) ** 2))


def with_loop(x, y, epochs, network):
    """Seconds and final loss of the compiled loop."""
    how = training.Training("mse", "relu", RATE, epochs, epochs, BATCH)
    job = training.Job(x, y, np.ones(len(x)), len(x), 1)
    started = time.perf_counter(), time.process_time()
    trained = training.train([network], [job], how)
    spent = time.perf_counter() - started[0], time.process_time() - started[1]
    return *spent, float(np.mean((nets.forward(trained, x, "relu")[0] - y) ** 2))


def main():
    """Print a line a round, and the ratio of the medians."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    tf = training.warm_up()
    x, y = problem(n)
    network = nets.new_network([DIM, *[NODES] * LAYERS, 1], 1)
    with_loop(x[:BATCH], y[:BATCH], 1, network)
    steps, rows = epochs * -(-n // BATCH), []
    print(f"{n} points, {epochs} epochs of {steps // epochs} steps, batch {BATCH}, "
          f"{LAYERS} x {NODES}")
    for _ in range(ROUNDS):
        rows.append((with_fit(tf, x, y, epochs, network.weights),
                     with_loop(x, y, epochs, network)))
        fit, loop = rows[-1]
        print(f"keras fit {fit[0] / steps * 1e3:6.2f} ms/step, loss {fit[2]:.5f};   compiled loop "
              f"{loop[0] / steps * 1e3:6.2f} ms/step, loss {loop[2]:.5f};   ratio "
              f"{fit[0] / loop[0]:.1f}")
    wall, cpu = (np.median([fit[k] for fit, _ in rows]) / np.median([loop[k] for _, loop in rows])
                 for k in (0, 1))
    print(f"ratio to keras.fit: {wall:.1f} in wall time, {cpu:.1f} in processor time")


if __name__ == "__main__":
    main()
