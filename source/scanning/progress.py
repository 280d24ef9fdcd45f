"""What a user sees while a scan runs: a bar on a terminal, plain lines elsewhere, and log.txt."""

import contextlib
import logging
import os
import sys
import time
import warnings
from numbers import Number
from pathlib import Path

from tqdm import tqdm

from ..files import explained, ordinary
from ..shown import escaped, one_line, say

LOG = logging.getLogger("mlscan")
PLAIN_EVERY = 30.0  # seconds between plain lines where there is no terminal


class _Shown(logging.Formatter):
    """What is told, fit for a terminal: what stands in for a '%s' is one line."""

    def format(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(a if isinstance(a, Number) else one_line(a) for a in record.args)
        return escaped(super().format(record))


class _AboveBar(logging.Handler):
    """Prints a line above the bar instead of through it."""

    def emit(self, record):
        with unheard(sys.stdout):
            tqdm.write(self.format(record), file=sys.stdout)
            sys.stdout.flush()


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
    screen = _AboveBar(screen_level)
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


def _in_notebook():
    """Whether this is the kernel of a notebook, which shows widgets."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _bar_of_notebook():
    """The bar that fits: of widgets where they are installed, else of text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # that there are no widgets is no news here
        from tqdm.auto import tqdm as fitting
    return fitting


class Progress:
    """Counts evaluated, good and failed points; silent when `show` is False.

    Parameters
    ----------
    total : int or None
        Points that will be evaluated at most, where that is known.
    evaluated, good, failed : int
        Counts at the start (of a resumed run).
    """

    def __init__(self, total=None, evaluated=0, good=0, failed=0, show=True):
        self.evaluated, self.good, self.failed, self.total = evaluated, good, failed, total
        notebook = _in_notebook()
        self._terminal = show and (notebook or sys.stderr.isatty())
        self._plain = show and not self._terminal
        self._last = time.monotonic()
        self._bar = (_bar_of_notebook() if notebook else tqdm)(
            total=total, initial=evaluated, disable=not self._terminal, unit="pt",
                         dynamic_ncols=True, desc="evaluated", mininterval=0.2)

    def add(self, good, failed):
        """One more evaluated point."""
        self.evaluated += 1
        self.good += bool(good)
        self.failed += bool(failed)
        with unheard(sys.stderr):
            self._bar.set_postfix_str(self._counts(), refresh=False)
            self._bar.update()
        if self._plain and time.monotonic() - self._last > PLAIN_EVERY:
            self._last = time.monotonic()
            of = f" of {self.total}" if self.total else ""
            with unheard(sys.stdout):
                say(f"  evaluated {self.evaluated}{of}, {self._counts()}", flush=True)

    def _counts(self):
        share = self.good / self.evaluated if self.evaluated else 0.0
        return f"good {self.good}, failed {self.failed}, efficiency {share:.1%}"

    def close(self):
        """Leave the bar as it stands."""
        with unheard(sys.stderr):
            self._bar.close()
