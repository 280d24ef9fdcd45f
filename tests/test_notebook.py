"""The notebook runs from top to bottom, with nothing but what is in the repository."""

import importlib.util
import json
import os
import re
import time

import pytest

from mlscanner.store.points_table import read_table

NOTEBOOK = "docs/ML_regressor_genericFunctions.ipynb"
ITERATIONS = '"N_iteration": 8, "Size_batch_L": 10_000'
# the pictures at the end of a scan are those of any scan; the notebook asks for its own
FEWER = '"Live_plots": -1, "Size_batch_L": 5_000, "N_iteration": '


@pytest.fixture(scope="module")
def cells(project):
    return json.loads((project / NOTEBOOK).read_text(encoding="utf-8"))["cells"]


def text(cell):
    return "".join(cell["source"])


def execute(project, folder, changes=()):
    """Run the notebook with some of its text changed; returns the executed notebook."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    if importlib.util.find_spec("ipykernel") is None:
        pytest.skip("ipykernel is not installed")
    notebook = nbformat.read(project / NOTEBOOK, as_version=4)
    for old, new in changes:
        assert any(old in cell.source for cell in notebook.cells), old
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    client = nbclient.NotebookClient(notebook, timeout=170, kernel_name="python3",
                                     resources={"metadata": {"path": str(project / "docs")}})
    client.execute(env={**os.environ, "MLSCANNER_RESULTS": str(folder),
                        "PYTHONPATH": str(project / ".package")})
    return notebook


def printed(notebook):
    return "".join(output.get("text", "") for cell in notebook.cells if cell.cell_type == "code"
                   for output in cell.outputs)


@pytest.mark.slow
def test_notebook_runs(project, tmp_path):
    """Every cell runs, in under three minutes; the scan is far better than random sampling, and
    the re-loaded model picks good points."""
    started = time.monotonic()
    done = execute(project, tmp_path, [(ITERATIONS, FEWER + "8")])
    assert time.monotonic() - started < 180
    said = printed(done)
    assert float(re.search(r"evaluated points are good: ([\d.]+)%", said)[1]) > 3 * 9.3
    assert float(re.search(r"the model picks, ([\d.]+)% are", said)[1]) > 50
    images = [output for cell in done.cells if cell.cell_type == "code"
              for output in cell.outputs if output.get("data", {}).keys() & {"image/png",
                                                                             "image/gif"}]
    assert len(images) == 3
    assert len(read_table(tmp_path / "RFR" / "points.csv")["id"]) == int(
        re.search(r"(\d+) evaluated points are good", said)[1]) + 100


@pytest.mark.slow
def test_notebook_runs_with_another_function_and_model(project, tmp_path):
    """Changing function, names and model, as a user would, is enough."""
    done = execute(project, tmp_path, [
        ('MODEL = "RFR"', 'MODEL = "SVMRBF"'), ("FUNCTION = F_2d", "FUNCTION = F_3d"),
        ('NAMES = ["x1", "x2"] ', 'NAMES = ["x1", "x2", "x3"]'),
        ('"Size_batch_K": 150', '"Size_batch_K": 40, "Walkers": 100'), (ITERATIONS, FEWER + "1")])
    assert "evaluated points are good" in printed(done)
    assert (tmp_path / "SVMRBF" / "model" / "model.json").exists()


def test_notebook_is_stored_without_output(cells):
    """No output, no numbers of execution: the file changes only when its text does."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_notebook_copies_no_code(cells, project):
    """It has one import of ours; no line of the loop, and no path of Python, stands in it."""
    everything = "\n".join(text(cell) for cell in cells)
    assert re.findall(r".*import.*mlscanner.*|.*mlscanner.*import.*", everything) == [
        "import mlscanner as ml"]
    assert "sys.path" not in everything
    assert "def fit" not in everything and "class " not in everything


def test_every_model_of_the_issue_is_offered(cells):
    """DNNR, GBR, RFR, SVMRBF and SVMPOLY can be picked, each with its hyper-parameters."""
    everything = "\n".join(text(cell) for cell in cells)
    for word in ("DNNR", "GBR", "RFR", "SVMRBF", "SVMPOLY", "DNN_nodes", "GBR_trees", "RF_trees",
                 "SVR_C"):
        assert word in everything


def test_cloning_is_for_colab_only(cells):
    """The cell that fetches the scanner does nothing outside of Colab."""
    cell = next(text(c) for c in cells if "git" in text(c) and c["cell_type"] == "code")
    assert 'if "google.colab" in sys.modules' in cell
    assert cell.index("google.colab") < cell.index("git")
