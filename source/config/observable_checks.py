"""What can be wrong with the list `Observables`, in words a user can act on."""


from ..errors import sentence
from ..likelihood.likelihood import in_order
from ..space.expressions import CONSTANTS, Expression, ExpressionError, identifier

RESERVED = ("id", "iteration", "origin", "predicted", "chi2", "value", "in_target", "status",
            "reason", "objective")


def problems(entries, parameters, band):
    """Everything that can be seen without a calculator.

    Parameters
    ----------
    entries : sequence of observables.Observable
    parameters : sequence of str
    band : bool
        The target is a band of values, not a chi2 below a threshold.

    Returns
    -------
    list of (index, str)
    """
    found: list[tuple] = [(i, sentence(f"observable {e.name!r}: {p}"))
                          for i, e in enumerate(entries) for p in e.problems]
    taken = {identifier(name): "a parameter" for name in parameters}
    taken |= dict.fromkeys(RESERVED, "a column of points.csv")
    taken |= dict.fromkeys(CONSTANTS, "a constant of formulas")
    for i, entry in enumerate(entries):
        if entry.name in taken:
            found.append((i, f"observable {entry.name!r}: {taken[entry.name]} has that name; "
                             "choose another one."))
        taken.setdefault(entry.name, "another observable")
        if band and entry.soft:
            found.append((i, f"observable {entry.name!r} adds to chi2, but Target_value asks for "
                             "a value that lies in a band. Use hard limits (without sigma), or "
                             "make the band a constraint and use Chi_square_threshold."))
        try:
            Expression(entry.expression or "0")
        except ExpressionError as error:
            found.append((i, sentence(f"observable {entry.name!r}: {error}")))
    if not found and in_order(entries) is None:
        ring = [e.name for e in entries if e.expression]
        found.append((None, f"the expressions of observables need each other: {', '.join(ring)}. "
                      "Change one of them."))
    return found
