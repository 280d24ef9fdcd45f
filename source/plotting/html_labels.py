"""LaTeX labels of axes as HTML: Greek letters, subscripts and superscripts."""

import html
import re

from ..shown import one_line
from .labels import GREEK

_LETTERS = "αβγδεζηθικλμνξπρστυφχψω"
_NAMES = dict(zip(GREEK, _LETTERS, strict=True)) | {
    name.capitalize(): letter.upper() for name, letter in zip(GREEK, _LETTERS, strict=True)}
_OTHERS = {"pm": "±", "mp": "∓", "sqrt": "√", "times": "\u00d7", "cdot": "·", "log": "log",
           "tan": "tan ", "cos": "cos ", "sin": "sin ", "mathrm": "", "rm": "", "text": "",
           "mathcal": "", "ell": "\u2113", "hbar": "ħ", "to": "→", "rightarrow": "→", "tilde": ""}
_COMMAND = re.compile(r"\\([A-Za-z]+) ?")
_SCRIPT = re.compile(r"([_^])(\{[^{}]*\}|.)")


def html_label(symbol):
    """A label as it stands in a page.

    Parameters
    ----------
    symbol : str
        As `labels.label` gives it: parts between dollar signs are LaTeX.

    Returns
    -------
    str
        HTML with no tags but sub and sup; what is not understood stays as text.
    """
    parts = re.split(r"(?<!\\)\$", one_line(symbol))
    return "".join(_formula(part) if i % 2 else _text(part) for i, part in enumerate(parts))


def _text(part):
    return html.escape(part.replace(r"\$", "$").replace(r"\\", "\\"), quote=True)


def _formula(part):
    known = _NAMES | _OTHERS
    text = _COMMAND.sub(lambda m: known.get(m[1], m[1] + " "), part)
    text = html.escape(re.sub(r"\\.", " ", text), quote=True)
    return _scripts(text).replace("{", "").replace("}", "").strip()


def _scripts(text):
    """Sub- and superscripts, also within each other."""
    tags = {"_": "sub", "^": "sup"}
    return _SCRIPT.sub(lambda m: f"<{tags[m[1]]}>{_scripts(m[2].strip('{}'))}</{tags[m[1]]}>", text)
