"""Tables of a point for HiggsBounds: which must be there, and which newer SARAH leaves out."""

import pytest

from mlscanner.calculators.chain.higgs_files import check_point, columns, write_tables
from mlscanner.calculators.programs import Failure

LEP = "LEP_HpHm_CS_ratios"


def tables(n=3, p=1, version=5, **changes):
    """All tables of a point, each number 1; `changes`: other texts, None for a file not there."""
    files = {name: "1 " + " ".join(["1.0"] * (width - 1)) + "\n"
             for name, width in columns(version, n, p).items()}
    return {name: text for name, text in (files | changes).items() if text is not None}


def test_newer_sarah_writes_no_lep_table(tmp_path):
    """Without LEP_HpHm_CS_ratios.dat the point goes on, and no such file is written for it."""
    rows = check_point(tables(**{LEP: None}), 5, 3, 1)
    assert LEP not in rows and "BR_Hplus" in rows
    write_tables(tmp_path, [rows, rows])
    assert not (tmp_path / f"{LEP}.dat").exists() and (tmp_path / "BR_Hplus.dat").exists()


def test_where_it_is_written_it_is_used_and_checked():
    """Its row is handed on; a wrong number of columns is an error as before."""
    assert check_point(tables(), 5, 3, 1)[LEP] == "1.0"
    with pytest.raises(Failure, match="columns, expected 2"):
        check_point(tables(**{LEP: "1 1.0 1.0\n"}), 5, 3, 1)


@pytest.mark.parametrize("name", ["BR_Hplus", "BR_t", "effC", "MH_GammaTot", "BR_H_NP"])
def test_any_other_table_must_be_there(name):
    """The point fails, and the reason names the file."""
    with pytest.raises(Failure, match=f"did not write {name}.dat"):
        check_point(tables(**{name: None}), 5, 3, 1)
