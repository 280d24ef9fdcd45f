"""Disks that are full or read-only, with real file systems; memory over many iterations."""

import os
import shutil
import subprocess
import sys

import pytest

from files import REMEDY
from runner import SOURCE, judged, run, write_input

# a private mount namespace: nobody else sees these file systems, and they go with the process
SCRIPT = """
set -u
mkdir -p "$1" && mount -t tmpfs -o size="$2" tmpfs "$1" || exit 99
"$3" "$4" RFR --input "$5" --output "$1"
echo "first: $?"
mount -o remount,{remount} "$1"
"$3" "$4" RFR --input "$5" --output "$1"
echo "second: $?"
cp -r "$1" "$6"
"""


def namespaces():
    """True where this process may make mount namespaces and mount in them."""
    if not shutil.which("unshare") or not sys.platform.startswith("linux"):
        return False
    return subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
                          capture_output=True, check=False).returncode == 0


@pytest.fixture
def on_a_disk(tmp_path):
    """Run a scan on a file system of its own, change it, run again; (output, kept folder)."""
    if not namespaces():
        pytest.skip("mount namespaces are not permitted here")

    def go(size, remount, before=""):
        file = write_input(tmp_path)
        script = SCRIPT.replace("{remount}", remount).replace("|| exit 99\n",
                                                              "|| exit 99\n" + before)
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", script, "bash", tmp_path / "disk", size,
             sys.executable, SOURCE, file, tmp_path / "kept"],
            capture_output=True, text=True, check=False, timeout=120,
            env={**os.environ, "TMPDIR": "/tmp"})
        return done.stdout + done.stderr, tmp_path / "kept"
    return go


def alone(tmp_path):
    """The points of the same scan on a disk with room."""
    file = write_input(tmp_path / "alone")
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "out"], tmp_path / "log")
    assert code == 0, output
    return judged(tmp_path / "out" / "RFR")


def test_a_full_disk(on_a_disk, tmp_path):
    """One clear error; after room is made the same command ends with the points of a whole run."""
    output, kept = on_a_disk("40k", "size=20m")
    assert "Traceback" not in output
    assert "the disk is full" in output
    assert "first: 2" in output
    assert "second: 0" in output
    assert judged(kept / "RFR") == alone(tmp_path)


def test_a_read_only_disk(on_a_disk, tmp_path):
    """The folder of the results can not be written: said in one line, nothing is begun."""
    output, kept = on_a_disk("20m", "rw", before='mount -o remount,ro "$1"\n')
    assert "Traceback" not in output
    assert next(words for number, words in REMEDY.items() if "read-only" in words) in output
    assert "first: 2" in output
    assert "second: 0" in output
    assert judged(kept / "RFR") == alone(tmp_path)


MEMORY = """
import sys
from pathlib import Path
from auxiliary import Pool, make_calculator
from MLs_HEP import scan
from models import make_model
from scan_config import load_config

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

config = load_config(sys.argv[1])
with Pool(make_calculator(config, ("x1", "x2")), 0) as pool:
    task = scan(make_model(sys.argv[2], config, 2), config, sys.argv[3], pool, show=False)
    sizes = [resident() for _ in task]
print(len(sizes), sizes[20], sizes[-1])
sys.exit(sizes[-1] - sizes[20] > 60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("model", ["RFR", "DNNR"])
def test_memory_stays_flat_over_200_iterations(tmp_path, model):
    """From the 20th to the 200th iteration a scan grows by less than 60 MB, points included."""
    file = write_input(tmp_path, more="\nN_iteration = 200\nSize_batch_K = 5\n"
                       "Size_batch_search = 5\nTraining_points = 100\nDNN_epochs_more = 2\n")
    done = subprocess.run([sys.executable, "-c", MEMORY, file, model, tmp_path],
                          env={**os.environ, "PYTHONPATH": str(SOURCE)}, capture_output=True,
                          text=True, check=False, timeout=300)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_any_path_is_data(tmp_path):
    """Quotes, semicolons, $() and newlines in the names of folders and files mean nothing."""
    place = tmp_path / "a 'b' \"c\"; $(touch hacked) `d`\n* é"
    file = write_input(place, name="my; input'$(e).py")
    done = subprocess.run([sys.executable, SOURCE, "RFR", "--input", file, "--output", place / "o"],
                          capture_output=True, text=True, check=False, timeout=120, cwd=place)
    assert done.returncode == 0, done.stderr
    assert len(judged(place / "o" / "RFR")) == 60 + 3 * 40
    assert not list(tmp_path.rglob("hacked*"))
