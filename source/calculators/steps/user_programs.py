"""Programs and Python functions of the user's own as steps of the chain.

The input file makes them with `UserProgram(...)` and `python_step(...)`; runners.py runs them.
"""

import re
import shlex
from dataclasses import dataclass
from difflib import get_close_matches

AFTER = ("SPheno", "HiggsSignals")


@dataclass(frozen=True)
class UserProgram:
    """A program as the input file describes it.

    Attributes
    ----------
    name : str
    command : tuple of str
        Program and arguments, no shell; '{mA}' is replaced by that number, '{spectrum}' by the
        name of the spectrum file. Words that begin with ./, ../ or ~/ are paths from the input
        file's folder.
    input : tuple of str
        Text files that are put into the program's folder, with their '{mA}' replaced.
    output : str
        The file that is read; '' is what the program prints.
    success : str
        Text that a finished program leaves in its output or prints; '' is an exit code of 0.
    failure : str
        Text that it leaves there when the point is invalid; then it fails the point.
    timeout : float
        Seconds.
    observables : dict
        Name -> a regular expression whose group is the number, or (block, index, ...).
    spectrum : bool
        The output is the spectrum for all that follows.
    after : str
        'SPheno' (before HiggsBounds and HiggsSignals) or 'HiggsSignals'.
    cite : str
    files : tuple of str
        Names or patterns of what SPheno wrote and this program wants in its folder.
    spectrum_name : str
        Of the spectrum in its folder.
    stdin : str
        The file in its folder that it reads as its standard input; '' is none.
    problems : tuple of str
    """

    name: str
    command: tuple = ()
    input: tuple = ()
    output: str = ""
    success: str = ""
    failure: str = ""
    timeout: float = 60.0
    observables: dict | None = None
    spectrum: bool = False
    after: str = AFTER[0]
    cite: str = ""
    files: tuple = ()
    spectrum_name: str = "spectrum.slha"
    stdin: str = ""
    problems: tuple = ()


@dataclass(frozen=True)
class PythonStep:
    """A Python function as the input file describes it.

    Attributes
    ----------
    code : str
        'file.py:function'; it takes the spectrum (slha.Slha or None) and the point (a dict of
        all numbers known so far), and returns a dict of observables, or one number.
    name : str
        Of the one number; else the function's.
    observables : tuple of str
        The names it returns, where they are known beforehand.
    timeout : float
        Seconds.
    after, cite, files, problems
        As for `UserProgram`.
    """

    code: str
    name: str = ""
    observables: tuple = ()
    timeout: float = 60.0
    after: str = AFTER[0]
    cite: str = ""
    files: tuple = ()
    problems: tuple = ()


def user_program(name, command=(), **words):
    """`UserProgram(...)` of the input file; what is wrong is kept in `problems`."""
    words = _listed({"command": command, **words})
    return _checked(UserProgram, name, words)


def python_step(code, **words):
    """`python_step(...)` of the input file; what is wrong is kept in `problems`."""
    for word in ("observables", "files"):
        if isinstance(words.get(word), str):
            words[word] = [words[word]]
    return _checked(PythonStep, code, words)


def restored(kind, words):
    """An entry of the input file from the dict that JSON kept of it; kind(**words)."""
    return kind(**{word: tuple(value) if isinstance(value, list) else value
                   for word, value in words.items()})


def _listed(words):
    if isinstance(words["command"], str):
        words["command"] = shlex.split(words["command"])
    for word in ("input", "files"):
        if isinstance(words.get(word), str):
            words[word] = [words[word]]
    return words


def _checked(kind, first, words):
    fields = kind.__dataclass_fields__
    known = [name for name in list(fields)[1:] if name != "problems"]
    problems = []
    for word in [w for w in words if w not in known]:
        close = get_close_matches(word, known, 1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        problems.append(f"{word} is not known; {meant}")
        del words[word]
    if not isinstance(first, str) or not first.strip():
        problems.append(f"its first entry, {first!r}, must be text")
    for word, value in list(words.items()):
        expected = _wrong(kind, word, value)
        if expected:
            problems.append(f"{word} = {value!r}; expected {expected}")
            del words[word]
        elif isinstance(value, list):
            words[word] = tuple(value)
    if kind is UserProgram and not problems:
        problems += _patterns(words)
        if not words.get("command"):
            problems.append("command is empty; give the program and its arguments")
    return kind(str(first), **words, problems=tuple(problems))


def _wrong(kind, word, value):
    """What was expected of a word; None when it is right."""
    texts = isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
    if word in ("command", "input", "files") or (word == "observables" and kind is PythonStep):
        return None if texts else "a list of texts"
    if word == "observables":
        return None if isinstance(value, dict) else \
            "{'name': r'regular (expression)', 'other': ('BLOCK', 1)}"
    if word == "timeout":
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
        return None if good else "seconds, a number above 0"
    if word == "spectrum":
        return None if isinstance(value, bool) else "True or False"
    if word in ("stdin", "spectrum_name"):
        plain = isinstance(value, str) and "/" not in value and value not in (".", "..")
        return None if plain and (value or word == "stdin") else \
            "the name of a file, without a folder"
    if word == "after":
        return None if value in AFTER else " or ".join(map(repr, AFTER))
    return None if isinstance(value, str) else "text in quotes"


def _patterns(words):
    problems = []
    for name, where in (words.get("observables") or {}).items():
        if not re.fullmatch(r"[A-Za-z_]\w*", str(name)):
            problems.append(f"observables: {name!r} must be letters, digits and _")
        if isinstance(where, str):
            try:
                if re.compile(where).groups != 1:
                    problems.append(f"observables: {where!r} needs one group ( ) for the number")
            except re.error as error:
                problems.append(f"observables: {where!r} is not a regular expression: {error}")
        elif not (isinstance(where, list | tuple) and where and isinstance(where[0], str)
                  and all(isinstance(i, int) for i in where[1:])):
            problems.append(f"observables: {name!r}: expected a text, or ('BLOCK', 1, ...)")
    return problems
