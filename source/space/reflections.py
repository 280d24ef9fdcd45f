"""Changes of sign and half turns of the scanned parameters: what a target may look alike in.

The sign of a parameter whose range goes through zero can be flipped, and a parameter whose range
is a whole turn is an angle, which can be turned by a half, too. A code says which of these are
done: a row of bool, the signs first.
"""

import numpy as np

TURNS = 2 * np.pi, 360.0    # a range as wide as this, within a percent, is that of an angle
SAME = 1e-6                 # of a range: what differs by less is the same


class Reflections:
    """The reflections of one box.

    Parameters
    ----------
    box : Box

    Attributes
    ----------
    bits : int
        Length of a code; 0 where no range goes through zero or is a whole turn.
    n_signs : int
        How many of them are signs.
    """

    def __init__(self, box):
        self.box, self._columns = box, np.flatnonzero(box.is_scanned)
        priors = [p.prior for p in box.parameters if p.prior.free]
        self._low = np.array([p.low for p in priors])
        self._width = np.array([p.high for p in priors]) - self._low
        angle = np.array([not p.discrete and any(abs(width / turn - 1) < 0.01 for turn in TURNS)
                          for p, width in zip(priors, self._width, strict=True)], bool)
        zero = (self._low < 0) & (self._low + self._width > 0)
        self._signs, self._angles = np.flatnonzero(zero | angle), np.flatnonzero(angle)
        self.n_signs, self.bits = len(self._signs), len(self._signs) + len(self._angles)

    def images(self, u, codes):
        """What points (n, d) become, (n, d), and whether it is in the box (n,).

        Parameters
        ----------
        u : float array (n, d)
            Unit box.
        codes : bool array (n, bits)
        """
        x = self.box.to_physical(u)
        z = x[:, self._columns]
        signs = codes[:, :len(self._signs)]
        z[:, self._signs] = np.where(signs, -z[:, self._signs], z[:, self._signs])
        low, width = self._low[self._angles], self._width[self._angles]
        turned = z[:, self._angles] + np.where(codes[:, len(self._signs):], width / 2, 0.0)
        z[:, self._angles] = low + (turned - low) % width
        x[:, self._columns] = z
        return self.box.to_unit(x), self.box.within(x)

    def told(self, code):
        """What a code (bits,) does, in words: 'kappa and A_kappa change sign'."""
        names = np.array(self.box.names)[self._columns]
        flipped = names[self._signs[code[:self.n_signs]]]
        turned = names[self._angles[code[self.n_signs:]]]
        return " and ".join(f"{' and '.join(some)} {word}{'s' * (len(some) == 1)} {rest}"
                            for some, word, rest in ((flipped, "change", "sign"),
                                                     (turned, "turn", "by a half")) if len(some))

    def signs(self, u):
        """Bool (n, bits): what of points (n, d) is negative, the sine of an angle for its sign,
        its cosine for its half turn."""
        x = self.box.to_physical(u)[:, self._columns]
        turn = 2 * np.pi * x[:, self._angles] / self._width[self._angles]
        negative = x < 0
        negative[:, self._angles] = np.sin(turn) < 0
        return np.concatenate([negative[:, self._signs], np.cos(turn) < 0], axis=1)

    def changed(self, code):
        """Bool (bits,): which of the `signs` of a point a code (bits,) changes."""
        turned = np.isin(self._signs, self._angles[code[self.n_signs:]])
        return np.concatenate([code[:self.n_signs] ^ turned, code[self.n_signs:]])

    def alike(self, u):
        """Numbers (n, d) that are the same for all images of a point."""
        z = self.box.to_physical(u)[:, self._columns]
        z[:, self._signs] = np.abs(z[:, self._signs])
        half = self._width[self._angles] / 2
        turned = z[:, self._angles] % half
        z[:, self._angles] = np.minimum(turned, half - turned)
        return z / self._width

    def codes(self, u, images):
        """The codes (n, bits) that take points (n, d) to their images (n, d).

        Zero, or a quarter of a turn, is its own image in two ways: the shorter code is given.
        """
        x, y = (self.box.to_physical(v)[:, self._columns] for v in (u, images))
        sign = (np.abs(x - y) > SAME * self._width)[:, self._signs]
        angle = np.isin(self._signs, self._angles)
        plain, flipped, both = (
            self._apart(s * x[:, self._angles] + h * self._width[self._angles], y)
            for s, h in ((1, 0.5), (-1, 0.0), (-1, 0.5)))
        same = ~sign[:, angle]
        turned = ~same & (plain | (~flipped & both))
        sign[:, angle] = ~same & ~plain
        return np.concatenate([sign, turned], axis=1)

    def _apart(self, angle, y):
        """Whether angles (n, a) are those of the points (n, d), but for whole turns."""
        width = self._width[self._angles]
        gap = (angle - y[:, self._angles]) % width
        return np.minimum(gap, width - gap) < SAME * width
