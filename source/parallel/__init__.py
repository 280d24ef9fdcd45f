"""Processes, workers, their scratch folders, and stopping."""
