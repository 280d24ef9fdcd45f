"""What is learned around a point."""

import numpy as np
import pytest

from mlscanner.scanning.local_model import HARD_LIMIT, LocalModel, broken, searched
from mlscanner.store.points import Points


def corner(u):
    """chi2 (n,), and what each point breaks: a thin sheet ends at two limits."""
    chi2 = 4 * (u[:, 0] - 0.3)**2 + ((u[:, 1] - 0.5) / 0.2)**2
    return chi2, np.where(u[:, 2] - 0.5 * u[:, 0] > 0.02, "upper",
                          np.where(u[:, 2] - 0.4 * u[:, 0] < 0.0, "lower", ""))


def near_sheet(rng, n):
    u = rng.random((n, 3))
    u[:, 2] = 0.45 * u[:, 0] + 0.05 * rng.standard_normal(n)
    return u


def model_of(u):
    chi2, breaks = corner(u)
    good = np.flatnonzero((chi2 < 2) & (breaks == ""))
    return LocalModel(u, chi2, breaks, good, good[0], np.random.default_rng(2))


def test_what_a_point_breaks_has_a_name():
    """A failure has its status, a broken hard limit its own name, an allowed point none."""
    points = Points(1, id=[0, 1, 2], iteration=[0] * 3, origin=["x"] * 3, u=[[0.1]] * 3,
                    x=[[0.1]] * 3, value=[1.0, 2.0, 9.0], chi2=[1.0, 2.0, 2.0],
                    status=["ok", "tachyon", "ok"], inside=[True, False, False],
                    penalty=[0.0, 0.0, 7.0])
    assert list(broken(points)) == ["", "tachyon", HARD_LIMIT]


def test_chi2_and_both_limits_are_known_around_a_point():
    """New points: chi2 goes on as it does, also where a limit is broken; of ten that keep both
    limits nine are known, of twenty that break one seventeen."""
    rng = np.random.default_rng(1)
    model = model_of(near_sheet(rng, 1500))
    assert len(model.limits) == 2
    u = near_sheet(rng, 40_000)
    u = u[np.linalg.norm(model.to_local(u), axis=1) < 4]
    chi2, breaks = corner(u)
    assert len(u) > 100 and 0.1 < (breaks == "").mean() < 0.9
    assert np.median(np.abs(model.delta(u) - chi2)) < 0.05
    kept = model.margin(u) > 0
    assert kept[breaks == ""].mean() > 0.9
    assert kept[breaks != ""].mean() < 0.15


def test_the_coordinates_are_those_of_the_good_points_around():
    """In each direction these have unit spread, in that across the sheet as in the others."""
    u = near_sheet(np.random.default_rng(1), 1500)
    model = model_of(u)
    chi2, breaks = corner(u)
    z = model.to_local(u[(chi2 < 2) & (breaks == "")])
    near = z[np.argsort((z**2).sum(axis=1))[:18]]
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(near.T)))
    assert spread.min() > 0.5 and spread.max() < 2
    assert model.to_local(model.base + np.array([0.3, -1.0, 2.0]) @ model.back) == pytest.approx(
        [0.3, -1.0, 2.0])


def test_without_failures_there_is_no_limit():
    """All is allowed: the margin has no end, and shapes are kept."""
    rng = np.random.default_rng(1)
    u = rng.random((200, 3))
    model = LocalModel(u, corner(u)[0], np.full(200, ""), np.arange(200), 0, rng)
    assert np.isinf(model.margin(u.reshape(2, 100, 3))).all()
    assert model.delta(u.reshape(2, 100, 3)).shape == (2, 100)


def test_each_population_is_searched_for_itself():
    """Each finds the minimum of its own cost, in the box, where `put` allows it."""
    rng = np.random.default_rng(3)
    middle = np.array([[0.2, 0.8, 0.5], [1.2, 0.5, 0.5]])

    def cost(u):
        return ((u - middle[:, None])**2).sum(axis=-1)

    def put(u):
        u = u.copy()
        u[..., 2] = np.minimum(u[..., 2], 0.4)
        return u
    found = searched(rng.random((2, 40, 3)), cost, put, rng)
    assert found[0] == pytest.approx([0.2, 0.8, 0.4], abs=0.02)
    assert found[1] == pytest.approx([1.0, 0.5, 0.4], abs=0.05)
