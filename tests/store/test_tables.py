"""Tables of points of other programs: each kind is read from a small file as documented."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlscanner.errors import InputError
from mlscanner.store.tables import column_map, gambit_name, read_columns

ROWS = np.array([[1.0, 20.5, 3.25], [2.0, -1e-7, 4.5]])


def read(path, text):
    """Columns of a file with this text, as lists, and its kind."""
    path.write_text(text)
    columns, kind = read_columns(path)
    return {name: column.tolist() for name, column in columns.items()}, kind


@pytest.mark.parametrize(("name", "text"), [
    ("a.csv", "x,y,chi2\n1.0,20.5,3.25\n2.0,-1e-7,4.5\n"),
    ("a.csv", '"x" , y , chi2\n1.0 , 20.5 , 3.25\n\n2.0,-1e-7,4.5\n'),
    ("a.csv", "\ufeffx,y,chi2\r\n1.0,20.5,3.25\r\n2.0,-1e-7,4.5\r\n"),
    ("a.txt", "x y chi2\n1.0  20.5 3.25\n 2.0 -1e-7\t4.5\n"),
    ("a.dat", "# x y chi2\n1.0 20.5 3.25\n2.0 -1e-7 4.5\n# end\n"),
    ("a.dat", "# made by hand\n#x y chi2\n1.0 20.5 3.25\n2.0 -1e-7 4.5\n"),
    ("a.txt", "# x,y,chi2\n1.0,20.5,3.25\n2.0,-1e-7,4.5\n")])
def test_text_tables(tmp_path, name, text):
    """Commas or blanks, a header that may be a comment, Windows line ends, a byte-order mark."""
    columns, _ = read(tmp_path / name, text)
    assert columns == {"x": [1, 2], "y": [20.5, -1e-7], "chi2": [3.25, 4.5]}


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), min_size=1,
                max_size=5))
def test_no_digit_is_lost(tmp_path_factory, rows):
    """Numbers written with all digits come back the same."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    columns, _ = read(path, "a,b,c\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows))
    assert list(zip(*columns.values(), strict=True)) == rows


def test_empty_cells_are_not_zero(tmp_path):
    """A missing number is NaN; words of status and reason stay words."""
    columns, _ = read(tmp_path / "a.csv", "x,chi2,status,reason\n1,,no_spectrum,\n2,3,ok,\n")
    assert np.isnan(columns["chi2"][0]) and columns["chi2"][1] == 3
    assert columns["status"] == ["no_spectrum", "ok"]


@pytest.mark.parametrize("name", ["LogLike", "lnL", "log_probability"])
def test_a_log_likelihood_becomes_chi2(tmp_path, name):
    """chi2 = -2 ln L where there is no column chi2."""
    columns, _ = read(tmp_path / "a.csv", f"x,{name}\n1,-2.5\n")
    assert columns["chi2"] == [5.0]


def test_easyscan_folder(tmp_path):
    """EasyScan_HEP: ScanResult.txt in the folder of results, with a column Chi2."""
    (tmp_path / "ScanResult.txt").write_text("ID,m0,m12,Chi2\n1,100.0,250.0,12.5\n2,200,300,8\n")
    columns, kind = read_columns(tmp_path)
    assert kind == "EasyScan_HEP"
    assert columns["chi2"].tolist() == [12.5, 8] and columns["m0"].tolist() == [100, 200]
    (tmp_path / "All_ScanResult.txt").write_text("ID,m0,Chi2\n1,100.0,12.5\n2,200,8\n3,300,99\n")
    columns, kind = read_columns(tmp_path)
    assert kind == "EasyScan_HEP" and columns["chi2"].tolist() == [12.5, 8, 99]


@pytest.mark.parametrize(("name", "text", "chi2"), [
    # of its walks: parameters, observables, the negative log likelihood; numbers as NumPy writes
    ("Results/Results.csv", "m0,m12,mh1,NLL\n1.0e+02,2.5e+02,1.25e+02,6.25e+00\n", [12.5]),
    # of CMA-ES: rows are numbered by a column without a name
    ("Results/Results.csv", ",m0,m12,mh1,total_loss,good_point\n0,100.0,250.0,125.1,0.0,1\n", None),
    ("Results.csv", "m0,m12,chi2\n100.0,250.0,12.5\n", [12.5]),
    # of any scan that writes CSV; merged from several processes; named by 'csv name'
    *((f"Spectrum_Files/{file}", "ID,m0,m12,mh1,Result\n1,100,250,125.1,1.0\n", None)
      for file in ("SLHA_output.csv", "SLHA_Output.csv", "mine.csv", "mine", "MPI_0/mine.csv"))])
def test_bsmart_folder(tmp_path, name, text, chi2):
    """BSMArt 2.0.2: the tables that its scans leave in the folder of a run."""
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / name).write_text(text)
    (tmp_path / name).with_name("invalid_mine.csv").write_text("ID,m0,m12\n2,1,1\n")
    (tmp_path / name).with_name("SLHA_output_1").write_text("Block MINPAR\n 1 1.0\n")
    columns, kind = read_columns(tmp_path)
    assert kind == "BSMArt" and columns["m12"].tolist() == [250]
    assert "chi2" not in columns if chi2 is None else columns["chi2"].tolist() == chi2


def test_several_tables_of_bsmart_are_named(tmp_path):
    """Two tables of one folder, as processes leave that were not merged: which, is the user's."""
    for place in ("MPI_0", "MPI_1"):
        (tmp_path / "Spectrum_Files" / place).mkdir(parents=True)
        (tmp_path / "Spectrum_Files" / place / "a.csv").write_text("ID,m0\n1,100\n")
    with pytest.raises(InputError, match=r"Spectrum_Files/MPI_0/a.csv, Spectrum_Files/MPI_1/a.csv"):
        read_columns(tmp_path)


def test_multinest(tmp_path):
    """ROOT.txt: weight, -2 ln L, parameters; post_equal_weights: parameters, ln L."""
    (tmp_path / "chain-.paramnames").write_text("m0  m_0\nm12 m_{1/2}\n")
    (tmp_path / "chain-.txt").write_text(" 0.25E+00 0.10E+02 0.5E+03 0.7E+03\n")
    (tmp_path / "chain-post_equal_weights.dat").write_text(" 0.5E+03 0.7E+03 -0.5E+01\n")
    for name in ("chain-.txt", "chain-post_equal_weights.dat"):
        columns, kind = read_columns(tmp_path / name)
        assert kind == "MultiNest"
        assert (columns["chi2"].tolist(), columns["m12"].tolist()) == ([10], [700])


def test_pymultinest(tmp_path):
    """The names of PyMultiNest stand in ROOTparams.json."""
    (tmp_path / "out_params.json").write_text(json.dumps(["a", "b"]))
    (tmp_path / "out_.txt").write_text("0.5 6.0 1.0 2.0\n")
    columns, _ = read_columns(tmp_path / "out_.txt")
    assert (columns["b"].tolist(), columns["chi2"].tolist()) == ([2], [6])


def test_gambit(tmp_path):
    """A data set a quantity; what NAME_isvalid marks is NaN; names after the last '::'."""
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(tmp_path / "g.hdf5", "w") as file:
        group = file.create_group("data")
        label = "#NormalDist_parameters @NormalDist::primary_parameters::mu"
        group[label], group[f"{label}_isvalid"] = [20.0, 21.0], [1, 1]
        group["LogLike"], group["LogLike_isvalid"] = [-1.5, 0.0], [1, 0]
    columns, kind = read_columns(tmp_path / "g.hdf5")
    assert kind == "GAMBIT" and columns["mu"].tolist() == [20, 21]
    assert columns["chi2"][0] == 3 and np.isnan(columns["chi2"][1])


def test_names_of_gambit():
    """The name of the quantity, without module and capability."""
    assert gambit_name("#A_parameters @A::primary_parameters::mH") == "mH"
    assert gambit_name("LogLike") == "LogLike"


def test_parquet(tmp_path):
    """The columns of a Parquet file."""
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet
    parquet.write_table(pyarrow.table({"x": [1.0, 2.0], "chi2": [3, 4]}), tmp_path / "p.parquet")
    columns, kind = read_columns(tmp_path / "p.parquet")
    assert kind == "Parquet" and columns["chi2"].tolist() == [3, 4]


@pytest.mark.parametrize(("name", "text", "words"), [
    ("a.csv", "", "holds no points"), ("a.csv", "x,chi2\n", "holds no points"),
    ("a.csv", "x,x\n1,2\n", "two columns are called x"),
    ("a.csv", "x,y\n1,2\n1\n", "line 3: 1 columns, 2 expected"),
    ("a.txt", "1 2 3\n", "3 columns, but 0 names"),
    ("a.csv", "x,chi2\n1,good\n", "chi2 = 'good' is not a number")])
def test_what_is_wrong_is_told(tmp_path, name, text, words):
    """File, line and what was found."""
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        read_columns(tmp_path / name)


def test_files_of_other_kinds_are_refused(tmp_path):
    """No such file, an empty folder, bytes that are no text, a missing package."""
    with pytest.raises(InputError, match="no such file"):
        read_columns(tmp_path / "no.csv")
    with pytest.raises(InputError, match="is a folder, but holds no points.csv"):
        read_columns(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfex\x00")
    with pytest.raises(InputError, match="is not text in UTF-8"):
        read_columns(tmp_path / "b.csv")


def test_column_map():
    """NAME=COLUMN words, by blanks or commas; anything else is refused."""
    assert column_map("tanb=TanBeta, mH=m_H0") == {"tanb": "TanBeta", "mH": "m_H0"}
    for text in ("tanb", "=x", "a=", "a b=c"):
        with pytest.raises(InputError, match="is not NAME=COLUMN"):
            column_map(text)


SPECTRUM = """Block MODSEL
 1 1
Block MINPAR
 1 {m0} # m0
 3 10.0 # tanb
Block GAUGE Q= 1.0E+02
 1 0.36 # g1
Block GAUGE Q= 1.0E+16
 1 0.7 # g1
Block MASS
 25 1.25D+02 # hh_1
 35 800. # hh_2
Block NMIX
 1 2 -0.1 # mix
Block SPINFO
 1 SPheno # program
DECAY 25 4.0E-03
 0.6 2 5 -5 # BR
"""
INPUT = "Block MODSEL\n 1 1\nBlock MINPAR\n 1 77. # m0\n 3 10. # tanb\n"


def test_xbit_spectra_become_columns(tmp_path):
    """Spectra of all cores, one without a spectrum and one torn at the end: numbers by block and
    by comment; the torn one is left out."""
    end = "ENDOFPARAMETERPOINT\n"
    (tmp_path / "SpectrumFiles0").write_text(
        SPECTRUM.format(m0="1.0E+02") + end + INPUT + end + SPECTRUM.format(m0=3)[:60])
    (tmp_path / "SpectrumFiles1").write_text(SPECTRUM.format(m0="2.0E+02") + end)
    for place, n in ((tmp_path, 3), (tmp_path / "SpectrumFiles1", 1)):
        columns, kind = read_columns(place)
        assert kind == "xBIT" and len(columns["m0"]) == n
    columns, _ = read_columns(tmp_path)
    assert columns["m0"].tolist() == columns["MINPAR_1"].tolist() == [100, 77, 200]
    assert columns["status"].tolist() == ["ok", "no_spectrum", "ok"]
    assert columns["MASS_25"][[0, 2]].tolist() == [125, 125] and np.isnan(columns["MASS_25"][1])
    assert columns["hh_2"][0] == 800 and columns["NMIX_1_2"][0] == -0.1
    assert columns["GAUGE_1"][0] == 0.36


def test_xbit_rows_without_a_header(tmp_path):
    """What "Short" leaves: numbers of a line; a line of another length is named."""
    columns, kind = read(tmp_path / "SpectrumFiles0", "100.0 5.5 125.1\n2e2 6 126\n")
    assert kind == "xBIT"
    assert columns == {"column_1": [100, 200], "column_2": [5.5, 6], "column_3": [125.1, 126]}
    (tmp_path / "SpectrumFiles0").write_text("1 2\n1\n")
    with pytest.raises(InputError, match="line 2: 1 columns, 2 expected"):
        read_columns(tmp_path)
    (tmp_path / "SpectrumFiles0").write_text(2 * "\nENDOFPARAMETERPOINT\n")
    with pytest.raises(InputError, match="SpectrumFiles0, point 1: the file is empty"):
        read_columns(tmp_path)
    (tmp_path / "SpectrumFiles0").write_text("")
    with pytest.raises(InputError, match="holds no points"):
        read_columns(tmp_path)
