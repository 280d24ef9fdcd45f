"""The scale of values."""

import numpy as np
import pytest

from mlscanner.likelihood.observables import Target
from mlscanner.models.value_scale import ValueScale, nested_labels, soft_labels


@pytest.mark.parametrize(("target", "values"), [
    (Target(-np.inf, 0.3), [0.01, 0.2, 0.4, 3.0, 50.0]),
    (Target(80, 120), [1.0, 79.0, 100.0, 130.0, 243.0]),
    (Target(-np.inf, -2.0), [-5.0, -2.5, 0.0, 3.0]),
    (Target(-np.inf, 0.0), [-1.0, 0.5, 2.0])])
def test_there_and_back(target, values):
    """Scaled values give the values back, and lie in `bounds` exactly when in the target."""
    values = np.array(values)
    scale = ValueScale(target, values)
    scaled = scale.forward(values)
    assert scale.backward(scaled) == pytest.approx(values)
    low, high = scale.bounds(0.0)
    assert ((scaled > low) & (scaled < high)).tolist() == target.inside(values).tolist()
    assert (scale.distance(values) < 0).tolist() == target.inside(values).tolist()


@pytest.mark.parametrize(("high", "floor"), [(64.0, 58.0), (-2.0, -5.0), (3.0, -1.0), (1.0, 0.0)])
def test_the_bottom_of_the_target(high, floor):
    """From the smallest value known up, the target takes a fair part of the scale."""
    values = np.array([floor, (floor + high) / 2, high - 0.01, high + 1, high + 100, high + 1000])
    scale = ValueScale(Target(-np.inf, high), values, floor)
    scaled = scale.forward(values)
    assert scale.backward(scaled) == pytest.approx(values)
    assert (scaled < scale.bounds(0.0)[1]).tolist() == [True, True, True, False, False, False]
    assert scaled[3] - scaled[0] > 0.2 * (scaled[-1] - scaled[0])
    assert scale.forward([floor - 1]) == scaled[0]
    again = ValueScale.from_dict(scale.as_dict(), scale.target)
    assert (again.forward(values) == scaled).all()
    numbers = scale.as_dict() | {"offset": 0.1}
    earlier = ValueScale.from_dict({k: v for k, v in numbers.items() if k != "offset"},
                                   scale.target)
    assert (earlier.forward(values) == ValueScale.from_dict(numbers, scale.target)
            .forward(values)).all()


@pytest.mark.parametrize("floor", [None, 2.0])
def test_what_is_like_a_chi2(floor):
    """It is 1 at the edge and rises in proportion to the value below a threshold, and as the
    square of the distance from the middle of a band, up to a million."""
    values = np.array([2.0, 3.0, 4.0, 6.0, 8.0, 40.0, 300.0])
    scale = ValueScale(Target(-np.inf, 6.0), values, floor)
    like = scale.square(scale.outside(scale.forward(values)))
    assert like[3] == pytest.approx(1)
    assert np.diff(like) == pytest.approx(np.diff(values) * (like[1] - like[0]))
    assert like[0] > 0 and scale.square(np.array([np.inf])) == pytest.approx(1e6)
    band = ValueScale(Target(80, 120), [1.0, 79.0, 100.0, 130.0, 243.0])
    values = np.array([40.0, 80.0, 90.0, 100.0, 120.0, 140.0])
    like = band.square(band.outside(band.forward(values)))
    assert like == pytest.approx(((values - 100) / 20) ** 2, abs=1e-9)
    narrow = ValueScale(Target(1.0, 1.0 + 1e-6), [*[1e300] * 9, 0.9, 1.1])
    like = narrow.square(narrow.outside(narrow.forward(np.array([1e300, 0.9, 1.0 + 5e-7]))))
    assert like == pytest.approx([1e6, 1e6, 0.0], abs=1e-6)


@pytest.mark.parametrize("floor", [None, 2.0])
def test_a_logarithm_of_a_chi2(floor):
    """Its unit and least value give what is like a chi2 back: 0 at the floor, in proportion above
    it. A band, and values below 0, have none."""
    values = np.array([2.0, 3.0, 4.0, 6.0, 8.0, 40.0])
    scale = ValueScale(Target(-np.inf, 6.0), values, floor)
    unit, least = scale.logarithm
    chi2 = np.exp(unit * scale.outside(scale.forward(values))) - least
    lowest = floor or 0.0
    assert chi2 == pytest.approx((1 - least) * (values - lowest) / (6 - lowest))
    assert ValueScale(Target(80, 120), [1.0, 100.0, 243.0]).logarithm is None
    assert ValueScale(Target(-np.inf, -2.0), [-5.0, 0.0, 3.0]).logarithm is None


def test_a_band_has_no_bottom():
    """What is known of the smallest value changes nothing for a band."""
    values = [1.0, 79.0, 100.0, 130.0, 243.0]
    one, two = (ValueScale(Target(80, 120), values, floor) for floor in (None, 1.0))
    assert one.as_dict() == two.as_dict()


@pytest.mark.parametrize("values", [[], [1.0] * 9, [0.0, 1.0], [1e300, 2.0, 1.0], [np.nan, 1.0]])
@pytest.mark.parametrize("target", [Target(-np.inf, 0.5), Target(-np.inf, 0.0), Target(1, 2)])
def test_plateaus_and_outliers(target, values):
    """Plateaus, huge outliers and thresholds of 0 give finite scaled values."""
    scaled = ValueScale(target, values).forward([0.0, 1.0, 1e308, -1e308])
    assert np.all(np.isfinite(scaled))


def test_unknown_value_is_no_distance():
    """A value that is not known is infinitely far from the target."""
    assert ValueScale(Target(1, 2), [1.0, 3.0]).distance([np.nan])[0] == np.inf


def test_nested_labels_halve_what_is_outside():
    """One level halves the points inside, the others leave a half, a quarter, ... outside."""
    distance = np.concatenate([-np.arange(1.0, 11), np.arange(1.0, 81), [np.inf]])
    labels = nested_labels(distance, 4)
    inside = distance < 0
    assert labels[inside].sum(0).tolist() == [5, 10, 10, 10]
    assert labels[~inside].sum(0).tolist() == [0, 40, 20, 10]
    assert not labels[-1].any() and nested_labels(distance, 0).shape == (91, 0)


@pytest.mark.parametrize("distance", [[], [np.inf], [1.0, 1.0], [-1.0], [-1.0, np.inf]])
def test_nested_labels_of_nothing(distance):
    """Plateaus, failures and no point at all have labels, too: as many as asked for."""
    assert nested_labels(np.array(distance), 3).shape == (len(distance), 3)


def test_soft_labels_tell_how_far_from_the_edge_a_point_is():
    """They fall with the distance, are above 0.5 where good, 0 or 1 far away, 0 where none is."""
    outside = np.array([-np.inf, -90.0, -0.2, -0.1, 0.0, 0.0, 0.1, 0.2, 90.0, np.nan])
    good = np.arange(10) < 5
    label = soft_labels(outside, good)
    assert (np.diff(label[:9]) <= 0).all() and ((label > 0.5) == good).all()
    assert label[[0, 1, 8, 9]] == pytest.approx([1, 1, 0, 0], abs=1e-12)
    assert 0.5 < label[3] < label[2] < 0.999 and label[3] + label[6] == pytest.approx(1)
