"""Imports TensorFlow as a training does: what runner.py has its server of processes load."""

from mlscanner.models.training import import_tensorflow

import_tensorflow()
