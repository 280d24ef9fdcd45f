"""What each word of an entry of `Observables` may be: converters that raise for anything else."""

import numpy as np


def text(value):
    """text in quotes"""
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def number(value):
    """a finite number"""
    if isinstance(value, bool | str) or not np.isfinite(float(value)):
        raise ValueError
    return float(value)


def positive(value):
    """a finite number, at least 0"""
    if number(value) < 0:
        raise ValueError
    return float(value)


def limit(value):
    """a finite number, or the name of a CSV file"""
    return text(value) if isinstance(value, str) else number(value)


def indices(value):
    """a whole number, or several like '1 2' or (1, 2)"""
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    items = value if isinstance(value, tuple | list) else [value]
    numbers = tuple(int(item) for item in items)
    if any(isinstance(item, bool) or float(item) != int(item) for item in items):
        raise ValueError
    return numbers


def scale(value):
    """Q in GeV, (Q, tolerance), 'lowest', 'highest' or 'nearest 1000'"""
    if isinstance(value, str):
        words = value.split()
        if words[:1] == ["nearest"]:
            if len(words) != 2 or not positive(float(words[1])):
                raise ValueError
        elif words not in (["lowest"], ["highest"]):
            raise ValueError
        return " ".join(words)
    if isinstance(value, tuple | list):
        q, tolerance = value
        return number(q), positive(tolerance)
    return number(value)


def place(value):
    """a whole number, 1 for the first"""
    if isinstance(value, bool | str) or int(value) != value or value < 1:
        raise ValueError
    return int(value)


def whole(value):
    """a whole number"""
    return indices(value)[0]


def units(value):
    """numbers above 0: one for each name in along, and one for the limit"""
    factors = tuple(number(factor) for factor in value)
    if not factors or min(factors) <= 0:
        raise ValueError
    return factors


def names(value):
    """one or two names"""
    return tuple(text(item) for item in ([value] if isinstance(value, str) else value))


def pair(value):
    """two numbers (low, high), either may be None"""
    low, high = (None if item is None else number(item) for item in value)
    if low is not None and high is not None and not low < high:
        raise ValueError
    return low, high


def flag(value):
    """True or False"""
    if not isinstance(value, bool):
        raise ValueError
    return value


def interpolation(value):
    """'linear' or 'log'"""
    if value not in ("linear", "log"):
        raise ValueError
    return value


def sigma(value):
    """a finite number, at least 0, or two above 0: (below, above) the value"""
    if not isinstance(value, tuple | list):
        return positive(value)
    below, above = (positive(part) for part in value)
    if not min(below, above) > 0:
        raise ValueError
    return below, above


def counts(value):
    """a whole number of events, at least 0"""
    if isinstance(value, bool | str) or int(value) != value or value < 0:
        raise ValueError
    return int(value)


def background(value):
    """the number of events, at least 0, or (number, its uncertainty)"""
    events, uncertainty = value if isinstance(value, tuple | list) else (value, 0.0)
    return positive(events), positive(uncertainty)


def share(value):
    """a number between 0 and 1, neither included"""
    if not 0 < number(value) < 1:
        raise ValueError
    return float(value)


def holds(value):
    """'chi2' (or delta chi2), or 'lnL'"""
    if value not in ("chi2", "lnL"):
        raise ValueError
    return value


CONVERT = {"block": text, "key": indices, "scale": scale, "column": place, "decay": whole,
           "daughters": indices, "one_loop": flag, "expression": text, "value": number,
           "sigma": sigma, "theory": positive, "lower": limit, "upper": limit, "range": pair,
           "expected": limit, "confidence": share, "counts": counts, "background": background,
           "table": text, "holds": holds, "along": names, "units": units,
           "interpolation": interpolation,
           "chi2": text, "physical": pair, "optional": flag, "label": text, "unit": text}


def contradictions(o):
    """What does not fit together in an entry (observables.Observable), one sentence each."""
    found = _limits(o) + _published(o)
    sources = {"block": o.block, "decay": o.decay is not None, "expression": o.expression}
    given = [word for word, there in sources.items() if there]
    if len(given) > 1:
        found.append(f"{' and '.join(given)} are given, but only one can say where the number "
                     "comes from")
    if (o.key or o.scale is not None or o.column is not None) and not o.block:
        found.append("key, scale and column need a block")
    if (o.daughters or o.one_loop) and o.decay is None:
        found.append("daughters and one_loop need decay, the PDG code of the particle that decays")
    if o.value is not None and not o.width > 0:
        found.append("a measured value needs its sigma (above 0)")
    kinds = {"value": o.value is not None, "limits": o.limited, "chi2": bool(o.chi2),
             "counts": o.counts is not None, "table": bool(o.table)}
    given = [word for word, there in kinds.items() if there]
    if len(given) > 1:
        found.append(f"{', '.join(given[:-1])} and {given[-1]} are given, but an entry has one "
                     f"constraint. Write a second entry with expression='{o.name}'")
    if o.sigma is not None and o.value is None and not o.limited:
        found.append("sigma is given, but no value or limit to which it belongs")
    if isinstance(o.sigma, tuple) and o.value is None:
        found.append("two sigmas (below, above) need a measured value")
    return found


def _limits(o):
    """The same for limits and curves."""
    found = []
    if isinstance(o.lower, float) and isinstance(o.upper, float) and not o.lower < o.upper:
        found.append(f"lower = {o.lower:g} is not below upper = {o.upper:g}")
    if any(isinstance(limit, str) for limit in (o.lower, o.upper, o.expected)):
        if not 1 <= len(o.along) <= 2:
            found.append("a curve needs along='mass' (or along=('mH', 'tanb') for a surface): the "
                         "names of its first columns")
        elif o.units and len(o.units) != len(o.along) + 1:
            found.append(f"units needs {len(o.along) + 1} numbers: for {', '.join(o.along)}, and "
                         "for the limit")
    elif o.units:
        found.append("units are only for a limit that is a CSV file")
    elif o.along and not o.table:
        found.append("along is only for a limit that is a CSV file, and for a table")
    return found


def _published(o):
    """The same for limits with an expectation, counts, and tables."""
    found = []
    if o.expected is not None and (o.upper is None or o.lower is not None or o.width > 0):
        found.append("expected needs upper, and no lower, sigma or theory: the difference of the "
                     "two limits says how wide the likelihood is")
    if o.confidence != 0.95 and o.expected is None:
        found.append("confidence is that of upper and expected, but expected is not given")
    if o.background != (0.0, 0.0) and o.counts is None:
        found.append("background is given, but no counts")
    if o.theory and (o.counts is not None or o.table or o.chi2):
        found.append("theory needs a measured value or a limit; with counts or a table make it a "
                     "part of the background or of the table")
    if o.table and len(o.along) > 1:
        found.append("a table has one or two dimensions: the number itself, and one name in along")
    if o.holds != "chi2" and not o.table:
        found.append("holds says what the last column of a table is, but there is no table")
    return found
