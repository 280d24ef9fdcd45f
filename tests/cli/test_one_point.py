"""point: what is known of a point, two compared, and one evaluated again with all its files."""

import shutil

import pytest

import standins
from runner import rows, run, write_input

STEP = """#!/bin/sh
echo "the log of it" >&2
awk 'BEGIN { print "Block MASS"; print " 25 125.0" }' > out.slha
cat in.txt > copy.txt
"""


def told(words, folder, name="told"):
    """Exit code and output of a command."""
    code, output = run(words, folder / name)
    return code, output.partition("-- started\n")[2]


@pytest.fixture(scope="module")
def spectra(tmp_path_factory):
    """A run of a program that writes a spectrum."""
    folder = tmp_path_factory.mktemp("spectra")
    (folder / "step.sh").write_text(STEP)
    (folder / "step.sh").chmod(0o755)
    (folder / "in.txt").write_text("{a} {b}\n")
    file = write_input(folder, "Programs", more="VarLabel = ['a', 'b']\nVarMin = [0, 0]\n"
                       "VarMax = [1, 1]\nChi_square_threshold = 4\nN_iteration = 0\n"
                       "Size_initial_batch = 8\n"
                       "Programs = [UserProgram('first', command='./step.sh', input='in.txt', "
                       "output='out.slha', spectrum=True)]\n"
                       "Observables = [observable('mh', block='MASS', key=25, value=125.2, "
                       "sigma=0.1), observable('s', expression='a + b', value=1, sigma=0.5)]\n")
    code, output = run(["RFR", "--input", file, "--output", folder / "old"], folder / "log")
    assert code == 0, output
    return folder


@pytest.fixture
def old(tmp_path, spectra):
    """A copy of it."""
    shutil.copytree(spectra, tmp_path, dirs_exist_ok=True)
    return tmp_path / "old" / "RFR"


@pytest.mark.slow
def test_what_each_observable_adds(tmp_path, old):
    """Parameters, observables and parts of chi2 as stored; the best one where none is named."""
    table = rows(old)
    best = min(table, key=lambda row: float(row["chi2"]))
    code, output = told(["point", old, "--best"], tmp_path)
    assert code == 0, output
    lines = {line.split()[0]: line.split()[1] for line in output.splitlines()
             if line.startswith("  ") and len(line.split()) > 1}
    assert f"Point {best['id']} of" in output
    added = output[output.index("What adds"):output.index("Observables:")]
    assert float(lines["a"]) == pytest.approx(float(best["a"]), rel=1e-6)
    assert "value = 125.2" in added and f"{float(best['chi2_s']):.8g}" in added
    assert "(all else)" in added
    code, output = told(["point", old, "99"], tmp_path, "told2")
    assert code == 2 and "ids go from 0 to 7" in output


@pytest.mark.slow
def test_two_points_side_by_side(tmp_path, old):
    """Each number of both, and the difference."""
    a, b = rows(old)[2:4]
    code, output = told(["point", old, "2", "3"], tmp_path)
    assert code == 0, output
    line = next(line.split() for line in output.splitlines() if line.startswith("  chi2 "))
    numbers = [float(a["chi2"]), float(b["chi2"]), float(b["chi2"]) - float(a["chi2"])]
    assert [float(w) for w in line[1:]] == pytest.approx(numbers, rel=1e-6, abs=1e-7)


@pytest.mark.slow
def test_programs_again_leave_their_folder(tmp_path, old):
    """Input, output and what the program said are there; what is there already is left alone."""
    words = ["point", old, "3", "--run", tmp_path / "again", "--slha", tmp_path / "s.slha"]
    before = (old / "points.csv").read_bytes()
    code, output = told(words, tmp_path)
    assert code == 2 and "--trust" in output and not (tmp_path / "again").exists()
    code, output = told([*words, "--trust"], tmp_path, "told2")
    assert code == 0 and "as stored" in output, output
    folder, = (tmp_path / "again").glob("first-*")
    assert "the log of it" in (folder / "step.sh.log").read_text()
    assert (folder / "copy.txt").read_text().split() == pytest.approx(
        [rows(old)[3]["a"], rows(old)[3]["b"]])
    assert (tmp_path / "s.slha").read_text() == (folder / "out.slha").read_text()
    assert [p.name for p in (tmp_path / "again").iterdir()] == [folder.name]
    code, output = told([*words, "--trust"], tmp_path, "told3")
    assert code == 2 and "exists already" in output
    assert (old / "points.csv").read_bytes() == before


@pytest.mark.slow
def test_the_chain_again_leaves_spectrum_tables_and_logs(tmp_path):
    """SPheno, HiggsBounds and HiggsSignals (stand-ins): a folder each, and the spectrum."""
    settings = standins.install(tmp_path)
    settings |= {"VarMin": (0.1, 0.129, 1.09, -0.51, -0.21, -4.1e4, 9.0, 0.0),
                 "VarMax": (0.11, 0.131, 1.11, -0.49, -0.19, -3.9e4, 11.0, 0.1),
                 "N_iteration": 0, "Size_initial_batch": 4, "Chi_square_threshold": 1000.0}
    text = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    file = write_input(tmp_path, "SPheno", more=text)
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "old"], tmp_path / "log")
    assert code == 0, output
    words = ["point", tmp_path / "old" / "RFR", "--best", "--input", file,
             "--run", tmp_path / "again", "--slha", tmp_path / "s.slha"]
    code, output = told(words, tmp_path)
    assert code == 0 and "as stored" in output, output
    names = {p.name.partition("-")[0] for p in (tmp_path / "again").iterdir()}
    assert names == {"SPheno", "HiggsBounds", "HiggsSignals"}
    spheno, = (tmp_path / "again").glob("SPheno-*")
    assert (spheno / "SPheno.spc").read_text() == (tmp_path / "s.slha").read_text()
    assert (spheno / "LesHouches.in").exists() and list(spheno.glob("*.log"))


@pytest.mark.slow
def test_a_point_of_the_built_in_model_with_all_its_tests(tmp_path):
    """The table of `point THDM` for the stored parameters, and its spectrum."""
    file = write_input(tmp_path, "THDM", more="N_iteration = 0\nSize_initial_batch = 30\n"
                       "VarLabel = ['mH', 'mA', 'TanBeta']\nVarMin = [200, 200, 1]\n"
                       "VarMax = [600, 600, 20]\nTHDM_basis = 'physical'\n"
                       "THDM_fixed = ['mh = 125.1', 'mHp = 500', 'cos_ba = 0', 'm12sq = 10000']\n"
                       "Chi_square_threshold = 1000\n")
    code, output = run(["RFR", "--input", file, "--output", tmp_path / "old"], tmp_path / "log")
    assert code == 0, output
    code, output = told(["point", tmp_path / "old" / "RFR", "5", "--slha", tmp_path / "s.slha"],
                        tmp_path)
    assert code == 0 and "Evaluated again: " in output and "as stored" in output, output
    assert "BLOCK" in (tmp_path / "s.slha").read_text().upper()
