"""Scanned parameters that would change nothing: in no file, formula, observable or program."""

import re
from pathlib import Path

from ..files import located
from ..space.expressions import Expression, identifier
from ..space.parameters import Box, needs
from ..space.priors import Dependent

_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")


def problems(config, addresses):
    """What is wrong with parameters that are not written to the Les Houches file.

    Parameters
    ----------
    config : ScanConfig
    addresses : sequence of Address or None
        Of each parameter in the file.

    Returns
    -------
    list of str
        Empty where a Python step may use any of them.
    """
    programs = [spec for spec in config.Programs if hasattr(spec, "command")]
    if len(programs) < len(config.Programs):
        return []
    parameters, folder = Box.from_config(config).parameters, Path(config.input_file).parent
    used = {identifier(parameters[j].name) for i, p in enumerate(parameters)
            if isinstance(p.prior, Dependent) for j in needs(i, parameters)}
    for entry in config.Observables:
        used.update(Expression(entry.expression or "0").names, map(identifier, entry.along),
                    map(identifier, entry.members))
    for spec in programs:
        used.update(_PLACE.findall(" ".join([*spec.command, *_texts(spec, folder)])))
    return [f"VarNum: {p.name} has no entry in {config.Lesh} (its VarNum is ''), and no formula, "
            "observable or program uses it: its value would change nothing. Give it its number, "
            "or fix or delete it."
            for p, address in zip(parameters, addresses, strict=True)
            if address is None and p.prior.free and identifier(p.name) not in used]


def _texts(spec, folder):
    """Its input files that can be read; the others are reported elsewhere."""
    for name in spec.input:
        path = located(name, folder)
        if path.is_file():
            yield path.read_text("utf-8", "replace")
