"""Ticks at round numbers, on logarithmic axes too, whose places are decimal logarithms."""

import numpy as np

MARGIN = 0.12       # of an axis at both ends without labels, where a panel of others begins
STEPS = (1, 2, 5)   # of a decade, where the axis spans few decades


def set_ticks(mpl_axis, axis, span, most=4, inner=False):
    """Few labels at round numbers.

    Parameters
    ----------
    mpl_axis : matplotlib.axis.Axis
    axis : labels.Axis
    span : (low, high)
        Ends of the axis, as places.
    most : int
        Labels, or one more.
    inner : bool
        None near the ends, where those of the next panel would be met.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter

    from . import style
    if not axis.log:
        if inner:
            style.inner_ticks(mpl_axis, span, most)
        else:
            style.clear_ticks(mpl_axis, most)
        return
    low, high = min(span), max(span)
    cut = (MARGIN if inner else 0.02) * (high - low)
    values = log_values(axis, low + cut, high - cut, most)
    mpl_axis.set_major_locator(FixedLocator(axis(values)))
    mpl_axis.set_major_formatter(FuncFormatter(lambda place, _: tick_label(axis, values, place)))
    mpl_axis.set_minor_locator(FixedLocator(_between(axis, low, high)))


def log_values(axis, low, high, most):
    """Round values of a logarithmic `axis` between two places, in the order of the places."""
    sizes = np.sort(np.abs(axis.value([low, high])))
    first, last = np.log10(sizes)
    decades = np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1)
    if len(decades) >= 2:
        room = most + 1 if _short(10.0 ** decades) else max(2, most - 1)
        found = 10.0 ** decades[::-(-len(decades) // room)]
    else:
        found = np.concatenate([10.0**k * np.array(STEPS)
                                for k in np.arange(np.floor(first), last + 1)])
        found = found[(found >= sizes[0]) & (found <= sizes[1])]
        if len(found) < 2:
            from matplotlib.ticker import MaxNLocator
            found = np.asarray(MaxNLocator(most + 1).tick_values(*sizes))
            found = found[(found >= sizes[0]) & (found <= sizes[1])]
        if len(found) > most + 1:
            found = found[[0, -1]]
    return axis.sign * found[::int(axis.sign)]


def tick_label(axis, values, place):
    """The value at a place as text: 0.1, 20, or a power of ten where numbers are long."""
    value = float(axis.value(place))
    if _short(np.abs(values)):
        return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")
    power = int(np.floor(np.log10(abs(value)) + 1e-9))
    factor = value / 10.0**power
    sign, factor = ("-" if factor < 0 else ""), abs(factor)
    times = "" if abs(factor - 1) < 1e-6 else rf"{factor:.3g}\times"
    return rf"${sign}{times}10^{{{power}}}$"


def _short(sizes):
    """Whether numbers of these sizes are written out, and not as powers of ten."""
    return not len(sizes) or (sizes.min() >= 0.99e-3 and sizes.max() <= 1.01e4)


def _between(axis, low, high):
    """Places of 2, 3, ... 9 times a power of ten; of powers alone where they are very many."""
    first, last = np.sort(axis.sign * np.array([low, high]))
    decades = np.arange(np.floor(first), np.ceil(last) + 1)
    steps = np.arange(1, 10) if len(decades) <= 8 else np.array([1])
    places = axis(axis.sign * (10.0 ** decades[:, None] * steps).ravel())
    return places[(places >= low) & (places <= high)]
