"""The version of the scanner; run.sh reads it from here, as does the record of each run."""

__version__ = "0.1.0"
