"""Changes of sign and half turns of scanned parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxes import box_of
from mlscanner.space.reflections import Reflections

TURN = 2 * np.pi


@pytest.mark.parametrize(("range_", "bits"), [
    ((-1, 3, "linear"), 1),         # a sign
    ((-1, 3, "symlog"), 1),
    ((-1, 3, "normal(0, 1)"), 1),
    ((-2, 2, "integer"), 1),
    ((None, None, "choice [-1, 1]"), 1),
    ((0, 3, "linear"), 0),          # zero is an end
    ((1, 1000, "log"), 0),
    ((-np.pi, np.pi, "linear"), 2),     # an angle: its sign, and half a turn
    ((0, 6.28, "linear"), 2),
    ((-180, 180, "linear"), 2),
    ((0, 360, "integer"), 0),
    ((5, "", "fixed 5"), 0)])
def test_what_can_be_reflected(range_, bits):
    """Ranges through zero have a sign, whole turns a half turn, too; no others have anything."""
    other = (0.0, 1.0, "linear")
    assert Reflections(box_of(other, range_)).bits == bits


def test_signs_and_half_turns_by_hand():
    """-0.5 of 0.5; 225 degrees of 45; 315 of -45 and 135 of both; nothing of what is not named."""
    box = box_of((-1, 3, "linear"), (0, 1, "linear"), (0, 360, "linear"))
    u = np.tile(box.to_unit(np.array([[0.5, 0.25, 45.0]])), (5, 1))
    codes = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1]], bool)
    images, inside = Reflections(box).images(u, codes)
    assert inside.all()
    assert box.to_physical(images) == pytest.approx(np.array([
        [0.5, 0.25, 45], [-0.5, 0.25, 45], [0.5, 0.25, 225], [0.5, 0.25, 315], [0.5, 0.25, 135]]))


def test_an_image_outside_the_box_is_told():
    """-2 of 2 is not in a range of -1 to 3, -0.5 is."""
    box = box_of((-1, 3, "linear"))
    inside = Reflections(box).images(box.to_unit(np.array([[2.0], [0.5]])), np.ones((2, 1), bool))
    assert inside[1].tolist() == [False, True]


def test_fixed_values_and_formulas_stay():
    """The image of a point has the fixed values and the formulas of the box."""
    box = box_of((None, None, "fixed 5"), (-1, 1, "linear"), (None, None, "p1 * 2"))
    image, inside = Reflections(box).images(np.array([[0.9]]), np.ones((1, 1), bool))
    assert inside.all() and box.to_physical(image)[0] == pytest.approx([5, -0.8, -1.6])


RANGES = st.sampled_from([(-1, 3, "linear"), (-4, 4, "symlog"), (0, 1, "linear"),
                          (-np.pi, np.pi, "linear"), (0, TURN, "linear"), (1, 10, "log"),
                          (-3, 3, "integer"), (-180, 180, "linear")])


@given(st.lists(RANGES, min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_a_code_can_be_read_from_a_point_and_its_image(ranges, seed):
    """Twice the same code leads back; what is alike is so for all images, and differs for another
    point; and the code is found again where no coordinate is its own image."""
    box, rng = box_of(*ranges), np.random.default_rng(seed)
    reflections = Reflections(box)
    u = box.to_unit(box.to_physical(rng.random((20, box.dim))))
    codes = rng.random((20, reflections.bits)) < 0.5
    images, inside = reflections.images(u, codes)
    u, codes, images = u[inside], codes[inside], images[inside]
    back = reflections.images(images, codes)[0]
    turn = np.abs(back - u)     # 0 and 1 are the same place of an angle
    assert np.minimum(turn, 1 - turn).max(initial=0) < 1e-9
    assert np.abs(reflections.alike(u) - reflections.alike(images)).max(initial=0) < 1e-9
    own = (box.to_physical(u) == 0).any(axis=1)     # the sign of zero
    assert (reflections.codes(u, images) == codes)[~own].all()
    there = reflections.images(u, reflections.codes(u, images))[0]
    assert np.abs(there - images).max(initial=0) < 1e-9


def test_points_that_are_no_images_are_not_alike():
    """Random points of a box of signs and angles differ in what images share."""
    box = box_of((-1, 1, "linear"), (-np.pi, np.pi, "linear"), (0, 1, "linear"))
    alike = Reflections(box).alike(np.random.default_rng(0).random((100, 3)))
    assert len(np.unique(alike.round(6), axis=0)) == 100
