"""Stand-in for Higgs.tools."""
