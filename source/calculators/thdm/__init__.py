"""Built-in calculator: the CP-conserving two-Higgs-doublet model, vectorised."""

from .calculator import THDM
from .command import point_command
from .describe import describe_point

__all__ = ["THDM", "describe_point", "point_command"]
