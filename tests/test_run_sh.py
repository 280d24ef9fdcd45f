"""run.sh: environment, messages, paths and signals, mostly with a stand-in for Python and pip."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlscanner.models import registry as models
from mlscanner.version import __version__
from runner import crowded

PROJECT = Path(__file__).resolve().parents[1]
BASH = shutil.which("bash")

# Stands in for a Python: 'venv' makes a folder with this script in it, 'pip' notes its words, all
# else is done by the real one.
FAKE = """#!{bash}
case "$*" in
  *"-m venv"*) for last; do :; done; mkdir -p "$last/bin"
    rm -f "$last/bin/python"; cp "$0" "$last/bin/python" ;;
  *"-m pip"*) echo "$*" >> "$FAKE_LOG"; echo "${{FAKE_SAYS:-}}"
    sleep "${{FAKE_SLEEP:-0}}"; exit "${{FAKE_RC:-0}}" ;;
  *) exec "{python}" "$@" ;;
esac
"""
# Stands in for the scanner: says what it got.
STUB = """
import os, sys, time
print("ARGS", sys.argv[1:], "CWD", os.getcwd())
if "sleep" in sys.argv:
    try:
        print("asleep", flush=True)
        time.sleep(30)
    except KeyboardInterrupt:
        print("interrupted")
        sys.exit(130)
"""


class Copy:
    """A copy of run.sh in a folder with blanks, the scanner replaced by a stub."""

    def __init__(self, base):
        self.base, self.folder = base, base / "my scanner's copy"
        (self.folder / "source").mkdir(parents=True)
        shutil.copy(PROJECT / "run.sh", self.folder)
        for name in ("version.py", "check_environment.py"):
            shutil.copy(PROJECT / "source" / name, self.folder / "source")
        (self.folder / ".package").mkdir()
        (self.folder / ".package" / "mlscanner_start.py").write_text(STUB)
        self.require("pytest")
        for name in ("requirements-test.txt", "requirements-dask.txt"):
            (self.folder / name).write_text("pytest\n")
        self.python = self.script("fake python", FAKE.format(bash=BASH, python=sys.executable))
        self.log = base / "pip.log"
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(base), "PYTHON": str(self.python),
                    "FAKE_LOG": str(self.log)}

    def require(self, text):
        (self.folder / "requirements.txt").write_text(text + "\n")

    def script(self, name, text):
        path = self.base / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def run(self, *words, cwd=None, path=None, **env):
        return subprocess.run([BASH, path or self.folder / "run.sh", *words], cwd=cwd or self.base,
                              env=self.env | env, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)

    def start(self, *words, **env):
        return subprocess.Popen([BASH, self.folder / "run.sh", *words], cwd=self.base,
                                env=self.env | env, text=True, start_new_session=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @property
    def installs(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def copy(tmp_path):
    """A `Copy` of its own."""
    return Copy(tmp_path)


def one_line(done, *parts):
    """The run ended with code 2 and the last line of the messages has the parts."""
    assert done.returncode == 2
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("run.sh: ")
    for part in parts:
        assert part in last


# ---- what needs no environment

@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_is_quick_and_makes_nothing(copy, word):
    """Help in under half a second, in 80 columns, without Python; no environment appears."""
    start = time.perf_counter()
    done = copy.run(word, PYTHON="/nowhere")
    assert time.perf_counter() - start < 0.5 * crowded()
    assert done.returncode == 0
    assert "./run.sh MODEL" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert not (copy.folder / ".venv").exists()


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--quick", "--help"]])
def test_help_of_test_installs_nothing(copy, words):
    """It says what may follow `test`, with examples; no Python is started."""
    done = copy.run("test", *words, PYTHON="/nowhere")
    assert done.returncode == 0
    assert "./run.sh test --quick" in done.stdout
    assert not (copy.folder / ".venv").exists()
    assert copy.installs == []


def test_version(copy):
    """The version is the one the run folders record."""
    done = copy.run("--version", PYTHON="/nowhere")
    assert (done.returncode, done.stdout) == (0, __version__ + "\n")
    citation = (PROJECT / "CITATION.cff").read_text()
    assert f"version: {__version__}\n" in citation
    assert f"## {__version__}" in (PROJECT / "CHANGELOG.md").read_text()


def test_models_of_help_and_docs_are_the_registry():
    """run.sh, its help and the page on running know exactly the models that exist."""
    names = [*models.MODELS, *models.ALIASES]
    text = (PROJECT / "run.sh").read_text()
    assert sorted(re.search(r'^MODELS="(.*)"$', text, re.MULTILINE)[1].split()) == sorted(names)
    shown = text.split("<<'TEXT'")[1].split("\nTEXT")[0]
    page = (PROJECT / "docs" / "Run_the_package.md").read_text(encoding="utf-8")
    for name in names:
        assert re.search(rf"\b{name}\b", shown)
        assert f"`{name}`" in page


@pytest.mark.parametrize(("words", "parts"), [
    ([], ["no model given", "--help"]),
    (["DNR"], ["'DNR' is neither a model nor a command", "DNNR", "check"]),
    (["dnnr"], ["Did you mean DNNR?"]),
    (["--new"], ["'--new' is neither"]),
])
def test_wrong_words(copy, words, parts):
    """A wrong first word is told before anything is installed."""
    done = copy.run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("run.sh: ") and all(part in done.stderr for part in parts)
    assert max(map(len, done.stderr.splitlines())) <= 80
    assert not copy.installs


# ---- the environment

def test_first_use_then_quick(copy):
    """The first use installs and says so; the second starts at once and says nothing."""
    done = copy.run("DNNR", "--input", "my file.py", cwd=copy.base)
    assert done.returncode == 0
    assert done.stdout == f"ARGS ['DNNR', '--input', 'my file.py'] CWD {copy.base}\n"
    assert "Making a Python environment" in done.stderr
    assert "Installing the packages of requirements.txt (" in done.stderr
    assert len(copy.installs) == 1
    assert copy.installs[0].endswith(f"-r {copy.folder}/requirements.txt")
    done = copy.run("check")
    assert (done.stdout, done.stderr) == (f"ARGS ['check'] CWD {copy.base}\n", "")
    assert len(copy.installs) == 1
    assert not (copy.folder / ".venv.lock").exists()


def test_changed_requirements_are_installed(copy):
    """Another requirements.txt brings the environment up to date without making it anew."""
    copy.run("check")
    copy.require("pytest>=1")
    done = copy.run("check")
    assert "Making" not in done.stderr
    assert len(copy.installs) == 2


@pytest.mark.slow
def test_tests_have_requirements_of_their_own(copy):
    """`test` installs requirements-test.txt too, runs pytest in the project and passes words on."""
    (copy.folder / "test_it.py").write_text("def test_a():\n    pass\n")
    copy.run("check")
    done = copy.run("test", "--version", cwd="/")
    assert done.returncode == 0
    assert "pytest" in done.stdout + done.stderr
    assert "requirements-test.txt" in copy.installs[1]
    assert "1 passed" in copy.run("test", "-q", "-n", "0", "-p", "no:cacheprovider").stdout


@pytest.mark.slow
def test_real_environment(copy):
    """With the real venv and pip, and nothing to install, the stub runs in .venv; without a
    network what lacks is told; and `import mlscanner` works with .venv/bin/python, from anywhere,
    also when the folder has moved."""
    copy.require("# nothing")
    (copy.folder / ".package" / "mlscanner_start.py").write_text("import sys; print(sys.prefix)")
    (copy.folder / ".package" / "mlscanner").mkdir()
    (copy.folder / ".package" / "mlscanner" / "__init__.py").write_text("here = __file__\n")
    done = copy.run("GBR", PYTHON=sys.executable, PIP_NO_INDEX="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{copy.folder}/.venv\n"
    copy.require("no-such-thing")
    done = copy.run("RFC", PYTHON=sys.executable, PIP_INDEX_URL="http://127.0.0.1:9/simple",
                    PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="1")
    one_line(done, "could not reach the package index")
    moved = copy.folder.rename(copy.base / "moved")
    done = subprocess.run([moved / ".venv/bin/python", "-c",
                           "import mlscanner as m; print(m.here)"], cwd="/", text=True,
                          capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"})
    assert done.stdout == f"{moved}/.package/mlscanner/__init__.py\n"


def test_active_environment_is_used(copy):
    """An active environment with the packages is used as it is."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        done = copy.run("RFC", **{name: active(copy)})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("ARGS ['RFC']")
    assert not (copy.folder / ".venv").exists()


def test_a_model_of_an_installed_package_is_one(copy):
    """Its name goes on to the scanner; a script of that package, or another word, does not."""
    base = Path(active(copy))
    package = base / "lib/python3.12/site-packages/other-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "entry_points.txt").write_text(
        "[console_scripts]\nKTOOL = other:main\n\n[mlscanner.models]\nKNN=other.models:Neighbours\n"
        "[mlscanner.priors]\nKPRIOR = other:prior\n")
    done = copy.run("KNN", VIRTUAL_ENV=str(base))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ARGS ['KNN']")
    for word in "KTOOL", "KPRIOR", "K", "K.N":
        done = copy.run(word, VIRTUAL_ENV=str(base))
        assert (done.returncode, done.stdout) == (2, "")
        assert "is neither a model nor a command" in done.stderr


def active(copy):
    """Prefix of an environment that has pytest."""
    if not (copy.base / "active" / "bin").exists():
        (copy.base / "active" / "bin").mkdir(parents=True)
        copy.script("active/bin/python", f'#!{BASH}\nexec "{sys.executable}" "$@"\n')
    return str(copy.base / "active")


@pytest.mark.parametrize(("text", "word"), [("pytest\nno-such-thing", "lacks no-such-thing;"),
                                            ("pytest>=99999", "lacks pytest>=99999;")])
def test_active_environment_that_lacks_something(copy, text, word):
    """What an active environment lacks is named, and our own is used."""
    copy.require(text)
    done = copy.run("RFC", VIRTUAL_ENV=active(copy))
    assert word in done.stderr
    assert len(copy.installs) == 1
    assert done.returncode == 0


def test_users_own_venv_is_not_touched(copy):
    """A .venv that run.sh did not make stays as it is."""
    (copy.folder / ".venv").mkdir()
    (copy.folder / ".venv" / "precious").write_text("mine")
    one_line(copy.run("RFC"), "not an environment that run.sh made", "move it to another place")
    assert [p.name for p in (copy.folder / ".venv").iterdir()] == ["precious"]


@pytest.mark.slow
@pytest.mark.parametrize("left", ["nothing", "no python", "python without stamp", "dead lock"])
def test_half_made_environment_is_redone(copy, left):
    """Whatever an interrupted first use left behind, the next one works."""
    venv = copy.folder / ".venv"
    if left != "dead lock":
        venv.mkdir()
        (venv / ".made_by_run_sh").touch()
    if left == "python without stamp":
        (venv / "bin").mkdir()
        shutil.copy(copy.python, venv / "bin" / "python")
    if left == "no python":
        (venv / "bin").mkdir()
        (venv / "bin" / "python").symlink_to("/nowhere/python")
    if left == "dead lock":
        (copy.folder / ".venv.lock").mkdir()
        (copy.folder / ".venv.lock" / "pid").write_text("4194304999")
    done = copy.run("RFC")
    assert done.returncode == 0, done.stderr
    assert len(copy.installs) == 1
    assert not (copy.folder / ".venv.lock").exists()


@pytest.mark.slow
def test_two_at_once_install_once(copy):
    """Two first uses at the same time: one installs, the other waits for it."""
    both = [copy.start("RFC", FAKE_SLEEP="2") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert len(copy.installs) == 1
    assert "Waiting for another run.sh" in "".join(outputs)


@pytest.mark.slow
def test_interrupted_install(copy):
    """Ctrl-C while installing: exit code 130, no lock left, and the next use installs again."""
    process = copy.start("RFC", FAKE_SLEEP="30")
    wait_for(lambda: copy.installs)
    os.killpg(process.pid, signal.SIGINT)
    text, _ = process.communicate(timeout=20)
    assert process.returncode == 130, text
    assert "Run it again to continue" in text
    assert not (copy.folder / ".venv.lock").exists()
    assert copy.run("RFC").returncode == 0
    assert len(copy.installs) == 2


# ---- what can be missing

@pytest.mark.parametrize(("says", "parts"), [
    ("WARNING: Retrying after NewConnectionError(...)", ["could not reach the package index",
                                                         "https_proxy"]),
    ("ERROR: Could not install: [Errno 28] No space left on device", ["the disk is full"]),
    ("ERROR: No matching distribution found for x", ["No matching distribution found for x",
                                                     "PYTHON="]),
    ("ERROR: something new", ["ERROR: something new", "install.log"]),
])
def test_failed_install(copy, says, parts):
    """A failed download is one line with a remedy, and is tried again the next time."""
    one_line(copy.run("RFC", FAKE_SAYS=says, FAKE_RC="1"), *parts)
    assert copy.run("RFC").returncode == 0


def without_python(copy, **scripts):
    """PATH with the tools of the system, and for Python the given scripts only."""
    folder = copy.base / "tools"
    folder.mkdir()
    for tool in ("dirname", "readlink", "cat", "cksum", "mkdir", "rmdir", "rm", "sleep", "tail",
                 "sed", "tr"):
        (folder / tool).symlink_to(shutil.which(tool))
    for name, text in scripts.items():
        copy.script(f"tools/{name}", f"#!{BASH}\n{text}\n")
    return {"PATH": str(folder), "PYTHON": ""}


def test_no_python(copy):
    """A machine without Python."""
    one_line(copy.run("RFC", **without_python(copy)), "no Python 3.10 to 3.13 here.", "PYTHON=")


def test_unsupported_python(copy):
    """A Python that is too old is named with its version."""
    old = 'case "$2" in "") ;; *platform*) echo 3.9.2 ;; *) exit 1 ;; esac'
    done = copy.run("RFC", **without_python(copy, python3=old))
    one_line(done, "(python3 is 3.9.2;)", "Install one")


def test_missing_venv_module(copy):
    """Debian without python3-venv: the package to install is named."""
    bare = 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.11 ;; esac'
    done = copy.run("RFC", **without_python(copy, python3=bare))
    one_line(done, "Python 3.11 has no venv module", "sudo apt install python3.11-venv")


def test_wrong_python_variable(copy):
    """PYTHON that does not run."""
    one_line(copy.run("RFC", PYTHON="/nowhere/python"), "PYTHON=/nowhere/python does not run")


def test_folder_that_can_not_be_written(copy):
    """A read-only folder: where to go instead."""
    tools = without_python(copy)["PATH"]
    copy.script("tools/mkdir2", f"#!{BASH}\nexit 1\n").replace(f"{tools}/mkdir")
    one_line(copy.run("RFC", PATH=tools), "cannot write to", "activate an environment")


# ---- paths and signals

def test_called_through_a_link(copy):
    """A link to run.sh, relative and from elsewhere, finds the project."""
    (copy.base / "bin").mkdir()
    (copy.base / "bin" / "scan").symlink_to(f"../{copy.folder.name}/run.sh")
    (copy.base / "again").symlink_to("bin/scan")
    done = copy.run("RFC", path=copy.base / "again", cwd="/")
    assert done.stdout == "ARGS ['RFC'] CWD /\n", done.stderr


@pytest.mark.parametrize("words", [["--input", "a b", ""], ["*", "$HOME", "`id`", "; echo x"]])
def test_words_reach_python_unchanged(copy, words):
    """Blanks, stars, dollars, quotes and empty words are not touched."""
    assert copy.run("RFC", *words).stdout.startswith(f"ARGS {['RFC', *words]!r} CWD")


@pytest.mark.slow
def test_signals_reach_python(copy):
    """Ctrl-C and its exit code are Python's own: run.sh is gone by then."""
    copy.run("RFC")
    process = copy.start("RFC", "sleep")
    assert process.stdout.readline().startswith("ARGS")
    assert process.stdout.readline() == "asleep\n"
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20)[0] == "interrupted\n"
    assert process.returncode == 130


def wait_for(condition, seconds=20):
    """Wait until `condition()` is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# ---- the text itself

@pytest.mark.parametrize("file", ["run.sh", ".ci/run"])
def test_shellcheck(project, file):
    """shellcheck has nothing to say."""
    tool = shutil.which("shellcheck")
    if tool is None:
        pytest.skip("shellcheck is not installed; .ci/run runs it")
    done = subprocess.run([tool, project / file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", ["run.sh", ".ci/run"])
def test_strict_and_harmless(project, file):
    """Strict mode; nothing of the user's is removed or opened to all; executable."""
    path = project / file
    text = path.read_text()
    assert "set -euo pipefail" in text
    assert "777" not in text
    assert os.access(path, os.X_OK)
    if file == "run.sh":
        assert "rm -r" not in text


def test_old_bash(project):
    """Nothing that the bash 3.2 of macOS does not know."""
    text = (project / "run.sh").read_text()
    for word in ("mapfile", "readarray", "declare -A", "readlink -f", "realpath", "|&", "&>>",
                 ",,}", "^^}", "local -n", "sed -i", "sed -r", "grep -P", "${!"):
        assert word not in text, word
