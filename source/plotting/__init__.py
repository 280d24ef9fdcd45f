"""A run becomes pictures and a report."""
