"""The bar of a scan: how far it is, how long it will take, and what it is doing.

On a terminal one line that is drawn anew; elsewhere a plain line now and then; a widget in a
notebook. What is left is estimated from the latest batches, as their sizes change.
"""

import os
import shutil
import sys
import threading
import time
import warnings
from collections import deque

from ..shown import say
from .progress import Screen, unheard

PLAIN_EVERY = 30.0  # seconds between plain lines where there is no terminal
EVERY = 0.5         # seconds between two updates
LATEST = 6          # batches from which the time that is left is estimated
LEAST_BAR = 6       # characters; a narrower bar is left out
WAITING = "starting"


class Progress:
    """Counts evaluated, good and failed points and shows them; silent when `show` is False.

    Parameters
    ----------
    total : int or None
        Points that will be evaluated, as far as that can be known; `expect` corrects it.
    evaluated, good, failed : int
        Counts at the start (of a resumed run).
    """

    def __init__(self, total=None, evaluated=0, good=0, failed=0, show=True):
        self.evaluated, self.good, self.failed, self.total = evaluated, good, failed, total
        self.doing, self._spent, self._of = WAITING, {}, "of about"
        self._since = self._last = self._start = time.monotonic()
        self._marks = deque(maxlen=LATEST)
        self._line = _line() if show else None
        self._plain = show and self._line is None
        self._ended, self._thread = threading.Event(), None
        if show:
            for screen in Screen.here():
                screen.line = self._line
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()

    def add(self, good, failed):
        """One more evaluated point."""
        self.evaluated += 1
        self.good += bool(good)
        self.failed += bool(failed)
        self.tick(plain_only=True)

    def phase(self, doing):
        """The step from now on: 'evaluating', 'training', 'proposing', ..."""
        now = time.monotonic()
        self._spent = self._spent | {self.doing: self._spent.get(self.doing, 0) + now - self._since}
        self.doing, self._since = doing, now

    def expect(self, total, proposed=0):
        """So many points will be evaluated in all: surely, if so many are proposed already."""
        self.total, self._of = total, "of" if total == proposed else "of about"
        self._marks.append((time.monotonic(), self.evaluated))

    def tick(self, plain_only=False):
        """Show how things stand: at once on a terminal, elsewhere when it is time for a line."""
        if self._line and not plain_only:
            self._line.draw(self.share(), self.text)
        if self._plain and time.monotonic() - self._last > PLAIN_EVERY:
            self._last = time.monotonic()
            with unheard(sys.stdout):
                say(f"  {self._sentence()}", flush=True)

    def share(self):
        """Share of the points that is evaluated; None where the number of points is not known."""
        return min(1.0, self.evaluated / self.total) if self.total else None

    def left(self):
        """Seconds that are left, from the time of the latest batches; None while unknown."""
        if not self.total or len(self._marks) < 2:
            return None
        (then, before), (now, latest) = self._marks[0], self._marks[-1]
        if latest <= before:
            return None
        pace = (now - then) / (latest - before)
        return max(0.0, pace * (self.total - latest) - (time.monotonic() - now))

    def text(self, width):
        """The counts in at most `width` characters; what counts less is left out first."""
        left = self.left()
        parts = [f"{self.evaluated} points", f"{self.good} good", self.doing,
                 "" if left is None else f"{clock(left)} left",
                 f"{self.failed} failed" if self.failed else ""]
        while len(", ".join(filter(None, parts))) > width and len(parts) > 1:
            parts.pop()
        return ", ".join(filter(None, parts))[:max(0, width)]

    def _sentence(self):
        """For a plain line: all of it, with the rate and what the time goes into."""
        now, left = time.monotonic(), self.left()
        of = f" {self._of} {self.total}" if self.total and self.total != self.evaluated else ""
        spent = self._spent | {self.doing: self._spent.get(self.doing, 0) + now - self._since}
        most = max(spent, key=spent.__getitem__)
        share = self.good / self.evaluated if self.evaluated else 0.0
        words = [f"evaluated {self.evaluated}{of}", f"good {self.good}", f"failed {self.failed}",
                 f"efficiency {share:.1%}"]
        if left is not None:
            words.append(f"{clock(left)} left")
        return (f"{', '.join(words)}; now {self.doing}; {clock(now - self._start)} so far, of "
                f"which {100 * spent[most] / max(1e-9, sum(spent.values())):.0f} % {most}")

    def _watch(self):
        while not self._ended.wait(EVERY):
            self.tick()

    def close(self):
        """Leave the bar as it stands, with the counts only."""
        if self._ended.is_set():
            return
        self._ended.set()
        self.doing, self._marks = "", deque()
        if self._thread:
            self._thread.join()
            for screen in Screen.here():
                screen.line = None
        if self._line:
            self._line.close(self.share(), self.text)


def clock(seconds):
    """'04:12', or '3:04:12' from an hour on."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def drawn(share, text, columns):
    """The line of a terminal with so many columns.

    Parameters
    ----------
    share : float or None
    text : callable int -> str
        The counts in at most so many characters.
    columns : int
    """
    if share is None:
        return text(columns - 1)
    head = f"{100 * share:3.0f} % "
    words = text(columns - 1 - len(head) - LEAST_BAR - 1)
    room = min(30, columns - 1 - len(head) - len(words) - 1)
    full = int(room * share)
    return f"{head}{'#' * full}{'.' * (room - full)} {words}"


class _Terminal:
    """One line of a terminal. It has a handle of its own: libraries that load may borrow
    standard error for a moment."""

    def __init__(self):
        self._out = os.dup(sys.stderr.fileno())
        self._lock, self._args = threading.RLock(), None

    def draw(self, share, text):
        with self._lock:
            self._args = share, text
            self._write(drawn(share, text, shutil.get_terminal_size().columns))

    def above(self, write):
        """Call `write` while the line is not shown."""
        with self._lock:
            self._write("")
            write()
            if self._args:
                self.draw(*self._args)

    def _write(self, text):
        with unheard(sys.stderr):
            os.write(self._out, f"\r\x1b[K{text}".encode())

    def close(self, share, text):
        with self._lock:
            self.draw(share, text)
            with unheard(sys.stderr):
                os.write(self._out, b"\n")
            os.close(self._out)


class _Notebook:
    """The bar of a notebook: of widgets where they are installed, else of text."""

    def __init__(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # that there are no widgets is no news here
            from tqdm.auto import tqdm
        self._bar = tqdm(total=100, bar_format="{percentage:3.0f} % {bar} {desc}")

    def draw(self, share, text):
        self._bar.n = round(100 * (share or 0), 1)
        self._bar.set_description_str(text(100))

    def above(self, write):
        write()

    def close(self, share, text):
        self.draw(share, text)
        self._bar.close()


def _line():
    """What draws the bar here, or None where plain lines have to do."""
    if _in_notebook():
        return _Notebook()
    return _Terminal() if sys.stderr.isatty() else None


def _in_notebook():
    """Whether this is the kernel of a notebook, which shows widgets."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
