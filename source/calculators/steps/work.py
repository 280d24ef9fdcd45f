"""A point on its way through programs and Python steps."""

import io
import zipfile

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
    files : dict of str to bytes
        What SPheno wrote and a later step, or the user, wants.
    ended : str
        The hard limits that it breaks, where that ends its chain early; else ''.
    kept : dict of str to bytes, or None
        What `Keep_files` keeps, by name; None where nothing is.
    """

    def __init__(self, keep=False):
        self.status, self.reason, self.spectrum, self.warning = OK, "", None, ""
        self.numbers, self.chi2, self.files = {}, np.nan, {}
        self.kept, self.ended = {} if keep else None, ""

    def keep(self, name, content):
        """Note a file, text or bytes, where files are kept."""
        if self.kept is not None:
            self.kept[name] = content.encode("utf-8", "surrogateescape") \
                if isinstance(content, str) else content

    def archive(self):
        """A zip archive of what is kept of a point with a spectrum; b"" where there is nothing."""
        if not self.kept or not self.spectrum:
            return b""
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.kept.items():     # ZipInfo: without the time of day
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return memory.getvalue()

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
