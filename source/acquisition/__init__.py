"""Evaluated points and a model come in, the next batch goes out."""
