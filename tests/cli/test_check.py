"""`check`: the user's own file first, what costs time, points until one is ok, exit code 2."""

from pathlib import Path

import pytest

from mlscanner.calculators.chain.own_file import (
    OwnFile,
    bosons,
    doubly_charged,
    with_entries,
)
from mlscanner.calculators.slha import Slha
from mlscanner.cli.check import check
from mlscanner.cli.main import main
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError
from standins import GOOD, install

DOUBLE = """Block MASS
   9900041   5.0E+02   # hpp
DECAY  9900041  1.0E-01
   1.0  2  -13  -13   # BR(hpp -> mu+ mu+)
DECAY  37  1.0E-01
   1.0  2  -5  6
DECAY  25  4.0E-03
   1.0  2  24  -24
   1.0  2  1000022  1000022
"""
FUNCTION = """
def few(x):
    if x[0] < 90:
        raise ValueError('m < 0')
    return {'chi2': 1.0, 'x': float(x[0])}


def broken(x):
    raise ZeroDivisionError('in it')
"""


def change(home, old, new):
    """Another Les Houches file."""
    path = Path(home["pathS"]) / home["Lesh"]
    path.write_text(path.read_text().replace(old, new))


def near(home, width=1e-6):
    """The settings, with ranges around a good point."""
    low = [value - abs(value) * width for value in (*GOOD, -1.0)]
    return {**home, "VarMin": low, "VarMax": [v + abs(v) * width for v in (*GOOD, 1e-9)],
            "HiggsBounds": 1}


def function(tmp_path, name, **settings):
    (tmp_path / "mine.py").write_text(FUNCTION)
    return make_config(Calculator=f"{tmp_path / 'mine.py'}:{name}", VarLabel=["x"], VarMin=[0],
                       VarMax=[100], Chi_square_threshold=5, **settings)


# ---- the user's own file -----------------------------------------------------------------------
@pytest.mark.slow
def test_the_own_file_is_run_first_and_tells_the_model(tmp_path, capsys):
    """Before programs are tried, the file as it is; NH and NCH from its tables."""
    assert check(make_config(**near(install(tmp_path))))
    told = capsys.readouterr().out
    assert "LesHouches.in as it is: ok" in told
    assert "SPheno 4.0.5 (SARAH 4.14.3)" in told
    assert "from the columns of its tables: NH = 3, NCH = 1" in told
    assert told.index("as it is: ok") < told.index("HiggsBounds 5.10.1") < told.index("Test point")
    assert "HBresult = 1, HBratio = " in told
    assert "Timing of point" in told


def test_wrong_numbers_of_higgs_bosons_end_the_check(tmp_path, capsys):
    """The right ones are named: NH = 4 does not wait for the first bad_output."""
    with pytest.raises(InputError, match="Set NH = 3 and NCH = 1"):
        check(make_config(**{**near(install(tmp_path)), "NH": 4}))
    assert "as it is: ok" in capsys.readouterr().out


def test_a_file_that_fails_is_told_with_its_reason(tmp_path):
    """Status and words of SPheno."""
    home = install(tmp_path)
    change(home, "9   -4.0E+04", "9    4.0E+04")
    own = OwnFile(make_config(**home))
    assert not own.worked
    assert own.lines == ["LesHouches.in as it is: tachyon: Stopping calculation because of "
                         "negative mass squared. (CalculateMhh)"]


@pytest.mark.slow
def test_what_costs_time_is_measured(tmp_path):
    """Switching 13 off is tried, its gain and that no Higgs table changes are told."""
    home = install(tmp_path)
    change(home, " 34 1", " 13 3  # three-body decays\n 34 1")
    line, = [line for line in OwnFile(make_config(**home)).lines if "'13 0'" in line]
    assert "three-body decays of fermions" in line
    assert "the Higgs tables are unchanged" in line


def test_missing_tables_are_told(tmp_path):
    """The flag that makes SPheno write them is named where it is off."""
    home = install(tmp_path)
    change(home, " 76 2", " 76 0")
    config = make_config(**{**home, "HiggsBounds": 0, "HiggsSignal": 0})
    assert any("entry 76 of block SPhenoInput" in line for line in OwnFile(config).lines)


def test_the_model_is_read_from_columns_and_decays():
    """Masses and widths behind a line id; charge 2 only where all daughters are known."""
    assert bosons("1 125.0 300.0 4E-3 1.0\n") == 2
    assert bosons("") is None
    assert doubly_charged(Slha(DOUBLE)) == [9900041]


def test_entries_are_replaced_or_added():
    """Those of block SPhenoInput only; what is missing comes behind its head."""
    lines = ["Block MODSEL\n", " 13 1\n", "Block SPhenoInput # x\n", " 13 3 # y\n", " 76 2\n"]
    assert with_entries(lines, {13: 0, 57: 0}) == (
        "Block MODSEL\n 13 1\nBlock SPhenoInput # x\n 57 0\n 13 0\n 76 2\n")
    assert with_entries(lines[:2], {13: 0}).endswith(" 13 1\nBlock SPhenoInput\n 13 0\n")


# ---- points ------------------------------------------------------------------------------------
@pytest.mark.slow
def test_points_until_one_is_ok(tmp_path, capsys):
    """A model whose good points are rare: more than two, and the numbers of each."""
    assert check(function(tmp_path, "few", Seed=2), most=60)
    told = capsys.readouterr().out.splitlines()
    points = [k for k, line in enumerate(told) if line.startswith("Test point")]
    assert len(points) > 2
    assert "raised: ValueError: m < 0" in told[points[0]] and "raised" in told[points[-2]]
    assert "chi2 = 1" in told[points[-1]]
    assert told[points[-1] + 1].startswith("  x = 9")


@pytest.mark.slow
def test_it_ends_after_so_many_failures_and_names_the_cause(capsys):
    """The number is the user's; a status of the physics is no fault of the set-up."""
    names = [*(f"Lambda{i}Input" for i in range(1, 6)), "M12input", "TanBeta"]
    assert check(make_config(VarLabel=names, VarMin=[-2, 0, 0, 0, 0, -1e5, 2],
                             VarMax=[-1, 1, 1, 1, 1, -1, 9]), most=5)
    told = capsys.readouterr().out
    assert told.count("Test point") == 5
    assert told.count("the potential is not bounded from below") == 1   # a reason is told once
    assert "unbounded, as test point 1" in told
    assert "none of 5 points is ok; the status of " in told
    assert "Likely cause: a wrong sign" in told
    assert "Lambda1Input (-2 to -1)" in told


@pytest.mark.parametrize(("name", "settings"), [
    ("broken", ""), ("few", "Observables = [observable('xx', upper=1.0)]\n")])
def test_exit_code_2_where_nothing_could_be_evaluated(tmp_path, capsys, name, settings):
    """A function that raises at every point, or a name that none of its answers has."""
    (tmp_path / "mine.py").write_text(FUNCTION.replace("x[0] < 90", "False"))
    file = tmp_path / "in.py"
    file.write_text(f"Calculator, Live_plots = 'mine.py:{name}', -1\n"
                    f"VarLabel, VarMin, VarMax = ['x'], [0], [100]\n{settings}")
    assert main(["check", "--input", str(file), "--points", "3"]) == 2
    assert capsys.readouterr().out.count("Test point") == 3
