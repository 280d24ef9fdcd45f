"""Points from elsewhere: what is taken in, what is left out, and that values are those of today."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import load_config
from mlscanner.errors import InputError, NothingToDo
from mlscanner.evaluation import Evaluation
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box
from mlscanner.store.beginning import Beginning
from mlscanner.store.imported import gather
from mlscanner.store.opening import open_run
from mlscanner.store.points_table import read_points, read_table

FUNCTION = """
def f(p):
    if p[0] + p[1] > 1.8:
        raise ValueError('too far')
    return {'s': p[0] + p[1], 'd': p[0] - p[1], 'm': p[0] * p[1], 'chi2': 0.1 * p[0]}
"""
INPUT = """
Calculator = 'f.py:f'
VarLabel = ['a', 'b']
VarMin = [0, 0]
VarMax = [1, 1]
Chi_square_threshold = {threshold}
Size_initial_batch = 40
Size_batch_K = 20
Size_batch_search = 20
Size_batch_L = 500
Walkers = 20
Surrogate_points = 50
RF_trees = 5
N_iteration = 1
Live_plots = -1
Observables = [{observables}]
"""
OLD = "observable('s', value=1.0, sigma=0.3), observable('d', upper=0.4), observable('m')"
NEW = ("observable('s', value=0.9, sigma=0.1), observable('d', upper=0.1), "
       "observable('m', lower=0.2), "
       "observable('r', expression='m / (1 + s)', value=0.1, sigma=0.1)")


def write(folder, observables=OLD, threshold=4.0, name="in.py"):
    """An input file; returns its config and box."""
    (folder / "f.py").write_text(FUNCTION)
    (folder / name).write_text(INPUT.format(observables=observables, threshold=threshold))
    config = load_config(folder / name)
    return config, Box.from_config(config)


def run(config, box, output, start=None, steps=9):
    """Scan into a new folder of `output`; returns the scan."""
    opened = open_run(config, "RFR", output, new=True)
    with Pool(make_calculator(config, box.names), 0) as pool:
        task = scan(make_model("RFR", config, box.dim), config, opened.folder, pool, show=False,
                    start=start)
        for step, _ in enumerate(task, 1):
            if step == steps:
                break
        else:
            task.finish()
    opened.lock.release()
    return task


@pytest.fixture
def old(tmp_path):
    """A finished run, its config and box."""
    config, box = write(tmp_path)
    return run(config, box, tmp_path / "result"), config, box


@pytest.mark.slow
def test_stored_numbers_under_another_target_are_what_evaluating_gives(tmp_path, old):
    """Other sigmas, limits and formulas: value, status and verdict as from the function itself."""
    config, box = write(tmp_path, NEW, 3.0, "new.py")
    start = gather([old[0].folder], box, config)
    assert len(start) == len(old[0].points) and {"raised"} < {e.status for e in start.evaluations}
    with Pool(make_calculator(config, box.names), 0) as pool:
        fresh = dict(pool.map(start.x))
    for row, stored in enumerate(start.evaluations):
        assert stored.status == fresh[row].status
        np.testing.assert_allclose(stored.value, fresh[row].value, rtol=1e-12)
        if stored.status == "ok":
            assert stored.reason == fresh[row].reason
            assert stored.observables["r"] == pytest.approx(fresh[row].observables["r"], rel=1e-12)


def test_the_same_target_changes_nothing(old):
    """Taken in under its own settings, each value of a run stays, also where limits are broken."""
    task, config, box = old
    start = gather([task.folder], box, config)
    values = np.array([e.learned for e in start.evaluations])
    known = task.points.ok
    assert (task.points.value[known] > 5).any()   # broken limits are among them
    np.testing.assert_allclose(values[known], task.points.value[known], rtol=1e-12)
    assert (start.was_inside == task.points.inside).all()


def test_curves_of_the_old_run_stand_beside_its_input_file(tmp_path):
    """A run with a limit from a file can be taken in; its own chi2 is what it was without it."""
    (tmp_path / "limit.csv").write_text("0,0.1\n1,0.3\n")
    words = OLD + ", observable('g', expression='a', upper='limit.csv', along='b')"
    config, box = write(tmp_path, words)
    task = run(config, box, tmp_path / "result", steps=1)
    start = gather([task.folder], box, config)
    known = task.points.ok
    np.testing.assert_allclose(np.array([e.value for e in start.evaluations])[known],
                               task.points.chi2[known], rtol=1e-12)
    np.testing.assert_allclose(np.array([e.learned for e in start.evaluations])[known],
                               task.points.value[known], rtol=1e-12)


@pytest.mark.slow
def test_a_scan_that_starts_from_points_learns_from_them_at_once(tmp_path, old):
    """They are the first rows, are no evaluations of the run, and no design is made beside them."""
    task, config, box = old
    config = replace(config, Max_evaluations=15)
    n = len(task.points)
    new = run(config, box, tmp_path / "new", gather([task.folder], box, config))
    table = read_table(new.folder / "points.csv")
    assert list(table["origin"][:n]) == ["imported RFR"] * n
    assert not {"design"} & set(table["origin"])
    assert len(new.points) == n + 15 and "Max_evaluations: 15" in new.reason
    assert np.isfinite(table["predicted"][n:]).any()
    assert np.abs(new.points.u[n:, None] - new.points.u[None, :n]).max(2).min() > 0


def test_few_points_are_completed_by_the_design(tmp_path, old):
    """Ten points given: thirty of the design of forty follow."""
    _, config, box = old
    (tmp_path / "ten.csv").write_text("a,b,s,d,m\n" + "".join(
        f"{a},0.5,{a + 0.5},{a - 0.5},{a * 0.5}\n" for a in np.linspace(0.1, 0.9, 10).round(3)))
    new = run(config, box, tmp_path / "new", gather([tmp_path / "ten.csv"], box, config))
    origin = list(read_table(new.folder / "points.csv")["origin"])
    assert origin[:10] == ["imported ten.csv"] * 10
    assert origin[10:40] == ["design"] * 30 and "design" not in origin[40:]


@pytest.mark.slow
def test_a_killed_import_is_taken_up(tmp_path, old):
    """Stopped after the import, the run goes on from its folder alone, none evaluated again."""
    task, config, box = old
    first = run(config, box, tmp_path / "new", gather([task.folder], box, config), steps=1)
    n = len(first.points)
    assert n == len(task.points)
    with Pool(make_calculator(config, box.names), 0) as pool:
        again = scan(make_model("RFR", config, 2), config, first.folder, pool, show=False)
        for _ in again:
            pass
    assert len(again.points) == n + 20
    assert again.beginning.given == n


def test_what_is_left_out_is_counted(tmp_path):
    """Outside, incomplete, twice, without a value: each told with its number; the rest is taken."""
    config, box = write(tmp_path, "observable('s', value=1, sigma=0.3)")
    (tmp_path / "t.csv").write_text(
        "A,b,s\n0.5,0.5,1\n0.5,0.5,1\n0.2,0.3,0.5\n1.5,0.5,2\n,0.5,1\n0.1,0.1,\n0.7,0.2,0.9\n")
    start = gather([tmp_path / "t.csv"], box, config)
    told = " ".join(start.told)
    assert len(start) == 4 and ": 4 points" in told
    for words in ("1 point with a missing parameter", "1 point outside the ranges",
                  "1 point given twice"):
        assert words in told
    assert [e.status for e in start.evaluations].count("bad_value") == 1


def test_two_values_of_one_point_are_told(tmp_path):
    """The first is taken, and the message has both numbers."""
    config, box = write(tmp_path, "observable('s', value=1, sigma=0.5)")
    (tmp_path / "t.csv").write_text("a,b,s\n0.5,0.5,1\n0.5,0.5,2\n")
    start = gather([tmp_path / "t.csv"], box, config)
    assert start.evaluations[0].value == 0
    assert any("two different values" in t and "4" in t for t in start.told)


def test_columns_of_other_names(tmp_path):
    """--columns names them; without it the message lists what there is."""
    config, box = write(tmp_path, "observable('s', value=1, sigma=0.5)")
    (tmp_path / "t.csv").write_text("alpha,beta,total\n0.5,0.5,1\n")
    start = gather([tmp_path / "t.csv"], box, config, {"a": "alpha", "b": "beta", "s": "total"})
    assert start.evaluations[0].value == 0
    with pytest.raises(InputError, match=r"no column 'a'.*alpha, beta, total"):
        gather([tmp_path / "t.csv"], box, config)
    with pytest.raises(InputError, match="the target needs s"):
        gather([tmp_path / "t.csv"], box, config, {"a": "alpha", "b": "beta"})
    with pytest.raises(InputError, match="no column 'gamma'"):
        gather([tmp_path / "t.csv"], box, config, {"a": "gamma", "b": "beta"})


def test_a_table_of_chi2_needs_no_observables(tmp_path):
    """Where the target has none, the column chi2 is the value; without it there is nothing."""
    config, box = write(tmp_path, "")
    (tmp_path / "t.csv").write_text("a,b,Chi2,status\n0.5,0.5,3.5,ok\n0.1,0.2,,no_spectrum\n")
    start = gather([tmp_path / "t.csv"], box, config)
    assert (start.evaluations[0].status, start.evaluations[0].value) == ("ok", 3.5)
    assert start.evaluations[1].status == "no_spectrum"
    (tmp_path / "t.csv").write_text("a,b\n0.5,0.5\n")
    with pytest.raises(InputError, match="no column chi2"):
        gather([tmp_path / "t.csv"], box, config)


def test_points_to_evaluate_again_have_no_evaluation(tmp_path, old):
    """A status named in `again` is left to the programs; others keep what they have."""
    task, config, box = old
    start = gather([task.folder], box, config, again=("raised",))
    raised = task.points.status == "raised"
    assert raised.any()
    assert [e is None for e in start.evaluations] == list(raised)
    beginning = Beginning(start, task.points.take(np.zeros(len(task.points), bool)), 40)
    known = beginning.known(range(len(start)))
    assert len(known) == (~raised).sum() and all(isinstance(e, Evaluation) for _, e in known)


@pytest.mark.slow
def test_old_runs_are_only_read(tmp_path, old):
    """Every file of the run that points come from is as it was."""
    task, config, box = old
    def content():
        return {p: p.read_bytes() for p in Path(task.folder).rglob("*") if p.is_file()}
    before = content()
    run(config, box, tmp_path / "new", gather([task.folder], box, config))
    assert content() == before


def test_how_far_failed_points_are_is_taken_in(tmp_path):
    """An objective of a failed point stays with it: what was added to its chi2 is added again."""
    labels = ["mH", "mA", "mHp", "cos_ba", "TanBeta", "m12sq"]
    (tmp_path / "in.py").write_text(f"""
Calculator = 'THDM'
THDM_basis = 'physical'
THDM_fixed = ['mh = 125.2']
VarLabel = {labels}
VarMin = [300, 300, 300, -0.1, 1, 1e4]
VarMax = [900, 900, 900, 0.1, 9, 4e5]
Size_initial_batch = 40
N_iteration = 0
RF_trees = 5
Live_plots = -1
""")
    config = load_config(tmp_path / "in.py")
    box = Box.from_config(config)
    done = run(config, box, tmp_path / "out")
    points = done.points
    failed = points.status == "unbounded"
    assert failed.any() and (points.value[failed] > points.chi2[failed] + 1).all()
    start = gather([done.folder], box, config)
    again = np.array([e.learned for e in start.evaluations])
    np.testing.assert_allclose(again, points.value)
    table = read_table(done.folder / "points.csv")
    np.testing.assert_array_equal(table["objective"], points.value)
    again = read_points(done.folder / "points.csv", box, "chi2", done.target)
    np.testing.assert_array_equal(again.value, points.value)
    assert again.known.all() and not again.ok.all()


def test_what_the_calculator_itself_calls_chi2_of_something_stays(tmp_path):
    """Parts of a chi2 that the programs give are kept; those of constraints are computed again."""
    config, box = write(tmp_path, "observable('s', value=1, sigma=0.5)")
    (tmp_path / "t.csv").write_text("a,b,s,chi2_s,chi2_rates\n0.5,0.5,1.5,77,33\n")
    numbers = gather([tmp_path / "t.csv"], box, config).evaluations[0].observables
    assert numbers == {"s": 1.5, "chi2_s": 1.0, "chi2_rates": 33.0}


BOUNDED = """a,b,status,reason,chi2,HBresult,HBratio,HBchannel,omega
0.1,0.1,ok,,95,1,0.5,7,0.12
0.2,0.2,excluded,"HiggsBounds: ratio 1.5 in channel 9",96,0,1.5,9,
0.3,0.3,tachyon,negative mass squared,,,,,
0.4,0.4,ok,,97,0,2,9,0.1
"""


@pytest.mark.parametrize(("exclude", "run", "statuses", "lacking"), [
    (1, False, ["ok", "excluded", "tachyon", "excluded"], []),
    (0, False, ["ok", "bad_value", "tachyon", "ok"], []),
    (0, True, ["ok", None, "tachyon", "ok"], [1])])
def test_what_higgsbounds_excludes_is_what_the_input_file_says(
        tmp_path, exclude, run, statuses, lacking):
    """Under another ExcludeHB stored numbers give another verdict; a point whose later programs
    were not run, as it was excluded, lacks their numbers now: they are run when asked."""
    (tmp_path / "t.csv").write_text(BOUNDED)
    (tmp_path / "in.py").write_text(
        "Calculator = 'SPheno'\nHiggsBounds = 1\nHBPath = pathS = Lesh = '.'\n"
        "VarLabel, VarNum, VarMin = ['a', 'b'], ['1', '2'], [0, 0]\n"
        f"VarMax = [1, 1]\nExcludeHB = {exclude}\nChi_square_threshold = 100\n"
        "Observables = [observable('omega', upper=0.13)]\n")
    config = load_config(tmp_path / "in.py")
    start = gather([tmp_path / "t.csv"], Box.from_config(config), config, run=run)
    assert [e and e.status for e in start.evaluations] == statuses
    assert list(start.lacking) == lacking
    if exclude:
        assert start.evaluations[3].reason == "HiggsBounds: ratio 2 in channel 9"
    else:
        assert start.evaluations[3].reason == ""
    if run:
        assert start.lacking[1].observables["HBratio"] == 1.5


WHOLE = """
Calculator = 'f.py:f'
VarLabel = ['n', 'c', 'x', 'k']
VarPrior = ['integer', 'choice [1, 2.5, 7]', 'linear', 'fixed 2']
VarMin = [1, None, 0, None]
VarMax = [9, None, 1, None]
Chi_square_threshold = 4
"""


def test_whole_numbers_and_choices_of_a_table(tmp_path):
    """Those that the scan can have are taken as its own, also with a decimal point or an error of
    rounding; others are told apart from what is outside the ranges."""
    (tmp_path / "f.py").write_text(FUNCTION)
    (tmp_path / "in.py").write_text(WHOLE)
    config = load_config(tmp_path / "in.py")
    box = Box.from_config(config)
    (tmp_path / "t.csv").write_text(
        "n,c,x,k,chi2\n3,2.5,0.5,2,1\n3.0,2.5,0.5,2,1\n5,7.0000000001,1.0,2,1\n9,1,0,2,1\n"
        "2.5,1,0.5,2,1\n4,2,0.25,2,1\n4,1,0.25,3,1\n"
        "10,7,1,2,1\n0.6,7,1,2,1\n4,7.5,1,2,1\n")
    start = gather([tmp_path / "t.csv"], box, config)
    assert box.to_physical(start.u).tolist() == [[3, 2.5, 0.5, 2], [5, 7, 1, 2], [9, 1, 0, 2]]
    told = " ".join(start.told)
    assert "3 points with another whole number, choice, fixed value or formula" in told
    assert "3 points outside the ranges" in told and "1 point given twice" in told


def test_a_status_that_no_point_has_ends_in_words(tmp_path):
    """A new run with the same points would look like one in which something was tried again."""
    config, box = write(tmp_path, "observable('s', value=1, sigma=0.5)")
    (tmp_path / "t.csv").write_text("a,b,s,status\n0.5,0.5,1,ok\n0.1,0.5,,timeout\n")
    with pytest.raises(NothingToDo, match=r"no point has the status timout or crashed.*"
                                         r"Statuses of its points: ok \(1\), timeout \(1\)"):
        gather([tmp_path / "t.csv"], box, config, again=("timout", "crashed"))
