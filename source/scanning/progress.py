"""What a scan tells its user, on the screen and in log.txt."""

import contextlib
import logging
import os
import sys
from numbers import Number
from pathlib import Path

from ..files import explained, ordinary
from ..shown import escaped, fitted, one_line

LOG = logging.getLogger("mlscan")


class _Shown(logging.Formatter):
    """What is told, fit for a terminal: what stands in for a '%s' is one line."""

    def format(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(a if isinstance(a, Number) else one_line(a) for a in record.args)
        return escaped(super().format(record))


class Screen(logging.Handler):
    """Prints a line above the bar instead of through it.

    Attributes
    ----------
    line : object with `above(write)`, or None
        The bar that is drawn just now.
    """

    line = None

    def emit(self, record):
        def write():
            with unheard(sys.stdout):
                sys.stdout.write(text)
                sys.stdout.flush()
        text = fitted(self.format(record), sys.stdout) + "\n"
        if self.line is None:
            write()
        else:
            self.line.above(write)

    @staticmethod
    def here():
        """Those that print now."""
        return [handler for handler in LOG.handlers if isinstance(handler, Screen)]


class _LogFile(logging.FileHandler):
    """log.txt; when the disk is full, that is for the file of points to say."""

    def handleError(self, record):  # noqa: N802 - logging's name
        pass

    def close(self):
        """Close it; what a full disk does not take any more is lost."""
        with contextlib.suppress(OSError):
            super().close()


@contextlib.contextmanager
def unheard(stream):
    """What is printed to a closed pipe, a lost terminal or a full disk must not end a scan."""
    try:
        yield
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # also what is still in the buffer goes there
            os.close(nowhere)


@contextlib.contextmanager
def logging_to(folder, screen_level=logging.INFO):
    """Everything told to `LOG` goes to the terminal and, with the time, to `folder`/log.txt.

    What is below `screen_level` goes to the file only.
    """
    screen = Screen(screen_level)
    screen.setFormatter(_Shown())
    path = ordinary(Path(folder, "log.txt"))
    with explained(path):
        file = _LogFile(path, encoding="utf-8")
    file.setFormatter(_Shown("%(asctime)s  %(message)s"))
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    for handler in (screen, file):
        LOG.addHandler(handler)
    try:
        yield
    finally:
        for handler in (screen, file):
            LOG.removeHandler(handler)
            handler.close()


@contextlib.contextmanager
def on_screen():
    """Everything told to `LOG` goes to standard output, and to no file."""
    screen = Screen()
    screen.setFormatter(_Shown())
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    LOG.addHandler(screen)
    try:
        yield
    finally:
        LOG.removeHandler(screen)
