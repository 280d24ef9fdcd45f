"""The surrogate: one process of the whole box, and local ones where the target is."""

import numpy as np
import pytest

from mlscanner.acquisition.gaussian_process import BAD, GaussianProcess
from mlscanner.acquisition.surrogate import CLEARLY, HARDLY, Surrogate

ONE_SIDED = (-np.inf, 0.0)
NORMALS = np.array([[1.0, -1.0, 0.5, 0.0], [1.0, 1.0, 0.0, -0.5]])
CENTRES = np.array([[0.3, 0.3, 0.5, 0.5], [0.7, 0.7, 0.5, 0.5]])


def sheets(u, n=2):
    """Scaled height of n oblique thin sheets, below 0 within 0.004 of one of them."""
    out = []
    for across, centre in zip(NORMALS[:n], CENTRES[:n], strict=True):
        normal = across / np.linalg.norm(across)
        off = (u - centre) @ normal
        along = np.linalg.norm(u - centre - off[:, None] * normal, axis=1)
        out.append((off / 0.004) ** 2 + (along / 0.2) ** 2)
    return np.log((np.min(out, axis=0) + 0.3) / 1.3)


def around(rng, n, wide=0.02, parts=2):
    """Points (n, 4) on the sheets and beside them."""
    normal = NORMALS / np.linalg.norm(NORMALS, axis=1, keepdims=True)
    k = rng.integers(parts, size=n)
    along = 0.08 * rng.standard_normal((n, 4))
    along -= (along * normal[k]).sum(axis=1)[:, None] * normal[k]
    return CENTRES[k] + along + (wide * rng.standard_normal(n))[:, None] * normal[k]


def trained(parts=2, n=500, seed=0):
    rng = np.random.default_rng(seed)
    u = np.concatenate([around(rng, n, 0.004, parts), around(rng, n, 0.02, parts),
                        rng.random((300, 4))])
    y = sheets(u, parts)
    order = np.argsort(np.abs(y))
    return u[order], y[order], Surrogate(4).fit(u[order], y[order], ONE_SIDED, rng)


def test_a_narrow_oblique_part_is_resolved():
    """Near thin oblique sheets its error is a third of that of a process of the whole box."""
    u, y, surrogate = trained()
    new = around(np.random.default_rng(5), 400, 0.008)
    whole = GaussianProcess(4).fit(u, y, np.random.default_rng(0))
    errors = [np.abs(model.mean(new) - sheets(new)).mean() for model in (surrogate, whole)]
    assert len(surrogate.local) >= 2
    assert errors[0] < errors[1] / 3


def test_the_spread_covers_the_errors_and_tells_something():
    """Near the target errors are within two spreads, and spreads half of how values differ; where
    one local process says all, mean and spread are its own."""
    *_, surrogate = trained()
    new = around(np.random.default_rng(5), 400, 0.008)
    new = new[np.abs(surrogate.mean(new)) < 1]
    spread = surrogate.spread(new)
    assert np.mean(np.abs(surrogate.mean(new) - sheets(new)) < 2 * spread) > 0.9
    assert np.median(spread) < 0.5 * sheets(new).std()
    k = surrogate.piece(new[:1])[0] - 1
    part = surrogate.local[k]
    alone = new[(surrogate.piece(new) == k + 1) & (surrogate._shares(new).max(axis=1) == 1)]
    assert len(alone) > 10
    assert np.allclose(surrogate.mean(alone), part.mean(alone))
    assert np.allclose(surrogate.spread(alone), part.spread(alone))


def test_pieces_of_a_logarithm_are_sums_of_squares():
    """Told that values are a logarithm of something like a chi2 a piece has a trend, and no larger
    error; fitted without that it has none again."""
    u, y, plain = trained()
    squared = Surrogate(4)
    squared.fit(u, y, ONE_SIDED, np.random.default_rng(1), logarithm=(1.0, 0.3 / 1.3))
    new = around(np.random.default_rng(5), 400, 0.008)
    errors = [np.abs(model.mean(new) - sheets(new)).mean() for model in (plain, squared)]
    assert all(part.trend is None for part in plain.local)
    assert any(part.trend is not None for part in squared.local)
    assert errors[1] < 1.1 * errors[0]
    again = squared.fit(u, y, ONE_SIDED, np.random.default_rng(1))
    assert all(part.trend is None for part in again.local)


def test_each_piece_has_a_process():
    """Two sheets of different slopes have pieces of their own, with the directions of each."""
    *_, surrogate = trained()
    normal = NORMALS / np.linalg.norm(NORMALS, axis=1, keepdims=True)
    for part in surrogate.local:
        k = np.argmin(np.linalg.norm(CENTRES - part.centre, axis=1))
        thin = part.white[:, np.argmax(np.linalg.norm(part.white, axis=0))]
        assert abs(thin @ normal[k]) / np.linalg.norm(thin) > 0.97
    assert len({int(np.argmin(np.linalg.norm(CENTRES - part.centre, axis=1)))
                for part in surrogate.local}) == 2


def test_a_few_points_beside_a_sheet_do_not_thicken_it():
    """With four good points of elsewhere among those of a thin sheet its piece is as thin as
    without them, and the error as small."""
    rng = np.random.default_rng(0)
    u, beside = around(rng, 1200, 0.01, 1), CENTRES[0] + 0.1 * NORMALS[0] / 1.5
    others = beside + 1e-3 * rng.standard_normal((4, 4))
    new, errors, thin = around(np.random.default_rng(5), 300, 0.006, 1), [], []
    for more in (u[:0], others):
        x = np.concatenate([more, u])
        y = np.concatenate([np.full(len(more), -0.5), sheets(u, 1)])
        surrogate = Surrogate(4).fit(x, y, ONE_SIDED, np.random.default_rng(1))
        errors.append(np.abs(surrogate.mean(new) - sheets(new, 1)).mean())
        thin.append(min(1 / np.linalg.norm(part.white, axis=0).max() for part in surrogate.local))
    assert thin[1] == pytest.approx(thin[0], rel=0.3) and thin[0] < 0.004
    assert errors[1] < 1.5 * errors[0]


def test_without_good_points_it_is_the_process_of_the_box():
    """As long as hardly anything is good, mean and spread are those of a GaussianProcess."""
    rng = np.random.default_rng(0)
    u = rng.random((200, 4))
    y = sheets(u) + 1
    surrogate = Surrogate(4).fit(u, y, ONE_SIDED, np.random.default_rng(1))
    whole = GaussianProcess(4).fit(u, y, np.random.default_rng(1))
    assert surrogate.local == ()
    assert np.array_equal(surrogate.mean(u), whole.mean(u))
    assert np.array_equal(surrogate.spread(u), whole.spread(u))
    assert np.array_equal(surrogate.theta, whole.theta)


def test_far_from_the_target_the_whole_box_counts():
    """Where no local process knows a point it is predicted by the process of the whole box."""
    *_, surrogate = trained(parts=1)
    far = np.array([[0.95, 0.05, 0.9, 0.1]])
    assert not surrogate._shares(far).any()
    assert surrogate.mean(far) == surrogate.whole.mean(far)
    assert surrogate.spread(far) == surrogate.whole.spread(far)


def test_the_whole_box_says_how_bad_and_never_how_good():
    """A point that a local process calls clearly bad is bad; how much says the whole, if it
    agrees."""
    u, _, surrogate = trained(parts=1)
    local = np.array([part.mean(u) for part in surrogate.local]).min(axis=0)
    bad = u[(local > CLEARLY + 0.2) & surrogate._shares(u).any(axis=1)]
    assert len(bad) > 20
    assert (surrogate.mean(bad) > CLEARLY).all()
    assert np.abs(surrogate.mean(bad) - surrogate.whole.mean(bad)).min() == 0
    surrogate.whole.mean = lambda x: np.full(len(x), -1.0)
    assert (surrogate.mean(bad) > 0).all()


def test_a_band_has_two_edges():
    """Of a target between two values local processes learn what is too low and what is too high."""
    rng = np.random.default_rng(0)
    u = np.concatenate([around(rng, 800, 0.006, 1), rng.random((300, 4))])
    normal = NORMALS[0] / np.linalg.norm(NORMALS[0])

    def value(u):
        return np.arcsinh((u - CENTRES[0]) @ normal / 0.003)
    surrogate = Surrogate(4).fit(u, value(u), (-1.0, 1.0), rng)
    new = around(np.random.default_rng(1), 300, 0.01, 1)
    low, high = new[value(new) < -1.5], new[value(new) > 1.5]
    assert len(surrogate.local) and len(low) > 30 and len(high) > 30
    assert np.mean(surrogate.mean(low) < -1) > 0.95
    assert np.mean(surrogate.mean(high) > 1) > 0.95


def test_shares():
    """The shares of the local processes are one in all, or nothing where none knows; none is so
    small that asking is not worth it."""
    u, _, surrogate = trained()
    share = surrogate._shares(u)
    total = share.sum(axis=1)
    assert np.allclose(total[total > 0], 1)
    assert {0, 1} == set(np.round(total).astype(int))
    assert share[share > 0].min() > HARDLY and ((share > HARDLY) & (share < 0.5)).any()


@pytest.mark.parametrize("sign", [1, -1])
def test_far_from_its_points_a_piece_calls_nothing_good(sign):
    """Nearly all that it learned is good, and so is the mean; also where large values are good."""
    rng = np.random.default_rng(0)
    u = around(rng, 500, 0.003, 1)
    y = sign * np.minimum(sheets(u, 1), BAD)
    edges = ONE_SIDED if sign > 0 else (0.0, np.inf)
    local = Surrogate(4).fit(u, y, edges, rng).local
    assert sign * y.mean() < 0 and local
    for part in local:
        assert np.isclose(part.mean(part.centre + 1e3 * NORMALS[:1])[0], sign * BAD)
    assert np.abs(local[0].mean(u) - y).max() < 0.5 * y.std()


def test_whole_numbers_are_no_pieces():
    """Good points on the steps of whole numbers are one piece, not one a number."""
    rng = np.random.default_rng(0)
    count = 3
    u = rng.random((600, 3))
    u[:, 0] = (rng.integers(count, size=600) + 0.5) / count
    y = ((u[:, 1:] - 0.5) ** 2).sum(axis=1) - 0.2
    surrogate = Surrogate(3, counts=[count, 0, 0]).fit(u, y, ONE_SIDED, rng)
    spikes = Surrogate(3).fit(u, y, ONE_SIDED, np.random.default_rng(0))

    assert len(surrogate.local) < len(spikes.local)
    assert min(1 / np.linalg.norm(part.white, axis=0).max() for part in spikes.local) < 0.01
    assert min(1 / np.linalg.norm(part.white, axis=0).max() for part in surrogate.local) > 0.03


def test_no_pieces_where_nothing_is_continuous():
    """Of whole numbers alone the process of the whole box says all."""
    rng = np.random.default_rng(0)
    u = (rng.integers(9, size=(400, 3)) + 0.5) / 9
    y = ((u - 0.5) ** 2).sum(axis=1) - 0.1
    assert (y < 0).sum() > 50
    assert Surrogate(3, counts=[9, 9, 9]).fit(u, y, ONE_SIDED, rng).local == ()
    assert Surrogate(3, counts=[9, 9, 0]).fit(u, y, ONE_SIDED, rng).local


def test_symmetry():
    """Images of a point have its prediction, also that of local processes."""
    rng = np.random.default_rng(0)
    u = around(rng, 600, 0.006, 1)

    def folded(x):
        return np.minimum(x, 1 - x)
    surrogate = Surrogate(4).fit(u, sheets(folded(u), 1), ONE_SIDED, rng, folded=folded)
    assert len(surrogate.local)
    assert np.allclose(surrogate.mean(u), surrogate.mean(1 - u))
    assert np.allclose(surrogate.spread(u), surrogate.spread(1 - u))


def test_the_cost_is_bounded():
    """A local process learns from `most` points however many there are, and knows all its piece."""
    rng = np.random.default_rng(0)
    u = around(rng, 6000, 0.003)
    surrogate = Surrogate(4, most=200).fit(u, sheets(u), ONE_SIDED, rng)
    assert all(len(part.process.x) == 200 for part in surrogate.local)
    assert surrogate._shares(u[sheets(u) < 0]).any(axis=1).mean() > 0.95


@pytest.mark.parametrize("n", [0, 1, 50])
def test_any_number_of_points(n):
    """It predicts for no point, for one, and for many."""
    u, _, surrogate = trained()
    assert surrogate.mean(u[:n]).shape == surrogate.spread(u[:n]).shape == (n,)


def test_all_good_points_alike():
    """Good points in one place, or equal in one parameter, are no failure."""
    rng = np.random.default_rng(0)
    u = rng.random((200, 3))
    u[:60] = 0.5
    u[60:120, 1] = 0.25
    y = np.where(np.arange(200) < 120, -0.5, 1.0) + 0.01 * rng.random(200)
    surrogate = Surrogate(3).fit(u, y, ONE_SIDED, rng)
    assert np.isfinite(surrogate.mean(u)).all() and (surrogate.spread(u) > 0).all()
    assert surrogate.mean(u).max() < 1 + BAD


def test_one_parameter():
    """A box of one parameter has pieces, too."""
    rng = np.random.default_rng(0)
    u = rng.random((200, 1))
    y = np.abs(np.abs(u[:, 0] - 0.5) - 0.25) - 0.05
    surrogate = Surrogate(1).fit(u, y, ONE_SIDED, rng)
    new = rng.random((100, 1))
    truth = np.abs(np.abs(new[:, 0] - 0.5) - 0.25) - 0.05
    assert len(surrogate.local) >= 2
    assert np.abs(surrogate.mean(new) - truth).max() < 0.1


def test_same_seed_same_predictions():
    """The same points and the same seed give the same predictions."""
    one, two = trained(seed=3), trained(seed=3)
    new = around(np.random.default_rng(5), 50)
    assert np.array_equal(one[2].mean(new), two[2].mean(new))


def test_a_mixture_that_can_not_be_found(monkeypatch):
    """Where rounding leaves no mixture, the process of the whole box says all."""
    def fit(self, good):
        raise ValueError("ill-defined empirical covariance")
    monkeypatch.setattr("sklearn.mixture.GaussianMixture.fit", fit)
    u, _, surrogate = trained()
    assert surrogate.local == ()
    assert np.array_equal(surrogate.mean(u), surrogate.whole.mean(u))
