"""The scanned parameters: text of a prior and ranges become parameters and formulas; unit box <-> physical."""
