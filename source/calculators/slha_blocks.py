"""Blocks of SLHA files: where one begins, at which scale it is, and where a line has its number.

Formats: SLHA (hep-ph/0311123, arXiv:0801.0045), QNUMBERS (arXiv:0712.3311), FLHA
(arXiv:1008.0762), couplings for HiggsBounds (arXiv:1102.1898).
"""

import math
import re
from typing import NamedTuple

from .slha_numbers import SlhaError, number

_HEAD = re.compile(r"\s*(block|decay|decay1l|xsection|qnumbers)\s+([^\s#]+)(.*)$", re.IGNORECASE)
_OTHER = re.compile(r"(?!(?:nan|inf|infinity)\b)[a-z]\w*", re.IGNORECASE)
SCALE = re.compile(r"\bQ\s*=\s*([^\s#]+)", re.IGNORECASE)
_INDEX = re.compile(r"[+-]?\d+$", re.ASCII)


def is_index(word: str) -> bool:
    """Whether a word is a whole number."""
    return bool(_INDEX.match(word))


class Head(NamedTuple):
    """A line that begins a section: its first word in lower case, the name, what follows."""

    kind: str
    name: str
    rest: str


def head_of(line: str) -> Head | None:
    """The head that a line is, None for any other line.

    A line whose first word is not known begins a section too, of a kind that is not read, where
    that word is no number and stands at the very beginning: data lines begin with a blank.
    """
    if line.lstrip()[:1].lower() in ("b", "d", "x", "q") and (match := _HEAD.match(line)):
        kind, name, rest = match[1].lower(), match[2].rstrip(",").upper(), match[3]
        code = rest.split()[:1]
        if kind == "block" and name == "QNUMBERS" and code:
            kind, name = "qnumbers", code[0]
        return Head("block", f"QNUMBERS {name}", rest) if kind == "qnumbers" else \
            Head(kind, name, rest)
    match = _OTHER.match(line)
    return Head(match[0].lower(), "", "") if match else None


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


# FLHA: how many indices stand before the value; scheme, scale and daughters follow it
FLHA = {"FMASS": 1, "FLIFE": 1, "FCONST": 2, "FCONSTRATIO": 4, "FBAG": 2, "FOBS": 2, "FOBSSM": 2,
        "FOBSERR": 2}
# values first, then the number of particles and their PDG codes
VALUE_FIRST = {"HIGGSCOUPLINGSBOSONS": 1, "HIGGSCOUPLINGSFERMIONS": 2}


def block_name(name: str) -> str:
    """A name as `Slha.blocks` has it: upper case, one blank between words."""
    return " ".join(name.upper().split())


def at_scale(blocks, scale):
    """Those of some blocks that are at the scale asked for.

    Parameters
    ----------
    blocks : list of Block
    scale : float, str, tuple or None
        Q in GeV, to a relative 1e-6; (Q, tolerance), both in GeV; 'lowest', 'highest'; or
        'nearest 1000', by the ratio of the scales. None: all.

    Raises
    ------
    SlhaError
        None of that name is, or the scale is none of these.
    """
    if scale is None or not blocks:
        return blocks
    known = [b.scale for b in blocks if b.scale and b.scale > 0]
    words, tolerance = str(scale).split() if isinstance(scale, str) else [], 0.0
    if isinstance(scale, tuple | list):
        wanted, tolerance = scale
    elif not words:
        wanted = scale
    elif words == ["lowest"] or words == ["highest"]:
        wanted = (min if words == ["lowest"] else max)(known, default=math.inf)
    elif len(words) == 2 and words[0] == "nearest" and number(words[1]) > 0:
        middle = number(words[1])
        wanted = min(known, key=lambda q: abs(math.log(q / middle)), default=math.inf)
    else:
        raise SlhaError(f"scale = {scale!r} is not known; there are a number, (number, "
                        "tolerance), 'lowest', 'highest' and 'nearest 1000'")
    found = [b for b in blocks if b.scale and abs(b.scale - wanted) <=
             max(tolerance, 1e-6 * abs(wanted))]
    if not found or not math.isfinite(wanted):
        there = ", ".join(f"{q:g}" for q in known)
        raise SlhaError(f"there is no block {blocks[0].name} at Q={_shown(scale)}; "
                        + (f"it is at {there}" if there else "it has no scale"))
    return found


def _shown(scale):
    if isinstance(scale, tuple | list):
        return f"{scale[0]:g} +- {scale[1]:g}"
    return scale if isinstance(scale, str) else f"{scale:g}"


def word_at(name, words, indices, column=None):
    """The value of an entry in a line; None when the line has another entry, or another layout.

    Parameters
    ----------
    name : str
        Of the block.
    words : list of str
        The line before its '#'.
    indices : tuple of int
        In FLHA blocks they may include the columns after the value, up to the daughters.
    column : int, optional
        Which of several values, from 1; without it there must be one only, but for blocks
        whose columns are known.
    """
    n = len(indices)
    for ending, values in VALUE_FIRST.items():
        if name.endswith(ending):
            particles = words[values:]
            fits = particles[:1] == [str(n)] and _starts(particles[1:], indices)
            return words[(column or 1) - 1] if fits and (column or 1) <= values else None
    first = min(FLHA.get(name, n), n)
    known = name in FLHA and n >= FLHA[name]
    if not _starts(words, indices[:first]) or not _starts(words[first + 1:], indices[first:]):
        return None
    place = first + (column or 1) - 1
    if column is None and not known and len(words) != n + 1:
        return None
    return words[place] if place < len(words) else None


def _starts(words, indices):
    """Whether the words begin with these indices, also when written otherwise: 01, +1."""
    head = words[:len(indices)]
    return len(head) == len(indices) and all(map(is_index, head)) \
        and list(map(int, head)) == list(indices)


def rest_of(line, indices):
    """All that follows the indices in a line, comment included; None when it has others."""
    words = line.partition("#")[0].split()
    if not _starts(words, indices):
        return None
    for word in words[:len(indices)]:
        line = line.partition(word)[2]
    return line
