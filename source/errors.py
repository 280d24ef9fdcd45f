"""Errors that a user can correct: each is shown as plain text, without a traceback."""


def sentence(text):
    """`text` with a full stop, unless it ends a question or a sentence already."""
    return text if text.endswith(("?", ".")) else f"{text}."


class ScannerError(Exception):
    """Base of all errors with a remedy; the command line prints them and exits with `exit_code`."""

    exit_code = 2


class InputError(ScannerError):
    """Everything that is wrong with the input file, at once.

    Parameters
    ----------
    problems : sequence of str
        One complete sentence each: where, what was found, what was expected, what to do.
    """

    def __init__(self, problems):
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class NothingToDo(InputError):
    """Nothing is wrong, and there is nothing to do: told, with exit code 0."""

    exit_code = 0


class ProgramError(ScannerError):
    """A program of the chain is missing, of an unknown version, or fails on every point."""


class StorageError(ScannerError):
    """A run folder cannot be made, locked, read or written."""


class ModelFileError(ScannerError):
    """A saved model is missing, damaged, of a newer version, or holds what may not be loaded."""
