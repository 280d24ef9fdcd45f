"""A wheel in a fresh environment, outside of the checkout: Python, the command, a user's files."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    any(find_spec(name) is None for name in ("build", "setuptools", "wheel", "pip")),
    reason="build, setuptools, wheel or pip is not installed")]
QUICK = ("Size_initial_batch = 20\nSize_batch_K = 20\nSize_batch_L = 500\nWalkers = 30\n"
         "N_iteration = 1\nRF_trees = 8\nSurrogate_points = 0\nLive_plots = -1\nN_Cores = 1\n")
# Names that the scanner has files of, too: a user's are his.
MINE = {"models.py": "def sigma(x):\n    return 100 * x\n", "files.py": "HERE = 0.3\n",
        "errors.py": "class NoSolution(Exception):\n    pass\n",
        "my.py": "from errors import NoSolution\nfrom files import HERE\nfrom models import sigma\n"
                 "def f(p):\n    if p['x'] > 0.9:\n        raise NoSolution('far')\n"
                 "    return sigma((p['x'] - HERE) ** 2)\n",
        "my_input.py": "Calculator = 'my.py:f'\nVarLabel, VarMin, VarMax = ['x'], [0], [1]\n"
                       f"Chi_square_threshold = 4\n{QUICK}"}
EXAMPLE = """
import mlscanner as ml
import models                       # the user's own, beside the script

def my_function(p):
    return {'omega': models.sigma(p['g'] ** 2) / p['mass']}

result = ml.scan(my_function, parameters={'mass': (10, 1000, 'log'), 'g': (0, 1)},
                 observables=[ml.observable('omega', value=0.12, sigma=0.01)], model='RFR',
                 n_points=40, seed=1, output='my_run', Size_initial_batch=20, Size_batch_K=20,
                 Size_batch_L=500, Walkers=30, RF_trees=8, Surrogate_points=0, Live_plots=-1)
print(len(result.points), result.model.predict([[100, 0.3]]).value.shape, ml.__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A function that runs words in a user's folder, with the environment of the wheel."""
    base = tmp_path_factory.mktemp("a wheel")
    copy = base / "copy"
    shutil.copytree(PROJECT, copy, symlinks=True, ignore=shutil.ignore_patterns(
        ".git", ".venv*", "result", "build", "__pycache__", ".*cache*"))
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("PYTHONPATH", "MLSCANNER_HOME")}

    def run(*words, cwd=base):
        done = subprocess.run(list(map(str, words)), cwd=cwd, env=environment, text=True,
                              capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation",
        "--skip-dependency-check", "--outdir", base, copy)
    shutil.rmtree(copy)     # nothing of it may be needed
    run(sys.executable, "-m", "venv", "--without-pip", base / "env")
    python = base / "env" / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index",
        *base.glob("*.whl"))
    packages, = (base / "env").glob("lib/python3*/site-packages")
    # what it depends on is that of this environment: no network, no gigabytes
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    user = base / "user"
    user.mkdir()
    for name, text in MINE.items():
        (user / name).write_text(text)
    (user / "example.py").write_text(EXAMPLE)

    def mine(program, *words):
        return run(base / "env" / "bin" / program, *words, cwd=user)
    mine.folder, mine.packages = user, packages
    return mine


def test_the_example_runs_and_its_folder_opens(installed):
    """One import; then `mlscanner plot` and `mlscanner predict` of the run folder."""
    said = installed("python", "example.py")
    assert said.endswith(f"40 (1,) {installed.packages / 'mlscanner' / '__init__.py'}\n")
    assert "report.html" in installed("mlscanner", "plot", "my_run")
    assert (installed.folder / "my_run" / "pictures" / "corner.png").exists()
    assert "predicted_chi2" in installed("mlscanner", "predict", "my_run", "my_run/points.csv")


def test_files_of_the_user_are_his(installed):
    """models.py, files.py and errors.py beside the input file; results go to ./result."""
    said = installed("mlscanner", "RFR", "--input", "my_input.py")
    assert "40 evaluated points" in said
    assert "in the target" in said
    text = (installed.folder / "result" / "RFR" / "points.csv").read_text()
    assert "NoSolution: far" in text
    assert "cannot import" not in text


def test_init_and_check(installed):
    """`mlscanner init` writes the shipped input file, and `mlscanner check` reads it."""
    assert "mlscanner check" in installed("mlscanner", "init")
    assert "Test point" in installed("mlscanner", "check")
    assert installed("mlscanner", "--version").strip() == installed(
        "python", "-c", "import mlscanner; print(mlscanner.__version__)").strip()
