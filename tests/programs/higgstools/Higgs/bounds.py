"""Stand-in for Higgs.bounds."""

from pathlib import Path


class Limit:
    """A search."""

    def id(self):
        """Its number."""
        return 12045

    def processDesc(self):  # noqa: N802 - the library's name
        """What was searched for."""
        return "pp -> h1 -> tautau"


class AppliedLimit:
    """A search applied to the predictions."""

    def __init__(self, ratio):
        self._ratio = ratio

    def obsRatio(self):  # noqa: N802 - the library's name
        """Predicted over excluded rate."""
        return self._ratio

    def limit(self):
        """The search."""
        return Limit()


class Result:
    """Answer of Bounds."""

    def __init__(self, ratios):
        self.selectedLimits = {name: AppliedLimit(r) for name, r in ratios.items()}
        self.allowed = all(r < 1 for r in ratios.values())


class Bounds:
    """Data set of limits; counts how often one is read."""

    loaded = 0

    def __init__(self, folder):
        if not any(Path(folder).glob("*.json")):
            raise RuntimeError(f"no limits in {folder}")
        Bounds.loaded += 1

    def __call__(self, predictions):
        """The heavier boson is excluded below 150 GeV."""
        return Result({"25": 0.1, "35": 150.0 / predictions.particle("35").mass()})
