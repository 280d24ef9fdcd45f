"""SPheno, HiggsBounds and HiggsSignals one by one: what counts as success, what the answers are."""

import math
import shutil
from pathlib import Path

import pytest

from mlscanner.calculators.chain import higgs_columns, higgs_files
from mlscanner.calculators.chain.higgs_programs import HiggsBounds, HiggsSignals
from mlscanner.calculators.chain.higgs_steps import prepare_slha
from mlscanner.calculators.programs import Failure, SPheno, last_words
from mlscanner.calculators.slha import Slha
from mlscanner.calculators.template import Template
from mlscanner.errors import ProgramError
from standins import GOOD, PROGRAM, install, rows

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(),
                                   reason="files that real programs wrote are not at hand")


@pytest.fixture
def home(tmp_path):
    """Settings of an installation of stand-ins below tmp_path."""
    return install(tmp_path)


def filled(home, trouble=0, point=GOOD, replace=()):
    """Text of a Les Houches file for the stand-in."""
    text = (Path(home["pathS"]) / "LesHouches.in").read_text()
    for old, new in replace:
        assert old in text
        text = text.replace(old, new)
    template = Template(text)
    template.address(home["VarLabel"], home["VarNum"])
    return template.fill(rows(trouble, point=point)[0])


def run_spheno(home, folder, model="THDMII", **options):
    """Spectrum of the stand-in in a fresh folder."""
    folder.mkdir()
    spheno = SPheno.find(home["pathS"], model, 20, tuple(higgs_columns.columns(5, 3, 1)))
    return spheno.run(filled(home, **options), folder)


def test_good_point(home, tmp_path):
    """A good point gives a spectrum, its tables and the version."""
    spectrum = run_spheno(home, tmp_path / "w")
    assert 100 < spectrum.slha.value("MASS", 25) < 150
    assert set(spectrum.tables) == set(higgs_columns.columns(5, 3, 1))
    assert SPheno(None, True, 1).version(spectrum.slha) == "SPheno 4.0.5 (SARAH 4.14.3)"


def test_the_stand_in_is_the_built_in_model(home, tmp_path):
    """The masses are those of the built-in two-Higgs-doublet model."""
    import numpy as np

    from mlscanner.calculators.thdm.spectrum import Potential, spectrum
    slha = run_spheno(home, tmp_path / "w").slha
    l1, l2, l3, l4, l5, m12, tanb = (np.array([v]) for v in GOOD)
    masses = spectrum(Potential(2 * l1, 2 * l2, l3, l4, l5, -m12, tanb)).masses()
    read = [slha.value("MASS", code) for code in (25, 35, 36, 37)]
    assert np.ravel(masses) == pytest.approx(read, rel=1e-4)


def test_base_spheno_never_says_finished(home, tmp_path):
    """The base build is evaluated by its file; a SARAH build must say 'Finished!'."""
    shutil.copy(PROGRAM, Path(home["pathS"]) / "bin" / "SPheno")
    assert run_spheno(home, tmp_path / "w", model="").slha.value("MASS", 25) > 0
    with pytest.raises(Failure) as caught:
        (tmp_path / "v").mkdir()
        SPheno(Path(home["pathS"]) / "bin" / "SPheno", True, 20).run(filled(home), tmp_path / "v")
    assert caught.value.status == "no_spectrum"


@pytest.mark.parametrize(("options", "status", "words"), [
    ({"point": (*GOOD[:5], 4e4, 10.0)}, "tachyon", "Stopping calculation because of negative"),
    ({"point": (*GOOD[:5], 4e4, 10.0), "replace": [(" 52 0", " 52 1")]}, "tachyon",
     "MASS 25 written as 1"),
    ({"trouble": 5}, "no_spectrum", "no output"),
    ({"trouble": 7}, "no_spectrum", "Fortran runtime error: File too large"),
    ({"trouble": 20}, "bad_output", "ends in the middle of line"),
    ({"trouble": 21}, "bad_output", "MASS: 'NaN' is not finite"),
    ({"trouble": 23}, "no_spectrum", "There has been a problem during the run.; Messages.out: "
                                     "LesHouches_Input: model has not been specified compl"),
    ({"trouble": 4}, "crashed", r"signal 11 \(SIGSEGV\)"),
])
def test_failures_that_exit_with_zero(home, tmp_path, options, status, words):
    """Each way in which SPheno fails has its status and the program's own words."""
    with pytest.raises(Failure, match=words) as caught:
        run_spheno(home, tmp_path / "w", **options)
    assert caught.value.status == status


def test_spinfo_4_of_the_base_build(home, tmp_path):
    """SPINFO 4 is a failure although there is a file and the exit code is 0."""
    shutil.copy(PROGRAM, Path(home["pathS"]) / "bin" / "SPheno")
    with pytest.raises(Failure, match="SPINFO 4: internal problem, see Messages.out") as caught:
        run_spheno(home, tmp_path / "w", model="", trouble=23)
    assert caught.value.status == "spheno_error"


@pytest.mark.parametrize("reached", ["NaN", "********", "Infinity", "0.02"])
def test_a_precision_that_is_no_number_fails_the_point(reached):
    """Whatever Fortran prints for a precision that was not reached, it ends the point, no more."""
    spheno = SPheno(None, True, 1, precision=1e-4)
    spheno._check_precision("reached precision:   0.5\nreached precision:  9.9E-05\n")
    with pytest.raises(Failure, match="SPhenoInput 34 asks for 0.0001") as caught:
        spheno._check_precision(f"reached precision:  1.0E-05\nreached precision: {reached}\n")
    assert caught.value.status == "no_convergence"


@needs_samples
@pytest.mark.parametrize(("name", "status"), [("mssm_problem", "spheno_error"),
                                              ("mssm_mu2neg_but_spectrum", "no_ewsb")])
def test_failures_of_the_real_base_build(name, status):
    """Files that the real SPheno left with exit code 0 are recognised as failures."""
    folder = SAMPLES / "failures" / name
    with pytest.raises(Failure) as caught:
        SPheno(None, False, 1)._parse((folder / "SPheno.spc").read_text(),
                                      (folder / "stdout.txt").read_text(),
                                      (folder / "Messages.out").read_text())
    assert caught.value.status == status


def test_missing_programs_say_what_to_do(home, tmp_path):
    """A program that is not there is an error with its path and the remedy."""
    with pytest.raises(ProgramError, match=r'no program at .*/bin/SPhenoNMSSM. Build it with "make '
                                           r'Model=NMSSM" in .* or correct pathS'):
        SPheno.find(home["pathS"], "NMSSM", 1)
    with pytest.raises(ProgramError, match="HBPath: no program at .*/HiggsBounds or .*build"):
        HiggsBounds.find(tmp_path / "nowhere", "HBPath")
    (Path(home["HBPath"]) / "build" / "HiggsBounds").chmod(0o644)
    with pytest.raises(ProgramError, match="not executable"):
        HiggsBounds.find(home["HBPath"], "HBPath")


@pytest.mark.parametrize(("output", "words"), [
    ("", "no output"), ("a\n b \n\n", "b"), ("x\nSTOP error in input\n y", "STOP error in input"),
    ("w\nNote: The following floating-point exceptions\nSTOP Subroutine TerminateProgram\n", "w"),
    ("At line 3\nFortran runtime error: Bad real\nError termination", "Fortran runtime error: Bad "
                                                                     "real")])
def test_last_words(output, words):
    """What a program says of its end is found among the noise."""
    assert last_words(output) == words


# ---- tables ------------------------------------------------------------------------------------
def test_columns_of_both_formats():
    """Numbers of columns as SPheno writes them for 4 neutral and 1 charged Higgs bosons."""
    new, old = higgs_columns.columns(5, 4, 1), higgs_columns.columns(4, 4, 1)
    assert new == {"MH_GammaTot": 9, "MHplus_GammaTot": 3, "effC": 79, "BR_H_NP": 57,
                   "BR_Hplus": 10, "BR_t": 3, "LEP_HpHm_CS_ratios": 2}
    assert old == {**new, "effC": 83, "BR_H_NP": 17, "BR_Hplus": 4}


@pytest.mark.parametrize(("text", "words"), [
    ("", "0 rows"), ("1 2 3\n2 2 3\n", "2 rows"), ("1 2 3", "incomplete row"),
    ("1 2\n", "2 columns, expected 3"), ("1 **** 3\n", "not a number"), ("1 NaN 3\n", "not finite"),
    ("1 2 Infinity\n", "not finite")])
def test_rows_that_would_spoil_a_batch_are_refused(text, words):
    """A row that HiggsBounds would stumble over, or take for numbers, never reaches it."""
    with pytest.raises(Failure, match=words) as caught:
        higgs_files.row_of("X", text, 3)
    assert caught.value.status == "bad_output"


def test_rows_are_passed_on_literally():
    """The digits that SPheno wrote are those that HiggsBounds reads."""
    row = higgs_files.row_of("X", "# c\n  1  0.92511429-101 1.5D+00\n", 3)
    assert row == "0.92511429-101 1.5D+00"


@needs_samples
def test_real_tables():
    """HiggsBounds files of a real SPheno are accepted; those of the other format refused."""
    def load(path):
        return {name: (path / f"{name}.dat").read_text()
                for name in higgs_columns.columns(5, 4, 1)}
    rows_ = higgs_files.check_point(load(SAMPLES / "n2hdm_sarah4.14.3" / "r0"), 5, 4, 1)
    assert higgs_files.masses_of(rows_, 4, 1)[1] == pytest.approx(125.09, abs=0.01)
    with pytest.raises(Failure, match="83 columns, expected 79"):
        higgs_files.check_point(load(SAMPLES / "failures" / "hb5_on_hb4format"), 5, 4, 1)


@needs_samples
def test_real_results():
    """Twelve rows of a real batch: verdict, ratio, chi2 and p-value from the right columns."""
    folder = SAMPLES / "batch12_n2hdm"
    masses = [[float(w) for w in line.split()[1:5]] + [float(plus.split()[1])] for line, plus in
              zip((folder / "MH_GammaTot.dat").read_text().splitlines(),
                  (folder / "MHplus_GammaTot.dat").read_text().splitlines(), strict=True)]
    bounds = [higgs_files.bounds_of(words) for words in higgs_files.read_results(
        (folder / "HiggsBounds_results.dat").read_text(), "HiggsBounds", 12, masses)]
    signals = [higgs_files.signals_of(words) for words in higgs_files.read_results(
        (folder / "HiggsSignals_results.dat").read_text(), "HiggsSignals", 12, masses)]
    assert bounds[0] == (1, 0.890435, 1341)
    assert bounds[3] == (0, 1.10108, 1341)
    assert signals[1] == (99.6654, 0.0785352, 99.744, 0.76958, 111)
    for wrong in (11, 13):
        with pytest.raises(Failure, match="gave 12 rows"):
            higgs_files.read_results((folder / "HiggsBounds_results.dat").read_text(), "HB", wrong,
                                     masses)
    with pytest.raises(Failure, match="row 1 is of another point"):
        higgs_files.read_results((folder / "HiggsBounds_results.dat").read_text(), "HB", 12,
                                 masses[::-1])


def test_p_value_that_is_not_there():
    """HiggsSignals writes -1 for a p-value it has not calculated: not a number."""
    assert math.isnan(higgs_files.signals_of(["1", "2", "3", "85", "4", "89", "-1.0"]).p_value)


# ---- HiggsBounds and HiggsSignals --------------------------------------------------------------
def bounds_program(home):
    """The stand-in for HiggsBounds, tried."""
    program = HiggsBounds(HiggsBounds.find(home["HBPath"], "HBPath"), 3, 1, 20)
    program.probe()
    return program


def signals_program(home, data="latestresults"):
    """The stand-in for HiggsSignals, tried."""
    program = HiggsSignals(HiggsSignals.find(home["HSPath"], "HSPath"), 3, 1, 20, data)
    program.check_data()
    program.probe()
    return program


@pytest.mark.parametrize(("hb", "hs", "format_", "mode"), [
    ("5.10.1", "2.6.2", 5, ()), ("5.3.2beta", "2.2.3beta", 5, ("peak",)),
    ("4.2.1", "1.4.0", 4, ("peak",))])
def test_versions_are_found(home, monkeypatch, hb, hs, format_, mode):
    """The version is found, and with it the format of tables and the command line."""
    monkeypatch.setenv("STANDIN_HB", hb)
    monkeypatch.setenv("STANDIN_HS", hs)
    bounds, signals = bounds_program(home), signals_program(home)
    assert (bounds.version, bounds.format) == (hb, format_)
    assert (signals.version, signals.format, signals.mode) == (hs, format_, mode)
    assert signals.count == 111


@pytest.mark.parametrize(("variable", "version", "words"), [
    ("STANDIN_HB", "3.8.0", "HiggsBounds 3.8.0; versions 4 and 5 are known"),
    ("STANDIN_HB", "6.0.0", "HiggsBounds 6.0.0; versions 4 and 5"),
    ("STANDIN_HS", "3.0.0", "HiggsSignals 3.0.0; versions 1 and 2 are known")])
def test_unknown_versions_are_refused(home, monkeypatch, variable, version, words):
    """A version whose files are not known is refused in words."""
    monkeypatch.setenv(variable, version)
    with pytest.raises(ProgramError, match=words):
        bounds_program(home)
        signals_program(home)


def test_unknown_data_set_is_refused(home):
    """HiggsSignals itself would go on with 21 observables and exit with 0."""
    with pytest.raises(ProgramError, match="no data set 'LHC13'; it has LHC7[+]8, latestresults"):
        signals_program(home, "LHC13")
    shutil.rmtree(Path(home["HSPath"]) / "data")  # even where its folders cannot be seen
    with pytest.raises(ProgramError, match="'LHC13' HiggsSignals 2.6.2 uses 21 observables only"):
        signals_program(home, "LHC13")


def test_broken_program_is_refused(home):
    """A program that fails on a simple point is refused with its own words."""
    program = Path(home["HBPath"]) / "build" / "HiggsBounds"
    program.write_text("#!/bin/sh\necho 'error while loading shared libraries: libgfortran'\n")
    with pytest.raises(ProgramError, match="fails on a simple point: .*loading shared libraries"):
        bounds_program(home)


def test_columns_move_with_additional_dat(home, tmp_path):
    """Further columns behind the result do not change what is read."""
    program = signals_program(home)
    point = higgs_files.sm_like(5, 3, 1)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "additional.dat").write_text("1 7.0 8.0\n")
    answer = program._evaluate_in([point], tmp_path / "a")[0]
    assert "1.0 2.0" in (tmp_path / "a" / "HiggsSignals_results.dat").read_text()
    assert answer == program.evaluate_tables([point], tmp_path)[0]
    assert (answer.chi2, answer.count) == (90, 111)


@pytest.mark.parametrize(("version", "rates"), [("2.6.2", 90.0), ("1.4.0", math.nan)])
def test_total_chi2_of_the_slha_block(home, tmp_path, monkeypatch, version, rates):
    """chi2 is entry 17 of version 2 and 12 of version 1, where 12 of version 2 is another."""
    monkeypatch.setenv("STANDIN_HS", version)
    text = run_spheno(home, tmp_path / "w").text
    program = signals_program(home)
    answer = program.evaluate_slha(prepare_slha(text, (25, 35, 36, 37)), tmp_path)
    assert answer.chi2 == pytest.approx(111.431, abs=0.01)
    assert answer.mu == pytest.approx(rates, nan_ok=True)
    program.version = {"2.6.2": "1.0", "1.4.0": "2.0"}[version]
    answer = program.evaluate_slha(prepare_slha(text, (25, 35, 36, 37)), tmp_path)
    assert answer.status == "hs_failed"


def test_the_verdict_is_rank_zero(home, tmp_path):
    """The ranks after 0 are single channels: an excluded point may have an allowed one last."""
    point = (0.1, 0.13, 0.0, 0.0, 0.0, -1000.0, 10.0)
    text = run_spheno(home, tmp_path / "w", point=point).text
    answer = bounds_program(home).evaluate_slha(text, tmp_path)
    assert answer.result == 0
    assert answer.ratio > 1


@needs_samples
def test_the_verdict_of_a_real_file():
    """On a file of the real programs: excluded by rank 0, though the last rank allows it."""
    text = (SAMPLES / "mssm_spheno4.0.5" / "SPheno.spc.afterHB_afterHS").read_text()
    answer = HiggsBounds(None, 3, 1, 1).read_slha(text)
    assert (answer.result, answer.channel) == (0, 647)
    assert answer.ratio == pytest.approx(2.15489645)
    signals = HiggsSignals(None, 3, 1, 1)
    signals.version = "2.6.2"
    assert signals.read_slha(text).chi2 == 827.84204717


def test_the_comma_of_sarah(home, tmp_path):
    """With the comma the block is missed and chi2 wrong; our copy has none, the text else kept."""
    text = run_spheno(home, tmp_path / "w").text
    assert "Block HiggsCouplingsFermions, #" in text
    clean = prepare_slha(text, (25, 35, 36, 37))
    assert clean == text.replace("HiggsCouplingsFermions,", "HiggsCouplingsFermions")
    program = signals_program(home)
    assert program.evaluate_slha(text, tmp_path).chi2 > 500
    assert program.evaluate_slha(clean, tmp_path).chi2 < 112


def test_mass_uncertainties_in_slha():
    """They become DMASS, unless the spectrum has one."""
    text = prepare_slha("Block MASS\n 25 125\n", (25, 37), [3.0, 0.0])
    assert Slha(text).value("DMASS", 25) == 3.0
    assert prepare_slha(text, (25, 37), [2.0, 0.0]) == text
