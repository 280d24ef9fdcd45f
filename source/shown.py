"""Text of labels, programs and files as a terminal and a file of text may have it.

An escape character in it could move the cursor, hide a line or rename the window of a user.
"""

import os
import re
import shutil
import sys
import textwrap

_STAYS = "\n\t"
_COMMAND = re.compile(r"\(?(python -m |\./)?\b(run\.sh|mlscanner) \w")     # to be copied
_COLUMNS = re.compile(r".*\S {2,}(?=\S)")             # of a row of a table, all but the last one
_ROOM = 24      # characters, at least, of a last column that is broken


def escaped(text: object) -> str:
    """`text` with an escape, as JSON has it, for each character that is not printed.

    Those are control characters (ESC, DEL, those from 128 to 159), marks that turn the direction
    of writing, halves of surrogate pairs, and blanks other than the ordinary one. Line ends and
    tabs stay.
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _STAYS else _escape(c) for c in text)


def _escape(character):
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{unit}" for unit in re.findall("....", units))


def counted(number, noun):
    """'1 worker', '2 workers'."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def equations(numbers, first="  ", width=76):
    """Lines of 'name = value' with commas between; none is broken within an equation.

    Parameters
    ----------
    numbers : iterable of (name, number)
    first : str
        How the first line begins; the others have four blanks.
    width : int
    """
    text = ", ".join(f"{name}\xa0=\xa0{value:.6g}" for name, value in numbers)
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent="    ",
                          break_long_words=False, break_on_hyphens=False) if text else []
    return [line.replace("\xa0", " ") for line in lines]


def one_line(text: object) -> str:
    """As `escaped`, on one line: each run of blanks, line ends and zero bytes is one blank."""
    text = str(text)
    if text.isprintable() and " " not in text:
        return text
    return escaped(" ".join(text.replace("\0", " ").split()))


def fitted(text: str, stream) -> str:
    """`text` with line ends between words where the terminal is too narrow for its lines.

    As it is where `stream` is no terminal. A command, and what follows it, stays whole on a line
    of its own; columns stay whole but for the last one.
    """
    try:
        wide = os.isatty(stream.fileno()) and shutil.get_terminal_size().columns
    except (AttributeError, OSError, ValueError):   # no file; one that is closed
        return text
    return "\n".join(_broken(line, wide) for line in text.split("\n")) if wide else text


def _broken(line, columns):
    table = _COLUMNS.match(line)
    further = table.end() if table else len(line) - len(line.lstrip()) + 2
    command = _COMMAND.search(line)
    words = line[:command.start()].rstrip() if command else ""
    if len(line) <= columns or (table and (command or further > columns - _ROOM)):
        return line
    if command:
        rest = line[command.start():]
        return f"{_broken(words, columns)}\n{' ' * further}{rest}" if words else line
    first = table[0] if table else ""   # wrapping would close the gaps between columns
    return first + textwrap.fill(
        line[len(first):], columns, initial_indent=" " * len(first), break_long_words=False,
        subsequent_indent=" " * further, break_on_hyphens=False)[len(first):]


def say(text="", file=None, end="\n", flush=False):
    """Print a text for the user, `escaped`, and `fitted` where it is whole lines; to standard
    output if no `file` is given."""
    file = sys.stdout if file is None else file
    text = escaped(text)
    print(fitted(text, file) if end == "\n" else text, file=file, end=end, flush=flush)


def no_reader():
    """Whoever read standard output has gone: what is still to be written there leads nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
