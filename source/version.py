"""The version of the scanner, which run.sh reads from here, and those of the packages it uses."""

__version__ = "1.0.0"
METHOD = "A. Hammad, M. Park, R. Ramos, P. Saha, arXiv:2207.09959 (the method)"


def installed(packages):
    """Name -> version of those of the packages that are installed."""
    from importlib.metadata import PackageNotFoundError, version  # workers do without
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
