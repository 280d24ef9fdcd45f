"""The calculator `THDM`: names of inputs and observables, one status and chi2 for each point."""

import contextlib
import gc
import struct
from itertools import repeat

import numpy as np

from ...errors import InputError
from ...evaluation import OBJECTIVE, Evaluation
from ...likelihood.target import Target
from . import signals
from .fit import measurements
from .inert import INERT
from .inputs import read_inputs
from .model import Model
from .options import Options
from .point import TWO_DOUBLETS
from .singlet import SINGLET

ROWS = 250       # points whose numbers fit into the cache
CITATIONS = (
    "THDM: G. C. Branco et al., Phys. Rept. 516 (2012) 1, arXiv:1106.0034",
    "Higgs rates: LHC Higgs Cross Section Working Group, arXiv:1610.07922",
    "Signal strengths: ATLAS and CMS, arXiv:1606.02266, arXiv:1909.02845, arXiv:1809.10733, "
    "arXiv:2207.00092, arXiv:2207.00043",
    "Oblique parameters and flavour limits: Gfitter, arXiv:1803.01853",
    "Searches: the papers in source/calculators/thdm/data/searches.json, through HiggsBounds-5, "
    "arXiv:2006.06007",
    "Cross sections: SusHi, arXiv:1212.3249, arXiv:1605.03190, through ScannerS, arXiv:2007.02985",
)


class THDM:
    """Built-in two-Higgs-doublet model.

    Parameters
    ----------
    inputs : thdm.inputs.Inputs
        Which columns of a point are which parameter of the model.
    options : thdm.options.Options
        Yukawa type, mass uncertainty and what is tested.
    unit : float, optional
        Of chi2: what a failed test adds to the objective at least. None: there is no objective.
    """

    model: Model = TWO_DOUBLETS
    observables = tuple(model.meaning)
    share = 4000     # fixed, so that a result does not depend on the number of workers
    citations = CITATIONS

    def __init__(self, inputs, options, unit=None):
        self.inputs, self.options, self.unit = inputs, options, unit
        # what is scanned has a column of its own already
        self.observables = (OBJECTIVE,) * (unit is not None) + tuple(
            name for name in self.model.meaning if name not in inputs.columns)

    @classmethod
    def from_config(cls, config):
        """Raises `InputError` with every unknown or missing parameter."""
        inputs, problems = read_inputs(config)
        problems += signals.counted_twice(config.THDM_signals)
        if problems:
            raise InputError(problems)
        return cls(inputs, Options.from_config(config), Target.from_config(config).unit)

    @property
    def measurements(self):
        """How many numbers its chi2 is made of."""
        return measurements(self.options)

    def evaluate(self, x, scratch=None):
        """One `Evaluation` for each row of `x` (n, d), in the order of the scanned parameters."""
        with np.errstate(all="ignore"):    # what is out of range becomes a status
            state = self.inputs.state(np.atleast_2d(np.asarray(x, float)))
        status, reason, value, table = self.model.evaluate(state, self.options, self.observables)
        objective: list = [None] * len(value)
        if self.unit is not None:
            table[0] = value + max(self.unit, 1.0) * table[self.observables.index("excess")]
            objective = [x if np.isfinite(x) else None for x in table[0].tolist()]
        known = ~np.isnan(value)
        known[~known] = ~np.isnan(table[:, ~known]).all(axis=0)    # numbers out of range
        with _collector_paused():
            rows = zip(status.tolist(), value.tolist(), _tuples(table, known), reason.tolist(),
                       repeat(b""), objective)
            # as Evaluation._make does, for all rows in one loop of C
            return list(map(tuple.__new__, repeat(Evaluation), rows))


class Singlet(THDM):
    """Built-in Standard Model with a real singlet; as THDM."""

    model = SINGLET
    observables = tuple(model.meaning)
    citations = (
        "Singlet: G. M. Pruna, T. Robens, arXiv:1303.1150; T. Robens, T. Stefaniak, "
        "arXiv:1501.02234", *CITATIONS[1:])


class Inert(THDM):
    """Built-in inert doublet; as THDM."""

    model = INERT
    observables = tuple(model.meaning)
    share = 200     # the relic density takes most of the time
    citations = (
        "Inert doublet: R. Barbieri, L. Hall, V. Rychkov, hep-ph/0603188; J. Kalinowski et al., "
        "arXiv:1809.07712", "Relic density: L. Lopez Honorez, C. Yaguna, arXiv:1003.3125; Planck, "
        "arXiv:1807.06209", "Direct detection: LZ, arXiv:2207.03764", *CITATIONS[1:4])


def _tuples(table, known):
    """The columns of a table (m, n) as tuples, some rows at a time, which the cache holds.

    Points without a spectrum, where `known` (n,) is False, share one tuple of NaN: they may be a
    fifth of all.
    """
    nothing, as_numbers = (np.nan,) * len(table), struct.Struct(f"{len(table)}d").iter_unpack
    for start in range(0, len(known), ROWS):
        places = np.flatnonzero(known[start:start + ROWS])
        rows = as_numbers(table[:, start + places].T.tobytes())
        block = [nothing] * len(known[start:start + ROWS])
        for k, row in zip(places.tolist(), rows, strict=True):
            block[k] = row
        yield from block


@contextlib.contextmanager
def _collector_paused():
    """The garbage collector would walk the growing list of rows over and over.

    Afterwards they are old to it, without a walk: it looks at them when it looks at everything.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():    # nobody else has put objects aside
            gc.freeze()
            gc.unfreeze()
        if paused:
            gc.enable()
