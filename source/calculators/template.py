"""Fill the user's Les Houches file with the values of a point; the file itself is only read."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import InputError
from ..files import located
from . import unwritten
from .slha_blocks import head_of
from .slha_numbers import SlhaError, number


class Address(NamedTuple):
    """Where a parameter stands: index of the line, and the label, block and numbers it has."""

    line: int
    label: str
    block: str
    numbers: tuple


class Template:
    """A Les Houches file whose scanned entries are replaced, all else passing through untouched.

    Parameters
    ----------
    text : str
        The file, read with newline="" and errors="surrogateescape", so that it can be written
        back byte for byte.
    name : str
        For messages.
    """

    def __init__(self, text, name="LesHouches.in"):
        self.name = name
        # programs do not know a byte-order mark, and would miss the block that begins behind it
        self.lines = text.removeprefix("\ufeff").splitlines(keepends=True)
        if self.lines and not self.lines[-1].endswith(("\n", "\r")):
            self.lines[-1] += "\n"  # SPheno ignores a last line without its end
        self.addresses: tuple[Any, ...] = ()
        self._entries = self._read_entries()

    @classmethod
    def read(cls, config):
        """The file `Lesh`, which is in `pathS` or beside the input file, as it is.

        Raises
        ------
        InputError
            It is not there or cannot be read.
        """
        folder = Path(config.input_file).parent
        candidates = [located(config.Lesh, located(config.pathS, folder)).absolute(),
                      located(config.Lesh, folder).absolute()]
        path = next((path for path in candidates if path.is_file()), None)
        if path is None:
            places = " or ".join(dict.fromkeys(map(str, candidates)))
            raise InputError(f"Lesh: there is no file {places}.")
        try:
            with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                return cls(file.read(), path.name)
        except OSError as error:
            raise InputError(f"Lesh: {path} cannot be read: {error.strerror}.") from None

    @classmethod
    def from_config(cls, config):
        """The file `Lesh` with its parameters found.

        Raises
        ------
        InputError
            What `read` and `address` raise.
        """
        template, n = cls.read(config), config.TotVarScanned
        template.address(config.VarLabel[:n], config.VarNum[:n], config.VarBlock[:n])
        useless = unwritten.problems(config, template.addresses)
        if useless:
            raise InputError(useless)
        return template

    def _read_entries(self):
        """(line index, block, numbers, value text, comment) of each entry."""
        entries, block = [], ""
        for i, line in enumerate(self.lines):
            head = head_of(line)
            if head:
                block = head.name if head.kind == "block" else ""
            words, _, comment = line.partition("#")
            words = words.split()
            if block and not head and words and all(w.isdigit() for w in words[:-1]):
                numbers = tuple(int(w) for w in words[:-1])
                entries.append((i, block, numbers, words[-1], comment.strip()))
        return entries

    def flag(self, block, number_):
        """Value of entry `number_` (int) of a block (str, any case); None when it is not there.

        Raises
        ------
        InputError
            It stands there twice with different values, or is not a number.
        """
        found = [(i, value) for i, b, n, value, _ in self._entries
                 if b == block.upper() and n == (number_,)]
        try:
            values = {number(value) for _, value in found}
        except SlhaError as error:
            raise InputError(f"{self.name}, line {found[0][0] + 1}: {error}.") from None
        if len(values) > 1:
            lines = " and ".join(str(i + 1) for i, _ in found)
            raise InputError(f"{self.name}: entry {number_} of block {block} stands on lines "
                             f"{lines} with different values.")
        return values.pop() if values else None

    def address(self, labels, numbers, blocks=()):
        """Find the scanned parameters.

        Parameters
        ----------
        labels, numbers : sequences of str, one entry for each parameter
            '# Lambda1Input' and '1' ('1 2' for a matrix entry; '' for a parameter that is not
            written to the file, such as one that only formulas use, or, with its block, for a
            block that holds one bare value).
        blocks : sequence of str
            Where a block is named, block and number decide; where not ('' or a shorter list), the
            line must begin with the number, and its comment be the label, or else have it as
            whole words, or else contain it.

        Raises
        ------
        InputError
            All parameters that match no line, or more than one, or one already taken.
        """
        problems: list[str] = []
        taken: dict[int, str] = {}
        addresses: list[Any] = []
        blocks = list(blocks) + [""] * (len(labels) - len(blocks))
        for label, text, block in zip(labels, numbers, blocks, strict=True):
            if not str(text).strip() and not block.strip():
                addresses.append(None)
                continue
            found, problem = self._look_up(label, text, block)
            if found and found.line in taken:
                problem = (f"{self.name}, line {found.line + 1}: {label!r} and "
                           f"{taken[found.line]!r} mean the same entry.")
            if problem:
                problems.append(problem)
                continue
            taken[found.line] = label
            addresses.append(found)
        if problems:
            raise InputError(problems)
        self.addresses = tuple(addresses)

    def _look_up(self, label, text, block):
        numbers = tuple(int(word) for word in str(text).split())
        name = " ".join(label.replace("#", " ").split())
        same = [e for e in self._entries if e[2] == numbers]
        if block:
            found = [e for e in same if e[1] == block.strip().upper()]
            what = f"number {text} in block {block}" if numbers else f"block {block} and no number"
        else:
            found = _best(name, same)
            what = f"label {label!r} with number {text}"
        if len(found) == 1:
            return Address(found[0][0], label, found[0][1], numbers), None
        if found:
            lines = " and ".join(str(e[0] + 1) for e in found)
            advice = "delete one of them" if block else "name its block in VarBlock"
            return None, f"{self.name}: {what} stands on lines {lines}; {advice}."
        near = [e for e in self._entries if name and name in " ".join(e[4].split())] or same
        hint = "; ".join(f"line {e[0] + 1}: {' '.join(self.lines[e[0]].split())[:60]!r} in block "
                         f"{e[1]}" for e in near[:3])
        return None, (f"{self.name}: no entry has {what}."
                      + (f" Similar: {hint}." if hint else ""))

    def fill(self, values):
        """The file for one point.

        Parameters
        ----------
        values : (d,) array
            In the order of `address`; written with 17 digits, so that the program reads the very
            number that is stored. Whole numbers in the place of whole numbers stay such.
        """
        lines = list(self.lines)
        for address, value in zip(self.addresses, values, strict=True):
            if address is not None:
                match = _entry(len(address.numbers)).match(lines[address.line])
                whole = match[3].lstrip("+-").isdigit() and float(value).is_integer()
                text = str(int(value)) if whole else f"{float(value):.16E}"
                lines[address.line] = f"{match[1]}{match[2]}{text}{match[4]}"
        return "".join(lines)


def _best(name, entries):
    """Those whose comment is the label; else those that have its words; else that contain it."""
    comments = [" ".join(entry[4].split()) for entry in entries]
    words = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for fits in (lambda c: c.lstrip("# ") == name, words.search, lambda c: name in c):
        found = [e for e, comment in zip(entries, comments, strict=True) if fits(comment)]
        if found:
            return found
    return []


@cache
def _entry(n):
    """A line with n indices: what stands before them, they, the value, and the rest."""
    return re.compile(rf"(\s*)((?:\d+\s+){{{n}}})([^\s#]+)(.*)$", re.DOTALL)
