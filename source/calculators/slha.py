"""Read SLHA files strictly.

A number is returned only when exactly one line can be meant and its value can be read in
full. Everything else is an SlhaError that names the lines; nothing is skipped, guessed or zero.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

# what Fortran writes: 1.25E+02, 1.25D+02, 3.78-101 (no room for the E), .5, 12.
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eEdDqQ]([+-]?\d+)|([+-]\d{3}))?$", re.ASCII)
_WORDS = re.compile(r"[+-]?(nan(\(.*\))?|inf(inity)?)$", re.IGNORECASE)
HEAD = re.compile(r"\s*(block|decay)\s+([^\s#]+)(.*)$", re.IGNORECASE)
_SCALE = re.compile(r"\bQ\s*=\s*([^\s#]+)", re.IGNORECASE)
_INDEX = re.compile(r"[+-]?\d+$", re.ASCII)


class SlhaError(ValueError):
    """An entry is missing, ambiguous or not readable; the message says where."""


def number(text: str) -> float:
    """A number as Fortran writes it.

    Parameters
    ----------
    text : str
        '1.25E+02', '1.25D+02', '3.78-101', 'NaN', 'Infinity', ...

    Returns
    -------
    float
        May be nan or inf when the file says so; see `finite`.

    Raises
    ------
    SlhaError
        For '****' and all else that is not one complete number.
    """
    match = _NUMBER.match(text)
    if match:
        return float(f"{match[1]}e{match[2] or match[3] or 0}")
    word = _WORDS.match(text)
    if word:
        sign = "-" if text.startswith("-") else ""
        return float(sign + word[1][:3])
    raise SlhaError(f"{text[:40]!r} is not a number")


def finite(text: str) -> float:
    """Like `number`, but NaN and Infinity are errors too."""
    value = number(text)
    if not math.isfinite(value):
        raise SlhaError(f"{text[:40]!r} is not finite")
    return value


class Block(NamedTuple):
    """One block: name in upper case, scale Q in GeV (None if not given), line numbers and text."""

    name: str
    scale: float | None
    first: int
    lines: tuple

    def where(self):
        """For messages: 'GAUGE Q=100 (line 12)'."""
        scale = "" if self.scale is None else f" Q={self.scale:g}"
        return f"{self.name}{scale} (line {self.first})"


class Slha:
    """The blocks of an SLHA file.

    Parameters
    ----------
    text : str
        The whole file.

    Attributes
    ----------
    blocks : dict of str to list of Block
        By name in upper case; a name that is repeated (other scales) has several.
    decays : dict of str to list of (int, str, tuple)
        By PDG code: line number, what follows the code, and the lines below with their numbers.
    """

    def __init__(self, text: str):
        self.blocks: dict[str, list] = {}
        self.decays: dict[str, list] = {}
        lines = text.splitlines()
        if not any(line.strip() for line in lines):
            raise SlhaError("the file is empty")
        self.torn = None if text.endswith("\n") else len(lines)
        heads = [(n, match) for n, line in enumerate(lines, 1)
                 if line.lstrip()[:1] in "bBdD" and (match := HEAD.match(line))]
        ends = [n for n, _ in heads[1:]] + [len(lines) + 1]
        for (first, head), last in zip(heads, ends, strict=False):
            if head[1].lower() == "block":
                scale = _SCALE.search(head[3])
                block = Block(head[2].rstrip(",").upper(), scale and number(scale[1]), first,
                              tuple(enumerate(lines[first:last - 1], first + 1)))
                self.blocks.setdefault(block.name, []).append(block)
            else:
                self.decays.setdefault(head[2], []).append(
                    (first, head[3], tuple(enumerate(lines[first:last - 1], first + 1))))

    def __contains__(self, name):
        return name.upper() in self.blocks

    def value(self, name: str, *indices: int, scale: float | None = None) -> float:
        """The finite number at these indices.

        Parameters
        ----------
        name : str
            Block, in any case.
        indices : int
            One for a list, two for a matrix, none for a block like ALPHA.
        scale : float, optional
            Q in GeV (to a relative 1e-6) where blocks are repeated.

        Raises
        ------
        SlhaError
            No such entry, more than one, or not a finite number.
        """
        line, rest = self._find(name, indices, scale)
        try:
            return finite(rest)
        except SlhaError as error:
            raise SlhaError(f"{self._what(name, indices)}, line {line}: {error}") from None

    def width(self, particle: int) -> float:
        """Total width in GeV in the DECAY block of a PDG code; raises SlhaError."""
        first, rest, _ = self._decay(particle)
        words = rest.partition("#")[0].split()
        if len(words) != 1 or first == self.torn:
            raise SlhaError(f"DECAY {particle}, line {first}: there is no width")
        return finite(words[0])

    def branching_ratio(self, particle: int, daughters: Sequence[int]) -> float:
        """Branching ratio of a PDG code to these daughters, in any order.

        0 where the DECAY block does not list them: channels that are closed, or below the cut of
        the program, are left out of it. Raises SlhaError where the block itself is missing, a
        line can not be read, or the channel stands there twice.
        """
        wanted, found = sorted(map(int, daughters)), []
        for n, line in self._decay(particle)[2]:
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                codes = sorted(int(word) for word in words[2:])
                if len(codes) != int(words[1]) or n == self.torn:
                    raise ValueError
            except (ValueError, IndexError):
                raise SlhaError(f"DECAY {particle}, line {n}: not a branching ratio, a number of "
                                "daughters and their codes") from None
            if codes == wanted:
                found.append(finite(words[0]))
        if len(found) > 1:
            raise SlhaError(f"DECAY {particle} lists the daughters {wanted} twice")
        return found[0] if found else 0.0

    def _decay(self, particle):
        found = self.decays.get(str(int(particle)), [])
        if len(found) != 1:
            lines = " and ".join(str(first) for first, _, _ in found)
            raise SlhaError(f"DECAY {particle} stands on lines {lines}" if found else
                            f"there is no DECAY {particle}")
        return found[0]

    def texts(self, name, *indices):
        """What stands at these indices, as text, in all blocks of that name.

        Returns
        -------
        list of str
            Without '||' and outer blanks; the comment where a line holds nothing else, as in
            SPINFO 4 of SPheno. Empty when there is none.
        """
        found = []
        for block in self.blocks.get(name.upper(), ()):
            for _, line in block.lines:
                rest = _match(line, indices, None)
                if rest is not None:
                    words, _, comment = rest.partition("#")
                    found.append(words.strip().strip("|").strip() or comment.strip())
        return found

    def comment(self, name, *indices):
        """The comment on the line of a single value, '' where there is none; see `value`."""
        line = self._find(name, indices, None)[0]
        text = next(t for block in self.blocks[name.upper()] for n, t in block.lines if n == line)
        return text.partition("#")[2].strip()

    def entries(self, name: str) -> Any:
        """All lines of the blocks of that name, in order: (line number, words before the '#')."""
        return [(n, words) for block in self.blocks.get(name.upper(), ())
                for n, line in block.lines if (words := line.partition("#")[0].split())]

    def _find(self, name, indices, scale):
        blocks = self.blocks.get(name.upper(), [])
        if scale is not None:
            blocks = [b for b in blocks if b.scale and abs(b.scale / scale - 1) < 1e-6]
        if not blocks:
            raise SlhaError(f"there is no block {name.upper()}"
                            + ("" if scale is None else f" at Q={scale:g}"))
        found = [(b, n, rest) for b in blocks for n, line in b.lines
                 if (rest := _match(line, indices, 1)) is not None]
        if not found:
            raise SlhaError(f"there is no {self._what(name, indices)}")
        if len(found) > 1:
            places = ", ".join(f"line {n} in {b.where()}" for b, n, _ in found)
            raise SlhaError(f"{self._what(name, indices)} is ambiguous: {places}")
        _, line, rest = found[0]
        if line == self.torn:
            raise SlhaError(f"the file ends in the middle of line {line}")
        return line, rest

    @staticmethod
    def _what(name, indices):
        return f"entry {' '.join(map(str, indices)) or '(single value)'} in block {name.upper()}"


def _match(line, indices, values):
    """What follows the indices in a line, None when the line has others.

    values=1: exactly one word must follow; None: anything, comment included.
    """
    words = line.partition("#")[0].split()
    n = len(indices)
    if words[:n] != [str(i) for i in indices]:
        if not all(_INDEX.match(word) for word in words[:n]):
            return None
        if [int(word) for word in words[:n]] != list(indices):  # 01, +1: written otherwise
            return None
    if values is not None:
        return words[n] if len(words) == n + values else None
    rest = line
    for word in words[:n]:
        rest = rest.partition(word)[2]
    return rest
