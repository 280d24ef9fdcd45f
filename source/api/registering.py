"""Models, priors, constraints and calculators of the user's own, by a decorator."""

from ..calculators.registry import CALCULATORS
from ..config.settings import BUILT_IN
from ..errors import InputError
from ..likelihood.constraints import FUNCTIONS
from ..models.registry import ALIASES, MODELS
from ..space.priors import PRIORS


def register_model(name: str):
    """Decorator of a class derived from `mlscanner.Model`: `mlscanner.scan(..., model=name)`.

    See docs/extending.md for what such a class has. In another process, also that of
    `mlscanner predict`, its module must have been imported, or be an entry point of the group
    'mlscanner.models'. The same holds for the other three.
    """
    return _into(MODELS, name, ALIASES)


def register_prior(name: str):
    """Decorator of a class derived from `mlscanner.Prior`: {'x': (0, 1, 'name(2)')}."""
    return _into(PRIORS, name)


def register_constraint(name: str):
    """Decorator of a function of a value that returns its chi2: observable('x', chi2=name)."""
    return _into(FUNCTIONS, name)


def register_calculator(name: str):
    """Decorator of a function of a point, or of a class of calculators, which is called with
    (config, names): `mlscanner.scan(name, ...)`, or Calculator = name."""
    return _into(CALCULATORS, name, BUILT_IN)


def _into(table, name, taken=()):
    if not (isinstance(name, str) and name.isidentifier()):
        raise InputError(f"{name!r} cannot be registered; expected a name of letters, digits and "
                         "'_'.")

    def register(thing):
        known = table.get(name)
        # a cell of a notebook that is run once more defines its class anew
        if name in taken or (known is not None and known.__module__.startswith("mlscanner.")):
            raise InputError(f"{name} is a name of the scanner itself. Register yours under "
                             "another name.")
        table[name] = thing
        return thing
    return register
