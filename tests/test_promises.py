"""Promises of small parts that larger tests would not miss: each once broke without a failure."""

import fcntl
import itertools
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.calculators.slha import Slha, SlhaError
from mlscanner.config.scan_config import make_config
from mlscanner.config.settings import ScanConfig
from mlscanner.errors import StorageError
from mlscanner.likelihood.kinds import make_constraint
from mlscanner.likelihood.observables import observable
from mlscanner.scanning.stop_rules import StopRules
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.store.lock import RunLock


@pytest.mark.parametrize(("theory", "chi2"), [(0.0, 16.0), (0.3, 1.6)])
def test_a_soft_limit_has_a_theory_uncertainty(theory, chi2):
    """0.4 beyond with sigma 0.1 and theory 0.3 in quadrature: 0.16 / (0.01 + 0.09) = 1.6."""
    entry = observable("x", upper=1.0, sigma=0.1, theory=theory)
    assert make_constraint(entry, ".").soft({"x": np.array([1.4])})[0] == pytest.approx(chi2)


STEPS = """
from pathlib import Path
def first(spectrum, point):
    if point['a'] > 0.5:
        raise ValueError('not here')
    return {'s': point['a']}
def second(spectrum, point):
    with Path(__file__).with_name('seen.txt').open('a') as file:
        file.write(f"{point['a']!r}\\n")
    return {'t': 1.0}
"""


def test_no_step_runs_after_a_failed_one(tmp_path):
    """The second step sees the points alone that the first one has done."""
    (tmp_path / "steps.py").write_text(STEPS)
    from mlscanner.calculators.steps.user_programs import python_step
    config = replace(make_config(
        Calculator="Programs", VarLabel=["a"], VarMin=[0], VarMax=[1], Chi_square_threshold=1.0,
        Programs=[python_step("steps.py:first"), python_step("steps.py:second")],
        Observables=[observable("s", value=0.2, sigma=0.1)]), input_file=str(tmp_path / "in.py"))
    with Pool(make_calculator(config, ["a"]), 0) as pool:
        outcomes = dict(pool.map(np.array([[0.25], [0.75], [0.375]])))
    assert [outcomes[i].status for i in range(3)] == ["ok", "raised", "ok"]
    assert (tmp_path / "seen.txt").read_text().split() == ["0.25", "0.375"]


def test_a_pre_cut_that_is_no_number_forbids_the_point():
    """The logarithm of a negative number is neither true nor false: not allowed."""
    box = Box([make_parameter("a", -1.0, 1.0, "linear")], ["log(a) + 9"])
    allowed = box.precut(np.array([[0.1], [0.9]]))
    assert allowed.tolist() == [False, True]


def test_another_scale_is_another_block():
    """Q = 1000 and Q = 1001 differ by a part in a thousand, and are told apart."""
    text = "Block GAUGE Q= 1.000E+03\n 1 0.1\nBlock GAUGE Q= 1.001E+03\n 1 0.2\n"
    slha = Slha(text)
    assert slha.value("GAUGE", 1, scale=1000.0) == 0.1
    assert slha.value("GAUGE", 1, scale=1001.0) == 0.2
    with pytest.raises(SlhaError):
        slha.value("GAUGE", 1, scale=1000.5)


def test_max_time_leaves_room_for_the_last_training():
    """After a training of ten seconds, none but the last one fits into less than twenty."""
    rules = StopRules(replace(ScanConfig(), Max_time=100.0))
    end = rules.deadline
    assert rules.took(10.0) <= end - 20.0
    assert rules.deadline > time.monotonic()


def test_a_lock_that_was_removed_meanwhile_is_none(tmp_path, monkeypatch):
    """Between opening and locking the file is replaced: what is held then is the new one."""
    real, done = fcntl.flock, []

    def flock(file, how):
        if not done:
            done.append(True)
            Path(tmp_path, "lock").unlink()     # its holder has ended and removed it
        return real(file, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    lock = RunLock(tmp_path)
    held = os.fstat(lock._file.fileno())
    assert os.path.samestat(held, Path(tmp_path, "lock").stat())
    with pytest.raises(StorageError, match="in use by process"):
        RunLock(tmp_path)
    lock.release()


def test_the_learning_rate_falls_to_nearly_nothing():
    """The last epochs move the weights far less than the first: a cosine from 1 to 0.01."""
    from mlscanner.models.training import learning_rate
    rates = [float(learning_rate(0.003, phase)) for phase in np.linspace(0, 1, 11)]
    assert rates[0] == pytest.approx(0.003) and rates[-1] == pytest.approx(3e-5)
    assert rates[5] == pytest.approx(0.003 * (0.01 + 0.99 / 2), rel=1e-5)
    assert all(b < a for a, b in itertools.pairwise(rates))
