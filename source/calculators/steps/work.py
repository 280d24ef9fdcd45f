"""A point on its way through programs and Python steps."""

import numpy as np

from ...evaluation import OK
from ..programs import Spectrum


class Point:
    """One point on its way through the chain.

    Attributes
    ----------
    status, reason : str
        The first failure, or 'ok'.
    spectrum : programs.Spectrum or None
    warning : str
        What the reason begins with, also of a point that fails later.
    numbers : dict of str to float
        Observables by name.
    chi2 : float
    """

    def __init__(self):
        self.status, self.reason, self.spectrum, self.warning = OK, "", None, ""
        self.numbers, self.chi2 = {}, np.nan

    def fail(self, failure):
        """Note a Failure; the first one stays."""
        if self.status == OK:
            self.status, self.reason = failure.status, failure.reason
            self.warn(self.warning)

    def warn(self, words):
        """Put a warning, if there is one, in front of the reason; it stays when the point fails."""
        self.warning = words
        self.reason = "; ".join(filter(None, (words, self.reason)))[:300]

    def set_spectrum(self, text, slha):
        """Another spectrum for what follows; the tables of SPheno stay."""
        self.spectrum = Spectrum(text, slha, self.spectrum.tables if self.spectrum else {})
