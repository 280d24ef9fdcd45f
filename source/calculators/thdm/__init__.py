"""Built-in calculators: the CP-conserving two-Higgs-doublet model and its kin, vectorised."""

from .calculator import THDM, Inert, Singlet
from .command import point_command
from .describe import describe_point

__all__ = ["THDM", "Inert", "Singlet", "describe_point", "point_command"]
