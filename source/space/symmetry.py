"""A target that is the same for some images of a point: one of them stands for all.

Reflections that change nothing form a group, as two of them together change nothing, either. Of
the images of a point under it one is chosen, so that a model learns from each point what it says
of all its images, and predicts the same for them.
"""

import numpy as np

DIGITS = 12     # of the unit box: images of a point differ by roundings, what stands for them not


class Symmetry:
    """The group of reflections that some codes generate.

    Parameters
    ----------
    reflections : Reflections
    codes : bool array (k, bits)
        ValueError for those of other reflections.

    Attributes
    ----------
    codes : bool array (r, bits)
        Independent ones that generate the same group of 2^r; r is its length.
    """

    def __init__(self, reflections, codes):
        self.reflections = reflections
        codes = np.array(codes, bool)
        if codes.shape[1:] != (reflections.bits,):
            raise ValueError(f"codes of shape {codes.shape} for {reflections.bits} reflections")
        self._pivots, self.codes = _reduced(codes, reflections.n_signs)

    def __len__(self):
        return len(self.codes)

    def same_as(self, other):
        """Whether another Symmetry is the same group."""
        return np.array_equal(self.codes, other.codes)

    def rest(self, codes):
        """What codes (n, bits) do besides, (n, bits): no bit is set for those of the group, and it
        is the same for two that differ by one of the group."""
        left = np.array(codes, bool)
        for pivot, row in zip(self._pivots, self.codes, strict=True):
            left[left[:, pivot]] ^= row
        return left

    def drawn(self, rng, n):
        """Codes (n, bits) of the group, at random."""
        some = rng.random((n, len(self))) < 0.5
        return some.astype(int) @ self.codes.astype(int) % 2 > 0

    def told(self):
        """What changes nothing, in words, one text for each of `codes`."""
        return [self.reflections.told(code) for code in self.codes]

    def folded(self, u):
        """What stands for points (n, d), unit box: the image (n, d) with the first signs positive.

        A point stands for itself where that image is outside the box.
        """
        if not len(self) or not len(u):
            return u
        left = self.reflections.signs(u)
        codes = np.zeros_like(left)
        for pivot, row in zip(self._pivots, self.codes, strict=True):
            rows = left[:, pivot].copy()
            codes[rows] ^= row
            left[rows] ^= self.reflections.changed(row)
        return np.round(self._moved(u, codes), DIGITS)

    def scattered(self, rng, u):
        """An image (n, d) of each of the points (n, d), at random."""
        return self._moved(u, self.drawn(rng, len(u)))

    def _moved(self, u, codes):
        """The images (n, d) of points (n, d); where one is outside the box, the point itself."""
        images, inside = self.reflections.images(u, codes)
        return np.where((inside & codes.any(axis=1))[:, None], images, u)


def _reduced(codes, n_signs):
    """Columns (r,), and independent codes (r, bits), each of which has its own column alone.

    Half turns come first: they change the sign of an angle, too, which is looked at after them.
    """
    pivots, found, left = [], [], list(codes)
    for pivot in (*range(n_signs, codes.shape[1]), *range(n_signs)):
        mine = [code for code in left if code[pivot]]
        if not mine:
            continue
        left = [code ^ mine[0] if code[pivot] else code for code in left]
        found = [code ^ mine[0] if code[pivot] else code for code in found] + [mine[0]]
        pivots.append(pivot)
    return pivots, np.array(found, bool).reshape(len(found), codes.shape[1])
