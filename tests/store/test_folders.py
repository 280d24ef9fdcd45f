"""Run folders have numbers, and none is used twice."""

import pytest

from mlscanner.errors import StorageError
from mlscanner.store.folders import find_run, new_run_folder, run_folders


def test_each_new_run_gets_its_own_folder(tmp_path):
    """RFR, RFR_2, RFR_3 ... in order of number; names that only look alike do not count."""
    for name in ("RFR_extra", "RFR_2x", "RFRX", "DNNR"):
        (tmp_path / name).mkdir()
    (tmp_path / "RFR_7").touch()
    made = [new_run_folder(tmp_path, "RFR").name for _ in range(11)]
    assert made == ["RFR", *(f"RFR_{i}" for i in range(2, 7)), *(f"RFR_{i}" for i in range(8, 13))]
    assert [f.name for f in run_folders(tmp_path, "RFR")] == made


def test_the_run_that_a_name_means(tmp_path):
    """A folder; or the newest of that name in the output that has what is asked for."""
    for name in ("RFR", "RFR_2", "RFR_3", "mine"):
        (tmp_path / name).mkdir()
        if name != "RFR_3":
            (tmp_path / name / "model").mkdir()

    def found(name):
        return find_run(name, tmp_path, lambda folder: (folder / "model").is_dir())

    assert found("RFR") == tmp_path / "RFR_2"
    assert found("RFR_2") == tmp_path / "RFR_2"
    assert found("mine") == tmp_path / "mine"
    assert found(str(tmp_path / "RFR")) == tmp_path / "RFR"
    assert found("RFR_3") is found("GBR") is None


def test_a_folder_that_was_removed_is_not_made_again_before_later_ones(tmp_path):
    """The newest run has the highest number, also when an old one was deleted."""
    for _ in range(3):
        new_run_folder(tmp_path, "RFR")
    (tmp_path / "RFR_2").rmdir()
    assert new_run_folder(tmp_path, "RFR").name == "RFR_4"


def test_an_output_that_is_a_file(tmp_path):
    """It is said, with another way."""
    (tmp_path / "x").touch()
    for output in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(StorageError, match="cannot be written"):
            new_run_folder(output, "RFR")
