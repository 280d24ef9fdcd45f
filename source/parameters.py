"""The scanned parameters: their ranges and the unit box in which models and proposals work."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Parameter:
    """One scanned parameter.

    Attributes
    ----------
    name : str
        Label without the leading '#': 'Lambda1Input'.
    low, high : float
        Range, in the units of the input file (GeV or GeV^2 for SLHA entries, or dimensionless).
    """

    name: str
    low: float
    high: float


class Box:
    """The parameter box; u in [0, 1]^d is the prior, x the physical point.

    Parameters
    ----------
    parameters : sequence of Parameter
    """

    def __init__(self, parameters):
        self.parameters = tuple(parameters)
        self.names = tuple(p.name for p in self.parameters)
        self.low = np.array([p.low for p in self.parameters], float)
        self.high = np.array([p.high for p in self.parameters], float)

    @classmethod
    def from_config(cls, config):
        """The first `TotVarScanned` entries of VarLabel, VarMin and VarMax."""
        n = config.TotVarScanned
        return cls(Parameter(clean_label(label), low, high) for label, low, high in
                   zip(config.VarLabel[:n], config.VarMin[:n], config.VarMax[:n], strict=True))

    @property
    def dim(self):
        return len(self.parameters)

    def to_physical(self, u):
        """Physical points (n, d) of unit-box points `u` (n, d), never outside the range."""
        return np.clip(self.low + np.asarray(u, float) * (self.high - self.low),
                       self.low, self.high)

    def to_unit(self, x):
        """Unit-box points (n, d) of physical points `x` (n, d)."""
        return (np.asarray(x, float) - self.low) / (self.high - self.low)


def clean_label(label):
    """'# Lambda1Input' (as it stands in a Les Houches file) -> 'Lambda1Input'."""
    return str(label).strip().lstrip("#").strip()
