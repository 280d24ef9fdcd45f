"""The pieces of selection.py: where to look, what is thought of it, what is chosen."""
