"""Pictures of many parameters show those that matter most."""

import numpy as np
import pytest

from mlscanner.plotting import pictures_failures, pictures_points, pictures_profile, plot_data
from mlscanner.plotting.plot_data import load_run
from mlscanner.plotting.telling import MOST, left_out, matters, telling
from plot_runs import make_run

MANY = 200


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """200 parameters, of which the good points are near one value in all; p7 says nothing."""
    run = load_run(make_run(tmp_path_factory.mktemp("many") / "DNNR", dim=MANY, n=150,
                            names=[f"p{k}" for k in range(MANY)], ranges=[(0, 1)] * MANY))
    run.table["p7"] = np.random.default_rng(5).random(len(run))
    return run


def test_the_most_telling_parameters_come_first(run):
    """Those that the points in question narrow most; all where they are few enough; of points
    that are nowhere in the target the best ones count."""
    narrow = np.random.default_rng(1).random(len(run)) < 0.5
    for name, value in (("p9", 0.2), ("p150", 0.01), ("p3", 0.3)):
        run.table[name][narrow] = value
    assert telling(run, narrow, 3) == ["p150", "p9", "p3"]
    assert "p7" not in telling(run, matters(run), MANY - 1)
    assert len(telling(run, narrow, MANY)) == MANY
    assert left_out(run, run.scanned) == "" and left_out(run, ["p3"]).startswith("1 of 200")


def test_where_nothing_is_good_the_best_points_count(tmp_path):
    """As many as are looked at by others, not all."""
    none = load_run(make_run(tmp_path / "DNNR", offset=1e6))
    assert not none.inside.any() and 10 <= matters(none).sum() <= 0.06 * len(none)


def test_pictures_have_a_bounded_number_of_panels(run, monkeypatch):
    """200 parameters: as many panels as of the most telling ones, and it is said."""
    assert MOST == 8
    monkeypatch.setattr(plot_data, "MOST", 3)
    corner = pictures_points.corner_plot(run)
    assert len(corner.axes) == 3 + 3
    assert "3 of 200" in corner.legends[0].get_title().get_text()
    profiles = pictures_profile.profiles(run)
    assert len([ax for ax in profiles.axes if ax.get_visible()]) == 3
    assert "3 of 200" in profiles.axes[1].get_title("right")
    assert len(pictures_failures.telling_pairs(run, 6)) == 6
