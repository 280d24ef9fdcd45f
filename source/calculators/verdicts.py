"""How spectrum programs say that a point is invalid, in their files and messages.

SPheno: its source (Control.F90, the messages that end Messages.out). FlexibleSUSY: SPINFO 4 and
DCINFO 4 ('tachyon hh', 'no ewsb', 'no convergence'). SOFTSUSY: SPINFO 4
('Point invalid: [ MuSqWrongsign ]').
"""

import re

# (what is said, the status of the point); the first that fits
_MEANINGS = tuple((re.compile(words, re.IGNORECASE), status) for words, status in (
    (r"tachyon|negative (\w+ ){0,2}mass squared|mass squared is negative|m_(h0|A0|H\+)\^2 *<",
     "tachyon"),
    (r"\bewsb\b|MuSqWrong|\|mu\|\^2 *<|symmetry breaking", "no_ewsb"),
    (r"convergence|not converge", "no_convergence")))


class Failure(Exception):
    """A program did not give a usable answer for a point (or for a call with several).

    Parameters
    ----------
    status : str
        One word, as in `Evaluation.status`.
    reason : str
        The program's own words where it has any.
    """

    def __init__(self, status, reason):
        super().__init__(status, reason)
        self.status, self.reason = status, reason


def meaning(text, otherwise):
    """The status that a program's words mean; `otherwise` when they say no more."""
    return next((status for words, status in _MEANINGS if words.search(text)), otherwise)


def check_valid(slha, program, otherwise, messages=""):
    """Raise Failure for a spectrum that says itself that its point is invalid.

    Parameters
    ----------
    slha : Slha
    program : str
        For the reason; '' is SPheno.
    otherwise : str
        The status where the words do not say which.
    messages : str
        Messages.out of SPheno: its end names the error where the spectrum points there.
    """
    for block in ("SPINFO", "DCINFO"):
        said = slha.texts(block, 4)
        if said:
            text = with_end("; ".join(said), messages)
            raise Failure(meaning(text, otherwise),
                          f"{program and program + ': '}{block} 4: {text}"[:300])


# lines of Messages.out that say nothing: numbers, a routine's name, the head of such a list
_NOTHING = re.compile(r"[-+\d.eEdD\s(),]*|\S+|ErrorLevel, .*|The error has occured in .*")


def with_end(words, messages):
    """`words`, and the last line of Messages.out that says something: it begins with warnings,
    and ends with the errors, each with how often it occurred."""
    lines = [line.strip() for line in messages.splitlines()]
    said = [line for line in lines if not _NOTHING.fullmatch(line)]
    if not said:
        return words
    last = re.sub(r":?\s+\d+$", "", said[-1])
    return f"{words}; Messages.out: {last}"[:300]
