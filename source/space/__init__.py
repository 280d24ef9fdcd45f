"""Ranges and the texts of priors become parameters; unit box <-> physical; formulas."""
