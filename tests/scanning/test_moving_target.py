"""A target relative to the best chi2 known: it moves, points are told anew, a resume is exact."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from mlscanner.auxiliary import Pool, make_calculator
from mlscanner.config.scan_config import load_config, make_config
from mlscanner.errors import InputError
from mlscanner.likelihood.target import Target
from mlscanner.MLs_HEP import scan
from mlscanner.models.registry import make_model
from mlscanner.plotting.plot_data import load_run
from mlscanner.space.parameters import Box
from mlscanner.store.opening import open_run
from mlscanner.store.points_table import read_table

INPUT = """
Calculator = 'f.py:f'
VarLabel = ['a', 'b']
VarMin = [0, 0]
VarMax = [1, 1]
{target}
Seed = 3
Size_initial_batch = 40
Size_batch_K = 20
Size_batch_search = 20
Size_batch_L = 500
Walkers = 20
Surrogate_points = 50
RF_trees = 20
N_iteration = {steps}
Live_plots = -1
Observables = [observable('s', value=0.5, sigma=0.05), observable('d', upper=0.3)]
"""
# the smallest chi2 of all, 5, is at d = 0.5, beyond the limit: 6.23 on its edge is the best allowed
FUNCTION = "def f(p):\n    return {'s': p[0], 'd': p[1], 'chi2': 5 + 30 * (p[1] - 0.5) ** 2}\n"


def configured(folder, target="Chi_square_above_best = 1.0", steps=3):
    """The config of an input file."""
    (folder / "f.py").write_text(FUNCTION)
    (folder / "in.py").write_text(INPUT.format(target=target, steps=steps))
    return load_config(folder / "in.py")


def run(config, model, output, stop=99, new=True):
    """Scan; returns the scan, stopped after so many iterations or finished."""
    box = Box.from_config(config)
    opened = open_run(config, model, output, new=new)
    with Pool(make_calculator(config, box.names), 0) as pool:
        task = scan(make_model(model, config.models, box.dim), config, opened.folder, pool,
                    show=False)
        for step, _ in enumerate(task, 1):
            if step == stop:
                break
        else:
            task.finish()
    task.file.close()
    opened.lock.release()
    return task


@pytest.mark.slow
@pytest.mark.parametrize("model", ["RFR", "RFC"])
def test_the_target_follows_the_best_point_and_a_resume_is_exact(tmp_path, model, caplog):
    """In memory, in points.csv and for pictures the points inside are those within 1 of the best
    allowed one; a run that was stopped proposes what one does that was not."""
    config = configured(tmp_path)
    with caplog.at_level("INFO", logger="mlscan"):
        whole = run(config, model, tmp_path / "a")
    points = whole.points
    allowed = points.ok & (points.x[:, 1] <= 0.3)
    edge = points.chi2[allowed].min() + 1.0
    assert whole.target.high == edge and edge < 7.6
    assert points.chi2.min() < edge - 1     # beyond the limit there is less
    assert (points.value[~allowed] > edge).all()
    np.testing.assert_array_equal(points.inside, allowed & (points.chi2 < edge))
    assert points.inside.sum() > 5
    with (whole.folder / "points.csv").open(newline="") as file:
        inside = {int(r["id"]): r["in_target"] == "1" for r in csv.DictReader(file)}
    assert [inside[i] for i in points.id] == points.inside.tolist()
    assert load_run(whole.folder).band == (-np.inf, edge)
    said = [r.message for r in caplog.records if r.message.startswith("The target is now")]
    assert said and f"best + 1, now {edge:g}" in said[-1]

    stopped = run(config, model, tmp_path / "b", stop=2)
    table = read_table(stopped.folder / "points.csv")   # told anew before anything rewrites it
    np.testing.assert_array_equal(table["in_target"] == 1, stopped.points.inside)
    again = run(config, model, tmp_path / "b", new=False)
    np.testing.assert_array_equal(again.points.x, points.x)
    np.testing.assert_array_equal(again.points.value, points.value)
    np.testing.assert_array_equal(again.points.inside, points.inside)


def test_confidence_is_a_quantile_of_chi2():
    """68.3 and 95.4 % of one and two parameters: 1, 4, 2.30 and 6.18 (PDG)."""
    for level, n, delta in ((0.6827, 1, 1.0), (0.9545, 1, 4.0), (0.6827, 2, 2.2958),
                            (0.9545, 2, 6.1801)):
        target = Target.from_settings({"Confidence": level, "Confidence_parameters": n})
        assert target.above == pytest.approx(delta, abs=2e-3)
        target.move(50 + target.above)
        assert target.inside([50 + delta - 0.01, 50 + delta + 0.01]).tolist() == [True, False]


def test_with_a_threshold_the_smaller_one_counts():
    """It limits what the best chi2 allows, and alone it is the target as ever."""
    target = Target.from_config(make_config(Calculator="F_2d", Chi_square_above_best=4.0,
                                            Chi_square_threshold=10.0))
    assert target.high == 10.0
    target.move(9.0 + 4.0)
    assert target.high == 10.0 and str(target) == "chi2 < best + 4, and < 10"
    target.move(2.0 + 4.0)
    assert target.high == 6.0 and str(target) == "chi2 < best + 4, now 6, and < 10"
    alone = Target.from_config(make_config(Calculator="F_2d", Chi_square_above_best=4.0))
    assert not alone.inside([0.0, 1e9]).any()   # nothing is known yet
    assert str(alone) == "chi2 < best + 4"


@pytest.mark.parametrize(("words", "said"), [
    ({"Chi_square_above_best": 4.0, "Confidence": 0.9}, "both say how far"),
    ({"Confidence": 0.9, "Target_value": 1.0, "Target_width": 0.1}, "has no best chi2"),
    ({"Chi_square_threshold": None}, "no other setting says what the target is"),
    ({"Confidence": 95.4}, "Confidence = 95.4"), ({"Chi_square_above_best": 0}, "above 0"),
    ({"Confidence_parameters": 0}, "Confidence_parameters = 0")])
def test_contradictions_are_refused(words, said):
    """Each in one sentence."""
    with pytest.raises(InputError, match=said):
        make_config(**({"Calculator": "F_2d"} | words))


@pytest.mark.slow
def test_a_learned_number_beyond_a_limit_is_outside_wherever_the_target_is(tmp_path):
    """Learn = 'observables': chi2 that is built of predictions is lifted above the edge, too."""
    config = replace(configured(tmp_path, steps=2), Learn="observables")
    task = run(config, "RFR", tmp_path / "o")
    outputs = task.proposer.outputs
    assert outputs.likelihood.least == task.proposer.target.high
    learned = outputs.training(task.points)
    chi2 = outputs.chi2(learned, task.points.u)
    broken = task.points.penalty > 0
    assert broken.any() and (chi2[broken] > task.target.high).all()
    np.testing.assert_allclose(chi2, task.points.value, rtol=1e-9)
