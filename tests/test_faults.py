"""Disks that are full or read-only, damaged files, broken input, nobody listening; memory."""

import os
import random
import shutil
import subprocess
import sys

import pytest

from mlscanner.cli.main import main
from mlscanner.files import REMEDY
from runner import PACKAGE, RUN, evaluated, run, write_input

# a private mount namespace: nobody else sees these file systems, and they go with the process
SCRIPT = """
set -u
mkdir -p "$1" && mount -t tmpfs -o size=40k tmpfs "$1" || exit 99
for how in "${@:6}"; do
  mount -o "remount,$how" "$1"
  "$2" "$3" RFR --input "$4" --output "$1"
  echo "$how: $?"
done
cp -r "$1" "$5"
"""


def namespaces():
    """True where this process may make mount namespaces and mount in them."""
    if not shutil.which("unshare") or not sys.platform.startswith("linux"):
        return False
    return subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
                          capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The points of the same scan on a disk with room."""
    folder = tmp_path_factory.mktemp("alone")
    file = write_input(folder)
    code, output = run(["RFR", "--input", file, "--output", folder / "out"], folder / "log")
    assert code == 0, output
    return evaluated(folder / "out" / "RFR")


@pytest.mark.slow
def test_a_read_only_disk_that_is_full_then(tmp_path, alone):
    """One clear error for each, and nothing is begun where nothing can be written; after room is
    made the same command ends with the points of a whole run."""
    if not namespaces():
        pytest.skip("mount namespaces are not permitted here")
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", SCRIPT, "bash", tmp_path / "disk", sys.executable, RUN,
         write_input(tmp_path), tmp_path / "kept", "ro", "rw", "size=20m"],
        capture_output=True, text=True, check=False, timeout=180, env={**os.environ,
                                                                       "TMPDIR": "/tmp"})
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    assert next(words for number, words in REMEDY.items() if "read-only" in words) in told
    assert told.count("the disk is full") == 1
    for end in ("ro: 2\n", "rw: 2\n", "size=20m: 0\n"):
        assert end in done.stdout, told
    assert "Continuing" not in done.stdout.partition("rw: 2\n")[0]
    assert evaluated(tmp_path / "kept" / "RFR") == alone


MEMORY = """
import sys
from pathlib import Path
from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.config.scan_config import load_config

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

config = load_config(sys.argv[1])
with Pool(make_calculator(config, ("x1", "x2")), 0) as pool:
    task = scan(make_model(sys.argv[2], config, 2), config, sys.argv[3], pool, show=False)
    sizes = [resident() for _ in task]
print(len(sizes), sizes[12], sizes[-1])
sys.exit(sizes[-1] - sizes[12] > 6)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("model", ["RFR", "DNNR"])
def test_memory_stays_flat_over_30_iterations(tmp_path, model):
    """From the 12th to the 30th iteration a scan grows by less than 6 MB, points included."""
    file = write_input(tmp_path, more="\nN_iteration = 30\nSize_batch_K = 5\n"
                       "Size_batch_search = 5\nTraining_points = 100\nDNN_epochs_more = 2\n")
    done = subprocess.run([sys.executable, "-c", MEMORY, file, model, tmp_path],
                          env={**os.environ, "PYTHONPATH": str(PACKAGE)}, capture_output=True,
                          text=True, check=False, timeout=300)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_any_path_is_data(tmp_path):
    """Quotes, semicolons, $() and newlines in the names of folders and files mean nothing."""
    place = tmp_path / "a 'b' \"c\"; $(touch hacked) `d`\n* é"
    file = write_input(place, more="N_iteration = 1\n", name="my; input'$(e).py")
    code, output = run(["RFR", "--input", file, "--output", place / "o"], tmp_path / "log", place)
    assert code == 0, output
    assert len(evaluated(place / "o" / "RFR")) == 60 + 40
    assert not list(tmp_path.rglob("hacked*"))


# ---- these run everywhere --------------------------------------------------------------------
def scanner(*words, **how):
    """The command line as a process of its own."""
    return subprocess.run([sys.executable, RUN, *map(str, words)], capture_output="stdout" not in
                          how, text=True, check=False, timeout=120, **how)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [500, 3000, 8000, 12000])
def test_a_limit_on_the_size_of_files(tmp_path, alone, limit):
    """As on a full disk: one line and exit code 2; with room, the points of a whole run."""
    file = write_input(tmp_path)
    words = ("RFR", "--input", file, "--output", tmp_path / "here")
    code, output = run(words, tmp_path / "log", largest=limit)
    assert code == 2, output
    assert output.count("cannot be written: it may not become larger") == 1
    assert "may not become larger" in output.splitlines()[-1] and "Traceback" not in output
    code, output = run(words, tmp_path / "log2")
    assert code == 0, output
    assert evaluated(tmp_path / "here" / "RFR") == alone


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A run that a limit has stopped in a later batch; its input and folder."""
    folder = tmp_path_factory.mktemp("unfinished")
    file = write_input(folder)
    run(["RFR", "--input", file, "--output", folder / "out"], folder / "log", largest=12000)
    assert (folder / "out" / "RFR" / "state.npz").exists()
    return file, folder / "out" / "RFR"


DAMAGE = {
    "empty": lambda data: b"", "half": lambda data: data[:len(data) // 2],
    "zeros": lambda data: b"\0" * len(data), "noise": lambda data: random.Random(1).randbytes(3000),
    "text": lambda data: b"once upon a time\n" * 9,
    "middle": lambda data: data[:200] + b"\xff\x00 ," + data[204:]}


@pytest.mark.slow
@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", ["state.npz", "points.csv", "scan_input_used.json"])
def test_damaged_files_of_a_run(unfinished, tmp_path, name, how):
    """One clear line that names the file and a way out, exit code 2; no new folder is begun."""
    file, folder = unfinished
    shutil.copytree(folder, tmp_path / "out" / "RFR")
    path = tmp_path / "out" / "RFR" / name
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "out"], tmp_path / "log")
    assert code == 2, output
    assert "Traceback" not in output
    assert name in output.splitlines()[-1]
    assert "--new" in output.splitlines()[-1]
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["RFR"]


@pytest.mark.slow
def test_nobody_listens(tmp_path):
    """A scan goes on when what it prints cannot be written: a closed pipe, a full disk."""
    file = write_input(tmp_path, more="N_iteration = 1\n")
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = scanner("RFR", "--input", file, "--output", tmp_path / "a", stdout=full,
                       stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    reader, writer = os.pipe()
    os.close(reader)
    done = scanner("RFR", "--input", file, "--output", tmp_path / "b", stdout=writer,
                   stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert evaluated(tmp_path / "a" / "RFR") == evaluated(tmp_path / "b" / "RFR")


SIGNS = "0123456789'\"[]()=,.#-+\n\t \0\xe9"


def mutated(text, rng):
    """The text with one to four accidents of typing."""
    for _ in range(rng.randint(1, 4)):
        at, to = sorted(rng.randrange(len(text)) for _ in range(2))
        to = min(to, at + 40)
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:at] + text[to:]
        elif kind == 1:
            text = text[:at] + "".join(rng.choices(SIGNS, k=3)) + text[at:]
        elif kind == 2:
            text = text[:to] + text[at:]
        elif kind == 3:
            lines = text.splitlines(keepends=True)
            rng.shuffle(lines)
            text = "".join(lines)
        else:
            text = text[:max(1, to)]
    return text


@pytest.mark.slow
def test_a_hundred_broken_input_files(tmp_path, monkeypatch, capsys, old_style, project):
    """Accidents of typing in both forms of the file: messages and exit code 2, or all is well."""
    monkeypatch.setattr("mlscanner.cli.check.check", lambda config, points: True)
    shipped = (project / "scan_input.py").read_text()
    rng, refused = random.Random(2207), 0
    for number in range(100):
        path = tmp_path / "scan_input.py"
        path.write_text(mutated(old_style if number % 2 else shipped, rng), encoding="utf-8")
        code = main(["check", "--input", str(path)])
        words = capsys.readouterr().err
        assert code == (2 if words else 0), words
        assert "Traceback" not in words
        refused += code == 2
    print(f"{refused} of 100 were refused")
    assert refused > 50
