"""Stand-in for the Python module of HiggsTools: the calls that the scanner makes, no physics."""
