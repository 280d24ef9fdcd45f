"""Read SLHA files strictly.

A number is returned only when exactly one can be meant and it can be read in full. Everything
else is an SlhaError that names the lines; nothing is skipped, guessed or zero.
"""

from collections.abc import Sequence
from typing import Any

from .slha_blocks import SCALE, Block, at_scale, block_name, head_of, is_index, rest_of, word_at
from .slha_decays import SELF_CONJUGATE, Decay
from .slha_numbers import SlhaError, finite, number


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
    decays : dict of (str, int) to list of Decay
        By 'decay' or 'decay1l' and PDG code.
    """

    def __init__(self, text: str):
        self.blocks: dict[str, list] = {}
        self.decays: dict[tuple, list] = {}
        lines = text.removeprefix("\ufeff").splitlines()
        if not any(line.strip() for line in lines):
            raise SlhaError("the file is empty")
        self.torn = None if text.endswith("\n") else len(lines)
        heads = [(n, head) for n, line in enumerate(lines, 1) if (head := head_of(line))]
        ends = [n for n, _ in heads[1:]] + [len(lines) + 1]
        for (first, head), last in zip(heads, ends, strict=False):
            self._add(head, first, tuple(enumerate(lines[first:last - 1], first + 1)))

    def _add(self, head, first, lines):
        if head.kind == "block":
            scale = SCALE.search(head.rest)
            block = Block(head.name, scale and number(scale[1]), first, lines)
            self.blocks.setdefault(block.name, []).append(block)
        elif head.kind in ("decay", "decay1l") and is_index(head.name):
            name = f"{head.kind.upper()} {head.name}"
            self.decays.setdefault((head.kind, int(head.name)), []).append(
                Decay(name, first, head.rest, lines, self.torn))

    def __contains__(self, name):
        return block_name(name) in self.blocks

    def value(self, name: str, *indices: int, scale: float | str | tuple | None = None,
              column: int | None = None) -> float:
        """The finite number at these indices.

        Parameters
        ----------
        name : str
            Block, in any case; 'QNUMBERS 9000006' with its code.
        indices : int
            One for a list, two for a matrix, none for a block like ALPHA.
        scale : float, str or tuple, optional
            Which one of repeated blocks: Q in GeV, (Q, tolerance), 'lowest', 'highest' or
            'nearest 1000'; see `slha_blocks.at_scale`.
        column : int, optional
            Which of the numbers in a line with several, from 1.

        Raises
        ------
        SlhaError
            No such entry, several with different numbers, or not a finite number.
        """
        line, rest = self._find(name, indices, scale, column)
        try:
            return finite(rest)
        except SlhaError as error:
            raise SlhaError(f"{self._what(name, indices)}, line {line}: {error}") from None

    def width(self, particle: int, one_loop: bool = False) -> float:
        """Total width in GeV in the DECAY (or DECAY1L) block of a PDG code; raises SlhaError."""
        return self._decay(particle, one_loop).width()

    def branching_ratio(self, particle: int, daughters: Sequence[int],
                        one_loop: bool = False) -> float:
        """Branching ratio of a PDG code to these daughters, in any order; see `Decay`.

        0 where the DECAY block does not list them: channels that are closed, or below the cut of
        the program, are left out of it. Channels that are listed more than once, as `24 -24` and
        `-24 24`, are summed. With `one_loop` from DECAY1L. Raises SlhaError.
        """
        return self._decay(particle, one_loop).branching_ratio(daughters, self._own)

    @property
    def _own(self):
        """Particles that are their own antiparticles; QNUMBERS 4 says so of new ones."""
        said = {int(name[9:]): texts[0] for name in self.blocks if name.startswith("QNUMBERS ")
                and is_index(name[9:]) and (texts := self.texts(name, 4))}
        return SELF_CONJUGATE.difference(said).union(c for c, has in said.items() if has == "0")

    def _decay(self, particle, one_loop):
        kind = "decay1l" if one_loop else "decay"
        found = self.decays.get((kind, int(particle)), [])
        if len(found) != 1:
            lines = " and ".join(str(decay.first) for decay in found)
            what = f"{kind.upper()} {particle}"
            raise SlhaError(f"{what} stands on lines {lines}" if found else f"there is no {what}")
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
        for block in self.blocks.get(block_name(name), ()):
            for _, line in block.lines:
                rest = rest_of(line, indices)
                if rest is not None:
                    words, _, comment = rest.partition("#")
                    found.append(words.strip().strip("|").strip() or comment.strip())
        return found

    def comment(self, name, *indices):
        """The comment on the line of a single value, '' where there is none; see `value`."""
        line = self._find(name, indices)[0]
        blocks = self.blocks[block_name(name)]
        text = next(text for block in blocks for n, text in block.lines if n == line)
        return text.partition("#")[2].strip()

    def entries(self, name: str) -> Any:
        """All lines of the blocks of that name, in order: (line number, words before the '#')."""
        return [(n, words) for block in self.blocks.get(block_name(name), ())
                for n, line in block.lines if (words := line.partition("#")[0].split())]

    def _find(self, name, indices, scale=None, column=None):
        name = block_name(name)
        blocks = at_scale(self.blocks.get(name, []), scale)
        if not blocks:
            raise SlhaError(f"there is no block {name}")
        lines = [(b, n, line.partition("#")[0].split()) for b in blocks for n, line in b.lines]
        found = [(b, n, word) for b, n, words in lines
                 if (word := word_at(name, words, indices, column)) is not None]
        if not found:
            more = next((n for _, n, words in lines if indices and column is None
                         and word_at(name, words, indices, 2) is not None), None)
            raise SlhaError(f"there is no {self._what(name, indices)}" + (
                f"; line {more} has several numbers, column= says which" if more else ""))
        if len({_number_or_word(word) for _, _, word in found}) > 1:
            places = ", ".join(f"line {n} in {b.where()}" for b, n, _ in found)
            raise SlhaError(f"{self._what(name, indices)} is ambiguous: {places}")
        for _, line, _ in found:
            if line == self.torn:
                raise SlhaError(f"the file ends in the middle of line {line}")
        return found[0][1:]

    @staticmethod
    def _what(name, indices):
        entry = " ".join(map(str, indices)) or "(single value)"
        return f"entry {entry} in block {block_name(name)}"


def _number_or_word(word):
    """Equal for words that mean the same number."""
    try:
        return number(word)
    except SlhaError:
        return word
