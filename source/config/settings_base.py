"""What a section of the settings is made of."""

from dataclasses import dataclass, field, fields


def setting(default, check=None, doc=""):
    """A dataclass field with its check and its meaning.

    Parameters
    ----------
    default : object
        Lists become tuples, as the configuration is frozen.
    check : checks.Check
        Anything that returns None for a right value, else what was expected; its `convert`, where
        it has one, gives the value its final type.
    doc : str
        One sentence for the user, with the unit.
    """
    default = tuple(default) if isinstance(default, list) else default
    return field(default=default, metadata={"check": check, "doc": doc})


def section(cls):
    """Class decorator: a group of settings."""
    return dataclass(frozen=True, kw_only=True)(cls)


def part(cls):
    """A property: the settings of one section, out of all."""
    def chosen(self):
        return cls(**{f.name: getattr(self, f.name) for f in fields(cls)})
    return property(chosen, doc=f"{cls.__doc__}: what a part of the program needs of all.")
