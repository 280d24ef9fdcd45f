"""Tables of a point for HiggsBounds: which must be there, and which newer SARAH leaves out."""

import pytest

from mlscanner.calculators.chain.higgs_files import check_point, columns, parents, write_tables
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


def row(words):
    """A file of one row."""
    return "1  " + "  ".join(words) + "\n"


def with_nan(name, version, n, p, bosons):
    """The columns of these decaying bosons of a table are NaN, all others 0.25."""
    return row("NaN" if parent in bosons else "0.25" for parent in parents(version, n, p)[name])


@pytest.mark.parametrize(("version", "n", "p"), [(5, 4, 1), (5, 6, 2), (5, 3, 1), (4, 3, 2)])
def test_a_scalar_without_a_width_has_no_ratios(version, n, p):
    """0/0 in the ratios of an inert state is 0, in both tables; all else stays as it was."""
    masses = row(["125.0"] * n + ["4.1E-03", "0.00000000E+00", *["1.0"] * (n - 2)])
    charged = row(["300.0"] * p + [*["1.0"] * (p - 1), "0.0"])
    files = tables(n, p, version, MH_GammaTot=masses, MHplus_GammaTot=charged,
                   BR_H_NP=with_nan("BR_H_NP", version, n, p, {1}),
                   BR_Hplus=with_nan("BR_Hplus", version, n, p, {p - 1}))
    rows = check_point(files, version, n, p)
    for name, boson in (("BR_H_NP", 1), ("BR_Hplus", p - 1)):
        assert rows[name].split() == ["0.0" if parent == boson else "0.25"
                                      for parent in parents(version, n, p)[name]]
        assert len(rows[name].split()) == columns(version, n, p)[name] - 1


@pytest.mark.parametrize("changes", [
    {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {0})}, {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {2})},
    {"BR_Hplus": with_nan("BR_Hplus", 5, 3, 1, {0})}, {"effC": row(["NaN"] * 57)},
    {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {1}).replace("NaN", "Infinity")},
    {"MHplus_GammaTot": row(["300.0", "NaN"]), "BR_Hplus": with_nan("BR_Hplus", 5, 3, 1, {0})}])
def test_any_other_nan_fails_the_point(changes):
    """NaN in the ratios of a boson that decays, in couplings or widths, and Infinity."""
    masses = row(["125.0", "300.0", "300.0", "4.1E-03", "0.0", "1.0"])
    with pytest.raises(Failure, match="not finite"):
        check_point(tables(**{"MH_GammaTot": masses, **changes}), 5, 3, 1)


def test_the_parents_of_a_real_row():
    """The order of the columns: h3 (351 GeV) -> h h, h4 (357 GeV) -> h Z of an N2HDM point."""
    parent = parents(5, 4, 1)["BR_H_NP"]
    assert [parent[k] for k in (16, 18, 37, 38)] == [2, 2, 3, 3]
