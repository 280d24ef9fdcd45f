"""The Gaussian process."""

import numpy as np
from scipy.optimize import check_grad

from mlscanner.acquisition.gaussian_process import GaussianProcess, process_of


def sample(n=150, seed=0):
    x = np.random.default_rng(seed).random((n, 2))
    return x, np.sin(6 * x[:, 0])


def test_learns_and_knows_where_it_does_not():
    """It predicts a smooth function, finds the idle parameter, and doubts far from its points."""
    rng = np.random.default_rng(1)
    x, y = sample()
    process = GaussianProcess(2).fit(x * 0.5, y, rng)
    other, truth = sample(50, 2)
    assert np.abs(process.mean(other * 0.5) - truth).max() < 0.05
    assert process.theta[1] > process.theta[0] + 1
    assert process.spread(np.array([[1.0, 1.0]]))[0] > 5 * process.spread(x[:1] * 0.5)[0]


def test_far_from_all_points_it_says_what_it_is_to():
    """There it predicts the mean of y, or another number; at its points the same either way."""
    x, y = sample()
    rng, far = np.random.default_rng, np.full((1, 2), 1e3)
    usual = GaussianProcess(2).fit(x, y, rng(0), fresh=True)
    other = GaussianProcess(2).fit(x, y, rng(0), fresh=True, elsewhere=4.0)
    assert np.isclose(usual.mean(far)[0], y.mean()) and np.isclose(other.mean(far)[0], 4.0)
    assert np.abs(usual.mean(x) - other.mean(x)).max() < 0.05


def test_slope_of_the_loss():
    """The analytic gradient is the numerical one."""
    x, y = sample(30)
    process = GaussianProcess(2)
    squares = np.stack([(x[:, None, i] - x[None, :, i]) ** 2 for i in range(2)])
    theta = np.array([-1.0, -0.3, 0.2, -2.0])
    assert check_grad(lambda t: process._loss(t, squares, y)[0],
                      lambda t: process._loss(t, squares, y)[1], theta) < 1e-3


def test_bounded():
    """It keeps at most `most` points, of those given first at least half, and none twice."""
    x, y = sample()
    process = GaussianProcess(2, most=40, fit_on=20).fit(x, y, np.random.default_rng(0))
    assert len(process.x) == 40
    assert np.allclose(process.x[:20] / process.scale, x[:20])
    assert len(np.unique(process.x, axis=0)) == 40


def test_lengths_of_some_of_the_points():
    """A process of many points has all of them, and lengths as from those of them that it is to
    look for them on."""
    x, y = sample(400)
    process = process_of(x, y, np.random.default_rng(0), 50)
    assert len(process.x) == 400 and process.fit_on == 50
    rows = np.random.default_rng(0).permutation(400)[:50]
    own = GaussianProcess(2)
    own._optimise(x, y / y.std() - (y / y.std()).mean(), rows, True)
    assert np.allclose(process.theta, own.theta)
    assert process_of(x[:60], y[:60], np.random.default_rng(0)).fit_on == 60


def test_nothing_is_forgotten():
    """Of many points in one place and few elsewhere it goes on knowing the few."""
    rng = np.random.default_rng(0)
    x = np.concatenate([0.4 * rng.random((2000, 2)), 0.6 + 0.4 * rng.random((20, 2))])
    process = GaussianProcess(2, most=100).fit(x, np.sin(6 * x[:, 0]), rng)
    learned = process.x / process.scale
    assert sum((learned[:, 0] > 0.5) & (learned[:, 1] > 0.5)) >= 9


def test_lengths_are_looked_for_anew():
    """A training from scratch leaves a poor optimum, one that goes on stays in it."""
    x, y = sample(200)
    other, truth = sample(100, 3)
    poor = np.array([3.0, 3.0, -2.0, 1.0])      # all is noise

    def error(fresh):
        process = GaussianProcess(2, theta=poor)
        process.fit(x, y, np.random.default_rng(0), fresh)
        return np.abs(process.mean(other) - truth).max()
    assert error(fresh=False) > 0.3 and error(fresh=True) < 0.05


def test_an_idle_parameter_stays_within_bounds():
    """A weak prior keeps the lengths of parameters without influence from wandering off."""
    rng = np.random.default_rng(1)
    x = rng.random((40, 3))
    y = np.sin(6 * x[:, 0]) + 0.3 * rng.standard_normal(40)
    active, *idle = GaussianProcess(3).fit(x, y, np.random.default_rng(0)).theta[:3]
    assert active < min(idle) and max(idle) < 2.0   # of a range of -5 to 3 in the logarithm


def test_points_far_from_the_origin_are_learned_all_the_same():
    """In coordinates in which the points of a thin part have unit spread others are ten thousand
    away: rounding then leaves no Cholesky factor of the covariance."""
    x, y = sample(70)
    process = GaussianProcess(2, 200, 200).fit(x + 1e4, y, np.random.default_rng(0), fresh=True)
    assert np.abs(process.mean(x + 1e4) - y).max() < 0.01
    assert np.isfinite(process.spread(x + 1e4)).all()


def test_threads_do_not_matter():
    """Blocks of points predicted side by side: the same numbers, bit for bit."""
    x, y = sample(300)
    one, four = (GaussianProcess(2, threads=threads).fit(x, y, np.random.default_rng(0))
                 for threads in (1, 4))
    other = np.random.default_rng(1).random((1100, 2))
    assert (one.mean(other) == four.mean(other)).all()
    assert (one.spread(other) == four.spread(other)).all()
