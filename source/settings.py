"""Every setting of scan_input.py: name, default, allowed values, meaning, in one table.

The names are the ones a user writes. `ScanConfig` is frozen; `scan_config.load_config` makes it.
"""

from dataclasses import dataclass, field


def setting(default, check=None, doc="", group=""):
    """A dataclass field with its check and its meaning.

    `check` is a callable that returns None when the value is right, else what was expected.
    """
    meta = {"check": check, "doc": doc, "group": group}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=meta)
    return field(default=default, metadata=meta)


@dataclass(frozen=True, kw_only=True)
class ScanConfig:
    """All effective settings of a scan; see docs/how_to_adjust_the_input_file.md."""
