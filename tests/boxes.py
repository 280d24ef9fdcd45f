"""Boxes for tests of what a box knows of its parameters."""

from mlscanner.space.parameters import Box, Parameter
from mlscanner.space.priors import make_prior


def box_of(*parameters):
    """A box of (low, high, prior)."""
    return Box([Parameter(f"p{k}", low, high, text, make_prior(text, low, high))
                for k, (low, high, text) in enumerate(parameters)])
