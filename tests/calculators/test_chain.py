"""The chain: one Evaluation a row whatever happens, the same alone or in a batch, no traces."""

import hashlib
import pickle
import re
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool
from mlscanner.calculators.chain.chain import Chain
from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError, ScannerError
from mlscanner.parallel import processes
from runner import slow
from standins import GOOD, TACHYON, install, rows

EXCLUDED = (0.1, 0.13, 0.0, 0.0, 0.0, -1000.0, 10.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Settings of one installation of stand-ins, never written to."""
    return install(tmp_path_factory.mktemp("home"))


def chain_of(home, **settings):
    """Chain with these settings."""
    return Chain.from_config(make_config(**{**home, **settings}))


@pytest.fixture(scope="module")
def chain(home):
    """HiggsBounds and HiggsSignals through tables."""
    return chain_of(home)


def evaluate(chain, x, scratch):
    """Evaluation of each row, and that the scratch folder is left empty."""
    evaluated = chain.evaluate(np.array(x, float), scratch)
    assert len(evaluated) == len(x)
    assert list(scratch.iterdir()) == []
    assert all(tuple(j.observables) == chain.observables for j in evaluated)
    return evaluated


def column(evaluated, name):
    """One observable of all rows."""
    return [j.observables[name] for j in evaluated]


# ---- what a point gives ------------------------------------------------------------------------
def test_good_and_excluded(home, chain, tmp_path):
    """chi2, verdict, ratio, channel, p-value and masses of a good and an excluded point."""
    evaluated = evaluate(chain, rows(0) + rows(0, point=EXCLUDED), tmp_path)
    assert [j.status for j in evaluated] == ["ok", "excluded"]
    assert chain.measurements == column(evaluated, "n_observables")[0]
    assert evaluated[0].value == pytest.approx(111.431, abs=0.01)
    assert evaluated[0].reason == ""
    assert column(evaluated, "HBresult") == [1, 0]
    assert column(evaluated, "HBratio")[1] > 1
    assert "HiggsBounds: ratio" in evaluated[1].reason
    assert np.isfinite(evaluated[1].value), "an excluded point has a chi2 to learn from"
    assert column(evaluated, "p_value") == [0.5, 0.5]
    assert column(evaluated, "Mh1")[0] == pytest.approx(126.2, abs=0.1)
    assert column(evaluated, "HBchannel") == [1341, 1341]
    kept = evaluate(chain_of(home, ExcludeHB=0), rows(0, point=EXCLUDED), tmp_path)[0]
    assert (kept.status, kept.value) == ("ok", evaluated[1].value)


@pytest.mark.slow
@pytest.mark.parametrize("signal", [0, 1, 2])
@pytest.mark.parametrize("bounds", [0, 1])
@pytest.mark.parametrize("exclude", [0, 1])
def test_every_combination_of_switches(home, tmp_path, bounds, signal, exclude):
    """HiggsBounds 0/1, HiggsSignal 0/1/2 and ExcludeHB 0/1: columns, value and status."""
    chain = chain_of(home, HiggsBounds=bounds, HiggsSignal=signal, ExcludeHB=exclude)
    good, bad, tachyon = evaluate(chain, rows(0) + rows(0, point=EXCLUDED) + rows(0, point=TACHYON),
                               tmp_path)
    assert ("HBratio" in chain.observables) == bool(bounds)
    assert ("p_value" in chain.observables) == bool(signal)
    assert (good.status, tachyon.status) == ("ok", "tachyon")
    assert bad.status == ("excluded" if bounds and exclude else "ok")
    assert np.isnan(tachyon.value)
    if signal:
        assert good.value == pytest.approx(111.431, abs=0.01)
    elif bounds:
        assert good.value == column([good], "HBratio")[0] < 1
        assert bad.value > 1
    else:
        assert good.value == 0


@pytest.mark.slow
def test_both_ways_agree(home, tmp_path):
    """Through tables and through SLHA the stand-ins give the same numbers, comma and all."""
    x = rows(0, 0, 0)
    tables = evaluate(chain_of(home, MH_uncertainty=2.0), x, tmp_path)
    slha = evaluate(chain_of(home, MH_uncertainty=2.0, HiggsSignal=1), x, tmp_path)
    for a, b in zip(tables, slha, strict=True):
        assert a.status == b.status == "ok"
        assert a.observables == pytest.approx(b.observables, rel=1e-5)


@pytest.mark.slow
def test_mass_uncertainties(home, tmp_path):
    """MH_uncertainty and PATHMHUNCERTINITY reach HiggsSignals and move chi2; the file decides."""
    plain = evaluate(chain_of(home), rows(0), tmp_path)[0].value
    wide = evaluate(chain_of(home, MH_uncertainty=3.0), rows(0), tmp_path)[0].value
    assert wide < plain - 20
    file = Path(home["pathS"]).parent / "MHall.dat"
    file.write_text("# dM\n 1 3.0 3.0 3.0 0.0\n")
    both = chain_of(home, MH_uncertainty=0.1, PATHMHUNCERTINITY=str(file))
    assert evaluate(both, rows(0), tmp_path)[0].value == wide
    file.write_text("1 3.0\n")
    with pytest.raises(InputError, match="one row: a line number and 4 uncertainties"):
        chain_of(home, PATHMHUNCERTINITY=str(file))


def test_base_build_in_slha_mode(tmp_path):
    """The SPheno of the MSSM, which never prints 'Finished!', works with HiggsSignal = 1 and is
    refused with 2, for which it writes no files."""
    home = install(tmp_path / "home", model="")
    chain = chain_of(home, HiggsSignal=1)
    (tmp_path / "s").mkdir()
    assert evaluate(chain, rows(0), tmp_path / "s")[0].status == "ok"
    with pytest.raises(InputError, match="only SARAH's SPheno<model> writes"):
        chain_of(home, HiggsSignal=2)


@pytest.mark.slow
@pytest.mark.parametrize(("hb", "hs", "flag"), [
    ("4.2.1", "1.4.0", 1), ("5.3.2beta", "2.2.3beta", 2)])
def test_older_versions(tmp_path, monkeypatch, hb, hs, flag):
    """HiggsBounds 4 with HiggsSignals 1, and early ones of 5 and 2, in both modes; flag 76 must
    fit the version."""
    monkeypatch.setenv("STANDIN_HB", hb)
    monkeypatch.setenv("STANDIN_HS", hs)
    home = install(tmp_path / "home")
    lesh = Path(home["pathS"]) / "LesHouches.in"
    text = lesh.read_text()
    lesh.write_text(text.replace(" 76 2", f" 76 {3 - flag}"))
    with pytest.raises(InputError, match=f"block SPhenoInput must have '76 {flag}', .*it has"):
        chain_of(home)
    lesh.write_text(text.replace(" 76 2", f" 76 {flag}"))
    (tmp_path / "s").mkdir()
    for mode in (1, 2):
        evaluated = evaluate(chain_of(home, HiggsSignal=mode), rows(0), tmp_path / "s")
        assert evaluated[0].status == "ok"
        assert evaluated[0].value == pytest.approx(111.431, abs=0.01)


# ---- batches -----------------------------------------------------------------------------------
@pytest.mark.slow
def test_alone_or_in_a_batch(chain, tmp_path):
    """Points give the same numbers in one call, in shares of any size, and one by one."""
    x = rows(0, 0, 22, 0, 31, 0, 0, 44) + rows(0, point=TACHYON) + rows(0, point=EXCLUDED)
    together = evaluate(chain, x, tmp_path)
    alone = [evaluate(chain, [row], tmp_path)[0] for row in x]
    pieces = evaluate(chain, x[:3], tmp_path) + evaluate(chain, x[3:], tmp_path)
    assert repr(together) == repr(alone) == repr(pieces)
    assert len({j.value for j in together if j.status == "ok"}) == 5


@pytest.mark.slow
def test_one_call_for_all_and_halving(chain, tmp_path, monkeypatch):
    """Eight good points are one call of each; with a bad one the call is halved until it is
    alone, in a fresh folder each time."""
    calls = []
    real = processes.run_program

    def counted(arguments, folder, limit, **options):
        calls.append((Path(arguments[0]).name, str(folder)))
        return real(arguments, folder, limit, **options)
    for module in ("mlscanner.calculators.programs", "mlscanner.calculators.chain.higgs_base"):
        monkeypatch.setattr(f"{module}.run_program", counted)
    evaluate(chain, rows(*[0] * 8), tmp_path)
    names = [name for name, _ in calls]
    assert (names.count("HiggsBounds"), names.count("HiggsSignals")) == (1, 1)
    calls.clear()
    evaluated = evaluate(chain, rows(0, 0, 0, 31, 0, 0, 0, 0), tmp_path)
    assert [j.status for j in evaluated] == ["ok"] * 3 + ["hb_failed"] + ["ok"] * 4
    assert [name for name, _ in calls].count("HiggsBounds") == 7
    assert len({folder for _, folder in calls}) == len(calls)


def test_stale_files_are_impossible(chain, tmp_path):
    """A tachyonic point leaves nothing, and nothing of the point before it is taken for it."""
    evaluated = evaluate(chain, rows(0) + rows(0, point=TACHYON) + rows(0, 24), tmp_path)
    assert [j.status for j in evaluated] == ["ok", "tachyon", "ok", "no_higgs_files"]
    assert np.isnan(list(evaluated[1].observables.values())).all()
    assert evaluated[1].reason.startswith("Stopping calculation because of negative mass squared")


def test_long_scratch_paths(chain, tmp_path):
    """SPheno, HiggsBounds and HiggsSignals cut names of 120 or 100 characters without a word;
    they are given short ones."""
    scratch = tmp_path / ("x" * 120) / ("y y" * 40)
    scratch.mkdir(parents=True)
    assert evaluate(chain, rows(0), scratch)[0].status == "ok"


@pytest.mark.parametrize(("n", "cores", "share"), [
    (0, 2, 1), (1, 2, 1), (40, 2, 10), (300, 2, 75), (300, 80, 4), (100, 100, 1), (10**5, 2, 100),
    (300, 0, 100)])
def test_shares(chain, n, cores, share):
    """Shares spread the start-up of the programs, keep all cores busy, and are bounded."""
    assert chain.share_for(n, cores) == share


@pytest.mark.parametrize(("n", "sizes"), [
    (50, [13, 10, 7, 6, 6, 6, 2]), (8, [4, 2, 2]), (1, [1]), (0, [])])
def test_the_shares_of_a_batch(chain, n, sizes):
    """The first tasks are large, so that the programs start seldom, the last ones half of that, so
    that no core waits long; each point is in one."""
    pool = Pool(chain, 2)
    tasks = pool.tasks(range(n), np.arange(8.0 * n).reshape(n, 8))
    assert [len(task.keys) for task in tasks] == [len(task.x) for task in tasks] == sizes
    assert [key for task in tasks for key in task.keys] == list(range(n))


@pytest.mark.parametrize(("point", "sizes"), [
    (None, [13, 10, 7, 6, 6, 6, 2]), (2.0, [13, 10, 7, 6, 6, 6, 2]), (0.5, [13, 13, 13, 11]),
    (0.3, [25, 25]), (0.0, [25, 25])])
def test_tasks_that_are_worth_their_start(chain, point, sizes):
    """Once the time of a point is known, tasks are so long that HiggsBounds and HiggsSignals start
    seldom: an equal part for each worker where points are quick, halves where they are slow."""
    assert chain.start_seconds == pytest.approx(0.47)
    pool = Pool(chain, 2)
    if point is not None:
        pool._took(0.47 + 6 * point, 6)
    tasks = pool.tasks(range(50), np.zeros((50, 8)))
    assert [len(task.keys) for task in tasks] == sizes


def test_nothing_is_gained_by_longer_tasks_in_slha_mode(home):
    """By SLHA each point is a call, so that tasks stay short."""
    assert chain_of(home, HiggsSignal=1).start_seconds == 0


@pytest.mark.slow
def test_the_users_files_are_not_touched(home, chain, tmp_path):
    """Nothing below the folders of the user's programs changes."""
    root = Path(home["pathS"]).parent

    def snapshot():
        return {p: (p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest()
                    if p.is_file() else sorted(p.iterdir())) for p in root.rglob("*")}
    before = snapshot()
    evaluate(chain, rows(0, 31, 41, 5), tmp_path)
    chain.describe()
    chain.timing(1, rows(0)[0])
    assert snapshot() == before


# ---- misbehaviour ------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize(("trouble", "status", "words"), [
    (1, "timeout", "SPhenoTHDMII gave no answer within 1 s"), (2, "timeout", "within 1 s"),
    (3, "timeout", "within 1 s"), (10, "timeout", "within 1 s"),
    (30, "timeout", "HiggsBounds gave no answer within 1 s"),
    (40, "timeout", "HiggsSignals gave no answer within 1 s"),
    (4, "crashed", r"SPhenoTHDMII was ended by signal 11 \(SIGSEGV\)"),
    (32, "crashed", "HiggsBounds was ended by signal 11"),
    (42, "crashed", "HiggsSignals was ended by signal 11"),
    (5, "no_spectrum", "no output"), (7, "no_spectrum", "File too large"),
    (9, "ok", ""), (20, "bad_output", "ends in the middle"), (21, "bad_output", "'NaN'"),
    (22, "bad_output", r"effC.dat: '\*\*\*\*\*'"), (23, "no_spectrum", "Messages.out"),
    (24, "no_higgs_files", "SPheno did not write"), (25, "bad_output", "incomplete row"),
    (26, "bad_output", "not positive"),
    (19, "ok", "SPINFO 3: problem with Higgs mass, large logs"),
    (27, "no_convergence", "precision of 0.30*, SPhenoInput 34 asks for 0.0001"),
    (28, "no_convergence", "Too many steps: Running has not converged"),
    (29, "no_ewsb", "Still a negative .mu.*iterations"),
    (31, "hb_failed", "STOP error in the stand-in"),
    (33, "unphysical", "HBresult -1"), (34, "hb_failed", r"'\*\*\*\*\*' is not a number"),
    (41, "hs_failed", "STOP error"), (43, "hs_failed", "used 21 observables, 111 expected"),
    (44, "hs_failed", "not a number")])
def test_each_misbehaviour_has_its_status(home, tmp_path, trouble, status, words):
    """Whatever a program does, the point gets its status in time, its neighbour is evaluated, and
    neither processes nor files stay behind."""
    limit = 1.0
    chain = chain_of(home, Timeout_SPheno=limit, Timeout_HiggsBounds=limit,
                     Timeout_HiggsSignals=limit)
    start = time.monotonic()
    evaluated = evaluate(chain, rows(trouble), tmp_path)[0]
    assert time.monotonic() - start < limit + 1
    assert evaluated.status == status
    assert re.search(words, evaluated.reason)
    assert not stray_standins(home)
    assert evaluate(chain, rows(0), tmp_path)[0].status == "ok"


def stray_standins(home):
    """Live processes of the stand-ins installed there."""
    root = str(Path(home["pathS"]).parent)
    table = subprocess.run(["ps", "-A", "-o", "stat=", "-o", "args="], capture_output=True,
                           text=True, check=True).stdout
    return [line for line in table.splitlines() if not line.startswith("Z")
            and root in line]


@pytest.mark.slow
def test_a_gigabyte_of_output(home, tmp_path):
    """A program that prints a gigabyte and then answers is read to its end, in bounded memory."""
    assert evaluate(chain_of(home), rows(6), tmp_path)[0].status == "ok"


def test_a_program_that_fills_its_folder(chain, tmp_path, monkeypatch):
    """A program that writes without end is stopped before memory or disk are full."""
    real = processes.run_program
    monkeypatch.setattr("mlscanner.calculators.programs.run_program",
                        lambda *a, **k: real(*a, **k, max_bytes=20 << 20))
    evaluated = evaluate(chain, rows(8), tmp_path)[0]
    assert evaluated.status == "too_big"
    assert evaluated.reason == "SPhenoTHDMII wrote more than 20 MiB to its folder"


@pytest.mark.slow
def test_a_scan_goes_on(home):
    """All misbehaviours in one batch on two workers: every row evaluated, each with its status."""
    troubles = [0, 1, 4, 5, 20, 22, 24, 31, 33, 41, 43, 0, 0]
    chain = chain_of(home, Timeout_SPheno=1.0)
    with Pool(chain, 2) as pool:
        done = dict(pool.map(np.array(rows(*troubles))))
    assert [done[k].status for k in range(len(troubles))] == [
        "ok", "timeout", "crashed", "no_spectrum", "bad_output", "bad_output", "no_higgs_files",
        "hb_failed", "unphysical", "hs_failed", "hs_failed", "ok", "ok"]
    assert not stray_standins(home)


@pytest.mark.slow
def test_two_scans_at_once(home, tmp_path):
    """Two chains of one installation at the same time do not disturb each other."""
    x = rows(*[0] * 6)
    results, threads = {}, []
    for k in range(2):
        (tmp_path / str(k)).mkdir()

        def work(k=k):
            results[k] = evaluate(chain_of(home), x, tmp_path / str(k))
        threads.append(threading.Thread(target=work))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert repr(results[0]) == repr(results[1])
    assert {j.status for j in results[0]} == {"ok"}


# ---- set-up ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("settings", "words"), [
    ({"SPHENOMODEL": "NMSSM"}, 'SPheno: no program at .*bin/SPhenoNMSSM. Build it with "make'),
    ({"Lesh": "nowhere"}, "Lesh: there is no file .*/spheno/nowhere"),
    ({"HBPath": "/nowhere"}, "HBPath: no program at /nowhere/HiggsBounds or"),
    ({"HSPath": "/nowhere"}, "HSPath: no program at /nowhere/HiggsSignals or"),
    ({"LHC_run": "LHC13"}, "no data set 'LHC13'; it has LHC7[+]8, latestresults"),
    ({"NH": 0}, "at least one neutral"),
    ({"HiggsSignal": 1, "NH": 6}, "at most 5 neutral and 1 charged"),
    ({"VarNum": ("1", "2", "3", "4", "5", "9", "11", "90")},
     "'# TanBeta' with number 11.*line 10")])
def test_mistakes_are_found_before_the_scan(home, settings, words):
    """Each mistake in the settings is an error in words before the first point."""
    with pytest.raises(ScannerError, match=words):
        chain_of(home, **settings)


def test_all_mistakes_at_once(home):
    """What is wrong with programs, template and data is reported together."""
    with pytest.raises(InputError) as caught:
        chain_of(home, HBPath="/nowhere", LHC_run="LHC13", SPHENOMODEL="NMSSM", Lesh="no")
    assert len(caught.value.problems) == 4


def test_formats_that_do_not_fit(home, monkeypatch):
    """HiggsBounds 5 and HiggsSignals 1 read different tables; by SLHA they may be combined."""
    monkeypatch.setenv("STANDIN_HS", "1.4.0")
    with pytest.raises(InputError, match="read tables of different formats"):
        chain_of(home)
    assert chain_of(home, HiggsSignal=1).observables


@pytest.mark.parametrize(("old", "new", "mode", "words"), [
    (" 76 2", " 76 0", 2, "'76 2', which makes SPheno write the files of HiggsBounds 5; it has 0"),
    (" 76 2", "# 76 2", 2, "'76 2'.* it has no such entry"), (" 11 1", " 11 0", 2, "'11 1'"),
    (" 520 1.", " 520 0.", 1, "'520 1'")])
def test_flags_of_spheno(tmp_path, old, new, mode, words):
    """What SPheno must be told to write is checked before the scan."""
    home = install(tmp_path)
    lesh = Path(home["pathS"]) / "LesHouches.in"
    lesh.write_text(lesh.read_text().replace(old, new))
    with pytest.raises(InputError, match=words):
        chain_of(home, HiggsSignal=mode)


def test_report_and_input_text(chain):
    """`check` shows versions, template lines and times; the input file of a point can be had."""
    text = "\n".join([*chain.describe(), chain.timing(1, rows(0)[0]),
                      chain.timing(2, rows(0, point=TACHYON)[0])])
    assert "HiggsBounds 5.10.1: " in text
    assert "HiggsSignals 2.6.2: " in text
    assert "M12input: block MINPAR, entry 9, line 9: 9 -4.0E+04 # M12inputt" in text
    assert re.search(r"point 1 \(ok, SPheno 4.0.5 \(SARAH 4.14.3\)\): "
                     r"SPheno 0.\d+ s, HiggsBounds 0.\d+ s, HiggsSignals 0.\d+ s, "
                     r"scanner 0.\d+ s", text)
    assert "point 2 (tachyon)" in text
    assert f"{GOOD[1]:.16E}             # Lambda2Input" in chain.input_text(rows(0)[0])


def test_chain_is_sent_to_workers(chain):
    """A chain is small and survives pickling."""
    data = pickle.dumps(chain)
    assert len(data) < 20000
    assert pickle.loads(data).observables == chain.observables


def test_citations(home, chain):
    """Only programs that are used are cited."""
    assert any("HiggsSignals" in c for c in chain.citations)
    bare = chain_of(home, HiggsBounds=0, HiggsSignal=0)
    assert {c.split(":")[0] for c in bare.citations} == {"SPheno", "SARAH"}


@pytest.mark.slow
def test_our_own_time_is_small(chain, tmp_path):
    """What we compute beside the programs takes less than 5 ms a point of an ordinary machine."""
    x = np.array(rows(*[0] * 10))
    costs = []
    for _ in range(3):
        times, start = slow(), time.process_time()
        chain.evaluate(x, tmp_path)
        costs.append((time.process_time() - start) / len(x) / times)
    assert min(costs) < 0.005
