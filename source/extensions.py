"""What other packages add: entry points of the groups mlscanner.models, .priors, ...

A package says in its pyproject.toml, for example:

    [project.entry-points."mlscanner.models"]
    KNN = "my_package.models:Neighbours"
"""

import functools
from importlib.metadata import entry_points

from .errors import InputError


@functools.cache
def offered(group):
    """Name -> entry point of a group ('models', 'priors', 'constraints', 'calculators')."""
    return {entry.name: entry for entry in entry_points(group=f"mlscanner.{group}")}


def found(group, table, name):
    """table[name], loaded from the entry points if it is not there; None for neither.

    Raises InputError when the package that offers it cannot be loaded.
    """
    entry = offered(group).get(name)
    if name not in table and entry is not None:
        try:
            table[name] = entry.load()
        except Exception as error:  # whatever that package raises
            raise InputError(f"{name} of {entry.value} cannot be loaded: {type(error).__name__}: "
                             f"{error}. Correct or uninstall that package.") from error
    return table.get(name)


def names(group, table):
    """All that there is of a group, without loading it."""
    return [*table, *(name for name in offered(group) if name not in table)]
