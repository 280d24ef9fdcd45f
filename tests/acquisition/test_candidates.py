"""Where the next points could be."""

from types import SimpleNamespace

import numpy as np

from mlscanner.acquisition.candidates import (
    design,
    misclassified,
    prior_draws,
    reflect,
    scattered,
    smote_moves,
    walks,
)


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


def test_walks_stay_good_and_spread():
    """Walkers stay where the model is good and reach its far end; clusters share them equally."""
    rng = np.random.default_rng(0)
    starts = [np.array([[0.1, 0.5], [0.15, 0.5], [0.12, 0.52]]),
              np.array([[0.9, 0.9], [0.88, 0.9]])]
    u, cluster = walks(rng, starts, lambda u, k: (u[:, 0] < 0.6) == (k == 0), walkers=200)
    assert np.all((u[:, 0] < 0.6) == (cluster == 0))
    assert u[cluster == 0, 0].max() > 0.3
    assert np.all((u >= 0) & (u <= 1))
    assert len(walks(rng, [starts[0][:1]], None, walkers=200)[0]) == 0
    assert len(walks(rng, starts, None, walkers=0)[0]) == 0


def test_walks_start_by_weight():
    """A point of weight 0 starts no walker."""
    rng, starts = np.random.default_rng(0), [np.array([[0.1, 0.1], [0.9, 0.9]])]
    for weight in ([1.0, 0.0], [0.0, 3.0]):
        u, _ = walks(rng, starts, lambda u, k: np.abs(u - 0.5).max(axis=1) > 0.3, 50,
                     weights=[np.array(weight)])
        assert (u.mean() > 0.5) == (weight[1] > 0)


def test_misclassified():
    """Candidates lie around those good points only that the model calls bad, one of each place."""
    rater = SimpleNamespace(accept=lambda u, k: u[:, 0] < 0.5, nearest=lambda u: None)
    good = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.101], [0.9, 0.9]])
    u = misclassified(np.random.default_rng(0), good, rater)
    assert len(u) == 80
    gap = np.linalg.norm(u[:, None] - good, axis=2)
    assert (gap.argmin(axis=1) > 0).mean() > 0.9
    assert misclassified(np.random.default_rng(0), good[:1], rater).shape == (0, 2)
    assert misclassified(np.random.default_rng(0), good[:0], rater).shape == (0, 2)


def test_scattered_reaches_all_scales():
    """Steps from a thousandth to a tenth of the box, half of them along one parameter."""
    step = np.abs(scattered(np.random.default_rng(0), np.full((1, 4), 0.5), 1000) - 0.5)
    size = step.max(axis=1)
    assert (size < 2e-3).mean() > 0.1
    assert (size > 0.05).mean() > 0.1
    assert 0.4 < ((step > 1e-12).sum(axis=1) == 1).mean() < 0.6


def test_smote_never_crashes():
    """With 0 or 1 good point nothing is proposed, with 2 points lie between them."""
    rng = np.random.default_rng(0)
    good = np.array([[0.2, 0.2], [0.4, 0.6]])
    for n in (0, 1):
        assert smote_moves(rng, good[:n], 10).shape == (0, 2)
    u = smote_moves(rng, good, 10)
    assert np.allclose(u[:, 1], 2 * u[:, 0] - 0.2)
