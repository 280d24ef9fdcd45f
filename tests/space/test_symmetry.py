"""Groups of reflections, and what stands for all images of a point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxes import box_of
from mlscanner.space.parameters import Box, Parameter
from mlscanner.space.reflections import Reflections
from mlscanner.space.symmetry import Symmetry

RANGES = st.sampled_from([(-1, 1, "linear"), (-4, 4, "symlog"), (0, 1, "linear"),
                          (-np.pi, np.pi, "linear"), (0, 2 * np.pi, "linear"), (1, 10, "log"),
                          (-3, 3, "integer"), (-180, 180, "linear")])


def sums(codes):
    """All codes (m, bits) that some (k, bits) give together."""
    found = np.zeros((1, codes.shape[1]), bool)
    for code in codes:
        found = np.unique(np.concatenate([found, found ^ code]), axis=0)
    return found


@given(st.lists(RANGES, min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_one_image_stands_for_all(ranges, n_codes, seed):
    """Whatever the codes: images of a point under their group have one folded point, which is
    one of them; under any other code they have not, and the group holds what it should."""
    box, rng = box_of(*ranges), np.random.default_rng(seed)
    reflections = Reflections(box)
    codes = rng.random((n_codes, reflections.bits)) < 0.5
    symmetry, group = Symmetry(reflections, codes), sums(codes)
    assert len(group) == 2 ** len(symmetry)
    u = box.to_unit(box.to_physical(rng.random((20, box.dim))))
    # zero is its own image, and so is a quarter of a turn
    own = reflections.signs(u) == reflections.signs(np.clip(u + 1e-9, 0, 1))
    u = u[own.all(axis=1) & (box.to_physical(u) != 0).all(axis=1)]
    folded = symmetry.folded(u)
    assert ((folded >= 0) & (folded <= 1)).all()
    assert np.abs(symmetry.folded(folded) - folded).max(initial=0) < 1e-9
    assert np.abs(reflections.alike(folded) - reflections.alike(u)).max(initial=0) < 1e-9
    some = group[rng.integers(len(group), size=len(u))]
    images = reflections.images(u, some)[0]
    assert np.abs(symmetry.folded(images) - folded).max(initial=0) < 1e-9
    other = rng.random((len(u), reflections.bits)) < 0.5
    rest = symmetry.rest(other)
    holds = ~rest.any(axis=1)
    assert np.array_equal(symmetry.rest(other ^ some), rest) and not symmetry.rest(some).any()
    assert holds.tolist() == [(code == group).all(axis=1).any() for code in other]
    away = symmetry.folded(reflections.images(u, other)[0])
    assert ((np.abs(away - folded).max(axis=1, initial=0) < 1e-9) == holds)[other.any(axis=1)].all()


def test_by_hand():
    """Both signs flip together: (-0.5, 0.2) stands as (0.5, -0.2), and (0.5, 0.2) for itself; an
    angle that may be turned by a half, and flipped, lies between 0 and 90 degrees."""
    box = box_of((-1, 1, "linear"), (-1, 1, "linear"), (0, 360, "linear"))
    codes = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], bool)
    x = np.array([[-0.5, 0.2, 100.0], [0.5, 0.2, 260.0], [0.5, -0.2, 350.0], [-0.5, -0.2, 40.0]])
    folded = box.to_physical(Symmetry(Reflections(box), codes).folded(box.to_unit(x)))
    assert folded == pytest.approx(np.array([[0.5, -0.2, 80.0], [0.5, 0.2, 80.0],
                                             [0.5, -0.2, 10.0], [0.5, 0.2, 40.0]]))


def test_in_words():
    """Each independent combination is told with the names of its parameters."""
    box = Box([Parameter("m", 1.0, 2.0), *[Parameter(name, -1.0, 1.0) for name in ("a", "b", "c")],
               Parameter("phi", 0.0, 360.0)])
    codes = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 1], [0, 0, 0, 1, 0]], bool)
    assert sorted(Symmetry(Reflections(box), codes).told()) == [
        "a and b change sign", "c changes sign and phi turns by a half", "phi changes sign"]


def test_a_point_without_an_image_in_the_box_stands_for_itself():
    """In a range of -3 to 1 the image of -0.5 is 0.5; -2 has none."""
    box = box_of((-3, 1, "linear"))
    folded = Symmetry(Reflections(box), [[True]]).folded(box.to_unit(np.array([[-0.5], [-2.0]])))
    assert box.to_physical(folded)[:, 0] == pytest.approx([0.5, -2.0])


def test_images_are_the_same_to_the_last_bit_when_folded():
    """Roundings of an image would make two points of one, of which one is held out."""
    box, rng = box_of(*[(-0.7, 0.7, "linear")] * 3), np.random.default_rng(0)
    symmetry = Symmetry(Reflections(box), np.eye(3, dtype=bool))
    u = rng.random((1000, 3))
    images = symmetry.scattered(rng, u)
    assert (images != u).any()
    assert np.array_equal(symmetry.folded(images), symmetry.folded(u))


def test_scattered_points_are_images_under_all_codes():
    """Of 400 images of a point all four that it has are drawn, none much more often."""
    box = box_of((-1, 1, "linear"), (-1, 1, "linear"), (0, 1, "linear"))
    u = np.tile([[0.7, 0.4, 0.3]], (400, 1))
    symmetry = Symmetry(Reflections(box), np.eye(2, dtype=bool))
    images = symmetry.scattered(np.random.default_rng(0), u)
    found, n = np.unique(images.round(9), axis=0, return_counts=True)
    assert found == pytest.approx(np.array([[0.3, 0.4, 0.3], [0.3, 0.6, 0.3], [0.7, 0.4, 0.3],
                                            [0.7, 0.6, 0.3]]))
    assert n.min() > 60


def test_nothing_changes_without_codes():
    """The points themselves, bit for bit, where nothing can be reflected or nothing is known."""
    u = np.random.default_rng(0).random((5, 2))
    for box in (box_of((0, 1, "linear"), (1, 10, "log")), box_of(*[(-1, 1, "linear")] * 2)):
        none = Symmetry(Reflections(box), np.empty((0, Reflections(box).bits), bool))
        assert len(none) == 0 and none.folded(u) is u
