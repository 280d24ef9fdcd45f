"""The files of a run: points, state, results, and how they are written."""
