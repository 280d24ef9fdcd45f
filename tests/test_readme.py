"""Every command that the README and the documents show runs, on a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "docs/Install.md", "docs/how_to_adjust_the_input_file.md")
# A scan of seconds in place of minutes; everything else is as shipped.
QUICK = """
Size_initial_batch = 60
Size_batch_K = 30
Size_batch_L = 2000
Size_batch_search = 30
N_iteration = 1
Chi_square_threshold = 10000
Target_points = None
Assistant_points = 200
DNN_epochs = 5
DNN_epochs_more = 2
DNN_networks = 2
DNN_nodes = 16
"""


NEEDS_ENVIRONMENT = pytest.mark.skipif(
    not Path(sys.prefix, "bin", "python").exists(), reason="this Python is no environment")


def blocks(name, *languages):
    """Contents of the code blocks of a document, in one of the languages."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```(?:{'|'.join(languages)})\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(name):
    """The ./run.sh lines of a document, without comments."""
    lines = [line.split(" #")[0].strip() for block in blocks(name, "bash", "sh")
             for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def quicker(command):
    """The same command with less to do: the tests are only counted, not run once more."""
    if command.startswith("./run.sh test"):
        return command + " --collect-only -q --ignore=tests/test_readme.py"
    return re.sub(r"--more \d+", "--more 1", command)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project in a folder with a blank, with a quick scan."""
    folder = tmp_path_factory.mktemp("a copy") / "MLscanner"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(
        ".*", "result", "__pycache__", "my_results"))
    for path in [folder / "scan_input.py", *(folder / "docs" / "examples").glob("*.py")]:
        target = "" if path.name == "scan_input.py" else "Chi_square_threshold"
        quick = [line for line in QUICK.splitlines() if not target or not line.startswith(target)]
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(quick) + "\n")
    return folder


def run(command, folder):
    """Run a command line in the copy, with the environment the tests run in."""
    return subprocess.run(["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False,
                          env=environment())


def environment():
    """The present environment variables, with this Python's environment as the active one."""
    return os.environ | {"VIRTUAL_ENV": sys.prefix, "OMP_NUM_THREADS": "1"}


@pytest.mark.readme
@pytest.mark.slow
@NEEDS_ENVIRONMENT
@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_run(copy, name):
    """Each command ends well and shows no traceback."""
    todo = commands(name)
    assert todo
    for command in todo:
        done = run(quicker(command), copy)
        text = done.stdout[-3000:] + done.stderr[-3000:]
        assert done.returncode == 0, f"{command}\n{text}"
        assert "Traceback" not in text, f"{command}\n{text}"
    assert not (copy / ".venv").exists()


@pytest.mark.readme
@pytest.mark.slow
@NEEDS_ENVIRONMENT
def test_own_function_of_the_readme(copy):
    """The function that the README shows can be scanned as it says."""
    (text,) = [block for block in blocks("README.md", "python") if "Calculator = " in block]
    file, function = re.search(r"'(\w+\.py):(\w+)'", text).groups()
    (copy / file).write_text(text)
    (copy / "own.py").write_text(
        f"Calculator = '{file}:{function}'\nVarLabel = ['mass', 'coupling']\n"
        f"VarMin = [120, 0.5]\nVarMax = [130, 1.5]\n{QUICK}")
    done = run("./run.sh RFR --input own.py --output own", copy)
    assert done.returncode == 0, done.stderr
    assert (copy / "own" / "RFR" / "points.csv").exists()


def test_links_lead_somewhere():
    """Each file that the README and the documents link or show as a picture exists."""
    for path in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_python_of_the_input_document(input_file):
    """What the document on the input file shows of Python loads."""
    from scan_config import load_config

    shown = blocks("docs/how_to_adjust_the_input_file.md", "python")
    assert len(shown) >= 2
    for text in shown:
        load_config(input_file(text))
