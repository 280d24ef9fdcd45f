"""Every command and every piece of Python that README.md and docs/*.md show is run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import runner
import test_extending
from documents import PAGES, PROJECT, SHELL, blocks, prose, read, steps
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.cli.arguments import parse
from mlscanner.cli.commands import OTHERS
from mlscanner.config.scan_config import load_config
from mlscanner.evaluation import OK
from mlscanner.models.registry import ALIASES, MODELS
from mlscanner.space.parameters import Box

# A scan of seconds in place of minutes; everything else is as shipped.
QUICK = """
Size_initial_batch = 60
Size_batch_K = 30
Size_batch_L = 2000
Size_batch_search = 30
N_iteration = 1
Refine_evaluations = 10
Walkers = 50
Target_points = None
Surrogate_points = 100
DNN_epochs = 5
DNN_epochs_more = 2
DNN_networks = 2
DNN_nodes = 16
DNN_activation = 'relu'
DNN_least_points = 0
RF_trees = 10
Live_plots = -1
N_Cores = 1
"""
# A box of good points for the built-in model, so that the few points of it are enough to go on with
EASY = """
VarMin = [780.0, 780.0, 780.0, -0.01, 1.0, 780.0]
VarMax = [820.0, 820.0, 820.0, 0.01, 3.0, 800.0]
Chi_square_threshold = 10000
Chi_square_above_best = None
THDM_searches = []
"""
FEW = "Size_initial_batch = 12\nSize_batch_K = 6\nSize_batch_search = 6\n"   # each runs programs
# What pages ask for, and the tests in its place
LESS = {r"--more \d+": "--more 1", r"--refine \d+": "--refine 10",
        r" refine DNNR": " refine DNNR --evaluations 10",
        # all pictures are those of the README's smaller run
        r"(?m) plot DNNR(?= *(#|$))": " plot DNNR --columns mH,mA,cos_ba",
        r"n_workers=2": "n_workers=1", r"--nworkers 2": "--nworkers 1",
        r"--(suggest|validate) \d+": r"--\1 50",
        r"run_mcmc\(start, \d+\)": "run_mcmc(start, 600)",
        r"n_live=\d+": "n_live=100", r"n_eff=\d+, n_like_max=\d+": "n_eff=50, n_like_max=600",
        r"n_points=[23]00": "n_points=80",
        r"output='(\w+_run)'\)": r"output='\1', Walkers=50, Size_batch_L=2000, N_Cores=1)",
        r"(?<!readme)_run', W": "_run', Live_plots=-1, W"}     # the README's draws its pictures
PACKAGES = {"emcee", "nautilus", "distributed"}     # of scripts; the scanner does not need them
# The only languages of blocks: what is run, and what is shown. Commands among the latter, and why:
LANGUAGES = {*SHELL, "python", "text"}
NOT_RUN = {
    "SPHENO_MODEL=N2HDM": "needs the real programs; test_real_programs.py is what it starts",
    "nohup ./run.sh": "leaves a process behind",
    "kill %1": "needs a shell with jobs; test_the_cluster_of_the_tutorial",
    "--input slurm_scan.py": "needs a batch system; test_dask_jobs.py",
    "./run.sh judge": "needs SPheno, HiggsBounds and spectra of the user's own; test_judge.py",
}
# What stands around the parts of one input file that a page shows one after the other.
AROUND = {"docs/parameters_and_observables.md": {
    "main": "#!/bin/sh\n", "my_step.py": "def sum_rule(spectrum, point):\n    return 1.0\n",
    "evaluate.py": "def evaluate(p):\n"
                   "    return {'mH': 1.0, 'mA': 2.0, 'omega': 0.1, 'sigma_SI': 0.1,\n"
                   "            'Rb': 0.3, 'signal': 2.0, 'xsec': 0.1, 'mu': 1.1,\n"
                   "            'S': 0.0, 'T': 0.0, 'U': 0.0}\n",
    "mu.csv": "0.8,-1.2\n1.0,0\n1.2,-0.9\n",
    "limit.csv": "1,1\n10,2\n1000,3\n", "first": "Calculator = 'evaluate.py:evaluate'\n"}}

NEEDS_ENVIRONMENT = pytest.mark.skipif(
    not Path(sys.prefix, "bin", "python").exists(), reason="this Python is no environment")


def make_copy(folder):
    """A copy of the project with quick scans; returns the folder."""
    shutil.copytree(PROJECT, folder, symlinks=True, ignore=shutil.ignore_patterns(
        ".git", ".venv*", ".ci", ".*cache*", "result", "build", "my_results"))
    for path in [folder / "scan_input.py", *(folder / "docs" / "examples").glob("*.py")]:
        with path.open("a", encoding="utf-8") as file:
            file.write(QUICK + (EASY if path.name == "scan_input.py" else ""))
    return folder


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy in a folder with a blank, with the files that the pages show."""
    folder = make_copy(tmp_path_factory.mktemp("a copy") / "MLscanner")
    for block in [b for page in PAGES if page != "docs/extending.md" for b in blocks(page)]:
        if block.file:
            few = QUICK + FEW * ("HiggsBounds" in block.text)
            (folder / block.file).write_text(block.text + few * block.is_input)
    (folder / "my_run").mkdir()
    return folder


@pytest.fixture(scope="module")
def run_once(copy):
    """A function that does a step of a page in the copy, unless an equal one was done.

    A script runs as one, where the package can be imported. The first `./run.sh WORDS` is run as it
    stands, the others by a process that has loaded the scanner: the start by run.sh is what
    test_run_sh.py proves, and takes longer than most commands. So are scripts but for those of the
    README and those that start processes themselves.
    """
    done = {}

    def run(step):
        key = quicker(step) if isinstance(step, str) else str(step)
        if key not in done and isinstance(step, str):
            words = plain_words(key)
            done[key] = by_server(words, copy) if words and done else shell(key, copy)
        elif key not in done:
            (copy / "script.py").write_text(quicker(step.text))
            alone = step.page == "README.md" or "__name__" in step.text
            done[key] = shell(f"PYTHONPATH=.package '{sys.executable}' script.py", copy) \
                if alone else by_server([copy / "script.py"], copy)
        return done[key]
    return run


def plain_words(command):
    """What follows `./run.sh`, when that is all a command line does and no test of the scanner."""
    words = shlex.split(command)
    plain = words[0] == "./run.sh" and not set(command) & set("|<>&;$*") and words[1] not in (
        "test", "--help", "--version")
    return words[1:] if plain else []


def by_server(words, folder):
    """The command line of the scanner, or a script, with the folder as home and current one."""
    log = folder / "log of a command"
    log.unlink(missing_ok=True)
    code, output = runner.run(words, log, folder)
    return subprocess.CompletedProcess(words, code, output, "")


@pytest.fixture(scope="module")
def ready(run_once):
    """The runs that commands of any page go on from."""
    run_once("./run.sh RFR --input docs/examples/F_2d.py")
    run_once("./run.sh DNNR")
    return run_once


def quicker(text):
    """The same command or script with less to do: the tests of a file or folder are counted."""
    if text.startswith("./run.sh test"):
        some = "" if "tests/" in text else " tests/calculators/test_slha.py"
        return f"{text}{some} --collect-only -q"
    for pattern, less in LESS.items():
        text = re.sub(pattern, less, text)
    return text


def shell(command, folder):
    """Run a command line, with the environment the tests run in as the active one."""
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=300, check=False, env=environment())


def environment():
    """The present environment variables, with this Python's environment as the active one."""
    return os.environ | {"VIRTUAL_ENV": sys.prefix, "OMP_NUM_THREADS": "1",
                         "MPLBACKEND": "Agg"}


def ended_well(done, what):
    """It says so, and shows no traceback."""
    text = done.stdout[-3000:] + done.stderr[-3000:]
    assert done.returncode == 0, f"{what}\n{text}"
    assert "Traceback" not in text, f"{what}\n{text}"


@pytest.mark.readme
@pytest.mark.slow
@NEEDS_ENVIRONMENT
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)])
def test_page_runs(copy, ready, page):
    """Each command and each script of a page, in the order of the page, ends well and shows no
    traceback."""
    for step in steps(page):
        for name in PACKAGES & set(re.findall(r"^(?:import|from) (\w+)", str(getattr(
                step, "text", "")), re.MULTILINE)):
            pytest.importorskip(name, reason=f"{page} needs the package {name}")
        ended_well(ready(step), f"{page}: {step}")
    assert not (copy / ".venv").exists()


@pytest.mark.slow
@NEEDS_ENVIRONMENT
def test_the_cluster_of_the_tutorial(copy):
    """Scheduler and workers that one starts: the scan ends on them, and they can be ended."""
    pytest.importorskip("distributed", reason="docs/tutorial_cluster.md needs Dask")
    text, = [b.text for b in blocks("docs/tutorial_cluster.md") if "kill %1" in b.text]
    text = quicker(text).replace(".venv/bin/dask", f"'{sys.prefix}/bin/dask'")
    text = text.replace(" &\n", " > cluster.log 2>&1 &\n")
    ended_well(shell("set -m; " + text, copy), text)


@pytest.mark.readme
@pytest.mark.slow
@NEEDS_ENVIRONMENT
def test_what_is_added_to_the_source_can_be_used(tmp_path):
    """The model and the prior of docs/extending.md, put where it says, serve a whole scan."""
    folder = make_copy(tmp_path / "MLscanner")
    for block in blocks("docs/extending.md"):
        if block.file.startswith("source/"):
            with (folder / block.file).open("a", encoding="utf-8") as file:
                file.write("\n" + block.text)
    with (folder / "docs" / "examples" / "F_2d.py").open("a") as file:
        file.write("VarPrior = ['x1 = power(2)']\nVarMin = [0, 0]\n")
    ended_well(shell("./run.sh KNN --input docs/examples/F_2d.py", folder), "scan")
    ended_well(shell("./run.sh predict KNN result/KNN/points.csv", folder), "predict")
    assert "neither a model" in shell("./run.sh KNM", folder).stderr


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/extending.md"
                                  and any(block.is_input for block in blocks(page))])
def test_parts_of_input_files_load(tmp_path, page):
    """What a page shows of an input file loads; where it is in AROUND, each part with the last."""
    (tmp_path / "docs").symlink_to(PROJECT / "docs")
    around = dict(AROUND.get(page, {}))
    text = around.pop("first", "")
    for name, content in around.items():
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    for block in [block for block in blocks(page) if block.language == "python"]:
        if block.file and not block.is_input:
            (tmp_path / block.file).write_text(block.text)
        elif block.is_input:
            text = text + block.text if around else block.text
            (tmp_path / "shown.py").write_text(text)
            load_config(tmp_path / "shown.py")


@pytest.mark.parametrize(("page", "name"), [("README.md", "my_first.py"),
                                            ("docs/own_model.md", "my_scan.py")])
def test_the_scan_of_the_readme_evaluates_points(tmp_path, page, name):
    """The function and the input file of the README, and of the page on one's own model, belong
    together."""
    files = {block.file: block.text for block in blocks(page) if block.file}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    config = load_config(tmp_path / name)
    box = Box.from_config(config)
    with Pool(make_calculator(config, box.names), 0) as pool:
        x = box.to_physical(np.random.default_rng(1).random((40, 2)))
        evaluated = [j for _, j in pool.map(x)]
    assert {j.status for j in evaluated} == ({OK, "raised"} if len(files) > 1 else {OK})
    assert any(j.value < config.Chi_square_threshold for j in evaluated if j.status == OK)


def test_no_block_is_left_out():
    """Each block is of a kind that is run above, or shows no command, or is listed: why."""
    for page in PAGES:
        for block in blocks(page):
            assert block.language in LANGUAGES, f"{block}: ```{block.language}"
            if block.language == "text" and re.search(r"^\s*(\S+=\S+ )*(\./run\.sh|nohup|python) ",
                                                      block.text, re.MULTILINE):
                assert any(part in block.text for part in NOT_RUN), block
        assert not re.search(r"^ {4,}(\./run\.sh|python) ", prose(page), re.MULTILINE), page
    shown = sum(block.language == "python" for block in blocks("docs/extending.md"))
    assert shown == len(test_extending.BLOCKS)


def test_every_reason_is_needed():
    """Nothing is listed as not run that is no longer shown."""
    text = "".join(map(read, PAGES))
    assert all(part in text for part in NOT_RUN)
    less = text
    for pattern, fewer in LESS.items():     # one can follow from the one before it
        assert re.search(pattern, less), pattern
        less = re.sub(pattern, fewer, less)
    assert all(AROUND[page] for page in PAGES if page in AROUND)


@pytest.mark.parametrize("page", PAGES)
def test_commands_within_the_text_are_known(page):
    """Models, commands and options named between backticks exist; so do scripts and modules."""
    text = prose(page)
    others = dict.fromkeys((*OTHERS, "completion"), print)
    for words in re.findall(r"`(?:\S+=\S+ )?\./run\.sh ([^`]+)`", text):
        if words.split()[0] in ("test", "--version", "--help", "KNN", "COMMAND") or "..." in words:
            continue
        parse(words.split(), (*MODELS, *ALIASES), print, print, others)
    files = {path.name for place in ("source", "tests", "docs")
             for path in (PROJECT / place).rglob("*.py")} | {"scan_input.py"}
    for script in re.findall(r"`(?:python )?([\w/]+\.py)[ `]", text):
        if "/" in script:
            assert (PROJECT / script).exists() or (PROJECT / "docs" / script).exists(), script
        assert Path(script).name in files, script


def test_links_lead_somewhere():
    """Each file that the pages link or show as a picture exists, and each heading."""
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)]*)?\)", read(page)):
            if target.startswith(("http", "mailto")):
                continue
            path = (PROJECT / page).parent / target if target else PROJECT / page
            assert path.exists(), f"{page}: {target}"
            if anchor:
                titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
                assert anchor[1:] in {slug(title) for title in titles}, f"{page}: {anchor}"


def slug(title):
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_readme_leads_to_every_page():
    """Nothing is written that neither the README nor the page of all pages links."""
    assert "(docs/index.md)" in read("README.md")
    for page in PAGES[1:]:
        assert f"({page})" in read("README.md") or f"({Path(page).name})" in read(
            "docs/index.md"), page
