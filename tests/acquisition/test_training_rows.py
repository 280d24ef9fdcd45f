"""What a model learns of points that failed."""

import numpy as np
import pytest

from mlscanner.acquisition.training_rows import taught
from mlscanner.store.points import Points


def points(n_good):
    """So many good points and ten that failed, of which every second one tells how far it is."""
    n, one = n_good + 10, Points(1)
    failed = np.arange(n) >= n_good
    told = failed & (np.arange(n) % 2 == 0)
    one.append(id=np.arange(n), iteration=np.zeros(n, int), origin=np.full(n, "design", object),
               u=np.linspace(0, 1, n)[:, None], x=np.linspace(0, 1, n)[:, None],
               value=np.where(failed, np.where(told, 50.0, np.nan), 1.0),
               status=np.where(failed, "unbounded", "ok").astype(object), inside=~failed,
               observables=np.empty((n, 0)), chi2=np.where(failed, np.nan, 1.0),
               penalty=np.where(told, 49.0, 0.0))
    return one


@pytest.mark.parametrize(("n_good", "learned"), [(99, 104), (100, 100)])
def test_what_failed_teaches_until_a_part_is_found(n_good, learned):
    """Until a hundred points are good those that tell how far they are count as known; later no
    more, and the points themselves stay as they are."""
    all_of_them = points(n_good)
    seen = taught(all_of_them)
    assert seen.known.sum() == np.isfinite(seen.value).sum() == learned
    assert np.array_equal(seen.ok, all_of_them.ok) and np.array_equal(seen.u, all_of_them.u)
    assert all_of_them.known.sum() == n_good + 5
