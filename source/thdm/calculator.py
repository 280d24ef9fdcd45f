"""The calculator `THDM`: names of inputs and observables, one status and chi2 for each point."""

import numpy as np

from errors import InputError
from observables import OK, Judged
from thdm.inputs import read_inputs
from thdm.options import Options
from thdm.point import COLUMNS, evaluate

CITATIONS = (
    "THDM: G. C. Branco et al., Phys. Rept. 516 (2012) 1, arXiv:1106.0034",
    "Higgs rates: LHC Higgs Cross Section Working Group, arXiv:1610.07922",
    "Signal strengths: ATLAS and CMS, arXiv:1606.02266, arXiv:1909.02845, arXiv:1809.10733",
)


class THDM:
    """Built-in two-Higgs-doublet model.

    Parameters
    ----------
    inputs : thdm.inputs.Inputs
        Which columns of a point are which parameter of the model.
    options : thdm.options.Options
        Yukawa type, mass uncertainty and what is tested.
    """

    observables = COLUMNS
    share = 2000     # fixed, so that a result does not depend on the number of workers
    citations = CITATIONS

    def __init__(self, inputs, options):
        self.inputs, self.options = inputs, options

    @classmethod
    def from_config(cls, config):
        """Raises `InputError` with every unknown or missing parameter."""
        options, problems = Options.from_config(config)
        inputs, more = read_inputs(config)
        if problems or more:
            raise InputError([*problems, *more])
        return cls(inputs, options)

    def judge(self, x, scratch=None):
        """One `Judged` for each row of `x` (n, d), in the order of the scanned parameters."""
        potential = self.inputs.potential(np.atleast_2d(np.asarray(x, float)))
        status, value, table = evaluate(potential, self.options)
        rows = zip(status.tolist(), value.tolist(), table.tolist(), strict=True)
        return [Judged(word, chi2, tuple(row), REASONS[word]) for word, chi2, row in rows]


REASONS = {
    OK: "",
    "unphysical": "no potential has these masses and mixing",
    "tachyon": "a squared mass is negative",
    "unbounded": "the potential is not bounded from below",
    "nonperturbative": "a quartic coupling is too large",
    "nonunitary": "tree-level scattering violates unitarity",
    "false_vacuum": "a deeper minimum exists",
    "excluded": "a measured limit is violated",
}
