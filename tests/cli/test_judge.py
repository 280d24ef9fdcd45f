"""`judge`: spectra that one has get the numbers of a scan, in a table to start from."""

import csv
import io
import zipfile

import numpy as np
import pytest

from mlscanner.auxiliary import make_calculator
from mlscanner.cli.main import main
from mlscanner.config.scan_config import load_config
from mlscanner.space.parameters import Box
from mlscanner.store.import_file import of_file
from standins import install, rows

INPUT = """
{settings}
Chi_square_threshold = 200.0
Observables = [observable('m_h', block='MASS', key=25, value=125.0, sigma=2.0)]
Keep_files = 'all'
"""


@pytest.fixture
def scan(tmp_path):
    """Input file, settings, and what a scan gives for two points, with their spectra in files."""
    home = {**install(tmp_path), "HiggsSignal": 1}
    file = tmp_path / "in.py"
    file.write_text(INPUT.format(settings="\n".join(f"{k} = {v!r}" for k, v in home.items())))
    config = load_config(file)
    (tmp_path / "s").mkdir()
    calculator = make_calculator(config, Box.from_config(config).names)
    folder = tmp_path / "spectra"
    folder.mkdir()
    evaluations = calculator.evaluate(np.array(rows(0, 0)), tmp_path / "s")
    for k, evaluation in enumerate(evaluations):
        archive = zipfile.ZipFile(io.BytesIO(evaluation.files))
        (folder / f"{k}.slha").write_bytes(archive.read("SPheno.spc"))
    return file, config, evaluations


def test_a_file_gets_the_numbers_of_its_point(scan, tmp_path, capsys):
    """chi2, HiggsBounds, HiggsSignals, masses and parameters; and a scan can start from it."""
    file, _, evaluations = scan
    (tmp_path / "spectra" / "2.slha").write_text("Block SPINFO\n 4 tachyon\n")
    table = tmp_path / "t.csv"
    words = ["judge", str(tmp_path / "spectra"), "--input", str(file), "--to", str(table)]
    assert main(words) == 0
    assert "3 files, " in capsys.readouterr().out
    with table.open(newline="") as handle:
        read = list(csv.DictReader(handle))
    for row, evaluation, x in zip(read, evaluations, rows(0, 0), strict=False):
        assert float(row["chi2"]) == pytest.approx(evaluation.value, rel=1e-12)
        assert float(row["HBratio"]) == evaluation.observables["HBratio"]
        assert float(row["p_value"]) == evaluation.observables["p_value"]
        assert float(row["M12input"]) == pytest.approx(x[5])
    assert (read[2]["status"], read[2]["chi2"]) == ("tachyon", "nan")
    assert main(words) == 2     # the table is there: left as it is


def test_a_broken_hard_limit_is_out_of_the_target(scan, tmp_path):
    """Its chi2 is below the threshold, and it is not in the target, as in a scan."""
    file, _, evaluations = scan
    limit = "observable('limit', block='MASS', key=25, lower=500)"
    file.write_text(file.read_text().replace("sigma=2.0)]", f"sigma=2.0), {limit}]"))
    table, spectra = tmp_path / "t.csv", str(tmp_path / "spectra")
    assert main(["judge", spectra, "--input", str(file), "--to", str(table)]) == 0
    with table.open(newline="") as handle:
        read = list(csv.DictReader(handle))
    for row, evaluation in zip(read, evaluations, strict=True):
        assert float(row["chi2"]) == pytest.approx(evaluation.value) and evaluation.value < 200
        assert row["in_target"] == "0" and row["reason"].startswith("outside: limit")


def test_a_scan_starts_from_it(scan, tmp_path):
    """`--from` takes the table."""
    file, config, evaluations = scan
    table = tmp_path / "t.csv"
    main(["judge", str(tmp_path / "spectra"), "--input", str(file), "--to", str(table)])
    x, again, _ = of_file(table, Box.from_config(config), config, {})
    assert np.allclose(x[:, 5], -4e4)
    assert [e.status for e in again] == [e.status for e in evaluations]


@pytest.mark.parametrize(("word", "told"), [("no.slha", "no such file"), ("empty", "no SLHA file")])
def test_what_is_not_there(scan, tmp_path, capsys, word, told):
    """Files and folders without any: one clear error."""
    (tmp_path / "empty").mkdir()
    assert main(["judge", str(tmp_path / word), "--input", str(scan[0])]) == 2
    assert told in capsys.readouterr().err
