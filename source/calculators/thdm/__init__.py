"""Built-in calculators: the CP-conserving two-Higgs-doublet model and its kin, vectorised."""

from .calculator import THDM, Singlet
from .command import point_command
from .describe import describe_point

__all__ = ["THDM", "Singlet", "describe_point", "point_command"]
