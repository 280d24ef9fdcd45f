"""Built-in calculator: the CP-conserving two-Higgs-doublet model, vectorised."""

from thdm.calculator import THDM

__all__ = ["THDM"]
