"""How long each phase of a proposal takes."""

from time import perf_counter


class Clock:
    """Seconds since the last lap, by name."""

    def __init__(self):
        self.start, self.laps = perf_counter(), {}

    def lap(self, name):
        """Give the time since the last lap this name."""
        now = perf_counter()
        self.laps[name], self.start = now - self.start, now
