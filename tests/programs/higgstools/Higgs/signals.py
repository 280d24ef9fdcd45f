"""Stand-in for Higgs.signals."""


class Signals:
    """Data set of measurements."""

    def __init__(self, folder):
        self.folder = folder

    def observableCount(self):  # noqa: N802 - the library's name
        """Number of measurements."""
        return 159

    def __call__(self, predictions):
        """chi2."""
        h = predictions.particle("25")
        if h.mass() > 200:
            raise RuntimeError("no candidate for the observed Higgs boson")
        return 150 + (h.mass() - 125.09) ** 2 / (0.24**2 + h.uncertainty**2)
