"""Evaluations become a run folder: points, state, results; one writer."""
