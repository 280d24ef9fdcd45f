"""The version of the scanner, which run.sh reads from here, and those of the packages it uses."""

import functools

__version__ = "1.0.0"
METHOD = "A. Hammad, M. Park, R. Ramos, P. Saha, arXiv:2207.09959 (the method)"


def installed(packages):
    """Name -> version of those of the packages that are installed."""
    found = {name: _version(name) for name in packages}
    return {name: version for name, version in found.items() if version}


@functools.cache
def _version(name):
    """That of a package, which does not change while this process is there; None without it."""
    from importlib.metadata import PackageNotFoundError, version  # workers do without
    try:
        return version(name)
    except PackageNotFoundError:
        return None
