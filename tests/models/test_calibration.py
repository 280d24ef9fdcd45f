"""How spreads become what they promise."""

import numpy as np
import pytest

from mlscanner.models.calibration import covering


def test_spreads_are_scaled_to_cover_one_and_two_of_them_as_promised():
    """Gaussian errors: the true factor. Other ones: both misses are as small as they can be, of
    uniform ones (0.68, and 0.95 becomes 1) as of those with a long tail."""
    rng = np.random.default_rng(3)
    gauss = np.abs(rng.standard_normal((4000, 1)))
    assert covering(3.0 * gauss) == pytest.approx(3.0, rel=0.03)
    for error in (rng.random(4000), gauss[:, 0] * rng.choice([0.3, 3.0], 4000, p=[0.9, 0.1])):
        def off(factor, error=error):
            return max(abs((error < factor).mean() - 0.6827),
                       abs((error < 2 * factor).mean() - 0.9545))
        found = covering(error)
        assert off(found) <= min(off(f) for f in np.linspace(0.02, 3, 300)) + 1e-3
    assert 0.05 <= covering(np.zeros(50)) <= covering(np.full(50, 1e9)) <= 10
