"""Regular expressions of a user's, which may take longer than the universe is old."""

import re

from .limits import processor_time


def found(pattern: str, text: str, seconds: float) -> set[str]:
    """The different texts of the group of `pattern` in `text`, line by line.

    Parameters
    ----------
    pattern : str
        With one group.
    text : str
    seconds : float
        Of processor time. They end a search in the main thread of a process; elsewhere the time
        limit of the point does.

    Raises
    ------
    limits.Late
    """
    with processor_time(seconds):
        return set(re.findall(pattern, text, re.MULTILINE))
