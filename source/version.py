"""The version of the scanner; run.sh reads it from here, as does the record of each run."""

__version__ = "0.1.0"
METHOD = "A. Hammad, M. Park, R. Ramos, P. Saha, arXiv:2207.09959 (the method)"
