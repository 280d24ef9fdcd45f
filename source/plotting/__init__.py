"""The pieces of plots.py, and the report."""
