"""Built-in calculator: the CP-conserving two-Higgs-doublet model, vectorised."""

from thdm.calculator import THDM
from thdm.command import point_command
from thdm.describe import describe_point

__all__ = ["THDM", "describe_point", "point_command"]
