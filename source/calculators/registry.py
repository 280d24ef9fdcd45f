"""Calculators that were registered by name: functions of a point, or factories of calculators."""

from typing import Any

from ..extensions import found, names

CALCULATORS: dict[str, Any] = {}    # filled by mlscanner.register_calculator and entry points


def registered(name):
    """The function or class of that name, or None."""
    return found("calculators", CALCULATORS, name)


def registered_names():
    """All names that `registered` knows."""
    return names("calculators", CALCULATORS)
