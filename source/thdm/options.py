"""Settings of the THDM calculator, taken from the scan's configuration."""

import math
from dataclasses import dataclass, fields

PREFIX = "THDM_"


@dataclass(frozen=True)
class Options:
    """What the calculator assumes and tests; meanings and defaults as in settings.py."""

    type: str = "II"
    mh_theory_uncertainty: float = 3.0
    vacuum: bool = True
    perturbativity: float = 4.0 * math.pi
    unitarity: float = 8.0 * math.pi

    @classmethod
    def from_config(cls, config):
        """(Options, list of problems); settings the configuration lacks keep their default."""
        values = {f.name: getattr(config, PREFIX + f.name, f.default) for f in fields(cls)}
        return cls(**values), []
