"""Points near a contour: they lie on the profile, where it is least certain, and are bounded."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from mlscanner.scanning import contours
from mlscanner.scanning.contours import Contours
from mlscanner.space.parameters import Box, make_parameter
from mlscanner.statistics.profiles import CONFIDENCE, level, make_profile
from mlscanner.store.points import Points
from mlscanner.store.points_table import read_table
from runner import run, write_input

USER = """
VarMin = [0, 0]
VarMax = [1, 1]
VarLabel = ['a', 'b']
Chi_square_threshold = 100
"""
FUNCTION = """
def f(p):
    chi2 = ((p[0] - 0.3) / 0.1) ** 2 + ((p[1] - 0.5) / 0.1) ** 2
    return {"chi2": chi2, "sum": p[0] + p[1]}
"""


def banana(u):
    """chi2 (n,) of four parameters; the profile of the first two is `two` of them."""
    return two(u[:, 0], u[:, 1]) + (((u[:, 2:] - 0.2 - 0.6 * u[:, :1]) / 0.05) ** 2).sum(axis=1)


def two(x, y):
    """Delta chi2 of the profile."""
    return ((x - 0.5) / 0.1) ** 2 + ((y - 0.3 - 4 * (x - 0.5) ** 2) / 0.05) ** 2


def added(points, u, origin):
    """Evaluate unit-box points (n, d)."""
    chi2 = banana(u)
    points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), x=u, u=u,
                  origin=[origin] * len(u), value=chi2, inside=chi2 < 20,
                  status=np.full(len(u), "ok", object))


def wrong(points):
    """Area between the contour and the true one, as a share of the true region."""
    profile = make_profile(points.u[:, :2], points.chi2, [0, 0], [1, 1])
    truth = two(*np.meshgrid(*profile.nodes, indexing="ij")) < level(CONFIDENCE[1], 2)
    return (profile.region(CONFIDENCE[1]) != truth).sum() / truth.sum()


@pytest.mark.slow
def test_the_contour_comes_near_to_the_true_one_with_few_points():
    """The proposed points are on the true profile, one is at its minimum, and what is wrong is a
    fifth of what it was."""
    rng = np.random.default_rng(1)
    u = rng.random((400_000, 4))
    points = Points(4)
    added(points, u[banana(u) < 20][:400], "walk")
    before = wrong(points)
    box = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(4)])
    asker = Contours(points, box, 150, ["x0", "x1"], None, 1)
    while len(new := asker.ask(points)):
        added(points, new, asker.origin)
    assert len(points) == 550
    new = points.u[400:]
    assert np.median(points.chi2[400:] - two(new[:, 0], new[:, 1])) < 0.05
    assert points.chi2.min() < 0.02 < points.chi2[:400].min()
    assert wrong(points) < before / 4


def test_linear_algebra_has_one_thread(monkeypatch):
    """Two that wait for each other took 26 s in place of 19, and the last digits depend on them."""
    threads, searched = [], contours.searched

    def watched(*args):
        threads.extend(library["num_threads"] for library in threadpool_info()
                       if library["user_api"] == "blas")
        return searched(*args)
    monkeypatch.setattr(contours, "searched", watched)
    points = Points(4)
    added(points, 0.5 + 0.05 * np.random.default_rng(3).standard_normal((60, 4)), "walk")
    box = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(4)])
    with threadpool_limits(2, user_api="blas"):
        assert len(Contours(points, box, 10, ["x0", "x1"], None, 1).ask(points))
    assert threads and set(threads) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_a_handful_of_points_is_enough_to_begin(n):
    """Nothing near the contour is known yet: points are proposed all the same, once each."""
    points, box = Points(4), Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(4)])
    added(points, np.random.default_rng(n).random((n, 4)), "design")
    asker = Contours(points, box, 10, ["x0", "x1"], None, 1)
    while len(new := asker.ask(points)):
        added(points, new, asker.origin)
    assert n < len(points) <= n + 10
    assert len(np.unique(points.u, axis=0)) == len(points)


@pytest.mark.slow
def test_profile_refines_parameters_and_observables_of_a_run(tmp_path):
    """As many points as are said, in points.csv as all others; the pictures know them."""
    write_input(tmp_path, "user.py:f", more=USER + "N_iteration = 1\nRefine_evaluations = 0\n")
    (tmp_path / "user.py").write_text(FUNCTION)
    words = ["RFR", "--input", tmp_path / "scan_input.py", "--output", tmp_path / "out"]
    code, output = run(words, tmp_path / "log")
    assert code == 0, output
    folder = tmp_path / "out/RFR"
    before = len(read_table(folder / "points.csv")["id"])
    for columns, n in ((("--x", "a", "--y", "b"), 10), (("--x", "sum"), 5)):
        code, output = run(["profile", folder, *columns, "--refine", n, "--trust"],
                           tmp_path / "log2")
        assert code == 0, output
    table = read_table(folder / "points.csv")
    assert len(table["id"]) == before + 15
    assert (table["origin"] == "contour").sum() == 15
    assert (folder / "pictures/profile_a_b.png").exists()
    code, output = run(["profile", folder, "--refine", 5], tmp_path / "log3")
    assert code == 2 and "--refine 5 needs --x" in output


@pytest.mark.slow
def test_a_tail_that_narrows_behind_hard_limits_is_followed(monkeypatch):
    """Where chi2 does not rise to the edge, points go on along the good ones, which become four
    times as thin on the way; the model's own proposals end at 0.44."""
    monkeypatch.setattr(contours, "LEARNED", 200)

    def add(points, u, origin):
        chi2 = ((u[:, 1] - 0.5) / 0.1) ** 2
        fits = np.abs(u[:, 2] - 0.2 - 0.5 * u[:, 1]) < 0.05 * np.exp(-5 * u[:, 0])
        points.append(id=len(points) + np.arange(len(u)), iteration=np.zeros(len(u), int), x=u,
                      u=u, origin=[origin] * len(u), value=chi2, inside=fits,
                      status=np.where(fits, "ok", "excluded").astype(object))

    def reached(points):
        return points.u[points.allowed & (points.chi2 < 6), 0].max()
    box = Box([make_parameter(f"x{i}", 0.0, 1.0, "linear") for i in range(4)])
    points, u = Points(4), np.random.default_rng(3).random((6000, 4))
    add(points, u[u[:, 0] < 0.3], "walk")
    assert reached(points) < 0.31
    asker = Contours(points, box, 150, ["x0", "x1"], None, 1)
    while len(new := asker.ask(points)):
        add(points, new, asker.origin)
    assert reached(points) > 0.55
