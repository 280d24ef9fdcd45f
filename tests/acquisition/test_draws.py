"""Random points of the unit box."""

import numpy as np

from mlscanner.acquisition.draws import design, prior_draws, reflect, scattered


def test_cut():
    """Designs and prior draws obey a cut; one that lets nothing pass ends."""
    rng = np.random.default_rng(0)
    for draw in (design, prior_draws):
        assert np.all(draw(rng, 50, 3, lambda u: u[:, 0] < 0.3)[:, 0] < 0.3)
        assert draw(rng, 10, 3, lambda u: np.zeros(len(u), bool)).shape == (0, 3)
    assert design(rng, 50, 3).shape == (50, 3)


def test_reflect():
    """Steps over a wall come back into the box."""
    assert np.allclose(reflect(np.array([-0.2, 0.3, 1.1, 2.5])), [0.2, 0.3, 0.9, 0.5])


def test_a_cut_that_lets_hardly_any_point_pass():
    """One in a hundred thousand: some points are found all the same."""
    rng = np.random.default_rng(0)
    for draw in (design, prior_draws):
        found = draw(rng, 10, 2, lambda u: (u < (1e-4, 0.1)).all(axis=1))
        assert 1 <= len(found) <= 10


def test_scattered_reaches_all_scales():
    """Steps from a thousandth to a tenth of the box, half of them along one parameter."""
    step = np.abs(scattered(np.random.default_rng(0), np.full((1, 4), 0.5), 1000) - 0.5)
    size = step.max(axis=1)
    assert (size < 2e-3).mean() > 0.1
    assert (size > 0.05).mean() > 0.1
    assert 0.4 < ((step > 1e-12).sum(axis=1) == 1).mean() < 0.6
