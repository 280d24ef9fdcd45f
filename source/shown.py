"""Text of labels, programs and files as a terminal and a file of text may have it.

An escape character in it could move the cursor, hide a line or rename the window of a user.
"""

import re
import sys

_STAYS = "\n\t"


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


def one_line(text: object) -> str:
    """As `escaped`, on one line: each run of blanks, line ends and zero bytes is one blank."""
    text = str(text)
    if text.isprintable() and " " not in text:
        return text
    return escaped(" ".join(text.replace("\0", " ").split()))


def say(text="", file=None, end="\n", flush=False):
    """Print a text for the user, `escaped`; to standard output if no `file` is given."""
    print(escaped(text), file=sys.stdout if file is None else file, end=end, flush=flush)
