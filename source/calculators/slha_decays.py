"""DECAY blocks of SLHA files: widths and branching ratios of one particle."""

from collections import Counter
from typing import NamedTuple

from .slha_numbers import SlhaError, finite

ROUNDING = 1e-6     # of a branching ratio: programs write seven digits or more
# PDG codes of neutral particles that are their own antiparticles in any model: gluon, photon, Z,
# neutral Higgs bosons, gluino, gravitino, neutralinos (also of the NMSSM)
SELF_CONJUGATE = frozenset((21, 22, 23, 25, 35, 36, 45, 46, 1000021, 1000022, 1000023, 1000025,
                            1000035, 1000039, 1000045))


# pairs of vector bosons of which one may be off its mass shell
PAIRS = ((24, -24), (23, 23))
_FERMIONS = frozenset((1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16))


class NearChannel(SlhaError):
    """The channel is not listed, but one that differs by signs of its PDG codes is."""


class Decay(NamedTuple):
    """One block: its name for messages, line, what follows the code, lines, and the torn line."""

    name: str
    first: int
    rest: str
    lines: tuple
    torn: int | None

    def width(self) -> float:
        """Total width in GeV; raises SlhaError where it is missing, not finite or negative."""
        words = self.rest.partition("#")[0].split()
        if len(words) != 1 or self.first == self.torn:
            raise SlhaError(f"{self.name}, line {self.first}: there is no width")
        value = finite(words[0])
        if value < 0:
            raise SlhaError(f"{self.name}, line {self.first}: the width {words[0]} is negative")
        return value

    def branching_ratio(self, daughters, own=SELF_CONJUGATE) -> float:
        """The sum of the lines with these daughters, in any order; 0 where there is none.

        For W W and Z Z, where there is none, that of W or Z and two fermions: below the threshold
        some programs (SPheno of the MSSM) write nothing else.

        Parameters
        ----------
        daughters : sequence of int
            PDG codes.
        own : set of int
            Particles that are their own antiparticles: the sign of their code means nothing.

        Raises
        ------
        SlhaError
            One of these lines cannot be read, the ratio is below 0 or above 1, or there is none
            but a line that cannot be read may be the one.
        NearChannel
            There is none but one with other signs.
        """
        wanted, found, spoilt, near = _codes(daughters, own), [], [], []
        for n, line in self.lines:
            words = line.partition("#")[0].split()
            if not words:
                continue
            codes = _read(words, own)
            counted = words[1:2] and words[1].isdecimal() and int(words[1]) == len(words) - 2
            if n == self.torn or codes is None or not counted:
                spoilt.append((n, codes))
            elif codes == wanted:
                found.append((n, words[0]))
            elif Counter(map(abs, codes)) == Counter(map(abs, wanted)):
                near.append((n, " ".join(words[2:])))
        for n, codes in spoilt:
            if codes == wanted or n == self.torn or (
                    not found and (codes is None or _part(codes, wanted) or _part(wanted, codes))):
                raise SlhaError(f"{self.name}, line {n}: not a branching ratio, a number of "
                                "daughters and their codes")
        if not found and tuple(wanted) in (tuple(sorted(pair)) for pair in PAIRS):
            found = self._off_shell(abs(wanted[0]))
        if near and not found:
            raise NearChannel(
                f"{self.name} does not list the daughters {' '.join(map(str, daughters))}, but "
                + " and ".join(f"{codes} (line {n})" for n, codes in near[:2])
                + "; write the signs as the file does")
        return self._sum(found)

    def _off_shell(self, boson):
        """The lines of this boson and two fermions: [(line, ratio)]."""
        found = []
        for n, line in self.lines:
            words = line.partition("#")[0].split()
            codes = [abs(code) for code in _read(words, ()) or ()]
            if len(codes) == 3 and boson in codes and sum(c in _FERMIONS for c in codes) == 2:
                found.append((n, words[0]))
        return found

    def lists(self, daughters):
        """Whether a line has exactly these daughters, in any order."""
        return any(_read(line.partition("#")[0].split(), ()) == sorted(daughters)
                   for _, line in self.lines)

    def _sum(self, found):
        ratios = []
        for n, word in found:
            try:
                ratios.append(finite(word))
            except SlhaError as error:
                raise SlhaError(f"{self.name}, line {n}: {error}") from None
            if not -ROUNDING <= sum(ratios) <= 1 + ROUNDING or ratios[-1] < -ROUNDING:
                raise SlhaError(f"{self.name}, line {n}: the branching ratio is "
                                f"{sum(ratios):g}, which is not between 0 and 1")
        return sum(ratios, 0.0)


def _codes(daughters, own):
    """The codes in order, without the signs that mean nothing."""
    return sorted(abs(code) if abs(code) in own else code for code in map(int, daughters))


def _read(words, own):
    try:
        return _codes(words[2:], own)
    except ValueError:
        return None


def _part(some, codes):
    """Whether some of the codes are these; a line without any may be any channel."""
    return not Counter(some) - Counter(codes)
