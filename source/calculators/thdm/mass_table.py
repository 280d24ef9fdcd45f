"""Functions of one mass, tabulated once and interpolated: all that a width needs but the couplings.

A partial width is (couplings) x (a function of the mass of the decaying particle); these functions
hold running masses, QCD corrections, loops and off-shell integrals, and are too slow to evaluate
for each of a million points. Linear interpolation in ln(mass); the error is below 1e-5 except
within 0.2% of a threshold (tests/test_thdm_decays.py).
"""

import numpy as np

LOW, HIGH, NODES = np.log(4.0), np.log(2e4), 5000


def grid():
    """The masses of the nodes in GeV, (NODES,)."""
    return np.exp(np.linspace(LOW, HIGH, NODES))


def place(value, low, high, nodes):
    """Where `value` (n,) is among `nodes` nodes that are even in its logarithm, `low` to `high`.

    Returns
    -------
    index : int array (n,)
        The node below it; the border outside of the nodes.
    part : float array (n,)
        Of the way to the next node, 0 to 1.
    """
    position = (np.log(value) - low) * ((nodes - 1) / (high - low))
    position = np.clip(np.nan_to_num(position), 0.0, nodes - 1.000001)
    index = position.astype(np.intp)
    return index, position - index


class MassTable:
    """Columns of numbers over `grid()`.

    Parameters
    ----------
    columns : dict
        Name -> array (NODES,), real or complex.
    """

    def __init__(self, columns):
        self.names = tuple(columns)
        kinds = {name: np.iscomplexobj(column) for name, column in columns.items()}
        self._real = tuple(n for n in columns if not kinds[n])
        self._complex = tuple(n for n in columns if kinds[n])
        self._tables = [np.stack([columns[n] for n in names])
                        for names in (self._real, self._complex) if names]

    def __call__(self, mass):
        """Dict name -> values at `mass` in GeV, of its shape, taken at the border outside the grid.
        """
        index, part = place(mass, LOW, HIGH, NODES)
        out: dict = {}
        for table, names in zip(self._tables, (self._real, self._complex), strict=False):
            low, values = table.take(index, axis=1), table.take(index + 1, axis=1)
            values -= low
            values *= part
            values += low
            out.update(zip(names, values, strict=True))
        return out
